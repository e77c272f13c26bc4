"""Shapes that break one design rule each, with the figure the check must give, and the same shapes at the limit."""

from __future__ import annotations

import math

import numpy as np

from chipscale.layout.drc_check import check_masks
from chipscale.layout.masks import to_klayout
from chipscale.layout.seal_ring import outline, rectangle, seal_ring, square
from chipscale.layout.types import Circle, Layout, Polygon, Trace
from chipscale.package.types import Die, RuleSet
from chipscale.results import Result

TOL_UM = 0.002
Shape = Circle | Polygon | Trace


def disc(layer: str, x: float, y: float, d: float) -> Circle:
    return Circle(layer, "land", x, y, d)


def box(layer: str, x: float, y: float, side: float, side_y: float | None = None) -> Polygon:
    return Polygon(layer, "capture", square(x, y, side, side_y or side))


def wire(layer: str, width: float, *points: tuple[float, float]) -> Trace:
    return Trace(layer, "n", width, np.array(points, dtype=float))


def bow(gap: float) -> Polygon:
    """Two squares joined by a neck between two inner corners that are `gap` apart diagonally."""
    s = gap / math.sqrt(2.0)
    points = [(0, 0), (100, 0), (100, 100 - s), (200, 100 - s), (200, 200), (100 - s, 200), (100 - s, 100), (0, 100)]
    return Polygon("RDL", "fill", np.array(points, dtype=float) + 300.0)


def masks(*shapes: Shape, die: Die | None = None) -> Layout:
    body = die or Die(1000.0, 1200.0, 300.0, 10.0, 5.0)
    return Layout(
        body.size_x_um,
        body.size_y_um,
        tuple(shape for shape in shapes if isinstance(shape, Circle)),
        (outline(body), *seal_ring(body), *(shape for shape in shapes if isinstance(shape, Polygon))),
        tuple(shape for shape in shapes if isinstance(shape, Trace)),
        (),
    )


def check(layout: Layout, **values: float) -> Result:
    return check_masks(to_klayout(layout), RuleSet("planted", "planted", "test", values))


def of(result: Result, rule: str) -> list[dict[str, object]]:
    return [marker for marker in result.tables["markers"] if marker["rule"] == rule]


