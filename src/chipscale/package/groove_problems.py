"""What can't be with an image sensor's grooves: walls that meet, pads missed, a circuit cut, a cover too small."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from chipscale.errors import Problem
from chipscale.package.grooves import (
    along_um,
    cut_um,
    floor_um,
    land_edge_um,
    lean_um,
    level_um,
    span_um,
)
from chipscale.package.pads.source import MAX_LISTED, listed
from chipscale.package.types import Ball, Grooves, Pad, Terminal
from chipscale.spec.read import SpecFile

_SLACK_UM = 1e-6
_BARE_RATIO = 0.1  # of a pad's length that must be left, or be cut, for a contact; assumed


def groove_problems(specfile: SpecFile, grooves: Grooves, pads: Sequence[Pad], silicon_um: float) -> list[Problem]:
    """Return what is wrong with the grooves themselves and with the pads they must reach."""
    tell = _Teller(specfile)
    problems = [*_walls_meet(tell, grooves, silicon_um), *_area(tell, grooves, silicon_um), *_cover(tell, grooves)]
    if floor_um(grooves, silicon_um) <= 0:
        return problems
    wanted = [pad for pad in pads if pad.net is not None]
    problems += (
        _second(tell, grooves, wanted, silicon_um) if grooves.second else _openings(tell, grooves, wanted, silicon_um)
    )
    return problems + _never_reached(tell, grooves, wanted, silicon_um) + _corners(tell, grooves, wanted)


def land_problems(
    specfile: SpecFile, grooves: Grooves, balls: Sequence[Ball], sizes: tuple[Terminal, Mapping[str, float], float]
) -> list[Problem]:
    """Return the balls whose land is over a groove's mouth or nearer to it than the metal out of it allows.

    `sizes`: terminal, rules by name, width of the widest wire.
    """
    terminal, rules, widest = sizes
    spec = specfile.spec
    w, h, r = spec.die.size_x_um, spec.die.size_y_um, terminal.land_d_um / 2
    problems = []
    for side in grooves.sides:
        away: Callable[[Ball], float] = {
            "left": lambda ball: ball.x_um - r,
            "right": lambda ball: w - ball.x_um - r,
            "bottom": lambda ball: ball.y_um - r,
            "top": lambda ball: h - ball.y_um - r,
        }[side]
        least = land_edge_um(grooves, side, rules, widest)
        near = [ball for ball in balls if away(ball) < least - _SLACK_UM]
        if not near:
            continue
        worst = min(away(ball) for ball in near)
        over = worst < grooves.first_width_um
        names = listed([ball.name for ball in near], 6)
        what = (
            f"lands {'reach over' if over else 'come too near to'} the mouth of the groove on the {side} side: {names}"
        )
        limit = f">= {least:g} µm from the edge: {grooves.first_width_um:g} µm groove, then the metal out of it"
        remedy = "a smaller pitch or fewer balls, a narrower first groove, or move the array (balls.offset_x_um)"
        problems.append(specfile.problem("sensor.land_over_groove", "balls", what, f"{worst:g} µm", limit, remedy))
    return problems


class _Teller:
    """Makes problems at keys of the sensor block; a value the file does not give is called assumed."""

    def __init__(self, specfile: SpecFile) -> None:
        self.specfile = specfile

    def __call__(self, code: str, key: str, what: str, value: float, limit: str, remedy: str) -> Problem:
        block = self.specfile.spec.sensor
        given = block is not None and key in block.model_fields_set
        unit = "°" if key.endswith("_deg") else " µm"
        shown = f"{value:.6g}{unit}" + ("" if given else " (assumed)")
        return self.specfile.problem(f"sensor.{code}", f"sensor.{key}", what, shown, limit, remedy)

    def pads(self, code: str, what: str, names: Sequence[str], limit: str, remedy: str) -> Problem:
        """Return one problem for all pads it concerns."""
        told = f"{what}: {listed(names, MAX_LISTED)}"
        return self.specfile.problem(f"sensor.{code}", "sensor", told, f"{len(names)} pads", limit, remedy)


def _walls_meet(tell: _Teller, grooves: Grooves, silicon_um: float) -> Iterable[Problem]:
    lean = lean_um(silicon_um, grooves.first_wall_deg)
    if grooves.first_width_um <= lean:
        what = f"the first groove's walls meet before it is through {silicon_um:g} µm of silicon"
        remedy = "a wider groove, a steeper wall (sensor.first_wall_deg) or thinner silicon (die.thickness_um)"
        yield tell("walls_meet", "first_width_um", what, grooves.first_width_um, f"> {lean:.1f} µm", remedy)
    if not grooves.second:
        return
    depth = grooves.device_um + grooves.second_depth_um
    if cut_um(grooves)[1] <= 0:
        what = f"the second groove's walls meet before it is {depth:g} µm deep"
        limit = f"> {lean_um(depth, grooves.second_wall_deg):.1f} µm"
        remedy = "a wider or shallower groove, or a steeper wall (sensor.second_wall_deg)"
        yield tell("walls_meet", "second_width_um", what, grooves.second_width_um, limit, remedy)


def _area(tell: _Teller, grooves: Grooves, silicon_um: float) -> Iterable[Problem]:
    """Yield what is wrong with the sensing area: no area, outside the die, cut by a groove, under the cavity wall."""
    die = tell.specfile.spec.die
    x0, y0, x1, y1 = grooves.sensing
    if x1 <= x0 or y1 <= y0 or min(x0, y0) < 0 or x1 > die.size_x_um or y1 > die.size_y_um:
        given = ", ".join(f"{value:g}" for value in tell.specfile.spec.sensor.area_um)  # type: ignore[union-attr]
        what = "the sensing area is empty or reaches outside the die"
        limit = f"0 to {die.size_x_um:g}, 0 to {die.size_y_um:g} µm"
        remedy = "give [x0, y0, x1, y1] with x0 < x1 and y0 < y1, looking through the glass"
        yield tell.specfile.problem("sensor.area", "sensor.area_um", what, f"[{given}]", limit, remedy)
        return
    away = {"left": x0, "bottom": y0, "right": die.size_x_um - x1, "top": die.size_y_um - y1}
    side, least = min(
        ((side, away[side]) for side in grooves.sides), key=lambda item: item[1], default=("", float("inf"))
    )
    reach = max(floor_um(grooves, silicon_um), grooves.second_width_um if grooves.second else 0.0)
    if reach > least:
        key = "first_width_um" if floor_um(grooves, silicon_um) > least else "second_width_um"
        what = f"the groove cuts into the sensing area: on the {side} side it is {reach:.1f} µm wide at the active face"
        remedy = "a narrower groove, or pads nearer to the die's edge"
        yield tell("cuts_circuit", key, what, getattr(grooves, key), f"the area begins at {least:g} µm", remedy)
    inside = min(away.values())
    if grooves.wall_width_um > inside:
        what = "the cavity wall covers the sensing area"
        remedy = "a narrower wall"
        yield tell("wall_on_area", "wall_width_um", what, grooves.wall_width_um, f"<= {inside:g} µm", remedy)


def _cover(tell: _Teller, grooves: Grooves) -> Iterable[Problem]:
    """Yield a second groove that opens the cavity or cuts through the cover."""
    if not grooves.second:
        return
    if grooves.wall_width_um <= grooves.second_width_um:
        what = "the second groove cuts through the cavity wall into the cavity"
        remedy = "a wider wall or a narrower second groove"
        limit = f"> {grooves.second_width_um:g} µm, the second groove's width"
        yield tell("opens_cavity", "wall_width_um", what, grooves.wall_width_um, limit, remedy)
    below = grooves.wall_um + grooves.glass_um
    if grooves.second_depth_um >= below:
        what = "the second groove cuts through wall and glass"
        remedy = "a shallower groove; it may end in the wall (sensor.wall_um) or in the glass"
        yield tell("through_glass", "second_depth_um", what, grooves.second_depth_um, f"< {below:g} µm", remedy)


def _never_reached(tell: _Teller, grooves: Grooves, pads: Sequence[Pad], silicon_um: float) -> list[Problem]:
    """Return the pads that lie farther inside than the first groove's floor."""
    die = tell.specfile.spec.die
    floor = level_um(grooves, silicon_um)
    far = [pad for pad in pads if span_um(pad, (die.size_x_um, die.size_y_um))[0] >= floor]
    if not far:
        return []
    nearest = min(span_um(pad, (die.size_x_um, die.size_y_um))[0] for pad in far)
    what = f"the first groove never reaches pads: {listed([pad.name for pad in far], MAX_LISTED)}"
    limit = f"> {nearest + lean_um(silicon_um, grooves.first_wall_deg):.1f} µm for the first of them"
    remedy = "a wider first groove, or pads nearer to the die's edge"
    return [tell("never_reaches", "first_width_um", what, grooves.first_width_um, limit, remedy)]


