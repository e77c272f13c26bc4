"""The resists and photo-definable polymers by name: spin curve, range, bakes, dose, developer, each with its source."""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import Any, Literal

from chipscale.errors import did_you_mean
from chipscale.process.models.spin import SpinLaw, fitted_law

Pairs = tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Resist:
    """One resist or polymer. `sources` says of every value who gave it; "assumed" stands at the head of a guess.

    Pairs are (thickness in µm, value) unless said; thickness of a polymer is before cure.
    """

    name: str
    title: str
    kind: Literal["resist", "polymer"]
    tone: Literal["positive", "negative"]
    developer: str
    spin_rpm_um: Pairs  # (rpm, µm)
    speed_min_rpm: float
    speed_max_rpm: float
    coat_min_um: float  # one coat
    coat_max_um: float
    total_max_um: float  # several coats
    coats_max_count: int
    bake_C: float
    bake_s: Pairs
    solvent_pct: float  # left by the spin
    dose_mJ_cm2: Pairs
    dose_nm: float  # wavelength the dose is for
    dose_ratio: float  # that dose over the one that just clears or holds
    contrast_ratio: float
    penetration_um: float
    index_ratio: float
    develop_s: Pairs
    dark_um_min: float  # film the developer takes where it shall not
    smallest_um: float
    aspect_ratio: float
    softening_C: float
    flow_um: float  # γ t / 3 η of the coat after the spin
    rehydrate_s: float
    shrinkage_pct: float  # of a polymer in cure
    cure_C: float
    cure_s: float
    aliases: tuple[str, ...] = ()
    listed: bool = True  # False: a stand-in for a material without data
    sources: Mapping[str, str] = None  # type: ignore[assignment]

    @property
    def law(self) -> SpinLaw:
        """Return the spin law through the published points."""
        return fitted_law(self.spin_rpm_um)

    def clearing_mJ_cm2(self, thickness_um: float) -> float:
        """Return the dose in mJ/cm² that just clears (negative: just holds) a film down to its foot."""
        return self.dose_at(thickness_um) / self.dose_ratio

    def dose_at(self, thickness_um: float) -> float:
        """Return the usual dose in mJ/cm² for a film."""
        return at(self.dose_mJ_cm2, thickness_um)

    def bake_time_s(self, thickness_um: float) -> float:
        """Return the usual time in s on the hotplate for a film."""
        return at(self.bake_s, thickness_um)

    def develop_time_s(self, thickness_um: float) -> float:
        """Return the usual development in s for a film at its usual dose."""
        return at(self.develop_s, thickness_um)

    def coats_count(self, thickness_um: float) -> int:
        """Return the fewest coats of a range this resist has that reach the thickness; 0: it can't."""
        count = max(1, math.ceil(thickness_um / self.coat_max_um - 1e-9))
        good = thickness_um <= self.total_max_um + 1e-9 and count <= self.coats_max_count
        return count if good and thickness_um / count >= self.coat_min_um - 1e-9 else 0

    def range_words(self) -> str:
        """Return the thickness it is made for, with who says so."""
        return f"{self.name} {self.coat_min_um:g} to {self.total_max_um:g} µm ({self.sources['total_max_um']})"

    def assumed(self, value: str) -> bool:
        """Tell whether nobody but us gave the value of this name."""
        return self.sources.get(value, "assumed").startswith("assumed")


def at(pairs: Sequence[Sequence[float]], thickness_um: float) -> float:
    """Return the value at a thickness: straight between the pairs, in proportion to the thickness beyond them.

    >>> at(((10.0, 100.0), (20.0, 300.0)), 15.0), at(((10.0, 100.0),), 25.0)
    (200.0, 250.0)
    """
    (t0, v0), (t1, v1) = pairs[0], pairs[-1]
    if thickness_um <= t0:
        return v0 * thickness_um / t0
    for (ta, va), (tb, vb) in pairwise(pairs):
        if thickness_um <= tb:
            return va + (vb - va) * (thickness_um - ta) / (tb - ta)
    return v1 * thickness_um / t1


@cache
def list_resists() -> tuple[str, ...]:
    """Return the names of all resists and polymers with data, sorted; stand-ins left out."""
    return tuple(sorted(item.name for item in _all() if item.listed))


def resist(name: str) -> Resist | None:
    """Return the resist or polymer called `name` (or by an alias; blanks, hyphens and case don't count), else None.

    >>> resist("az p4620").name
    'AZ P4620'
    """
    return _by_name().get(_plain(name))


def resist_for(material: str, kind: str) -> tuple[Resist, str]:
    """Return the data of a coat's material and a warning, empty when the material is in the table.

    A material without data gets a stand-in of its kind, all assumed.
    """
    found = resist(material)
    if found is not None and found.kind == kind:
        return found, ""
    stand_in = resist("Resist" if kind == "resist" else "Polymer")
    assert stand_in is not None
    known = [name for name in list_resists() if (item := resist(name)) is not None and item.kind == kind]
    hint = did_you_mean(material, known)
    return stand_in, f"no process data for '{material}': assumed values of a usual {kind} ({hint})"


def remedy_for(thickness_um: float, kind: str = "resist", count: int = 3) -> str:
    """Return what reaches a thickness in the fewest coats; the nearest thickness where nothing does.

    >>> remedy_for(100.0), remedy_for(200.0)
    ('AZ 50XT in 2 coats', 'at most 100 µm (AZ 50XT)')
    """
    items = [item for item in _all() if item.kind == kind and item.listed]
    ways = sorted((item.coats_count(thickness_um), item.name) for item in items if item.coats_count(thickness_um))
    if ways:
        return " or ".join(
            f"{name} in {'one coat' if coats == 1 else f'{coats} coats'}" for coats, name in ways[:count]
        )
    least, most = min(items, key=lambda item: item.coat_min_um), max(items, key=lambda item: item.total_max_um)
    if thickness_um < least.coat_min_um:
        return f"at least {least.coat_min_um:g} µm ({least.name})"
    return f"at most {most.total_max_um:g} µm ({most.name})"


@cache
def _all() -> tuple[Resist, ...]:
    folder = files("chipscale.process.models") / "resist_data"
    texts = [entry.read_text("utf-8") for entry in folder.iterdir() if entry.name.endswith(".toml")]
    return tuple(sorted((_read(tomllib.loads(text)) for text in texts), key=lambda item: item.name))


@cache
def _by_name() -> dict[str, Resist]:
    table = {_plain(alias): item for item in _all() for alias in item.aliases}
    return table | {_plain(item.name): item for item in _all()}


def _plain(name: str) -> str:
    return re.sub(r"[\s_\-®]", "", name).casefold()


def _read(data: dict[str, Any]) -> Resist:
    """Return a resist from its file: plain keys, and under [values] each value with its source."""
    values = data.pop("values")
    known = {field.name for field in fields(Resist)}
    sources = {name: entry["source"] for name, entry in values.items()}
    numbers = {name: _number(entry["value"]) for name, entry in values.items()}
    assert known >= numbers.keys(), f"{data['name']}: unknown values {sorted(numbers.keys() - known)}"
    data["aliases"] = tuple(data.get("aliases", ()))
    return Resist(**data, **numbers, sources=sources)


def _number(value: Any) -> Any:
    return tuple(tuple(float(item) for item in pair) for pair in value) if isinstance(value, list) else value