# rule, limit, shapes with the error, its figure, shapes at the limit
PLANTED: list[tuple[str, float, list[Shape], float, list[Shape]]] = [
    ("pi1_min_width_um", 40.0, [box("PI1", 300, 300, 39.5)], 39.5, [box("PI1", 300, 300, 40)]),
    (
        "pi1_min_space_um",
        20.0,
        [box("PI1", 300, 300, 40), box("PI1", 355, 300, 40)],
        15.0,
        [box("PI1", 300, 300, 40), box("PI1", 360, 300, 40)],
    ),
    (
        "pad_enc_pi1_um",
        7.5,
        [box("PAD", 300, 300, 60), box("PI1", 303, 300, 40)],
        7.0,
        [box("PAD", 300, 300, 55), box("PI1", 300, 300, 40)],
    ),
    ("pad_enc_pi1_um", 7.5, [box("PI1", 303, 300, 40)], 0.0, [box("PAD", 300, 300, 55), box("PI1", 300, 300, 40)]),
    (
        "rdl_min_width_um",
        10.0,
        [wire("RDL", 9.9, (100, 100), (400, 230))],
        9.9,
        [wire("RDL", 10, (100, 100), (400, 230))],
    ),
    ("rdl_min_width_um", 10.0, [bow(8.0)], 8.0, [bow(10.01)]),
    (
        "rdl_min_space_um",
        35.0,
        [wire("RDL", 40, (100, 100), (500, 300)), disc("RDL", 600, 500, 340)],
        math.hypot(100, 200) - 190,
        [wire("RDL", 40, (100, 100), (500, 300)), disc("RDL", 600, 500, 330)],
    ),
    (
        "rdl_min_space_um",
        35.0,
        [box("RDL", 300, 300, 60), box("RDL", 381, 384, 60)],
        math.hypot(21, 24),
        [box("RDL", 300, 300, 60), box("RDL", 381, 388, 60)],
    ),
    (
        "rdl_notch_min_um",
        35.0,
        [
            box("RDL", 300, 300, 60, 300),
            wire("RDL", 20, (300, 400), (600, 400)),
            wire("RDL", 20, (300, 450), (600, 450)),
        ],
        30.0,
        [
            box("RDL", 300, 300, 60, 300),
            wire("RDL", 20, (300, 400), (600, 400)),
            wire("RDL", 20, (300, 455), (600, 455)),
        ],
    ),
    (
        "rdl_notch_min_um",
        35.0,
        [Polygon("RDL", "fill", rectangle(300, 300, 500, 500), holes=(rectangle(380, 380, 400, 400)[::-1],))],
        20.0,
        [Polygon("RDL", "fill", rectangle(300, 300, 500, 500), holes=(rectangle(380, 380, 415, 415)[::-1],))],
    ),
    (
        "rdl_enc_pi1_um",
        10.0,
        [box("RDL", 300, 300, 59.9), box("PI1", 300, 300, 40)],
        9.95,
        [box("RDL", 300, 300, 60), box("PI1", 300, 300, 40)],
    ),
    (
        "rdl_pad_min_width_um",
        60.0,
        [box("RDL", 300, 300, 58), box("PI1", 300, 300, 40)],
        58.0,
        [box("RDL", 300, 300, 60), box("PI1", 300, 300, 40)],
    ),
    ("rdl_to_sealring_outer_um", 15.0, [box("RDL", 49, 300, 60)], 14.0, [box("RDL", 50, 300, 60)]),
    (
        "rdl_enc_pad_um",
        10.75,
        [box("RDL", 300, 300, 80), box("PAD", 300, 300, 60), box("PI1", 300, 300, 40)],
        10.0,
        [box("RDL", 300, 300, 81.5), box("PAD", 300, 300, 60), box("PI1", 300, 300, 40)],
    ),
    (
        "rdl_to_pad_space_um",
        19.66,
        [box("RDL", 300, 300, 80), box("PAD", 389, 300, 60)],
        19.0,
        [box("RDL", 300, 300, 80), box("PAD", 389.66, 300, 60)],
    ),
    ("via_min_width_um", 20.0, [disc("VIA", 300, 300, 19)], 19.0, [disc("VIA", 300, 300, 20)]),
    (
        "via_min_space_um",
        20.0,
        [box("VIA", 300, 300, 20), box("VIA", 335, 300, 20)],
        15.0,
        [box("VIA", 300, 300, 20), box("VIA", 340, 300, 20)],
    ),
    (
        "rdl_enc_via_um",
        10.0,
        [box("VIA", 300, 300, 20), box("RDL", 300, 300, 40), box("RDL2", 300, 300, 38)],
        9.0,
        [box("VIA", 300, 300, 20), box("RDL", 300, 300, 40), box("RDL2", 300, 300, 40)],
    ),
    ("pi2_min_width_um", 220.0, [disc("PI2", 300, 300, 219)], 219.0, [disc("PI2", 300, 300, 220)]),
    (
        "pi2_min_space_um",
        70.0,
        [disc("PI2", 300, 300, 60), disc("PI2", 425, 300, 60)],
        65.0,
        [disc("PI2", 300, 300, 60), disc("PI2", 430, 300, 60)],
    ),
    ("pi2_to_sealring_outer_um", 50.0, [disc("PI2", 100, 300, 100)], 45.0, [disc("PI2", 105, 300, 100)]),
    (
        "pi1_pi2_min_space_um",
        25.0,
        [box("PI1", 300, 300, 40), disc("PI2", 450, 300, 220)],
        20.0,
        [box("PI1", 300, 300, 40), disc("PI2", 455, 300, 220)],
    ),
    (
        "pi1_pi2_min_space_um",
        25.0,
        [box("PI1", 300, 300, 40), disc("PI2", 400, 300, 220)],
        0.0,
        [box("PI1", 300, 300, 40), disc("PI2", 455, 300, 220)],
    ),
    (
        "pi1_pi2_diff_net_space_um",
        25.0,
        [box("PI1", 300, 300, 40), box("RDL", 300, 300, 40), disc("PI2", 450, 300, 220), disc("RDL", 450, 300, 240)],
        20.0,
        [box("PI1", 300, 300, 40), disc("PI2", 450, 300, 220), box("RDL", 400, 300, 400)],
    ),
    (
        "pi2_enc_pi1_um",
        15.0,
        [box("PI1", 300, 300, 40), box("PI2", 300, 300, 60)],
        10.0,
        [box("PI1", 300, 300, 40), box("PI2", 300, 300, 70)],
    ),
    (
        "rdl_enc_pi2_um",
        15.0,
        [disc("PI2", 300, 300, 200), disc("RDL", 300, 300, 225)],
        12.5,
        [disc("PI2", 300, 300, 200), disc("RDL", 300, 300, 230)],
    ),
    (
        "land_min_width_um",
        235.0,
        [disc("PI2", 300, 300, 155), disc("RDL", 300, 300, 234)],
        234.0,
        [disc("PI2", 300, 300, 155), disc("RDL", 300, 300, 235)],
    ),
    ("ubm_min_width_um", 250.0, [disc("UBM", 300, 300, 249)], 249.0, [disc("UBM", 300, 300, 250)]),
    (
        "ubm_min_space_um",
        50.0,
        [disc("UBM", 300, 300, 250), disc("UBM", 599, 300, 250)],
        49.0,
        [disc("UBM", 300, 300, 250), disc("UBM", 600, 300, 250)],
    ),
    (
        "ubm_enc_pi2_um",
        15.0,
        [disc("UBM", 300, 300, 250), disc("PI2", 301, 300, 220)],
        14.0,
        [disc("UBM", 300, 300, 250), disc("PI2", 300, 300, 220)],
    ),
    (
        "rdl_enc_ubm_um",
        10.0,
        [disc("UBM", 300, 300, 250), disc("RDL", 300, 300, 266)],
        8.0,
        [disc("UBM", 300, 300, 250), disc("RDL", 300, 300, 270)],
    ),
    (
        "rdl_enc_ubm_um",
        10.0,
        [disc("UBM", 300, 300, 250), disc("RDL2", 300, 300, 266), box("RDL", 300, 300, 900)],
        8.0,
        [disc("UBM", 300, 300, 250), disc("RDL2", 300, 300, 270)],
    ),
    (
        "pi1_ubm_min_space_um",
        10.0,
        [box("PI1", 300, 300, 40), disc("UBM", 450, 300, 250)],
        5.0,
        [box("PI1", 300, 300, 40), disc("UBM", 455, 300, 250)],
    ),
    ("ubm_center_to_sealring_outer_um", 195.0, [disc("UBM", 195, 300, 250)], 190.0, [disc("UBM", 200, 300, 250)]),
    ("bump_min_width_um", 310.0, [disc("BALL", 300, 300, 309)], 309.0, [disc("BALL", 300, 300, 310)]),
    (
        "bump_pitch_um",
        400.0,
        [disc("BALL", 300, 300, 260), disc("BALL", 580, 580, 260)],
        280 * math.sqrt(2),
        [disc("BALL", 300, 300, 260), disc("BALL", 540, 620, 260)],
    ),
    (
        "bump_min_space_um",
        100.0,
        [disc("BALL", 300, 300, 260), disc("BALL", 650, 300, 260)],
        90.0,
        [disc("BALL", 300, 300, 260), disc("BALL", 660, 300, 260)],
    ),
    ("bump_to_sealring_outer_um", 25.0, [disc("BALL", 150, 300, 260)], 15.0, [disc("BALL", 160, 300, 260)]),
]
