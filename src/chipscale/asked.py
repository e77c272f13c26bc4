"""What the package file asks of analyses: their options, in place of the defaults."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import Any

from chipscale import registry
from chipscale.errors import InputError, Problem, did_you_mean
from chipscale.spec.read import SpecFile


def options_of(specfile: SpecFile, name: str) -> dict[str, Any]:
    """Return the options the file gives to the analysis `name`.

    Lists become tuples; a text that is the name of a file beside the package file becomes that file's path.
    """
    kinds = {item.name: str(item.type) for item in dataclasses.fields(registry.find("analyses", name))}
    return {
        key: _value(specfile, value, kinds.get(key, "")) for key, value in specfile.spec.analyses.get(name, {}).items()
    }


def analyses_problems(specfile: SpecFile) -> list[Problem]:
    """Return what is wrong with the file's block `analyses`: unknown analyses and options, values of a wrong kind."""
    problems: list[Problem] = []
    known = registry.names("analyses")
    for name in specfile.spec.analyses:
        if name not in known:
            remedy = did_you_mean(name, known, "chipscale list analyses")
            what = f"no analysis '{name}'"
            problems.append(specfile.problem("analyses.unknown", f"analyses.{name}", what, remedy=remedy))
            continue
        try:
            registry.question(name, options_of(specfile, name))
        except InputError as error:
            problems += placed_options(specfile, name, error.problems, specfile.spec.analyses[name])
    return problems


def placed_options(specfile: SpecFile, name: str, problems: Iterable[Problem], given: Iterable[str]) -> list[Problem]:
    """Return problems with the options `given` (keys are their names) at the file's lines; others as they are."""
    own = set(given)
    return [
        _placed(specfile, name, item) if not item.file and registry.option_in(item.key) in own else item
        for item in problems
    ]


def _placed(specfile: SpecFile, name: str, problem: Problem) -> Problem:
    key = f"analyses.{name}.{problem.key}"
    file, line = specfile.placed(key)
    return dataclasses.replace(problem, file=file, line=line, key=key)


def _value(specfile: SpecFile, value: Any, kind: str) -> Any:
    if isinstance(value, list):
        return tuple(value)
    if isinstance(value, str):
        beside = specfile.path.parent / value
        return str(beside) if 0 < len(value) < 200 and beside.is_file() else value
    if kind.startswith("str") and not isinstance(value, bool) and value is not None:
        return f"{value:g}" if isinstance(value, float) else str(value)
    return value
