"""Reads a package file: every problem at once, each with its line, or a valid Spec."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chipscale.errors import InputError, Problem
from chipscale.spec.explain import explain, where_in
from chipscale.spec.overrides import override
from chipscale.spec.yaml_text import Where, YamlText, parse_yaml

if TYPE_CHECKING:
    from chipscale.spec.model import Spec

MAX_BYTES = 1_000_000


@dataclass(frozen=True, slots=True)
class SpecFile:
    """A package file that was read: the spec, where it came from and the line of every dotted key.

    `settings` are the dotted keys whose values were replaced for this run: they stand in no line of the file.
    """

    spec: Spec
    path: Path
    lines: Mapping[str, int]
    settings: tuple[str, ...] = ()

    @property
    def folder(self) -> Path:
        """The folder paths inside the file are relative to."""
        return self.path.parent

    def line(self, key: str) -> int | None:
        """Return the line of a dotted key, or of the nearest block around it."""
        for parts in (key, key.replace("[", ".").replace("]", "")):
            while parts:
                if parts in self.lines:
                    return self.lines[parts]
                parts = parts.rpartition(".")[0]
        return self.lines.get("")

    def placed(self, key: str) -> tuple[str, int | None]:
        """Return (file, line) of a dotted key; where it was replaced for this run ("--set KEY", None)."""
        setting = _setting_of(key, self.settings)
        return (f"--set {setting}", None) if setting else (str(self.path), self.line(key))

    def problem(self, code: str, key: str, what: str, value: str = "", limit: str = "", remedy: str = "") -> Problem:
        """Return a Problem at a dotted key of this file, with file and line filled in."""
        return Problem(code, what, *self.placed(key), key, value, limit, remedy)


def read_spec(path: str | Path, overrides: Mapping[str, Any] | None = None) -> SpecFile:
    """Read and validate a package file; `overrides` ({dotted key: value}) replace single values of it.

    Numbers and true/false where the model wants text (a net called 5, or 1e3) are read as the text that was
    written. Raises InputError with all problems found: unreadable file, YAML that can't be parsed, duplicate
    and unknown keys, wrong types, values out of range.
    """
    specfile, problems = read_draft(path, overrides)
    if problems or specfile is None:
        raise InputError(problems)
    return specfile


def read_draft(
    path: str | Path, overrides: Mapping[str, Any] | None = None
) -> tuple[SpecFile | None, tuple[Problem, ...]]:
    """Read a package file as `read_spec` does; return what can be used of it and everything wrong with it.

    Where all that is wrong are values that may be left out without changing what else is right or wrong (a wire
    width, a film), the spec is the file's without them, so that the rest can be examined too; otherwise it is None.
    Raises InputError when the file can't be read or is not YAML.
    """
    path = Path(path)
    text = parse_yaml(read_text(path), str(path))
    if overrides and isinstance(text.data, dict):
        override(text.data, overrides)
    spec, problems = validate(text, str(path))
    settings = tuple(overrides or ())
    problems = [_at_setting(problem, settings) for problem in problems]
    return (SpecFile(spec, path, _dotted_lines(text), settings) if spec is not None else None), tuple(problems)


def _setting_of(key: str, settings: tuple[str, ...]) -> str:
    """Return the setting that put the value of a dotted key there, "" where the file did."""
    plain = key.replace("[", ".").replace("]", "")
    return next((name for name in settings if plain == name or plain.startswith(f"{name}.")), "")


def _at_setting(problem: Problem, settings: tuple[str, ...]) -> Problem:
    """Return the problem told at the setting that caused it, where one did."""
    setting = _setting_of(problem.key, settings)
    return replace(problem, file=f"--set {setting}", line=None) if setting else problem


def read_text(path: Path, max_bytes: int = MAX_BYTES) -> str:
    """Return the text of a UTF-8 file (a byte-order mark is dropped); InputError says why it can't be read."""
    file = str(path)
    try:
        if path.is_dir():
            raise InputError([_unreadable(file, "is a folder, not a file", "name the file inside it")])
        with path.open("rb") as handle:
            raw = handle.read(max_bytes + 1)
    except FileNotFoundError as error:
        raise InputError([_missing_file(path)]) from error
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise InputError([_unreadable(file, f"can't be read: {why}", "check name and permissions")]) from error
    if len(raw) > max_bytes:
        limit = f"{max_bytes / 1e6:g} MB"
        raise InputError(
            [Problem("file.too_large", "the file is too large", file, limit=limit, remedy="keep lists in CSV files")]
        )
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise InputError([_not_text(file, line)]) from error
    if "\0" in text:
        raise InputError([_not_text(file, text.count("\n", 0, text.index("\0")) + 1)])
    return text


