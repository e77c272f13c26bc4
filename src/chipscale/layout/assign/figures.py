"""How good an assignment is: its least wire length, its crossings, and what it saves against the nets given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from chipscale.layout.assign.ball_nets import with_ball_nets
from chipscale.layout.assign.solve import score_of
from chipscale.layout.wiring import spanning_um
from chipscale.package.types import Package
from chipscale.results import Progress, Result


@dataclass(frozen=True, slots=True)
class Assign:
    """Measure which ball carries which net."""

    name: ClassVar[str] = "layout.assign"
    reads: ClassVar[tuple[str, ...]] = ("package",)
    metrics: ClassVar[Mapping[str, str]] = {
        "total_um": "octilinear minimum spanning length of all nets over their pads and balls",
        "crossings_count": "crossings of the nets' straight or once-bent connections; a router bends them away",
        "overfull_count": "wires too many in gaps between lands, if all connections were drawn so",
        "given_um": "total_um of the nets the balls were given, where there were any",
        "saving_um": "given_um less total_um",
    }

    def run(self, view: Mapping[str, Any], progress: Progress | None = None) -> Result:
        """Measure the package in `view`."""
        package: Package = view["package"]
        if package.rdl_layers == 0:  # where a ball stands decides its net
            metrics = {"total_um": 0.0, "crossings_count": 0.0, "overfull_count": 0.0}
            return Result(self.name, metrics, tables={"assignment": [_plan_row(package)]})
        score = score_of(package)
        metrics = {
            "total_um": total_um(package),
            "crossings_count": float(score.crossings),
            "overfull_count": float(score.overload),
        }
        given = dict(package.assignment.given)
        if package.assignment.mode == "free" and given:
            before = with_ball_nets(package, given)
            metrics["given_um"] = total_um(before)
            metrics["saving_um"] = metrics["given_um"] - metrics["total_um"]
        return Result(self.name, metrics, tables={"assignment": [_plan_row(package)]})


def _plan_row(package: Package) -> dict[str, Any]:
    plan = package.assignment
    return {"mode": plan.mode, "supply_pattern": plan.supply_pattern, "balls": _balls(package)}


def total_um(package: Package) -> float:
    """Return the octilinear minimum spanning length in µm of all nets over their pads and balls."""
    pads = {pad.name: (pad.x_um, pad.y_um) for pad in package.pads}
    balls = {ball.name: (ball.x_um, ball.y_um) for ball in package.balls}
    places = [[pads[name] for name in net.pads] + [balls[name] for name in net.balls] for net in package.nets]
    return float(sum(spanning_um(np.array(points)) for points in places if len(points) > 1))


def _balls(package: Package) -> dict[str, str]:
    return {ball.name: ball.net for ball in package.balls if ball.net is not None}
