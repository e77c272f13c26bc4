"""The cross-section: the whole cut true to scale, one ball close up, and its films with heights enlarged."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from chipscale.report.colors import material_color
from chipscale.report.figures.section import Film, Window, extent, films, section_svg
from chipscale.report.input import ReportInput, SectionCut
from chipscale.report.markup import Html, tag
from chipscale.report.parts.frame import Column, Section, figure, legend, table
from chipscale.report.wording import number


def cross_section(data: ReportInput) -> Section | None:
    """Return the figures of every cut; None when there is no cut."""
    cuts = [_with_area(cut) for cut in data.sections]
    cuts = [cut for cut in cuts if cut.pieces]
    if not cuts:
        return None
    colors: dict[str, str] = {}
    for cut in cuts:
        for film in films(cut.pieces):
            colors.setdefault(film.material, material_color(film.material, len(colors)))
    figures = [_figures(data, cut, colors, index) for index, cut in enumerate(cuts)]
    return Section("section", "Cross-section", tag("div", figures, _stack_table(cuts[0])))


def _with_area(cut: SectionCut) -> SectionCut:
    """Return the cut without the pieces that have no area, as where a line only touches a body."""
    return replace(cut, pieces=tuple(piece for piece in cut.pieces if len(piece.polygon) > 2))


def _figures(data: ReportInput, cut: SectionCut, colors: dict[str, str], index: int) -> Html:
    """Return the whole cut and, of the first one, close-ups; of the others their films with heights enlarged."""
    s0, s1, z0, z1 = extent(cut.pieces)
    pad = 0.012 * (s1 - s0)
    line = f"from ({_point(cut.start_um)}) to ({_point(cut.end_um)}) µm of the die view"
    title = _upper_first(cut.title or "cut through the package")
    ratio = 1.0 if (z1 - z0) / (s1 - s0) > 0.09 else 2.0
    window = Window(s0 - pad, s1 + pad, z0 - pad, z1 + pad, ratio)
    scale = "true to scale" if ratio == 1 else f"heights enlarged {number(ratio)} times"
    if index:
        window = _films_window(cut, (s0 - pad, s1 + pad), 0.5)
        scale = f"films with {_enlarged(window)}"
    used = legend([(colors[name], name) for name in _materials(cut)], "Materials")
    drawing = section_svg(cut.pieces, window, colors, f"{title}, {line}", f"cut{index}", labels=bool(index))
    caption = f"{title}, {line}; {scale}. z = 0 is the active face of the silicon."
    parts = [figure(drawing, caption, used, "half" if index else "")]
    joint = _joint(data, cut)
    if joint is not None and not index:
        parts.append(tag("div", _close_ups(data, cut, joint, colors), class_="pair"))
    return tag("div", parts)


def _upper_first(text: str) -> str:
    return text[:1].upper() + text[1:]


def _films_window(cut: SectionCut, along: tuple[float, float], share: float) -> Window:
    """Return the window on the films, heights enlarged so that its height is about `share` of its width."""
    thin = [film for film in films(cut.pieces) if film.z0_um >= -1e-6 and film.layer.upper() != "BALL"]
    top = max([film.z1_um for film in thin], default=20.0)
    low, high = -0.25 * top, 1.35 * top
    return Window(*along, low, high, _round_ratio(share * (along[1] - along[0]) / (high - low)))


def _point(point: tuple[float, float]) -> str:
    return f"{number(point[0], 5)}, {number(point[1], 5)}"


def _materials(cut: SectionCut) -> list[str]:
    seen: dict[str, None] = {}
    for film in reversed(films(cut.pieces)):
        seen.setdefault(film.material)
    return list(seen)


def _joint(data: ReportInput, cut: SectionCut) -> Any | None:
    """Return the ball of the cut nearest to its middle."""
    balls = [piece for piece in cut.pieces if piece.layer.upper() == "BALL"]
    s0, s1, _, _ = extent(cut.pieces)
    middle = (s0 + s1) / 2
    return min(balls, key=lambda piece: abs(float(piece.polygon[:, 0].mean()) - middle), default=None)


def _close_ups(data: ReportInput, cut: SectionCut, joint: Any, colors: dict[str, str]) -> list[Html]:
    _, _, z0, z1 = extent(cut.pieces)
    low, high = float(joint.polygon[:, 0].min()), float(joint.polygon[:, 0].max())
    middle, width = (low + high) / 2, high - low
    half = max(0.85 * width, 0.45 * data.package.min_ball_distance_um)
    margin = 0.03 * (z1 - z0)
    whole = Window(middle - half, middle + half, z0 - margin, z1 + margin)
    reach = 0.62 * width
    thin = _films_window(cut, (middle - reach, middle + reach), 0.72)
    name = joint.body
    return [
        figure(
            section_svg(cut.pieces, whole, colors, f"Close-up of {name}, true to scale", "ball"),
            f"Close-up of {name}, true to scale; thickness of each layer at its thickest place in the window.",
        ),
        figure(
            section_svg(cut.pieces, thin, colors, f"Films under {name}, {_enlarged(thin)}", "films"),
            f"Films under {name}, {_enlarged(thin)}" + (", so slopes look steeper." if _steeper(thin) else "."),
        ),
    ]


def _steeper(window: Window) -> bool:
    return window.z_exaggeration_ratio > 1


def _enlarged(window: Window) -> str:
    """Return how heights stand to widths."""
    ratio = number(window.z_exaggeration_ratio)
    return f"heights enlarged {ratio} times against widths" if _steeper(window) else "heights and widths to one scale"


def _round_ratio(wanted: float) -> float:
    return max([r for r in (1.0, 2.0, 3.0, 4.0, 5.0, 8.0, 10.0, 15.0, 20.0, 30.0) if r <= wanted], default=1.0)


def _stack_table(cut: SectionCut) -> Html:
    columns = [
        Column("Layer"),
        Column("Material"),
        Column("z from, µm", True),
        Column("z to, µm", True),
        Column("Thickness, µm", True),
    ]
    rows = [_film_row(film) for film in reversed(films(cut.pieces))]
    return table("Layers of the cut, top to bottom", columns, rows)


def _film_row(film: Film) -> list[str]:
    return [film.layer, film.material, number(film.z0_um, 4), number(film.z1_um, 4), number(film.thick_um, 4)]
