"""The model of one design: its chain of heights, what varies in its flow, and the apexes of one wafer's bumps."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from chipscale.layout.types import Layout
from chipscale.package.types import Package
from chipscale.process.flow import Planned
from chipscale.process.step import LEVELS
from chipscale.process.variation.cap_height import cap_height_um
from chipscale.process.variation.chain import Chain, Site, chain_of
from chipscale.process.variation.draws import Draws
from chipscale.process.variation.made import Made, made
from chipscale.process.variation.pattern import SOLDER, Pattern, factors_of, less_pattern, patterns
from chipscale.process.variation.sources import Source, sources_of

Array = npt.NDArray[np.float64]
Recipe = Mapping[tuple[int, str], float]  # (index of the step, option) -> value
_LEAST_RATIO = 0.02  # nothing gets thinner or narrower than this part of its mean


@dataclass(frozen=True, slots=True)
class Model:
    """A flow that was run on the masks, the heights it makes, what varies, and the pattern's own differences.

    `factors` holds, by term, the thickness of a plated film under each bump over its mean, (bumps,); plated solder's
    under pattern.SOLDER.
    """

    made: Made
    steps: Planned
    chain: Chain
    sources: tuple[Source, ...]
    patterns: Mapping[int, Pattern]
    factors: Mapping[int, Array]

    def with_recipe(self, changes: Recipe) -> Model:
        """Return the model with other values of options, without running the flow again.

        Options that say how much something varies, and the pattern's exponent, are exact. Of the others,
        `thickness_um` of a step that makes a film below the bumps, `sphere_d_um` and `base_d_um` scale the mean they
        set; the rest leave the means as they are.
        """
        turned = self
        steps = list(self.steps)
        for (index, option), value in sorted(changes.items()):
            spec, step = steps[index]
            now = getattr(step, option)
            turned = dataclasses.replace(turned, chain=scaled(turned, index, option, value / now if now else 1.0))
            steps[index] = (spec, dataclasses.replace(step, **{option: value}))  # type: ignore[type-var]
        return _varied(self.made, tuple(steps), turned.chain, self.patterns)

    def without(self, *which: int) -> Model:
        """Return the model without the sources of these places in `sources`."""
        kept = tuple(source for k, source in enumerate(self.sources) if k not in which)
        return dataclasses.replace(self, sources=kept)

    def even(self) -> Model:
        """Return the model without the pattern's differences between the bumps of a die."""
        return dataclasses.replace(self, factors={})


def model_of(package: Package, layout: Layout, steps: Planned) -> Model:
    """Return the model of a design made by the planned steps; InputError where they or the bumps are wrong."""
    ran = made(package, layout, steps)
    sites = tuple(Site(ball.name, ball.x_um, ball.y_um) for ball in package.balls)
    chain = chain_of(ran, sites)
    return _varied(ran, steps, chain, patterns(ran, chain))


def _varied(ran: Made, steps: Planned, chain: Chain, found: Mapping[int, Pattern]) -> Model:
    """Return the model with what these steps, with their recipes, let vary."""
    factors = factors_of(found, steps, chain)
    return Model(ran, steps, chain, less_pattern(sources_of(steps, ran, chain), factors), found, factors)


def deviation(source: Source, draws: Draws, wafer: int) -> Any:
    """Return how far the quantity is from its mean at every bump of the wafer, in its own unit; fits (dies, bumps)."""
    total: Any = np.zeros((1, 1), dtype=np.float32)
    for level in LEVELS:
        size = source.at(level)
        if size:
            total = total + np.float32(size) * draws.unit(source, level, wafer)
    return total


def heights_um(model: Model, deviations: Mapping[int, Any]) -> npt.NDArray[np.float64]:
    """Return the apexes above the die's face, (dies, bumps), from what each source deviates by (place -> array)."""
    total: Any = np.zeros((1, len(model.chain.sites)))
    rim, deeper_um = rim_term(model.chain), 0.0
    for k, term in enumerate(model.chain.terms):
        thickness: Any = np.ones((1, 1), dtype=np.float32)
        for place, source in enumerate(model.sources):
            if source.target == "film" and source.term == k:
                thickness = thickness + _relative(source, deviations[place], term.mean_um)
        made_um = term.mean_um * model.factors.get(k, 1.0) * np.maximum(thickness, _LEAST_RATIO)
        total = total + made_um
        if k == rim:
            deeper_um = made_um - term.mean_um
    if model.chain.joint is not None:
        total = total + _joint_um(model, deviations, deeper_um)
    return np.asarray(total, dtype=np.float64)


