"""A first estimate of what a signal-return loop radiates: its area, the far field of a small loop and a short wire."""

from __future__ import annotations

import logging
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np

from chipscale.errors import InputError, Problem, did_you_mean
from chipscale.package.types import Package
from chipscale.physics.electrical.conductors import Conductors, Points, Terminal, conductors
from chipscale.physics.electrical.frequency_words import frequency_words, plain
from chipscale.physics.electrical.network import ground_net
from chipscale.results import Progress, Result

C_M_S = 299_792_458.0
ETA_OHM = 376.730313412  # of free space, CODATA 2022
SMALL_RATIO = 0.1  # of the wavelength: a longer path is not quasi-static
NEAR_RATIO = 1.0 / (2.0 * math.pi)  # of the wavelength: nearer than this the field is not a far field


def small_loop_V_m(area_m2: float, current_A: float, f_Hz: float, distance_m: float) -> float:
    """Return the largest far field in V/m of a small loop in free space: eta (2 pi f / c)^2 I A / (4 pi r).

    1.318e-14 f² A I / r; C. R. Paul, Introduction to Electromagnetic Compatibility, 2nd ed. 2006, sec. 8.1.2, gives
    1.316e-14, as does H. W. Ott, Electromagnetic Compatibility Engineering, 2009, sec. 12.1 (recalled). Over a large
    reflecting ground it may be twice as much. Holds for a loop whose length is small against the wavelength, carrying
    the same current all along, and for distances beyond wavelength / 2 pi.

    >>> round(small_loop_V_m(1e-6, 0.01, 1e9, 3.0) * 1e6, 1)
    43.9
    """
    k = 2.0 * math.pi * f_Hz / C_M_S
    return ETA_OHM * k * k * current_A * area_m2 / (4.0 * math.pi * distance_m)


def short_wire_V_m(length_m: float, current_A: float, f_Hz: float, distance_m: float) -> float:
    """Return the largest far field in V/m of a common current on a short wire: eta (2 pi f / c) I l / (4 pi r).

    6.283e-7 f l I / r for an even current in free space. With its image in a ground plane, or for the common current
    of each of two wires, it is twice that: 1.257e-6 in Paul 2006, sec. 8.1.3, and Ott 2009, sec. 12.2 (recalled).

    >>> round(short_wire_V_m(1.0, 5e-6, 50e6, 3.0) * 1e6, 1)
    52.4
    """
    k = 2.0 * math.pi * f_Hz / C_M_S
    return ETA_OHM * k * current_A * length_m / (4.0 * math.pi * distance_m)


def vector_area(points: Points) -> Points:
    """Return the vector area (3,) of a closed polygon (n, 3), in the square of its unit; its length radiates."""
    return np.asarray(0.5 * np.cross(points, np.roll(points, -1, axis=0)).sum(axis=0))


@dataclass(frozen=True, slots=True)
class Loop:
    """A closed way: on the signal, across the die, back on the return net, across the board; points (n, 3) in µm."""

    signal: tuple[str, str]  # ball, pad
    back: tuple[str, str]  # pad, ball
    points_um: Points
    length_um: float
    paths_um: tuple[float, float]  # in the package: of the signal, of the return


