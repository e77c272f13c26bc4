"""Where the heat is made on the die: even, blocks (inline or CSV), or an image (PNG or a grid of numbers)."""

from __future__ import annotations

import csv
import io
import math
import re
from pathlib import Path

import numpy as np
import numpy.typing as npt

from chipscale.errors import InputError, Problem
from chipscale.spec.read import read_text

Array = npt.NDArray[np.float64]
COLUMNS = ("x0_um", "y0_um", "x1_um", "y1_um", "power_W")
_LOWER = tuple(name.lower() for name in COLUMNS)
MAX_BYTES = 20_000_000
MOST_BLOCKS = 100_000
MOST_PIXELS = 4_000_000
_MOST_W = 1e6
_INLINE = re.compile(r"[-+0-9.eE,;\s]+")  # no file of such a name
_FEW = 40  # blocks whose edges a mesh may follow
_EDGE_UM = 1e-3  # a block may end this far off the die: rounding
_SIDES = (64, 2048)  # fewest and most pixels along the longer side when blocks become a map


class Block(tuple[float, float, float, float, float]):
    """(x0_um, y0_um, x1_um, y1_um, power_W): a rectangle of the die view and its heat."""

    __slots__ = ()


def power_map(text: str, size_um: tuple[float, float]) -> Array | None:
    """Return heat per pixel (ny, nx) over the die, row 0 at y = 0; None for an even one. InputError when it is wrong.

    `text` is "" or "even", blocks "x0,y0,x1,y1,W; ..." in µm of the die view, or a file: CSV with the columns x0_um,
    y0_um, x1_um, y1_um, power_W; CSV with numbers only (a grid, its first line the highest y); or a PNG (its lightness
    is the heat's density, its first row the highest y).
    """
    found = text.strip()
    if found in ("", "even", "uniform"):
        return None
    if _INLINE.fullmatch(found):
        return of_blocks(_inline(found, size_um), size_um)
    path = Path(found)
    if path.suffix.lower() == ".png":
        return _image(path)
    rows = _rows(read_text(path, MAX_BYTES), str(path))
    if rows and any(cell.lower() in _LOWER for cell in rows[0][1]):
        return of_blocks(_table(rows, str(path), size_um), size_um)
    return _grid(rows, str(path))


def blocks(text: str, size_um: tuple[float, float]) -> list[Block]:
    """Return the blocks of a map that is given by blocks, one over the whole die for an even map of 1 W.

    InputError for images and grids, which have no blocks.
    """
    found = text.strip()
    if found in ("", "even", "uniform"):
        return [Block((0.0, 0.0, *size_um, 1.0))]
    if _INLINE.fullmatch(found):
        return _inline(found, size_um)
    if Path(found).suffix.lower() != ".png":
        rows = _rows(read_text(Path(found), MAX_BYTES), found)
        if rows and any(cell.lower() in _LOWER for cell in rows[0][1]):
            return _table(rows, found, size_um)
    what, remedy = "this answer wants blocks, not an image", f"give a CSV with the columns {','.join(COLUMNS)}"
    raise InputError([Problem("thermal.power", what, key="power", value=found, remedy=remedy)])


def few_blocks(text: str, size_um: tuple[float, float]) -> list[Block]:
    """Return the blocks of a map given by so few that a mesh can follow their edges, else none."""
    found = text.strip()
    if found in ("", "even", "uniform") or Path(found).suffix.lower() == ".png":
        return []
    if not _INLINE.fullmatch(found):
        rows = _rows(read_text(Path(found), MAX_BYTES), found)
        if not rows or not any(cell.lower() in _LOWER for cell in rows[0][1]):
            return []
    made = blocks(text, size_um)
    return made if len(made) <= _FEW else []


