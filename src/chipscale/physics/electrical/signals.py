"""What the package does to signals: S-parameters, crosstalk, impedance, edges and eyes (`electrical.signals`)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, NamedTuple

import numpy as np

from chipscale.errors import InputError, Problem, did_you_mean
from chipscale.package.types import Package
from chipscale.physics.electrical import signal_rows as rows
from chipscale.physics.electrical import waveforms as waves
from chipscale.physics.electrical.extraction import extraction
from chipscale.physics.electrical.frequency_words import frequency_words, plain
from chipscale.physics.electrical.network import RANGE_RATIO, Array, Network, ground_net
from chipscale.physics.electrical.scattering import PASSIVE, Scattering, scattering
from chipscale.physics.electrical.signal_losses import METRICS as LOSSES
from chipscale.physics.electrical.signal_losses import loss_doubts, loss_metrics
from chipscale.physics.electrical.terminated import Curves, Ends, seen_from_balls, transfer
from chipscale.results import Check, Progress, Result
from chipscale.solvers.one_thread import one_thread

_ASSUMED = {"driver_ohm": None, "load_ohm": None, "driver_pF": 0.0, "load_pF": 0.0}  # None: the ports' resistance
_SETTLED = 0.01
_RECIPROCAL = 1e-9
_KNEE = 0.35  # bandwidth times the 10 % to 90 % time of an edge
_LOWEST_Hz = 1e6
_USUAL_Hz = 2e9  # of a band that is not asked for, where the model reaches so far


class _Times(NamedTuple):
    """Waveforms of all balls: steps, eyes' rows and the traces of the worst eye, apparent impedance over time."""

    step_s: Array
    step_V: Array
    eyes: list[tuple[waves.Eye, waves.Eye]]
    worst: int
    traces_V: Array
    tdr_s: Array
    tdr_ohm: Array
    error_ratio: float
    unsettled_ratio: float


