"""More balls for the heat: unused balls tied to ground, balls at free sites, or signals given up for ground."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple, TypeVar

import numpy as np
import shapely

from chipscale.layout.types import Circle, Layout
from chipscale.package.types import Ball, Net, Package
from chipscale.process.flow import built_stack, plan
from chipscale.process.flows import flow_of

_UNDER_BALL = ("land", "opening", "ubm", "ball")
_NAMED = 6  # balls told by name


class Site(NamedTuple):
    """A free place of the array: row, column, centre in µm of the die view."""

    row: int
    col: int
    x_um: float
    y_um: float


Place = TypeVar("Place", Ball, Site)


def more_ground(view: Mapping[str, Any], count: int, tied: bool) -> tuple[dict[str, Any], str]:
    """Return the view with `count` more balls on ground, and which; the view as it is and why where there are none.

    First balls without a net are tied to ground, then balls are put at free sites of the array, nearest the middle
    first. Only where there is neither are signal balls nearest the middle taken. `tied`: the board ties ground to its
    plane; where it does not, only more balls help.
    """
    package: Package = view["package"]
    grounds = [net for net in package.nets if net.kind == "ground"]
    if not grounds:
        return dict(view), "the package has no ground net"
    ground = max(grounds, key=lambda net: (len(net.balls), net.name))
    unused = _nearest([ball for ball in package.balls if ball.net is None], package)[:count] if tied else []
    sites = _nearest(free_sites(package), package)[: count - len(unused)]
    if unused or sites:
        told = [f"{len(unused)} unused balls tied to {ground.name}: {_names(unused)}"] if unused else []
        tied_view = {**view, "package": _on_ground(package, unused, ground)}
        if sites:
            tied_view, clear = _with_sites(tied_view, sites, ground)
            said = "with a land under them" if clear == len(sites) else f"{clear} with a land under them, for the wires"
            told.append(f"{len(sites)} more balls on {ground.name} at free sites, {said}")
        return tied_view, "; ".join(told)
    kinds = {net.name: net.kind for net in package.nets}
    signals = _nearest([ball for ball in package.balls if kinds.get(ball.net or "") == "signal"], package)[:count]
    if not signals or not tied:
        return dict(view), "no unused ball, no free site" + ("" if tied else ", and the board ties no ground alone")
    told_text = f"no unused ball, no free site: {len(signals)} signals given up for {ground.name}: {_names(signals)}"
    return {**view, "package": _on_ground(package, signals, ground)}, told_text


def free_sites(package: Package) -> list[Site]:
    """Return the places of the array that hold no ball, at least as far from balls and edges as balls are."""
    balls = package.balls
    if len(balls) < 3:
        return []
    at = np.array([(1.0, ball.row, ball.col) for ball in balls])
    places = np.array([(ball.x_um, ball.y_um) for ball in balls])
    fit, _, rank, _ = np.linalg.lstsq(at, places, rcond=None)
    if rank < 3 or np.abs(at @ fit - places).max() > 1.0:
        return []  # not one array
    taken = {(ball.row, ball.col) for ball in balls}
    size = np.array(package.package_size_um)
    edge = float(np.minimum(places, size - places).min())
    found = []
    for row in range(max(ball.row for ball in balls) + 1):
        for col in range(max(ball.col for ball in balls) + 1):
            here = np.array((1.0, row, col)) @ fit
            clear = float(np.hypot(*(places - here).T).min()) >= package.min_ball_distance_um - 1.0
            if (row, col) not in taken and clear and float(np.minimum(here, size - here).min()) >= edge - 1.0:
                found.append(Site(row, col, float(here[0]), float(here[1])))
    return found


def _nearest(places: Sequence[Place], package: Package) -> list[Place]:
    x, y = (side / 2 for side in package.package_size_um)
    return sorted(places, key=lambda item: (round(math.hypot(item.x_um - x, item.y_um - y), 3), item.row, item.col))


def _names(balls: Sequence[Ball]) -> str:
    names = [ball.name for ball in balls]
    return ", ".join(names[:_NAMED]) + (f" and {len(names) - _NAMED} more" if len(names) > _NAMED else "")


def _on_ground(package: Package, balls: Sequence[Ball], ground: Net) -> Package:
    names = {ball.name for ball in balls}
    changed = tuple(replace(ball, net=ground.name) if ball.name in names else ball for ball in package.balls)
    return replace(package, balls=changed)


def _with_sites(view: Mapping[str, Any], sites: Sequence[Site], ground: Net) -> tuple[dict[str, Any], int]:
    """Return the view with balls at these sites, the package built anew with them, and how many have a land.

    A ball has what the ball nearest to it has under it. Where wires are in the land's way it stands on the dielectric.
    """
    package, layout = view["package"], view["layout"]
    added: list[Circle] = []
    balls: list[Ball] = []
    clear_count = 0
    metal: dict[str, Any] = {}
    for k, site in enumerate(sites, start=1):
        model = min(package.balls, key=lambda ball: math.hypot(ball.x_um - site.x_um, ball.y_um - site.y_um))
        circles = [item for item in layout.circles if item.name == model.name and item.kind in _UNDER_BALL]
        moved = [replace(item, x_um=site.x_um, y_um=site.y_um, net=ground.name, name=f"thermal{k}") for item in circles]
        clear = all(_clear(item, layout, metal, package) for item in moved if item.kind == "land")
        clear_count += clear
        added += [item for item in moved if clear or item.kind not in ("land", "opening")]
        balls.append(Ball(f"thermal{k}", site.x_um, site.y_um, ground.name, site.row, site.col))
    drawn = replace(layout, circles=(*layout.circles, *added))
    changed = replace(package, balls=(*package.balls, *balls))
    stack = built_stack(changed, drawn, plan(flow_of(changed)))
    return {**view, "package": changed, "layout": drawn, "stack": stack}, clear_count


def _clear(land: Circle, layout: Layout, metal: dict[str, Any], package: Package) -> bool:
    """Tell whether no metal of the land's layer comes nearer than the least space of the net classes."""
    if land.layer not in metal:
        circles, polygons, traces = layout.on(land.layer)
        shapes = [shapely.Point(item.x_um, item.y_um).buffer(item.d_um / 2) for item in circles]
        shapes += [shapely.Polygon(item.points, item.holes) for item in polygons]
        shapes += [shapely.LineString(item.points).buffer(item.width_um / 2) for item in traces]
        metal[land.layer] = shapely.STRtree(shapes)
    space = min(item.space_um for item in package.classes)
    disc = shapely.Point(land.x_um, land.y_um).buffer(land.d_um / 2)
    return not len(metal[land.layer].query(disc, predicate="dwithin", distance=space))
