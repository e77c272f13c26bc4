"""Draw the film: shapes shared by all frames, the panels they are shown in, and what is written beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from chipscale.process.questions.film import LATENT, Frame
from chipscale.report.colors import material_color, paler, resist_color
from chipscale.report.figures.film_windows import Panel, panels, sides
from chipscale.report.figures.section import Film, Window, films, spread
from chipscale.report.markup import Html, join, tag
from chipscale.report.svg import area_path, line, nice_step, rect, short, text, ticks
from chipscale.report.wording import number
from chipscale.stack.section import SectionPiece

LEFT, RIGHT, TOP, BOTTOM = 66.0, 12.0, 26.0, 62.0  # around a panel's picture
LABELS = 200.0  # width of the films' names beside the close-up
S_AXIS = "s, distance along the cut, µm"
_GAP = 30.0
_SMOOTH_UM = 0.02  # an outline may move by this much
_SAMPLES = 120  # places along a face where its thickness is measured
_ROUND = ("BALL", "BUMP")  # labelled with their height


@dataclass(frozen=True, slots=True)
class Shot:
    """A frame as numbers of shared shapes: (shape, kind) from bottom to top, what came, what went, which side."""

    faces: tuple[tuple[int, int], ...]
    came: tuple[int, ...]
    went: tuple[int, ...]
    side: int


@dataclass(frozen=True, slots=True)
class FilmArt:
    """All that the pictures of a film share: path data in µm, kinds of faces with colours, panels; a shot per frame."""

    paths: tuple[str, ...]
    kinds: tuple[tuple[str, str], ...]  # layer and material as the legend says them, colour
    panels: tuple[Panel, Panel]
    shots: tuple[Shot, ...]


def film_art(film: Sequence[Frame]) -> FilmArt:
    """Return the shapes of all frames, each different one once."""
    paths: dict[str, int] = {}
    kinds: dict[str, int] = {}
    shots = []
    for frame, side in zip(film, sides(film), strict=True):
        faces = tuple((_number(paths, _path(piece)), _number(kinds, kind_words(piece))) for piece in frame.pieces)
        came, went = (tuple(_number(paths, _path(piece)) for piece in part) for part in (frame.came, frame.went))
        shots.append(Shot(faces, came, went, side))
    colors = _colors(film)
    return FilmArt(tuple(paths), tuple((words, colors[words]) for words in kinds), panels(film), tuple(shots))


def kind_words(piece: SectionPiece) -> str:
    """Return what the legend calls a face: its layer and its material; a latent image is a kind of its own."""
    return f"{piece.layer}: {piece.material}"


def _colors(film: Sequence[Frame]) -> dict[str, str]:
    """Return a colour per kind of face: its material's, a little paler in every second layer of that material."""
    kinds: dict[str, SectionPiece] = {}
    for frame in film:
        for piece in frame.pieces:
            kinds.setdefault(kind_words(piece), piece)
    resists = list(dict.fromkeys(piece.material for piece in kinds.values() if piece.layer == "RESIST"))
    plain = list(dict.fromkeys(piece.material for piece in kinds.values()))
    layers: dict[str, list[str]] = {}
    found = {}
    for words, piece in kinds.items():
        own, name = piece.layer.removesuffix(f" {LATENT}"), piece.material
        known = resist_color(resists.index(name)) if name in resists else material_color(name, plain.index(name))
        same = layers.setdefault(name, [])
        if own not in same:
            same.append(own)
        if same.index(own) % 2:
            known = paler(known, 0.25)
        found[words] = known if own == piece.layer else paler(known)
    return found


def _number(known: dict[str, int], key: str) -> int:
    return known.setdefault(key, len(known))


def _path(piece: SectionPiece) -> str:
    shape = shapely.simplify(shapely.Polygon(piece.polygon, piece.holes), _SMOOTH_UM)
    rings = [shapely.get_coordinates(ring)[:-1] for ring in (shape.exterior, *shape.interiors)]
    return area_path(rings[0], rings[1:])


def shapes(art: FilmArt, only: Sequence[int] | None = None) -> Html:
    """Return the shared shapes as path elements `film-0`, `film-1`, ...; with `only` just those."""
    wanted = range(len(art.paths)) if only is None else sorted(set(only))
    return join([tag("path", id=f"film-{k}", d=art.paths[k], fill_rule="evenodd") for k in wanted])


def size(panel: Panel, labels: bool) -> tuple[float, float]:
    """Return the width and height of a panel's drawing with its axes and, where asked for, its labels."""
    wide, tall = panel.size_px
    return LEFT + wide + (LABELS if labels else RIGHT), TOP + tall + BOTTOM


def matrix(panel: Panel, side: int, at: tuple[float, float] = (LEFT, TOP), times: float = 1.0) -> str:
    """Return the transform from µm of the cut to the drawing whose picture begins at `at`."""
    window = panel.windows[side]
    x, z = panel.px_um_ratio * times, panel.px_um_ratio * panel.z_ratio * times
    return f"matrix({x:.6g} 0 0 {-z:.6g} {short(at[0] - window.s0_um * x)} {short(at[1] + window.z1_um * z)})"


def shown(shot: Shot, art: FilmArt, marked: bool = True) -> Html:
    """Return one frame's faces, and the outlines of what changed, as uses of the shared shapes."""
    parts = [tag("use", href=f"#film-{k}", fill=art.kinds[m][1]) for k, m in shot.faces]
    if marked:
        parts += [tag("use", href=f"#film-{k}", class_="went") for k in shot.went]
        parts += [tag("use", href=f"#film-{k}", class_="came") for k in shot.came]
    return join(parts)


