"""Marks and texts keep clear of everything else, shrink where room is scarce and are left out where there is none."""

from dataclasses import replace

import numpy as np
import pytest
import shapely
from layout_designs import caravel, small_package

from chipscale.layout.draw import draw, given
from chipscale.layout.free_places import CLEARANCE_UM, FreePlaces, from_corner
from chipscale.layout.marks import marks
from chipscale.layout.route.problem import RouteAnswer
from chipscale.layout.types import Circle, Layout, Polygon


def drawn_marks(layout: Layout) -> list[shapely.Geometry]:
    found = [shapely.Polygon(s.points, s.holes) for s in layout.polygons if s.layer == "MARK"]
    return found + [shapely.Point(s.x_um, s.y_um).buffer(s.d_um / 2) for s in layout.circles if s.layer == "MARK"]


def metal(layout: Layout) -> shapely.Geometry:
    skipped = ("MARK", "OUTLINE")
    shapes = [shapely.Polygon(s.points, s.holes) for s in layout.polygons if s.layer not in skipped]
    shapes += [shapely.Point(s.x_um, s.y_um).buffer(s.d_um / 2) for s in layout.circles if s.layer not in skipped]
    shapes += [shapely.LineString(s.points).buffer(s.width_um / 2) for s in layout.traces]
    return shapely.union_all(shapes)


def test_on_the_caravel_nothing_is_written_over_metal() -> None:
    package, answer = caravel()
    layout = draw(package, router=given(answer))
    apart = shapely.distance(np.array(drawn_marks(layout)), metal(layout))
    assert apart.min() > CLEARANCE_UM - 0.6
    [mark] = [circle for circle in layout.circles if circle.kind == "mark"]
    name = np.vstack([shape.points for shape in layout.polygons if shape.kind == "text" and not shape.name])
    assert np.hypot(*(name.mean(axis=0) - (mark.x_um, mark.y_um))) < 700.0  # the name stands in the A1 corner
    assert len({shape.name for shape in layout.polygons if shape.kind == "text" and shape.name}) >= 55


def test_texts_do_not_overlap_each_other() -> None:
    layout = draw(small_package(), router=given(RouteAnswer((), ())))
    texts: dict[str, list[shapely.Geometry]] = {}
    for shape in layout.polygons:
        if shape.kind == "text":
            texts.setdefault(shape.name, []).append(shapely.Polygon(shape.points))
    boxes = [shapely.box(*shapely.total_bounds(parts)) for parts in texts.values()]
    assert len(boxes) == 5
    assert shapely.union_all(boxes).area == pytest.approx(sum(box.area for box in boxes))


def plate(low_um: float, high_um: float) -> Polygon:
    corners = [(low_um, low_um), (high_um, low_um), (high_um, high_um), (low_um, high_um)]
    return Polygon("RDL", "fill", np.array(corners))


def test_in_a_narrow_margin_marks_are_smaller() -> None:
    package = small_package(a1_corner="bottom_left")
    free = marks(package, [], [], [])
    tight = marks(package, [], [plate(50.0, 1500.0)], [])
    assert tight.discs[0].d_um < free.discs[0].d_um
    heights = [
        np.ptp(np.vstack([text.points for text in found.texts if not text.name])[:, 1]) for found in (free, tight)
    ]
    assert heights[1] < heights[0]
    assert not [text for text in tight.texts if text.name]  # every ball is under the plate


def test_without_room_nothing_is_written() -> None:
    found = marks(small_package(), [], [plate(0.0, 1500.0)], [])
    assert found == ((), ())


def test_a_ball_name_goes_to_another_side() -> None:
    package = small_package()
    ball = package.balls[0]
    package = replace(package, balls=(ball,))
    for side in ("below", "above", "right"):
        blocked = [Circle("RDL", "land", ball.x_um, ball.y_um - 200.0, 60.0)] if side != "below" else []
        blocked += [Circle("RDL", "land", ball.x_um, ball.y_um + 200.0, 60.0)] if side == "right" else []
        texts = [text for text in marks(package, blocked, [], []).texts if text.name]
        x, y = np.vstack([text.points for text in texts]).mean(axis=0) - (ball.x_um, ball.y_um)
        assert {"below": y < -150, "above": y > 150, "right": x > 150}[side]
        assert abs({"below": x, "above": x, "right": y}[side]) < 20


def test_a_taken_place_is_taken() -> None:
    free = FreePlaces([], [], [])
    here = np.array([(50.0, 50.0), (90.0, 50.0)])
    assert free.first(here, 20.0, 20.0) == (50.0, 50.0)
    assert free.first(here, 20.0, 20.0) == (90.0, 50.0)
    assert free.first(here, 20.0, 20.0) is None


def test_places_are_tried_from_the_corner_on() -> None:
    places = from_corner((100.0, 0.0), (-1, 1), 20.0, 10.0)
    assert places[0].tolist() == [100.0, 0.0]
    assert (np.diff(np.hypot(*(places - (100.0, 0.0)).T)) >= 0).all()
    assert places[:, 0].min() == 80.0
    assert places[:, 1].max() == 20.0
