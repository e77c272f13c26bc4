"""What cells are made of: conductivity by direction, heat capacity, and how the conductivity falls with temperature."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from chipscale.errors import InputError, Problem
from chipscale.materials.library import material
from chipscale.materials.types import Material

Array = npt.NDArray[np.float64]
AIR_k_W_mK = 0.0263  # at 300 K and 1 bar; Incropera and DeWitt, table A.4
AIR_c_J_m3K = 1.16 * 1007.0
_SLACK_K = 1.0


@dataclass(frozen=True, slots=True)
class Substance:
    """Conductivities along x, y, z in W/(m K), heat capacity per volume; `points` (t_C, k over that at 25 °C), rising,
    log-linear between them and constant beyond (empty: constant); `known_C`: the temperatures these values are for."""

    name: str
    k_W_mK: tuple[float, float, float]
    c_J_m3K: float
    points: tuple[tuple[float, float], ...] = ()
    assumed: tuple[str, ...] = field(default=())
    known_C: tuple[float, float] = (-math.inf, math.inf)

    def factor(self, t_C: Array) -> Array:
        """Return the conductivity at temperatures over that at 25 °C."""
        if not self.points:
            return np.ones_like(t_C)
        t, k = np.array(self.points).T
        return np.asarray(np.exp(np.interp(t_C, t, np.log(k))))


def air() -> Substance:
    """Return air at rest, as in the gap between die and board."""
    return Substance("air", (AIR_k_W_mK, AIR_k_W_mK, AIR_k_W_mK), AIR_c_J_m3K)


def substance(name: str, known: dict[str, Material] | None = None) -> Substance:
    """Return a material of the library as a substance; InputError for a missing or unphysical conductivity."""
    if name == "air":
        return air()
    found = (known or {}).get(name) or material(name)
    across = found.value("k_W_mK")
    up = found.number("k_W_mK", direction="z") if _has_z(found) else across.at()
    c = found.number("cp_J_kgK") * found.number("density_kg_m3")
    for key, value in (("k_W_mK", across.at()), ("k_W_mK", up), ("cp_J_kgK x density_kg_m3", c)):
        if not (math.isfinite(value) and value > 0):
            what = f"{name} conducts no heat: its value must be above 0"
            raise InputError([Problem("thermal.material", what, key=key, value=f"{value:g}", limit="above 0")])
    told = ("k_W_mK",) if across.assumed else ()
    points = _points(found)
    return Substance(name, (across.at(), across.at(), up), c, points, told, _known_C(found, points))


def outside(item: Substance, t_C: Array) -> str:
    """Return what is wrong with using a substance at temperatures (n,; nan: none), empty when nothing is."""
    if not np.isfinite(t_C).any():
        return ""
    least, most = float(np.nanmin(t_C)), float(np.nanmax(t_C))
    low, high = item.known_C
    if least >= low - _SLACK_K and most <= high + _SLACK_K:
        return ""
    known = f"for {low:g} to {high:g} °C" if math.isfinite(low) else f"those of the solid, up to {high:g} °C"
    return f"{item.name} is used from {least:.0f} to {most:.0f} °C; its values are {known}"


def _known_C(found: Material, points: tuple[tuple[float, float], ...]) -> tuple[float, float]:
    """Return the temperatures between which the values hold: where the conductivity is known at several, there; and
    nothing holds once it melts."""
    low, high = (points[0][0], points[-1][0]) if points else (-math.inf, math.inf)
    for key in ("t_solidus_C", "t_melt_C"):
        if found.has(key):
            high = min(high, found.number(key))
    return low, high


def _has_z(found: Material) -> bool:
    return any(value.name == "k_W_mK" and value.direction == "z" for value in found.sets[found.default_set])


def _points(found: Material) -> tuple[tuple[float, float], ...]:
    """Return (t_C, k over k at 25 °C): from a law of the temperature, else from values at several temperatures."""
    for values in found.sets.values():
        for value in values:
            if value.name == "k_W_mK" and value.form != "constant":
                at = range(-75, 201, 25)
                return tuple((float(t), value.at(t) / value.at(25.0)) for t in at)
    values = found.sets[found.default_set]
    same = sorted(
        {v.t_C: v.at() for v in values if v.name == "k_W_mK" and v.t_C is not None and not v.condition}.items()
    )
    if len(same) < 2:
        return ()
    at25 = found.number("k_W_mK", 25.0)
    return tuple((t, k / at25) for t, k in same)
