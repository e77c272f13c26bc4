"""The cut of an image sensor: films without seams, and the ball from the foot of its solder on."""

import pytest

from chipscale.design import Design
from chipscale.report.figures.section import Window, extent, films, section_svg
from chipscale.spec.starter import starter
from chipscale.stack.section import section
from chipscale.store import Store


@pytest.fixture(scope="module")
def cut(tmp_path_factory):
    """Return the package's stack and its cut from a pad to the ball of its net."""
    folder = tmp_path_factory.mktemp("cut")
    (folder / "chip.yaml").write_text(starter("image_sensor_wlcsp"), encoding="utf-8")
    design = Design.load(folder / "chip.yaml", store=Store(folder / "cache"))
    y = min(ball.y_um for ball in design.package.balls)
    return design.stack, section(design.stack, (0.0, y), (design.package.die.size_x_um, y))


def test_the_solder_in_the_masks_opening_is_a_part_of_the_ball(cut):
    stack, pieces = cut
    (ball,) = [film for film in films(pieces) if film.layer == "BALL"]
    plugs = [body for body in stack.on("BALL") if body.part == "plug"]
    assert plugs
    assert ball.z0_um == pytest.approx(min(body.z_um for body in plugs))
    assert ball.z1_um == pytest.approx(stack.extent_z_um()[1], abs=0.1)
    assert ball.thick_um == pytest.approx(ball.z1_um - ball.z0_um, rel=0.01)


def test_a_film_of_several_bodies_is_drawn_as_one(cut):
    _, pieces = cut
    count = {layer: sum(piece.layer == layer for piece in pieces) for layer in ("MASK", "WALL", "INS", "BALL")}
    drawn = str(section_svg(pieces, Window(*extent(pieces)), {}, "a cut", "cut"))
    shown = {layer: drawn.count(f"<title>{layer}: ") for layer in count}
    assert count["MASK"] > shown["MASK"]  # what fills the groove and what lies over it
    assert shown["WALL"] == 2  # left and right of the cavity
    assert count["WALL"] == 4  # cut by the second groove
    assert shown["BALL"] == len({piece.body.removesuffix(".plug") for piece in pieces if piece.layer == "BALL"})