def _second(tell: _Teller, grooves: Grooves, pads: Sequence[Pad], silicon_um: float) -> list[Problem]:
    """Return what is wrong with the second groove: it misses pads, leaves nothing of them, or has no floor."""
    die = tell.specfile.spec.die
    size = (die.size_x_um, die.size_y_um)
    width = grooves.second_width_um
    problems = []
    top, level = cut_um(grooves)[0], level_um(grooves, silicon_um)
    if top > level:
        what = "the second groove is wider than the first one's floor"
        limit = f"<= {level - top + width:.1f} µm: the floor is {level:.1f} µm wide on the insulation"
        remedy = "a narrower second or a wider first groove"
        problems.append(tell("second_too_wide", "second_width_um", what, width, limit, remedy))
    missed, swallowed = [], []
    for pad in pads:
        begin, end = span_um(pad, size)
        least = _BARE_RATIO * (end - begin)
        if width < begin + least:
            missed.append((pad.name, begin + least))
        elif width > end - least:
            swallowed.append((pad.name, end - least))
    if missed:
        what = (
            f"the second groove misses pads, it must cut their outer ends: {listed([n for n, _ in missed], MAX_LISTED)}"
        )
        limit = f">= {max(limit for _, limit in missed):g} µm"
        remedy = "a wider second groove, or pads nearer to the die's edge"
        problems.append(tell("misses_pads", "second_width_um", what, width, limit, remedy))
    if swallowed:
        what = (
            f"the second groove leaves nothing of pads for a contact: {listed([n for n, _ in swallowed], MAX_LISTED)}"
        )
        limit = f"<= {min(limit for _, limit in swallowed):g} µm"
        remedy = "a narrower second groove, or longer pads"
        problems.append(tell("swallows_pads", "second_width_um", what, width, limit, remedy))
    return problems


