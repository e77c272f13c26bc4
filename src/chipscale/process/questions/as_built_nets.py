"""Every net judged by the bodies that really touch: from its pads through metal and openings to its balls."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import shapely

from chipscale.layout.lvs import Terminal, must_join, terminals_of
from chipscale.package.types import Package
from chipscale.results import Check
from chipscale.stack.contact import Contact, contacts
from chipscale.stack.outline import polygons
from chipscale.stack.types import Body, Revolved, Slab, Stack

SILICON = ("DIE", "SEAL")  # what wiring must not touch; the die's own pads and ring lie on it
_ON_SILICON = ("DIE", "SEAL", "PAD")
_ENDS = ("BALL", "BUMP")  # layers of what a package is soldered or pressed on by
_UPWARD = ("PAD", "RDL", "RDL2", "UBM", "BUMP", "BALL")
_NAMED = 8  # nets named in one message


@dataclass(frozen=True, slots=True)
class BuiltNets:
    """What became of the nets: checks of opens, shorts, missing terminals and metal on silicon, and their counts."""

    checks: tuple[Check, ...]
    metrics: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class _Pieces:
    """The connected pieces of metal: bodies by name, the piece of each body, the terminals of the package by body."""

    bodies: Mapping[str, Body]
    piece_of: Mapping[str, str]
    home: Mapping[Terminal, str]  # the body a terminal is

    def layers(self, piece: str) -> str:
        """Return the layers a piece has metal on, from the pads upward."""
        found = {self.bodies[name].layer for name, root in self.piece_of.items() if root == piece}
        return ", ".join(layer for layer in _UPWARD if layer in found)


def built_nets(package: Package, stack: Stack) -> BuiltNets:
    """Return whether the bodies that touch join what each net says, and nothing else.

    Contact is a shared level face or a shared wall of two bodies of metal; silicon does not join nets, metal on it
    is told apart. Nets that fail in the same way, at the same layers, are one check.
    """
    stack = _in_parts(stack)
    touching = contacts(stack, also=SILICON)
    bodies = {body.name: body for body in stack.bodies}
    wanted = must_join(package, terminals_of(package))
    pieces = _pieces(package, stack, touching)
    where = {("pad", pad.name): (pad.x_um, pad.y_um) for pad in package.pads}
    where |= {("ball", ball.name): (ball.x_um, ball.y_um) for ball in package.balls}
    missing = _missing(wanted, pieces, where)
    opens, apart = _opens(wanted, pieces, where)
    shorts, joined = _shorts(wanted, pieces, touching)
    silicon, on_silicon = _on_silicon(touching, bodies)
    bad = {net for check in (*missing, *opens, *shorts) for net in check.net.split(" / ")}
    metrics = {
        "opens_count": float(apart),
        "shorts_count": float(joined),
        "silicon_contacts_count": float(on_silicon),
        "nets_joined_count": float(len({net.name for net in package.nets} - bad)),
    }
    loose, nowhere = _loose(pieces)
    metrics["loose_count"] = float(nowhere)
    checks = (*missing, *opens, *shorts, *silicon, *loose)
    if not checks:
        count = metrics["nets_joined_count"]
        said = f"{count:.0f} nets are one piece each from pad to ball, by the contact of the bodies (as built)"
        checks = (Check("as_built.nets", "nets_joined_count", count, count, True, said),)
    return BuiltNets(checks, metrics)


def _in_parts(stack: Stack) -> Stack:
    """Return the stack with bodies of metal that are several pieces as one body each."""
    found: list[Body] = []
    for body in stack.bodies:
        lows, highs = (polygons(body.bottom), polygons(body.top)) if isinstance(body, Slab) else ([], [])
        if not isinstance(body, Slab) or body.layer not in _UPWARD or not 1 < len(lows) == len(highs):
            found.append(body)
            continue
        for number, (low, high) in enumerate(zip(lows, highs, strict=True), start=1):
            high = low if body.top is body.bottom else high
            name = body.name if number == 1 else f"{body.name} #{number}"
            found.append(replace(body, name=name, bottom=low, top=high))
    return replace(stack, bodies=tuple(found))


def _pieces(package: Package, stack: Stack, touching: Iterable[Contact]) -> _Pieces:
    """Return the connected pieces of metal; silicon joins nothing."""
    bodies = {body.name: body for body in stack.bodies}
    link = {name: name for name in bodies}

    def root(name: str) -> str:
        while link[name] != name:
            link[name] = link[link[name]]
            name = link[name]
        return name

    for touch in touching:
        if bodies[touch.lower].layer not in SILICON and bodies[touch.upper].layer not in SILICON:
            link[root(touch.upper)] = root(touch.lower)
    home = {**_pad_bodies(package, stack), **_ball_bodies(package, stack)}
    return _Pieces(bodies, {name: root(name) for name in link}, home)


def _pad_bodies(package: Package, stack: Stack) -> dict[Terminal, str]:
    """Return the body of each pad: the one of its name, else the one with most of its metal."""
    slabs = [body for body in stack.on("PAD") if isinstance(body, Slab)]
    names = {body.name for body in slabs}
    tree = shapely.STRtree([body.bottom for body in slabs])
    found: dict[Terminal, str] = {}
    for pad in package.pads:
        if f"PAD.{pad.name}" in names:
            found["pad", pad.name] = f"PAD.{pad.name}"
            continue
        x, y, w, h = pad.x_um, pad.y_um, pad.size_x_um / 2, pad.size_y_um / 2
        metal = shapely.box(x - w, y - h, x + w, y + h)
        near = [slabs[int(k)] for k in tree.query(metal, predicate="intersects")]
        if near:
            best = max(near, key=lambda body: (shapely.area(shapely.intersection(body.bottom, metal)), body.name))
            found["pad", pad.name] = best.name
    return found


def _ball_bodies(package: Package, stack: Stack) -> dict[Terminal, str]:
    """Return the topmost body at each ball's site: its ball, or the bump in its place."""
    ends = [body for layer in _ENDS for body in stack.on(layer) if body.part not in ("flux", "plug", "foot")]
    feet = [
        shapely.Point(body.x_um, body.y_um).buffer(float(body.profile[:, 0].max()))
        if isinstance(body, Revolved)
        else body.top
        for body in ends
    ]
    tree = shapely.STRtree(feet)
    found: dict[Terminal, str] = {}
    for ball in package.balls:
        here = [ends[int(k)] for k in tree.query(shapely.Point(ball.x_um, ball.y_um), predicate="intersects")]
        if here:
            top = max(here, key=lambda body: (_top_um(body), body.name))
            found["ball", ball.name] = top.name
    return found


