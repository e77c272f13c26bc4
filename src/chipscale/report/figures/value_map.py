"""Draw values at places: dies on the wafer, bumps on the die, coloured by value, with the scale and its unit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from chipscale.report.colors import heat
from chipscale.report.markup import Html, tag
from chipscale.report.svg import disc_path, nice_step, picture, rect, short, text, ticks
from chipscale.report.wording import number

_STEPS = 40  # of the colour scale
_SIZE = 400.0
_CELLS = 5000  # most dies that are drawn one by one
_MOST = 0.998  # share of the values the scale reaches; rarer ones take its last colour


def wafer_values(
    places_mm: tuple[Any, Any], values: Any, die_mm: tuple[float, float], wafer_mm: float, words: tuple[str, str]
) -> Html:
    """Return the wafer on its active face, dies (n,) about their centres coloured by value; words: what, unit."""
    edge = 10.0
    scale = (_SIZE - 2 * edge) / wafer_mm
    middle = _SIZE / 2
    limits = _range(values)
    places_mm, values, die_mm = _fewer(places_mm, values, die_mm)
    wide, high = short(die_mm[0] * scale), short(die_mm[1] * scale)

    def place(x: float, y: float) -> str:
        left, top = middle + (x - die_mm[0] / 2) * scale, middle - (y + die_mm[1] / 2) * scale
        return f"M{short(left, 1)} {short(top, 1)}h{wide}v{high}h-{wide}Z"

    cells = _cells(places_mm, values, limits, place, words[1])
    disc = tag("circle", cx=middle, cy=middle, r=short(wafer_mm / 2 * scale), class_="wafer")
    notch = tag("path", d=f"M{short(middle - 5)} {short(_SIZE - edge + 1)}l5 -7l5 7Z", class_="notch")
    label = f"Wafer map of {words[0]}: {_spread_words(values, words[1])}"
    return _drawn(label, [disc, cells, notch], limits, words)


def _fewer(places: tuple[Any, Any], values: Any, die: tuple[float, float]) -> tuple[tuple[Any, Any], Any, Any]:
    """Return mean values of blocks of k x k neighbouring dies where the dies are too many to draw one by one."""
    x, y, found = (np.asarray(item, dtype=float) for item in (*places, values))
    k = int(np.ceil(np.sqrt(len(found) / _CELLS)))
    if k <= 1:
        return (x, y), found, die
    size = k * die[0], k * die[1]
    column, row = np.floor((x - x.min() + die[0] / 2) / size[0]), np.floor((y - y.min() + die[1] / 2) / size[1])
    cells, which = np.unique(np.column_stack((column, row)), axis=0, return_inverse=True)
    which = which.ravel()
    mean = np.bincount(which, found) / np.bincount(which)
    left, low = x.min() - die[0] / 2, y.min() - die[1] / 2
    return (left + (cells[:, 0] + 0.5) * size[0], low + (cells[:, 1] + 0.5) * size[1]), mean, size


def bump_values(
    places_um: tuple[Any, Any], values: Any, die_um: tuple[float, float], d_um: float, words: tuple[str, str]
) -> Html:
    """Return the die in the die view, bumps (n,) coloured by value; words: what, unit."""
    scale = (_SIZE - 20) / max(die_um)
    left, top = (_SIZE - die_um[0] * scale) / 2, (_SIZE - die_um[1] * scale) / 2

    def place(x: float, y: float) -> str:
        return disc_path(left + x * scale, top + (die_um[1] - y) * scale, d_um * scale)

    limits = _range(values)
    cells = _cells(places_um, values, limits, place, words[1])
    frame = rect(left, top, die_um[0] * scale, die_um[1] * scale, class_="wafer", rx=2)
    label = f"Map of {words[0]} over the die: {_spread_words(values, words[1])}"
    return _drawn(label, [frame, cells], limits, words)


def _drawn(label: str, parts: Sequence[Html], limits: tuple[float, float], words: tuple[str, str]) -> Html:
    return picture(_SIZE + 112, _SIZE, label, parts, _scale(limits, words), class_="plot wafermap")


def _spread_words(values: Any, unit: str) -> str:
    found = np.asarray(values, dtype=float)
    return f"{number(float(np.nanmin(found)), 3)} to {number(float(np.nanmax(found)), 3)} {unit}"


def _range(values: Any) -> tuple[float, float]:
    """Return round limits of the scale around nearly all values."""
    found = np.asarray(values, dtype=float)
    low, high = float(np.nanquantile(found, 1 - _MOST)), float(np.nanquantile(found, _MOST))
    step = nice_step(max(high - low, 1e-9 * max(abs(high), 1.0)), 5)
    return float(np.floor(low / step) * step), float(np.ceil(high / step + 1e-9) * step)


def _cells(places: tuple[Any, Any], values: Any, limits: tuple[float, float], place: Any, unit: str) -> Html:
    """Return one path per step of the colour scale; its note says which values it stands for."""
    low, high = limits
    step = (high - low) / _STEPS
    paths: dict[int, list[str]] = {}
    for x, y, value in zip(*(np.asarray(item, dtype=float).tolist() for item in (*places, values)), strict=True):
        if np.isfinite(value):
            level = min(max(int((value - low) / step), 0), _STEPS - 1)
            paths.setdefault(level, []).append(place(x, y))
    made = []
    for level, parts in sorted(paths.items()):
        span = f"{number(low + level * step, 4)} to {number(low + (level + 1) * step, 4)} {unit}"
        note = tag("title", f"{span}: {number(len(parts))}")
        made.append(tag("path", note, d="".join(parts), fill=heat((level + 0.5) / _STEPS)))
    return tag("g", made, class_="cells")


def _scale(limits: tuple[float, float], words: tuple[str, str]) -> Html:
    low, high = limits
    x, top, bottom = _SIZE + 18, 44.0, _SIZE - 24
    bars = [
        rect(
            x,
            bottom - (bottom - top) * (k + 1) / _STEPS,
            16,
            (bottom - top) / _STEPS + 0.4,
            fill=heat((k + 0.5) / _STEPS),
        )
        for k in range(_STEPS)
    ]
    marks = [
        text(x + 22, bottom - (bottom - top) * (value - low) / (high - low) + 4, number(round(value, 9)), class_="tick")
        for value in ticks(low, high, 6)
    ]
    return tag("g", text(x, top - 14, words[1], class_="axis-title"), bars, marks)
