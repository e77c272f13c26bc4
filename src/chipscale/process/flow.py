"""Running a flow on the masks: the only way a Stack is made."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from chipscale.errors import InputError, Problem
from chipscale.layout.types import Layout
from chipscale.package.types import FlowStep, Package
from chipscale.process.flows import flow_of
from chipscale.process.ideal import ideal
from chipscale.process.masks import Masks
from chipscale.process.step import Step, StepError, make_step
from chipscale.process.steps import all_steps, find, nearest
from chipscale.process.work import Note, Work
from chipscale.results import Progress
from chipscale.stack.types import Stack

Flow = tuple[FlowStep, ...]
Planned = tuple[tuple[FlowStep, Step], ...]

# What a state of the workpiece is called in a message.
_WORDS = {
    "wafer": "a wafer",
    "seed": "a seed on the wafer",
    "film": "an unpatterned metal film on the wafer",
    "coat": "a coat on the wafer",
    "dry": "a baked coat on the wafer",
    "latent": "an exposed coat on the wafer",
    "opened": "a developed coat on the wafer",
    "metal": "metal on the wafer",
    "solder": "solder on the wafer",
    "joints": "reflowed balls",
    "thin": "a thinned wafer",
    "backside": "a film on the back",
    "cover": "a cover bonded on",
    "flipped": "a wafer turned over",
    "grooved": "a groove in the wafer",
    "notched": "a second groove",
    "diced": "a wafer already diced",
}
_NOT_AT_THE_END = ("seed", "film", "coat")
_COATS = ("coat", "dry", "latent", "opened")  # each is one before it, too


def nominal_stack(package: Package, layout: Layout, progress: Progress | None = None) -> Stack:
    """Return every body of the package as drawn: its flow on the masks of `layout` without bias, slope or undercut."""
    return built_stack(package, layout, plan(ideal(flow_of(package))), progress)


def built_stack(package: Package, layout: Layout, steps: Planned, progress: Progress | None = None) -> Stack:
    """Return every body of the package, made by the planned steps on the masks of `layout`."""
    work = start(package, layout)
    for done, (spec, after) in enumerate(run(steps, work, Masks(layout)), start=1):
        work = after
        if progress is not None:
            progress(done / len(steps), spec.title)
    return work.stack()


def start(package: Package, layout: Layout) -> Work:
    """Return the workpiece before the first step."""
    return Work(package.name, layout.size_x_um, layout.size_y_um)


def plan(flow: Sequence[FlowStep]) -> Planned:
    """Return the flow's steps, ready to run; InputError with every problem of names, options, ranges and order."""
    steps, problems = draft(flow)
    if problems:
        raise InputError(problems)
    return steps


def draft(flow: Sequence[FlowStep]) -> tuple[Planned, list[Problem]]:
    """Return the steps of a flow as far as they can be made, and everything that is wrong with it.

    The key of a problem is `flow[place] label`, followed by `.option` where an option is to blame.
    """
    problems: list[Problem] = []
    steps: list[tuple[FlowStep, Step]] = []
    for place, spec in enumerate(flow, start=1):
        kind = find(spec.step)
        if kind is None:
            what, remedy = f"unknown step '{spec.step}'", nearest(spec.step)
            problems.append(Problem("flow.unknown_step", what, key=_key(place, spec), value=spec.step, remedy=remedy))
            continue
        step, wrong = make_step(spec, kind, _key(place, spec))
        problems += wrong
        if step is not None:
            steps.append((spec, step))
    if not problems:
        problems = _order_problems(steps)
    return tuple(steps), problems


def run(steps: Planned, work: Work, masks: Masks) -> Iterator[tuple[FlowStep, Work]]:
    """Yield (step as data, workpiece after it) step by step, from `work` on; InputError when a step can't be done.

    Masks are drawn as seen from the side the balls are on. Before a flip the wafer lies the other way round and
    its steps get them mirrored.
    """
    flips = sum("flipped" in step.makes for _, step in steps)
    turned = masks.mirrored() if flips % 2 else masks
    for place, (spec, step) in enumerate(steps, start=1):
        try:
            work = step.effect(work.but(note=Note()), turned if flips % 2 else masks)
        except StepError as error:
            key = _key(place, spec) + (f".{error.option}" if error.option else "")
            found = Problem("flow.step", error.what, key=key, value=error.value, limit=error.limit, remedy=error.remedy)
            raise InputError([found]) from None
        flips -= "flipped" in step.makes
        work = work.but(log=(*work.log, spec.title))
        yield spec, work


def _key(place: int, spec: FlowStep) -> str:
    return f"flow[{place}] {spec.title}"


def _order_problems(steps: Sequence[tuple[FlowStep, Step]]) -> list[Problem]:
    """Return every step that comes too early, too late or twice, and what is left on the wafer at the end.

    A cause is told once, at the first step it stops: what that step lacked is taken as given from there on, and what
    was in its way as removed.
    """
    problems = []
    state: set[str] = set()
    told: set[str] = set()  # states that are wrong, and of which that is said
    for place, (spec, step) in enumerate(steps, start=1):
        key = _key(place, spec)
        for lacking in _causes(step.needs - state - told):
            remedy = _first("makes", lacking)
            problems.append(Problem("flow.order", f"needs {_WORDS.get(lacking, lacking)}", key=key, remedy=remedy))
        told |= step.needs - state
        in_the_way = step.never & state
        for wrong in _causes(in_the_way):
            remedy = _first("takes", wrong) or "remove the step or move it"
            what = f"can't be done with {_WORDS.get(wrong, wrong)}"
            problems.append(Problem("flow.order", what, key=key, remedy=remedy))
        if in_the_way & set(_COATS):
            in_the_way |= state & set(_COATS)
        told = ((told | in_the_way) - step.makes - step.takes) - (set(_COATS) if "coat" in step.makes else set())
        state = ((state - in_the_way) | step.makes) - step.takes
    for left in _causes(state & set(_NOT_AT_THE_END)):
        problems.append(
            Problem("flow.order", f"ends with {_WORDS.get(left, left)} still on it", key=f"flow[{len(steps)}]")
        )
    return problems


def _causes(states: Iterable[str]) -> list[str]:
    """Return the states, sorted; of those of a coat only the first: the others follow from it."""
    found = set(states)
    coats = [name for name in _COATS if name in found]
    return sorted((found - set(_COATS)) | set(coats[:1]))


def _first(deed: str, state: str) -> str:
    """Return which steps bring the state about, or end it."""
    kinds: list[Any] = [kind for kind in all_steps().values() if state in getattr(kind, deed)]
    return f"first: {' or '.join(kind.title for kind in kinds)}" if kinds else ""
