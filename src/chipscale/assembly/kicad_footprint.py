"""Write the land pattern as a KiCad footprint (file version 20211014: KiCad 6, 7, 8 and 9 read it).

KiCad shows a footprint from above the board, x to the right and y *down*, in mm; that is the board view with y
turned over. A ball at the top left of the die view (looking at the balls) is at the top right here, for the
package lies face down on the board. The footprint is not turned: where A1 is not at the upper left, the
description says so, and the A1 mark on silkscreen and fabrication layer shows it.

The 3D model is the STEP file in the die view (balls up, origin at the die's lower left). Turned by 180° about
the y axis it lies on its balls; the offset puts the package centre on the footprint's origin and the balls'
tops on the board.
"""

from __future__ import annotations

import uuid
from pathlib import Path

from chipscale.assembly.array import a1_corner_board, array_facts
from chipscale.assembly.heights import heights
from chipscale.assembly.ipc7351 import kicad_name, name
from chipscale.assembly.land_pattern import LandPattern
from chipscale.assembly.sexpr import Node, Word, text
from chipscale.package.types import Package

VERSION = 20211014
_SILK_MM = 0.12
_FAB_MM = 0.10
_COURTYARD_MM = 0.05
_SILK_GAP_MM = 0.11  # body edge to the middle of the silkscreen line
_SEED = uuid.UUID("6f1d2c52-3a5e-5f0e-9c55-6d9b0f1f7a10")  # namespace of the drawing items' ids

Point = tuple[float, float]


def footprint_text(package: Package, pattern: LandPattern, model_path: str | None = None) -> str:
    """Return the footprint file's text; `model_path` is the STEP file as KiCad shall find it, or None."""
    body = (pattern.body_um[0] / 1000, pattern.body_um[1] / 1000)
    court = (pattern.courtyard_um[0] / 1000, pattern.courtyard_um[1] / 1000)
    corner = _corner(package)
    drawn: list[list[Node]] = [
        *_texts(package, body, court),
        *_silkscreen(body, corner),
        *_fabrication(body, corner),
        _rectangle((-court[0] / 2, -court[1] / 2), (court[0] / 2, court[1] / 2), "F.CrtYd", _COURTYARD_MM),
        *_pads(pattern),
    ]
    items: list[Node] = [[*item, _id(package, index, item)] for index, item in enumerate(drawn)]
    model: list[Node] = [] if model_path is None else [_model(package, model_path)]
    head: list[Node] = [
        Word("footprint"),
        kicad_name(package),
        [Word("version"), VERSION],
        [Word("generator"), Word("chipscale")],
        [Word("layer"), "F.Cu"],
        [Word("descr"), _description(package, pattern)],
        [Word("tags"), f"WLCSP CSP BGA {len(package.balls)} {name(package)}"],
        [Word("attr"), Word("smd")],
    ]
    return text([*head, *items, *model]) + "\n"


def write_footprint(package: Package, pattern: LandPattern, path: Path, model_path: str | None = None) -> None:
    """Write the footprint to `path` (`.kicad_mod`); the same package gives the same bytes."""
    path.write_text(footprint_text(package, pattern, model_path), encoding="utf-8", newline="\n")


def _description(package: Package, pattern: LandPattern) -> str:
    facts = array_facts(package)
    horizontal, vertical = _corner(package)
    where = f"{'top' if vertical < 0 else 'bottom'} {'left' if horizontal < 0 else 'right'}"
    return (
        f"{package.title or package.name}: wafer-level package, {len(package.balls)} balls, "
        f"{pattern.body_um[0] / 1000:g}x{pattern.body_um[1] / 1000:g} mm, pitch {facts.pitch_um / 1000:g} mm, "
        f"{pattern.definition} pads {pattern.pad_d_um / 1000:g} mm, mask {pattern.mask_d_um / 1000:g} mm, "
        f"stencil {pattern.paste_d_um / 1000:g} mm aperture {pattern.stencil_um / 1000:g} mm thick, "
        f"A1 at the {where} (board seen from above), {name(package)}"
    )


def _corner(package: Package) -> tuple[int, int]:
    """Return the A1 corner as signs of x and y in KiCad's axes (y down)."""
    x, y = a1_corner_board(package)
    return x, -y


def _id(package: Package, index: int, item: list[Node]) -> list[Node]:
    """Return a (tstamp …) that depends on the item's content alone."""
    return [Word("tstamp"), Word(uuid.uuid5(_SEED, f"{package.name}/{index}/{text(item)}"))]


def _texts(package: Package, body: Point, court: Point) -> list[list[Node]]:
    size = max(0.2, min(1.0, min(body) / 5))
    return [
        _text("reference", "REF**", (0.0, -court[1] / 2 - 0.8), "F.SilkS", 1.0),
        _text("value", kicad_name(package), (0.0, court[1] / 2 + 0.8), "F.Fab", 1.0),
        _text("user", "${REFERENCE}", (0.0, 0.0), "F.Fab", size),
    ]