@dataclass(frozen=True, slots=True)
class Signals:
    """What do the package's paths do to signals: reflect, lose, couple, delay; what is left of an edge and an eye?

    `nets`: names with * by commas; none: all signal nets. `ports` ("ball A1, die clk"): S-parameters of these alone.
    `return_net`: what loops close through; none: the ground net with most balls. `to_Hz`: end of the band; 0: 2 GHz, or
    the model's end where that is lower; beyond the model's end a band is refused. Every net is driven at its pads by a
    source of `swing_V` behind `driver_ohm` and loaded at its balls; what is not given is assumed and listed.
    """

    nets: str = ""
    ports: str = ""
    return_net: str = ""
    to_Hz: float = 0.0
    points_count: int = 200
    z0_ohm: float = 50.0
    rate_Gbps: float = 1.0
    rise_ps: float = 200.0  # of the source's edges, 10 % to 90 %
    swing_V: float = 1.0
    driver_ohm: float | None = None
    load_ohm: float | None = None
    driver_pF: float | None = None
    load_pF: float | None = None

    name: ClassVar[str] = "electrical.signals"
    reads: ClassVar[tuple[str, ...]] = ("package", "layout", "stack", "materials", "electrical.capacitance")
    metrics: ClassVar[Mapping[str, str]] = {
        "ports_count": "ports: every ball of the nets asked for, and the joined pads of each net",
        "return_loss_least_dB": "least return loss of a ball up to the highest frequency; more is better",
        "insertion_loss_most_dB": "largest loss from a net's pads to a ball up to the highest frequency",
        "next_most_dB": "highest level from one ball to another net's ball (near end) up to the highest frequency",
        "fext_most_dB": "highest level from a ball to another net's pads (far end) up to the highest frequency",
        "delay_most_ps": "longest delay of a path by its own inductance and capacitance",
        "z0_least_ohm": "least impedance of a path as a line, root of its loop inductance over its capacitance",
        "z0_most_ohm": "largest impedance of a path as a line",
        "eye_height_least_V": "least eye height at a ball, all nets sending, bits of 1 V (or as asked) at the source",
        "eye_width_least_ps": "least eye width at a ball, all nets sending",
        "noise_most_V": "highest voltage an edge on one net makes at a ball of another",
        "gain_largest_ratio": "largest singular value of the S-matrix at any frequency; 1 or less: passive",
        "holds_to_Hz": "the model's end: the longest path's delay (root of its loop inductance at DC times its "
        "capacitance) is a tenth of a period; R, L, C are found as if the package were in step, which more sections of "
        "the circuit don't mend",
        "to_Hz": "end of the band",
        "cut_error_ratio": "change of R or L at the band's end when the shortest and the longest path are cut finer; "
        "above 0.03 the answer is doubtful",
        "sections_count": "coupled sections that stand for the paths",
        "curve_error_ratio": "largest error of curves interpolated between frequencies, of the source's voltage",
        **LOSSES,
    }

    def run(self, view: Mapping[str, Any], progress: Progress | None = None) -> Result:
        """Answer; tables paths, losses, crosstalk, edges, eyes, ports, given.

        Fields: `f_Hz` (k,); `s_real`, `s_imag` (k, q, q) in the order of table ports; `next_dB`, `fext_dB` (p, p) in
        the order of table paths; `step_ps`, `step_V` (p, n); `tdr_ps`, `tdr_ohm` (p, n); `eye_ps`, `eye_V` (bits, n)
        of the ball with the least eye.
        """
        tell = progress or (lambda fraction, text: None)
        package: Package = view["package"]
        self._refuse()
        back = self.return_net or ground_net(package)
        drawn = extraction(view, self._nets(package, back), back, tell)
        drawn.refuse(self.to_Hz, "signals.to_Hz")
        whole = replace(self, to_Hz=self.to_Hz or min(_USUAL_Hz, drawn.whole_Hz()))
        return whole._answer(drawn.solved(whole.to_Hz, lambda part, text: tell(0.7 * part, text))[0], tell)

    def _answer(self, made: Network, tell: Progress) -> Result:
        tell(0.7, "S-parameters")
        f_Hz = np.unique(np.concatenate(([0.0], np.geomspace(_LOWEST_Hz, self.to_Hz, self.points_count))))
        s = scattering(made, f_Hz, self.z0_ohm)
        tell(0.85, "edges and eyes")
        with one_thread():
            return self._result(made, s, self._times(made))

    # ---- waveforms --------------------------------------------------------------------------------------------

    @property
    def _ends(self) -> Ends:
        given = {key: getattr(self, key) for key in _ASSUMED}
        taken = {key: value if value is not None else _ASSUMED[key] for key, value in given.items()}
        return Ends(**{key: self.z0_ohm if value is None else value for key, value in taken.items()})

    def _times(self, made: Network) -> _Times:
        rise, bit = self.rise_ps * 1e-12, 1e-9 / self.rate_Gbps
        ends = self._ends
        curves = transfer(made, ends, waves.top_Hz(rise))
        shown = _KNEE / self.to_Hz
        seen = seen_from_balls(made, ends, waves.top_Hz(shown), self.z0_ohm)
        window = self._window_s(made, ends, rise)
        step_s, step = waves.steps(curves, rise, window)
        rested = np.abs(step[:, :, -1] - curves.values[0].real).max()
        back_s, back = waves.steps(
            Curves(seen.f_Hz, seen.values[:, :, None], 0.0), shown, self._window_s(made, ends, shown)
        )
        rho = np.clip(back[:, 0], -0.999, 0.999)
        eyes, worst, traces = self._eyes(made, curves, bit, rise)
        tdr = self.z0_ohm * (1.0 + rho) / (1.0 - rho)
        error = max(curves.error_ratio, seen.error_ratio)
        return _Times(step_s, step * self.swing_V, eyes, worst, traces, back_s, tdr, error, float(rested))

    def _window_s(self, made: Network, ends: Ends, rise_s: float) -> float:
        """Return how long a step is looked at: until it has settled."""
        charge = float(np.diag(made.c_F).max()) + 1e-12 * (ends.driver_pF + ends.load_pF)
        return 12.0 * (rise_s + made.slowest_s() + (ends.driver_ohm + ends.load_ohm) * charge)

    def _eyes(
        self, made: Network, curves: Curves, bit_s: float, rise_s: float
    ) -> tuple[list[tuple[waves.Eye, waves.Eye]], int, Array]:
        """Return each ball's eye alone and with all nets sending the same bits at other moments, and the worst."""
        sent = [waves.prbs7(37 * k % 127) for k in range(len(made.nets))]
        both = self.swing_V * waves.received(curves, sent, bit_s, rise_s)
        found = []
        for k, net in enumerate(made.net_of_ball.tolist()):
            own = Curves(curves.f_Hz, curves.values[:, k : k + 1, net : net + 1], 0.0)
            alone = self.swing_V * waves.received(own, [sent[net]], bit_s, rise_s)[0]
            found.append((waves.eye(sent[net], alone, bit_s), waves.eye(sent[net], both[k], bit_s)))
        worst = min(range(len(found)), key=lambda k: (found[k][1].height_V, found[k][1].width_s, k))
        delay = round(made.delay_s()[worst] / bit_s * waves.SAMPLES_PER_BIT)
        return found, worst, waves.folded(np.roll(both[worst], -delay))

    # ---- the answer -------------------------------------------------------------------------------------------

    def _result(self, made: Network, s: Scattering, at: _Times) -> Result:
        own = [at.step_V[k, net] for k, net in enumerate(made.net_of_ball.tolist())]
        edges = [waves.edge(at.step_s, wave) for wave in own]
        near, far = rows.crosstalk(made, s)
        nyquist = min(0.5e9 * self.rate_Gbps, self.to_Hz)
        shown = s.of(self._port_names()) if self.ports else s
        tables = {
            "paths": rows.path_rows(made, nyquist, at.tdr_ohm),
            "losses": rows.loss_rows(made, s, nyquist),
            "crosstalk": rows.pair_rows(made, near, far),
            "edges": rows.edge_rows(made, edges, at.step_V),
            "eyes": rows.eye_rows(made, 1e-9 / self.rate_Gbps, at.eyes),
            "ports": [{"row": k, "port": name} for k, name in enumerate(shown.ports)],
            "given": self._given(made),
        }
        bit_ps = 1e3 / self.rate_Gbps
        fields = {
            "f_Hz": shown.f_Hz,
            "s_real": shown.s.real,
            "s_imag": shown.s.imag,
            "next_dB": near,
            "fext_dB": far,
            "step_ps": 1e12 * at.step_s,
            "step_V": np.array(own),
            "tdr_ps": 1e12 * at.tdr_s,
            "tdr_ohm": at.tdr_ohm,
            "eye_ps": (np.arange(at.traces_V.shape[1]) / waves.SAMPLES_PER_BIT - 0.5) * bit_ps,
            "eye_V": at.traces_V,
        }
        doubts = self._doubts(made, at)
        notes = (*doubts, *made.notes, *self._notes(made))
        checks = _checks(s)
        most = {"next_most_dB": near.max(), "fext_most_dB": far.max(), "gain_largest_ratio": checks[0].value}
        metrics = self._metrics(made, s, at, tables) | most
        metrics = {key: float(value) for key, value in metrics.items()}
        state = "doubtful" if doubts else "ok"
        return Result(self.name, metrics, checks, tables, fields, warnings=notes, state=state)

    def _metrics(
        self, made: Network, s: Scattering, at: _Times, tables: dict[str, list[dict[str, Any]]]
    ) -> dict[str, float]:
        z0 = [row["z0_ohm"] for row in tables["paths"] if row["z0_ohm"] is not None]
        return {
            "ports_count": len(s.ports),
            "return_loss_least_dB": min(row["return_loss_least_dB"] for row in tables["losses"]),
            "insertion_loss_most_dB": max(row["insertion_loss_most_dB"] for row in tables["losses"]),
            "delay_most_ps": 1e12 * float(made.delay_s().max()),
            "z0_least_ohm": min(z0, default=math.nan),
            "z0_most_ohm": max(z0, default=math.nan),
            "eye_height_least_V": min(row["eye_height_V"] for row in tables["eyes"]),
            "eye_width_least_ps": min(row["eye_width_ps"] for row in tables["eyes"]),
            "noise_most_V": max(row["noise_V"] for row in tables["edges"]),
            "holds_to_Hz": made.range_Hz(),
            "to_Hz": self.to_Hz,
            "cut_error_ratio": made.cut_error_ratio,
            "sections_count": made.sections(self.to_Hz),
            "curve_error_ratio": at.error_ratio,
            **loss_metrics(made, self.to_Hz, self.z0_ohm),
        }

    def _given(self, made: Network) -> list[dict[str, Any]]:
        """Return what the answer rests on: what the user gave and what was assumed."""
        found = [
            {"what": key, "value": f"{getattr(self._ends, key):g}", "source": "assumed" if value is None else "given"}
            for key, value in ((key, getattr(self, key)) for key in _ASSUMED)
        ]
        source = "given" if self.return_net else "assumed: the ground net with most balls"
        found.append({"what": "return_net", "value": made.return_net, "source": source})
        return found

    def _notes(self, made: Network) -> tuple[str, ...]:
        ends = self._ends
        assumed = [_said(key, getattr(ends, key)) for key in _ASSUMED if getattr(self, key) is None]
        told = [f"assumed for edges and eyes: {', '.join(assumed)}"] if assumed else []
        shown, delay = 1e12 * _KNEE / self.to_Hz, 1e12 * float(made.delay_s().max())
        if shown > delay:
            told.append(
                f"a step of {plain(shown)} ps, as fast as {frequency_words(self.to_Hz)} allow, does not resolve paths "
                f"of at most {plain(delay)} ps: reflected impedances are smeared over the whole path"
            )
        return tuple(told)

    def _doubts(self, made: Network, at: _Times) -> tuple[str, ...]:
        told = [*made.warnings, *loss_doubts(made, self.to_Hz)]
        ends_Hz, knee_Hz = made.range_Hz(), _KNEE / (self.rise_ps * 1e-12)
        if knee_Hz > ends_Hz:
            told.append(
                f"edges and eyes, with a band of {frequency_words(knee_Hz)}: beyond {frequency_words(ends_Hz)} the "
                f"longest path is over {RANGE_RATIO:g} of a wavelength, the quasi-static model's end"
            )
        if knee_Hz > 1.01 * self.to_Hz:
            told.append(
                f"edges hold frequencies up to {frequency_words(knee_Hz)}, R and L are known up to "
                f"{frequency_words(self.to_Hz)}"
            )
        if at.unsettled_ratio > _SETTLED:
            told.append(f"steps are still {plain(100 * at.unsettled_ratio, 2)} % from rest where they end")
        if at.error_ratio > 2e-3:
            told.append(f"curves are interpolated within {plain(100 * at.error_ratio, 2)} % of the source only")
        return tuple(dict.fromkeys(told))

    # ---- what is asked ----------------------------------------------------------------------------------------

    def _port_names(self) -> list[str]:
        return list(dict.fromkeys(" ".join(text.split()) for text in self.ports.split(",")))

    def _nets(self, package: Package, back: str) -> str:
        """Return the nets to solve; InputError for a port on nothing."""
        if not self.ports:
            signals = [net.name for net in package.nets if net.kind == "signal" and net.pads and net.balls]
            if not self.nets and not signals:
                what = "no signal net of the package has pads and balls"
                raise InputError([Problem("signals.nets", what, key="nets", remedy="name nets")])
            return self.nets or ",".join(sorted(set(signals) - {back}))
        whole = {net.name for net in package.nets if net.pads and net.balls} - {back}
        known = {f"ball {ball.name}": ball.net for ball in package.balls}
        known |= {f"die {net.name}": net.name for net in package.nets}
        problems = []
        for name in self._port_names():
            if name not in known:
                what, remedy = f"there is nothing at port '{name}'", did_you_mean(name, known)
            elif known[name] is None:
                what, remedy = f"port '{name}' is on nothing: the ball has no net", "name a ball of a net"
            elif known[name] not in whole:
                what = f"port '{name}' is on {known[name]}, which is the return or has no path"
                remedy = "name a port of a net with pads and balls"
            else:
                continue
            problems.append(Problem("signals.port", what, key="ports", value=self.ports, remedy=remedy))
        if problems:
            raise InputError(problems)
        asked = {str(known[name]) for name in self._port_names()}
        return ",".join(sorted(asked)) + (f",{self.nets}" if self.nets else "")

    def _refuse(self) -> None:
        """Raise InputError for numbers that make no sense."""
        bounds: dict[str, tuple[float, float]] = {
            "to_Hz": (1e7, 1e11),
            "points_count": (2, 5000),
            "z0_ohm": (0.1, 1e4),
            "rate_Gbps": (1e-3, 1e3),
            "rise_ps": (1.0, 1e6),
            "swing_V": (1e-3, 1e3),
            "driver_ohm": (0.1, 1e6),
            "load_ohm": (0.1, 1e9),
            "driver_pF": (0.0, 1e3),
            "load_pF": (0.0, 1e3),
        }
        problems = []
        for key, (low, high) in bounds.items():
            value = getattr(self, key)
            if value is not None and not low <= value <= high and (key, value) != ("to_Hz", 0.0):
                limit = f"{low:g} to {high:g}"
                problems.append(Problem("signals.option", "out of its range", key=key, value=f"{value:g}", limit=limit))
        if self.rate_Gbps >= 1e-3 and self.rise_ps > 700.0 / self.rate_Gbps:
            what = "an edge has no time to be made within a bit"
            limit = f"{700.0 / self.rate_Gbps:g}"
            problems.append(Problem("signals.option", what, key="rise_ps", value=f"{self.rise_ps:g}", limit=limit))
        if problems:
            raise InputError(problems)


def _said(key: str, value: float) -> str:
    """Return an end's value with its unit: driver 50 ohm."""
    name, unit = key.rsplit("_", 1)
    return f"{name.replace('_', ' ')} {value:g} {unit}"


def _checks(s: Scattering) -> tuple[Check, ...]:
    gains, uneven = s.largest_gain, s.uneven
    gain, worst_Hz = float(gains.max()), float(s.f_Hz[int(np.argmax(gains))])
    return (
        Check(
            "signals.passive",
            "gain_largest_ratio",
            gain,
            1.0 + PASSIVE,
            gain <= 1.0 + PASSIVE,
            "no more comes out of the ports than goes in, at any frequency; nearest to it at "
            + frequency_words(worst_Hz),
            source="circuit theory",
        ),
        Check(
            "signals.reciprocal",
            "uneven_ratio",
            uneven,
            _RECIPROCAL,
            uneven <= _RECIPROCAL,
            "the same comes from port i to j as from j to i",
            source="circuit theory",
        ),
    )
