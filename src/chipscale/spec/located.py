"""Puts problems in their place: file and line of the package file that names what is wrong, in the file's order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from chipscale.errors import InputError, Problem
from chipscale.spec.read import SpecFile


def located(specfile: SpecFile, problem: Problem) -> Problem:
    """Return the problem with the package file's name and the line of its key, where it names no file itself."""
    if problem.file:
        return problem
    key = f"{problem.key}.{problem.value}" if problem.key == "balls.nets" and problem.value else problem.key
    file, line = specfile.placed(key)
    return replace(problem, file=file, line=line)


def in_file_order(problems: Iterable[Problem], main_file: str) -> list[Problem]:
    """Return the problems without repeats: the package file's first, each file's by line."""
    unique = list(dict.fromkeys(problems))
    return sorted(unique, key=lambda item: (item.file != main_file, item.file, item.line or 0, item.key))


@contextmanager
def files_at(specfile: SpecFile, key: str) -> Iterator[None]:
    """Let problems of opening a file be told at the package file's `key` that names it, the file as their value."""
    try:
        yield
    except InputError as error:
        raise InputError([_at_key(specfile, key, problem) for problem in error.problems]) from error


def _at_key(specfile: SpecFile, key: str, problem: Problem) -> Problem:
    if problem.line is not None or not problem.code.startswith("file."):
        return problem
    remedy = problem.remedy or "check the name and the folder"
    value = problem.value or problem.file
    return specfile.problem(problem.code, key, problem.what, value, problem.limit, remedy)