def _openings(tell: _Teller, grooves: Grooves, pads: Sequence[Pad], silicon_um: float) -> list[Problem]:
    """Return openings of the insulation that do not lie on their pads or on the groove's level floor."""
    die = tell.specfile.spec.die
    size = (die.size_x_um, die.size_y_um)
    d = grooves.contact_d_um
    problems = []
    large = [pad.name for pad in pads if d > min(pad.size_x_um, pad.size_y_um)]
    if large:
        smallest = min(min(pad.size_x_um, pad.size_y_um) for pad in pads)
        what = f"the opening of the insulation is larger than pads: {listed(large, MAX_LISTED)}"
        problems.append(tell("opening", "contact_d_um", what, d, f"<= {smallest:g} µm", "a smaller opening"))
    level = level_um(grooves, silicon_um)
    off = [(pad, sum(span_um(pad, size)) / 2 + d / 2) for pad in pads]
    off = [(pad, end) for pad, end in off if end > level + _SLACK_UM]
    if off:
        need = max(end for _, end in off) - level + grooves.first_width_um
        what = f"openings on pads reach beyond the first groove's floor: {listed([p.name for p, _ in off], MAX_LISTED)}"
        remedy = "a wider first groove, a smaller opening, or pads nearer to the die's edge"
        problems.append(
            tell("opening_off_floor", "first_width_um", what, grooves.first_width_um, f">= {need:.1f} µm", remedy)
        )
    return problems


def _corners(tell: _Teller, grooves: Grooves, pads: Sequence[Pad]) -> list[Problem]:
    """Return the pads so near to a corner that their metal would not leave the neighbouring side's groove."""
    die = tell.specfile.spec.die
    caught = []
    for pad in pads:
        upright = pad.side in ("left", "right")
        at, length = (pad.y_um, die.size_y_um) if upright else (pad.x_um, die.size_x_um)
        low, high = ("bottom", "top") if upright else ("left", "right")
        half = along_um(pad) / 2
        room = [at - half] * (low in grooves.sides) + [length - at - half] * (high in grooves.sides)
        if min(room, default=grooves.first_width_um) < grooves.first_width_um:
            caught.append(pad.name)
    if not caught:
        return []
    what = "pads lie in the groove of the neighbouring side: their metal would not come out of it"
    limit = f">= {grooves.first_width_um:g} µm from the corner"
    return [
        tell.pads("pad_in_corner", what, caught, limit, "move them away from the corner, or a narrower first groove")
    ]