def rim_term(chain: Chain) -> int:
    """Return which term is the film in whose openings the solder stands, -1 when it stands on metal."""
    joint = chain.joint
    if joint is None or not joint.plug_um3.any():
        return -1
    own = [k for k, t in enumerate(chain.terms) if (t.layer, t.maker) == (joint.rim_layer, joint.rim_maker)]
    return own[0] if own else -1


def _relative(source: Source, off: Any, mean_um: Array) -> Any:
    """Return a film's deviation over its mean thickness."""
    mean = np.maximum(mean_um, 1e-9)
    if source.quantity.endswith("_pct"):
        share = source.laid_um / mean if source.laid_um else 1.0
        return np.float32(0.01) * off * np.asarray(share, dtype=np.float32)
    return off / mean.astype(np.float32)


def _joint_um(model: Model, deviations: Mapping[int, Any], deeper_um: Any) -> Any:
    """Return the height of the solder on its base, (dies, bumps); `deeper_um`: the openings it fills, over the mean."""
    joint = model.chain.joint
    assert joint is not None
    volume: Any = joint.volume_um3 * model.factors.get(SOLDER, 1.0)
    base: Any = joint.base_d_um
    for place, source in enumerate(model.sources):
        off: Any = deviations.get(place, 0.0)
        if source.target in ("base", "base and mold"):
            base = base + off
        if source.target == "sphere":
            volume = volume * np.maximum(1.0 + off / joint.sphere_d_um, _LEAST_RATIO) ** 3
        elif source.target in ("mold", "base and mold"):
            volume = volume * np.maximum(1.0 + off / joint.mold_d_um, _LEAST_RATIO) ** 2
        elif source.target in ("solder", "volume"):
            whole = 100.0 if source.quantity.endswith("_pct") else joint.solder_um
            volume = volume * np.maximum(1.0 + off / whole, _LEAST_RATIO)
    base = np.maximum(base, _LEAST_RATIO * joint.base_d_um)
    if joint.plug_um3.any():
        filled = joint.plug_um3 * (base / joint.base_d_um) ** 2 * (1.0 + deeper_um / joint.plug_um)
        volume = np.maximum(volume - filled, _LEAST_RATIO * joint.volume_um3)
    return cap_height_um(volume, base) + joint.offset_um


def scaled(model: Model, index: int, option: str, ratio: float) -> Chain:
    """Return the chain after the option of a step was multiplied by `ratio`: the same one when it sets no mean of it.

    A thickness belongs to the film its step makes, or is spun for; a seed's is a part of another film.
    """
    chain, joint = model.chain, model.chain.joint
    if option == "thickness_um":
        own = {k for k, term in enumerate(chain.terms) if term.maker == index}
        own |= {s.term for s in model.sources if s.step == index and s.target == "film" and not s.laid_um}
        melts = joint is not None and not joint.sphere and joint.solder_maker == index
        if not own and not melts:
            return chain
        if joint is not None and melts:
            joint = dataclasses.replace(joint, volume_um3=joint.volume_um3 * ratio)
        terms = tuple(
            dataclasses.replace(term, mean_um=term.mean_um * ratio) if k in own else term
            for k, term in enumerate(chain.terms)
        )
        return dataclasses.replace(chain, terms=terms, joint=joint)
    if joint is not None and option == "sphere_d_um" and joint.sphere and joint.solder_maker == index:
        return dataclasses.replace(chain, joint=dataclasses.replace(joint, volume_um3=joint.volume_um3 * ratio**3))
    if joint is not None and option == "base_d_um":
        return dataclasses.replace(chain, joint=dataclasses.replace(joint, base_d_um=joint.base_d_um * ratio))
    return chain
