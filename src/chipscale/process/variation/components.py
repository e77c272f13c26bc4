"""How much of the heights' variance comes from which level and which cause."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import numpy.typing as npt

from chipscale.process.step import LEVELS
from chipscale.process.variation.cap_height import cap_slopes
from chipscale.process.variation.coplanarity import range_um
from chipscale.process.variation.draws import Draws
from chipscale.process.variation.model import Model, heights_um, rim_term
from chipscale.process.variation.simulate import Sample, one_wafer
from chipscale.process.variation.sources import Source

Array = npt.NDArray[np.float64]
PATTERN = "pattern"


def slope(model: Model, source: Source) -> Array:
    """Return how the apex moves with the source's quantity, µm per its unit, at each bump's mean, (bumps,)."""
    joint = model.chain.joint
    if source.target == "film":
        own = _film_slope(model, source)
        if joint is None or source.term != rim_term(model.chain):
            return own
        per_volume, _ = cap_slopes(joint.cap_um3, joint.base_d_um)
        return np.asarray(own * (1.0 - per_volume * joint.plug_um3 / joint.plug_um), dtype=np.float64)
    if joint is None or source.target == "none":
        return np.zeros(len(model.chain.sites))
    per_volume, per_base = cap_slopes(joint.cap_um3, joint.base_d_um)
    per_base = per_base - per_volume * 2.0 * joint.plug_um3 / joint.base_d_um
    if source.target == "base":
        return per_base
    if source.target == "sphere":
        return np.asarray(per_volume * 3.0 * joint.volume_um3 / joint.sphere_d_um, dtype=np.float64)
    if source.target in ("mold", "base and mold"):
        of_mold = per_volume * 2.0 * joint.volume_um3 / joint.mold_d_um
        return np.asarray(of_mold + (per_base if source.target == "base and mold" else 0.0), dtype=np.float64)
    share = 0.01 if source.quantity.endswith("_pct") else 1.0 / joint.solder_um
    return np.asarray(per_volume * share * joint.volume_um3, dtype=np.float64)


def _film_slope(model: Model, source: Source) -> Array:
    """Return how a film's thickness moves with the source's quantity."""
    term, factor = model.chain.terms[source.term], model.factors.get(source.term, 1.0)
    if not source.quantity.endswith("_pct"):
        return np.asarray(np.where(term.mean_um > 0, factor, 0.0), dtype=np.float64)
    mean = np.where(term.mean_um > 0, source.laid_um, 0.0) if source.laid_um else term.mean_um
    return np.asarray(0.01 * mean * factor, dtype=np.float64)


def level_shares_um2(model: Model, draws: Draws) -> list[dict[str, float]]:
    """Return for each source what it adds to the variance of the apexes (µm²) by level, averaged over bumps.

    From the linear model; the sum over all sources is the variance. Levels draw independent numbers, so there a source
    adds its own variance; bowls are not random and lie over each other, so at `radius` it adds its covariance with the
    sum of all bowls: less than nothing when it lies against the others.
    """
    rises = [slope(model, source) * source.at("radius") for source in model.sources]
    every = np.sum(rises, axis=0) if rises else np.zeros(len(model.chain.sites))
    flat = float(np.var(draws.places.bowl, dtype=np.float64))
    return [
        own_variances_um2(model, source, draws) | {"radius": float(np.mean(rise * every)) * flat}
        for source, rise in zip(model.sources, rises, strict=True)
    ]


def own_variances_um2(model: Model, source: Source, draws: Draws) -> dict[str, float]:
    """Return the variance of the apexes (µm²) by level with this source alone.

    At `radius` it is what the bowl makes over the dies; the field of the level `die` counts whole there.
    """
    flat = float(np.var(draws.places.bowl, dtype=np.float64))
    gain = float(np.mean(slope(model, source) ** 2))
    return {level: gain * source.at(level) ** 2 * (flat if level == "radius" else 1.0) for level in LEVELS}


def pattern_variance_um2(model: Model) -> float:
    """Return the variance of the nominal apexes between the bumps of a die: pattern, relief, unequal joints."""
    return float(np.var(nominal_um(model)))


def nominal_um(model: Model) -> Array:
    """Return the apexes with nothing varying but the pattern, (bumps,)."""
    return np.asarray(heights_um(dataclasses.replace(model, sources=()), {})[0], dtype=np.float64)


def nested(sample: Sample, bumps: int) -> dict[str, float]:
    """Return the variances (µm²) between wafers, between dies of a wafer, between bumps of a die, from the sample.

    Analysis of variance of a nested design (F. E. Satterthwaite; D. C. Montgomery, "Design and Analysis of
    Experiments", nested designs): each mean square holds a share of the level below. Negative ones count as zero.
    """
    wafers, dies = sample.mean_um.shape
    feature = float(sample.within_um2.mean()) * bumps / (bumps - 1) if bumps > 1 else 0.0
    between_dies = float(sample.mean_um.var(axis=1, ddof=1).mean()) if dies > 1 else 0.0
    between_wafers = float(sample.mean_um.mean(axis=1).var(ddof=1)) if wafers > 1 else 0.0
    return {
        "wafer": max(0.0, between_wafers - between_dies / dies),
        "die": max(0.0, between_dies - feature / bumps),
        "feature": feature,
    }


def coplanarity_by_source(model: Model, draws: Draws) -> list[dict[str, float]]:
    """Return for each source, then for the pattern, the mean coplanarity (µm) with it alone and without it.

    On one wafer and the same random numbers. Keys: alone_um, without_um.
    """
    places = range(len(model.sources))
    bare = dataclasses.replace(model, sources=(), factors={})
    level = bare.chain.apex_um  # unequal joints and relief belong to the pattern
    rows = []
    for k in places:
        only = dataclasses.replace(bare, sources=(model.sources[k],))
        rows.append(
            {
                "alone_um": _mean_range(one_wafer(only, draws, 0) - level),
                "without_um": _mean_range(one_wafer(model.without(k), draws, 0)),
            }
        )
    rest = one_wafer(model.even(), draws, 0) - level
    rows.append({"alone_um": float(np.ptp(nominal_um(model))), "without_um": _mean_range(rest)})
    return rows


def coplanarity_by_level(model: Model, draws: Draws) -> dict[str, float]:
    """Return the mean coplanarity (µm) one wafer's dies have with one level alone; key: level."""
    bare = dataclasses.replace(model, factors={})
    found = {}
    for level in LEVELS:
        kept = tuple(dataclasses.replace(source, by_level={level: source.at(level)}) for source in model.sources)
        found[level] = _mean_range(one_wafer(dataclasses.replace(bare, sources=kept), draws, 0) - bare.chain.apex_um)
    return found


def _mean_range(heights: npt.NDArray[Any]) -> float:
    return float(range_um(heights).mean())
