"""Flows as data, and running one on the masks: the only way a Stack is made."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from chipscale.errors import InputError, Problem, did_you_mean
from chipscale.layout.types import Layout
from chipscale.package.types import FlowStep, Package
from chipscale.process.backside import BacksideCoat, Thin
from chipscale.process.dicing import Dice
from chipscale.process.incoming import IncomingWafer
from chipscale.process.masks import Masks
from chipscale.process.metal import EtchSeed, Plate, ResistMold, Sputter, Strip
from chipscale.process.polymer import Polymer
from chipscale.process.solder import BallDrop, Reflow
from chipscale.process.step import Step, StepError, make_step
from chipscale.process.thin_film import nominal_flow
from chipscale.process.work import Note, Work
from chipscale.results import Progress
from chipscale.stack.types import Stack

Flow = tuple[FlowStep, ...]

_KINDS: tuple[type[Any], ...] = (
    IncomingWafer,
    Polymer,
    Sputter,
    ResistMold,
    Plate,
    Strip,
    EtchSeed,
    BallDrop,
    Reflow,
    Thin,
    BacksideCoat,
    Dice,
)
STEPS: Mapping[str, type[Any]] = {kind.name: kind for kind in _KINDS}


def nominal_stack(package: Package, layout: Layout, progress: Progress | None = None) -> Stack:
    """Return every body of the package, made by its family's nominal flow on the masks of `layout`."""
    work = Work(package.name, layout.size_x_um, layout.size_y_um)
    steps = plan(nominal_flow(package))
    for done, (spec, after) in enumerate(run(steps, work, Masks(layout)), start=1):
        work = after
        if progress is not None:
            progress(done / len(steps), spec.title)
    return work.stack()


def plan(flow: Flow, find: Callable[[str], type[Any]] | None = None) -> tuple[tuple[FlowStep, Step], ...]:
    """Return the flow's steps, ready to run; InputError with every problem of names, options, ranges and order.

    `find` gives the plugin of a step's name (the registry's `find`, say); default are the steps of this room.
    """
    problems: list[Problem] = []
    steps: list[tuple[FlowStep, Step]] = []
    for place, spec in enumerate(flow, start=1):
        where = f"flow[{place}] {spec.title}"
        kind = find(spec.step) if find else STEPS.get(spec.step)
        if kind is None:
            remedy = did_you_mean(spec.step, STEPS)
            problems.append(Problem("flow.unknown_step", "unknown step", key=where, value=spec.step, remedy=remedy))
            continue
        step, wrong = make_step(spec, kind, where)
        problems += wrong
        if step is not None:
            steps.append((spec, step))
    if not problems:
        problems = _order_problems(steps)
    if problems:
        raise InputError(problems)
    return tuple(steps)


def run(steps: tuple[tuple[FlowStep, Step], ...], work: Work, masks: Masks) -> Iterator[tuple[FlowStep, Work]]:
    """Yield (spec, workpiece after it) step by step, from `work` on; InputError when a step can't be done."""
    for place, (spec, step) in enumerate(steps, start=1):
        try:
            work = step.effect(work.but(note=Note()), masks)
        except StepError as error:
            key = f"flow[{place}] {spec.title}" + (f".{error.option}" if error.option else "")
            problem = Problem(
                "flow.step", error.what, key=key, value=error.value, limit=error.limit, remedy=error.remedy
            )
            raise InputError([problem]) from None
        work = work.but(log=(*work.log, spec.title))
        yield spec, work


def _order_problems(steps: list[tuple[FlowStep, Step]]) -> list[Problem]:
    """Return every step that comes too early, too late or twice, and what is left on the wafer at the end."""
    problems = []
    state: set[str] = set()
    for place, (spec, step) in enumerate(steps, start=1):
        key = f"flow[{place}] {spec.title}"
        for lacking in sorted(step.needs - state):
            makers = [kind.title for kind in STEPS.values() if lacking in kind.makes]
            remedy = f"first: {' or '.join(makers)}" if makers else ""
            problems.append(Problem("flow.order", f"needs {_WORDS.get(lacking, lacking)}", key=key, remedy=remedy))
        for wrong in sorted(step.never & state):
            takers = [kind.title for kind in STEPS.values() if wrong in kind.takes]
            remedy = f"first: {' or '.join(takers)}" if takers else "remove the step or move it"
            what = f"can't be done with {_WORDS.get(wrong, wrong)}"
            problems.append(Problem("flow.order", what, key=key, remedy=remedy))
        state = (state | step.makes) - step.takes
    for left in sorted(state & {"resist", "seed"}):
        problems.append(Problem("flow.order", f"ends with {_WORDS[left]} still on it", key=f"flow[{len(steps)}]"))
    return problems


_WORDS = {
    "wafer": "a wafer",
    "seed": "a seed on the wafer",
    "resist": "a resist on the wafer",
    "metal": "plated metal",
    "solder": "solder on the wafer",
    "joints": "reflowed balls",
    "thin": "a thinned wafer",
    "backside": "a film on the back",
    "diced": "a wafer already diced",
}
