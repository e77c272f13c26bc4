"""The film: the cross-section after every step of the process, as a flip-book, and as key frames on paper."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from chipscale.process.questions.film import LATENT, Frame
from chipscale.report.figures.film import (
    LABELS,
    FilmArt,
    bar,
    clip,
    film_art,
    frame_axes,
    labels,
    matrix,
    shapes,
    shown,
    size,
)
from chipscale.report.figures.film_windows import Panel
from chipscale.report.figures.film_words import change_words, fact_words
from chipscale.report.input import ReportInput
from chipscale.report.markup import Html, script_json, tag
from chipscale.report.parts.frame import Section
from chipscale.report.svg import picture, short
from chipscale.report.wording import count, number
from chipscale.stack.section import SectionPiece

KEY_FRAMES = 18  # most that are printed


def film(data: ReportInput) -> Section | None:
    """Return the flip-book; None when no film was made."""
    if not data.film:
        return None
    art = film_art(data.film)
    store = tag("svg", tag("defs", shapes(art)), class_="film-store", aria_hidden="true", width=0, height=0)
    body = tag(
        "div",
        tag("p", _lead(data), class_="lead"),
        store,
        _player(data, art),
        tag("p", _KEYS, class_="hint screen-only"),
        _key_frames(data.film, art),
        tag("script", script_json(film_data(data.film, art)), type="application/json", id="film-data"),
    )
    return Section("film", "How it is made", body)


_KEYS = "Arrow keys step, Home and End go to the first and last step, the space bar plays and stops."


def _lead(data: ReportInput) -> str:
    steps = count(len(data.film), "step")
    text = f"The cross-section after each of the {steps} of the flow"
    if data.film_line_um:
        points = [f"({number(x, 5)}, {number(y, 5)})" for x, y in data.film_line_um]
        text += f", along the line {' – '.join(points)} µm of the die view"
        text += ", unrolled at its bends" if len(points) > 2 else ""
        text += "; s counts along it in µm from its first point"
    return (
        f"{text}. Shapes come from running the recipes on the masks; z\u00a0=\u00a00 is the active face of the silicon."
    )


def film_data(film: Sequence[Frame], art: FilmArt) -> dict[str, Any]:
    """Return what the flip-book's script needs: transforms, materials, and per frame its shapes and its words."""
    frames = []
    for place, (frame, shot) in enumerate(zip(film, art.shots, strict=True)):
        frames.append(
            {
                "f": [number for pair in shot.faces for number in pair],
                "c": shot.came,
                "w": shot.went,
                "s": shot.side,
                "l": labels(frame, art.panels[1], shot.side),
                "label": frame.label[:1].upper() + frame.label[1:],
                "kind": frame.title,
                "tool": frame.tool,
                "facts": fact_words(frame),
                "warn": frame.warnings,
                "said": change_words(film[place - 1] if place else None, frame),
            }
        )
    sides = range(len(art.panels[0].windows))
    return {
        "matrices": [[matrix(panel, side) for side in sides] for panel in art.panels],
        "kinds": art.kinds,
        "label_x": size(art.panels[1], True)[0] - LABELS,
        "frames": frames,
    }


def _player(data: ReportInput, art: FilmArt) -> Html:
    stage = tag(
        "div",
        [tag("div", _panel(art, k), class_="film-panel") for k in range(2)],
        class_="film-stage",
        style=f"--film-columns: {' '.join(f'{size(panel, bool(k))[0]:.0f}fr' for k, panel in enumerate(art.panels))}",
        id="film-stage",
        tabindex=0,
        role="group",
        aria_label=f"Cross-section after a step. {_KEYS}",
    )
    said = tag("div", id="film-said", class_="film-said", aria_live="polite")
    legend = tag("ul", id="film-legend", class_="legend film-legend", aria_label="Layers and materials")
    return tag(
        "div", _bar(data.film), stage, legend, said, class_="viewer film screen-only", id="film-player", hidden=True
    )


