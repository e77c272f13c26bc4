"""Every rule of a package with grooves finds its planted error with its figure, and nothing at its limit."""

from __future__ import annotations

import numpy as np
import pytest

from chipscale.layout.drc_check import check_masks
from chipscale.layout.drc_grooves import GROOVE_CHECKS
from chipscale.layout.masks import to_klayout
from chipscale.layout.seal_ring import outline, rectangle, square
from chipscale.layout.types import Circle, Layout, Polygon, Trace
from chipscale.package.types import Die, RuleSet

TOL_UM = 0.002
DIE = Die(2000.0, 1500.0, 130.0, 0.0, 0.0)
Shape = Circle | Polygon | Trace


def area(layer: str, x0: float, y0: float, x1: float, y1: float) -> Polygon:
    return Polygon(layer, "groove", rectangle(x0, y0, x1, y1))


def left(layer: str, width: float) -> Polygon:
    return area(layer, 0, 0, width, DIE.size_y_um)


def box(layer: str, x: float, y: float, side: float) -> Polygon:
    return Polygon(layer, "opening", square(x, y, side, side))


def disc(layer: str, x: float, y: float, d: float) -> Circle:
    return Circle(layer, "opening", x, y, d)


def out(x0: float, x1: float, width: float = 60.0, y: float = 700.0) -> Polygon:
    """Metal out of the groove on the left."""
    return area("RDL", x0, y - width / 2, x1, y + width / 2)


def cut(x0: float, x1: float, groove: float = 80.0, metal: float = 60.0) -> list[Shape]:
    """A pad from x0 to x1, a second groove and metal over both."""
    return [area("PAD", x0, 660, x1, 740), left("GROOVE2", groove), out(10, 400, metal)]


# rule, limit, shapes with the error, its figure, shapes at the limit
PLANTED: list[tuple[str, float, list[Shape], float, list[Shape]]] = [
    ("groove1_min_width_um", 100.0, [left("GROOVE1", 99)], 99.0, [left("GROOVE1", 100)]),
    (
        "groove1_to_sensing_um",
        50.0,
        [left("GROOVE1", 200), area("SENSING", 240, 300, 1700, 1200)],
        40.0,
        [left("GROOVE1", 200), area("SENSING", 250, 300, 1700, 1200)],
    ),
    ("groove2_min_width_um", 30.0, [left("GROOVE2", 25)], 25.0, [left("GROOVE2", 30)]),
    (
        "groove1_enc_groove2_um",
        60.0,
        [left("GROOVE1", 200), left("GROOVE2", 150)],
        50.0,
        [left("GROOVE1", 200), left("GROOVE2", 140)],
    ),
    (
        "groove1_enc_groove2_um",
        60.0,
        [left("GROOVE1", 200), left("GROOVE2", 210)],
        0.0,
        [left("GROOVE1", 200), left("GROOVE2", 140)],
    ),
    (
        "groove2_to_cavity_um",
        100.0,
        [left("GROOVE2", 80), area("CAVITY", 170, 200, 1800, 1300)],
        90.0,
        [left("GROOVE2", 80), area("CAVITY", 180, 200, 1800, 1300)],
    ),
    (
        "wall_min_width_um",
        150.0,
        [area("CAVITY", 150, 150, 1850, 1360)],
        140.0,
        [area("CAVITY", 150, 150, 1850, 1350)],
    ),
    (
        "cavity_enc_sensing_um",
        30.0,
        [area("CAVITY", 150, 150, 1850, 1350), area("SENSING", 170, 300, 1700, 1200)],
        20.0,
        [area("CAVITY", 150, 150, 1850, 1350), area("SENSING", 180, 300, 1700, 1200)],
    ),
    ("pad_cut_min_um", 15.0, cut(70, 120), 10.0, cut(65, 120)),
    ("pad_cut_min_um", 15.0, cut(90, 150), 0.0, cut(65, 120)),
    ("pad_left_min_um", 15.0, cut(20, 90), 10.0, cut(20, 95)),
    ("pad_left_min_um", 15.0, cut(20, 70), 0.0, cut(20, 95)),
    (
        "rdl_in_groove2_um",
        15.0,
        [left("GROOVE2", 80), out(70, 400)],
        10.0,
        [left("GROOVE2", 80), out(65, 400)],
    ),
    ("edge_contact_min_um", 20.0, cut(30, 120, metal=18.0), 18.0, cut(30, 120, metal=20.0)),
    ("ins_open_min_width_um", 20.0, [box("INS_OPEN", 90, 700, 18)], 18.0, [box("INS_OPEN", 90, 700, 20)]),
    (
        "pad_enc_ins_open_um",
        5.0,
        [box("PAD", 90, 700, 60), box("INS_OPEN", 96, 700, 40)],
        4.0,
        [box("PAD", 90, 700, 60), box("INS_OPEN", 95, 700, 40)],
    ),
    (
        "rdl_enc_ins_open_um",
        5.0,
        [out(66, 400), box("INS_OPEN", 90, 700, 40)],
        4.0,
        [out(65, 400), box("INS_OPEN", 90, 700, 40)],
    ),
    (
        "rdl_to_groove1_um",
        10.0,
        [left("GROOVE1", 200), out(20, 300), area("RDL", 206, 800, 240, 1000)],
        6.0,
        [left("GROOVE1", 200), out(20, 300), area("RDL", 210, 800, 240, 1000)],
    ),
    ("rdl_to_outline_um", 10.0, [out(8, 300)], 8.0, [out(10, 300)]),
    ("smo_min_width_um", 180.0, [disc("SMO", 600, 600, 170)], 170.0, [disc("SMO", 600, 600, 180)]),
    (
        "smo_min_space_um",
        100.0,
        [disc("SMO", 600, 600, 200), disc("SMO", 890, 600, 200)],
        90.0,
        [disc("SMO", 600, 600, 200), disc("SMO", 900, 600, 200)],
    ),
    (
        "smo_to_groove1_um",
        50.0,
        [left("GROOVE1", 200), disc("SMO", 340, 600, 200)],
        40.0,
        [left("GROOVE1", 200), disc("SMO", 350, 600, 200)],
    ),
    (
        "rdl_enc_smo_um",
        20.0,
        [disc("RDL", 600, 600, 236), disc("SMO", 600, 600, 200)],
        18.0,
        [disc("RDL", 600, 600, 240), disc("SMO", 600, 600, 200)],
    ),
    (
        "bump_to_groove1_um",
        20.0,
        [left("GROOVE1", 200), disc("BALL", 335, 600, 240)],
        15.0,
        [left("GROOVE1", 200), disc("BALL", 340, 600, 240)],
    ),
]


