"""What may be asked of the model files, and what is refused before anything is solved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from chipscale.errors import InputError, Problem, did_you_mean
from chipscale.package.types import Package
from chipscale.physics.electrical.extraction import Extraction, extraction
from chipscale.physics.electrical.models.ibis import Corners
from chipscale.physics.electrical.models.truncation import Array
from chipscale.physics.electrical.network import chosen, ground_net
from chipscale.results import Progress

HIGHEST_Hz = 2e10
LIMITS: dict[str, tuple[float, float]] = {
    "to_Hz": (1e6, 1e12),
    "f_Hz": (1e3, 1e12),
    "z0_ohm": (0.1, 1e4),
    "points_count": (5, 2001),
    "within_ratio": (0.0, 0.1),
    "most_ports": (2, 1000),
}


@dataclass(frozen=True, slots=True)
class ModelOptions:
    """What the files shall hold.

    `nets`: names with *, by commas; `return_net`: through which all loops close (none: the ground net with most balls).
    `to_Hz`: end of the band (0: the end of the quasi-static range, 20 GHz at most). `f_Hz`: the frequency of the
    circuit of R, L, C and K and of the IBIS values (0: 1 GHz, or the band's end). `within_ratio`: what couplings left
    out of the circuit may change an S-parameter by. `most_ports`: no Touchstone files of more. `corners`: the
    package's smallest and largest values, where known.
    """

    nets: str = "*"
    return_net: str = ""
    to_Hz: float = 0.0
    f_Hz: float = 0.0
    z0_ohm: float = 50.0
    points_count: int = 101
    within_ratio: float = 1e-6
    most_ports: int = 60
    corners: Corners | None = None


def model_options(words: Mapping[str, Any]) -> ModelOptions:
    """Return the options of the command line's words, checked for their ranges."""
    options = ModelOptions(
        words["nets"],
        words["return_net"],
        words["to_hz"],
        words["at_hz"],
        words["z0"],
        words["points"],
        words["within"],
        words["most_ports"],
    )
    _refuse_values(options)
    return options


@dataclass(frozen=True, slots=True)
class Asked:
    """Options with all that was left open filled in: the nets and the return by name, the band and the frequency."""

    nets: tuple[str, ...]
    return_net: str
    to_Hz: float
    f_Hz: float
    options: ModelOptions
    drawn: Extraction | None = None

    def band_Hz(self) -> Array:
        """Return the frequencies of the S-parameters: even steps from 0 to the band's end, and that of the circuit."""
        return np.union1d(np.linspace(0.0, self.to_Hz, self.options.points_count), [self.f_Hz])


def asked(view: Mapping[str, Any], options: ModelOptions = ModelOptions(), progress: Progress | None = None) -> Asked:
    """Return what is asked for; InputError for values out of range, unknown nets, a missing return, a band too wide.

    `view` is that of `deliver.write_model_files`: the model's end follows from the paths' own delays.
    """
    nets, back = named(view["package"], options)
    drawn = extraction(view, ",".join(nets), back, progress)
    drawn.refuse(options.to_Hz, "models.to_Hz")
    to_Hz = options.to_Hz or min(drawn.whole_Hz(), HIGHEST_Hz)
    f_Hz = options.f_Hz or min(1e9, to_Hz)
    if f_Hz > to_Hz:
        what = "the frequency is beyond the band"
        raise InputError([_problem("f_Hz", what, f"{f_Hz:g}", f"{to_Hz:g} Hz", "name a lower one")])
    return Asked(nets, back, to_Hz, f_Hz, options, drawn)


def named(package: Package, options: ModelOptions) -> tuple[tuple[str, ...], str]:
    """Return the nets asked for and the return; InputError for all that can be refused before anything is solved."""
    _refuse_values(options)
    names = [net.name for net in package.nets]
    if options.return_net and options.return_net not in names:
        what, remedy = "the return is no net of this package", did_you_mean(options.return_net, names)
        raise InputError([_problem("return_net", what, options.return_net, remedy=remedy)])
    back = options.return_net or ground_net(package)
    nets = tuple(name for name in chosen(package, options.nets) if name != back)
    if not nets:
        raise InputError([_problem("nets", "only the return itself is asked for", options.nets)])
    return nets, back


def _refuse_values(options: ModelOptions) -> None:
    problems = []
    for key, (low, high) in LIMITS.items():
        value = getattr(options, key)
        if not (low <= value <= high or (value == 0 and key in ("to_Hz", "f_Hz"))):
            problems.append(_problem(key, "the value is out of range", f"{value:g}", f"{low:g} to {high:g}"))
    if problems:
        raise InputError(problems)


def _problem(key: str, what: str, value: str, limit: str = "", remedy: str = "") -> Problem:
    return Problem(f"models.{key}", what, key=key, value=value, limit=limit, remedy=remedy)
