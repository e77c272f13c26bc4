"""The film: its last picture is the section of the whole stack, every picture differs by what its step did."""

import dataclasses
import itertools
import time

import numpy as np
import pytest
import shapely

from chipscale.layout.types import Circle, Polygon, Trace
from chipscale.package.types import Ball, FlowPlan, FlowStep, Net, Pad
from chipscale.process.flow import built_stack, plan
from chipscale.process.flows import flow_of
from chipscale.process.questions.film import frames, whole_notes
from chipscale.process.questions.film_cut import cut_line, near, section_along
from chipscale.stack.section import section

ACROSS = ((150.0, 30.0), (360.0, 430.0))  # through the pad of "in" and its ball


def area_by_layer(pieces):
    found = {}
    for piece in pieces:
        found[piece.layer] = found.get(piece.layer, 0.0) + piece.area_um2
    return found


def spans(pieces):
    found = {}
    for piece in pieces:
        z = piece.polygon[:, 1]
        low, high = found.get(piece.layer, (np.inf, -np.inf))
        found[piece.layer] = (min(low, z.min()), max(high, z.max()))
    return found


@pytest.fixture
def package(package):
    """The package with the materials of the usual flow."""
    usual = dataclasses.replace(package.layers, materials={})
    return dataclasses.replace(package, layers=usual, flow=FlowPlan())


def whole_stack(package, layout):
    return built_stack(package, layout, plan(flow_of(package)))


@pytest.fixture
def film(package, layout):
    return frames(package, layout, ACROSS)


def test_last_picture_is_the_section_of_the_whole_stack(package, layout, film):
    whole = section(whole_stack(package, layout), *ACROSS)
    assert set(area_by_layer(film[-1].pieces)) == set(area_by_layer(whole))
    for layer, area in area_by_layer(whole).items():
        assert area_by_layer(film[-1].pieces)[layer] == pytest.approx(area, rel=1e-5), layer
        assert spans(film[-1].pieces)[layer] == pytest.approx(spans(whole)[layer], abs=1e-4), layer


def test_every_step_has_a_picture_and_says_what_it_is(package, film):
    flow = flow_of(package)
    assert [frame.kind for frame in film] == [spec.step for spec in flow]
    assert [frame.label for frame in film] == [spec.title for spec in flow]
    assert [frame.place for frame in film] == list(range(1, len(flow) + 1))
    assert all(frame.title and frame.tool for frame in film)


def test_pictures_add_up_to_each_other(film):
    """What a picture has more than the one before came; what it has less went, or something came in its place."""
    before = {}
    for frame in film:
        now = area_by_layer(frame.pieces)
        came, went = area_by_layer(frame.came), area_by_layer(frame.went)
        for layer in {*before, *now}:
            change = now.get(layer, 0.0) - before.get(layer, 0.0)
            told = came.get(layer, 0.0) - went.get(layer, 0.0)
            assert told >= change - 0.5, (frame.label, layer)
            if set(came) <= {layer} and "SEED" not in now:  # nothing can have come in its place
                assert told == pytest.approx(change, abs=0.5), (frame.label, layer)
        before = now


def test_resist_comes_and_goes_and_grinding_takes_silicon(film):
    """One layer of plated metal: seed, coat, latent image, opening, metal, strip, etch; then the back."""
    start = next(k for k, frame in enumerate(film) if frame.kind == "sputter")
    seed, coat, _, light, opened, plated, stripped, etched = film[start : start + 8]
    kinds = ["sputter", "coat", "soft_bake", "expose", "develop", "plate", "strip", "etch_seed"]
    assert [frame.kind for frame in film[start : start + 8]] == kinds
    assert {piece.layer for piece in seed.came} == {"SEED"}
    assert {piece.layer for piece in coat.came} == {"RESIST"}
    assert {piece.layer for piece in light.came} == {"RESIST latent"}
    assert {piece.layer for piece in opened.went} == {"RESIST latent", "RESIST"}
    assert {piece.layer for piece in plated.came} == {"RDL"}
    assert not plated.went  # the seed became the metal's foot
    assert {piece.layer for piece in stripped.went} == {"RESIST"}
    assert "SEED" in {piece.layer for piece in etched.went}
    assert not stripped.came
    ground = [frame for frame in film if {piece.layer for piece in frame.went} == {"DIE"}]
    assert sum(area_by_layer(frame.went)["DIE"] for frame in ground) == pytest.approx(
        575 * np.hypot(210, 400), rel=1e-3
    )
    assert spans(film[-1].pieces)["DIE"] == pytest.approx((-200.0, 0.0))