def _panel(art: FilmArt, index: int) -> Html:
    panel = art.panels[index]
    wide, tall = size(panel, bool(index))
    sides = range(len(panel.windows))
    ident = f"film-{panel.name}"
    body = tag("g", tag("g", id=f"{ident}-faces"), clip_path=f"url(#{ident}-clip)", class_="cut")
    return picture(
        wide,
        tall,
        panel.title,
        tag("defs", clip(panel, f"{ident}-clip")),
        body,
        [frame_axes(panel, side, f"{ident}-axis{side}") for side in sides],
        bar(panel),
        tag("g", id=f"{ident}-labels") if index else None,
        class_="plot section film-art",
    )


def _bar(film: Sequence[Frame]) -> Html:
    names = (
        ("first", "|◀", "First step"),
        ("back", "◀", "Step back"),
        ("play", "Play", "Play"),
        ("next", "▶", "Step on"),
        ("last", "▶|", "Last step"),
    )
    buttons = tag(
        "div",
        [
            tag(
                "button",
                sign,
                type="button",
                data_film=act,
                aria_label=said,
                title=said,
                class_="wide" * (act == "play"),
            )
            for act, sign, said in names
        ],
        class_="segmented",
        role="group",
        aria_label="Play the film",
    )
    slider = tag("input", type="range", id="film-slider", min=1, max=len(film), step=1, value=1, aria_label="Step")
    options = [tag("option", f"{frame.place}. {frame.label}", value=k + 1) for k, frame in enumerate(film)]
    jump = tag("select", options, id="film-jump", aria_label="Go to a step")
    mark = tag(
        "label", tag("input", type="checkbox", id="film-mark", checked=True), " outline what changed", class_="check"
    )
    return tag("div", buttons, slider, jump, mark, class_="viewer-bar film-bar")


def _key_frames(film: Sequence[Frame], art: FilmArt) -> Html:
    """Return the frames that change most as a grid, for paper and for a browser without scripts."""
    shots = [_small(film, art, k) for k in key_frames(film)]
    return tag("div", shots, class_="film-grid", aria_label="Key frames of the process")


def key_frames(film: Sequence[Frame]) -> list[int]:
    """Return the frames worth printing: first and last, and those in which something permanent came or went."""
    lasting = [k for k, frame in enumerate(film) if frame.turned or any(map(_lasts, (*frame.came, *frame.went)))]
    wanted = sorted({0, *lasting, len(film) - 1})
    if len(wanted) <= KEY_FRAMES:
        return wanted
    return sorted({wanted[round(k * (len(wanted) - 1) / (KEY_FRAMES - 1))] for k in range(KEY_FRAMES)})


def _lasts(piece: SectionPiece) -> bool:
    """True for a face of something that stays on the wafer."""
    return not piece.layer.startswith(("RESIST", "SEED")) and not piece.layer.endswith(LATENT)


_SMALL = (0.36, 0.5)  # scale of the two panels in a key frame


def _small(film: Sequence[Frame], art: FilmArt, index: int) -> Html:
    frame, shot = film[index], art.shots[index]
    faces = shown(shot, art, marked=False)
    parts, x, tall = [], 0.0, 0.0
    for panel, times in zip(art.panels, _SMALL, strict=True):
        wide, high = (times * value for value in panel.size_px)
        place = tag("g", faces, transform=matrix(panel, shot.side, (0.0, 0.0), times))
        parts.append(_window(panel, (x, wide, high), place))
        x, tall = x + wide + 8, max(tall, high)
    label = f"Step {frame.place}, {frame.label}"
    drawing = picture(x - 8, tall, label, parts, class_="section film-art")
    caption = tag(
        "figcaption", tag("b", f"{frame.place}."), f" {frame.label}", ", turned over" if frame.turned else None
    )
    return tag("figure", drawing, caption)


def _window(panel: Panel, place: tuple[float, float, float], content: Html) -> Html:
    """Return a nested picture that shows nothing outside of itself."""
    x, wide, high = place
    frame = tag("rect", width="100%", height="100%", class_="film-frame")
    return tag("svg", tag("g", content, class_="cut"), frame, x=short(x), y=0, width=short(wide), height=short(high))
