"""Makes pads from placed pad cells: the cell's pad pin (LEF) where the cell stands (DEF), with the net on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase

from chipscale.errors import InputError, Problem, did_you_mean
from chipscale.package.net_patterns import matching
from chipscale.package.pads.def_file import Component, Def, read_def
from chipscale.package.pads.lef import Box, Macro, read_lef
from chipscale.package.pads.placement import placed
from chipscale.package.pads.source import FoundPad, listed
from chipscale.package.types import Assumption
from chipscale.spec.read import SpecFile

DEFAULT_PIN = "PAD"
_SAME_UM = 1.0
_RING_UM = 250.0  # the most a seal ring and scribe around the DEF's die area may add on each side


@dataclass(frozen=True, slots=True)
class PlacedPads:
    """Pads of a LEF + DEF in the die view, the DEF's file and die area (µm), and what was assumed."""

    pads: tuple[FoundPad, ...]
    file: str
    die_size_um: tuple[float, float] | None
    assumptions: tuple[Assumption, ...]


def read_lef_def_pads(specfile: SpecFile) -> PlacedPads:
    """Return the pads of `die.pads.lef` and `die.pads.def`.

    A pad is a pin that matches `die.pads.pin` of a placed macro (only those that match `die.pads.macros`, where
    given). Its net comes from NETS and SPECIALNETS, else from the design's own pin drawn on it. The DEF's die area
    is moved to the die's lower left corner; when die.size_x_um, size_y_um are larger by a seal ring, it is centred.
    Raises InputError.
    """
    block = specfile.spec.die.pads
    names = [block.lef] if isinstance(block.lef, str) else list(block.lef or [])
    path = specfile.folder / str(block.def_)
    macros: dict[str, Macro] = {}
    problems: list[Problem] = []
    for name in names:
        try:
            macros |= read_lef(specfile.folder / name)
        except InputError as error:
            problems += error.problems
    pins = pad_pins(specfile, macros, problems) if not problems else {}
    try:
        placement = read_def(path, lambda macro: macro in pins)
    except InputError as error:
        raise InputError([*problems, *error.problems]) from error
    if problems:
        raise InputError(problems)
    shift, assumptions = _shift(specfile, placement, problems)
    pads = _pads(placement, (macros, pins), shift, (str(path), problems))
    if not pads and not problems:
        known = f"macros with it: {listed(sorted(pins))}" if pins else "no macro of the LEF has it"
        what = f"no placed component of the DEF has the pad pin; {known}"
        remedy = "check die.pads.pin, die.pads.macros and the DEF"
        problems.append(Problem("def.no_pads", what, str(path), remedy=remedy))
    if problems:
        raise InputError(problems)
    if block.pin is None:
        assumptions.append(Assumption("pad pin", DEFAULT_PIN, "die.pads.pin is not given"))
    die = placement.die_um
    size = (die[2] - die[0], die[3] - die[1]) if die is not None else None
    return PlacedPads(tuple(pads), str(path), size, tuple(assumptions))


def pad_pins(specfile: SpecFile, macros: Mapping[str, Macro], problems: list[Problem]) -> dict[str, list[str]]:
    """Return macro -> its pad pins; a named macro without one is a problem that lists the pins it has."""
    block = specfile.spec.die.pads
    pattern = block.pin or DEFAULT_PIN
    chosen = sorted(macros)
    if block.macros is not None:
        chosen = [name for name in chosen if any(fnmatchcase(name, item) for item in block.macros)]
        for i, item in enumerate(block.macros):
            if not any(fnmatchcase(name, item) for name in macros):
                near = did_you_mean(item, macros)
                remedy = near if near.startswith("did") else f"macros of the LEF: {listed(sorted(macros))}"
                key = f"die.pads.macros.{i}"
                problems.append(specfile.problem("lef.no_macro", key, "no macro matches", item, remedy=remedy))
    pins = {name: matching(pattern, macros[name].pins.keys()) for name in chosen}
    if (lacking := [name for name, found in pins.items() if not found]) and (
        block.macros is not None or len(lacking) == len(chosen)
    ):
        for name in lacking[:8]:
            what = f"macro '{name}' has no pin '{pattern}'"
            has = sorted(macros[name].pins)
            near = did_you_mean(pattern, has)
            known = f"its pins: {listed(has, 30)}" if has else "it has no pins"
            remedy = f"{near} {known}" if near.startswith("did") else known
            problems.append(specfile.problem("lef.no_pin", "die.pads.pin", what, pattern, remedy=remedy))
    return {name: found for name, found in pins.items() if found}


