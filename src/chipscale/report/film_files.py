"""Write the film as SVG files, one per step, each complete in itself: title, panels, axes, legend, what changed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from chipscale.process.questions.film import Frame
from chipscale.report.figures.film import (
    FilmArt,
    bar,
    clip,
    film_art,
    frame_axes,
    label_svg,
    labels,
    matrix,
    shapes,
    shown,
    size,
)
from chipscale.report.figures.film_words import change_words, fact_words
from chipscale.report.markup import Html, join, tag
from chipscale.report.svg import rect, short, text

_EDGE, _HEAD, _LINE = 18.0, 64.0, 17.0
_STYLE = """text{font-family:"Helvetica Neue","Liberation Sans",Arial,sans-serif;fill:#16202b}
.head{font-size:19px;font-weight:650}.sub,.note{font-size:13px;fill:#526070}.warn{font-size:13px;fill:#8a5a00}
.tick{font-size:11.5px;fill:#526070}.axis-title{font-size:12.5px;fill:#526070}.film-title{font-size:12.5px;font-weight:640}
.film{font-size:12.5px;font-weight:640}.mid{text-anchor:middle}.end{text-anchor:end}.axis{stroke:#b8c3ce}.bar{fill:#16202b}
.leader{fill:none;stroke:#b8c3ce}path{vector-effect:non-scaling-stroke}use{stroke:#16202b;stroke-opacity:.55;stroke-width:.5px}
.came{fill:#d6008f;fill-opacity:.1;stroke:#d6008f;stroke-opacity:1;stroke-width:1.6px}
.went{fill:#d6008f;fill-opacity:.05;stroke:#d6008f;stroke-opacity:1;stroke-width:1.2px;stroke-dasharray:5 4}"""


def write_film(film: Sequence[Frame], folder: Path) -> list[Path]:
    """Write `film/NN_label.svg` for every frame below `folder`; return the paths, in order."""
    if not film:
        return []
    place = folder / "film"
    place.mkdir(exist_ok=True)
    art = film_art(film)
    digits = max(2, len(str(len(film))))
    written = []
    for index, frame in enumerate(film):
        path = place / f"{index + 1:0{digits}d}_{_slug(frame.label)}.svg"
        path.write_text(frame_svg(film, art, index), encoding="utf-8", newline="\n")
        written.append(path)
    return written


def _slug(label: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", label.lower()).strip("_")[:48] or "step"


def frame_svg(film: Sequence[Frame], art: FilmArt, index: int) -> str:
    """Return one frame as the text of an SVG file in which nothing is loaded from elsewhere."""
    frame, shot = film[index], art.shots[index]
    sizes = [size(panel, bool(k)) for k, panel in enumerate(art.panels)]
    deep = max(high for _, high in sizes)
    panels, x = [], _EDGE
    for k, (wide, high) in enumerate(sizes):
        panels.append(
            tag("g", _panel(film, art, index, k), transform=f"translate({short(x)} {short(_HEAD + deep - high)})")
        )
        x += wide + 12
    wide = x - 12 + _EDGE
    legend, low = _legend(art, shot.faces, wide, _HEAD + deep + 14)
    notes, low = _notes(film, index, low + 8)
    head = [
        text(_EDGE, 30, f"{frame.place}. {frame.label}", class_="head"),
        text(_EDGE, 50, f"Step {index + 1} of {len(film)}: {frame.title}; tool: {frame.tool}", class_="sub"),
    ]
    used = [k for k, _ in shot.faces] + [*shot.came, *shot.went]
    high = low + 8
    svg = tag(
        "svg",
        tag("title", f"Step {frame.place}, {frame.label}: cross-section after it"),
        tag("style", Html(_STYLE)),
        tag("defs", shapes(art, used)),
        rect(0, 0, wide, high, fill="#ffffff"),
        head,
        panels,
        legend,
        notes,
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {short(wide)} {short(high)}",
        width=short(wide),
        height=short(high),
    )
    return svg + "\n"


def _panel(film: Sequence[Frame], art: FilmArt, index: int, k: int) -> Html:
    frame, shot, panel = film[index], art.shots[index], art.panels[k]
    faces = tag("g", shown(shot, art), transform=matrix(panel, shot.side))
    parts = [
        tag("defs", clip(panel, f"clip-{panel.name}")),
        tag("g", faces, clip_path=f"url(#clip-{panel.name})"),
        frame_axes(panel, shot.side, f"axis-{panel.name}"),
        bar(panel),
    ]
    if k:
        parts.append(label_svg(labels(frame, panel, shot.side), panel))
    return join(parts)


def _legend(art: FilmArt, faces: Sequence[tuple[int, int]], wide: float, y: float) -> tuple[Html, float]:
    """Return the layers of the frame with their colours, in as many lines as they need, and where they end."""
    parts, x = [], _EDGE
    for name, color in [art.kinds[m] for m in sorted({m for _, m in faces})]:
        room = 30 + 6.8 * len(name)
        if x + room > wide - _EDGE:
            x, y = _EDGE, y + 20
        parts += [rect(x, y, 12, 12, fill=color, rx=2), text(x + 18, y + 10.5, name, class_="sub")]
        x += room + 8
    return tag("g", parts), y + 20


def _notes(film: Sequence[Frame], index: int, y: float) -> tuple[Html, float]:
    """Return what the step changed and told, one line each, and where the lines end."""
    frame = film[index]
    rows = [(line, "note") for line in change_words(film[index - 1] if index else None, frame)]
    facts = [f"{name} {value}" for name, value in fact_words(frame)]
    rows += [("; ".join(facts[k : k + 5]), "note") for k in range(0, len(facts), 5)]
    rows += [(f"Warning: {warning}", "warn") for warning in frame.warnings]
    rows.append(("Outlined: what came; dashed: what went. s along the cut, z = 0 at the active face, in µm.", "note"))
    parts = [text(_EDGE, y + 12 + k * _LINE, line, class_=kind) for k, (line, kind) in enumerate(rows)]
    return tag("g", parts), y + 12 + len(rows) * _LINE
