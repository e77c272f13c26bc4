"""Built beside drawn: on a stack as drawn nothing differs; on one made otherwise the figures are known."""

import dataclasses
import math

import pytest
import shapely
from layout_designs import small_package, straight_answer

from chipscale.layout.draw import draw, given
from chipscale.layout.drc_check import check_masks
from chipscale.layout.masks import to_klayout
from chipscale.package.joint import reflowed
from chipscale.package.types import Terminal
from chipscale.process.flow import nominal_stack
from chipscale.process.questions.as_built import AsBuilt
from chipscale.process.questions.as_built_layout import as_built_layout
from chipscale.stack.types import Slab


@pytest.fixture(scope="module")
def made():
    sizes = (250.0, *reflowed(250.0, 250.0), 250.0, 220.0, 270.0, 60.0, 40.0)
    package = small_package(terminal=Terminal(*sizes))
    layout = draw(package, router=given(straight_answer(package)))
    return package, layout, nominal_stack(package, layout)


def answer(made, stack=None, **options):
    package, layout, drawn = made
    return AsBuilt(**options).run({"package": package, "layout": layout, "stack": stack or drawn})


def changed(made, layer, change):
    """Return the stack with every slab of a layer replaced by `change(slab)`; None leaves it out."""
    stack = made[2]
    bodies = [change(body) if body.layer == layer and isinstance(body, Slab) else body for body in stack.bodies]
    return dataclasses.replace(stack, bodies=tuple(body for body in bodies if body is not None))


def sized(by_um):
    def change(body):
        region = shapely.buffer(body.bottom, by_um, join_style="mitre")
        return dataclasses.replace(body, bottom=region, top=region)

    return change


def figures(result):
    return {(row["layer"], row["what"]): row for row in result.tables["figures"]}


def test_as_drawn_nothing_differs(made):
    result = answer(made)
    off = {name: value for name, value in result.metrics.items() if "delta" in name or "differs" in name}
    assert len(off) > 10
    balls = [off.pop("ball_height_delta_um"), off.pop("ball_width_delta_um")]
    assert all(abs(value) < 2e-3 for value in off.values()), off
    assert balls == pytest.approx([0.0, 0.0], abs=0.1)  # the metal they stand on is a 64-gon
    assert result.ok
    assert result.warnings == ()
    assert result.metrics["rules_missed_count"] == result.metrics["closed_count"] == 0


def test_as_drawn_every_rule_measures_the_same(made):
    package, layout, stack = made
    before = check_masks(to_klayout(layout), package.rules).tables["rules"]
    after = check_masks(to_klayout(as_built_layout(layout, stack)), package.rules).tables["rules"]
    assert [row["rule"] for row in before] == [row["rule"] for row in after]
    for one, other in zip(before, after, strict=True):
        assert one["least"] == pytest.approx(other["least"], abs=2e-3), one["rule"]


def test_metal_that_lost_two_micrometres_a_side_is_four_narrower(made):
    result = answer(made, changed(made, "RDL", sized(-2.0)))
    assert figures(result)["RDL", "width"]["delta_um"] == pytest.approx(-4.0, abs=1e-3)
    assert result.metrics["rdl_width_min_um"] == pytest.approx(36.0, abs=2e-3)
    assert result.metrics["rdl_differs_um2"] > 1000


def test_a_rule_only_the_wafer_breaks_is_a_warning_unless_asked_for(made):
    stack = changed(made, "RDL", sized(-2.0))
    result = answer(made, stack)
    row = next(row for row in result.tables["rules"] if row["rule"] == "rdl_min_width_um")
    assert row["missed"]
    assert row["built"] == pytest.approx(36.0, abs=0.01)
    assert row["drawn"] == pytest.approx(40.0, abs=0.01)
    assert any("36.00 µm as built" in text and "40.00 µm drawn, rule 40 µm" in text for text in result.warnings)
    assert result.ok
    strict = answer(made, stack, as_rules=True)
    failed = {check.code for check in strict.checks if not check.ok}
    assert "as_built.rdl_min_width_um" in failed
    assert all(check.message.endswith("(as built)") for check in strict.checks if not check.ok)
    assert strict.warnings == ()


def test_a_bridge_of_metal_is_a_short_and_fails(made):
    def bridge(body):
        wide = shapely.union(body.bottom, shapely.box(body.bottom.bounds[0], 700, body.bottom.bounds[2], 800))
        return dataclasses.replace(body, bottom=wide, top=wide)

    result = answer(made, changed(made, "RDL", lambda body: bridge(body) if body.net in ("a", "b") else body))
    assert not result.ok
    whole = changed(made, "RDL", lambda body: _joined(body))
    result = answer(made, whole)
    assert result.metrics["shorts_count"] == 1
    assert any(check.code == "as_built.short" for check in result.checks if not check.ok)


