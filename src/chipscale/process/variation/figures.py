"""The figures of a sample: metrics, checks against the limits, rows of the tables, arrays of the pictures."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from chipscale.package.types import Package
from chipscale.process.step import LEVELS
from chipscale.process.variation import components
from chipscale.process.variation.capability import cp, cpk, share_interval_pct
from chipscale.process.variation.draws import WAFERS_PER_LOT, Draws
from chipscale.process.variation.model import Model
from chipscale.process.variation.simulate import Sample

Rows = list[dict[str, Any]]
_BINS = 60


def within_pct(sample: Sample, limit_um: float) -> float:
    """Return the share of the dies whose apexes lie within a limit."""
    return 100.0 * float((sample.range_um <= limit_um).mean())


def coplanarity_metrics(
    sample: Sample, *, limit_um: float, plated_limit_um: float, ball_drop_limit_um: float, **_: float
) -> dict[str, float]:
    """Return the metrics of the dies' coplanarity."""
    values = sample.range_um.astype(np.float64).ravel()
    within = int((values <= limit_um).sum())
    low, high = share_interval_pct(within, len(values))
    found = {
        "dies_count": float(len(values)),
        "coplanarity_mean_um": float(values.mean()),
        "coplanarity_sd_um": float(values.std(ddof=1)) if len(values) > 1 else 0.0,
        "coplanarity_p99_um": float(np.quantile(values, 0.99)),
        "coplanarity_max_um": float(values.max()),
        "within_limit_pct": 100.0 * within / len(values),
        "within_limit_low_pct": low,
        "within_limit_high_pct": high,
        "within_plated_pct": within_pct(sample, plated_limit_um),
        "within_ball_drop_pct": within_pct(sample, ball_drop_limit_um),
    }
    named = {"coplanarity": limit_um, "plated": plated_limit_um, "ball_drop": ball_drop_limit_um}
    spread = found["coplanarity_mean_um"], found["coplanarity_sd_um"]
    found |= {f"{name}_cpk_ratio": cpk(*spread, None, value) for name, value in named.items()}
    if sample.seating_um is not None:
        seats = sample.seating_um.astype(np.float64).ravel()
        found["seating_mean_um"] = float(seats.mean())
        found["seating_p99_um"] = float(np.quantile(seats, 0.99))
        found["seating_within_limit_pct"] = 100.0 * float((seats <= limit_um).mean())
    return found


def height_metrics(sample: Sample, low_um: float, high_um: float) -> dict[str, float]:
    """Return the metrics of the apexes' heights between two limits."""
    mean, sd = sample.height.mean, sample.height.sd
    return {
        "height_mean_um": mean,
        "height_sd_um": sd,
        "height_low_limit_um": low_um,
        "height_high_limit_um": high_um,
        "height_cp_ratio": cp(sd, low_um, high_um),
        "height_cpk_ratio": cpk(mean, sd, low_um, high_um),
        "height_within_pct": 100.0 * sample.inside_count / sample.height.count,
    }


def wafer_rows(sample: Sample, limit_um: float) -> Rows:
    """Return a row per wafer."""
    rows = []
    for wafer in range(len(sample.range_um)):
        values = sample.range_um[wafer].astype(np.float64)
        rows.append(
            {
                "lot": wafer // WAFERS_PER_LOT + 1,
                "wafer": wafer + 1,
                "coplanarity_mean_um": float(values.mean()),
                "coplanarity_p99_um": float(np.quantile(values, 0.99)),
                "within_limit_pct": 100.0 * float((values <= limit_um).mean()),
                "height_mean_um": float(sample.mean_um[wafer].mean()),
                "within_die_sd_um": float(math.sqrt(sample.within_um2[wafer].mean())),
            }
        )
    return rows


