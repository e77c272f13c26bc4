"""Explicit ball lists and ball net lists from CSV files, every fault named with its line."""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass
from pathlib import Path

from chipscale.errors import InputError, Problem, did_you_mean


@dataclass(frozen=True, slots=True)
class ListedBall:
    """One line of a ball list: coordinates in µm as written; nan and None where the column is absent."""

    name: str
    x_um: float
    y_um: float
    net: str | None
    doc_name: str
    line: int


def read_ball_list(path: Path, key: str, positions: bool = True) -> tuple[ListedBall, ...]:
    """Return the balls of a CSV file with the columns ball, x_um, y_um and optionally net and doc_name.

    With `positions` False the needed columns are ball and net (a net list). Other columns are left alone. Raises
    InputError with every fault; `key` is the file's place in the package file.
    """
    needed = ("ball", "x_um", "y_um") if positions else ("ball", "net")
    lines = _lines(path, key)
    if not lines:
        raise InputError([Problem("csv.empty", "the file is empty", file=str(path), key=key)])
    head = [name.strip() for name in lines[0][1]]
    problems = [
        Problem("csv.no_column", "a column is missing", str(path), lines[0][0], key, name, remedy=_column(name, head))
        for name in needed
        if name not in head
    ] + [
        Problem("csv.double_column", "a column appears twice", str(path), lines[0][0], key, name)
        for name in sorted({name for name in head if name and head.count(name) > 1})
    ]
    if problems:
        raise InputError(problems)
    balls: list[ListedBall] = []
    seen: dict[str, int] = {}
    for number, cells in lines[1:]:
        ball = _ball(path, number, key, (head, cells, positions), problems)
        if ball is None:
            continue
        if ball.name in seen:
            what = f"the ball is listed twice (first in line {seen[ball.name]})"
            problems.append(Problem("csv.double_ball", what, str(path), number, key, ball.name))
        seen.setdefault(ball.name, number)
        balls.append(ball)
    if not balls and not problems:
        problems.append(Problem("csv.empty", "the file lists no ball", file=str(path), key=key))
    if problems:
        raise InputError(problems)
    return tuple(balls)


def _lines(path: Path, key: str) -> list[tuple[int, list[str]]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            return [(reader.line_num, row) for row in reader if any(cell.strip() for cell in row)]
    except (FileNotFoundError, IsADirectoryError, PermissionError) as error:
        what = "the file does not exist" if isinstance(error, FileNotFoundError) else "the file can't be read"
        problem = Problem("file.missing", what, key=key, value=str(path), remedy="paths start at the package file")
    except UnicodeDecodeError:
        problem = Problem("csv.encoding", "the file is not UTF-8 text", file=str(path), key=key)
    except csv.Error as error:
        problem = Problem("csv.broken", f"the file is not a CSV table ({error})", file=str(path), key=key)
    raise InputError([problem])


def _column(name: str, head: list[str]) -> str:
    remedy = did_you_mean(name, head)
    return remedy if remedy.startswith("did") else f"the first line is: {', '.join(head)}"


def _ball(
    path: Path, line: int, key: str, row: tuple[list[str], list[str], bool], problems: list[Problem]
) -> ListedBall | None:
    head, cells, positions = row
    if len(cells) != len(head):
        what = "the line has another number of cells than the first"
        problems.append(Problem("csv.cells", what, str(path), line, key, str(len(cells)), str(len(head))))
        return None
    cell = dict(zip(head, (text.strip() for text in cells), strict=True))
    name = cell["ball"]
    if not name:
        problems.append(Problem("csv.no_name", "the ball has no name", str(path), line, key))
        return None
    xy = [math.nan, math.nan]
    for i, axis in enumerate(("x_um", "y_um") if positions else ()):
        value = _float(cell[axis])
        if value is None or abs(value) > 1e6:
            what = f"{axis} of ball {name} is not a number" if value is None else f"{axis} of ball {name} is absurd"
            limit = "" if value is None else "-1e6 ... 1e6 µm"
            problems.append(Problem("csv.not_a_number", what, str(path), line, key, cell[axis], limit))
            return None
        xy[i] = value
    return ListedBall(name, xy[0], xy[1], cell.get("net") or None, cell.get("doc_name", ""), line)


def _float(text: str) -> float | None:
    try:
        value = float(text) if "_" not in text else math.nan
    except ValueError:
        return None
    return value if math.isfinite(value) else None