def of_blocks(found: list[Block], size_um: tuple[float, float]) -> Array:
    """Return the heat of blocks on a map of pixels: exact in sum, edges within a pixel shared by area.

    The pixels are a quarter of the smallest block's side, within bounds. O(blocks x (nx + ny) + pixels).
    """
    longest = max(size_um)
    least = min(min(x1 - x0, y1 - y0) for x0, y0, x1, y1, _ in found)
    count = min(max(math.ceil(4 * longest / least), _SIDES[0]), _SIDES[1])
    shape = tuple(max(1, round(count * side / longest)) for side in (size_um[1], size_um[0]))
    total = np.zeros(shape)
    lines = [np.linspace(0.0, side, n + 1) for side, n in zip(size_um, shape[::-1], strict=True)]
    for x0, y0, x1, y1, power_W in found:
        along = [
            np.diff(np.clip(edges, low, high)) / (high - low)
            for edges, (low, high) in zip(lines, ((x0, x1), (y0, y1)), strict=True)
        ]
        (across,), (up,) = np.nonzero(along[0]), np.nonzero(along[1])
        total[up[0] : up[-1] + 1, across[0] : across[-1] + 1] += power_W * np.outer(along[1][up], along[0][across])
    return total


def _inline(text: str, size_um: tuple[float, float]) -> list[Block]:
    rows = [
        (k + 1, [cell.strip() for cell in part.split(",")]) for k, part in enumerate(text.split(";")) if part.strip()
    ]
    return _blocks([(line, cells) for line, cells in rows], "", size_um)


def _rows(text: str, file: str) -> list[tuple[int, list[str]]]:
    """Return (line, cells) of all lines that say something."""
    blanked = "".join("\n" if line.lstrip().startswith("#") else line for line in text.splitlines(keepends=True))
    reader = csv.reader(io.StringIO(blanked, newline=""), strict=True)
    try:
        rows = [(reader.line_num, [cell.strip() for cell in cells]) for cells in reader]
    except csv.Error as error:
        problem = Problem(
            "thermal.power", f"not a CSV table: {error}", file, reader.line_num, remedy="check the quotes"
        )
        raise InputError([problem]) from error
    found = [(line, cells) for line, cells in rows if any(cells)]
    if not found:
        raise InputError([Problem("thermal.power", "the file is empty", file, remedy=f"header {','.join(COLUMNS)}")])
    return found


def _table(rows: list[tuple[int, list[str]]], file: str, size_um: tuple[float, float]) -> list[Block]:
    line, head = rows[0][0], [cell.lower() for cell in rows[0][1]]
    missing = [name for name in COLUMNS if head.count(name.lower()) != 1]
    if missing:
        what = f"needs the column{'s' * (len(missing) > 1)} {', '.join(missing)} once"
        raise InputError([Problem("thermal.power", what, file, line, remedy=f"header {','.join(COLUMNS)}")])
    place = [head.index(name) for name in _LOWER]
    cells = [(k, [row[at] if at < len(row) else "" for at in place]) for k, row in rows[1:]]
    return _blocks(cells, file, size_um)


def _blocks(rows: list[tuple[int, list[str]]], file: str, size_um: tuple[float, float]) -> list[Block]:
    """Return the blocks; InputError with every line that is wrong (the first hundred)."""
    problems: list[Problem] = []
    found: list[Block] = []
    if not 1 <= len(rows) <= MOST_BLOCKS:
        problems.append(Problem("thermal.power", f"{len(rows)} blocks", file, limit=f"1 to {MOST_BLOCKS}"))
        rows = []
    for line, cells in rows:
        try:
            values = [_number(cell) for cell in cells]
        except ValueError as error:
            problems.append(_bad(str(error), file, line, "", "give finite numbers"))
            continue
        if len(values) != len(COLUMNS):
            problems.append(_bad(f"{len(values)} numbers", file, line, "", f"give five: {', '.join(COLUMNS)}"))
            continue
        told = _wrong(values, size_um)
        if told:
            problems.append(_bad(told, file, line, ", ".join(cells), f"the die is {size_um[0]:g} x {size_um[1]:g} µm"))
            continue
        x0, y0, x1, y1, power_W = values
        found.append(Block((max(x0, 0.0), max(y0, 0.0), min(x1, size_um[0]), min(y1, size_um[1]), power_W)))
    if found and not problems and sum(block[4] for block in found) <= 0:
        problems.append(_bad("no block has any heat", file, rows[0][0], "", "give one a power above 0"))
    if problems:
        raise InputError(problems[:100])
    return found


