"""The flow of a package as a table: every step with its tool, time, recipe, what it found out and what may fail."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from chipscale.layout.types import Layout
from chipscale.layout.wafer_map import WaferMap, wafer_map
from chipscale.package.types import FlowStep, Package
from chipscale.process.flow import plan, run, start
from chipscale.process.flows import flow_of
from chipscale.process.masks import Masks
from chipscale.process.step import Batch, Step
from chipscale.process.work import Work
from chipscale.results import Progress, Result
from chipscale.spec.model import Wafer
from chipscale.stack.types import Slab

_LEAST_PROBED = 0.5  # of the plan's dies: a map of fewer is most likely one of another wafer (assumed)


@dataclass(frozen=True, slots=True)
class FlowFacts:
    """How is the package made: the steps in order, what each takes, finds out and puts at risk?

    Times are those of one wafer in the tool, loading and waiting not counted.
    """

    name: ClassVar[str] = "process.flow"
    reads: ClassVar[tuple[str, ...]] = ("package", "layout")
    metrics: ClassVar[Mapping[str, str]] = {
        "steps_count": "steps of the flow",
        "time_s": "time of one wafer in all tools",
        "longest_s": "time of one wafer in the step that takes longest",
        "tools_count": "different classes of tools",
        "defects_count": "kinds of defects the steps may leave, each counted once however many steps may leave it",
        "defects_rated_count": "of these, kinds whose rate is given by a source",
        "warnings_count": "warnings of the steps",
        "dies_count": "whole dies of a wafer",
    }

    def run(self, view: Mapping[str, Any], progress: Progress | None = None) -> Result:
        """Run the flow on the masks and collect what each step says."""
        package, layout = view["package"], view["layout"]
        steps = plan(flow_of(package))
        work, planned = start(package, layout), plan_of_wafer(package, layout)
        batch = batch_of(package, layout)
        rows, warnings = [], []
        for place, ((spec, after), (_, step)) in enumerate(
            zip(run(steps, work, Masks(layout)), steps, strict=True), start=1
        ):
            batch = dataclasses.replace(batch, wafer_um=_wafer_um(work, batch.wafer_um), figures=after.note.figures)
            rows.append(_row(place, spec, step, after, batch))
            rows[-1]["warnings"] += against_plan(after.note.figures, planned)
            warnings += [f"{spec.title}: {text}" for text in rows[-1]["warnings"]]
            work = after
            if progress is not None:
                progress(place / len(steps), spec.title)
        tools = _tools(rows)
        metrics = {
            "steps_count": float(len(rows)),
            "time_s": sum(row["time_s"] for row in rows),
            "longest_s": max(row["time_s"] for row in rows),
            "tools_count": float(len(tools)),
            "defects_count": float(len(_defects(rows))),
            "defects_rated_count": float(sum(rate is not None for *_, rate in _defects(rows))),
            "warnings_count": float(len(warnings)),
            "dies_count": float(batch.dies_count),
        }
        about = [{"flow": package.flow.base, "thinning": package.flow.thinning, "edits": len(package.flow.changes)}]
        return Result(self.name, metrics, (), {"steps": rows, "tools": tools, "flow": about}, warnings=tuple(warnings))


def batch_of(package: Package, layout: Layout) -> Batch:
    """Return what the times of the steps depend on: one wafer of the package and what is on it."""
    facts, dies = package.wafer, plan_of_wafer(package, layout).gross_dies
    size = (layout.size_x_um, layout.size_y_um)
    return Batch(facts.diameter_mm, dies, len(package.balls), *size, facts.street_x_um, facts.street_y_um)


def plan_of_wafer(package: Package, layout: Layout) -> WaferMap:
    """Return which dies the package's wafer holds."""
    facts = package.wafer
    wafer = Wafer.model_validate(
        {
            "diameter_mm": int(facts.diameter_mm),
            "street_x_um": facts.street_x_um,
            "street_y_um": facts.street_y_um,
            "edge_exclusion_mm": facts.edge_exclusion_mm,
        }
    )
    return wafer_map((layout.size_x_um, layout.size_y_um), wafer)


def against_plan(figures: Mapping[str, float], planned: WaferMap) -> list[str]:
    """Return how a probe map's figures disagree with the wafer's plan: dies by number, columns and rows by reach."""
    if "probed_count" not in figures:
        return []
    told = []
    probed, dies = int(figures["probed_count"]), planned.gross_dies
    if not _LEAST_PROBED * dies <= probed <= len(planned.dies):
        told.append(f"the probe map has {probed} dies, the wafer's plan {dies}: is it the map of this wafer?")
    for axis, name in (("col", "columns"), ("row", "rows")):
        found = [getattr(die, axis) for die in planned.dies]
        holds, reach = max(found) - min(found) + 1, int(figures[f"probed_{name}_count"])
        if reach > holds:
            told.append(f"the probe map reaches over {reach} {name} of dies, the wafer holds {holds}")
    return told


def _wafer_um(work: Work, before_um: float) -> float:
    """Return the thickness of the silicon before a step, what it was where there is none yet."""
    found = [body.h_um for body in work.bodies if isinstance(body, Slab) and body.layer == "DIE"]
    return max(found, default=before_um)


def _row(place: int, spec: FlowStep, step: Step, after: Work, batch: Batch) -> dict[str, Any]:
    note = after.note
    return {
        "place": place,
        "label": spec.title,
        "step": spec.step,
        "title": step.title,
        "tool": step.tool,
        "time_s": round(float(step.time_s(batch)), 2),
        "recipe": {item.name: getattr(step, item.name) for item in dataclasses.fields(step)},  # type: ignore[arg-type]
        "given": sorted(spec.recipe),
        "figures": {name: round(float(value), 6) for name, value in sorted(note.figures.items())},
        "warnings": list(note.warnings),
        "varies": [
            {"quantity": item.quantity, "layer": item.layer, "by_level": dict(item.by_level), "source": item.source}
            for item in step.spreads()
        ],
        "defects": [
            {"name": item.name, "on": item.on, "cause": item.cause, "rate_ppm": item.rate_ppm, "source": item.source}
            for item in step.defects
        ],
    }


def _defects(rows: list[dict[str, Any]]) -> set[tuple[Any, ...]]:
    """Return the kinds of defects of all steps: name, on what, cause, source and rate."""
    keys = ("name", "on", "cause", "source", "rate_ppm")
    return {tuple(item[key] for key in keys) for row in rows for item in row["defects"]}


def _tools(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the classes of tools with their steps and time, the longest first."""
    found: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        found.setdefault(row["tool"], []).append(row)
    table = [
        {
            "tool": tool,
            "steps_count": len(steps),
            "time_s": round(sum(row["time_s"] for row in steps), 2),
            "steps": [row["label"] for row in steps],
        }
        for tool, steps in found.items()
    ]
    return sorted(table, key=lambda row: (-row["time_s"], row["tool"]))
