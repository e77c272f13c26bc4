"""The conductors of a package as built: every net from pad to ball as straight bars between nodes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import shapely

from chipscale.layout.draw_terminals import wire_end
from chipscale.layout.types import Circle, Layout, Polygon, Trace
from chipscale.materials.types import Material
from chipscale.package.types import Ball, Net, Package, Pad
from chipscale.physics.electrical.conductor_columns import Column, Sites, ball_end_um, climb
from chipscale.physics.electrical.conductor_grooves import edge_across, out_of_groove, pad_metal_um
from chipscale.physics.electrical.conductor_types import (
    Conductors,
    Draft,
    Points,
    Segment,
    SegmentKind,
    Terminal,
)
from chipscale.physics.electrical.conductor_wires import Film, Hub, lay
from chipscale.stack.types import Revolved, Slab, Stack
from chipscale.stack.volume import region_at, volume_um3, z_range_um

__all__ = ["Conductors", "Points", "Segment", "SegmentKind", "Terminal", "conductors", "sigma_S_m"]
T_C = 25.0
_BESIDE_UM = 5.0  # around what is drawn over grooves: more than metal grows or shrinks when it is made


def conductors(
    package: Package,
    layout: Layout,
    stack: Stack,
    materials: Mapping[str, Material],
    *,
    t_C: float = T_C,
    board_land_um: float | None = None,
) -> Conductors:
    """Return the bars and nodes of every net with pads and balls; heights, thicknesses and widths as built.

    Wires lie on the drawn centre lines, as wide as the built metal is on average (the same for all of a net's film).
    A ball ends where it has narrowed to `board_land_um`, by default the diameter of its under-bump metal (assumed).
    """
    work = _Work(package, layout, stack, materials, t_C)
    for net in sorted(package.nets, key=lambda item: item.name):
        work.draw(net, board_land_um or package.terminal.ubm_d_um)
    return work.draft.done()


def sigma_S_m(material: Material, t_C: float = T_C) -> float:
    """Return a metal's conductivity at a temperature, from its resistivity and that one's temperature coefficient."""
    value = material.value("resistivity_nohm_m", t_C)
    resistivity = value.at(t_C) * 1e-9
    if value.form == "constant" and value.t_C is not None and material.has("resistivity_tc_ppm_K"):
        resistivity *= 1.0 + material.number("resistivity_tc_ppm_K", t_C) * 1e-6 * (t_C - value.t_C)
    return 1.0 / resistivity


class _Work:
    """The parts of a design, sorted by net and layer, and the conductors drawn so far."""

    def __init__(
        self, package: Package, layout: Layout, stack: Stack, materials: Mapping[str, Material], t_C: float
    ) -> None:
        metal = sorted({body.material for body in stack.bodies if body.net is not None})
        self.package, self.layout, self.stack = package, layout, stack
        self.draft = Draft({name: sigma_S_m(materials[name], t_C) for name in metal})
        self.sites = {name: Sites(stack, (name,)) for name in ("PAD", "RDL", "RDL2", "UBM", "BALL")}
        self.shapes: dict[tuple[str | None, str], list[Circle | Polygon]] = {}
        drawn: list[Circle | Polygon] = [*layout.circles, *layout.polygons]
        for shape in drawn:
            self.shapes.setdefault((shape.net, shape.layer), []).append(shape)
        self.traces: dict[tuple[str, str], list[Trace]] = {}
        for trace in layout.traces:
            self.traces.setdefault((trace.net, trace.layer), []).append(trace)
        self.films = {(str(body.net), body.layer): body for body in stack.bodies if _is_film(body)}
        self.pads = {pad.name: pad for pad in package.pads}
        self.balls = {ball.name: ball for ball in package.balls}

    def draw(self, net: Net, board_land_um: float) -> None:
        """Draw one net."""
        layers = [name for name in ("RDL", "RDL2") if (net.name, name) in self.films]
        films = {name: self._film(net.name, name) for name in layers}
        hubs: dict[str, list[Hub]] = {name: [] for name in layers}
        for name in net.pads:
            self._pad(net, self.pads[name], films, hubs)
        for name in net.balls:
            self._ball(net, self.balls[name], (films, hubs), board_land_um)
        for name, film in films.items():
            drops = [_region(item) for item in self.shapes.get((net.name, name), []) if item.kind == "teardrop"]
            lay(self.draft, film, self.traces.get((net.name, name), []), hubs[name], drops)

    def _film(self, net: str, layer: str) -> Film:
        """Return the film of a net: its lowest and highest face, and the mean widening from drawn to built area."""
        bodies = [body for body in self.stack.on(layer) if body.net == net and _is_film(body)]
        low = min(z_range_um(body)[0] for body in bodies)
        high = max(z_range_um(body)[1] for body in bodies)
        drawn = shapely.union_all(
            [_region(item) for item in self.shapes.get((net, layer), [])]
            + [
                shapely.LineString(item.points).buffer(item.width_um / 2, quad_segs=16)
                for item in self.traces.get((net, layer), [])
            ]
        )
        beside = self._grooves_um(net, layer)
        built_um2 = (sum(volume_um3(body) for body in bodies) - sum(_within_um3(b, beside) for b in bodies)) / (
            high - low
        )
        rim_um = drawn.boundary.difference(beside).length
        wider = 2.0 * (built_um2 - drawn.difference(beside).area) / rim_um if rim_um else 0.0
        return Film(net, layer, bodies[-1].material, low, high - low, wider)

    def _grooves_um(self, net: str, layer: str) -> Any:
        """Return the region of a net's fingers over grooves: there the film stands on walls, lower than its wires."""
        if self.package.grooves is None:
            return shapely.Polygon()
        fingers = [_region(item) for item in self.shapes.get((net, layer), []) if item.kind == "capture"]
        return shapely.union_all(fingers).buffer(_BESIDE_UM)

    def _pad(self, net: Net, pad: Pad, films: dict[str, Film], hubs: dict[str, list[Hub]]) -> None:
        """Draw the way from a pad's top through the openings over it to the middle of its captures."""
        at = (pad.x_um, pad.y_um)
        if self.package.grooves is not None:
            self._groove_pad(net, pad, films, hubs)
            return
        metal = self.sites["PAD"].over(net.name, *at)
        top = max((z_range_um(body)[1] for body in metal), default=0.0)
        node, low = self.draft.node((*at, top)), top
        self.draft.terminals.append(Terminal(f"pad {pad.name}", net.name, node))
        for layer, film in films.items():
            plugs = tuple(b for b in self.sites[layer].over(net.name, *at) if b.part.startswith("plug"))
            capture = self._shape(net.name, layer, pad.name, "capture")
            if not plugs or capture is None:
                continue
            node = climb(self.draft, Column(net.name, *at, plugs), node, low, film.middle_um)
            low = film.middle_um
            hubs[layer].append(self._hub("pad", node, at, capture, (plugs, film)))

    def _groove_pad(self, net: Net, pad: Pad, films: dict[str, Film], hubs: dict[str, list[Hub]]) -> None:
        """Draw the film out of the groove from a pad to the end of the wire on the die's back."""
        finger = self._shape(net.name, "RDL", pad.name, "capture")
        drawn = None
        if finger is not None and "RDL" in films:
            film, wire = films["RDL"], wire_end(self.package, pad)
            width = pad_metal_um(finger, pad.side) + film.wider_um
            bodies = tuple(body for body in self.stack.bodies if body.net == net.name and body.layer in ("PAD", "RDL"))
            size = (self.package.die.size_x_um, self.package.die.size_y_um)
            ends = (edge_across(pad, size), wire, width)
            drawn = out_of_groove(self.draft, replace(self.stack, bodies=bodies), film, ends)
        if drawn is None:
            node = self.draft.node((pad.x_um, pad.y_um, 0.0))
        else:
            node = drawn[0]
            hubs["RDL"].append(Hub("pad", drawn[1], *wire, finger))
        self.draft.terminals.append(Terminal(f"pad {pad.name}", net.name, node))

    def _ball(
        self, net: Net, ball: Ball, drawn: tuple[dict[str, Film], dict[str, list[Hub]]], board_land_um: float
    ) -> None:
        """Draw the way from the middle of a ball's land (or the pad under it) to the board's side of the ball."""
        films, hubs = drawn
        at = (ball.x_um, ball.y_um)
        bodies = self.sites["UBM"].over(net.name, *at) + self.sites["BALL"].over(net.name, *at)
        solder = [body for body in bodies if isinstance(body, Revolved)]
        if not solder:
            return
        layer = "RDL2" if self._shape(net.name, "RDL2", ball.name, "land") is not None else "RDL"
        land = self._shape(net.name, layer, ball.name, "land")
        foot_um = min(z_range_um(body)[0] for body in bodies)
        if land is not None and layer in films:
            film = films[layer]
            low = film.middle_um
            node = self.draft.node((*at, low))
            opened = tuple(body for body in bodies if not isinstance(body, Revolved))
            hubs[layer].append(self._hub("land", node, at, land, (opened, film)))
            self._under_land(net, ball, layer, films, hubs, node)
        else:
            low = foot_um
            node = self._pad_under(net, at, low)
        end = climb(self.draft, Column(net.name, *at, bodies), node, low, ball_end_um(solder[-1], board_land_um))
        self.draft.terminals.append(Terminal(f"ball {ball.name}", net.name, end))

    def _under_land(
        self, net: Net, ball: Ball, layer: str, films: dict[str, Film], hubs: dict[str, list[Hub]], node: int
    ) -> None:
        """Draw the via under a land of the second film down to the first, where there is one."""
        capture = self._shape(net.name, "RDL", ball.name, "capture")
        if layer == "RDL" or capture is None or "RDL" not in films:
            return
        at, film = (ball.x_um, ball.y_um), films["RDL"]
        plugs = tuple(b for b in self.sites["RDL2"].over(net.name, *at) if b.part.startswith("plug"))
        foot = self.draft.node((*at, film.middle_um))
        top = climb(self.draft, Column(net.name, *at, plugs), foot, film.middle_um, films[layer].middle_um)
        self.draft.unite(node, top)
        hubs["RDL"].append(self._hub("land", foot, at, capture, (plugs, film)))

    def _pad_under(self, net: Net, at: tuple[float, float], z_um: float) -> int:
        """Return the node of the pad a ball without land stands on; a new one where there is no pad."""
        for item in self.draft.terminals:
            pad = self.pads.get(item.name.removeprefix("pad "))
            if item.net != net.name or item.is_ball or pad is None:
                continue
            if abs(pad.x_um - at[0]) <= pad.size_x_um / 2 and abs(pad.y_um - at[1]) <= pad.size_y_um / 2:
                return item.node
        return self.draft.node((*at, z_um))

    def _shape(self, net: str, layer: str, name: str, kind: str) -> Any | None:
        """Return the outline of a terminal's shape as drawn, or None."""
        for item in self.shapes.get((net, layer), []):
            if item.name == name and item.kind == kind:
                return _region(item)
        return None

    def _hub(
        self,
        kind: SegmentKind,
        node: int,
        at: tuple[float, float],
        shape: Any,
        opened: tuple[tuple[Any, ...], Film],
    ) -> Hub:
        """Return a land or capture with its opening and the metal there, as thick as if all were the film's metal."""
        bodies, film = opened
        slabs = [body for body in bodies if isinstance(body, Slab)]
        if not slabs:
            return Hub(kind, node, *at, shape)
        area = min(body.bottom.area / max(len(shapely.get_parts(body.bottom)), 1) for body in slabs)
        low = min([film.z_um, *(body.z_um for body in slabs)])
        sigma = self.draft.sigma_S_m
        more = sum(sigma[body.material] * body.h_um for body in slabs) / sigma[film.material]
        return Hub(kind, node, *at, shape, math.sqrt(area / math.pi), low, film.thick_um + more)


def _is_film(body: Any) -> bool:
    """True for metal that runs on top of a dielectric, not in its openings."""
    return (
        isinstance(body, Slab) and body.net is not None and body.part in ("", "foot") and body.layer in ("RDL", "RDL2")
    )


def _within_um3(body: Any, region: Any) -> float:
    """Return the volume of a film within a region of the plan."""
    if region.is_empty:
        return 0.0
    low, high = z_range_um(body)
    ends = [region_at(body, z).intersection(region).area for z in (low, high)]
    return float((high - low) * sum(ends) / 2)


def _region(shape: Circle | Polygon) -> Any:
    if isinstance(shape, Circle):
        angle = 2 * math.pi * np.arange(64) / 64
        r = shape.d_um / 2 / math.cos(math.pi / 64)
        return shapely.Polygon(np.column_stack((shape.x_um + r * np.cos(angle), shape.y_um + r * np.sin(angle))))
    return shapely.Polygon(shape.points, shape.holes)
