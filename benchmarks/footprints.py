"""Compares ball maps made from rules with 12 real footprints of the KiCad library: names and positions.

`python -m benchmarks footprints` gives the summary, `python -m benchmarks.footprints [--json]` the table.

The rules are validation/ballmaps/*.yaml. The positions (CC-BY-SA) are not part of this project; they are read from
../shared/data/packages/real_packages_balls_mm.json beside the checkout.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from ruamel.yaml import YAML

from benchmarks.row import Row
from chipscale.package.ballmap import ball_map, to_board_view
from chipscale.spec.balls import Balls

ROOT = Path(__file__).resolve().parent.parent
RULES = ROOT / "validation" / "ballmaps"
POSITIONS = ROOT.parent / "shared" / "data" / "packages" / "real_packages_balls_mm.json"
LIMIT_UM = 1.0


@dataclass(frozen=True, slots=True)
class Compared:
    """One footprint: balls in the library, whether all names are equal, the largest distance in µm."""

    name: str
    balls: int
    names_equal: bool
    max_deviation_um: float
    spec_lines: int

    @property
    def ok(self) -> bool:
        return self.names_equal and self.max_deviation_um <= LIMIT_UM


def compare(rule: Path, real_mm: dict[str, list[float]]) -> Compared:
    """Return how the ball map of `rule` differs from real positions (mm, board view, y down, from the centre)."""
    data = YAML(typ="safe").load(rule.read_text(encoding="utf-8"))
    size = (float(data["die"]["size_x_um"]), float(data["die"]["size_y_um"]))
    balls = ball_map(Balls.model_validate(data["balls"]), *size, rule.parent)
    xy_um = to_board_view(balls, *size)
    places = {ball.name: xy for ball, xy in zip(balls, xy_um, strict=True)}
    shared = [name for name in real_mm if name in places]
    far = [np.hypot(places[n][0] - 1e3 * real_mm[n][0], -places[n][1] - 1e3 * real_mm[n][1]) for n in shared]
    lines = sum(1 for line in rule.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#"))
    return Compared(rule.stem, len(real_mm), set(places) == set(real_mm), float(max(far, default=np.inf)), lines)


def compare_all() -> list[Compared]:
    """Return one comparison for every footprint of the library file; FileNotFoundError without it."""
    real = json.loads(POSITIONS.read_text(encoding="utf-8"))
    return [compare(RULES / f"{name}.yaml", places) for name, places in real.items()]


def rows() -> list[Row]:
    """Return one line: how many footprints agree; skipped where the library's positions are not there."""
    what = "real footprints from rules: names equal, balls within 1 µm"
    if not POSITIONS.exists():
        return [Row(what, "12 of 12", f"skipped: no {POSITIONS.name} beside the checkout", None)]
    found = compare_all()
    good = sum(item.ok for item in found)
    worst = max(item.max_deviation_um for item in found)
    return [Row(what, "12 of 12", f"{good} of {len(found)}, worst {worst:.3f} µm", good == len(found) == 12)]


def main() -> int:
    as_json = "--json" in sys.argv[1:]
    if not POSITIONS.exists():
        reason = f"skipped: the positions are not there ({POSITIONS})"
        print(json.dumps({"skipped": reason}) if as_json else reason)
        return 0
    found = compare_all()
    good = sum(item.ok for item in found)
    if as_json:
        cases = [{**asdict(item), "ok": item.ok} for item in found]
        print(json.dumps({"good": good, "of": len(found), "limit_um": LIMIT_UM, "cases": cases}, indent=1))
    else:
        print(f"{'footprint':<54}{'balls':>6}{'names':>7}{'max. µm':>10}{'lines':>7}")
        for item in found:
            names = "equal" if item.names_equal else "DIFFER"
            print(f"{item.name:<54}{item.balls:>6}{names:>7}{item.max_deviation_um:>10.3f}{item.spec_lines:>7}")
        print(f"{good} of {len(found)} within {LIMIT_UM:g} µm with equal names")
    return 0 if good == len(found) else 1


if __name__ == "__main__":
    raise SystemExit(main())