def validate(text: YamlText, file: str) -> tuple[Spec | None, list[Problem]]:
    """Return the Spec of parsed YAML text (None where there is none even without side values) and every problem."""
    from pydantic import ValidationError

    from chipscale.spec.model import Spec

    data = text.data
    if data is None:
        remedy = "`chipscale new fan_in_wlcsp` writes a starter file"
        raise InputError([Problem("file.empty", "the file holds no design", file, remedy=remedy)])
    if not isinstance(data, dict):
        what = "the file is not a block of 'key: value' lines"
        raise InputError([Problem("spec.type", what, file, 1, remedy="start with 'chipscale: 1'")])
    try:
        return Spec.model_validate(data), []
    except ValidationError as error:
        errors: list[dict[str, Any]] = [dict(item) for item in error.errors(include_url=False)]
    _as_written(text, errors)
    if _numbers_to_text(text, errors):
        try:
            return Spec.model_validate(data), []
        except ValidationError as error:
            errors = [dict(item) for item in error.errors(include_url=False)]
            _as_written(text, errors)
    problems = explain(Spec, data, errors, text.lines, file)
    if not _without(data, [where_in(data, error) for error in errors]):
        return None, problems
    try:
        return Spec.model_validate(data), problems
    except ValidationError:
        return None, problems


# Blocks whose values have defaults and bear on nothing that is examined outside their own block.
_SIDE_BLOCKS = {"rdl", "films", "wafer", "board", "targets", "analyses"}
_SIDE_KEYS = {("die", "thickness_um"), ("title",), ("seed",), ("attribution",)}


def _without(data: Any, places: list[Where]) -> bool:
    """Remove the side values at `places`; False, with nothing removed, when one of the places is no side value."""
    cut = set()
    for where in places:
        net_class = len(where) > 2 and where[0] == "nets" and where[2] in ("width_um", "space_um")
        if where and where[0] in _SIDE_BLOCKS:
            cut.add(where[:2])
        elif net_class or where[:2] in _SIDE_KEYS or where[:1] in _SIDE_KEYS:
            cut.add(where)
        else:
            return False
    for where in sorted(cut, key=str):
        block = data
        for step in where[:-1]:
            block = block[step]
        block.pop(where[-1], None)
    return True


def _as_written(text: YamlText, errors: list[dict[str, Any]]) -> None:
    """Put the written digits beside the value where a number was too long to be kept."""
    for error in errors:
        value, where = error.get("input"), where_in(text.data, error)
        if isinstance(value, float) and text.written.get(where, "").lstrip("+-").isdecimal():
            error["digits"] = text.written[where]


_TEXT_OR_BLOCK = {"string_type", "list_type", "dict_type"}


def _numbers_to_text(text: YamlText, errors: list[dict[str, Any]]) -> bool:
    """Put the written text where a number or true/false stands and a text is wanted; True if any."""
    kinds: dict[Where, set[str]] = {}
    for error in errors:
        kinds.setdefault(where_in(text.data, error), set()).add(error["type"])
    places = [
        where
        for where, said in kinds.items()
        if where in text.written and "string_type" in said and said <= _TEXT_OR_BLOCK
    ]
    for where in places:
        _set(text.data, where, text.written[where])
    return bool(places)


def _set(data: Any, where: Where, value: str) -> None:
    for step in where[:-1]:
        data = data[step]
    data[where[-1]] = value


def _dotted_lines(text: YamlText) -> dict[str, int]:
    lines = {".".join(str(part) for part in where): line for where, line in text.lines.items()}
    lines.setdefault("", 1)
    return lines


def _unreadable(file: str, what: str, remedy: str) -> Problem:
    return Problem("file.unreadable", what, file, remedy=remedy)


def _not_text(file: str, line: int) -> Problem:
    what = "the file is not UTF-8 text"
    return Problem("file.not_text", what, file, line, remedy="save it as UTF-8; is it the right file?")


def _missing_file(path: Path) -> Problem:
    from chipscale.errors import did_you_mean

    try:
        names = [item.name for item in path.parent.iterdir()] if path.parent.is_dir() else []
    except OSError:
        names = []
    near = did_you_mean(path.name, names)
    remedy = near if near.startswith("did you") else "check the name and the folder"
    return Problem("file.missing", "there is no such file", str(path), remedy=remedy)
