"""How the pattern makes plated films differ between the bumps of one die: dense places grow thinner."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from chipscale.process.flow import Planned
from chipscale.process.masks import Masks
from chipscale.process.models.plating_profile import LEAST_DENSITY, local_density, shares
from chipscale.process.variation.chain import Chain
from chipscale.process.variation.made import Made
from chipscale.process.variation.sources import Source

Array = npt.NDArray[np.float64]
SOLDER = -1


@dataclass(frozen=True, slots=True)
class Pattern:
    """The open share of a plated layer over its mean: at each bump, (bumps,), and in each cell of the die.

    `weight` is each cell's part of the metal's area.
    """

    at_bumps: Array
    in_cells: Array
    weight: Array

    def factor(self, exponent: float) -> Array:
        """Return the plated thickness at each bump over the mean over the metal's area, (bumps,)."""
        mean = float(np.sum(self.weight * self.in_cells**-exponent))
        return np.asarray(self.at_bumps**-exponent / mean, dtype=np.float64)


def patterns(made: Made, chain: Chain) -> dict[int, Pattern]:
    """Return by term the pattern of every film under the bumps that a step plates by its pattern (`plating_profile`).

    A step does so when it has the options `density_exponent_ratio` and `pattern_window_um`; its pattern is the mask its
    resist was exposed with. Plated solder stands under the key SOLDER.
    """
    plated = {k: (term.maker, term.layer) for k, term in enumerate(chain.terms)}
    if chain.joint is not None and not chain.joint.sphere:
        plated[SOLDER] = chain.joint.solder_maker, chain.joint.solder_layer
    found = {}
    for k, (maker, layer) in plated.items():
        step, coat = made.steps[maker][1], made.works[maker].coat
        window = getattr(step, "pattern_window_um", None)
        drawn = coat.mask if coat is not None and coat.mask else layer
        if window is not None and hasattr(step, "density_exponent_ratio") and made.masks.has(drawn):
            found[k] = pattern(made.masks, drawn, window, chain.places_um)
    return found


def pattern(masks: Masks, layer: str, window_um: float, places_um: Array) -> Pattern:
    """Return the pattern of a layer at the places (n, 2) in µm, counted in windows `window_um` wide."""
    regions = [piece.region for piece in masks.pieces(layer)]
    cells = shares(regions, (masks.size_x_um, masks.size_y_um), window_um)
    local = np.maximum(local_density(cells, window_um), LEAST_DENSITY)
    metal = np.bincount(cells.cell, cells.area_um2, minlength=local.size)
    mean = float(metal.sum()) / (masks.size_x_um * masks.size_y_um)
    col, row = (
        np.clip((places_um[:, k] / cells.cell_um[k]).astype(np.int64), 0, local.shape[1 - k] - 1) for k in (0, 1)
    )
    return Pattern(local[row, col] / mean, local.ravel() / mean, metal / metal.sum())


def factors_of(found: Mapping[int, Pattern], steps: Planned, chain: Chain) -> dict[int, Array]:
    """Return by term (or SOLDER) the thickness of what is plated at each bump over its mean, (bumps,)."""
    factors = {}
    for k, shape in found.items():
        maker = chain.terms[k].maker if k != SOLDER or chain.joint is None else chain.joint.solder_maker
        factors[k] = shape.factor(float(getattr(steps[maker][1], "density_exponent_ratio", 0.0)))
    return factors


def less_pattern(sources: tuple[Source, ...], factors: Mapping[int, Array]) -> tuple[Source, ...]:
    """Return the sources with what the pattern explains taken out of the variation between features.

    A plater's figure for a die holds both: the systematic part is known from the mask, the rest stays random.
    """
    told = []
    for source in sources:
        of = {"film": source.term, "solder": SOLDER}.get(source.target)
        factor = factors.get(of) if of is not None and source.quantity.endswith("_pct") else None
        if factor is not None and source.at("feature") > 0:
            rest = source.at("feature") ** 2 - 100.0**2 * float(np.var(factor))
            by_level = {**source.by_level, "feature": math.sqrt(max(0.0, rest))}
            source = dataclasses.replace(source, by_level=by_level)
        told.append(source)
    return tuple(told)
