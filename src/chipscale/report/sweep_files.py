"""Write what a sweep found: a table for the terminal, CSV, JSON, and a plot of every figure."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import numpy as np

from chipscale.output import fresh_folder
from chipscale.report.figures.curves import Axis, Curve, curves_svg
from chipscale.sweep import Swept

_TOLD = 60
_STYLE = """<style>text{font-family:"Helvetica Neue","Liberation Sans",Arial,sans-serif;fill:#16202b}
.tick{font-size:11.5px;fill:#526070}.axis-title{font-size:12.5px;fill:#526070}.mid{text-anchor:middle}
.end{text-anchor:end}.grid{stroke:#e3e8ed}.axis{stroke:#b8c3ce}.curve{fill:none;stroke-width:2px}
svg{background:#fff;font-size:12.5px}</style>"""


def table_text(found: Swept) -> list[str]:
    """Return the rows as lines of text, columns aligned, with what was told of refused and doubtful points."""
    names = [*found.asked.values, *found.asked.metrics]
    short = [name.rpartition(".")[2] if name in found.asked.metrics else name for name in names]
    cells = [[_word(row[name]) for name in names] for row in found.rows]
    width = [max(len(head), *(len(row[k]) for row in cells)) for k, head in enumerate(short)]
    lines = ["  ".join(f"{head:>{width[k]}}" for k, head in enumerate(short))]
    for row, made in zip(found.rows, cells, strict=True):
        told = row["told"] if len(row["told"]) <= _TOLD else row["told"][: _TOLD - 1] + "…"
        note = "" if row["state"] == "ok" else f"  {row['state']}: {told}"
        lines.append("  ".join(f"{cell:>{width[k]}}" for k, cell in enumerate(made)) + note)
    return lines


def _word(value: Any) -> str:
    if value is None:
        return "–"
    return f"{value:,.6g}" if isinstance(value, int | float) and not isinstance(value, bool) else str(value)


def write_sweep(found: Swept, folder: Path) -> None:
    """Write sweep.csv, sweep.json and one .svg per figure into `folder`, whole or not at all."""
    about = {"name": found.asked.name, "keys": list(found.asked.values)}
    with fresh_folder(folder, about) as temporary:
        text = io.StringIO()
        writer = csv.DictWriter(text, [*found.asked.values, *found.asked.metrics, "state", "told"], lineterminator="\n")
        writer.writeheader()
        writer.writerows(found.rows)
        (temporary / "sweep.csv").write_text(text.getvalue(), encoding="utf-8")
        data = json.dumps(found.as_dict(), indent=2, sort_keys=True, allow_nan=False)
        (temporary / "sweep.json").write_text(data + "\n", encoding="utf-8")
        for metric in found.asked.metrics:
            drawn = _plot(found, metric)
            if drawn:
                (temporary / f"{metric}.svg").write_text(drawn, encoding="utf-8")


def _plot(found: Swept, metric: str) -> str:
    """Return the figure over the key that runs fastest, a curve for every value of the other; empty for words."""
    keys = list(found.asked.values)
    key = keys[-1]
    if any(isinstance(value, str) for value in found.asked.values[key]):
        return ""
    if all(row[metric] is None for row in found.rows):
        return ""
    curves = []
    for other in found.asked.values[keys[0]] if len(keys) == 2 else (None,):
        rows = [row for row in found.rows if other is None or row[keys[0]] == other]
        y = np.array([np.nan if row[metric] is None else row[metric] for row in rows], dtype=float)
        x = np.array([row[key] for row in rows], dtype=float)
        curves.append(Curve(metric if other is None else f"{keys[0]} = {_word(other)}", x, y))
    drawn = str(curves_svg(curves, Axis(key), Axis(metric.rpartition(".")[2]), f"{metric} over {key}"))
    return drawn.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1).replace("<g>", f"{_STYLE}<g>", 1)
