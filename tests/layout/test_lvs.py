"""Layout against netlist: clean designs match, planted opens, shorts, missing and extra ones are named and placed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from layout_designs import caravel, small_package, straight_answer

from chipscale.layout.draw import draw, given
from chipscale.layout.lvs import Lvs, compare, lvs_of_masks
from chipscale.layout.masks import to_klayout, write_klayout, write_masks
from chipscale.layout.types import Circle, Layout, Trace
from chipscale.package.types import Ball, Net, Package
from chipscale.results import Check, Result


def small() -> tuple[Package, Layout]:
    package = small_package()
    return package, draw(package, router=given(straight_answer(package)))


def run(package: Package, layout: Layout) -> Result:
    return Lvs().run({"package": package, "layout": layout})


def bad(result: Result) -> list[Check]:
    return [check for check in result.checks if not check.ok]


def wire(net: str, *points: tuple[float, float]) -> Trace:
    return Trace("RDL", net, 40.0, np.array(points, dtype=float))


def test_clean_design_matches() -> None:
    result = run(*small())
    assert result.ok
    assert result.metrics["matched_count"] == result.metrics["nets_count"] == 4
    assert result.metrics["pieces_count"] == 4


def test_a_cut_wire_is_an_open_with_its_gap() -> None:
    package, layout = small()
    halves = (wire("a", (100, 1000), (200, 1000)), wire("a", (260, 1000), (500, 1000)))
    kept = tuple(trace for trace in layout.traces if trace.net != "a")
    result = run(package, replace(layout, traces=kept + halves))
    [found] = bad(result)
    assert found.code == "lvs.open"
    assert found.net == "a"
    assert "ball A1 | pad P1" in found.message
    assert "gap is 20.0 µm" in found.message
    assert found.where_um == (pytest.approx(230.0, abs=0.1), pytest.approx(1000.0, abs=20.0))
    assert result.metrics["opens_count"] == 1


def test_a_bridge_is_a_short_where_the_nets_touch() -> None:
    package, layout = small()
    bridge = wire("a", (300, 1000), (300, 500))
    [found] = bad(run(package, replace(layout, traces=(*layout.traces, bridge))))
    assert found.code == "lvs.short"
    assert found.value == "a + c"
    assert "ball A1" in found.message
    assert "pad P3" in found.message
    assert found.where_um == (pytest.approx(300.0, abs=1.0), pytest.approx(500.0, abs=1.0))


def test_foreign_masks_without_nets_place_a_short_between_its_terminals(tmp_path: Path) -> None:
    package, layout = small()
    bridge = wire("x", (300, 1000), (300, 500))
    bare = replace(layout, traces=(*layout.traces, bridge), labels=())
    masks = to_klayout(replace(bare, circles=tuple(replace(item, net=None) for item in bare.circles)))
    for cell in masks.each_cell():
        for index in masks.layer_indexes():
            for shape in list(cell.shapes(index).each()):
                shape.prop_id = 0
    [found] = bad(lvs_of_masks(write_klayout(masks, tmp_path / "foreign.gds"), package))
    assert found.code == "lvs.short"
    assert found.where_um is not None


def test_an_opening_over_a_foreign_pad_is_a_short() -> None:
    package, layout = small()
    crossing = wire("a", (500, 1000), (100, 530))
    [found] = bad(run(package, replace(layout, traces=(*layout.traces, crossing))))
    assert found.value == "a + c"


def test_missing_ball_and_missing_pad_opening_are_named() -> None:
    package, layout = small()
    circles = tuple(item for item in layout.circles if item.name != "B2")
    polygons = tuple(item for item in layout.polygons if not (item.layer == "PI1" and item.name == "P1"))
    found = {check.message.split(":")[1].strip() for check in bad(run(package, replace(layout, circles=circles)))}
    assert found == {"ball B2 of net d"}
    [check] = bad(run(package, replace(layout, polygons=polygons)))
    assert check.code == "lvs.missing"
    assert "pad P1 of net a" in check.message
    assert check.where_um == (100.0, 1000.0)


def test_extra_ball_opening_and_metal() -> None:
    package, layout = small()
    stack = tuple(
        Circle(layer, "land", 750.0, 750.0, d) for layer, d in (("RDL", 270), ("PI2", 220), ("UBM", 250), ("BALL", 300))
    )
    found = bad(run(package, replace(layout, circles=(*layout.circles, *stack))))
    assert [check.code for check in found] == ["lvs.extra"]
    assert "(750.0, 750.0)" in found[0].message
    floating = run(package, replace(layout, traces=(*layout.traces, wire("z", (700, 200), (800, 200)))))
    assert [check.code for check in bad(floating)] == ["lvs.extra"]
    assert floating.metrics["matched_count"] == 4


def test_an_unused_ball_may_stand_alone_but_not_on_a_net() -> None:
    package, layout = small()
    package = replace(package, balls=(*package.balls, Ball("C1", 750.0, 200.0, None, 2, 0)))
    layout = draw(package, router=given(straight_answer(package)))
    assert run(package, layout).ok
    [found] = bad(run(package, replace(layout, traces=(*layout.traces, wire("c", (500, 500), (750, 200))))))
    assert found.code == "lvs.short"
    assert "unused ball C1" in found.message


def test_two_balls_of_one_net_must_be_joined() -> None:
    package, _ = small()
    nets = (Net("ab", "signal", "signal", ("P1", "P2"), ("A1", "A2")), *package.nets[2:])
    package = replace(package, nets=nets)
    apart = (wire("ab", (100, 1000), (500, 1000)), wire("ab", (1400, 1000), (1000, 1000)))
    rest = straight_answer(replace(package, nets=nets[1:]))
    layout = draw(package, router=given(rest))
    [found] = bad(run(package, replace(layout, traces=layout.traces + apart)))
    assert found.code == "lvs.open"
    assert "ball A1, pad P1 | ball A2, pad P2" in found.message
    joined = (*apart, wire("ab", (500, 1000), (1000, 1000)))
    assert run(package, replace(layout, traces=layout.traces + joined)).ok


@pytest.mark.parametrize("ending", ["gds", "oas"])
def test_masks_from_disk_and_with_other_layer_numbers(tmp_path: Path, ending: str) -> None:
    package, layout = small()
    path = write_masks(layout, tmp_path / f"layout.{ending}")
    assert lvs_of_masks(path, package).ok
    moved = to_klayout(layout)
    moved.set_info(moved.find_layer(10, 0), type(moved.get_info(0))(74, 20))
    other = write_klayout(moved, tmp_path / f"other.{ending}")
    assert not lvs_of_masks(other, package).ok
    assert lvs_of_masks(other, package, {"RDL": (74, 20)}).ok


def test_masks_without_pads_and_balls_take_them_from_the_package() -> None:
    package, layout = small()
    circles = tuple(item for item in layout.circles if item.layer != "BALL")
    polygons = tuple(item for item in layout.polygons if item.layer != "PAD")
    assert compare(to_klayout(replace(layout, circles=circles, polygons=polygons)), package).ok


def test_hand_drawn_caravel_is_clean() -> None:
    package, answer = caravel()
    result = run(package, draw(package, router=given(answer)))
    assert result.ok
    assert result.metrics["matched_count"] == 57


def test_a_layer_without_shapes_makes_the_answer_doubtful() -> None:
    package, layout = small()
    kept = tuple(circle for circle in layout.circles if circle.layer != "BALL")
    result = run(package, replace(layout, circles=kept))
    assert result.state == "doubtful"
    assert "BALL" in result.warnings[0]
    assert run(package, layout).state == "ok"
