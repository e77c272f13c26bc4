"""What of a board block no board could be made by: pads or openings that run together or miss each other."""

from __future__ import annotations

from chipscale.assembly.land_pattern import LandValue, land_values
from chipscale.errors import Problem
from chipscale.spec.read import SpecFile


def land_problems(specfile: SpecFile, array_um: tuple[float, float]) -> list[Problem]:
    """Return what is wrong with the file's board block.

    `array_um`: distance of the nearest balls and diameter of the reflowed balls, in µm. What the block leaves open
    is taken from published practice as in the land pattern itself; such values alone are not complained of.
    """
    board = specfile.spec.board
    values = {value.name: value for value in land_values(*array_um, board)}
    copper, mask = values["pad_d_um"], values["mask_d_um"]
    problems = [
        problem
        for name, what in (
            ("pad_d_um", "neighbouring copper pads touch"),
            ("mask_d_um", "neighbouring openings of the solder mask run together"),
            ("paste_d_um", "neighbouring stencil apertures run together"),
        )
        if (problem := _too_wide(specfile, values[name], array_um[0], what)) is not None
    ]
    inner, outer = (copper, mask) if board.definition == "NSMD" else (mask, copper)
    given = "given" in (inner.origin, outer.origin)
    if given and (outer.value < inner.value or inner.value <= 0):
        what = {
            "NSMD": "the mask opening is smaller than the copper pad it has to clear",
            "SMD": "the copper pad is smaller than the mask opening that bounds it",
        }[board.definition]
        at = outer if outer.origin == "given" else inner
        value = f"mask {mask.value:g} µm, copper {copper.value:g} µm"
        limit = f"{outer.name} > {inner.name} with definition {board.definition}"
        other = "SMD" if board.definition == "NSMD" else "NSMD"
        remedy = f"make {outer.name} larger or {inner.name} smaller, or set definition: {other}"
        problems.append(specfile.problem("board.definition", f"board.{at.name}", what, value, limit, remedy))
    return problems


def _too_wide(specfile: SpecFile, size: LandValue, pitch_um: float, what: str) -> Problem | None:
    if size.origin != "given" or size.value < pitch_um:
        return None
    limit = f"< {pitch_um:g} µm between balls"
    remedy = f"make board.{size.name} smaller, or the pitch larger"
    return specfile.problem("board.pitch", f"board.{size.name}", what, f"{size.value:g} µm", limit, remedy)
