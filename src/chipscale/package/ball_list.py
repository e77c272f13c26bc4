"""Explicit ball lists and ball net lists from CSV files, every fault named with its line."""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass
from pathlib import Path

from chipscale.errors import InputError, Problem, did_you_mean
from chipscale.spec.base import has_control


@dataclass(frozen=True, slots=True)
class ListedBall:
    """One line of a ball list: coordinates in µm as written; nan and None where the column is absent."""

    name: str
    x_um: float
    y_um: float
    net: str | None
    doc_name: str
    line: int


def read_ball_list(path: Path, key: str, positions: bool = True) -> tuple[tuple[ListedBall, ...], list[Problem]]:
    """Return the readable balls of a CSV file and what is wrong with its other lines.

    The columns are ball, x_um, y_um and optionally net and doc_name; with `positions` False the needed ones are
    ball and net (a net list). Other columns are left alone. Raises InputError when the file or its header can't be
    read; `key` is the file's place in the package file.
    """
    needed = ("ball", "x_um", "y_um") if positions else ("ball", "net")
    lines = _lines(path, key)
    if not lines:
        remedy = f"give a header '{','.join(needed)}' and a line per ball"
        raise InputError([Problem("csv.empty", "the file is empty", key=key, value=str(path), remedy=remedy)])
    head = [name.strip() for name in lines[0][1]]
    problems = [
        Problem("csv.no_column", "a column is missing", str(path), lines[0][0], key, name, remedy=_column(name, head))
        for name in needed
        if name not in head
    ] + [
        Problem("csv.double_column", "a column appears twice", str(path), lines[0][0], key, name, "", "remove one")
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
            remedy = "remove one of the lines"
            problems.append(Problem("csv.double_ball", what, str(path), number, key, ball.name, remedy=remedy))
        seen.setdefault(ball.name, number)
        balls.append(ball)
    if not balls and not problems:
        remedy = "give a line per ball"
        problems.append(Problem("csv.empty", "the file lists no ball", str(path), lines[0][0], key, remedy=remedy))
    return tuple(balls), problems


def _lines(path: Path, key: str) -> list[tuple[int, list[str]]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            return [(reader.line_num, row) for row in reader if any(cell.strip() for cell in row)]
    except (FileNotFoundError, IsADirectoryError, PermissionError) as error:
        what = "the file does not exist" if isinstance(error, FileNotFoundError) else "the file can't be read"
        problem = Problem("file.missing", what, key=key, value=str(path), remedy="paths start at the package file")
    except UnicodeDecodeError:
        remedy = "save it as UTF-8; is it the right file?"
        problem = Problem("csv.encoding", "the file is not UTF-8 text", key=key, value=str(path), remedy=remedy)
    except csv.Error as error:
        what, remedy = f"the file is not a CSV table ({error})", "check the quotes"
        problem = Problem("csv.broken", what, key=key, value=str(path), remedy=remedy)
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
        remedy = "quote names that contain a comma"
        problems.append(Problem("csv.cells", what, str(path), line, key, str(len(cells)), str(len(head)), remedy))
        return None
    cell = dict(zip(head, (text.strip() for text in cells), strict=True))
    name = cell["ball"]
    if not name:
        problems.append(Problem("csv.no_name", "the ball has no name", str(path), line, key, remedy="give it a name"))
        return None
    if any(has_control(cell.get(column, "")) for column in ("ball", "net", "doc_name")):
        what, remedy = f"a name of ball {name!a} holds a control character", "leave it out"
        problems.append(Problem("csv.control_character", what, str(path), line, key, remedy=remedy))
        return None
    xy = [math.nan, math.nan]
    for i, axis in enumerate(("x_um", "y_um") if positions else ()):
        value = _float(cell[axis])
        if value is None or abs(value) > 1e6:
            what = f"{axis} of ball {name} is not a number" if value is None else f"{axis} of ball {name} is absurd"
            limit = "" if value is None else "-1e6 ... 1e6 µm"
            remedy = "write the bare number in µm, a point for decimals"
            problems.append(Problem("csv.not_a_number", what, str(path), line, key, cell[axis], limit, remedy))
            return None
        xy[i] = value
    return ListedBall(name, xy[0], xy[1], cell.get("net") or None, cell.get("doc_name", ""), line)


def _float(text: str) -> float | None:
    try:
        value = float(text) if "_" not in text else math.nan
    except ValueError:
        return None
    return value if math.isfinite(value) else None
