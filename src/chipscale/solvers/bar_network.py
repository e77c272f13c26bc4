"""Networks of bars: which currents can flow in them, and their impedance between ports at a frequency."""

from __future__ import annotations

import math
from functools import cached_property

import numpy as np
import numpy.typing as npt

from chipscale.solvers.filaments import Bundle, bundle, bundle_inductance
from chipscale.solvers.modal_inductance import Bases, bases, even_inductance, pattern_impedance, patterns

Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.int64]
Complex = npt.NDArray[np.complex128]
DEFAULT_PATTERNS = 5
_EDDIES_SETTLED = 1e-5  # of a port's impedance: the last round's change; what is left is a fourth of it
_SPENT = 1e-12  # of a port's impedance: a direction that changes it by less is none
_SETTLED = 1e-7  # of the impedance: a correction this small ends the refinement
_MOST_ROUNDS = 40
MOST_KEPT_BYTES = 2e9


def port_currents(ends: Index, ports: Index) -> Array:
    """Return the currents (n, p + loops) of n bars for 1 A through each of p ports, then 1 A around each free loop.

    `ends` (n, 2): the nodes of each bar, current counted from the first to the second; `ports` (p, 2): 1 A enters at
    the first node and leaves at the second. Any currents that keep Kirchhoff's current law are sums of these.
    Raises ValueError for a port between nodes that no bars join.
    """
    count = int(max(ends.max(initial=-1), ports.max(initial=-1))) + 1
    bar_up, above, order = _tree(ends, count)
    used = set(bar_up[bar_up >= 0].tolist())
    loops = [k for k in range(len(ends)) if k not in used]
    found = np.zeros((len(ends), len(ports) + len(loops)))
    for p, (enter, leave) in enumerate(ports.tolist()):
        _walk(found[:, p], enter, leave, (ends, bar_up, above, order))
    for k, bar in enumerate(loops):
        column = found[:, len(ports) + k]
        column[bar] = 1.0
        _walk(column, int(ends[bar, 1]), int(ends[bar, 0]), (ends, bar_up, above, order))
    return found


def _tree(ends: Index, count: int) -> tuple[Index, Index, Index]:
    """Return a spanning forest: bar to the node above, that node (-1: a root), and depth."""
    near: list[list[tuple[int, int]]] = [[] for _ in range(count)]
    for bar, (a, b) in enumerate(ends.tolist()):
        near[a].append((b, bar))
        near[b].append((a, bar))
    bar_up, above, depth = (np.full(count, -1, dtype=np.int64) for _ in range(3))
    for root in range(count):
        if depth[root] >= 0:
            continue
        depth[root] = 0
        row = [root]
        for node in row:
            for other, bar in near[node]:
                if depth[other] < 0:
                    depth[other], above[other], bar_up[other] = depth[node] + 1, node, bar
                    row.append(other)
    return bar_up, above, depth


def _walk(column: Array, enter: int, leave: int, tree: tuple[Index, Index, Index, Index]) -> None:
    """Add 1 A along the tree from one node to another."""
    ends, bar_up, above, depth = tree
    a, b = enter, leave
    while a != b:
        if depth[a] >= depth[b]:
            if above[a] < 0:
                raise ValueError(f"no bars join the nodes {enter} and {leave}")
            column[bar_up[a]] += 1.0 if ends[bar_up[a], 0] == a else -1.0
            a = int(above[a])
        else:
            column[bar_up[b]] += 1.0 if ends[bar_up[b], 1] == b else -1.0
            b = int(above[b])


def path_currents(path: Index) -> Array:
    """Return the currents (n, p) for bars in series: path[b] is the port whose current bar b carries."""
    return np.asarray((path[:, None] == np.arange(int(path.max()) + 1)[None, :]).astype(float))


def at_dc(made: Bundle, currents: Array, ports: int, tolerance_ratio: float = 1e-6) -> tuple[Array, Array]:
    """Return resistance in ohm and inductance in H (p, p) between ports as the frequency goes to zero.

    The current is even over each section and splits among loops as the resistances have it.
    """
    bars = made.bars
    ones = np.ones(len(bars.width_m), dtype=np.int64)
    whole = bundle(bars, made.sigma_S_m, ones, ones)
    return _even(whole.r_ohm, bundle_inductance(whole, tolerance_ratio), currents, ports)


