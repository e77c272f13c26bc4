"""Laser marks on the back: the text by which a unit is traced, and how deep it goes."""

from __future__ import annotations

import string
from dataclasses import dataclass
from typing import ClassVar

from chipscale.errors import did_you_mean
from chipscale.process.kinds.grind import back_face
from chipscale.process.masks import Masks
from chipscale.process.models.grind_damage import strength_MPa
from chipscale.process.step import Batch, Defect, Spread, StepError, option
from chipscale.process.work import Work
from chipscale.stack.types import Slab

_ASSUMED = "assumed: usual practice"
FIELDS = ("product", "lot", "wafer", "x", "y", "date")  # what the text may name
_USUAL_UM = {"coat": (10.0, 5.0, 20.0), "silicon": (3.0, 1.0, 10.0)}  # typical, least, most
_DEEP_RATIO = 0.5  # of the coat, of the silicon's thickness over ten


@dataclass(frozen=True, slots=True)
class LaserMark:
    """Write each die's mark with a laser, into the film on the back or into the silicon itself."""

    name: ClassVar[str] = "laser_mark"
    title: ClassVar[str] = "Laser mark"
    tool: ClassVar[str] = "laser marker"
    needs: ClassVar[frozenset[str]] = frozenset({"wafer"})
    never: ClassVar[frozenset[str]] = frozenset({"resist", "coat", "diced"})
    makes: ClassVar[frozenset[str]] = frozenset()
    takes: ClassVar[frozenset[str]] = frozenset()
    defects: ClassVar[tuple[Defect, ...]] = (
        Defect("unreadable mark", "die", "focus, bow of the wafer, too little contrast"),
        Defect("mark off its die", "wafer", "alignment from the front"),
    )

    where: str = option("coat", "what is marked", choices=("coat", "silicon"))
    depth_um: float | None = option(
        None, "depth of the marks; default 10 µm in a coat, 3 µm in silicon", 0.5, 50, _ASSUMED
    )
    text: str = option("{lot}-{wafer} {x},{y}", f"what is written, with fields {', '.join(FIELDS)}")
    mark_s: float = option(0.1, "time to mark one die", 0.001, 10, _ASSUMED)
    align_s: float = option(20.0, "time to find the dies", 0, 600, _ASSUMED)

    def effect(self, work: Work, masks: Masks) -> Work:
        """Return the workpiece; the marks are too shallow to count in its solids, their depth is noted."""
        fields = self._fields()
        typical, least, most = _USUAL_UM[self.where]
        depth = typical if self.depth_um is None else self.depth_um
        if self.where == "coat":
            told = _in_coat(work, depth)
        else:
            told = _in_silicon(work, depth)
        if not least <= depth <= most:
            told.append(f"a mark of {depth:g} µm is not usual: {least:g} to {most:g} µm ({_ASSUMED})")
        if not {"lot", "wafer", "x", "y"} <= fields:
            told.append("the mark does not name lot, wafer, x and y: a unit can't be traced by it alone")
        return work.noted(*told, mark_depth_um=depth)

    def time_s(self, batch: Batch) -> float:
        """Return the time for all dies of the wafer in s."""
        return self.align_s + self.mark_s * batch.dies_count

    def spreads(self) -> tuple[Spread, ...]:
        """Return nothing: marks change no size that counts."""
        return ()

    def _fields(self) -> set[str]:
        """Return the fields the text names; StepError for one there is not, or a text without any end to a brace."""
        try:
            named = {name for _, name, _, _ in string.Formatter().parse(self.text) if name is not None}
        except ValueError as error:
            remedy = "{ and } only around a field"
            raise StepError(
                "the text can't be read", value=self.text, limit=str(error), remedy=remedy, option="text"
            ) from None
        for name in sorted(named - set(FIELDS)):
            raise StepError(
                f"the mark has no field '{name}'", value=self.text, remedy=did_you_mean(name, FIELDS), option="text"
            )
        return named


def _in_coat(work: Work, depth_um: float) -> list[str]:
    """Return the warnings of marks in the film on the back; StepError where there is none, or it is too thin."""
    coats = [body for body in work.bodies if isinstance(body, Slab) and body.layer == "BACKSIDE"]
    if not coats:
        raise StepError(
            "there is no film on the back to mark",
            remedy="put a backside_coat before it, or mark silicon",
            option="where",
        )
    thickness_um = sum(body.h_um for body in coats)
    if depth_um >= thickness_um:
        raise StepError(
            "the mark would go through the film on the back",
            value=f"{depth_um:g} µm",
            limit=f"less than {thickness_um:g} µm",
            option="depth_um",
        )
    if depth_um > _DEEP_RATIO * thickness_um:
        return [f"a mark of {depth_um:g} µm goes more than half through the film of {thickness_um:g} µm"]
    return []


def _in_silicon(work: Work, depth_um: float) -> list[str]:
    """Return the warnings of marks in silicon: they are cracks to start from."""
    thickness_um, above = back_face(work)
    if above:
        raise StepError("the back of the silicon is worked on: its marks would be cut away", option="where")
    if any(body.layer == "BACKSIDE" for body in work.bodies):
        raise StepError("a film covers the silicon", remedy="mark the coat, or mark before it", option="where")
    told = []
    if depth_um > _DEEP_RATIO * thickness_um / 10:
        told.append(f"a mark of {depth_um:g} µm is deep for {thickness_um:g} µm of silicon")
    if work.silicon.strength_MPa > 0 and depth_um > work.silicon.damage_um:
        told.append(
            f"marks deeper than the grinding damage ({work.silicon.damage_um:g} µm) may lower the strength from "
            f"{work.silicon.strength_MPa:.0f} to {min(work.silicon.strength_MPa, strength_MPa(depth_um)):.0f} MPa"
        )
    return told