@dataclass(frozen=True, slots=True)
class Emission:
    """How large is the loop of a signal and its return in the package, and what would it radiate at most?

    The loop runs from the signal's ball up its metal to its pad, straight on to the nearest pad of `return_net`, down
    that net to the ball nearest to the signal's, and straight back at the height of the balls' board side. The board
    beyond the balls is not in it. Without `signal` all signal nets are looked at and the figures are of the one with
    the largest loop; without `return_net` the return is the ground net with most balls. `common_mA` is a common
    current that leaves the package on a wire or board of `wire_mm` (it has no return of its own), added to what the
    loop radiates.
    """

    signal: str = ""
    return_net: str = ""
    current_mA: float = 1.0
    f_Hz: float = 1e9
    distance_m: float = 3.0
    common_mA: float = 0.0
    wire_mm: float = 0.0
    eps_r_ratio: float = 4.0  # around the wires: shortens the wave on the path (assumed; polymer, silicon and air)

    name: ClassVar[str] = "electrical.emission"
    reads: ClassVar[tuple[str, ...]] = ("package", "layout", "stack", "materials")
    metrics: ClassVar[Mapping[str, str]] = {
        "loop_area_um2": "area of the loop (length of its vector area)",
        "loop_length_um": "length around the loop",
        "path_um": "longest way in the package, signal or return",
        "e_loop_uV_m": "largest far field of the loop's current at the distance, free space",
        "e_wire_uV_m": "largest far field of the common current on the wire, free space; 0 without such a current",
        "e_total_uV_m": "sum of both, as if in phase",
        "path_over_wavelength_ratio": "longest way over the wavelength on it; the estimate holds below 0.1",
        "distance_over_near_ratio": "distance over wavelength / 2 pi; the estimate holds above 1",
        "current_mA": "current around the loop that the field is of, as asked for",
        "f_Hz": "its frequency, as asked for",
        "distance_m": "how far away the field is told, as asked for",
        "holds_from_Hz": "lowest frequency at which this distance is in the far field",
        "holds_to_Hz": "highest frequency at which path and loop are small against the wavelength",
    }

    def run(self, view: Mapping[str, Any], progress: Progress | None = None) -> Result:
        """Return the loop, its area and its field; doubtful outside the range of small loops and far fields."""
        package: Package = view["package"]
        self._refuse(package)
        back = self.return_net or ground_net(package)
        made = conductors(package, view["layout"], view["stack"], view["materials"])
        found = self._loops(package, made, back)
        loops = [self._loop_row(name, back, loop) for name, loop in found]
        signal, loop = found[0]
        area = vector_area(loop.points_um)
        size = float(np.linalg.norm(area))
        e_loop = self._field_uV_m(size)
        e_wire = 1e6 * short_wire_V_m(self.wire_mm * 1e-3, self.common_mA * 1e-3, self.f_Hz, self.distance_m)
        wave_m = C_M_S / self.f_Hz
        path = max(loop.paths_um)
        metrics = {
            "loop_area_um2": size,
            "loop_length_um": loop.length_um,
            "path_um": path,
            "e_loop_uV_m": e_loop,
            "e_wire_uV_m": e_wire,
            "e_total_uV_m": e_loop + e_wire,
            "path_over_wavelength_ratio": path * 1e-6 * math.sqrt(self.eps_r_ratio) / wave_m,
            "distance_over_near_ratio": self.distance_m / (NEAR_RATIO * wave_m),
            "current_mA": self.current_mA,
            "f_Hz": self.f_Hz,
            "distance_m": self.distance_m,
            "holds_from_Hz": NEAR_RATIO * C_M_S / self.distance_m,
            "holds_to_Hz": self._highest_Hz(loop),
        }
        reasons = self._doubts(metrics, loop)
        row = {
            "signal": signal,
            "signal_ball": loop.signal[0],
            "signal_pad": loop.signal[1],
            "return_net": back,
            "return_pad": loop.back[0],
            "return_ball": loop.back[1],
            "signal_path_um": loop.paths_um[0],
            "return_path_um": loop.paths_um[1],
            "area_x_um2": float(area[0]),
            "area_y_um2": float(area[1]),
            "area_z_um2": float(area[2]),
            "e_total_dBuV_m": 20 * math.log10(e_loop + e_wire) if e_loop + e_wire > 0 else None,
        }
        fields = {"loop_um": loop.points_um}
        state: Literal["ok", "doubtful"] = "doubtful" if reasons else "ok"
        tables = {"loop": [row], "loops": loops}
        warnings = (*reasons, self._said(metrics, signal, back))
        return Result(self.name, metrics, (), tables, fields, warnings=warnings, state=state)

    def _highest_Hz(self, loop: Loop) -> float:
        """Return the frequency up to which path and loop are small; beyond it the answer is doubtful."""
        return SMALL_RATIO * C_M_S / (1e-6 * max(max(loop.paths_um) * math.sqrt(self.eps_r_ratio), loop.length_um))

    def _said(self, metrics: Mapping[str, float], signal: str, back: str) -> str:
        """Return in a sentence of what current the field is, where, and in which range of frequencies it is right."""
        low, high = metrics["holds_from_Hz"], metrics["holds_to_Hz"]
        band = f"from {frequency_words(low)} to {frequency_words(high)}" if low < high else "at no frequency"
        if bool(self.common_mA) != bool(self.wire_mm):
            given, other = ("common_mA", "wire_mm") if self.common_mA else ("wire_mm", "common_mA")
            left_out = f"; {given} has no effect without {other}"
        else:
            left_out = ""
        wire = (
            f" and {self.common_mA:g} mA of common current on {self.wire_mm:g} mm of wire"
            if self.common_mA * self.wire_mm
            else ""
        )
        return (
            f"the field is that of {self.current_mA:g} mA at {frequency_words(self.f_Hz)} around the loop of {signal} "
            f"and {back}{wire}, {self.distance_m:g} m away in free space (over a reflecting ground up to twice as "
            f"much); the estimate holds {band} here{left_out}"
        )

    def _loops(self, package: Package, made: Conductors, back: str) -> list[tuple[str, Loop]]:
        """Return each signal asked for with its loop, the largest area first; InputError where none has one."""
        if self.signal:
            return [(self.signal, signal_loop(made.of_nets((self.signal, back)), self.signal, back))]
        found = []
        for net in package.nets:
            if net.kind != "signal" or net.name == back or not (net.pads and net.balls):
                continue
            try:
                found.append((net.name, signal_loop(made.of_nets((net.name, back)), net.name, back)))
            except InputError as error:  # open on the masks: the nets' own checks say so
                logging.getLogger(__name__).info("%s left out: %s", net.name, error.problems[0].what)
        if not found:
            what = f"no signal net has metal from a ball to a pad, or the return {back} has none"
            raise InputError([Problem("emission.path", what, remedy="look at layout.lvs and layout.wiring")])
        return sorted(found, key=lambda item: (-float(np.linalg.norm(vector_area(item[1].points_um))), item[0]))

    def _field_uV_m(self, area_um2: float) -> float:
        return 1e6 * small_loop_V_m(area_um2 * 1e-12, self.current_mA * 1e-3, self.f_Hz, self.distance_m)

    def _loop_row(self, signal: str, back: str, loop: Loop) -> dict[str, Any]:
        area_um2 = float(np.linalg.norm(vector_area(loop.points_um)))
        return {
            "signal": signal,
            "signal_ball": loop.signal[0],
            "return_net": back,
            "return_ball": loop.back[1],
            "loop_area_um2": area_um2,
            "loop_length_um": loop.length_um,
            "e_loop_uV_m": self._field_uV_m(area_um2),
            "holds_to_GHz": 1e-9 * self._highest_Hz(loop),
        }

    def _refuse(self, package: Package) -> None:
        nets = {net.name: net for net in package.nets}
        problems = []
        for key, name in (("signal", self.signal), ("return_net", self.return_net)):
            if not name:
                continue
            if name not in nets:
                what = f"no net '{name}'"
                problems.append(Problem("emission.net", what, key=key, remedy=did_you_mean(name, nets)))
            elif not nets[name].pads or not nets[name].balls:
                missing = "pad" if not nets[name].pads else "ball"
                what = f"net {name} has no {missing}: there is no path to be a part of a loop"
                problems.append(Problem("emission.path", what, key=key, value=name))
        if self.signal and self.signal == (self.return_net or ground_net(package)):
            what = "a net can't be its own return: the loop would be open"
            problems.append(Problem("emission.open", what, key="return_net", value=self.return_net))
        positive = {"f_Hz": self.f_Hz, "distance_m": self.distance_m}
        problems += [
            Problem("emission.value", "must be above 0", key=key, value=f"{value:g}")
            for key, value in positive.items()
            if not 0 < value < math.inf
        ]
        low = {"current_mA": (self.current_mA, 0.0), "common_mA": (self.common_mA, 0.0)}
        low |= {"wire_mm": (self.wire_mm, 0.0), "eps_r_ratio": (self.eps_r_ratio, 1.0)}
        problems += [
            Problem("emission.value", f"must be at least {least:g}", key=key, value=f"{value:g}")
            for key, (value, least) in low.items()
            if not least <= value < math.inf
        ]
        if problems:
            raise InputError(problems)

    def _doubts(self, metrics: Mapping[str, float], loop: Loop) -> tuple[str, ...]:
        """Return why the estimate is out of its range."""
        found = []
        if metrics["path_over_wavelength_ratio"] > SMALL_RATIO:
            found.append(
                f"the longest path ({metrics['path_um']:.0f} µm) is {metrics['path_over_wavelength_ratio']:.2f} of the "
                f"wavelength on it, over {SMALL_RATIO:g}: the current is not the same all along, the estimate is "
                "not valid"
            )
        around = loop.length_um * 1e-6 * self.f_Hz / C_M_S
        if around > SMALL_RATIO:
            found.append(f"the loop is {around:.2f} wavelengths around, over {SMALL_RATIO:g}: it is not a small loop")
        if metrics["distance_over_near_ratio"] < 1.0:
            near_m = NEAR_RATIO * C_M_S / self.f_Hz
            found.append(f"{self.distance_m:g} m is nearer than {plain(near_m)} m: the near field there is larger")
        wire = self.wire_mm * 1e-3 * self.f_Hz / C_M_S
        if self.common_mA > 0 and wire > 0.25:
            found.append(
                f"the wire is {wire:.2f} wavelengths long, over a quarter: the short wire's field is too large"
            )
        return tuple(found)


