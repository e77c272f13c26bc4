"""Power over time as a file says it: lines of time and power, each checked, told by line and column when wrong."""

from __future__ import annotations

import csv
import io
import math
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from chipscale.errors import InputError, Problem

Array = npt.NDArray[np.float64]
COLUMNS = ("time_s", "power_W")
MOST_BYTES = 20_000_000
MOST_LINES = 200_000
LIMITS = {"time_s": (0.0, 1e9), "power_W": (0.0, 1e4)}
_MOST_TOLD = 10
_REMEDY = "two columns under the line time_s,power_W: each power holds from its time to the next; the last line ends it"


class Trace(NamedTuple):
    """Power (n,) in W from each time (n + 1,) in s to the next; the first time is 0."""

    times_s: Array
    power_W: Array

    @property
    def energy_J(self) -> float:
        """Return the heat of it all."""
        return float((self.power_W * np.diff(self.times_s)).sum())


def read_trace(path: Path, key: str = "trace") -> Trace:
    """Return the trace of a CSV file; InputError names line, column, value and limit of what is wrong."""
    return parsed(file_bytes(path, key), str(path), key)


def file_bytes(path: Path, key: str) -> bytes:
    """Return what a file holds; InputError when it can't be read or is too large."""
    try:
        if not path.is_file():
            raise InputError([Problem("trace.no_file", "no such file", key=key, value=str(path), remedy=_REMEDY)])
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        why = error.strerror or "the file can't be read"
        raise InputError([Problem("trace.no_file", why, key=key, value=str(path), remedy=_REMEDY)]) from error
    if len(data) > MOST_BYTES:
        limit, remedy = f"{MOST_BYTES // 1_000_000} MB", "join times of about the same power"
        raise InputError([Problem("trace.too_large", "the file is too large", str(path), None, key, "", limit, remedy)])
    return data


def parsed(data: bytes, file: str, key: str = "trace") -> Trace:
    """Return the trace of a CSV file's bytes; InputError as `read_trace`."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        problem = Problem("trace.encoding", "the file is not UTF-8 text", file, line, key, remedy="save it as UTF-8")
        raise InputError([problem]) from error
    lines = _lines(text, file, key)
    places = _places(lines[0] if lines else None, file, key)
    rows: list[tuple[float, float]] = []
    problems: list[Problem] = []
    for number, cells in lines[1:]:
        row = _row(number, cells, places, (file, problems))
        if row is not None:
            problems += _order(rows, row, number, file)
            rows.append(row)
        if len(problems) >= _MOST_TOLD:
            break
    if not problems:
        problems = _whole(rows, file, key)
    if problems:
        raise InputError(problems)
    times, power = np.array(rows).T
    return Trace(times - times[0], power[:-1])


def _lines(text: str, file: str, key: str) -> list[tuple[int, list[str]]]:
    """Return the lines that are neither empty nor begin with #, with their numbers."""
    found: list[tuple[int, list[str]]] = []
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells) and not cells[0].lstrip().startswith("#"):
                found.append((reader.line_num, [cell.strip() for cell in cells]))
            if len(found) > MOST_LINES + 1:
                limit, remedy = f"{MOST_LINES}", "join times of about the same power"
                what = "the trace has too many lines"
                raise InputError([Problem("trace.too_long", what, file, reader.line_num, key, "", limit, remedy)])
    except csv.Error as error:
        what = f"not a CSV file: {error}"
        raise InputError([Problem("trace.broken", what, file, reader.line_num, key, remedy=_REMEDY)]) from error
    return found


def _places(head: tuple[int, list[str]] | None, file: str, key: str) -> dict[str, int]:
    """Return where each column stands; InputError when the first line does not name each once."""
    if head is None:
        raise InputError([Problem("trace.empty", "the file holds no line", file, None, key, remedy=_REMEDY)])
    number, cells = head
    wrong = [name for name in COLUMNS if cells.count(name) != 1]
    if wrong:
        what = f"the first line must name the column {wrong[0]} once"
        value = ",".join(cells)[:80]
        raise InputError([Problem("trace.no_column", what, file, number, key, value, ",".join(COLUMNS), _REMEDY)])
    return {name: cells.index(name) for name in COLUMNS}


def _row(
    number: int, cells: list[str], places: dict[str, int], told: tuple[str, list[Problem]]
) -> tuple[float, float] | None:
    """Return time and power of a line, None (and its problems added) when either is wrong."""
    file, problems = told
    values: list[float] = []
    for name in COLUMNS:
        text = cells[places[name]] if places[name] < len(cells) else ""
        low, high = LIMITS[name]
        limit = f"{low:g} to {high:g}"
        try:
            value = float(text) if len(text) <= 40 and "_" not in text else math.nan
        except ValueError:
            value = math.nan
        column = f"column {name}"
        if math.isnan(value):
            what = "not a number" if text else "no value"
            problems.append(Problem("trace.number", what, file, number, column, text[:40], limit, "give a number"))
        elif not low <= value <= high:
            remedy = f"give a value from {limit}"
            problems.append(Problem("trace.range", "out of range", file, number, column, text[:40], limit, remedy))
        else:
            values.append(value)
    return (values[0], values[1]) if len(values) == len(COLUMNS) else None


def _order(rows: list[tuple[float, float]], row: tuple[float, float], number: int, file: str) -> list[Problem]:
    if not rows or row[0] > rows[-1][0]:
        return []
    limit, remedy = f"above {rows[-1][0]:g}", "sort the lines by time, one for each"
    what = "the time is not after that of the line before"
    return [Problem("trace.order", what, file, number, "column time_s", f"{row[0]:g}", limit, remedy)]


def _whole(rows: list[tuple[float, float]], file: str, key: str) -> list[Problem]:
    if len(rows) < 2:
        what = "the trace needs two lines or more: the last one is its end"
        return [Problem("trace.short", what, file, None, key, f"{len(rows)} lines", "2 or more", _REMEDY)]
    if not any(power > 0 for _, power in rows[:-1]):
        what = "there is no power at any time"
        return [Problem("trace.no_power", what, file, None, "column power_W", "0", "above 0 somewhere", _REMEDY)]
    return []
