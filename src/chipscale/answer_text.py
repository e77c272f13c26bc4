"""Answers and steps as text for a terminal: aligned tables with units, no wider than the reader's window."""

from __future__ import annotations

import math
import shutil
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from chipscale.units import unit_of

WIDTH = 120
ROWS = 12  # of a table; the rest by --json
_CELL = 34  # characters of a word in a table
_LEAST = 60
_FEW = 3  # rows up to which a table's sentences are told whole below it
_IN = "      "
Row = Mapping[str, Any]


def tables_text(tables: Mapping[str, Sequence[Row]], width: int = 0) -> Iterator[str]:
    """Yield the lines of all tables of an answer that hold rows."""
    width = width or max(_LEAST, min(WIDTH, shutil.get_terminal_size((WIDTH, 24)).columns))
    for name, rows in sorted(tables.items(), key=lambda item: len(item[1]) > ROWS):  # whole ones first
        if rows:
            yield ""
            yield from _table(name, rows, width)


def _table(name: str, rows: Sequence[Row], width: int) -> Iterator[str]:
    keys = _ordered(rows)
    said = [key for key in keys if _is_sentence(rows, key)] if len(rows) <= _FEW else []
    keys = [key for key in keys if key not in said]
    empty = _empty_before(rows) if len(rows) > ROWS else 0
    cells = [[cell(row.get(key)) for key in keys] for row in rows[empty : empty + ROWS]]
    wide = [max(len(heading(key)), *(len(line[k]) for line in cells)) for k, key in enumerate(keys)]
    fits = max(1, sum(1 for k in range(len(keys)) if 2 + sum(wide[: k + 1]) + 2 * k <= width))
    right = [all(isinstance(row.get(key), int | float | None) for row in rows) for key in keys]
    yield f"  {name.replace('_', ' ')}: {len(rows)} row{'s' if len(rows) != 1 else ''}"
    yield _line([heading(key) for key in keys][:fits], wide, right)
    for line in cells:
        yield _line(line[:fits], wide, right)
    for row in rows if said else ():
        for key in said:
            if row.get(key):
                yield from textwrap.wrap(
                    f"{heading(key)}: {row[key]}", width, initial_indent=_IN, subsequent_indent=_IN
                )
    left_out = []
    if empty:
        left_out.append(f"{empty} row{'s' if empty != 1 else ''} before, all 0")
    if len(rows) > empty + ROWS:
        left_out.append(f"{len(rows) - empty - ROWS} more rows")
    if fits < len(keys):
        left_out.append(f"columns {', '.join(keys[fits:])}")
    if left_out:
        text = f"… {'; '.join(left_out)}: --json tells all"
        yield from textwrap.wrap(text, width, initial_indent="    ", subsequent_indent="      ")


def _empty_before(rows: Sequence[Row]) -> int:
    """Return how many rows a histogram (from, to, a count) has before the first that counts anything.

    >>> _empty_before([{"from_um": 0, "to_um": 1, "dies_count": 0}, {"from_um": 1, "to_um": 2, "dies_count": 4}])
    1
    """
    keys = set(rows[0])
    counts = [key for key in keys if key.endswith("_count")]
    bins = any(key.startswith("from_") for key in keys) and any(key.startswith("to_") for key in keys)
    if not bins or not counts:
        return 0
    return next((place for place, row in enumerate(rows) if any(row.get(key) for key in counts)), 0)


def _line(cells: Sequence[str], wide: Sequence[int], right: Sequence[bool]) -> str:
    parts = [text.rjust(wide[k]) if right[k] else text.ljust(wide[k]) for k, text in enumerate(cells)]
    return ("    " + "  ".join(parts)).rstrip()


def _ordered(rows: Sequence[Row]) -> list[str]:
    """Return the keys of all rows: short words first, then numbers, then sentences, then what holds more tables."""
    keys = list(dict.fromkeys(key for row in rows for key in row))

    def rank(key: str) -> int:
        found = [row[key] for row in rows if row.get(key) is not None]
        if any(isinstance(value, Mapping) or (isinstance(value, list | tuple) and value) for value in found):
            return 3
        if _is_sentence(rows, key):
            return 2
        return 0 if any(isinstance(value, str) for value in found) else 1

    return sorted(keys, key=rank)


