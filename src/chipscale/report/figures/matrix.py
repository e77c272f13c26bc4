"""Draw a square matrix of values between named things as a picture with its colour scale."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from chipscale.report.figures.color_scale import Scale, scale_bar
from chipscale.report.figures.pixels import image_address, levels_of
from chipscale.report.markup import Html, tag
from chipscale.report.svg import picture, rect, short, text
from chipscale.report.wording import number

_SIDE = 470.0
_LEAST_SIZE = 8.0  # of a name; where rows are narrower every second, third... is named


def matrix_svg(values: Any, names: Sequence[str], scale: Scale, words: tuple[str, str]) -> Html:
    """Return the picture of `values` (n, n), first row on top; words: what, unit. What is not finite stays empty."""
    found = np.asarray(values, dtype=float)
    count = len(names)
    cell = _SIDE / count
    every = max(1, math.ceil(_LEAST_SIZE / (0.95 * cell)))
    size = min(12.0, max(_LEAST_SIZE, 0.86 * cell * every))
    room = 12 + 0.60 * size * max(len(name) for name in names)
    drawn = tag(
        "image",
        href=image_address(levels_of(found, scale)),
        x=short(room),
        y=short(room),
        width=short(_SIDE),
        height=short(_SIDE),
        style="image-rendering:pixelated",
        preserveAspectRatio="none",
    )
    labels = []
    for k in range(0, count, every):
        middle = room + (k + 0.5) * cell
        labels.append(text(room - 5, middle + 0.35 * size, names[k], class_="end"))
        at = f"{short(middle + 0.35 * size)} {short(room - 5)}"
        labels.append(text(0, 0, names[k], transform=f"translate({at}) rotate(-90)"))
    least, most = float(np.nanmin(found)), float(np.nanmax(found))
    label = f"{words[0]} between {count} of each other: {number(least, 3)} to {number(most, 3)} {words[1]}".rstrip()
    return picture(
        room + _SIDE + 92,
        room + _SIDE + 8,
        label,
        rect(room, room, _SIDE, _SIDE, class_="map-ground"),
        drawn,
        tag("g", labels, font_size=short(size), class_="matrix-names"),
        scale_bar(scale, (room + _SIDE + 18, room + 24, room + _SIDE), words[1] or "ratio"),
        class_="plot matrix",
    )