def test_seed_lies_on_everything_until_metal_is_plated_on_it(film):
    start = next(k for k, frame in enumerate(film) if frame.kind == "sputter")
    length = np.hypot(210, 400)
    laid = area_by_layer(film[start].pieces)["SEED"]
    thickness = film[start].figures["on_walls_nm"] / 1000 / film[start].figures["wall_coverage_ratio"]
    assert thickness * length <= laid <= 1.2 * thickness * length
    plated = next(frame for frame in film[start:] if frame.kind == "plate")
    metal = sum(np.ptp(p.polygon[:, 0]) for p in plated.pieces if p.layer == "RDL")
    left = area_by_layer(plated.pieces)["SEED"]
    assert left == pytest.approx(thickness * (length - metal), rel=0.05)


def test_notes_of_the_whole_die_take_the_place_of_those_near_the_line(package, layout):
    notes = whole_notes(package, layout)
    open_pct = [note.figures["open_area_pct"] for note in notes if "open_area_pct" in note.figures]
    told = frames(package, layout, ACROSS, notes=notes)
    assert [f.figures["open_area_pct"] for f in told if "open_area_pct" in f.figures] == open_pct
    near_only = frames(package, layout, ACROSS)
    assert [f.figures["open_area_pct"] for f in near_only if "open_area_pct" in f.figures] < open_pct


def test_faces_of_one_film_join_without_seams(film):
    """A film laid in several layers, and its plugs, are one face where they touch."""
    pieces = film[-1].pieces
    regions = {}
    for piece in pieces:
        regions.setdefault((piece.layer, piece.net), []).append(shapely.Polygon(piece.polygon, piece.holes))
    for parts in regions.values():
        for k, part in enumerate(parts):
            assert all(shapely.distance(part, other) > 1e-3 for other in parts[:k])


def test_what_is_far_from_the_line_is_left_out_and_changes_nothing(package, layout):
    far = np.column_stack((np.linspace(820, 980, 40), np.full(40, 550.0)))
    more = dataclasses.replace(layout, traces=(*layout.traces, Trace("RDL", "far", 20.0, far)))
    kept = near(more, ACROSS)
    assert {trace.net for trace in kept.traces} == {"in"}
    assert {circle.name for circle in kept.circles} == {"A1"}
    assert len(kept.circles) == 4  # land, opening, under-bump metal and ball, though some lie farther away
    assert len(kept.polygons) == 3
    first, second = frames(package, layout, ACROSS), frames(package, more, ACROSS)
    assert area_by_layer(first[-1].pieces) == pytest.approx(area_by_layer(second[-1].pieces))


def test_long_wires_and_large_planes_are_cut_to_the_neighbourhood(layout):
    wire = Trace(
        "RDL", "long", 20.0, np.array([(0.0, 5.0), (150.0, 30.0), (400.0, 580.0), (900.0, 580.0), (990.0, 10.0)])
    )
    angles = np.linspace(0, 2 * np.pi, 600, endpoint=False)
    plane = Polygon("RDL", "fill", 500 + 480 * np.column_stack((np.cos(angles), np.sin(angles))), "vss", "")
    kept = near(dataclasses.replace(layout, traces=(wire,), polygons=(plane,)), ACROSS)
    assert [len(trace.points) for trace in kept.traces] == [3]
    assert kept.polygons
    assert sum(shapely.Polygon(p.points).area for p in kept.polygons) < 0.3 * shapely.Polygon(plane.points).area


def test_all_masks_are_used_where_the_nearest_are_not_enough(package, layout):
    """Nothing lies near this line, not even the ball the flow needs; the films are those of the whole die."""
    line = ((20.0, 500.0), (150.0, 580.0))
    assert not near(layout, line).circles
    whole = section(whole_stack(package, layout), *line)
    film = frames(package, layout, line)
    assert area_by_layer(film[-1].pieces) == pytest.approx(area_by_layer(whole))


def test_all_masks_are_used_where_the_nearest_give_other_heights(package, layout, monkeypatch):
    """Without its metal the film over it would be level with less; the whole stack tells that it is not."""
    bare = dataclasses.replace(layout, traces=(), polygons=(), circles=layout.circles)
    bare = dataclasses.replace(bare, circles=tuple(c for c in bare.circles if c.layer != "RDL"))
    monkeypatch.setattr("chipscale.process.questions.film.near", lambda masks, line, reach_um: bare)
    fooled, told = (frames(package, layout, ACROSS, whole=w) for w in (None, whole_stack(package, layout)))
    assert "RDL" not in spans(fooled[-1].pieces)
    assert spans(told[-1].pieces)["RDL"] == pytest.approx((1.0, 13.2))


def joined(package):
    pads = (Pad("pin", 200.0, 100.0, 80.0, 80.0, "in"),)
    balls = (Ball("A1", 300.0, 350.0, "in", 0, 0),)
    nets = (Net("in", "signal", "signal", ("pin",), ("A1",)),)
    return dataclasses.replace(package, pads=pads, balls=balls, nets=nets)