def _top_um(body: Body) -> float:
    return body.z_um + body.h_um if isinstance(body, Slab) else float(body.profile[-1, 1])


def _missing(
    wanted: Mapping[Terminal, str], pieces: _Pieces, where: Mapping[Terminal, tuple[float, float]]
) -> list[Check]:
    """Return one check for all pads, and one for all balls, of nets that do not stand there at all."""
    checks = []
    for kind, layer in (("pad", "PAD"), ("ball", "BALL")):
        lost = sorted(terminal for terminal in wanted if terminal[0] == kind and terminal not in pieces.home)
        if not lost:
            continue
        told = _listed([name for _, name in lost])
        nets = sorted({_bare(wanted[terminal]) for terminal in lost})
        count, plural = len(lost), "s" if len(lost) > 1 else ""
        said = f"{count} {kind}{plural} of the netlist not there: {told} (as built)"
        checks.append(
            Check(
                "as_built.missing", f"{kind}s_missing", float(count), 0.0, False, said, where[lost[0]], layer,
                " / ".join(nets), "netlist",
            )
        )  # fmt: skip
    return checks


def _opens(
    wanted: Mapping[Terminal, str], pieces: _Pieces, where: Mapping[Terminal, tuple[float, float]]
) -> tuple[list[Check], int]:
    """Return the nets in several pieces, those alike in one check, and how many nets that are."""
    apart: dict[str, dict[str, list[Terminal]]] = {}
    for terminal, net in sorted(wanted.items(), key=lambda item: (item[1], item[0])):
        if terminal in pieces.home:
            apart.setdefault(net, {}).setdefault(pieces.piece_of[pieces.home[terminal]], []).append(terminal)
    alike: dict[str, list[tuple[str, Terminal]]] = {}
    for net, groups in sorted(apart.items()):
        if len(groups) > 1:
            reached = sorted({_reach(pieces, piece, held) for piece, held in groups.items()})
            first = min(groups.values(), key=len)[0]
            alike.setdefault(" | ".join(reached), []).append((net, first))
    checks = []
    for parts, nets in sorted(alike.items()):
        names = [net for net, _ in nets]
        plural = "s" if len(names) > 1 else ""
        said = f"open: {len(names)} net{plural} in pieces that do not touch ({parts}): {_listed(names)} (as built)"
        checks.append(
            Check(
                "as_built.open", "opens_count", float(len(names)), 0.0, False, said, where[nets[0][1]], "",
                " / ".join(sorted({_bare(name) for name in names})), "netlist",
            )
        )  # fmt: skip
    return checks, sum(len(nets) for nets in alike.values())


def _reach(pieces: _Pieces, piece: str, held: Sequence[Terminal]) -> str:
    """Return what a piece of a net holds: pads, balls or both, and the layers its metal is on."""
    kinds = " and ".join(f"{kind}s" for kind in ("pad", "ball") if any(kind == one for one, _ in held))
    return f"{kinds}: metal on {pieces.layers(piece)}"


