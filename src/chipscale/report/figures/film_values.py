"""Draw values on the triangles of metal films over the die: drop or current density, with the scale and its unit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from chipscale.report.figures.color_scale import STEPS, Scale, scale_bar
from chipscale.report.figures.net_values import size_bar
from chipscale.report.figures.pixels import image_address, triangle_levels
from chipscale.report.markup import Html, tag
from chipscale.report.svg import picture, rect, short, text
from chipscale.report.wording import number

_SIDE = 470.0
_PIXELS = 1300  # along the longer side of the die

Dot = tuple[str, float, float, float]  # name, x and y of the middle, diameter in µm


def film_values(
    size_um: tuple[float, float], fields: Mapping[str, Any], values: Any, scale: Scale, words: tuple[str, str],
    dots: Sequence[Dot] = (),
) -> Html:  # fmt: skip
    """Return the die view with triangles coloured by `values`, one per node (n,) or one per triangle (m,).

    `fields` holds x_um, y_um (n,) and triangles (m, 3); words: what, unit. `dots` are balls to be outlined and named.
    """
    fit = _SIDE / max(size_um)
    wide, tall = size_um[0] * fit, size_um[1] * fit
    address = image_address(_pixels(size_um, fields, np.asarray(values, dtype=float), scale))
    image = tag(
        "image", href=address, x=6, y=10, width=short(wide), height=short(tall), preserveAspectRatio="none"
    )  # fmt: skip
    marks = []
    for name, x, y, d in dots:
        left, top = 6 + x * fit, 10 + tall - y * fit
        size = min(max(d * fit / max(2.2, 0.72 * len(name)), 7.5), 13.0)
        marks.append(tag("circle", cx=short(left), cy=short(top), r=short(d * fit / 2), class_="ball-rim"))
        marks.append(text(left, top + 0.35 * size, name, font_size=short(size), class_="mid on-map"))
    good = np.asarray(values, dtype=float)
    spread = f"{number(float(np.nanmin(good)), 3)} to {number(float(np.nanmax(good)), 3)} {words[1]}"
    return picture(
        6 + wide + 104,
        max(tall + 36, 200),
        f"{words[0]} over the die: {spread}",
        rect(6, 10, wide, tall, class_="map-ground"),
        image,
        tag("g", marks),
        size_bar(size_um[0], fit, tall + 20),
        scale_bar(scale, (wide + 26, 36, max(tall + 10, 190)), words[1]),
        class_="plot net-values",
    )


def _pixels(size_um: tuple[float, float], fields: Mapping[str, Any], values: Any, scale: Scale) -> Any:
    fit = _PIXELS / max(size_um)
    corners_of = np.asarray(fields["triangles"]).astype(np.int64)
    x, y = (np.asarray(fields[name], dtype=float)[corners_of] for name in ("x_um", "y_um"))
    corners = np.stack((x * fit, (size_um[1] - y) * fit), axis=2)
    at = values[corners_of] if len(values) == len(fields["x_um"]) else np.repeat(values[:, None], 3, axis=1)
    if scale.powers:
        part = np.log(np.maximum(at, scale.low) / scale.low) / np.log(scale.high / scale.low)
    else:
        part = (at - scale.low) / (scale.high - scale.low)
    size = max(1, round(size_um[0] * fit)), max(1, round(size_um[1] * fit))
    return triangle_levels(corners, np.clip(part, 0.0, 1.0) * STEPS, size)
