"""The outline drawing: legible, right way round, same bytes each time."""

import math
import re
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import PatchCollection

from chipscale.assembly.heights import heights
from chipscale.errors import InputError
from chipscale.report.outline import outline_figure, write_outline
from chipscale.report.outline_dimensions import dimensions
from chipscale.report.outline_labels import array_labels
from chipscale.report.outline_views import ball_profile, choose_scale

MM = 300 / 25.4  # pixels a mm of the canvas below


def texts(figure):
    """Return (shown, box in mm) of every text as the renderer places it."""
    figure.set_dpi(300)
    renderer = FigureCanvasAgg(figure).get_renderer()
    found = []
    for item in figure.axes[0].texts:
        box = item.get_window_extent(renderer)
        found.append((item.get_text(), box.x0 / MM, box.y0 / MM, box.x1 / MM, box.y1 / MM))
    return found


def ball_centres(figure, d_mm):
    """Return the centres of the circles of one diameter in sheet mm, (n, 2)."""
    places = []
    for collection in figure.axes[0].collections:
        if isinstance(collection, PatchCollection):
            boxes = [path.get_extents() for path in collection.get_paths()]
            places += [
                ((b.x0 + b.x1) / 2, (b.y0 + b.y1) / 2) for b in boxes if math.isclose(b.width, d_mm, rel_tol=0.01)
            ]
    return np.array(places)


def staggered(make_package):
    package = make_package(18, 10, 200.0, (4200.0, 3950.0))
    balls = [replace(b, y_um=1975 + (b.y_um - 1975) * 1.732) for b in package.balls if (b.row + b.col) % 2 == 0]
    return replace(package, balls=tuple(balls), pitch_y_um=346.4, min_ball_distance_um=400.0, a1_corner="bottom_left")


def off_centre(make_package):
    package = make_package(7, 7, 400.0, (3140.0, 3140.0))
    balls = [replace(ball, x_um=ball.x_um + 46, y_um=ball.y_um + 107) for ball in package.balls]
    return replace(package, balls=tuple(balls))


def fine(make_package):
    package = make_package(26, 26, 173.0)
    return replace(package, terminal=replace(package.terminal, sphere_d_um=85.0, ball_d_um=95.0, ball_h_um=70.0))


def rotated(make_package):
    package = make_package(5, 5, 283.0, (1900.0, 1900.0))
    c, s = math.cos(0.35), math.sin(0.35)
    turned = [((b.x_um - 950) * c - (b.y_um - 950) * s, (b.x_um - 950) * s + (b.y_um - 950) * c) for b in package.balls]
    balls = [replace(b, x_um=950 + x, y_um=950 + y) for b, (x, y) in zip(package.balls, turned, strict=True)]
    return replace(package, balls=tuple(balls), terminal=replace(package.terminal, ball_d_um=200.0))


CASES = {
    "1 ball": lambda make: make(1, 1, 400.0, (500.0, 500.0)),
    "4 balls": lambda make: make(2, 2, 400.0, (900.0, 900.0)),
    "676 balls": lambda make: make(26, 26, 400.0),
    "676 fine balls": fine,
    "one row": lambda make: make(8, 1, 400.0),
    "one column": lambda make: make(1, 8, 400.0),
    "long": lambda make: make(17, 4, 300.0, (5400.0, 1300.0)),
    "tall": lambda make: make(2, 12, 500.0),
    "staggered": staggered,
    "off centre": off_centre,
    "rotated": rotated,
    "A1 elsewhere": lambda make: make(a1_corner="bottom_right", title="x" * 200),
}


@pytest.mark.parametrize("case", CASES)
def test_no_text_touches_another_and_all_is_inside_the_frame(make_package, case):
    found = texts(outline_figure(CASES[case](make_package)))
    assert len(found) > 90
    for shown, x0, y0, x1, y1 in found:
        assert x0 > 3.5, shown
        assert y0 > 3.5, shown
        assert x1 < 293.5, shown
        assert y1 < 206.5, shown
    for index, (first, ax0, ay0, ax1, ay1) in enumerate(found):
        for second, bx0, by0, bx1, by1 in found[index + 1 :]:
            across = min(ax1, bx1) - max(ax0, bx0)
            along = min(ay1, by1) - max(ay0, by0)
            # a box holds the font's full line; letters that share 0.4 mm of it do not touch
            assert across < 0.1 or along < 0.4, (first, second)


def test_the_bottom_view_is_the_die_view_and_a1_lies_mirrored_on_top(caravel_package):
    figure = outline_figure(caravel_package)
    scale = choose_scale(caravel_package)
    bottom = ball_centres(figure, 0.320 * scale)
    assert len(bottom) == 61  # 60, and A1 once more in its own shade
    middle = (bottom[:60].max(axis=0) + bottom[:60].min(axis=0)) / 2
    drawn = {tuple(np.round((place - middle) / scale * 1000 + (1794, 2594), 1)) for place in bottom}
    assert drawn == {(ball.x_um, ball.y_um) for ball in caravel_package.balls}
    a1 = next(ball for ball in caravel_package.balls if ball.name == "A1")
    shaded = (bottom[60] - middle) / scale * 1000 + (1794, 2594)
    assert shaded == pytest.approx((a1.x_um, a1.y_um), abs=0.1)
    assert shaded[0] < 1794  # left in the bottom view
    note = next(item for item in texts(figure) if item[0] == "A1 mark")
    assert note[1] > 57.0  # right of the top view's middle
    assert note[2] > 139.0


