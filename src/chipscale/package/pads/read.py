"""Picks the source of pads the file names and fills in what the source leaves open: sizes, sides, nets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from chipscale.errors import InputError, Problem, did_you_mean
from chipscale.package.pads.csv_pads import read_csv_pads
from chipscale.package.pads.per_side import per_side_pads
from chipscale.package.pads.source import FoundPad, PadSource, listed
from chipscale.package.types import Assumption, Pad
from chipscale.spec.base import has_control
from chipscale.spec.located import files_at
from chipscale.spec.read import SpecFile

ASSUMED_SIZE_UM = 60.0


def read_pads(specfile: SpecFile) -> tuple[Pad, ...]:
    """Return the die's pads in µm of the die view; InputError with every fault of the source."""
    source = read_pad_source(specfile)
    if source.problems:
        raise InputError(source.problems)
    return source.pads


def read_pad_source(specfile: SpecFile) -> PadSource:
    """Return the die's pads with what was assumed about them, where each was found and which lines are wrong.

    Raises InputError when no pads can be read.
    """
    pads = specfile.spec.die.pads
    problems = source_problems(specfile)
    if problems:
        raise InputError(problems)
    if pads.csv is not None:
        path = specfile.folder / pads.csv
        with files_at(specfile, "die.pads.csv"):
            found, faults = read_csv_pads(path, need_net=pads.nets is None)
        source = _filled(specfile, found, str(path))
        source = replace(source, problems=(*source.problems, *faults), complete=not faults)
    elif pads.gds is not None:
        from chipscale.package.pads.gds_pads import read_gds_pads

        with files_at(specfile, "die.pads.gds"):
            drawn = read_gds_pads(specfile)
        source = _filled(specfile, drawn, str(specfile.folder / pads.gds))
    elif pads.per_side is not None:
        source = _filled(specfile, per_side_pads(specfile), "")
    else:
        from chipscale.package.pads.lef_def_pads import read_lef_def_pads

        with files_at(specfile, "die.pads"):
            cells = read_lef_def_pads(specfile)
        source = _filled(specfile, cells.pads, cells.file)
        source = replace(source, assumptions=(*cells.assumptions, *source.assumptions), die_size_um=cells.die_size_um)
    return source


_OF_SOURCE = {
    "lef": ("lef", "def"),
    "def_": ("lef", "def"),
    "pin": ("lef", "def"),
    "macros": ("lef", "def"),
    "top": ("gds",),
    "pad_layer": ("gds",),
    "text_layer": ("gds",),
}


def source_problems(specfile: SpecFile) -> list[Problem]:
    """Return what is wrong with the choice of source: none, two, half of one, or keys of another one."""
    pads = specfile.spec.die.pads
    given = [name for name in ("csv", "lef", "gds", "per_side") if getattr(pads, name) is not None]
    if pads.def_ is not None and "lef" not in given:
        given.append("def")
    key = "die.pads"
    if not given:
        what = "no source of pads is given"
        remedy = "give exactly one of csv, lef + def, gds, per_side"
        return [specfile.problem("pads.source", key, what, remedy=remedy)]
    if len(given) > 1:
        what = "more than one source of pads is given"
        remedy = "keep exactly one of csv, lef + def, gds, per_side"
        return [specfile.problem("pads.source", key, what, " and ".join(given), remedy=remedy)]
    problems = []
    if given[0] in ("lef", "def") and (pads.lef is None or pads.def_ is None):
        missing = "def" if pads.def_ is None else "lef"
        what = f"'{given[0]}' needs '{missing}' beside it"
        remedy = f"add '{missing}:' with the {'placement' if missing == 'def' else 'macros'} of the pad cells"
        problems.append(specfile.problem("pads.source", key, what, remedy=remedy))
    if given[0] == "gds" and pads.pad_layer is None:
        what = "'gds' needs 'pad_layer' beside it"
        remedy = "add 'pad_layer: \"70/0\"' with the layer the pads are drawn on"
        problems.append(specfile.problem("pads.source", key, what, remedy=remedy))
    for name, sources in _OF_SOURCE.items():
        if getattr(pads, name) is not None and given[0] not in sources:
            what = f"this key belongs to {' + '.join(sources)}, the pads come from {given[0]}"
            shown = name.rstrip("_")
            problems.append(specfile.problem("pads.source", f"{key}.{shown}", what, remedy="remove it"))
    return problems


def _filled(specfile: SpecFile, found: Sequence[FoundPad], file: str) -> PadSource:
    """Return the pads with size, side and overriding nets filled in."""
    block = specfile.spec.die.pads
    names = {pad.name for pad in found}
    problems = tuple(
        specfile.problem(
            "pads.unknown_pad",
            f"die.pads.nets.{name}",
            "there is no pad of this name",
            name,
            remedy=_near(name, names),
        )
        for name in (block.nets or {})
        if name not in names
    ) + tuple(
        Problem(
            "pads.name", f"pad {pad.name!a} or its net {pad.net!a} holds a control character", file, pad.line, "pad"
        )
        for pad in found
        if has_control(pad.name) or has_control(pad.net or "")
    )
    open_size = [pad.name for pad in found if pad.size_x_um is None and pad.size_y_um is None]
    assumptions: tuple[Assumption, ...] = ()
    if open_size and block.size_x_um is None and block.size_y_um is None:
        why = f"neither the source nor die.pads.size_x_um gives the size of {listed(open_size, 4)}"
        assumptions = (Assumption("bond pad size", f"{ASSUMED_SIZE_UM:g} x {ASSUMED_SIZE_UM:g} µm", why),)
    pads = tuple(_pad(specfile, pad) for pad in found)
    lines = {pad.name: pad.line for pad in found if pad.line is not None}
    return PadSource(pads, assumptions, file, lines, problems=problems)


def _pad(specfile: SpecFile, found: FoundPad) -> Pad:
    die = specfile.spec.die
    block = die.pads
    if found.size_x_um is not None or found.size_y_um is not None:
        size_x_um, size_y_um = found.size_x_um or found.size_y_um, found.size_y_um or found.size_x_um
    else:
        size_x_um, size_y_um = block.size_x_um or block.size_y_um, block.size_y_um or block.size_x_um
    net = (block.nets or {}).get(found.name, found.net or "")
    x_um, y_um = _exact(found.x_um + block.offset_x_um), _exact(found.y_um + block.offset_y_um)
    distance = {
        "left": x_um,
        "right": die.size_x_um - x_um,
        "bottom": y_um,
        "top": die.size_y_um - y_um,
    }
    side = found.side or min(distance, key=lambda name: distance[name])
    sizes = (_exact(size_x_um or ASSUMED_SIZE_UM), _exact(size_y_um or ASSUMED_SIZE_UM))
    return Pad(found.name, x_um, y_um, *sizes, None if net in ("", "-") else net, side)


def _exact(value_um: float) -> float:
    """Return a length without the noise of adding (1e-6 µm is far below any mask grid)."""
    return round(value_um, 6)


def _near(name: str, known: set[str]) -> str:
    remedy = did_you_mean(name, known)
    return remedy if remedy.startswith("did") else f"pads: {listed(sorted(known))}"
