"""What varies in a flow: every spread of every step, and what of a bump it acts on."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from chipscale.process.flow import Planned
from chipscale.process.step import LEVELS, Spread
from chipscale.process.variation.chain import Chain
from chipscale.process.variation.made import Made

Target = Literal["film", "base", "sphere", "solder", "mold", "volume", "none"]


@dataclass(frozen=True, slots=True)
class Source:
    """One thing that varies: the step (index, label), quantity and layer, deviation by level, and where it acts.

    `target`: film (thickness of term `term`), base (diameter the solder stands on), sphere (its diameter), solder
    (thickness of plated solder), mold (its opening), volume (of solder), none (nothing of a bump's height). A
    quantity in percent is of the film's mean thickness, or of `laid_um` where the step lays a film that ends as a
    part of a thicker one (a seed).
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
        for spread in step.spreads():
            key = spread.quantity, spread.layer
            merged[key] = _sum(merged[key], spread) if key in merged else spread
        for (quantity, layer), spread in sorted(merged.items()):
            source = Source(index, spec.title, quantity, layer, dict(spread.by_level), spread.source)
            found.append(_aimed(source, made, chain))
    return tuple(found)


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
    target: Target = "none"
    term = -1
    if what == "thickness":
        if joint is not None and not joint.sphere and source.layer == joint.solder_layer:
            target = "solder" if source.step <= joint.solder_maker else "none"
        if target == "none":
            term = _term_of(source, chain)
            target = "film" if term >= 0 else "none"
    elif joint is not None:
        if what == "sphere_d" and joint.sphere:
            target = "sphere"
        elif what == "volume":
            target = "volume"
        elif what == "base_d" or (what == "cd" and source.layer == joint.rim_layer):
            target = "base"
        elif what == "cd" and not joint.sphere and source.layer == joint.solder_layer:
            target = "mold"
    laid = made.laid_um(source.step, source.layer) or 0.0
    fields = {name: getattr(source, name) for name in ("step", "label", "quantity", "layer", "by_level", "source")}
    return Source(**fields, target=target, term=term, laid_um=laid)


def _term_of(source: Source, chain: Chain) -> int:
    """Return the term of the source's layer that is made next after it, else the last one before it; -1: none."""
    own = [(term.maker, k) for k, term in enumerate(chain.terms) if term.layer == source.layer]
    later = [pair for pair in own if pair[0] >= source.step]
    return min(later)[1] if later else (max(own)[1] if own else -1)
