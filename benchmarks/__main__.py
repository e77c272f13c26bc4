"""Run the benchmarks: `python -m benchmarks [NAME …] [--json]`; without names, all of them."""

from __future__ import annotations

import json
import sys
from importlib import import_module

NAMES = (
    "caravel",
    "array",
    "footprints",
    "drc",
    "stack",
    "grooves",
    "process",
    "variation",
    "electrical",
    "capacitance",
    "thermal",
    "thermal_transient",
    "whole_run",
)
WITHIN = {"variation": "process"}  # benchmark -> the one that runs it too


def main() -> int:
    """Print a line per figure; return 1 when one is missed."""
    names = [word for word in sys.argv[1:] if not word.startswith("-")] or [n for n in NAMES if n not in WITHIN]
    rows = []
    for name in names:
        if name not in NAMES:
            print(f"no benchmark '{name}'; known: {', '.join(NAMES)}", file=sys.stderr)
            return 2
        for row in import_module(f"benchmarks.{name}").rows():
            rows.append(row)
            if "--json" not in sys.argv:
                print(row, flush=True)
    if "--json" in sys.argv:
        print(json.dumps([row.as_dict() for row in rows], indent=2))
    return 0 if all(row.ok is not False for row in rows) else 1


sys.exit(main())
