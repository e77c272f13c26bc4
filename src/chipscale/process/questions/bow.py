"""The wafer's bow after every step of the flow, and where the next tool can't hold it (`process.bow`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from chipscale.package.types import Package
from chipscale.process.flow import Planned, plan, run, start
from chipscale.process.flows import flow_of
from chipscale.process.masks import Masks
from chipscale.process.models.plate_bow import PLATE_LIMIT_RATIO, Shape, laminate, shape
from chipscale.process.questions.bow_limits import BowLimit, limit_of
from chipscale.process.questions.plate_layers import Plate, PlateBuilder
from chipscale.results import Check, Progress, Result

METRICS: dict[str, str] = {
    "largest_bow_um": "largest bow of the free wafer after any step, large deflections included, without its sign",
    "largest_small_bow_um": "the same by the theory of small deflections",
    "last_bow_um": "bow before dicing (positive: edges towards the balls)",
    "largest_load_ratio": "largest load over the one at which the wafer's bow turns from a cap into a cylinder",
    "cylinders_count": "steps after which the free wafer is a cylinder",
    "too_bowed_count": "steps whose tool can't hold the wafer as it comes",
}


@dataclass(frozen=True, slots=True)
class BowStep:
    """The wafer after one step: its plate, its shape, and the tool that takes it next."""

    title: str
    plate: Plate
    shape: Shape
    next_title: str = ""
    limit: BowLimit | None = None

    @property
    def held(self) -> bool:
        """True when the next tool can hold the wafer, or none comes."""
        return self.limit is None or self.limit.holds(self.shape.bow_um)


@dataclass(frozen=True, slots=True)
class WaferBow:
    """How far the free wafer bows after every step up to dicing, weightless, at room temperature."""

    name: ClassVar[str] = "process.bow"
    reads: ClassVar[tuple[str, ...]] = ("package", "layout")
    metrics: ClassVar[Mapping[str, str]] = METRICS

    def run(self, view: Mapping[str, Any], progress: Progress | None = None) -> Result:
        """Run the flow of the package in `view` and answer after each step."""
        package: Package = view["package"]
        steps = plan(flow_of(package))
        masks, work = Masks(view["layout"]), start(package, view["layout"])
        found = bow_steps(steps, (run(steps, work, masks)), package.wafer.diameter_mm, progress)
        return bow_result(found, package.wafer.diameter_mm)


def bow_steps(steps: Planned, works: Any, diameter_mm: float, progress: Progress | None = None) -> tuple[BowStep, ...]:
    """Return the wafer's shape after each of the flow's steps until it is diced.

    `works` yields (step as data, workpiece after it), as `flow.run` does.
    """
    builder = PlateBuilder()
    found: list[BowStep] = []
    for place, (spec, work) in enumerate(works):
        if progress is not None:
            progress((place + 1) / len(steps), spec.title)
        if "diced" in steps[place][1].makes:
            break
        plate = builder.plate(work)
        if not plate.layers:
            continue
        after = steps[place + 1] if place + 1 < len(steps) else None
        limit = limit_of(after[1].tool) if after else None
        formed = shape(laminate(plate.layers), diameter_mm)
        found.append(BowStep(spec.title, plate, formed, after[0].title if after else "", limit))
    return tuple(found)


def bow_result(steps: Sequence[BowStep], diameter_mm: float) -> Result:
    """Return the Result "process.bow": a row per step, checks of tools with a published limit, warnings for others."""
    return Result(
        "process.bow",
        _metrics(steps),
        _checks(steps),
        {"bow": [_row(step) for step in steps], "stresses": _stresses(steps)},
        warnings=_warnings(steps, diameter_mm),
        state="doubtful" if _too_steep(steps, diameter_mm) else "ok",
    )


def _metrics(steps: Sequence[BowStep]) -> dict[str, float]:
    if not steps:
        return {}
    return {
        "largest_bow_um": max(abs(step.shape.bow_um) for step in steps),
        "largest_small_bow_um": max(abs(step.shape.linear_bow_um) for step in steps),
        "last_bow_um": steps[-1].shape.bow_um,
        "largest_load_ratio": max(step.shape.load_ratio for step in steps),
        "cylinders_count": float(sum(step.shape.state == "cylinder" for step in steps)),
        "too_bowed_count": float(sum(not step.held for step in steps)),
    }


def _row(step: BowStep) -> dict[str, Any]:
    formed, limit = step.shape, step.limit
    return {
        "step": step.title,
        "silicon_um": round(step.plate.silicon_um, 3),
        "small_bow_um": round(formed.linear_bow_um, 2),
        "bow_um": round(formed.bow_um, 2),
        "kappa_x_per_m": round(formed.kappa_x_per_m, 6),
        "kappa_y_per_m": round(formed.kappa_y_per_m, 6),
        "state": formed.state,
        "next": step.next_title,
        "limit_um": limit.beside_um(formed.bow_um) if limit else None,
        "limit_source": limit.source if limit else "",
        "held": step.held,
    }


def _stresses(steps: Sequence[BowStep]) -> list[dict[str, Any]]:
    """Return what the films hold in the last plate they are in, a row per layer and material."""
    held = {item[:2]: item for step in steps for item in step.plate.held}
    return [
        {"layer": layer, "material": name, "stress_MPa": round(item.stress_MPa, 2), "source": item.source}
        for (layer, name), item in sorted(held.items())
    ]


def _checks(steps: Sequence[BowStep]) -> tuple[Check, ...]:
    """Return a check for every step whose tool's maker gives a limit."""
    return tuple(
        Check(
            "process.bow",
            "bow_um",
            round(step.shape.bow_um, 2),
            step.limit.beside_um(step.shape.bow_um),
            step.held,
            _held_text(step),
            source=step.limit.source,
        )
        for step in steps
        if step.limit is not None and not step.limit.assumed
    )


def _held_text(step: BowStep) -> str:
    limit = step.limit.beside_um(step.shape.bow_um) if step.limit else 0.0
    verb = "can hold" if step.held else "can't hold"
    return f"{step.next_title} {verb} the wafer: bow {step.shape.bow_um:.0f} µm, limit {limit:.0f} µm"


def _warnings(steps: Sequence[BowStep], diameter_mm: float) -> tuple[str, ...]:
    told = [
        f"{_held_text(step)} ({step.limit.source}); flatten it on a tape frame or a carrier"
        for step in steps
        if step.limit is not None and not step.held
    ]
    assumed = sorted({item[:3] for step in steps for item in step.plate.held if item.assumed})
    if assumed:
        named = (f"{layer} ({name}) {stress:g} MPa" for layer, name, stress in assumed)
        told.append(f"assumed, as nobody measured it here: the stress of {', '.join(named)}")
    unknown = sorted({layer for step in steps for layer in step.plate.unknown_stress})
    if unknown:
        told.append(f"no stress is known for {', '.join(unknown)}: taken as 0")
    strange = sorted({name for step in steps for name in step.plate.unknown_elastic})
    if strange:
        told.append(f"no modulus is known for {', '.join(strange)}: left out of the plate")
    steep = _too_steep(steps, diameter_mm)
    if steep:
        told.append(f"after {', '.join(steep)} the edge rises by more than {PLATE_LIMIT_RATIO:g}: no longer a plate")
    return tuple(told)


def _too_steep(steps: Sequence[BowStep], diameter_mm: float) -> list[str]:
    """Return the steps after which the slope at the wafer's edge is beyond what plate theory holds for."""
    return [step.title for step in steps if abs(step.shape.kappa_x_per_m) * diameter_mm / 2000 > PLATE_LIMIT_RATIO]
