"""Reads pads from a CSV table, naming every fault with its line."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterator, Mapping
from pathlib import Path

from chipscale.errors import InputError, Problem, did_you_mean
from chipscale.package.pads.source import FoundPad
from chipscale.spec.read import read_text

MAX_BYTES = 20_000_000
MAX_UM = 1_000_000.0
_COLUMNS = ("pad", "x_um", "y_um", "net", "size_x_um", "size_y_um", "side")
_SIDES = ("left", "right", "top", "bottom")
_NO_NET = {"", "-"}


def read_csv_pads(path: Path, need_net: bool = True) -> tuple[tuple[FoundPad, ...], tuple[Problem, ...]]:
    """Return the readable pads of a CSV file and what is wrong with its other lines.

    The columns are pad, x_um, y_um, net and optionally size_x_um, size_y_um, side.

    Columns stand in any order, separated by commas, semicolons or tabs; lines that start with '#' and blank lines
    are left out, further columns are left alone. A net that is empty or '-' means the pad is not connected.
    `need_net` False: the net column may be absent. Raises InputError when the file or its header can't be read.
    """
    file = str(path)
    problems: list[Problem] = []
    rows = list(_rows(read_text(path, MAX_BYTES), file))
    if not rows:
        remedy = "give a header 'pad,x_um,y_um,net' and a line per pad"
        raise InputError([Problem("pads.empty", "the pad table is empty", file, remedy=remedy)])
    place = _header(rows[0], need_net, file, problems)
    if problems:
        raise InputError(problems)
    pads: list[FoundPad] = []
    seen: dict[str, int] = {}
    for line, cells in rows[1:]:
        if len(cells) != len(rows[0][1]):
            what = f"the line has {len(cells)} columns, the header {len(rows[0][1])}"
            remedy = "quote names that contain the separator"
            problems.append(Problem("pads.columns", what, file, line, remedy=remedy))
            continue
        pad = _pad(place, cells, line, file, problems)
        if pad is None:
            continue
        if pad.name in seen:
            what = f"pad '{pad.name}' is given twice, on lines {seen[pad.name]} and {line}"
            problems.append(Problem("pads.duplicate", what, file, line, "pad", remedy="give each pad its own name"))
        seen.setdefault(pad.name, line)
        pads.append(pad)
    if not pads and not problems:
        remedy = "give a line per pad"
        problems.append(Problem("pads.empty", "the table has a header but no pads", file, rows[0][0], remedy=remedy))
    return tuple(pads), tuple(problems)


def _rows(text: str, file: str) -> Iterator[tuple[int, list[str]]]:
    """Yield (line, cells) of all lines that say something."""
    first = next((line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")), "")
    delimiter = next((mark for mark in ",;\t" if mark in first), ",")
    blanked = "".join("\n" if line.lstrip().startswith("#") else line for line in text.splitlines(keepends=True))
    reader = csv.reader(io.StringIO(blanked, newline=""), delimiter=delimiter, strict=True)
    try:
        for cells in reader:
            stripped = [cell.strip() for cell in cells]
            if any(stripped):
                yield reader.line_num, stripped
    except csv.Error as error:
        what = f"not a CSV table: {error}"
        raise InputError([Problem("pads.csv", what, file, reader.line_num, remedy="check the quotes")]) from error


def _header(row: tuple[int, list[str]], need_net: bool, file: str, problems: list[Problem]) -> dict[str, int]:
    """Return column name -> index, adding a problem for each one missing, doubled or nearly right."""
    line, cells = row
    names = [cell.lower() for cell in cells]
    for name in sorted(set(names)):
        if name and names.count(name) > 1:
            problems.append(Problem("pads.column", f"column '{name}' is given twice", file, line))
    missing = [name for name in _COLUMNS[: 4 if need_net else 3] if name not in names]
    free = [name for name in names if name and name not in _COLUMNS]
    for name in missing:
        near = did_you_mean(name, free) if free else ""
        if near.startswith("did"):
            remedy = f"rename column {near.removeprefix('did you mean ').removesuffix('?')} to '{name}'"
        else:
            remedy = f"the header must name {', '.join(_COLUMNS[:4])}; it has: {', '.join(cells)[:200]}"
        problems.append(Problem("pads.column", f"column '{name}' is missing", file, line, name, remedy=remedy))
    return {name: names.index(name) for name in _COLUMNS if name in names}


def _pad(place: Mapping[str, int], cells: list[str], line: int, file: str, problems: list[Problem]) -> FoundPad | None:
    """Return the pad of one line, or None after saying what is wrong with it."""
    before = len(problems)
    name = cells[place["pad"]]
    if not name:
        problems.append(Problem("pads.name", "the pad has no name", file, line, "pad", remedy="give it a name"))
    numbers: dict[str, float | None] = {}
    for column in ("x_um", "y_um", "size_x_um", "size_y_um"):
        text = cells[place[column]] if column in place else ""
        size = column.startswith("size")
        if size and not text:
            numbers[column] = None
            continue
        numbers[column] = _number(text, size, (file, line, column), problems)
    side = cells[place["side"]].lower() if "side" in place else ""
    if side and side not in _SIDES:
        remedy = did_you_mean(side, _SIDES)
        problems.append(Problem("pads.side", "no side of the die", file, line, "side", f"'{side}'", remedy=remedy))
    net = cells[place["net"]] if "net" in place else ""
    x_um, y_um = numbers["x_um"], numbers["y_um"]
    if len(problems) > before or x_um is None or y_um is None:
        return None
    sizes = (numbers["size_x_um"], numbers["size_y_um"])
    return FoundPad(name, x_um, y_um, sizes[0], sizes[1], None if net in _NO_NET else net, side, line)


def _number(text: str, size: bool, where: tuple[str, int, str], problems: list[Problem]) -> float | None:
    file, line, column = where
    try:
        value = float(text) if "_" not in text else math.nan
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        what = "not a number" if text else "the number is missing"
        remedy = "write the bare number in µm, a point for decimals"
        problems.append(Problem("pads.number", what, file, line, column, f"'{text}'" if text else "", remedy=remedy))
        return None
    if (size and value <= 0) or abs(value) > MAX_UM:
        limit = f"> 0 and <= {MAX_UM:g} µm" if size else f"-{MAX_UM:g} to {MAX_UM:g} µm"
        remedy = "sizes are in µm"
        problems.append(Problem("pads.range", "out of range", file, line, column, text, limit, remedy))
        return None
    return value
