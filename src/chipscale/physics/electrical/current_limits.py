"""Limits of current density that the user gives, held against what flows; Black's equation with their constants."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from chipscale.errors import InputError, Problem
from chipscale.results import Check

BOLTZMANN_EV_K = 8.617333262e-5  # CODATA 2018, exact
PLACES: dict[str, str] = {
    "wire": "redistribution metal",
    "via": "opening to the redistribution metal",
    "ubm": "opening under the under-bump metal",
    "ball": "foot of the ball",
}
USER = "given by the user"


@dataclass(frozen=True, slots=True)
class Black:
    """The user's constants of Black's equation, for one kind of place.

    `a_h` is A in hours for current densities in A/cm²: its true unit is h (A/cm²)^n.
    """

    a_h: float
    n_ratio: float
    ea_eV: float
    place: str = "wire"


def black_life_h(j_A_cm2: float, t_C: float, black: Black) -> float:
    """Return the median life in hours by Black's equation, A j^-n exp(Ea / kT); infinite where nothing flows.

    J. R. Black, "Electromigration failure modes in aluminum metallization for semiconductor devices", Proc. IEEE 57,
    1969, 1587-1594 (n = 2 there). It holds for the metal, the structure and the range of current densities and
    temperatures its constants were fitted to; Joule heating must be in `t_C`.

    >>> round(black_life_h(1e5, 125.0, Black(1.0e10, 2.0, 0.0)), 6)
    1.0
    """
    if j_A_cm2 <= 0:
        return math.inf
    exponent = black.ea_eV / (BOLTZMANN_EV_K * (t_C + 273.15)) - black.n_ratio * math.log(j_A_cm2)
    return black.a_h * math.exp(min(exponent, 700.0))


def black_of(a_h: float | None, n_ratio: float | None, ea_eV: float | None, place: str) -> Black | None:
    """Return Black's constants from options, None when none is given; InputError when some are missing or wrong."""
    given = {"black_a_h": a_h, "black_n_ratio": n_ratio, "black_ea_eV": ea_eV}
    missing = [name for name, value in given.items() if value is None]
    if len(missing) == len(given):
        return None
    if a_h is None or n_ratio is None or ea_eV is None:
        what = "Black's equation needs all three constants"
        remedy = "give black_a_h, black_n_ratio and black_ea_eV together, from tests of your metal"
        raise InputError([Problem("supply.black", what, key=name, remedy=remedy) for name in missing])
    low = {"black_a_h": a_h, "black_n_ratio": n_ratio}
    wrong = [name for name, value in low.items() if not value > 0] + (["black_ea_eV"] if ea_eV < 0 else [])
    if wrong:
        what = "constants of Black's equation are positive"
        raise InputError([Problem("supply.black", what, key=name, value=f"{given[name]:g}") for name in wrong])
    return Black(a_h, n_ratio, ea_eV, place)


def density_checks(rows: Iterable[Mapping[str, Any]], limits: Mapping[str, float | None]) -> list[Check]:
    """Return a check per kind of place that has a limit: of the worst row of each net beyond it, or of the worst row.

    `rows` have place, net, name, x_um, y_um and j_A_cm2 (mean over the section); `limits` are A/cm² by place.
    """
    found: list[Check] = []
    for place, limit in limits.items():
        here = sorted(
            (row for row in rows if row["place"] == place), key=lambda row: (-row["j_A_cm2"], row["net"], row["name"])
        )
        if limit is None or not here:
            continue
        worst: dict[str, Mapping[str, Any]] = {}
        for row in here:
            if row["j_A_cm2"] > limit:
                worst.setdefault(row["net"], row)
        found += [_density_check(row, limit) for row in list(worst.values()) or here[:1]]
    return found


def _density_check(row: Mapping[str, Any], limit: float) -> Check:
    ok = row["j_A_cm2"] <= limit
    word = "at most" if ok else "more than"
    return Check(
        f"supply.density_{row['place']}",
        f"j_{row['place']}_A_cm2",
        row["j_A_cm2"],
        limit,
        ok,
        f"{row['net']}, {PLACES[row['place']]} ({row['name']}): {row['j_A_cm2']:.4g} A/cm², {word} {limit:g}",
        (row["x_um"], row["y_um"]),
        row["layer"],
        row["net"],
        USER,
    )


def drop_checks(rows: Iterable[Mapping[str, Any]], limit_mV: float | None) -> list[Check]:
    """Return a check per net of its worst drop, where a limit is given."""
    if limit_mV is None:
        return []
    return [
        Check(
            "supply.drop",
            "drop_worst_mV",
            row["drop_worst_mV"],
            limit_mV,
            row["drop_worst_mV"] <= limit_mV,
            f"{row['net']} drops {row['drop_worst_mV']:.4g} mV at pad {row['worst_pad']}, limit {limit_mV:g} mV",
            (row["x_um"], row["y_um"]),
            "",
            row["net"],
            USER,
        )
        for row in rows
        if row["drop_worst_mV"] is not None
    ]


def ball_checks(rows: Iterable[Mapping[str, Any]], limit_mA: float | None) -> list[Check]:
    """Return a check per ball beyond the limit of its current, or one of the most loaded ball."""
    ranked = sorted(rows, key=lambda row: (-row["current_mA"], row["net"], row["ball"]))
    if limit_mA is None or not ranked:
        return []
    chosen = [row for row in ranked if row["current_mA"] > limit_mA] or ranked[:1]
    return [
        Check(
            "supply.ball_current",
            "ball_current_mA",
            row["current_mA"],
            limit_mA,
            row["current_mA"] <= limit_mA,
            f"ball {row['ball']} carries {row['current_mA']:.4g} mA, limit {limit_mA:g} mA",
            (row["x_um"], row["y_um"]),
            "BALL",
            row["net"],
            USER,
        )
        for row in chosen
    ]
