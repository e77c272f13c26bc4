"""The map: one package file becomes a package, a layout, a stack; every answer is a question asked of them.

file -> Spec -> Package -> Layout -> Stack          (asking for a part makes the parts before it)
design.run("layout.drc") -> Result                  (from the cache when nothing it reads has changed)
"""

from __future__ import annotations

import dataclasses
import json
import time
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property, partial
from pathlib import Path
from typing import Any, TypeVar

from chipscale import __version__, registry
from chipscale.asked import analyses_problems, options_of, placed_options
from chipscale.assembly.land_problems import land_problems
from chipscale.errors import InputError, SolverError
from chipscale.layout.types import Layout
from chipscale.layout.wafer_problems import wafer_problems
from chipscale.materials.types import Material
from chipscale.output import fresh_folder
from chipscale.package.types import FlowPlan, Package
from chipscale.results import Check, Progress, Result
from chipscale.spec.located import in_file_order, located
from chipscale.spec.model import Spec
from chipscale.spec.read import SpecFile, read_draft
from chipscale.stack.types import Stack
from chipscale.store import Store, code_digest, digest
from chipscale.targets import check_targets, target_problems

Part = TypeVar("Part")
CHECKED = (
    "package.fan_in",
    "layout.assign",
    "layout.wiring",
    "layout.drc",
    "layout.lvs",
    "layout.density",
    "process.flow",
    "process.as_built",
)
# What a report shows besides; asked at a check only when a target names it.
SHOWN = (
    "process.bow",
    "process.variation",
    "process.influence",
    "process.window",
    "process.resist",
    "electrical.rl",
    "electrical.capacitance",
    "electrical.delay",
    "electrical.supply",
    "electrical.signals",
    "electrical.emission",
    "electrical.compare",
    "thermal.theta",
    "thermal.steady",
)
# Of these, what not every design has an answer to: a refusal is shown with its reason, and stops nothing.
PHYSICS = tuple(name for name in SHOWN if name.startswith(("electrical.", "thermal.")))
# What takes minutes: asked when a target names a figure of it, shown by a report also when the file gives it options.
LONG = ("thermal.transient", "thermal.structure", "thermal.mission", "thermal.what_if")


def _silent(fraction: float, text: str) -> None:
    """Report nothing."""