def test_cut_follows_the_wire_from_pad_to_ball(package, layout):
    package = joined(package)
    bent = cut_line(package, layout)
    assert len(bent) == 3
    assert bent[1] == (200.0, 200.0)  # the wire's bend
    assert bent[0][1] == 100.0 - 80.0  # behind the pad
    assert shapely.LineString(bent).distance(shapely.Point(300, 350)) < 1e-6
    wire = Trace("RDL", "in", 30.0, np.array([(300.0, 350.0), (200.0, 100.0)]))
    straight = cut_line(package, dataclasses.replace(layout, traces=(*layout.traces, wire)))
    assert len(straight) == 2  # of two wires the one without bends
    assert shapely.LineString(straight).distance(shapely.Point(200, 100)) < 1e-6
    assert straight[0][1] < 100.0 < 350.0 < straight[1][1]


def test_cut_joins_pad_and_ball_where_no_wire_does(package, layout):
    line = shapely.LineString(cut_line(joined(package), dataclasses.replace(layout, traces=())))
    assert line.distance(shapely.Point(200, 100)) < 1e-6
    assert line.distance(shapely.Point(300, 350)) < 1e-6


def test_wire_that_begins_inside_a_pads_capture_is_followed_from_the_pad(package, layout):
    wire = Trace("RDL", "in", 30.0, np.array([(200.0, 135.0), (300.0, 350.0)]))
    line = cut_line(joined(package), dataclasses.replace(layout, traces=(wire,)))
    assert line[1] == (200.0, 135.0)
    assert shapely.LineString(line[:2]).distance(shapely.Point(200, 100)) < 1e-6


def test_section_along_corners_is_unrolled(package, layout):
    stack = whole_stack(package, layout)
    line = ((150.0, 100.0), (350.0, 100.0), (350.0, 400.0))
    pieces = section_along(stack, line)
    parts = [section(stack, a, b) for a, b in itertools.pairwise(line)]
    summed = area_by_layer([*parts[0], *parts[1]])
    assert area_by_layer(pieces) == pytest.approx(summed)
    die = [piece.polygon for piece in pieces if piece.layer == "DIE"]
    assert [(p[:, 0].min(), p[:, 0].max()) for p in die] == [(0.0, 200.0), (200.0, 500.0)]
    film = frames(package, layout, line)
    assert [np.ptp(p.polygon[:, 0]) for p in film[-1].pieces if p.layer == "DIE"] == [500.0]  # one face


def test_turned_wafer_shows_the_same_faces_upside_down(package, layout):
    flow = (FlowStep("incoming_wafer"), FlowStep("bond"), FlowStep("flip"), FlowStep("coarse_grind"))
    line = ((820.0, 60.0), (560.0, 140.0))  # through the pad on the right, not square to anything
    before, turned, ground = frames(package, layout, line, flow=flow)[1:]
    assert (turned.turned, turned.came, turned.went) == (True, (), ())
    assert turned.changed

    def regions(frame, sign):
        return {
            (p.layer, round(sign * p.polygon[:, 1].min() if sign > 0 else -p.polygon[:, 1].max(), 3)): shapely.Polygon(
                p.polygon * [1.0, sign]
            )
            for p in frame.pieces
        }

    old, new = regions(before, 1.0), regions(turned, -1.0)
    assert set(old) == set(new)
    assert {layer for layer, _ in old} == {"DIE", "PAD", "PASSIVATION", "GLASS"}
    for key, region in old.items():
        assert region.symmetric_difference(new[key]).area < 0.05, key
    assert {piece.layer for piece in ground.went} == {"DIE"}
    assert min(piece.polygon[:, 1].min() for piece in ground.went) > 0  # the silicon is above now


def test_cut_without_pads_goes_through_the_ball_nearest_the_middle(package, layout):
    balls = tuple(Ball(name, x, 350.0, name, 0, k) for k, (name, x) in enumerate((("A1", 300.0), ("A2", 690.0))))
    line = cut_line(dataclasses.replace(package, balls=balls), layout)
    assert line[0][1] == line[1][1] == 350.0
    assert line[0][0] < 690.0 < line[1][0]
    assert cut_line(package, layout) == ((0.0, 300.0), (1000.0, 300.0))


def test_sixty_balls_are_filmed_in_seconds(package, layout):
    """The time does not grow with the die: only what is near the line is built."""
    circles = [
        Circle(layer, kind, 250.0 + 500 * col, 250.0 + 500 * row, d, f"n{row}.{col}", f"B{row}.{col}")
        for row in range(20)
        for col in range(20)
        for layer, kind, d in (
            ("RDL", "land", 235.0),
            ("PI2", "opening", 180.0),
            ("UBM", "ubm", 215.0),
            ("BALL", "ball", 261.0),
        )
    ]
    large = dataclasses.replace(
        layout, size_x_um=10000.0, size_y_um=10000.0, circles=tuple(circles), polygons=(), traces=()
    )
    started = time.process_time()
    film = frames(package, large, ((4600.0, 4750.0), (5400.0, 4750.0)))
    assert time.process_time() - started < 2.0
    assert {piece.layer for piece in film[-1].pieces} >= {"RDL", "UBM", "BALL"}
