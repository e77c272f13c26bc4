"""Check an IBIS file (.ibs or .pkg) against the rules of the standard, as a reader of it would meet them.

Checked is what a file of a package holds; buffers ([Model]) are looked at by name only. Rules: I/O Buffer Information
Specification 4.2, sections 3, 4, 5 and 7.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from chipscale.errors import Problem
from chipscale.physics.electrical.models.ibis import (
    DESCRIPTION_LENGTH,
    LINE_LENGTH,
    NAME_LENGTH,
    PIN_LENGTH,
    VALUE_LENGTH,
)
from chipscale.physics.electrical.models.ibis_file import Keyword, keywords, number
from chipscale.physics.electrical.models.ibis_matrices import matrix_problems

VERSIONS = ("3.2", "4.0", "4.1", "4.2", "5.0", "5.1", "6.0", "6.1", "7.0", "7.1", "7.2")
RESERVED = {"POWER", "GND", "NC"}
_FILE_NAME = re.compile(r"[a-z0-9_^$~!#%&\-{})(@'`]+\.(?:ibs|pkg|ebd)")
_HEAD = ("ibis ver", "file name", "file rev")
_MODEL = (
    "define package model", "manufacturer", "oem", "description", "number of pins", "pin numbers",
    "model data", "inductance matrix", "capacitance matrix", "end model data", "end package model",
)  # fmt: skip
_KNOWN = {
    *_HEAD, *_MODEL, "comment char", "date", "source", "notes", "disclaimer", "copyright", "component", "package",
    "pin", "package model", "pin mapping", "diff pin", "model selector", "model", "voltage range", "temperature range",
    "rgnd", "rpower", "rac", "cac", "model spec", "pullup", "pulldown", "gnd clamp", "power clamp", "ramp",
    "rising waveform", "falling waveform", "pullup reference", "pulldown reference", "power clamp reference",
    "gnd clamp reference",
    "number of sections", "resistance matrix", "row", "bandwidth", "end",
}  # fmt: skip
_ONE_LINE = {"component": NAME_LENGTH, "manufacturer": NAME_LENGTH, "oem": NAME_LENGTH, "model": NAME_LENGTH}
_ONE_LINE |= {"package model": NAME_LENGTH, "define package model": NAME_LENGTH, "description": DESCRIPTION_LENGTH}
_PIN_COLUMNS = {"signal_name": NAME_LENGTH, "model_name": NAME_LENGTH}
_PIN_VALUES = {"R_pin": "Ohm", "L_pin": "H", "C_pin": "F"}


def ibis_problems(path: Path) -> list[Problem]:
    """Return what is wrong with the file, in its order; empty when nothing is."""
    text = path.read_bytes().decode("utf-8", errors="replace")
    found = [*_line_problems(text), *text_problems(text, path.name)]
    return sorted(found, key=lambda item: item.line or 0)


def text_problems(text: str, file: str) -> list[Problem]:
    """Return what is wrong with the keywords of a file called `file` and with what stands below them."""
    items = keywords(text)
    found = [*_order(items, file), *_names(items)]
    if file.endswith(".ibs"):
        found += _component(items)
    if any(item.name == "define package model" for item in items):
        found += [*_required(items, _MODEL), *matrix_problems(items)]
    elif file.endswith(".pkg"):
        found.append(_problem("required", "a .pkg file holds [Define Package Model]", 0))
    return found


def _problem(code: str, what: str, line: int, value: str = "", limit: str = "") -> Problem:
    return Problem(f"ibis.{code}", what, line=line or None, value=value, limit=limit)


def _line_problems(text: str) -> Iterator[Problem]:
    for line, content in enumerate(text.split("\n"), start=1):
        if len(content) > LINE_LENGTH:
            yield _problem("line", "the line is too long", line, str(len(content)), f"{LINE_LENGTH} characters")
        if not content.isascii():
            yield _problem("ascii", "only ASCII characters are allowed", line)
        if "\t" in content:
            yield _problem("tab", "tabs make lines of unknown length", line)
    if text and not text.endswith("\n"):
        yield _problem("line", "the last line has no end", text.count("\n") + 1)


def _required(items: list[Keyword], names: tuple[str, ...]) -> Iterator[Problem]:
    present = {item.name for item in items}
    for name in names:
        if name not in present:
            yield _problem("required", f"[{name.title()}] is missing", 0)


def _order(items: list[Keyword], file: str) -> Iterator[Problem]:
    """Check the head, the end, and that every keyword is one."""
    yield from _required(items, (*_HEAD, "end"))
    for item in items:
        if item.name not in _KNOWN:
            yield _problem("keyword", "no such keyword", item.line, item.name or item.argument)
    if items and items[0].name != "ibis ver":
        yield _problem("order", "[IBIS Ver] comes first", items[0].line)
    if items and items[-1].name != "end" and any(item.name == "end" for item in items):
        yield _problem("order", "nothing follows [End]", items[-1].line, items[-1].name)
    for item in items:
        if item.name == "ibis ver" and item.argument not in VERSIONS:
            yield _problem("version", "unknown version", item.line, item.argument, ", ".join(VERSIONS))
        if item.name == "file name":
            yield from _file_name(item, file)


def _file_name(item: Keyword, file: str) -> Iterator[Problem]:
    if item.argument != file:
        yield _problem("file_name", "[File Name] is not this file's name", item.line, item.argument, file)
    if not _FILE_NAME.fullmatch(item.argument):
        yield _problem("file_name", "a file name has small letters and an ending", item.line, item.argument)
    if len(item.argument.rpartition(".")[0]) > NAME_LENGTH:
        yield _problem("file_name", "the file name is too long", item.line, item.argument, f"{NAME_LENGTH} characters")


def _names(items: list[Keyword]) -> Iterator[Problem]:
    for item in items:
        most = _ONE_LINE.get(item.name)
        if most is None:
            continue
        if not item.argument:
            yield _problem("name", f"[{item.name.title()}] is empty", item.line)
        if len(item.argument) > most:
            yield _problem("name", f"[{item.name.title()}] is too long", item.line, item.argument, f"{most} characters")


def _component(items: list[Keyword]) -> Iterator[Problem]:
    yield from _required(items, ("component", "manufacturer", "package", "pin"))
    models = {item.argument for item in items if item.name in ("model", "model selector")}
    for item in items:
        if item.name == "package":
            yield from _package(item)
        if item.name == "pin":
            yield from _pins(item, models | RESERVED)


def _package(item: Keyword) -> Iterator[Problem]:
    """Check R_pkg, L_pkg, C_pkg: a typical value each, smallest and largest or NA."""
    rows = {content.split()[0]: (line, content.split()[1:]) for line, content in item.content}
    for key, unit in (("R_pkg", "Ohm"), ("L_pkg", "H"), ("C_pkg", "F")):
        line, words = rows.pop(key, (item.line, []))
        if len(words) != 3:
            yield _problem("package", f"{key} needs typ, min and max", line, " ".join(words))
            continue
        values = [number(word) for word in words]
        if values[0] is None:
            yield _problem("package", f"{key} needs a typical value", line, words[0])
        yield from _values(words, unit, line, key)
        if None not in values and not values[1].value <= values[0].value <= values[2].value:  # type: ignore[union-attr]
            yield _problem("package", f"{key} is not between its smallest and largest", line, " ".join(words))
    for key, (line, _) in rows.items():
        yield _problem("package", "no such variable", line, key)


def _values(words: list[str], unit: str, line: int, key: str) -> Iterator[Problem]:
    for word in words:
        read = number(word)
        if read is None and word != "NA":
            yield _problem("number", f"{key} is no number", line, word)
        if read is not None and read.unit not in ("", unit):
            yield _problem("unit", f"{key} has another unit", line, word, unit)
        if read is not None and read.value < 0.0:
            yield _problem("number", f"{key} is negative", line, word)


def _pins(item: Keyword, models: set[str]) -> Iterator[Problem]:
    header = item.argument.split()
    if header not in (["signal_name", "model_name"], ["signal_name", "model_name", *_PIN_VALUES]):
        yield _problem("pin", "wrong columns", item.line, item.argument, "signal_name model_name [R_pin L_pin C_pin]")
        return
    if not item.content:
        yield _problem("pin", "there is no pin", item.line)
    seen: set[str] = set()
    for line, content in item.content:
        words = content.split()
        if len(words) not in (3, 1 + len(header)):
            yield _problem("pin", "wrong number of columns", line, content)
            continue
        if words[0] in seen:
            yield _problem("pin", "the pin is listed twice", line, words[0])
        seen.add(words[0])
        yield from _pin(words, header, models, line)


def _pin(words: list[str], header: list[str], models: set[str], line: int) -> Iterator[Problem]:
    if len(words[0]) > PIN_LENGTH:
        yield _problem("pin", "the pin's name is too long", line, words[0], f"{PIN_LENGTH} characters")
    for key, word in zip(header, words[1:], strict=False):
        most = _PIN_COLUMNS.get(key, VALUE_LENGTH)
        if len(word) > most:
            yield _problem("pin", f"{key} is too long", line, word, f"{most} characters")
        if key in _PIN_VALUES:
            yield from _values([word], _PIN_VALUES[key], line, key)
    if words[2] not in models:
        yield _problem("pin", "there is no such [Model]", line, words[2])
