"""All that a circuit of the package needs: R and L of every path over frequency as loops, and C between the nets."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from chipscale.errors import InputError, Problem, did_you_mean
from chipscale.package.net_patterns import matching
from chipscale.package.types import Package
from chipscale.physics.electrical.frequency_sweep import between
from chipscale.physics.electrical.rl import SPEED_OF_LIGHT_um_s
from chipscale.physics.electrical.rl_rows import COARSE, SLOW
from chipscale.physics.electrical.shunt_loss import Complex, Loss, by_paths, cleaned, loss_of, path_admittance_S
from chipscale.results import Result

Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.int64]
_PER_RADIAN = 12.8  # sections per radian of phase: their delay is then 2.5e-4 long
_FEWEST, _MOST = 4, 256
RANGE_RATIO = 0.1  # of a wavelength: a longer path is beyond the quasi-static range


@dataclass(frozen=True, slots=True)
class Network:
    """Paths of a package, each from a ball to the joined pads of its net, closed through one return net.

    Rows of `r_ohm` and `l_H` (k, p, p) are the paths of `balls` (p,) on the nets `ball_nets` (p,); they are loop values
    at `f_Hz` (k,), the first 0. `c_F` (m, m) is Maxwell's capacitance matrix over `nets` (m,) sorted; the return,
    the silicon, the board and all nets left out are its ground. `length_um` (p,) is each path's way.
    `cut_error_ratio`: what cutting conductors finer changed of R or L at the highest frequency.
    """

    balls: tuple[str, ...]
    ball_nets: tuple[str, ...]
    nets: tuple[str, ...]
    return_net: str
    f_Hz: Array
    r_ohm: Array
    l_H: Array
    c_F: Array
    length_um: Array
    warnings: tuple[str, ...] = ()  # why to doubt it
    notes: tuple[str, ...] = ()  # what was assumed
    cut_error_ratio: float = 0.0
    loss: Loss | None = None  # of the nets, in the order of `c_F`

    @property
    def net_of_ball(self) -> Index:
        """Return for each path (p,) the row of its net in `c_F`."""
        row = {name: k for k, name in enumerate(self.nets)}
        return np.array([row[name] for name in self.ball_nets], dtype=np.int64)

    def at(self, f_Hz: float | Array) -> tuple[Array, Array]:
        """Return R in ohm and L in H, (p, p) or (n, p, p) for n frequencies, positive semidefinite.

        Between the frequencies solved they follow the law of all networks of R and L (`frequency_sweep.between`); above
        the highest they keep its values.
        """
        r, inductance = between(self.f_Hz, self.r_ohm, self.l_H, np.atleast_1d(np.asarray(f_Hz, dtype=float)))
        r, inductance = lifted(r), lifted(inductance)
        return (r[0], inductance[0]) if np.ndim(f_Hz) == 0 else (r, inductance)

    def path_capacitance_F(self) -> Array:
        """Return Maxwell's matrix (p, p) over the paths: a net's capacitance shared by its paths' lengths.

        Paths of one net have nothing between them. What noise of the solution makes negative between two nets, or from
        a net to ground, is 0.
        """
        return np.asarray(by_paths(cleaned(self.c_F), *self._paths()), dtype=float)

    def path_admittance_S(self, f_Hz: float) -> Complex:
        """Return the admittance (p, p) in S of the paths to ground and to each other: capacitance, and what is lost."""
        return path_admittance_S(self.c_F, self.loss, self._paths(), f_Hz)

    def _paths(self) -> tuple[Index, Array]:
        """Return each path's net (p,) and its share of that net's paths' lengths."""
        of = self.net_of_ball
        return of, self.length_um / np.bincount(of, self.length_um, len(self.nets))[of]

    def delay_s(self) -> Array:
        """Return sqrt(L C) of each path (p,), L of its loop at the highest frequency, C with all other nets at rest."""
        return np.asarray(np.sqrt(np.diag(self.l_H[-1]) * np.diag(self.path_capacitance_F())))

    def slowest_s(self) -> float:
        """Return the longest delay of any combination of the paths' currents."""
        both = self.l_H[-1] @ self.path_capacitance_F()
        return math.sqrt(max(float(np.linalg.eigvals(both).real.max()), 0.0))

    def range_Hz(self) -> float:
        """Return the frequency at which the longest path is a tenth of a wavelength: the quasi-static model's end.

        A path is as long as its delay, sqrt(L C) with its loop's inductance at DC, its largest; at least that of light.
        """
        own = np.sqrt(np.diag(self.l_H[0]) * np.diag(self.path_capacitance_F()))
        return RANGE_RATIO / float(np.maximum(own, self.length_um / SPEED_OF_LIGHT_um_s).max())

    def sections(self, f_Hz: float) -> int:
        """Return how many coupled sections stand for the paths at frequencies up to `f_Hz`: a power of 2."""
        wanted = _PER_RADIAN * 2.0 * math.pi * f_Hz * self.slowest_s()
        return int(min(max(2 ** math.ceil(math.log2(max(wanted, 1.0))), _FEWEST), _MOST))


