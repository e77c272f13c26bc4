"""How well it is routed: length, bound, bends and width of every net."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from chipscale.layout.draw_terminals import wire_end
from chipscale.layout.route.figures import bends, spanning_um
from chipscale.layout.types import Layout
from chipscale.package.types import Net, Package
from chipscale.results import Check, Progress, Result


@dataclass(frozen=True, slots=True)
class Wiring:
    """Lengths of the drawn wires against the octilinear spanning bound, and what stayed open."""

    name: ClassVar[str] = "layout.wiring"
    reads: ClassVar[tuple[str, ...]] = ("package", "layout")
    metrics: ClassVar[Mapping[str, str]] = {
        "nets_count": "nets with two or more terminals",
        "routed_count": "of these, joined completely",
        "wire_um": "total centre-line length",
        "bound_um": "total octilinear minimum spanning length of the same terminals",
        "wire_to_bound_ratio": "wire over bound of the nets joined completely; below 1 where wires take other angles",
        "longest_um": "longest net",
        "bends_count": "changes of direction in all wires",
        "teardrops_count": "wire ends widened towards their land",
    }

    def run(self, view: Mapping[str, Any], progress: Progress | None = None) -> Result:
        """Measure every net of the layout."""
        package: Package = view["package"]
        layout: Layout = view["layout"]
        rows = [_row(package, layout, net) for net in package.nets if len(net.pads) + len(net.balls) > 1]
        wire = sum(row["wire_um"] for row in rows)
        bound = sum(row["bound_um"] for row in rows)
        open_nets = {item.net for item in layout.unrouted}
        whole = [row for row in rows if row["net"] not in open_nets]
        whole_bound = sum(row["bound_um"] for row in whole)
        metrics = {
            "nets_count": float(len(rows)),
            "routed_count": float(sum(row["net"] not in open_nets for row in rows)),
            "wire_um": wire,
            "bound_um": bound,
            "longest_um": max((row["wire_um"] for row in rows), default=0.0),
            "bends_count": float(sum(row["bends_count"] for row in rows)),
            "teardrops_count": float(sum(shape.kind == "teardrop" for shape in layout.polygons)),
        }
        if whole_bound:
            metrics["wire_to_bound_ratio"] = sum(row["wire_um"] for row in whole) / whole_bound
        checks = tuple(
            Check(
                code="route.gap_too_narrow",
                metric="gap_um",
                value=item.gap_um,
                limit=item.needed_um,
                ok=False,
                message=item.message,
                where_um=item.where_um,
                layer="RDL",
                net=item.net,
                source="router",
            )
            for item in layout.unrouted
        )
        hint = f"{len(open_nets)} nets stay open on one redistribution layer; rdl.layers: 2 may carry them"
        warnings = (hint,) if open_nets and package.rdl_layers == 1 and package.grooves is None else ()
        return Result(self.name, metrics, checks, tables={"nets": rows}, warnings=warnings)


def _row(package: Package, layout: Layout, net: Net) -> dict[str, Any]:
    where = {pad.name: wire_end(package, pad) for pad in package.pads if pad.name in net.pads}
    where |= {ball.name: (ball.x_um, ball.y_um) for ball in package.balls if ball.name in net.balls}
    traces = [trace for trace in layout.traces if trace.net == net.name]
    wire = sum(float(np.hypot(*np.diff(trace.points, axis=0).T).sum()) for trace in traces)
    bound = spanning_um(np.array(list(where.values()))) if package.rdl_layers else 0.0  # balls on pads: no wires
    return {
        "net": net.name,
        "class": net.net_class,
        "pads_count": len(net.pads),
        "balls_count": len(net.balls),
        "width_um": package.class_of(net).width_um,
        "wire_um": round(wire, 3),
        "bound_um": round(bound, 3),
        "wire_to_bound_ratio": round(wire / bound, 4) if bound else 1.0,
        "bends_count": sum(bends(trace.points) for trace in traces),
        "layers": sorted({trace.layer for trace in traces}),
    }
