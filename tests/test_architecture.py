"""The rules of the house: imports go one way, names carry units, files stay small, help stays quick."""

from __future__ import annotations

import ast
import dataclasses
import importlib
import os
import pkgutil
import re
import subprocess
import sys
import time
import typing
from pathlib import Path

import pytest
from pydantic import BaseModel

import chipscale
from chipscale.registry import names
from chipscale.units import unit_of

ROOT = Path(chipscale.__file__).parent
LEVELS = [
    {"errors", "units"},
    {"solvers", "results", "trace"},
    {"materials"},
    {"spec"},
    {"package"},
    {"layout"},
    {"stack"},
    {"process"},
    {"registry"},
    {"physics", "assembly", "inspection"},
    {"factory"},
    {"store", "output", "asked"},
    {"targets", "design"},
    {"options"},
    {"sweep"},
    {"report", "web"},
    {"catalogue", "answer_text", "validation", "reference", "guarded", "cli"},
]
LEVEL = {room: level for level, rooms in enumerate(LEVELS) for room in rooms}
# targets and the map it serves, and the command line with its four small servants, stand on one floor.
SAME_FLOOR = {
    ("design", "targets"),
    ("cli", "guarded"),
    ("cli", "answer_text"),
    ("cli", "catalogue"),
    ("cli", "validation"),
    ("reference", "catalogue"),
    ("reference", "cli"),
}
SOURCES = sorted(ROOT.rglob("*.py"))
LONG_BY_NATURE: set[str] = set()


def _room(parts: tuple[str, ...]) -> str:
    return parts[1] if len(parts) > 1 else "__init__"


def _imports(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
            if node.module == "chipscale":
                found |= {f"chipscale.{alias.name}" for alias in node.names}
    return {name for name in found if name.split(".")[0] == "chipscale"}


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_imports_go_one_way(path: Path) -> None:
    own = path.relative_to(ROOT).with_suffix("").parts[0]
    if own in ("__init__", "__main__"):
        return
    assert own in LEVEL, f"room '{own}' has no level"
    for name in _imports(path):
        other = _room(tuple(name.split(".")))
        if other in ("__init__", "__version__", own):
            continue
        allowed = LEVEL[other] < LEVEL[own] or (own, other) in SAME_FLOOR
        assert allowed, f"{own} imports {name}: that is not below it"


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_file_is_one_idea(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") <= 400 or path.name in LONG_BY_NATURE
    assert ast.get_docstring(ast.parse(text)), "a module begins with what it is for"
    assert path.stem not in {"utils", "helpers", "common", "manager", "misc"}
    assert not re.search(r"^\s*(?:import pickle|from pickle)|\beval\(|\bexec\(", text, re.M)


def test_no_cycles_between_modules() -> None:
    graph = {}
    for path in SOURCES:
        name = ".".join(("chipscale", *path.relative_to(ROOT).with_suffix("").parts)).removesuffix(".__init__")
        graph[name] = _imports(path)
    done: set[str] = set()

    def visit(name: str, trail: tuple[str, ...]) -> None:
        assert name not in trail, " -> ".join((*trail[trail.index(name) :], name))
        if name in done or name not in graph or name == "chipscale":
            return
        for other in sorted(graph[name]):
            visit(other, (*trail, name))
        done.add(name)

    for name in sorted(graph):
        visit(name, ())


# Floats that are what a caller puts in them, whatever its unit.
UNITLESS = {
    "Bar": {"value", "half"},
    "Check": {"value", "limit"},
    "Finding": {"value"},
    "Measured": {"least", "beyond"},
    "_Told": {"limit"},
    "Target": {"min", "max"},
    "Unit": {"si_factor", "si_offset"},
    "CaseRow": {"value", "expected", "tolerance"},
    "LandValue": {"value"},
    "Look": {"alpha", "metalness"},
    "View": {"scale"},
    "Result": {"seconds"},
    "Knob": {"value", "low", "high"},
    "Window": {"low", "high"},
    "Element": {"value"},
    "Scale": {"low", "high"},
    "Axis": {"low", "high"},
    "Mark": {"at"},
    "Accuracy": {"near_spans"},
    "Effect": {"mu_star", "mu_star_half", "sigma"},
}


def _float_fields() -> list[tuple[str, str]]:
    found = []
    for info in pkgutil.walk_packages([str(ROOT)], "chipscale."):
        if info.name.startswith(("chipscale.layout.route", "chipscale.cli")):
            continue
        module = importlib.import_module(info.name)
        for cls in vars(module).values():
            if not isinstance(cls, type) or cls.__module__ != info.name:
                continue
            if dataclasses.is_dataclass(cls):
                pairs = [(field.name, field.type) for field in dataclasses.fields(cls)]
            elif issubclass(cls, BaseModel):
                pairs = [(name, field.annotation) for name, field in cls.model_fields.items()]
            else:
                continue
            found += [
                (f"{info.name}.{cls.__name__}", name)
                for name, hint in pairs
                if _is_float(hint) and name not in UNITLESS.get(cls.__name__, set()) | {"per_pitch"}  # cells, a number
            ]
    return found


def _is_float(hint: object) -> bool:
    if isinstance(hint, str):
        return hint in ("float", "float | None")
    return hint is float or (type(None) in typing.get_args(hint) and float in typing.get_args(hint))


def test_a_float_carries_its_unit() -> None:
    bare = [f"{owner}.{name}" for owner, name in _float_fields() if unit_of(name) is None]
    assert not bare, f"no known unit suffix: {bare}"


def test_family_names_stay_in_their_room() -> None:
    for path in SOURCES:
        place = path.relative_to(ROOT).as_posix()
        if place == "registry.py" or place.startswith(("package/families/", "spec/")):
            continue
        text = path.read_text(encoding="utf-8")
        assert not [name for name in names("families") if name in text], place


def test_help_is_quick_and_imports_no_solver() -> None:
    code = "import sys, chipscale.cli; print({'numpy', 'scipy', 'numba', 'klayout', 'shapely'} & set(sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert loaded.stdout.strip() == "set()"
    command = [sys.executable, "-c", "from chipscale.cli import main; main()", "--help"]
    environment = {**os.environ, "COLUMNS": "100"}
    times = []
    for _ in range(3):
        started = time.perf_counter()
        done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
        times.append(time.perf_counter() - started)
    assert "check" in done.stdout
    assert min(times) < 0.4
