"""A Material: named values with unit, condition, source and status, in one or several published sets."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Literal

from chipscale.errors import InputError, Problem, did_you_mean

Status = Literal["READ", "REC", "EST"]
Form = Literal["constant", "linear", "power", "okada"]

STATUS_MEANING: dict[str, str] = {
    "READ": "seen in the named source",
    "REC": "recalled from the named source, not read again",
    "EST": "assumed: a typical value",
}


@dataclass(frozen=True, slots=True)
class Value:
    """One value of one property in the unit of its `name` (`k_W_mK`).

    `t_C` is the temperature it holds at (None: not stated, or a law of temperature); `condition` says what
    else must hold (`<Tg`, `85%RH`); `direction` is empty for an isotropic value.
    """

    name: str
    form: Form
    coefficients: tuple[float, ...]
    source: str
    status: Status
    t_C: float | None = None
    condition: str = ""
    direction: str = ""
    note: str = ""

    @property
    def assumed(self) -> bool:
        """True when no publication stands behind the value."""
        return self.status == "EST" or self.source == "assumed"

    def at(self, t_C: float = 25.0) -> float:
        """Return the value at `t_C` in the unit of its name; a constant ignores the temperature.

        Laws in the absolute temperature T: linear c0 + c1 T; power c0 (T / c1)^c2; okada
        c0 (1 - exp(-c1 (T - c2))) + c3 T (Okada and Tokumaru 1984, thermal expansion of silicon).
        """
        c = self.coefficients
        T = t_C + 273.15
        if self.form == "linear":
            return c[0] + c[1] * T
        if self.form == "power":
            return float(c[0] * (T / c[1]) ** c[2])
        if self.form == "okada":
            return c[0] * (1.0 - math.exp(-c[1] * (T - c[2]))) + c[3] * T
        return c[0]


@dataclass(frozen=True, slots=True)
class Look:
    """How a material is painted: colour as #rrggbb, opacity and metalness from 0 to 1."""

    color: str
    alpha: float
    metalness: float


@dataclass(frozen=True, slots=True)
class Material:
    """A substance: its value sets by name, the one taken when nobody asks for another, and its look."""

    name: str
    title: str
    aliases: tuple[str, ...]
    look: Look
    default_set: str
    sets: dict[str, tuple[Value, ...]] = field(default_factory=dict)

    def names(self, set_name: str | None = None) -> list[str]:
        """Return the property names a set holds, sorted."""
        return sorted({value.name for value in self._set(set_name)})

    def has(self, name: str, set_name: str | None = None) -> bool:
        """Tell whether a set holds the property."""
        return any(value.name == name for value in self._set(set_name))

    def value(
        self, name: str, t_C: float = 25.0, *, direction: str | None = None, set_name: str | None = None
    ) -> Value:
        """Return the entry for a property that holds nearest `t_C`.

        Of entries marked `<Tg` or `>Tg` the one on the right side of the glass transition is taken. Without
        `direction` the direction listed first counts. Raises InputError when there is no such entry.
        """
        entries = [value for value in self._set(set_name) if value.name == name]
        if direction is None and entries:
            direction = entries[0].direction
        entries = [value for value in entries if value.direction == direction]
        entries = [value for value in entries if self._right_side_of_glass(value, t_C)]
        if not entries:
            raise InputError([self._missing(name, direction, set_name)])
        return min(entries, key=lambda value: 0.0 if value.t_C is None else abs(value.t_C - t_C))

    def number(
        self, name: str, t_C: float = 25.0, *, direction: str | None = None, set_name: str | None = None
    ) -> float:
        """Return a property at `t_C` as a number in the unit of its name.

        >>> from chipscale.materials.library import material
        >>> material("Al").number("k_W_mK")
        237.0
        """
        return self.value(name, t_C, direction=direction, set_name=set_name).at(t_C)

    def _right_side_of_glass(self, value: Value, t_C: float) -> bool:
        """Tell whether `<Tg`, `>Tg` or `>Tg+30` allows the temperature."""
        if "Tg" not in value.condition:
            return True
        glass_C = self.number("t_glass_C")
        if value.condition.startswith("<"):
            return t_C < glass_C
        # ">Tg+30" is where a value was taken; the state itself begins at the transition
        return t_C >= glass_C

    def _set(self, set_name: str | None) -> tuple[Value, ...]:
        wanted = self.default_set if set_name is None else set_name
        if wanted not in self.sets:
            raise InputError(
                [
                    Problem(
                        "materials.unknown_set",
                        f"material {self.name} has no such value set",
                        value=wanted,
                        remedy=did_you_mean(wanted, self.sets),
                    )
                ]
            )
        return self.sets[wanted]

    def _missing(self, name: str, direction: str | None, set_name: str | None) -> Problem:
        known = self.names(set_name)
        what = f"material {self.name} has no value for {name}"
        if name in known:
            directions = sorted({value.direction for value in self._set(set_name) if value.name == name})
            return Problem(
                "materials.missing_value", what, value=direction or "", limit="directions: " + ", ".join(directions)
            )
        return Problem("materials.missing_value", what, remedy=did_you_mean(name, known))
