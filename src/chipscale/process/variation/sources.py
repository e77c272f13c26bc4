"""What varies in a flow: every spread of every step, and what of a bump it acts on."""

from __future__ import annotations

import dataclasses
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from chipscale.process.flow import Planned
from chipscale.process.step import LEVELS, Spread
from chipscale.process.variation.chain import Chain, Joint
from chipscale.process.variation.made import Made

Target = Literal["film", "base", "mold", "base and mold", "sphere", "solder", "volume", "none"]


@dataclass(frozen=True, slots=True)
class Source:
    """One thing that varies: the step (index, label), quantity and layer, deviation by level, and where it acts.

    `target`: film (thickness of term `term`), base (diameter the solder stands on), mold (opening it was plated into),
    sphere (its diameter), solder (thickness of plated solder), volume (of solder), none (nothing of a bump's height).
    A quantity in percent is of the film's mean thickness, or of `laid_um` where the step lays a film that ends as a
    part of a thicker one.
    """

    step: int
    label: str
    quantity: str
    layer: str
    by_level: Mapping[str, float]
    source: str
    target: Target = "none"
    term: int = -1
    laid_um: float = 0.0

    @property
    def key(self) -> tuple[int, int]:
        """Return what its random numbers are drawn by: the same whatever else varies."""
        return self.step, zlib.crc32(f"{self.quantity}|{self.layer}".encode())

    @property
    def kind(self) -> tuple[str, str]:
        """Return (what is measured, layer): thickness in % and in µm are one."""
        what = self.quantity.rsplit("_", 1)[0]
        return ("thickness" if what in ("thickness", "height") else what), self.layer

    def at(self, level: str) -> float:
        """Return the standard deviation at the level; at `radius` the rise from centre to edge."""
        return float(self.by_level.get(level, 0.0))

    @property
    def varies(self) -> bool:
        """True when any level is not zero."""
        return any(self.at(level) for level in LEVELS)


def sources_of(steps: Planned, made: Made, chain: Chain) -> tuple[Source, ...]:
    """Return what varies, in the flow's order; two spreads of one step, quantity and layer are added up.

    `steps` may carry other recipes than the flow that was run: only what varies is taken from them.
    """
    found = []
    for index, (spec, step) in enumerate(steps):
        merged: dict[tuple[str, str], Spread] = {}
        for spread in step.spreads() if tells(step) else ():
            key = spread.quantity, spread.layer
            merged[key] = _sum(merged[key], spread) if key in merged else spread
        for (quantity, layer), spread in sorted(merged.items()):
            source = _of_widths(Source(index, spec.title, quantity, layer, dict(spread.by_level), spread.source), made)
            found.append(_aimed(source, made, chain))
    return tuple(_molds(found))


def tells(step: Any) -> bool:
    """True when the step says how it varies; one that does not makes every die alike."""
    return hasattr(step, "spreads")


def _of_widths(source: Source, made: Made) -> Source:
    """Return an etch's undercut as what it does to the width of the film that the step has cut: twice as much."""
    cut = sorted({b.layer for b in made.bodies if made.maker[b.name] == source.step})
    if source.quantity != "undercut_um" or source.layer or len(cut) != 1:
        return source
    by_level = {level: 2.0 * size for level, size in source.by_level.items()}
    return dataclasses.replace(source, quantity="cd_um", layer=cut[0], by_level=by_level)


def _sum(one: Spread, two: Spread) -> Spread:
    """Return independent spreads as one: deviations add as squares, bowls with their sign."""
    by_level = {
        level: one.by_level.get(level, 0.0) + two.by_level.get(level, 0.0)
        if level == "radius"
        else (one.by_level.get(level, 0.0) ** 2 + two.by_level.get(level, 0.0) ** 2) ** 0.5
        for level in LEVELS
    }
    return Spread(one.quantity, one.layer, by_level, "; ".join(sorted({one.source, two.source})))


def _aimed(source: Source, made: Made, chain: Chain) -> Source:
    """Return the source with what it acts on."""
    joint, what = chain.joint, source.kind[0]
    if what == "thickness":
        plated = joint is not None and not joint.sphere and source.layer == joint.solder_layer
        if joint is not None and plated and source.step <= joint.solder_maker:
            return dataclasses.replace(source, target="solder")
        term = _term_of(source, chain)
        laid = made.laid_um(source.step, source.layer) or 0.0
        return dataclasses.replace(source, target="film" if term >= 0 else "none", term=term, laid_um=laid)
    target: Target = "none"
    if joint is not None and what == "cd":
        target = _width_target(source, joint)
    elif joint is not None and (what in ("volume", "base_d") or (what == "sphere_d" and joint.sphere)):
        target = {"volume": "volume", "base_d": "base", "sphere_d": "sphere"}[what]  # type: ignore[assignment]
    return dataclasses.replace(source, target=target)


def _width_target(source: Source, joint: Joint) -> Target:
    """Return what a width acts on: one resist may have been the mold of the metal and of the solder upon it."""
    base = source.layer == joint.rim_layer and source.step <= joint.rim_maker
    mold = source.layer == joint.mold_mask and source.step <= joint.solder_maker
    return "base and mold" if base and mold else "base" if base else "mold" if mold else "none"


def _molds(sources: list[Source]) -> list[Source]:
    """Return the sources with only the last exposure before the solder acting on its mold."""
    acting = [k for k, source in enumerate(sources) if source.target in ("mold", "base and mold")]
    for k in acting[:-1]:
        rest: Target = "base" if sources[k].target == "base and mold" else "none"
        sources[k] = dataclasses.replace(sources[k], target=rest)
    return sources


def _term_of(source: Source, chain: Chain) -> int:
    """Return the term of the source's layer that is made next after it, else the last one before it; -1: none."""
    own = [(term.maker, k) for k, term in enumerate(chain.terms) if term.layer == source.layer]
    later = [pair for pair in own if pair[0] >= source.step]
    return min(later)[1] if later else (max(own)[1] if own else -1)