def _shorts(wanted: Mapping[Terminal, str], pieces: _Pieces, touching: Iterable[Contact]) -> tuple[list[Check], int]:
    """Return the pieces that join several nets, or a net and a terminal of none, and how many there are."""
    held: dict[str, dict[str, list[Terminal]]] = {}
    for terminal, body in sorted(pieces.home.items()):
        net = wanted.get(terminal)
        if net is None and terminal[0] == "pad":
            continue  # pads that need no ball may share what they like
        held.setdefault(pieces.piece_of[body], {}).setdefault(net or f"(unused ball {terminal[1]})", []).append(
            terminal
        )
    checks = []
    for piece, nets in sorted(held.items()):
        if len(nets) < 2:
            continue
        said = f"short: nets {' and '.join(sorted(nets))} are one piece of metal (as built)"
        at, layer = _meeting(pieces, piece, touching)
        checks.append(
            Check(
                "as_built.short", "net", " + ".join(sorted(nets)), None, False, said, at, layer,
                " / ".join(sorted({_bare(net) for net in nets})), "netlist",
            )
        )  # fmt: skip
    return checks, len(checks)


def _meeting(pieces: _Pieces, piece: str, touching: Iterable[Contact]) -> tuple[tuple[float, float] | None, str]:
    """Return where two bodies of different nets touch within a piece, and the layer of the upper one."""
    for touch in touching:
        low, high = pieces.bodies[touch.lower], pieces.bodies[touch.upper]
        if pieces.piece_of[touch.lower] == piece and None is not low.net != high.net is not None:
            shared = shapely.intersection(shapely.box(*_bounds(low)), shapely.box(*_bounds(high)))
            return (float(shared.centroid.x), float(shared.centroid.y)), high.layer
    return None, ""


def _loose(pieces: _Pieces) -> tuple[list[Check], int]:
    """Return one check of all metal of nets that hangs together with no pad and no ball, and how many pieces it is."""
    reached = {pieces.piece_of[body] for body in pieces.home.values()}
    found: dict[str, Body] = {}
    for name, body in sorted(pieces.bodies.items()):
        if body.net is not None and body.layer in _UPWARD and pieces.piece_of[name] not in reached:
            found.setdefault(pieces.piece_of[name], body)
    if not found:
        return [], 0
    first = min(found.values(), key=lambda body: body.name)
    x0, y0, x1, y1 = _bounds(first)
    nets = sorted({str(body.net) for body in found.values()})
    plural = "s" if len(found) > 1 else ""
    said = f"{len(found)} piece{plural} of metal on neither pad nor ball: {_listed(nets)} (as built)"
    at = ((x0 + x1) / 2, (y0 + y1) / 2)
    count = float(len(found))
    check = Check("as_built.loose", "loose_count", count, 0.0, False, said, at, first.layer, " / ".join(nets))
    return [check], len(found)


def _on_silicon(touching: Iterable[Contact], bodies: Mapping[str, Body]) -> tuple[list[Check], int]:
    """Return one check of the wiring that touches the silicon or the seal ring, and how many bodies do."""
    found: dict[str, tuple[Body, float]] = {}
    for touch in touching:
        for one, other in ((touch.lower, touch.upper), (touch.upper, touch.lower)):
            if bodies[one].layer in SILICON and bodies[other].layer not in _ON_SILICON:
                area = found[other][1] if other in found else 0.0
                found[other] = bodies[other], area + touch.area_um2
    if not found:
        return [], 0
    nets = sorted({str(body.net or name) for name, (body, _) in found.items()})
    worst, area = max(found.values(), key=lambda item: (item[1], item[0].name))
    x0, y0, x1, y1 = _bounds(worst)
    said = (
        f"short to the silicon: {len(nets)} net{'s' if len(nets) > 1 else ''} touch it without insulation, up to "
        f"{area:.0f} µm² ({worst.name}): {_listed(nets)} (as built)"
    )
    at = ((x0 + x1) / 2, (y0 + y1) / 2)
    named = " / ".join(sorted({body.net for body, _ in found.values() if body.net}))
    check = Check(
        "as_built.silicon", "silicon_contacts_count", float(len(nets)), 0.0, False, said, at, worst.layer, named
    )
    return [check], len(nets)


def _bounds(body: Body) -> Any:
    if isinstance(body, Slab):
        return shapely.total_bounds([body.bottom, body.top])
    r = float(body.profile[:, 0].max())
    return body.x_um - r, body.y_um - r, body.x_um + r, body.y_um + r


def _bare(net: str) -> str:
    return net.partition(" on pad ")[0]


def _listed(names: Sequence[str]) -> str:
    rest = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {rest} more" if rest > 0 else "")