def by_patterns(
    made: Bundle,
    currents: Array,
    ports: int,
    frequency_Hz: float,
    count: int | Index = DEFAULT_PATTERNS,
    tolerance_ratio: float = 1e-5,
) -> Complex:
    """Return the impedance (p, p) in ohm between ports with at most `count` current patterns per bar.

    Neither memory nor the solve grow with the filaments: O((bars patterns)²) and O((bars patterns)³).
    """
    return BarNetwork(made, currents, ports, count, tolerance_ratio).by_patterns(frequency_Hz)


def by_filaments(
    made: Bundle, currents: Array, ports: int, frequency_Hz: float, tolerance_ratio: float = 1e-6
) -> Complex:
    """Return the impedance (p, p) in ohm between ports, every filament free to take its own current.

    The patterns' answer is refined until the impedance, in which an error of the currents enters squared, has settled.
    O(m²) memory and work per round.
    """
    return BarNetwork(made, currents, ports, DEFAULT_PATTERNS, tolerance_ratio).by_filaments(frequency_Hz)


class BarNetwork:
    """Bars, the currents that can flow in them (n, p + loops) and `ports`, for the impedance at several frequencies.

    What no frequency changes is computed when first asked for and kept: between patterns within pair_kernels'
    MOST_BYTES, between filaments when the matrix takes no more than MOST_KEPT_BYTES. `image_H` (n, n) is added to the
    inductance between whole bars: what a plane does that is far against their sections.
    """

    def __init__(
        self,
        made: Bundle,
        currents: Array,
        ports: int,
        count: int | Index = DEFAULT_PATTERNS,
        tolerance_ratio: float = 1e-5,
        image_H: Array | None = None,
    ) -> None:
        self.image_H = image_H
        self.made, self.currents, self.ports, self.tolerance_ratio = made, currents, ports, tolerance_ratio
        self.count = np.full(len(made.sigma_S_m), count, dtype=np.int64) if isinstance(count, int) else count
        self._l_H: Array | None = None

    @cached_property
    def base(self) -> Bases:
        """What patterns at any frequency are made from."""
        return bases(self.made, self.count, self.tolerance_ratio)

    def at_dc(self) -> tuple[Array, Array]:
        """Return what `at_dc` does, from the inductances kept for other frequencies."""
        r_ohm = 1.0 / np.bincount(self.made.bar, weights=1.0 / self.made.r_ohm)
        l_H = even_inductance(self.base)
        return _even(r_ohm, l_H if self.image_H is None else l_H + self.image_H, self.currents, self.ports)

    def by_patterns(self, frequency_Hz: float) -> Complex:
        """Return the impedance (p, p) in ohm between ports, by current patterns."""
        return _Reduced(self.base, self.currents, frequency_Hz, self.image_H).impedance(self.ports)

    def by_filaments(self, frequency_Hz: float) -> Complex:
        """Return the impedance (p, p) in ohm between ports, every filament free."""
        reduced = _Reduced(self.base, self.currents, frequency_Hz, self.image_H)
        l_H = self._l_H if self._l_H is not None else self._between_filaments()
        if l_H.nbytes <= MOST_KEPT_BYTES:
            self._l_H = l_H
        return _loops_out(_Refined(reduced, l_H).impedance(), self.ports)

    def _between_filaments(self) -> Array:
        l_H = bundle_inductance(self.made, self.tolerance_ratio)
        return l_H if self.image_H is None else l_H + self.image_H[np.ix_(self.made.bar, self.made.bar)]


def even_currents(r_ohm: Array, currents: Array, ports: int) -> Array:
    """Return the currents (n, p) for 1 A through each port when loops split it as the resistances (n,) have it."""
    flow, loops = currents[:, :ports], currents[:, ports:]
    if not loops.shape[1]:
        return flow
    weighed = r_ohm[:, None] * loops
    return np.asarray(flow - loops @ np.linalg.solve(loops.T @ weighed, weighed.T @ flow))


def _even(r_ohm: Array, l_H: Array, currents: Array, ports: int) -> tuple[Array, Array]:
    flow = even_currents(r_ohm, currents, ports)
    return flow.T @ (r_ohm[:, None] * flow), flow.T @ l_H @ flow