def _bad(what: str, file: str, line: int, value: str, remedy: str) -> Problem:
    place = line if file else None
    told = what if file else f"block {line}: {what}"
    return Problem("thermal.power", told, file, place, "power", value, remedy=remedy)


def _wrong(values: list[float], size_um: tuple[float, float]) -> str:
    x0, y0, x1, y1, power_W = values
    if x1 <= x0 or y1 <= y0:
        return "the block has no area: x1 must be above x0 and y1 above y0"
    if power_W < 0:
        return "the power is below 0"
    if min(x0, y0) < -_EDGE_UM or x1 > size_um[0] + _EDGE_UM or y1 > size_um[1] + _EDGE_UM:
        return "power outside the die"
    return ""


def _number(text: str) -> float:
    try:
        value = float(text) if len(text) <= 40 else math.nan
    except ValueError:
        raise ValueError(f"'{text[:40]}' is no number") from None
    if not abs(value) <= _MOST_W:
        raise ValueError(f"'{text[:40]}' is out of range")
    return value


def _grid(rows: list[tuple[int, list[str]]], file: str) -> Array:
    """Return a grid of numbers, heat per pixel in W."""
    wide, problems = len(rows[0][1]), []
    if wide * len(rows) > MOST_PIXELS:
        raise InputError([Problem("thermal.power", "too many pixels", file, limit=f"{MOST_PIXELS}")])
    values = np.zeros((len(rows), wide))
    for k, (line, cells) in enumerate(rows):
        try:
            if len(cells) != wide:
                raise ValueError(f"{len(cells)} numbers, the first line has {wide}")
            values[k] = [_number(cell) for cell in cells]
            if values[k].min() < 0:
                raise ValueError("a power is below 0")
        except ValueError as error:
            problems.append(_bad(str(error), file, line, "", "every line as long as the first, finite numbers >= 0"))
    if problems:
        raise InputError(problems[:100])
    return _some_heat(values[::-1], file)


def _image(path: Path) -> Array:
    """Return a PNG's lightness (mean of red, green, blue, times opacity) as shares of the heat."""
    from matplotlib.image import imread

    try:
        if path.stat().st_size > MAX_BYTES:
            raise ValueError(f"larger than {MAX_BYTES} bytes")
        high, wide = _png_size(path)
        if high * wide > MOST_PIXELS:
            raise ValueError(f"{wide} x {high} pixels are more than {MOST_PIXELS}")
        found = np.asarray(imread(path), dtype=float)
    except (OSError, ValueError, SyntaxError) as error:
        what = f"not a picture that can be read: {error}"
        raise InputError([Problem("thermal.power", what, str(path), remedy="give a PNG, 8 bits per colour")]) from error
    if found.ndim == 3:
        light = found[..., : min(found.shape[2], 3)].mean(axis=2) if found.shape[2] != 2 else found[..., 0]
        found = light * found[..., -1] if found.shape[2] in (2, 4) else light
    return _some_heat(found[::-1], str(path))


def _png_size(path: Path) -> tuple[int, int]:
    """Return (rows, columns) of a PNG from its first 24 bytes, before anything is unpacked."""
    with path.open("rb") as file:
        head = file.read(24)
    if len(head) < 24 or head[:8] != b"\x89PNG\r\n\x1a\n" or head[12:16] != b"IHDR":
        raise ValueError("no PNG")
    return int.from_bytes(head[20:24], "big"), int.from_bytes(head[16:20], "big")


def _some_heat(values: Array, file: str) -> Array:
    if not values.sum() > 0:
        raise InputError([Problem("thermal.power", "no pixel has any heat", file, remedy="give one a value above 0")])
    return np.ascontiguousarray(values)