class Design:
    """One design and all that can be asked of it. Parts are made when first asked for and then kept."""

    def __init__(
        self, source: SpecFile, store: Store | None = None, progress: Progress | None = None, quick: bool = False
    ) -> None:
        """Take what a file says; `quick`: a report leaves out physics that no target names."""
        self.source = source
        self.quick = quick
        self.store = store if store is not None else Store()
        self.progress = progress or _silent
        self._results: dict[str, Result] = {}

    @classmethod
    def load(cls, path: str | Path, overrides: Mapping[str, Any] | None = None, **kwargs: Any) -> Design:
        """Read a package file, with single values replaced ({"balls.pitch_um": 350}); `errors.InputError` if wrong."""
        source, problems = read_draft(Path(path), overrides)
        if source is not None and not problems:
            return cls(source, **kwargs)
        if source is not None:  # only side values are wrong: what the file says beside them is examined all the same
            try:
                cls(source).feasibility()
            except InputError as error:
                problems += error.problems
        raise InputError(in_file_order(problems, str(path)))

    # ---- the parts, each made from the one before ------------------------------------------------------------

    @property
    def spec(self) -> Spec:
        """What the user wrote."""
        return self.source.spec

    def feasibility(self) -> Result:
        """Answer, before anything is drawn, whether the family suits the device and what would."""
        return self._asked(lambda family: family.feasible(self.source))  # type: ignore[no-any-return]

    @cached_property
    def _family(self) -> Any:
        """The family of the package; it keeps what it made of the file."""
        try:
            return registry.find("families", self.spec.family)()
        except InputError as error:
            problem = error.problems[0]
            found = self.source.problem(problem.code, "family", problem.what, remedy=problem.remedy)
            raise InputError([found]) from error

    def _asked(self, ask: Callable[[Any], Any]) -> Any:
        """Return what the family answers; `errors.InputError` with all problems of the file and its flow."""
        from chipscale.process.flow_problems import flow_problems

        problems = [
            *target_problems(self.source, CHECKED + SHOWN + LONG),
            *analyses_problems(self.source),
            *wafer_problems(self.source),
        ]
        answer = None
        try:
            family = self._family
            array_um = family.array(self.source)
            if array_um is not None:
                problems += land_problems(self.source, array_um)
            sketch = family.sketch(self.source)
            if sketch is not None:
                problems += flow_problems(self.source, sketch)
            answer = ask(family)
        except InputError as error:
            problems += error.problems
        if problems:
            raise InputError(in_file_order(problems, str(self.source.path)))
        return answer

    @cached_property
    def package(self) -> Package:
        """Pads, balls, nets and rules, with every ball's net assigned."""
        from chipscale.layout.assign import assign

        built = self._asked(lambda family: family.build(self.source))
        make = partial(assign, built, progress=self.progress)
        try:
            return self._kept("package", Package, "chipscale.layout.assign", built, make)
        except InputError as error:
            raise InputError([located(self.source, problem) for problem in error.problems]) from error

    @cached_property
    def layout(self) -> Layout:
        """Every shape on every mask; routed once per content, then taken from the cache."""
        from chipscale.layout.draw import draw

        package = self.package
        make = partial(draw, package, progress=self.progress)
        drawn_from = dataclasses.replace(package, flow=FlowPlan())  # how it is made doesn't change what is drawn
        return self._kept("layout", Layout, "chipscale.layout.draw", drawn_from, make)

    @cached_property
    def stack(self) -> Stack:
        """Every body in space, made by running the flow on the masks."""
        from chipscale.process.flow import built_stack, plan
        from chipscale.process.flows import flow_of

        package, layout = self.package, self.layout
        return self._in_the_flow(lambda: built_stack(package, layout, plan(flow_of(package)), self.progress))

    @cached_property
    def materials(self) -> dict[str, Material]:
        """The materials of all bodies, by name, from the library."""
        from chipscale.materials.library import material

        return {name: material(name) for name in sorted({body.material for body in self.stack.bodies})}

    def _in_the_flow(self, ask: Callable[[], Part], analysis: Any = None, given: Iterable[str] = ()) -> Part:
        """Return what `ask` gives; what is wrong with a step of the flow is told where the file says it.

        What is wrong with an option of `analysis` is told as such: no file says it.
        """
        try:
            return ask()
        except InputError as error:
            from chipscale.process.flow_problems import placed_problems

            problems = error.problems
            if analysis is not None:
                problems = tuple(placed_options(self.source, analysis.name, problems, given))
            own, others = registry.of_options(analysis, problems) if analysis is not None else ([], problems)
            raise InputError([*own, *placed_problems(self.source, self.package, others)]) from error

    def _kept(self, kind: str, cls: type[Part], module: str, source: object, make: Callable[[], Part]) -> Part:
        """Return what `make` makes of `source` with the code of `module`, from the cache if it was made before."""
        key = digest([kind, code_digest(module), source])
        stored: Part | None = self.store.load(kind, key, cls)
        if stored is not None:
            return stored
        made = make()
        self.store.save(kind, key, made)
        return made

    def _shared(
        self, parts: list[str], kind: str, cls: type[Part], module: str, source: object, make: Callable[[], Part]
    ) -> Part:
        """Return what several questions about the same parts need, made once."""
        return self._kept(kind, cls, module, [parts, source], make)

    # ---- questions --------------------------------------------------------------------------------------------

    def run(self, name: str, **options: Any) -> Result:
        """Answer the analysis `name`; its options are keyword arguments.

        The file's own options of it (block `analyses`) hold where none is given here. `errors.InputError` when there is
        no such analysis or option.
        """
        given = {key: value for key, value in options_of(self.source, name).items() if key not in options}
        return self._answer(name, given | options, given)

    def _answer(self, name: str, options: Mapping[str, Any], given: Iterable[str] = ()) -> Result:
        """Return an analysis's answer; what is wrong with the options `given` by the file is told at their lines.

        What it reads of other analyses are their answers with default options.
        """
        analysis = registry.question(name, options)
        view = {part: self._answer(part, {}) if "." in part else getattr(self, part) for part in analysis.reads}
        parts = [self._part(n) for n in analysis.reads]
        key = digest([name, analysis, code_digest(type(analysis).__module__), parts])
        view["kept"] = partial(self._shared, parts)
        if key in self._results:
            return self._results[key]
        result = self.store.load("result", key, Result)
        if result is None:
            started = time.perf_counter()
            result = self._in_the_flow(lambda: analysis.run(view, progress=self.progress), analysis, given)
            seconds = time.perf_counter() - started
            made = {
                "chipscale": __version__,
                "code": code_digest(type(analysis).__module__)[:16],
                "design": self.spec.name,
            }
            result = dataclasses.replace(result, key=key, seconds=seconds, provenance=made | result.provenance)
            self.store.save("result", key, result)
        self._results[key] = result
        return result  # type: ignore[no-any-return]

    def _part(self, name: str) -> str:
        """Return the digest of one part an analysis reads."""
        if "." in name:
            return self._answer(name, {}).key
        if name == "stack":
            return digest([code_digest("chipscale.process.flow"), self.package, self.layout])
        return digest(getattr(self, name))

    def results(self, shown: bool = False) -> dict[str, Result]:
        """Return the answers every design is checked by, and how they stand against the targets.

        With `shown` also those that only a report shows, and those that the file gives options to.
        """
        named = {target.rpartition(".")[0] for target in self.spec.targets}
        asked = {*named, *self.spec.analyses} if shown and not self.quick else named
        answers = {name: self.run(name) for name in CHECKED}
        left_out = PHYSICS if self.quick or not shown else ()
        wanted = [name for name in SHOWN if name in named or (shown and name not in left_out)]
        answers |= {name: self._shown(name) for name in wanted}
        answers |= {name: self._shown(name) for name in LONG if name in asked}
        answers["targets"] = self._targets(answers)
        return answers

    def _shown(self, name: str) -> Result:
        """Return the answer of an analysis that only a report shows; a refused one has failed, for the reason given."""
        if name not in PHYSICS + LONG:
            return self.run(name)
        try:
            return self.run(name)
        except InputError as error:
            told = tuple(". ".join(filter(None, (item.what, item.remedy))) for item in error.problems)
        except SolverError as error:
            told = (str(error),)
        return Result(name, warnings=told, state="failed", provenance={"refused": "yes"})

    def checks(self) -> tuple[Check, ...]:
        """Return all checks of the design: feasibility, routing, DRC, LVS and the file's own targets."""
        return tuple(check for result in self.results().values() for check in result.checks)

    def _targets(self, answers: dict[str, Result]) -> Result:
        return check_targets(self.spec.targets, answers)

    # ---- files ------------------------------------------------------------------------------------------------

    def write(self, folder: str | Path = "out") -> Path:
        """Write masks, 3D, board files and results into `folder/<name>/`, whole or not at all; returns that folder."""
        place = Path(folder) / self.spec.name
        with fresh_folder(place, self.about()) as temporary:
            self.write_files(temporary)
        return place

    def about(self) -> dict[str, Any]:
        """Return what the manifest says of the making: name, version and the digest of the package."""
        return {"name": self.spec.name, "chipscale": __version__, "package_digest": digest(self.package)}

    def write_files(self, folder: Path) -> None:
        """Write the production data and `results/*.json` into an existing folder."""
        from chipscale.assembly.deliver import write_board_files
        from chipscale.layout.deliver import write_mask_files, write_violations
        from chipscale.stack.deliver import write_solid_files

        self.progress(0.5, "masks")
        write_mask_files(self.layout, self.spec.wafer, folder)
        write_violations(self.layout, self.run("layout.drc"), folder)
        self.progress(0.6, "3D model")
        write_solid_files(self.stack, folder)
        self.progress(0.8, "board files")
        write_board_files(self.package, self.spec.board, folder, model=f"{self.spec.name}/package.step")
        (folder / "results").mkdir(exist_ok=True)
        for name, result in self.results(shown=True).items():
            text = json.dumps(result.as_dict(), indent=2, sort_keys=True, allow_nan=False)
            (folder / "results" / f"{name}.json").write_text(text + "\n", encoding="utf-8")