class _Reduced:
    """The system of all patterns at a frequency."""

    def __init__(self, base: Bases, currents: Array, frequency_Hz: float, image_H: Array | None = None) -> None:
        n = len(base.count)
        self.base, self.made, self.currents = base, base.made, currents
        self.patterns = patterns(base, frequency_Hz)
        z = pattern_impedance(base, self.patterns)
        self.main, self.link, inner = z[:n, :n], z[n:, :n] @ currents, z[n:, n:]
        if image_H is not None:
            self.main = self.main + 2j * math.pi * frequency_Hz * image_H
        self.scale = 1.0 / np.sqrt(np.abs(np.diag(inner)))
        # symmetric, so that its rows may be read as columns; in single precision, for what errs enters squared
        self.even = np.empty(inner.shape, dtype=np.complex64)
        np.multiply(inner, self.scale, out=self.even, casting="same_kind")
        self.even *= self.scale[:, None].astype(np.float32)

    @cached_property
    def factored(self) -> tuple[Complex, Index]:
        """The eddy patterns' system, factored."""
        from scipy.linalg import lu_factor

        found: tuple[Complex, Index] = lu_factor(self.even.T, check_finite=False)
        return found

    def eddies(self, sources: Complex) -> Complex:
        """Return what the eddy patterns (k - n, c) answer to voltages, to single precision."""
        from scipy.linalg import lu_solve

        if not len(self.even):
            return np.zeros_like(sources)
        even = (self.scale[:, None] * sources).astype(np.complex64)
        return np.asarray(self.scale[:, None] * lu_solve(self.factored, even, check_finite=False))

    def impedance(self, ports: int) -> Complex:
        """Return the impedance (p, p) between ports: stationary, an error of the eddies enters it squared."""
        z = self.currents.T @ self.main @ self.currents
        if len(self.even):
            z = z + self._of_eddies(z)
        return _loops_out(z, ports)

    def _of_eddies(self, main: Complex) -> Complex:
        """Return what the eddies add (p, p) to the impedance `main` of the bars' whole currents.

        Conjugate gradients as in `_Refined`, preconditioned by each bar alone: an eddy carries nothing in all, so that
        its field falls off fast and few rounds are enough.
        """
        sources = (self.scale[:, None] * self.link).astype(np.complex64)
        flow, step = np.zeros_like(sources), np.zeros_like(sources)
        left, size, before = -sources, np.ones(sources.shape[1]), np.zeros(len(main))
        for turn in range(_MOST_ROUNDS):
            answer = self._alone(left)
            new = (answer * left).sum(axis=0)
            used = np.abs(new) > _SPENT * np.abs(np.diag(main))
            step = (answer + step * np.where(used, new / size, 0.0) * (turn > 0)) * used
            size = np.where(used, new, 1.0)
            pushed = self.even @ step
            far = np.where(used, size / np.where(used, (step * pushed).sum(axis=0), 1.0), 0.0)
            flow += far * step
            left -= far * pushed
            added = (flow * (sources - left)).sum(axis=0)
            if np.abs((added - before) / np.diag(main)).max() < _EDDIES_SETTLED:
                cross = flow.T.astype(complex) @ (sources - left)
                return np.asarray((cross + cross.T) / 2.0)
            before = added
        exact = -self.eddies(self.link)
        return np.asarray(self.link.T @ exact)

    @cached_property
    def _own(self) -> list[tuple[Index, Complex]]:
        """Rows (b, w) of bars with equally many eddies, and what each bar's own eddies answer to voltages (b, w, w)."""
        found, n = self.patterns, len(self.base.count)
        groups = []
        for wide in np.unique(found.wide[found.wide > 1]).tolist():
            rows = found.column[found.wide == wide, 1:wide] - n
            groups.append((rows, np.linalg.inv(self.even[rows[:, :, None], rows[:, None, :]])))
        return groups

    def _alone(self, voltage: Complex) -> Complex:
        answer = np.zeros_like(voltage)
        for rows, inverse in self._own:
            answer[rows] = inverse @ voltage[rows]
        return answer