def test_labels_follow_the_names_either_way_round(make_package, caravel_package):
    columns, rows = array_labels(make_package(3, 2))
    assert [label for _, label in columns] == ["3", "2", "1"]  # board view, left to right
    assert [label for _, label in rows] == ["A", "B"]
    columns, rows = array_labels(caravel_package)
    assert [label for _, label in columns] == ["F", "E", "D", "C", "B", "A"]
    assert [label for _, label in rows] == [str(n) for n in range(1, 11)]
    columns, rows = array_labels(rotated(make_package))
    assert {label for _, label in columns + rows} == {""}


def test_the_table_adds_up_and_holds_the_design(make_package):
    package = off_centre(make_package)
    rows = {row.letter: row for row in dimensions(package)}
    high = heights(package)
    films = package.layers
    assert high.total_um == pytest.approx(
        films.backside_um
        + 300
        + films.pad_metal_um
        + films.passivation_um
        + films.pi1_um
        + films.rdl_um
        + films.pi2_um
        + films.ubm_um
        + package.terminal.ball_h_um
    )
    assert rows["A"].nominal_um == pytest.approx(rows["A1"].nominal_um + rows["A2"].nominal_um)
    assert rows["D"].cells == ("3.115", "3.140", "3.165")
    assert (rows["D1"].cells, rows["e"].cells, rows["N"].cells) == (
        ("", "2.400", ""),
        ("", "0.400", ""),
        ("", "49", ""),
    )
    # 46 right and 107 up in the die view: first column at 370 + 46, first row at 370 - 107 from the edges
    assert (rows["F"].cells[1], rows["G"].cells[1]) == ("(0.416)", "(0.263)")
    assert (rows["SD"].cells[1], rows["SE"].cells[1]) == ("0.046", "0.107")
    for row in rows.values():
        if row.kind == "toleranced":
            low, nominal, upper = map(float, row.cells)
            assert nominal - low == pytest.approx(upper - nominal)


def test_one_ball_has_no_pitch(make_package):
    letters = {row.letter for row in dimensions(CASES["1 ball"](make_package))}
    assert not letters & {"D1", "E1", "e"}
    assert {"A", "b", "D", "F"} <= letters


def test_small_balls_get_small_tolerances(make_package):
    rows = {row.letter: row for row in dimensions(fine(make_package))}
    assert rows["b"].tolerance_um == pytest.approx(0.18 * 95)
    assert rows["A1"].tolerance_um == pytest.approx(0.16 * 78)


@pytest.mark.parametrize(("d", "h"), [(260.0, 204.0), (260.0, 130.0), (260.0, 60.0)])
def test_a_ball_from_the_side_stands_on_the_plane_and_ends_at_the_body(d, h):
    points = np.array(ball_profile(d, h, 96))
    assert points[:, 1].min() == pytest.approx(0.0, abs=0.1)
    assert points[:, 1].max() == pytest.approx(h)
    assert np.ptp(points[:, 0]) == pytest.approx(d, rel=2e-3)


def test_svg_and_pdf_hold_real_text_and_never_change(make_package, tmp_path):
    from pypdf import PdfReader

    package = make_package(2, 2, 400.0, (900.0, 900.0))
    first, second = {}, {}
    for made, folder in ((first, tmp_path / "a"), (second, tmp_path / "b")):
        folder.mkdir()
        for kind in ("svg", "pdf"):
            write_outline(package, folder / f"outline.{kind}")
            made[kind] = (folder / f"outline.{kind}").read_bytes()
    assert first == second
    svg = ElementTree.fromstring(first["svg"])
    assert svg.attrib["width"] == f"{297 / 25.4 * 72:.6f}".rstrip("0") + "pt"
    shown = [item.text for item in svg.iter("{http://www.w3.org/2000/svg}text")]
    for wanted in ("BOTTOM VIEW", "4x Øb", "0.900", "BGA4C40P2X2_90X90X56", "60 : 1"):
        assert wanted in shown
    assert not re.search(rb"<dc:date>|CreationDate|ModDate", first["svg"] + first["pdf"])
    [page] = PdfReader(tmp_path / "a" / "outline.pdf").pages
    assert float(page.mediabox.width) == pytest.approx(297 / 25.4 * 72, abs=0.1)
    assert "BOTTOM VIEW" in page.extract_text()


def test_other_formats_are_refused(make_package, tmp_path):
    with pytest.raises(InputError, match=r"\.svg or \.pdf"):
        write_outline(make_package(), tmp_path / "outline.dxf")
    assert not list(tmp_path.iterdir())