def _pads(
    placement: Def,
    cells: tuple[Mapping[str, Macro], Mapping[str, list[str]]],
    shift: tuple[float, float],
    out: tuple[str, list[Problem]],
) -> list[FoundPad]:
    macros, pins = cells
    file, problems = out
    pads = []
    for component in placement.components:
        names = pins[component.macro]
        for pin in names:
            box = pad_box(macros[component.macro].pins[pin])
            if component.at_um is None or box is None:
                what = f"component '{component.name}' is not placed"
                if box is None:
                    what = f"pin '{pin}' of macro '{component.macro}' has no shape"
                problems.append(Problem("def.unplaced", what, file, component.line, remedy="place it, or exclude it"))
                continue
            size = macros[component.macro].size_um
            x0, y0, x1, y1 = placed(box, size, component.at_um, component.orientation)
            net = _net(placement, component, pin, (x0, y0, x1, y1), out)
            name = component.name if len(names) == 1 else f"{component.name}/{pin}"
            x_um, y_um = (x0 + x1) / 2 + shift[0], (y0 + y1) / 2 + shift[1]
            pads.append(FoundPad(name, x_um, y_um, x1 - x0, y1 - y0, net, line=component.line))
    return pads


def pad_box(shapes: list[tuple[str, Box]]) -> Box | None:
    """Return the box of a pin's largest piece of metal: shapes of one layer that touch are one piece."""
    best: tuple[float, Box] | None = None
    for layer in dict.fromkeys(layer for layer, _ in shapes):
        for piece in _pieces([box for name, box in shapes if name == layer]):
            area = (piece[2] - piece[0]) * (piece[3] - piece[1])
            if best is None or area >= best[0]:
                best = (area, piece)
    return best[1] if best is not None else None


def _pieces(boxes: list[Box]) -> list[Box]:
    """Return the boxes around groups of boxes that touch."""
    pieces: list[Box] = []
    for box in sorted(boxes):
        rest = []
        for piece in pieces:
            if box[0] <= piece[2] and piece[0] <= box[2] and box[1] <= piece[3] and piece[1] <= box[3]:
                box = (min(box[0], piece[0]), min(box[1], piece[1]), max(box[2], piece[2]), max(box[3], piece[3]))
            else:
                rest.append(piece)
        pieces = [*rest, box]
    return pieces


def _net(placement: Def, component: Component, pin: str, box: Box, out: tuple[str, list[Problem]]) -> str | None:
    """Return the net on a component's pin: named, then of all components' pins, then a design pin drawn on it."""
    nets = placement.connections.get((component.name, pin)) or placement.by_pin.get(pin) or []
    if not nets:
        nets = sorted({net for net, pin_box in placement.pins if _centre_inside(pin_box, box)})
    if len(nets) > 1:
        what = f"pad '{component.name}' pin '{pin}' is on more than one net: {listed(nets)}"
        out[1].append(Problem("def.two_nets", what, out[0], component.line, remedy="correct the DEF"))
    return nets[0] if nets else None


def _centre_inside(inner: Box, outer: Box) -> bool:
    x, y = (inner[0] + inner[2]) / 2, (inner[1] + inner[3]) / 2
    return outer[0] <= x <= outer[2] and outer[1] <= y <= outer[3]


def _shift(specfile: SpecFile, placement: Def, problems: list[Problem]) -> tuple[tuple[float, float], list[Assumption]]:
    """Return how far the DEF's coordinates move into the die view, and what was assumed for it."""
    area, die = placement.die_um, specfile.spec.die
    if area is None:
        why = "the DEF has no DIEAREA; its coordinates are taken as they are"
        return (0.0, 0.0), [Assumption("origin of the DEF", "the die's lower left corner", why)]
    width, height = area[2] - area[0], area[3] - area[1]
    more = (die.size_x_um - width, die.size_y_um - height)
    if all(abs(value) <= _SAME_UM for value in more):
        return (-area[0], -area[1]), []
    if min(more) < -_SAME_UM or max(more) > 2 * _RING_UM:
        what = "the die's size is not the DEF's die area"
        remedy = f"set die.size_x_um: {width:g} and die.size_y_um: {height:g}, or use the right DEF"
        limit = f"{width:g} x {height:g} µm, at most {2 * _RING_UM:g} µm more for a seal ring"
        value = f"{die.size_x_um:g} x {die.size_y_um:g} µm"
        problems.append(specfile.problem("def.die_area", "die.size_x_um", what, value, limit, remedy))
    if die.pads.offset_x_um or die.pads.offset_y_um:
        return (-area[0], -area[1]), []
    why = f"die.size is {more[0]:g} x {more[1]:g} µm larger than the DEF's die area, as with a seal ring around it"
    taken = f"centred: moved by ({more[0] / 2:g}, {more[1] / 2:g}) µm"
    return (more[0] / 2 - area[0], more[1] / 2 - area[1]), [Assumption("place of the DEF on the die", taken, why)]