class _Refined:
    """Currents of all filaments, from those of the patterns on, by conjugate gradients for symmetric complex systems.

    H. A. van der Vorst and J. B. M. Melissen, IEEE Trans. Magn. 26 (1990) 706; preconditioned by what each bar alone
    and what all patterns answer to the voltages that are left.
    """

    def __init__(self, reduced: _Reduced, l_H: Array) -> None:
        made, found = reduced.made, reduced.patterns
        self.reduced, self.l_H = reduced, l_H
        self.omega = 2.0 * math.pi * found.frequency_Hz
        self.first = made.first
        both = zip(reduced.base.bars.tolist(), reduced.base.own, strict=True)
        self.answers = [self._alone(bar, own) for bar, own in both]
        self.flow = self._spread(reduced.currents, -reduced.eddies(reduced.link))

    def impedance(self) -> Complex:
        """Return the impedance between all columns of the currents."""
        voltage = self._voltage(self.flow)
        z = self.flow.T @ voltage
        step, size = np.zeros_like(self.flow), np.ones(self.flow.shape[1], dtype=complex)
        settled = 1e-12 * np.abs((self.flow * voltage).sum(axis=0))
        for turn in range(_MOST_ROUNDS):
            answer = -self._answer(voltage)
            new = -(answer * voltage).sum(axis=0)
            left = np.abs(new) > settled  # what is left changes the impedance by this much
            step = (answer + step * np.where(left, new / size, 0.0) * (turn > 0)) * left
            size = np.where(left, new, 1.0)
            pushed = self._voltage(step)
            far = np.where(left, size / np.where(left, (step * pushed).sum(axis=0), 1.0), 0.0)
            self.flow += far * step
            voltage += far * pushed
            better = self.flow.T @ voltage
            change, z = float(np.abs(better - z).max() / np.abs(better).max()), better
            if change < _SETTLED:
                break
        return np.asarray(z)

    def _voltage(self, flow: Complex) -> Complex:
        both = self.l_H @ np.hstack((flow.real, flow.imag))
        half = flow.shape[1]
        return np.asarray(
            self.reduced.made.r_ohm[:, None] * flow + 1j * self.omega * (both[:, :half] + 1j * both[:, half:])
        )

    def _alone(self, bar: int, own: Array) -> Complex:
        """Return what a bar's filaments answer to voltages when its current is held: (k, k)."""
        of = slice(self.first[bar], self.first[bar + 1])
        z = 1j * self.omega * own
        z[np.diag_indices_from(z)] += self.reduced.made.r_ohm[of]
        inverse = np.linalg.inv(z)
        total = inverse.sum(axis=1)
        return np.asarray(inverse - np.outer(total, total) / total.sum())

    def _answer(self, voltage: Complex) -> Complex:
        """Return the currents (m, c) that each bar alone and all patterns together answer to voltages."""
        found, n = self.reduced.patterns, len(self.reduced.made.sigma_S_m)
        alone = np.empty_like(voltage)
        sources = np.zeros((int(found.wide.sum()), voltage.shape[1]), dtype=complex)
        for bar, key in enumerate(found.shape.tolist()):
            of = slice(self.first[bar], self.first[bar + 1])
            alone[of] = self.answers[key] @ voltage[of]
            sources[found.column[bar, : found.wide[bar]]] = found.weight[of, : found.wide[bar]].T @ voltage[of]
        return alone + self._spread(np.zeros((n, voltage.shape[1])), self.reduced.eddies(sources[n:]))

    def _spread(self, main: Array, eddies: Complex) -> Complex:
        """Return the currents (m, c) of all filaments from those of the patterns."""
        found = self.reduced.patterns
        every = np.vstack((main, eddies))
        out = np.empty((int(self.first[-1]), every.shape[1]), dtype=complex)
        for bar in range(len(found.wide)):
            of = slice(self.first[bar], self.first[bar + 1])
            out[of] = found.weight[of, : found.wide[bar]] @ every[found.column[bar, : found.wide[bar]]]
        return out


def _loops_out(z: Complex, ports: int) -> Complex:
    """Return the impedance between ports when the loops choose their currents."""
    out = z[:ports, :ports]
    if len(z) > ports:
        out = out - z[:ports, ports:] @ np.linalg.solve(z[ports:, ports:], z[ports:, :ports])
    return np.asarray(out)