def assembled(rl: Result, c: Result, return_net: str) -> Network:
    """Return the network of an answer on R and L (closed through `return_net`; DC alone or a sweep) and one on C."""
    order = rl.tables["order"]
    kept = [row for row in order if row["net"] != return_net]
    balls = tuple(str(row["terminal"]).removeprefix("ball ") for row in kept)
    ball_nets = tuple(str(row["net"]) for row in kept)
    names = tuple(sorted(set(ball_nets)))
    length = {row["ball"]: float(row["path_um"]) for row in rl.tables["balls"]}
    fields = rl.fields
    swept = "sweep_f_Hz" in fields
    r, inductance = fields["r_dc_mohm"][None] * 1e-3, fields["l_dc_nH"][None] * 1e-9
    if swept:
        r = np.concatenate((r, fields["sweep_r_mohm"] * 1e-3))
        inductance = np.concatenate((inductance, fields["sweep_l_nH"] * 1e-9))
    doubtful = c.state != "ok"
    # how fine the cut is is measured, and the range follows from each path's own delay: see extraction
    told = [text for text in rl.warnings if not text.startswith((COARSE, SLOW))]
    told += c.warnings if doubtful else ()
    notes = () if doubtful else c.warnings
    matrix, loss, lost = _of_nets(c, names)
    told += [f"{name} has no capacitance in the answer of {c.analysis}: taken as 0" for name in lost]
    f_Hz = np.concatenate(([0.0], fields["sweep_f_Hz"])) if swept else np.zeros(1)
    way = np.array([length[name] for name in balls])
    return Network(balls, ball_nets, names, return_net, f_Hz, r, inductance, matrix, way, tuple(told), notes, loss=loss)


def ground_net(package: Package) -> str:
    """Return the ground net with most balls; InputError where no ground net has pads and balls."""
    grounds = [net for net in package.nets if net.kind == "ground" and net.balls and net.pads]
    if not grounds:
        what = "the package has no ground net with pads and balls: its loops would stay open"
        raise InputError([Problem("network.return", what, key="return_net", remedy="name the net that returns")])
    return min(grounds, key=lambda net: (-len(net.balls), net.name)).name


def chosen(package: Package, nets: str) -> list[str]:
    """Return the nets that patterns by commas mean, sorted; InputError for one that means none, or without a path."""
    known = {net.name: net for net in package.nets}
    found: set[str] = set()
    problems = []
    for pattern in (text.strip() for text in nets.split(",")):
        hits = matching(pattern, list(known))
        if not hits:
            remedy = did_you_mean(pattern, known)
            problems.append(Problem("network.nets", f"no net '{pattern}'", key="nets", value=nets, remedy=remedy))
        if hits == [pattern] and not (known[pattern].pads and known[pattern].balls):
            missing = "pad" if not known[pattern].pads else "ball"
            what = f"net {pattern} has no {missing}: there is no path through the package"
            problems.append(Problem("network.path", what, key="nets", value=nets))
        found.update(name for name in hits if known[name].pads and known[name].balls)
    if problems:
        raise InputError(problems)
    return sorted(found)


def lifted(matrices: Array) -> Array:
    """Return symmetric matrices (n, p, p) with eigenvalues below 0, as interpolation may leave them, set to 0."""
    even = (matrices + np.swapaxes(matrices, -1, -2)) / 2
    if not even.size or _definite(even):
        return even
    values, vectors = np.linalg.eigh(even)
    low = values[:, 0] < 0.0
    if low.any():
        kept = np.maximum(values[low], 0.0)
        even[low] = (vectors[low] * kept[:, None, :]) @ np.swapaxes(vectors[low], -1, -2)
    return np.asarray(even)


def _definite(matrices: Array) -> bool:
    """Return whether all of symmetric matrices (n, p, p) have eigenvalues above 0 alone."""
    try:
        np.linalg.cholesky(matrices)
    except np.linalg.LinAlgError:
        return False
    return True


def _of_nets(c: Result, names: tuple[str, ...]) -> tuple[Array, Loss | None, list[str]]:
    """Return Maxwell's matrix (m, m) in F over some nets, all others grounded, their losses, and the nets not in it."""
    row = {str(item["net"]): k for k, item in enumerate(c.tables["nets"])}
    matrix = np.zeros((len(names), len(names)))
    here = [k for k, name in enumerate(names) if name in row]
    of = [row[names[k]] for k in here]
    matrix[np.ix_(here, here)] = 1e-12 * c.fields["matrix_pF"][np.ix_(of, of)]
    loss = loss_of(c, of, len(names), here)
    return (matrix + matrix.T) / 2, loss, [name for name in names if name not in row]