def _text(kind: str, shown: str, at: Point, layer: str, size_mm: float) -> list[Node]:
    font: list[Node] = [
        Word("font"),
        [Word("size"), size_mm, size_mm],
        [Word("thickness"), round(0.15 * size_mm, 3)],
    ]
    return [Word("fp_text"), Word(kind), shown, [Word("at"), *at], [Word("layer"), layer], [Word("effects"), font]]


def _line(start: Point, end: Point, layer: str, width_mm: float) -> list[Node]:
    ends: list[Node] = [[Word("start"), *start], [Word("end"), *end]]
    return [Word("fp_line"), *ends, [Word("layer"), layer], [Word("width"), width_mm]]


def _rectangle(low: Point, high: Point, layer: str, width_mm: float) -> list[Node]:
    ends: list[Node] = [[Word("start"), *low], [Word("end"), *high]]
    style: list[Node] = [[Word("width"), width_mm], [Word("fill"), Word("none")]]
    return [Word("fp_rect"), *ends, [Word("layer"), layer], *style]


def _polygon(points: list[Point], layer: str, width_mm: float, fill: str) -> list[Node]:
    ring: list[Node] = [Word("pts")]
    for point in points:
        ring.append([Word("xy"), *point])
    return [Word("fp_poly"), ring, [Word("layer"), layer], [Word("width"), width_mm], [Word("fill"), Word(fill)]]


def _silkscreen(body: Point, corner: tuple[int, int]) -> list[list[Node]]:
    """Return corner brackets around the body, open at A1, and a filled triangle outside that corner."""
    x, y = body[0] / 2 + _SILK_GAP_MM, body[1] / 2 + _SILK_GAP_MM
    arm_x, arm_y = min(1.0, body[0] / 4), min(1.0, body[1] / 4)
    lines = []
    for sx, sy in ((-1, -1), (1, -1), (1, 1), (-1, 1)):
        if (sx, sy) == corner:
            continue
        at = (sx * x, sy * y)
        lines.append(_line(at, (at[0] - sx * arm_x, at[1]), "F.SilkS", _SILK_MM))
        lines.append(_line(at, (at[0], at[1] - sy * arm_y), "F.SilkS", _SILK_MM))
    sx, sy = corner
    tip = (sx * x, sy * y)
    size = 0.35
    mark = [tip, (tip[0] + sx * size, tip[1]), (tip[0], tip[1] + sy * size)]
    return [*lines, _polygon(mark, "F.SilkS", 0.0, "solid")]


def _fabrication(body: Point, corner: tuple[int, int]) -> list[list[Node]]:
    """Return the body outline with the A1 corner cut off."""
    x, y = body[0] / 2, body[1] / 2
    cut = min(1.0, min(body) / 4)
    points: list[Point] = []
    for sx, sy in ((-1, -1), (1, -1), (1, 1), (-1, 1)):
        if (sx, sy) != corner:
            points.append((sx * x, sy * y))
            continue
        ends = [(sx * x, sy * (y - cut)), (sx * (x - cut), sy * y)]
        points += ends if sx * sy > 0 else ends[::-1]
    return [_polygon(points, "F.Fab", _FAB_MM, "none")]


def _pads(pattern: LandPattern) -> list[list[Node]]:
    """Return one round pad a ball; a margin of exactly 0 would mean "inherit", so 0.1 µm stands for it."""
    mask = (pattern.mask_d_um - pattern.pad_d_um) / 2000 or 0.0001
    paste = (pattern.paste_d_um - pattern.pad_d_um) / 2000 or 0.0001
    d = pattern.pad_d_um / 1000
    margins: list[Node] = [[Word("solder_mask_margin"), mask], [Word("solder_paste_margin"), paste]]
    pads: list[list[Node]] = []
    for pad in pattern.pads:
        function: list[Node] = [[Word("pinfunction"), pad.net]] if pad.net else []
        head: list[Node] = [Word("pad"), pad.ball, Word("smd"), Word("circle")]
        place: list[Node] = [[Word("at"), pad.x_um / 1000, -pad.y_um / 1000], [Word("size"), d, d]]
        use: list[Node] = [[Word("property"), Word("pad_prop_bga")], [Word("layers"), "F.Cu", "F.Paste", "F.Mask"]]
        pads.append([*head, *place, *use, *function, *margins])
    return pads


def _model(package: Package, model_path: str) -> Node:
    """Return the 3D model's place: turned face down, centred, standing on its balls."""
    die = package.die
    offset = (die.size_x_um / 2000, -die.size_y_um / 2000, heights(package).ball_top_um / 1000)
    return [
        Word("model"),
        model_path,
        [Word("offset"), [Word("xyz"), *offset]],
        [Word("scale"), [Word("xyz"), 1, 1, 1]],
        [Word("rotate"), [Word("xyz"), 0, 180, 0]],
    ]
