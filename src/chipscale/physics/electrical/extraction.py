"""From a design to the network of its paths: drawn once, refused beyond the model's range, solved up to its band."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from chipscale.errors import InputError, Problem
from chipscale.package.types import Package
from chipscale.physics.electrical.capacitance import Capacitance
from chipscale.physics.electrical.conductors import Conductors
from chipscale.physics.electrical.frequency_words import frequency_words, plain
from chipscale.physics.electrical.network import RANGE_RATIO, Network, assembled, chosen, ground_net
from chipscale.physics.electrical.return_path import loops
from chipscale.physics.electrical.rl import PathRL
from chipscale.results import Progress, Result

PATTERNS = 3  # currents of each bar: more change R by less than the cut does
WITHIN_RATIO = 5e-3  # of the largest R and L, between solved frequencies
CUT_RATIO = 0.03  # what a finer cut may change R or L by; beyond, the answer is doubtful
_FINER, _FINER_PATTERNS = 4, 9  # a quarter of the outermost filament: what is left then is a sixteenth


@dataclass(frozen=True, slots=True)
class Extraction:
    """The conductors of some nets and their return with all that is known before anything is solved over frequency.

    `end_Hz`: where the longest path is a tenth of a wavelength. R, L and C are found as if all of the package were in
    step. The network's coupled sections keep the phase along each path, but they can't mend what was found so.
    """

    nets: tuple[str, ...]
    return_net: str
    ask: PathRL
    drawn: Conductors
    capacitance: Result
    end_Hz: float

    def refuse(self, to_Hz: float, code: str) -> None:
        """Raise InputError for a band beyond the model's end."""
        if to_Hz > self.end_Hz:
            what = (
                f"the longest path is over {RANGE_RATIO:g} of a wavelength there, by its own delay: "
                "the quasi-static model has ended"
            )
            limit, remedy = (
                frequency_words(self.end_Hz),
                f"end the band at {frequency_words(self.whole_Hz())} or below, or name nets with shorter paths",
            )
            value = frequency_words(to_Hz, 4)
            raise InputError([Problem(code, what, key="to_Hz", value=value, limit=limit, remedy=remedy)])

    def whole_Hz(self) -> float:
        """Return the model's end cut to two digits."""
        return rounded_down(self.end_Hz)

    def solved(self, to_Hz: float, progress: Progress | None = None) -> tuple[Network, Result]:
        """Return the network up to `to_Hz`, and the answer on partial R and L with the return's balls among them."""
        self.refuse(to_Hz, "network.to_Hz")
        ask = replace(
            self.ask,
            return_net="",
            nets=",".join((*self.nets, self.return_net)),
            across_count=0,
            up_count=0,
            patterns_count=PATTERNS,
            sweep_to_Hz=to_Hz,
            sweep_within_ratio=WITHIN_RATIO,
        )
        rl = ask.solved(self.drawn, progress)
        made = assembled(closed(rl, self.return_net), self.capacitance, self.return_net)
        error, where = self._cut_error(replace(ask, f_Hz=to_Hz, sweep_to_Hz=0.0), made)
        told = f"cut finer, R and L of {where} at {frequency_words(to_Hz)} change by {plain(100 * error, 2)} %"
        if error > CUT_RATIO:
            warned = f"{told}: more than the {100 * CUT_RATIO:g} % allowed"
            return replace(made, warnings=(*made.warnings, warned), cut_error_ratio=error), rl
        return replace(made, notes=(*made.notes, told), cut_error_ratio=error), rl

    def _cut_error(self, ask: PathRL, made: Network) -> tuple[float, str]:
        """Return by how much R and L of the shortest and the longest path change when cut finer, and their nets."""
        at = [int(np.argmin(made.length_um)), int(np.argmax(made.length_um))]
        nets = sorted({made.ball_nets[k] for k in at})
        some = self.drawn.of_nets(nets)
        finer = replace(ask, finer_count=_FINER, patterns_count=_FINER_PATTERNS)
        found = [one.solved(some).fields for one in (ask, finer)]
        change = [np.abs(np.diag(found[0][key]) / np.diag(found[1][key]) - 1.0).max() for key in ("r_mohm", "l_nH")]
        return float(max(change)), " and ".join(nets)


def extraction(
    view: Mapping[str, Any], nets: str = "*", return_net: str = "", progress: Progress | None = None
) -> Extraction:
    """Return the conductors of the nets that match `nets` (names with *, by commas) and where their model ends.

    Without `return_net` it is the package's ground net with most balls. The answer of `electrical.capacitance` is taken
    from `view` where it is there. InputError: no such net, no ground, a net without a path, an open return.
    """
    package: Package = view["package"]
    back = return_net or ground_net(package)
    wanted = tuple(name for name in chosen(package, nets) if name != back)
    if not wanted:
        what = "only the return itself is asked for"
        raise InputError([Problem("network.nets", what, key="nets", value=nets, remedy="name other nets")])
    ask = PathRL(f_Hz=0.0, return_net=back, nets=",".join(wanted), across_count=1, up_count=1, patterns_count=1)
    drawn = ask.drawn(view, progress)
    c = view.get("electrical.capacitance")
    if c is None:
        c = Capacitance().run(view, progress)
    at_rest = assembled(ask.solved(drawn), c, back)
    return Extraction(wanted, back, ask, drawn, c, at_rest.range_Hz())


def network(
    view: Mapping[str, Any],
    nets: str = "*",
    return_net: str = "",
    to_Hz: float = 2e9,
    progress: Progress | None = None,
) -> Network:
    """Return the network of some nets, as `extraction` takes them, solved from DC to `to_Hz`.

    InputError also for a band beyond the model's end.
    """
    return extraction(view, nets, return_net, progress).solved(to_Hz, progress)[0]


def closed(rl: Result, return_net: str) -> Result:
    """Return a sweep of partial R and L as that of loops through one of its nets."""
    back = np.array([row["net"] == return_net for row in rl.tables["order"]])
    f_Hz = np.concatenate(([0.0], rl.fields["sweep_f_Hz"]))
    r = 1e-3 * np.concatenate((rl.fields["r_dc_mohm"][None], rl.fields["sweep_r_mohm"]))
    inductance = 1e-9 * np.concatenate((rl.fields["l_dc_nH"][None], rl.fields["sweep_l_nH"]))
    pairs = zip(f_Hz.tolist(), r, inductance, strict=True)
    made = [loops(one, other, 2.0 * math.pi * f, back) for f, one, other in pairs]
    fields = {
        "r_dc_mohm": 1e3 * made[0][0],
        "l_dc_nH": 1e9 * made[0][1],
        "sweep_f_Hz": f_Hz[1:],
        "sweep_r_mohm": 1e3 * np.array([item[0] for item in made[1:]]),
        "sweep_l_nH": 1e9 * np.array([item[1] for item in made[1:]]),
    }
    return replace(rl, fields=fields)


def rounded_down(f_Hz: float) -> float:
    """Return a frequency cut to two digits.

    >>> rounded_down(6.59e9)
    6500000000.0
    """
    step = 10.0 ** (math.floor(math.log10(f_Hz)) - 1)
    return float(f"{math.floor(f_Hz / step) * step:.2g}")
