"""The question `process.influence`: which options of the flow matter most to the bumps' coplanarity?"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
import numpy.typing as npt

from chipscale.process.variation.asked import CORRELATION_MM, MOST_DIES, asked, model_warnings, refuse_unless
from chipscale.process.variation.knobs import Knob, knobs
from chipscale.process.variation.model import Model
from chipscale.process.variation.screening import Effect, Inputs, morris, morris_runs, sobol, sobol_runs
from chipscale.process.variation.trial import Trial
from chipscale.results import Progress, Result

_FIRST = 5


@dataclass(frozen=True, slots=True)
class Influence:
    """Turn every option of the flow that the bumps' heights depend on, and rank them by what that does.

    Options that say how much something varies are turned by `spread_span_pct` each way, those that set a mean
    (thickness, sphere, base) by `mean_span_pct`, within the step's own range. Ranked by Morris's mu*: how far the
    answer moves on average when the option goes through its range; with `method` "sobol" by its total index. An
    option that is 0 in the recipe stays 0.
    """

    of: Literal["coplanarity_p99_um", "coplanarity_mean_um", "height_sd_um"] = "coplanarity_p99_um"
    method: Literal["morris", "sobol"] = "morris"
    trajectories_count: int = 10
    base_count: int = 256  # of Sobol's sequence, a power of 2
    spread_span_pct: float = 50.0
    mean_span_pct: float = 10.0
    wafers_count: int = 4
    dies_count: int = 100
    correlation_mm: float = CORRELATION_MM
    seed: int | None = None  # None: the package's

    name: ClassVar[str] = "process.influence"
    reads: ClassVar[tuple[str, ...]] = ("package", "layout")
    metrics: ClassVar[Mapping[str, str]] = {
        "answer_um": "what is studied (option `of`), with the recipe as it is",
        "parameters_count": "options that were turned",
        "runs_count": "recipes that were tried",
        "largest_effect_um": "how far the first option moves the answer over its range (mu*)",
        "first_five_pct": "mu* of the first five over that of all options",
    }

    def run(self, view: Mapping[str, Any], progress: Progress | None = None) -> Result:
        """Return the ranking. Tables, for figures:

        `first_five` and `parameters` (all): rank, parameter (step's label.option), meaning, unit, value, low, high,
        range (in words), source, mu_star_um, mu_star_half_um (95 %), sigma_um, first_ratio, first_half_ratio,
        total_ratio, total_half_ratio (None without Sobol).
        """
        self._refuse()
        model, draws = asked(view, self.dies_count, self.seed, self.correlation_mm, keep=True)
        trial = Trial(model, draws, self.wafers_count)
        turned = self._turned(model)
        warnings = model_warnings(model)
        nominal = trial.answer({}, self.of)
        if not turned:
            warnings = (*warnings, "no option of the flow changes how the bumps vary")
            metrics = {"answer_um": nominal, "parameters_count": 0.0, "runs_count": 0.0}
            return Result(self.name, metrics, warnings=warnings, state="doubtful")
        effects, runs = self._effects(trial, turned, draws.seed, progress)
        rows = self._rows(turned, effects)
        moves = np.array([row["mu_star_um"] for row in rows])
        metrics = {
            "answer_um": nominal,
            "parameters_count": float(len(rows)),
            "runs_count": float(runs),
            "largest_effect_um": float(moves.max()),
            "first_five_pct": 100.0 * float(moves[:_FIRST].sum() / moves.sum()) if moves.sum() > 0 else 0.0,
        }
        tables = {"first_five": rows[:_FIRST], "parameters": rows}
        return Result(self.name, metrics, (), tables, {}, {}, warnings, "doubtful" if warnings else "ok")

    def _refuse(self) -> None:
        power = self.base_count & (self.base_count - 1) == 0
        refuse_unless(2 <= self.trajectories_count <= 1000, "trajectories_count", self.trajectories_count, "2 to 1000")
        refuse_unless(
            power and 8 <= self.base_count <= 65536, "base_count", self.base_count, "a power of 2, 8 to 65536"
        )
        refuse_unless(0 < self.spread_span_pct <= 100, "spread_span_pct", self.spread_span_pct, "above 0, up to 100")
        refuse_unless(0 <= self.mean_span_pct <= 50, "mean_span_pct", self.mean_span_pct, "0 to 50")
        refuse_unless(1 <= self.wafers_count <= 100, "wafers_count", self.wafers_count, "1 to 100")
        refuse_unless(2 <= self.dies_count <= MOST_DIES, "dies_count", self.dies_count, f"2 to {MOST_DIES}")
        refuse_unless(self.correlation_mm > 0, "correlation_mm", self.correlation_mm, "above 0")
        refuse_unless(self.seed is None or self.seed >= 0, "seed", float(self.seed or 0), "from 0")

    def _turned(self, model: Model) -> list[tuple[Knob, float, float]]:
        """Return (option, lowest, highest value) of what is turned."""
        found = []
        for item in knobs(model):
            span = 0.01 * (self.mean_span_pct if item.kind == "mean" else self.spread_span_pct)
            ends = sorted(item.within(item.value * (1.0 + sign * span)) for sign in (-1.0, 1.0))
            if ends[1] > ends[0]:
                found.append((item, ends[0], ends[1]))
        return found

    def _effects(
        self, trial: Trial, turned: list[tuple[Knob, float, float]], seed: int, progress: Progress | None
    ) -> tuple[tuple[Effect, ...], int]:
        """Return the effects of the options in their order, and how many recipes were tried."""
        inputs = Inputs(tuple(k.name for k, _, _ in turned), tuple((low, high) for _, low, high in turned))
        runs = morris_runs(len(turned), self.trajectories_count)
        if self.method == "sobol":
            runs += sobol_runs(len(turned), self.base_count)
        done = 0

        def answer(point: npt.NDArray[np.float64]) -> float:
            nonlocal done
            done += 1
            if progress is not None and done % 25 == 0:
                progress(done / runs, f"recipe {done} of {runs}")
            changes = {(k.index, k.option): value for (k, _, _), value in zip(turned, point.tolist(), strict=True)}
            return trial.answer(changes, self.of)

        effects = morris(inputs, answer, self.trajectories_count, seed)
        if self.method == "sobol":
            shares = sobol(inputs, answer, self.base_count, seed)
            keys = ("first_ratio", "first_half_ratio", "total_ratio", "total_half_ratio")
            effects = tuple(
                dataclasses.replace(one, **{key: getattr(two, key) for key in keys})
                for one, two in zip(effects, shares, strict=True)
            )
        return effects, runs

    def _rows(self, turned: list[tuple[Knob, float, float]], effects: tuple[Effect, ...]) -> list[dict[str, Any]]:
        """Return a row per option, the most influential first."""
        rows: list[dict[str, Any]] = []
        for (item, low, high), effect in zip(turned, effects, strict=True):
            rows.append(
                {
                    "rank": 0,
                    "parameter": item.name,
                    "meaning": item.meaning,
                    "unit": item.unit,
                    "value": item.value,
                    "low": low,
                    "high": high,
                    "range": f"{low:g} to {high:g} {item.unit}".rstrip(),
                    "source": item.source or "the flow's recipe",
                    "mu_star_um": effect.mu_star,
                    "mu_star_half_um": effect.mu_star_half,
                    "sigma_um": effect.sigma,
                    "first_ratio": _known(effect.first_ratio),
                    "first_half_ratio": _known(effect.first_half_ratio),
                    "total_ratio": _known(effect.total_ratio),
                    "total_half_ratio": _known(effect.total_half_ratio),
                }
            )
        by = "total_ratio" if self.method == "sobol" else "mu_star_um"
        rows.sort(key=lambda row: (-row[by], row["parameter"]))
        return [row | {"rank": rank} for rank, row in enumerate(rows, start=1)]


def _known(value: float) -> float | None:
    return None if np.isnan(value) else value