def _is_sentence(rows: Sequence[Row], key: str) -> bool:
    return any(isinstance(row.get(key), str) and len(row[key]) > _CELL for row in rows)


def heading(key: str) -> str:
    """Return a column's name with the symbol of its unit.

    >>> heading("sd_um"), heading("dies_count"), heading("layer")
    ('sd [µm]', 'dies', 'layer')
    """
    unit = unit_of(key)
    stem = key.removesuffix(f"_{unit.suffix}") if unit is not None else key
    symbol = f" [{unit.symbol}]" if unit is not None and unit.symbol and stem != key else ""
    return stem.replace("_", " ") + symbol


def cell(value: Any) -> str:
    """Return a value as it stands in a table.

    >>> cell(0.0123456), cell(None), cell(True), cell(84100.0), cell(1249261.4), cell(["a", "b"]), cell({"a": 1})
    ('0.01235', '–', 'yes', '84100', '1249261', 'a, b', '1 inside')
    """
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        if not math.isfinite(value):
            return "–" if value != value else "∞" if value > 0 else "-∞"
        whole = float(value).is_integer() or abs(value) >= 1e4  # no exponent where digits can be read
        return f"{value:.0f}" if whole and abs(value) < 1e12 else f"{value:.4g}"
    if isinstance(value, Mapping) or (isinstance(value, list | tuple) and any(isinstance(v, Mapping) for v in value)):
        return f"{len(value)} inside"
    text = ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
    return text if len(text) <= _CELL else text[: _CELL - 1] + "…"


def step_text(step: Mapping[str, Any], width: int = WIDTH) -> Iterator[str]:
    """Yield the lines that tell all of one kind of step, as `catalogue.entry` gives it."""
    yield f"{step['name']}: {step['title']}"
    yield from _wrapped(step["help"], "  ", width)
    yield f"\n  tool      {step['tool']}"
    for key in ("needs", "never", "makes", "takes"):
        if step[key]:
            yield f"  {key:<9} {', '.join(step[key])}"
    yield from _wrapped(f"  time      {step['time']}", "", width, "            ")
    yield "\n  options"
    for name, item in step["options"].items():
        bounds = f", {item['range']}" if item.get("range") else ""
        given = "needed" if item["default"] is None and item.get("needed") else f"default {item['default']!s}"
        given = "default: none" if item["default"] == "" else given
        unit = f" {item['unit']}" if item.get("unit") and not item.get("needed") else ""
        yield f"    {name}  ({item['type']}, {given}{unit}{bounds})"
        told = "; ".join(text for text in (item["meaning"], item.get("source") or "") if text)
        yield from _wrapped(told, "        ", width)
    yield (
        "\n  varies (one standard deviation per level, with the options' defaults)"
        if step["varies"]
        else ("\n  varies: nothing, or only by options that are needed")
    )
    for item in step["varies"]:
        sizes = ", ".join(f"{level} {size:.4g}" for level, size in item["by_level"].items())
        what = " ".join(filter(None, (heading(item["quantity"]), item["layer"])))
        yield from _wrapped(f"{what}: {sizes}; {item['source']}", "    ", width, "        ")
    yield "\n  may go wrong"
    for item in step["defects"]:
        rate = "no rate given" if item["rate_ppm"] is None else f"{item['rate_ppm']:g} ppm, {item['source']}"
        yield from _wrapped(f"{item['name']} (on a {item['on']}; {rate}): {item['cause']}", "    ", width, "        ")


def _wrapped(text: str, indent: str, width: int, next_indent: str | None = None) -> Iterator[str]:
    after = indent if next_indent is None else next_indent
    for block in text.split("\n\n"):
        joined = block if text.startswith("  ") else " ".join(block.split())
        yield from textwrap.wrap(joined, width, initial_indent=indent, subsequent_indent=after)
