"""The question `process.variation`: how much do the made packages differ, and do their bumps stay in one plane?"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from chipscale.package.types import Package
from chipscale.process.variation import figures
from chipscale.process.variation.asked import CORRELATION_MM, MOST_DIES, asked, centre_um, model_warnings, refuse_unless
from chipscale.process.variation.components import nominal_um
from chipscale.process.variation.draws import Draws
from chipscale.process.variation.limits import DROPPED_UM, PLATED_UM, Limit, limits
from chipscale.process.variation.mean_widths import mean_off_um
from chipscale.process.variation.model import Model
from chipscale.process.variation.simulate import Sample, one_wafer, simulate
from chipscale.results import Check, Progress, Result, State


@dataclass(frozen=True, slots=True)
class Variation:
    """Make wafers by chance: films, widths, bump heights, coplanarity, capability, and where the differences come from.

    Every step of the flow says how its result varies by lot, wafer, radius, die and feature; a bump's apex is the sum
    of the films under it and of its reflowed solder. Heights count from the die's face: the silicon's own thickness
    is no part of a die's coplanarity. `dies_count` 0: as many as the wafer holds.

    The limit that decides is `limit_um`; without it `plated_limit_um` for plated bumps, `ball_drop_limit_um` for
    dropped and printed ones. What the other limit would say is a figure and, where it is not kept, a warning.
    """

    wafers_count: int = 25
    dies_count: int = 0
    limit_um: float | None = None  # None: by how the bumps are made
    goal_pct: float = 99.0
    plated_limit_um: float = PLATED_UM
    ball_drop_limit_um: float = DROPPED_UM
    height_tolerance_um: float = 0.0  # each way; 0: a tenth of the bump's own height (assumed)
    width_tolerance_pct: float = 10.0
    correlation_mm: float = CORRELATION_MM
    seed: int | None = None  # None: the package's

    name: ClassVar[str] = "process.variation"
    reads: ClassVar[tuple[str, ...]] = ("package", "layout")
    metrics: ClassVar[Mapping[str, str]] = {
        "limit_um": "limit of the coplanarity that decides: as asked, else by how the bumps are made",
        "plated_limit_um": "limit of plated bumps, as asked",
        "ball_drop_limit_um": "limit of dropped and printed balls, as asked",
        "goal_pct": "share of the dies wanted within a limit, as asked",
        "dies_count": "dies that were made",
        "coplanarity_mean_um": "highest less lowest apex of a die, mean over the dies",
        "coplanarity_sd_um": "its standard deviation over the dies",
        "coplanarity_p99_um": "99 of 100 dies are flatter",
        "coplanarity_max_um": "the worst die",
        "coplanarity_cpk_ratio": "(limit_um - mean) / 3 standard deviations, one-sided (Cpu)",
        "plated_cpk_ratio": "the same to `plated_limit_um`",
        "ball_drop_cpk_ratio": "the same to `ball_drop_limit_um`",
        "within_limit_pct": "dies whose apexes lie within `limit_um`",
        "within_limit_low_pct": "its 95 % interval, lower end",
        "within_limit_high_pct": "its 95 % interval, upper end",
        "within_plated_pct": "dies within `plated_limit_um`, however the bumps are made",
        "within_ball_drop_pct": "dies within `ball_drop_limit_um`, however the bumps are made",
        "seating_mean_um": "lowest apex to the plane the die rests on (JESD22-B108), mean over the dies",
        "seating_p99_um": "99 of 100 dies are flatter by the seating plane",
        "seating_within_limit_pct": "dies within `limit_um` by the seating plane",
        "height_mean_um": "apex above the die's face, mean over all bumps",
        "height_sd_um": "standard deviation over all bumps of all wafers",
        "height_lots_sd_um": "the same over many lots, from the spreads",
        "height_low_limit_um": "lower limit of the height",
        "height_high_limit_um": "upper limit of the height",
        "height_cp_ratio": "(upper - lower limit) / 6 standard deviations",
        "height_cpk_ratio": "room to the nearer limit / 3 standard deviations",
        "height_within_pct": "bumps between the limits",
        "rdl_width_sd_um": "standard deviation of the redistribution wires' width",
        "ubm_width_sd_um": "standard deviation of the under-bump metal's diameter",
        "pi1_opening_sd_um": "standard deviation of the openings over the pads",
        "pi2_opening_sd_um": "standard deviation of the openings under the balls",
    }

    def run(self, view: Mapping[str, Any], progress: Progress | None = None) -> Result:
        """Return the answer. Tables and fields, for figures:

        `histogram`: from_um, to_um, dies_count (coplanarity). `wafers`: lot, wafer, coplanarity_mean_um,
        coplanarity_p99_um, within_limit_pct, height_mean_um, within_die_sd_um. `levels`: level (lot, wafer, radius,
        die, feature, pattern), height_sd_um, share_pct, coplanarity_alone_um, seen_sd_um or None. `causes`: step,
        quantity, layer, height_sd_um, share_pct, coplanarity_alone_um, coplanarity_without_um, sd_lot ... sd_feature,
        source. `films`: layer, mean_um, sd_um, sd_pct. `widths`: layer, feature, drawn_um, mean_um (as
        built, bias and undercut included), off_um, sd_um, low_um, high_um, cp_ratio, cpk_ratio.

        Fields: `map_x_mm`, `map_y_mm` (dies,) from the wafer's centre; `map_mean_um` coplanarity of each die's place
        over all wafers, `map_one_um` of the first wafer, `map_height_um` mean apex of the first wafer's dies;
        `hist_edges_um` (b + 1,), `hist_count` (b,) of coplanarity; `height_edges_um`, `height_count` of the apexes;
        `ball_x_um`, `ball_y_um`, `ball_mean_um` (bumps,) mean apex, `ball_nominal_um` with nothing varying.
        """
        self._refuse()
        package: Package = view["package"]
        model, draws = asked(view, self.dies_count, self.seed, self.correlation_mm)
        low, high = self._height_limits(model)
        made = self.wafers_count, centre_um(view)
        sample = simulate(model, draws, *made, limits_um=(low, high), progress=progress)
        limit, other = limits(model, self.limit_um, self.plated_limit_um, self.ball_drop_limit_um)
        named = {"limit_um": limit.limit_um, "goal_pct": self.goal_pct}
        named |= {"plated_limit_um": self.plated_limit_um, "ball_drop_limit_um": self.ball_drop_limit_um}
        metrics = named | figures.coplanarity_metrics(sample, **named)
        metrics |= figures.height_metrics(sample, low, high)
        metrics |= _width_metrics(sample)
        off_um = mean_off_um(view["layout"], model.made.works[-1].stack())
        few = Draws(draws.places.few(1000), draws.seed, draws.correlation_mm, keep=True)
        tables = {
            "histogram": figures.histogram_rows(sample),
            "wafers": figures.wafer_rows(sample, limit.limit_um),
            "levels": figures.level_rows(model, few, sample),
            "causes": figures.cause_rows(model, few),
            "films": figures.film_rows(model, sample),
            "widths": figures.width_rows(package, sample, self.width_tolerance_pct, off_um),
        }
        metrics["height_lots_sd_um"] = math.sqrt(sum(row["height_sd_um"] ** 2 for row in tables["levels"]))
        warnings = model_warnings(model)
        state: State = "doubtful" if warnings else "ok"
        shared = figures.within_pct(sample, other.limit_um)
        if shared < self.goal_pct:
            warnings += (f"{_told(shared, other.limit_um)}, the limit of {other.whose} ({other.source})",)
        checks = (self._check(metrics["within_limit_pct"], limit),)
        return Result(self.name, metrics, checks, tables, _fields(model, draws, sample), {}, warnings, state)

    def _refuse(self) -> None:
        refuse_unless(1 <= self.wafers_count <= 1000, "wafers_count", self.wafers_count, "1 to 1000")
        refuse_unless(0 <= self.dies_count <= MOST_DIES, "dies_count", self.dies_count, f"0 to {MOST_DIES}")
        for key in ("limit_um", "plated_limit_um", "ball_drop_limit_um"):
            value = getattr(self, key)
            refuse_unless(value is None or value > 0, key, value or 0.0, "above 0")
        refuse_unless(0 < self.goal_pct <= 100, "goal_pct", self.goal_pct, "above 0, up to 100")
        refuse_unless(self.height_tolerance_um >= 0, "height_tolerance_um", self.height_tolerance_um, "from 0")
        refuse_unless(0 < self.width_tolerance_pct <= 100, "width_tolerance_pct", self.width_tolerance_pct, "0 to 100")
        refuse_unless(self.correlation_mm > 0, "correlation_mm", self.correlation_mm, "above 0")
        refuse_unless(self.seed is None or self.seed >= 0, "seed", float(self.seed or 0), "from 0")

    def _height_limits(self, model: Model) -> tuple[float, float]:
        """Return the apex's limits around its nominal mean; a bump's own height is its solder's or last metal's."""
        nominal = float(nominal_um(model).mean())
        terms = model.chain.terms
        below = sum(float(t.mean_um.mean()) for t in terms if model.chain.joint or t.layer != terms[-1].layer)
        own = nominal - below
        room = self.height_tolerance_um or 0.1 * own
        return nominal - room, nominal + room

    def _check(self, share_pct: float, limit: Limit) -> Check:
        return Check(
            "variation.coplanarity",
            f"{self.name}.within_limit_pct",
            share_pct,
            self.goal_pct,
            share_pct >= self.goal_pct,
            f"{_told(share_pct, limit.limit_um)}, the limit of {limit.whose}; wanted {self.goal_pct:g} %",
            source=limit.source,
        )


def _told(share_pct: float, limit_um: float) -> str:
    return f"{share_pct:.4g} % of the dies have all bumps within {limit_um:g} µm"


def _width_metrics(sample: Sample) -> dict[str, float]:
    names = {"RDL": "rdl_width", "UBM": "ubm_width", "PI1": "pi1_opening", "PI2": "pi2_opening"}
    found = {names[layer]: m for (what, layer), m in sample.kinds.items() if what == "cd" and layer in names}
    return {f"{name}_sd_um": moments.sd for name, moments in sorted(found.items())}


def _fields(model: Model, draws: Draws, sample: Sample) -> dict[str, Any]:
    counts, edges = figures.histogram(sample.range_um)
    places = model.chain.places_um
    fields = {
        "map_x_mm": draws.places.x_mm,
        "map_y_mm": draws.places.y_mm,
        "map_mean_um": sample.range_um.mean(axis=0, dtype=np.float64),
        "map_one_um": sample.range_um[0],
        "map_height_um": one_wafer(model, draws, 0).mean(axis=1),
        "hist_edges_um": edges,
        "hist_count": counts,
        "height_edges_um": sample.edges_um,
        "height_count": sample.counts,
        "ball_x_um": places[:, 0],
        "ball_y_um": places[:, 1],
        "ball_mean_um": sample.bump_um,
        "ball_nominal_um": nominal_um(model),
    }
    return {name: np.asarray(value, dtype=np.float64) for name, value in fields.items()}