def frame_axes(panel: Panel, side: int, ident: str) -> Html:
    """Return both axes of a side: z, and s, the distance along the cut; one set per side the wafer lies on."""
    wide, tall = panel.size_px
    window = panel.windows[side]
    parts = [line(LEFT - 6, TOP, LEFT - 6, TOP + tall, class_="axis")]
    for value in ticks(window.z0_um, window.z1_um, max(3, int(tall / 52))):
        y = _y(panel, window, value)
        parts.append(line(LEFT - 10, y, LEFT - 6, y, class_="axis"))
        parts.append(text(LEFT - 13, y + 4, number(round(value, 6)), class_="tick end"))
    middle = short(TOP + tall / 2)
    turn = f"rotate(-90 11 {middle})"
    parts.append(text(11, TOP + tall / 2, "z, µm", class_="axis-title mid", transform=turn))
    low = TOP + tall + 4
    parts.append(line(LEFT, low, LEFT + wide, low, class_="axis"))
    for value in ticks(window.s0_um, window.s1_um, max(3, int(wide / 90))):
        x = LEFT + (value - window.s0_um) * panel.px_um_ratio
        parts.append(line(x, low, x, low + 4, class_="axis"))
        parts.append(text(x, low + 16, number(round(value, 6)), class_="tick mid"))
    parts.append(text(LEFT + wide, low + 34, S_AXIS, class_="axis-title end"))
    return tag("g", parts, id=ident, data_side=side)


def bar(panel: Panel) -> Html:
    """Return the scale bar under a panel and the panel's title above it."""
    tall = panel.size_px[1]
    window = panel.windows[0]
    length = nice_step(window.s1_um - window.s0_um, 6)
    words = f"{number(length)} µm along the cut" if length < 1000 else f"{number(length / 1000)} mm along the cut"
    low = TOP + tall + 30
    return tag(
        "g",
        text(LEFT, TOP - 9, panel.title, class_="film-title"),
        rect(LEFT, low, length * panel.px_um_ratio, 4, class_="bar"),
        text(LEFT + length * panel.px_um_ratio + 8, low + 6, words, class_="tick"),
    )


def clip(panel: Panel, ident: str) -> Html:
    """Return the clip path of a panel's picture."""
    wide, tall = panel.size_px
    return tag("clipPath", rect(LEFT, TOP, wide, tall), id=ident)


def labels(frame: Frame, panel: Panel, side: int) -> list[tuple[float, float, str, str]]:
    """Return (height of the film, height of its name, layer, what it is) for the films of a frame in the window."""
    window = panel.windows[side]
    tall = panel.size_px[1]
    inside = [piece for piece in frame.pieces if _seen(piece, window)]
    found = films(inside)
    wanted = [_y(panel, window, (max(f.z0_um, window.z0_um) + min(f.z1_um, window.z1_um)) / 2) for f in found]
    placed = spread(wanted, _GAP, (TOP + 10, TOP + tall + BOTTOM - 16))
    return [
        (round(target, 1), round(y, 1), film.layer, _film_words(film, inside))
        for film, target, y in zip(found, wanted, placed, strict=True)
    ]


def label_svg(rows: Sequence[tuple[float, float, str, str]], panel: Panel) -> Html:
    """Return the films' names with leaders, right of the picture."""
    x = LEFT + panel.size_px[0]
    parts = []
    for target, y, layer, words in rows:
        path = f"M{short(x + 2)} {short(target)}h8L{short(x + 24)} {short(y)}h4"
        parts += [tag("path", d=path, class_="leader"), text(x + 32, y - 1, layer, class_="film")]
        parts.append(text(x + 32, y + 12, words, class_="tick"))
    return tag("g", parts)


def _film_words(film: Film, pieces: Sequence[SectionPiece]) -> str:
    """Return a film's material and how thick it is; from its thinnest to its thickest tenth where that differs."""
    own = [piece for piece in pieces if (piece.layer, piece.material) == (film.layer, film.material)]
    thick = np.concatenate([_thickness(piece) for piece in own])
    low, high = (float(value) for value in np.quantile(thick, (0.1, 0.9)))
    if film.layer in _ROUND:
        return f"{film.material}, {number(float(thick.max()), 3)} µm"
    span = number(high, 3) if high - low <= 0.02 * high else f"{number(low, 3)} to {number(high, 3)}"
    return f"{film.material}, {span} µm"


def _thickness(piece: SectionPiece) -> npt.NDArray[np.float64]:
    """Return the face's thickness in µm at places spread evenly along the cut."""
    shape = shapely.Polygon(piece.polygon, piece.holes)
    s0, z0, s1, z1 = shape.bounds
    at = s0 + (s1 - s0) * (np.arange(_SAMPLES) + 0.5) / _SAMPLES
    ends = np.stack(
        (np.column_stack((at, np.full_like(at, z0 - 1))), np.column_stack((at, np.full_like(at, z1 + 1)))), 1
    )
    return np.asarray(shapely.length(shapely.intersection(shapely.linestrings(ends), shape)))


def _seen(piece: SectionPiece, window: Window) -> bool:
    s, z = np.asarray(piece.polygon).T
    beside = float(s.max()) <= window.s0_um or float(s.min()) >= window.s1_um
    return not (beside or float(z.max()) <= window.z0_um or float(z.min()) >= window.z1_um)


def _y(panel: Panel, window: Window, z_um: float) -> float:
    return TOP + (window.z1_um - z_um) * panel.px_um_ratio * panel.z_ratio