def histogram(values: npt.NDArray[Any]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """Return (counts, edges) of values that are never negative, from 0 on."""
    top = float(values.max())
    return np.histogram(values, np.linspace(0.0, top * 1.02 if top > 0 else 1.0, _BINS + 1))


def histogram_rows(sample: Sample) -> Rows:
    """Return the histogram of the dies' coplanarity as rows."""
    counts, edges = histogram(sample.range_um)
    pairs = zip(edges[:-1].tolist(), edges[1:].tolist(), counts.tolist(), strict=True)
    return [{"from_um": low, "to_um": high, "dies_count": count} for low, high, count in pairs]


def level_rows(model: Model, draws: Draws, sample: Sample) -> Rows:
    """Return a row per level: deviation of the apexes as the spreads give it, share of the variance, coplanarity alone.

    `seen_sd_um` is what the sample shows between wafers (lots included), dies (bowl included) and bumps of a die.
    """
    by_source = components.level_shares_um2(model, draws)
    variance = {level: sum(row[level] for row in by_source) for level in LEVELS}
    variance[components.PATTERN] = components.pattern_variance_um2(model)
    total = sum(variance.values())
    seen = components.nested(sample, len(model.chain.sites))
    alone = components.coplanarity_by_level(model, draws)
    alone[components.PATTERN] = float(np.ptp(components.nominal_um(model)))
    return [
        {
            "level": level,
            "height_sd_um": math.sqrt(max(value, 0.0)),
            "share_pct": 100.0 * value / total if total > 0 else 0.0,
            "coplanarity_alone_um": alone[level],
            "seen_sd_um": math.sqrt(seen[level]) if level in seen else None,
        }
        for level, value in variance.items()
    ]


def cause_rows(model: Model, draws: Draws) -> Rows:
    """Return a row per cause, the one that alone makes the most coplanarity first."""
    by_source = components.level_shares_um2(model, draws)
    moved = components.coplanarity_by_source(model, draws)
    pattern = components.pattern_variance_um2(model)
    total = sum(sum(row.values()) for row in by_source) + pattern
    rows: Rows = []
    for source, levels, copl in zip(model.sources, by_source, moved[:-1], strict=True):
        rows.append(
            {
                "step": source.label,
                "quantity": source.quantity,
                "layer": source.layer,
                "height_sd_um": math.sqrt(sum(components.own_variances_um2(model, source, draws).values())),
                "share_pct": 100.0 * sum(levels.values()) / total if total > 0 else 0.0,
                "coplanarity_alone_um": copl["alone_um"],
                "coplanarity_without_um": copl["without_um"],
                **{f"sd_{level}": source.at(level) for level in LEVELS},
                "source": source.source,
            }
        )
    rows.append(
        {
            "step": "the masks",
            "quantity": components.PATTERN,
            "layer": "",
            "height_sd_um": math.sqrt(pattern),
            "share_pct": 100.0 * pattern / total if total > 0 else 0.0,
            "coplanarity_alone_um": moved[-1]["alone_um"],
            "coplanarity_without_um": moved[-1]["without_um"],
            **{f"sd_{level}": 0.0 for level in LEVELS},
            "source": "density of the pattern around each bump, relief below it",
        }
    )
    return sorted(rows, key=lambda row: (-row["coplanarity_alone_um"], row["step"], row["quantity"], row["layer"]))


def film_rows(model: Model, sample: Sample) -> Rows:
    """Return a row per layer under the bumps whose thickness varies: mean, standard deviation, the same in %."""
    rows = []
    for (what, layer), moments in sorted(sample.kinds.items()):
        means = [term.mean_um.mean() for term in model.chain.terms if term.layer == layer]
        if what != "thickness" or not means:
            continue
        mean = float(sum(means))
        rows.append(
            {
                "layer": layer,
                "mean_um": mean + float(moments.mean),
                "sd_um": moments.sd,
                "sd_pct": 100.0 * moments.sd / mean if mean > 0 else 0.0,
            }
        )
    return rows


def width_rows(package: Package, sample: Sample, tolerance_pct: float, built_off_um: Mapping[str, float]) -> Rows:
    """Return a row per layer whose widths vary: the narrowest drawn one, its deviation, capability to ± tolerance.

    The mean is that of what is built: `built_off_um` says by layer how far bias, undercut and walls shift it
    (the few lots that were made have a mean of their own, which is chance).
    """
    terminal = package.terminal
    wire = min((item.width_um for item in package.classes), default=0.0)
    drawn = {
        "RDL": ("wire", wire),
        "RDL2": ("wire", wire),
        "PI1": ("opening over a pad", terminal.pi1_size_um),
        "PI2": ("opening under a ball", terminal.pi2_d_um),
        "UBM": ("under-bump metal", terminal.ubm_d_um),
        "MASK": ("opening under a ball", terminal.pi2_d_um),
    }
    rows = []
    for (what, layer), moments in sorted(sample.kinds.items()):
        feature, width = drawn.get(layer, ("", 0.0))
        if what != "cd" or width <= 0:
            continue
        room = 0.01 * tolerance_pct * width
        off = built_off_um.get(layer, 0.0)
        rows.append(
            {
                "layer": layer,
                "feature": feature,
                "drawn_um": width,
                "mean_um": width + off,
                "off_um": off,
                "sd_um": moments.sd,
                "low_um": width - room,
                "high_um": width + room,
                "cp_ratio": cp(moments.sd, width - room, width + room),
                "cpk_ratio": cpk(width + off, moments.sd, width - room, width + room),
            }
        )
    return rows