def masks(shapes: list[Shape]) -> Layout:
    return Layout(
        DIE.size_x_um,
        DIE.size_y_um,
        tuple(shape for shape in shapes if isinstance(shape, Circle)),
        (outline(DIE), *(shape for shape in shapes if isinstance(shape, Polygon))),
        tuple(shape for shape in shapes if isinstance(shape, Trace)),
        (),
    )


def check(shapes: list[Shape], rule: str, limit: float) -> list[dict[str, object]]:
    result = check_masks(to_klayout(masks(shapes)), RuleSet("planted", "planted", "test", {rule: limit}))
    assert result.metrics["rules_checked_count"] >= 1
    return [marker for marker in result.tables["markers"] if marker["rule"] == rule]


@pytest.mark.parametrize(("rule", "limit", "wrong", "figure", "right"), PLANTED)
def test_planted_error(rule: str, limit: float, wrong: list[Shape], figure: float, right: list[Shape]) -> None:
    found = check(wrong, rule, limit)
    assert len(found) == 1, found
    assert found[0]["value"] == pytest.approx(figure, abs=2 * TOL_UM)
    assert not check(right, rule, limit)


def test_every_rule_of_grooves_is_planted() -> None:
    assert {rule for rule, *_ in PLANTED} == set(GROOVE_CHECKS)


def test_metal_that_runs_straight_into_the_groove_keeps_no_distance_from_it() -> None:
    """At the mouth the metal out of the groove has a wire beside it that joins it farther in."""
    joined = [left("GROOVE1", 200), out(20, 300), Trace("RDL", "n", 40.0, np.array([(280, 700), (280, 1000)]))]
    assert not check(joined, "rdl_to_groove1_um", 10.0)
    near = [left("GROOVE1", 200), out(20, 300), Trace("RDL", "n", 40.0, np.array([(225, 700), (225, 1000)]))]
    assert [item["value"] for item in check(near, "rdl_to_groove1_um", 10.0)] == [5.0]


def test_a_pad_without_metal_may_lie_anywhere() -> None:
    shapes = [area("PAD", 500, 660, 560, 740), left("GROOVE2", 80), *cut(30, 120)]
    assert not check(shapes, "pad_cut_min_um", 15.0)