def signal_loop(made: Conductors, signal: str, return_net: str) -> Loop:
    """Return the loop of two nets: InputError where one of them has no metal from a pad to a ball.

    Of the pads and balls of the return net that metal joins those nearest to the signal's are taken; of the signal's
    the pair with the shortest way.
    """
    out = _shortest(made, signal, None)
    back = _shortest(made, return_net, (out.points_um[-1], out.points_um[0]))
    points = np.vstack((out.points_um, back.points_um[::-1]))
    length = float(np.hypot.reduce(np.diff(np.vstack((points, points[:1])), axis=0), axis=1).sum())
    return Loop((out.ball, out.pad), (back.pad, back.ball), points, length, (out.length_um, back.length_um))


@dataclass(frozen=True, slots=True)
class _Path:
    ball: str
    pad: str
    points_um: Points  # from the ball to the pad
    length_um: float


def _shortest(made: Conductors, net: str, near: tuple[Points, Points] | None) -> _Path:
    """Return the way of a net from a ball to a pad; `near` are the places (3,) its pad and ball should be next to."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import dijkstra

    bars = [item for item in made.segments if item.net == net]
    ends = [item for item in made.terminals if item.net == net and item not in made.open_terminals]
    balls, pads = ([item for item in ends if item.is_ball is ball] for ball in (True, False))
    if not bars or not balls or not pads:
        what = f"net {net} has no metal from a pad to a ball: the loop would be open"
        raise InputError([Problem("emission.path", what, value=net, remedy="look at layout.lvs and layout.wiring")])
    count = len(made.nodes)
    rows, columns = [item.a for item in bars], [item.b for item in bars]
    weight = [max(item.length_um, 1e-6) for item in bars]
    graph = coo_matrix((weight, (rows, columns)), shape=(count, count)).tocsr()
    starts = [item.node for item in balls]
    far, before = dijkstra(graph, directed=False, indices=starts, return_predecessors=True)
    pairs = [(i, ball, pad) for i, ball in enumerate(balls) for pad in pads if math.isfinite(far[i, pad.node])]
    if not pairs:
        what = f"net {net}: no metal joins a pad and a ball, the loop would be open"
        raise InputError([Problem("emission.path", what, value=net)])

    def rank(pair: tuple[int, Terminal, Terminal]) -> tuple[float, float, str, str]:
        i, ball, pad = pair
        away = _away(made, pad.node, near[0]) + _away(made, ball.node, near[1]) if near is not None else 0.0
        return away, float(far[i, pad.node]), ball.name, pad.name

    row, first, last = min(pairs, key=rank)
    length, ball, pad = float(far[row, last.node]), first.name, last.name
    node = next(item.node for item in pads if item.name == pad)
    way = [node]
    while way[-1] != starts[row]:
        way.append(int(before[row, way[-1]]))
    return _Path(ball.removeprefix("ball "), pad.removeprefix("pad "), made.nodes[way[::-1]], length)


def _away(made: Conductors, node: int, place: Points) -> float:
    return round(float(np.linalg.norm(made.nodes[node] - place)), 6)