def _joined(body):
    if body.net != "a":
        return body
    wide = shapely.union(body.bottom, shapely.box(480, 480, 520, 1020))  # down to the land of ball B1
    return dataclasses.replace(body, bottom=wide, top=wide)


def test_a_wire_that_was_etched_away_is_an_open(made):
    def cut(body):
        left = shapely.difference(body.bottom, shapely.box(200, 0, 300, 1500))
        return dataclasses.replace(body, bottom=left, top=left)

    result = answer(made, changed(made, "RDL", lambda body: cut(body) if body.net == "a" else body))
    assert result.metrics["opens_count"] == 1
    assert not result.ok


def test_an_opening_that_stays_closed_is_named(made):
    def closed(body):
        full = shapely.union(body.bottom, shapely.box(350, 850, 650, 1150))  # over ball A1
        return dataclasses.replace(body, bottom=full, top=full)

    result = answer(made, changed(made, "PI2", lambda body: closed(body) if body.part == "" else body))
    assert result.metrics["closed_count"] == 1
    (check,) = [check for check in result.checks if check.code == "as_built.closed"]
    assert not check.ok
    assert "PI2 opening A1" in check.message
    assert check.where_um == pytest.approx((500.0, 1000.0))


def test_smaller_openings_and_leaning_walls_have_known_figures(made):
    def leaning(body):
        smaller = shapely.difference(shapely.box(0, 0, 1500, 1500), _holes(body.bottom, -1.5))
        wider = shapely.difference(shapely.box(0, 0, 1500, 1500), _holes(body.bottom, 0.5))
        return dataclasses.replace(body, bottom=smaller, top=wider) if body.part == "" else body

    stack = changed(made, "PI2", leaning)
    result = answer(made, stack)
    h = next(body.h_um for body in stack.on("PI2") if body.part == "")
    assert figures(result)["PI2", "opening"]["delta_um"] == pytest.approx(-3.0, abs=1e-3)
    assert result.metrics["pi2_wall_min_deg"] == pytest.approx(math.degrees(math.atan2(h, 2.0)), abs=0.05)


def _holes(region, by_um):
    """Return the openings of a film, each moved out by so much on every side (discs by their radius)."""
    holes = [shapely.Polygon(ring) for ring in region.interiors]
    grown = []
    for hole in holes:
        x, y = hole.centroid.x, hole.centroid.y
        half = (hole.bounds[2] - hole.bounds[0]) / 2
        grown.append(shapely.affinity.scale(hole, 1 + by_um / half, 1 + by_um / half, origin=(x, y)))
    return shapely.union_all(grown)


def test_thickness_and_balls_are_measured_on_the_bodies(made):
    thicker = changed(
        made, "RDL", lambda body: dataclasses.replace(body, h_um=body.h_um + 0.75) if body.part == "" else body
    )
    result = answer(made, thicker)
    assert figures(result)["RDL", "thickness"]["delta_um"] == pytest.approx(0.75)
    package = made[0]
    assert result.metrics["ball_height_min_um"] == pytest.approx(package.terminal.ball_h_um, rel=0.01)
    assert figures(result)["BALL", "width"]["places_count"] == 4


def test_the_layout_as_built_has_nets_and_names(made):
    _, layout, stack = made
    found = as_built_layout(layout, stack)
    assert {item.net for item in found.polygons if item.layer == "RDL"} == {"a", "b", "c", "d"}
    assert {(item.name, item.net) for item in found.polygons if item.layer == "PI2"} == {
        ("A1", "a"), ("A2", "b"), ("B1", "c"), ("B2", "d")
    }  # fmt: skip
    assert [item.layer for item in found.traces] == []
    assert {item.layer for item in found.circles} == {"BALL", "MARK"}
    assert found.labels == layout.labels


def test_ubm_of_another_width_is_measured_disc_by_disc(made):
    result = answer(made, changed(made, "UBM", sized(1.0)))
    row = figures(result)["UBM", "width"]
    assert row["places_count"] == 4
    assert row["delta_um"] == pytest.approx(2.0, abs=0.01)


def test_metal_that_is_drawn_and_never_made_fails(made):
    package, layout, stack = made
    bare = dataclasses.replace(stack, bodies=tuple(body for body in stack.bodies if body.layer != "RDL"))
    result = AsBuilt().run({"package": package, "layout": layout, "stack": bare})
    (check,) = [check for check in result.checks if check.code == "as_built.missing"]
    assert (check.layer, check.ok) == ("RDL", False)
    assert result.metrics["layers_missing_count"] == 1.0
