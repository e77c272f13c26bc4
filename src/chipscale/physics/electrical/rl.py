"""Resistance and inductance of every path, ball by ball and net by net, at DC and at a frequency (`electrical.rl`)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from chipscale.errors import InputError, Problem, did_you_mean
from chipscale.package.net_patterns import matching
from chipscale.package.types import Package
from chipscale.physics.electrical.conductors import Conductors, conductors
from chipscale.physics.electrical.filament_model import Array, Meshing, Model, Solver, model
from chipscale.physics.electrical.frequency_sweep import Sweep, sweep
from chipscale.physics.electrical.return_path import loops
from chipscale.physics.electrical.rl_rows import At, ball_rows, checks, even, metrics, net_rows, port_rows, warnings
from chipscale.results import Progress, Result

METRICS: dict[str, str] = {
    "ports_count": "balls with a way to a pad of their net",
    "open_count": "balls and pads of nets that no metal joins to the other side",
    "r_dc_max_mohm": "largest resistance of a ball's path at DC",
    "r_max_mohm": "largest resistance of a ball's path at the frequency",
    "l_max_nH": "largest inductance of a ball's path at the frequency (partial, or loop with the return asked for)",
    "l_mean_nH": "mean of the same over all balls",
    "coupling_max_ratio": "largest mutual over the root of the product of two paths' inductances",
    "path_max_um": "longest way of a current from a ball to its pad",
    "bars_count": "straight bars the conductors are made of",
    "filaments_count": "filaments they are cut into",
    "outer_filament_over_skin_ratio": "thickest filament at a conductor's surface over the skin depth, of the worst "
    "bar: R is within 1 % where wires have 0.5 and balls 1 or less, and too low above",
}
SPEED_OF_LIGHT_um_s = 2.99792458e14
EPS_SLOWEST = 11.9  # silicon's permittivity: the slowest a wave in the package can be
_MOST_BYTES = 12e9


@dataclass(frozen=True, slots=True)
class PathRL:
    """R and L of all balls' paths from the board's side of the ball to the die's pads: DC and `f_Hz`, as matrices.

    Without `return_net` inductances are partial; with it they are those of loops that close through that net.
    `across_count` and `up_count` cut wires into filaments (0: from the skin depth); `patterns_count` current patterns
    stand for them (0: every filament is solved for). `nets`: names with * to look at only some nets. `board_gap_um`:
    from the balls' ends to a plane of the board, taken as perfect and without gaps at all frequencies (none: no plane).
    """

    name: ClassVar[str] = "electrical.rl"
    reads: ClassVar[tuple[str, ...]] = ("package", "layout", "stack", "materials")
    metrics: ClassVar[Mapping[str, str]] = METRICS
    f_Hz: float = 1e9
    return_net: str = ""
    nets: str = "*"
    across_count: int = 0
    up_count: int = 0
    patterns_count: int = 5
    finer_count: int = 0  # parts more of every width and thickness than these, to see what they leave out
    sweep_to_Hz: float = 0.0
    sweep_within_ratio: float = 2e-3  # of the largest values: what the sweep may leave between solutions
    t_C: float = 25.0
    board_land_um: float = 0.0
    board_gap_um: float | None = None

    def run(self, view: Mapping[str, Any], progress: Progress | None = None) -> Result:
        """Answer for the design in `view`."""
        return self.solved(self.drawn(view, progress), progress)

    def drawn(self, view: Mapping[str, Any], progress: Progress | None = None) -> Conductors:
        """Return the conductors of the nets asked for; InputError where there is nothing to solve."""
        package: Package = view["package"]
        self._asked_well(package)
        if progress:
            progress(0.0, "conductors")
        drawn = conductors(
            package,
            view["layout"],
            view["stack"],
            view["materials"],
            t_C=self.t_C,
            board_land_um=self.board_land_um or None,
        )
        drawn = drawn.of_nets(self._wanted(package))
        self._has_ways(drawn)
        return drawn

    def solved(self, drawn: Conductors, progress: Progress | None = None) -> Result:
        """Answer for conductors that are drawn."""
        tell = progress or (lambda fraction, text: None)
        meshing = Meshing(self.across_count, self.up_count, self.patterns_count, self.finer_count)
        made = model(drawn, max(self.f_Hz, self.sweep_to_Hz), meshing)
        self._fits(made)
        tell(0.2, "DC")
        solver = Solver(made, meshing, self._plane_um(drawn))
        at = [self._at(made, 0.0, solver)]
        if self.f_Hz > 0.0:
            tell(0.3, f"{self.f_Hz:g} Hz")
            at.append(self._at(made, self.f_Hz, solver))
        swept = self._swept(made, solver, at[0], tell) if self.sweep_to_Hz > 0.0 else None
        return self._result(drawn, made, at, swept)

    def _plane_um(self, drawn: Conductors) -> float | None:
        """Return the height of the board's plane, the balls' ends being the highest nodes."""
        return None if self.board_gap_um is None else float(drawn.nodes[:, 2].max()) + self.board_gap_um

    def _at(self, made: Model, f_Hz: float, solver: Solver) -> At:
        """Return the answer at one frequency: as solved, and as loops where a return is named."""
        r_ohm, l_H = solver.at(f_Hz)
        if not self.return_net:
            return even(f_Hz, r_ohm, l_H)
        back = np.array([item.net == self.return_net for item in made.ports])
        return even(f_Hz, *loops(r_ohm, l_H, 2.0 * math.pi * f_Hz, back))

    def _swept(self, made: Model, solver: Solver, dc: At, tell: Progress) -> Sweep:
        turns: list[float] = []

        def once(f_Hz: float) -> tuple[Array, Array]:
            turns.append(f_Hz)
            tell(0.5 + 0.45 * min(len(turns) / 20, 1.0), f"sweep: {f_Hz:.3g} Hz")
            at = self._at(made, f_Hz, solver)
            return at.r_ohm, at.l_H

        return sweep(once, self.sweep_to_Hz, (dc.r_ohm, dc.l_H), self.sweep_within_ratio)

    def _result(self, drawn: Conductors, made: Model, at: list[At], swept: Sweep | None) -> Result:
        ports = tuple(item for item in made.ports if item.net != self.return_net)
        length = np.array([way for item, way in zip(made.ports, made.length_um, strict=True) if item in ports])
        kind = f"loop, return {self.return_net}" if self.return_net else "partial"
        kind += "" if self.board_gap_um is None else ", over the board's plane"
        fields = {"r_dc_mohm": 1e3 * at[0].r_ohm, "l_dc_nH": 1e9 * at[0].l_H}
        if len(at) > 1:
            fields |= {"f_Hz": np.array([self.f_Hz]), "r_mohm": 1e3 * at[1].r_ohm, "l_nH": 1e9 * at[1].l_H}
        if swept is not None:
            fields |= {"sweep_f_Hz": swept.f_Hz, "sweep_r_mohm": 1e3 * swept.r_ohm, "sweep_l_nH": 1e9 * swept.l_H}
        told = warnings(drawn, made, self._slow_ratio(made), swept)
        return Result(
            self.name,
            metrics(drawn, made, at, length),
            checks(at),
            {
                "balls": ball_rows(ports, length, at, kind),
                "nets": net_rows(ports, length, at, kind),
                "order": port_rows(ports),
                "open": [{"terminal": item.name, "net": item.net} for item in drawn.open_terminals],
            },
            fields,
            warnings=tuple(told),
            state="doubtful" if told else "ok",
        )

    def _slow_ratio(self, made: Model) -> float:
        """Return the longest way over a tenth of the shortest wavelength; above 1 the model is at its end."""
        highest = max(self.f_Hz, self.sweep_to_Hz)
        wave_um = SPEED_OF_LIGHT_um_s / math.sqrt(EPS_SLOWEST) / highest if highest > 0 else math.inf
        return float(made.length_um.max(initial=0.0)) / (0.1 * wave_um)

    def _asked_well(self, package: Package) -> None:
        """Raise InputError for options that make no sense."""
        problems = []
        limits = {
            "f_Hz": (0.0, 1e12),
            "sweep_to_Hz": (0.0, 1e12),
            "sweep_within_ratio": (1e-6, 0.1),
            "t_C": (-100.0, 215.0),
            "across_count": (0, 99),
            "up_count": (0, 99),
            "patterns_count": (0, 14),
            "finer_count": (0, 20),
            "board_land_um": (0.0, 5000.0),
            "board_gap_um": (10.0, 1e5),
        }
        for key, (low, high) in limits.items():
            value = getattr(self, key)
            if value is None:
                continue
            if not low <= value <= high:
                limit = f"{low:g} to {high:g}"
                problems.append(
                    Problem("rl.option", f"{key} is out of range", key=key, value=f"{value:g}", limit=limit)
                )
        names = [net.name for net in package.nets]
        if self.return_net and self.return_net not in names:
            what = "the return is no net of this package"
            remedy = did_you_mean(self.return_net, names)
            problems.append(Problem("rl.return_net", what, key="return_net", value=self.return_net, remedy=remedy))
        if not self._wanted(package):
            what = "no net has such a name"
            problems.append(
                Problem("rl.nets", what, key="nets", value=self.nets, remedy=did_you_mean(self.nets, names))
            )
        if problems:
            raise InputError(problems)

    def _wanted(self, package: Package) -> list[str]:
        names = [net.name for net in package.nets]
        found = {name for pattern in self.nets.split(",") for name in matching(pattern.strip(), names)}
        return sorted(found | {self.return_net}) if found and self.return_net else sorted(found)

    def _has_ways(self, drawn: Conductors) -> None:
        """Raise InputError when nothing is left to ask about, or the return has no way from a ball to a pad."""
        lost = {item.name for item in drawn.open_terminals}
        whole = {item.net for item in drawn.terminals if item.is_ball and item.name not in lost}
        if self.return_net and self.return_net not in whole:
            what = f"the loops stay open: no metal joins a ball of {self.return_net} to a pad"
            remedy = "name a return net that has balls and pads"
            raise InputError([Problem("rl.open_loop", what, key="return_net", value=self.return_net, remedy=remedy)])
        if not whole - {self.return_net}:
            what = "no net asked for has a way from a ball to a pad"
            raise InputError([Problem("rl.no_path", what, key="nets", value=self.nets, remedy="see layout.wiring")])

    def _fits(self, made: Model) -> None:
        """Raise InputError for a system that would not fit into memory."""
        count = int(made.patterns.sum()) if self.patterns_count else int(made.bundle.first[-1])
        need = (32.0 if self.patterns_count else 8.0) * count**2
        if need > _MOST_BYTES:
            problem = Problem(
                "rl.too_large",
                f"{count} unknowns would take {need / 1e9:.0f} GB",
                key="patterns_count" if self.patterns_count else "across_count",
                limit=f"{_MOST_BYTES / 1e9:.0f} GB",
                remedy="ask for fewer nets, filaments or patterns",
            )
            raise InputError([problem])
