"""Draw a cut through the stack: true to scale, or with heights enlarged, with the thickness of every film."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from chipscale.report.markup import Html, tag
from chipscale.report.svg import area_path, line, nice_step, picture, rect, short, text, ticks
from chipscale.report.wording import number
from chipscale.stack.section import joined

_LABEL_GAP = 31.0  # height of a film's label


@dataclass(frozen=True, slots=True)
class Window:
    """The part of a cut that is shown, in µm along the cut and in height, and how many times heights are enlarged."""

    s0_um: float
    s1_um: float
    z0_um: float
    z1_um: float
    z_exaggeration_ratio: float = 1.0


@dataclass(frozen=True, slots=True)
class Film:
    """A layer of the cut: its material, its lowest and highest z and its usual thickness along the cut, in µm."""

    layer: str
    material: str
    z0_um: float
    z1_um: float
    thick_um: float


def extent(pieces: Sequence[Any]) -> tuple[float, float, float, float]:
    """Return (s0, s1, z0, z1) in µm over all pieces."""
    points = np.vstack([np.asarray(piece.polygon, dtype=float) for piece in pieces])
    (s0, z0), (s1, z1) = points.min(axis=0), points.max(axis=0)
    return float(s0), float(s1), float(z0), float(z1)


def films(pieces: Sequence[Any]) -> list[Film]:
    """Return the layers of a cut from bottom to top; what fills the relief below a film does not count.

    A ball counts from the foot of its solder, also where that lies in an opening of the solder mask.
    The thickness is the median over 401 places along the layer, of a ball the largest.
    """
    found: dict[tuple[str, str], list[Any]] = {}
    for piece in pieces:
        ball = piece.layer.upper() == "BALL"  # its solder in the opening it stands in is a part of it
        if ball or not any(mark in str(piece.body) for mark in (".plug", ".fill")):
            found.setdefault((piece.layer, piece.material), []).append(np.asarray(piece.polygon, dtype=float))
    made = []
    for (layer, material), outlines in found.items():
        z = np.concatenate([outline[:, 1] for outline in outlines])
        chords = _chords(outlines)
        thick = chords.max() if layer.upper() == "BALL" or not (chords > 0).any() else np.median(chords[chords > 0])
        made.append(Film(layer, material, float(z.min()), float(z.max()), float(thick)))
    return sorted(made, key=lambda film: (film.z0_um + film.z1_um, film.layer))


def _chords(outlines: Sequence[Any]) -> Any:
    """Return how much of each of 401 vertical lines lies inside the outlines, in µm."""
    reach = [(outline[:, 0].min(), outline[:, 0].max()) for outline in outlines]
    low, high = min(a for a, _ in reach), max(b for _, b in reach)
    s = low + (high - low) * (np.arange(401) + 0.4142) / 402
    total = np.zeros(len(s))
    for outline in outlines:
        chord = np.zeros(len(s))  # the areas under the sides, signed by their direction, leave what lies inside
        for (s0, z0), (s1, z1) in zip(outline, np.roll(outline, -1, axis=0), strict=True):
            hit = (s >= min(s0, s1)) & (s < max(s0, s1))
            if s0 != s1:
                chord[hit] += np.sign(s1 - s0) * (z0 + (s[hit] - s0) / (s1 - s0) * (z1 - z0))
        total += np.abs(chord)
    return total


def section_svg(
    pieces: Sequence[Any], window: Window, colors: Mapping[str, str], label: str, ident: str, labels: bool = True
) -> Html:
    """Return the pieces inside `window` with a z axis, a scale bar and, on the right, each film's thickness.

    `colors` maps materials to colours; `ident` makes the clip path's id unique on the page.
    """
    width, left, right, top, bottom = 1060.0 if not labels else 620.0, 58.0, 12.0 if not labels else 190.0, 14.0, 44.0
    scale = (width - left - right) / (window.s1_um - window.s0_um)
    tall = (window.z1_um - window.z0_um) * scale * window.z_exaggeration_ratio
    shown = films([piece for piece in pieces if _inside(piece, window)]) if labels else []
    height = max(tall + bottom, _LABEL_GAP * len(shown) + 12) + top

    def place(points: Any) -> Any:
        s, z = np.asarray(points, dtype=float).T
        return np.column_stack([left + (s - window.s0_um) * scale, top + (window.z1_um - z) / _span(window) * tall])

    shapes = [
        tag(
            "path",
            tag("title", f"{piece.layer}: {piece.material}" + (f", net {piece.net}" if piece.net else "")),
            d=area_path(place(piece.polygon), [place(hole) for hole in piece.holes]),
            fill=colors.get(piece.material, "#999999"),
        )
        for piece in joined([piece for piece in pieces if _inside(piece, window)])
    ]
    clip = tag("clipPath", rect(left, top, width - left - right, tall), id=f"clip-{ident}")
    body = tag("g", shapes, clip_path=f"url(#clip-{ident})", class_="cut", fill_rule="evenodd")
    axis = _axis(window, (left, top, tall))
    bar = _scale_bar(window, scale, (left, top + tall + bottom))
    named = _film_labels(shown, window, (width - right, top, tall), height)
    return picture(width, height, label, tag("defs", clip), body, axis, bar, named, class_="plot section")


def _span(window: Window) -> float:
    return window.z1_um - window.z0_um


def _inside(piece: Any, window: Window) -> bool:
    points = np.asarray(piece.polygon, dtype=float)
    low, high = points.min(axis=0), points.max(axis=0)
    beside = high[0] <= window.s0_um or low[0] >= window.s1_um
    return not (beside or high[1] <= window.z0_um or low[1] >= window.z1_um)


def _axis(window: Window, place: tuple[float, float, float]) -> Html:
    left, top, tall = place
    wanted = max(2, min(7, int(tall / 34)))
    parts = [line(left - 6, top, left - 6, top + tall, class_="axis")]
    for value in ticks(window.z0_um, window.z1_um, wanted):
        y = top + (window.z1_um - value) / _span(window) * tall
        parts.append(line(left - 10, y, left - 6, y, class_="axis"))
        parts.append(text(left - 13, y + 4, number(round(value, 6)), class_="tick end"))
    centre = short(top + tall / 2)
    parts.append(text(12, top + tall / 2, "z, µm", class_="axis-title mid", transform=f"rotate(-90 12 {centre})"))
    return tag("g", parts)


def _scale_bar(window: Window, scale: float, place: tuple[float, float]) -> Html:
    left, height = place
    bar_um = nice_step(window.s1_um - window.s0_um, 6)
    word = f"{number(bar_um)} µm" if bar_um < 1000 else f"{number(bar_um / 1000)} mm"
    ratio = window.z_exaggeration_ratio
    note = "heights and widths to the same scale" if ratio == 1 else f"heights enlarged {number(ratio)} ×"
    return tag(
        "g",
        rect(left, height - 22, bar_um * scale, 4, class_="bar"),
        text(left + bar_um * scale + 8, height - 16, f"{word}; {note}", class_="tick"),
    )


def _film_labels(seen: Sequence[Film], window: Window, place: tuple[float, float, float], height: float) -> Html:
    """Return each film's name and thickness beside the cut; labels keep apart, leaders point at the films."""
    x, top, tall = place
    wanted = []
    for film in seen:
        low, high = max(film.z0_um, window.z0_um), min(film.z1_um, window.z1_um)
        wanted.append(top + (window.z1_um - (low + high) / 2) / _span(window) * tall)
    placed = spread(wanted, _LABEL_GAP, (top + 10, height - 18))
    parts = []
    for film, target, y in zip(seen, wanted, placed, strict=True):
        path = f"M{short(x + 2)} {short(target)}h8L{short(x + 24)} {short(y)}h4"
        parts.append(tag("path", d=path, class_="leader"))
        parts.append(text(x + 32, y - 1, film.layer, class_="film"))
        parts.append(text(x + 32, y + 12, f"{film.material}, {number(film.thick_um, 3)} µm", class_="tick"))
    return tag("g", parts)


def spread(wanted: Sequence[float], gap: float, limits: tuple[float, float]) -> list[float]:
    """Return positions near `wanted` (falling order kept) at least `gap` apart and within limits where they fit."""
    order = sorted(range(len(wanted)), key=lambda i: (wanted[i], -i))
    placed = [0.0] * len(wanted)
    last = limits[0] - gap
    for index in order:
        last = max(wanted[index], last + gap)
        placed[index] = last
    room = limits[1]
    for index in reversed(order):
        placed[index] = min(placed[index], room)
        room = placed[index] - gap
    return placed
