"""The pattern's part of the plated thickness: known from the mask, taken out of what is random."""

import dataclasses
import math
from dataclasses import dataclass

import numpy as np
import pytest
import shapely

from chipscale.layout.types import Circle
from chipscale.process.masks import Masks
from chipscale.process.models.plating_profile import density_factor
from chipscale.process.step import option
from chipscale.process.variation.model import model_of
from chipscale.process.variation.pattern import pattern


def crowded(stand):
    """Return the grid's design with a crowd of dummies beside the balls of the left column."""
    package, layout = stand.design(8, 6)
    extra = [
        Circle("UBM", "ubm", ball.x_um - 150.0, ball.y_um + dy, 60.0, None, f"{ball.name}d{k}")
        for ball in package.balls
        if ball.col < 2
        for k, dy in enumerate((-120.0, -40.0, 40.0, 120.0))
    ]
    return package, dataclasses.replace(layout, circles=(*layout.circles, *extra))


def plated(stand):
    @dataclass(frozen=True)
    class Plated(stand.Posts):
        feature_pct: float = option(3.0, "feature, pattern included", 0, 50)
        pattern_window_um: float = option(800.0, "window", 20, 5000)
        density_exponent_ratio: float = option(0.2, "exponent", 0, 0.5)

    return Plated()


def test_the_factor_at_the_bumps_is_that_of_their_pieces(stand):
    package, layout = crowded(stand)
    masks = Masks(layout)
    places = np.array([(ball.x_um, ball.y_um) for ball in package.balls])
    ours = pattern(masks, "UBM", 800.0, places).factor(0.2)
    theirs = density_factor(masks, "UBM", 800.0, 0.2)
    pieces = [piece.region for piece in masks.pieces("UBM")]
    of_ball = [theirs[[shapely.contains_xy(region, x, y) for region in pieces].index(True)] for x, y in places]
    assert ours == pytest.approx(np.array(of_ball), rel=0.01)
    assert np.ptp(ours) > 0.05
    columns = ours.reshape(6, 8).mean(axis=0)
    assert columns[0] < columns[4]  # crowded places grow thinner


def test_an_even_pattern_makes_no_difference(stand):
    package, layout = stand.design(8, 6)
    places = np.array([(ball.x_um, ball.y_um) for ball in package.balls])
    assert pattern(Masks(layout), "UBM", 800.0, places).factor(0.2) == pytest.approx(1.0, rel=1e-3)


def test_what_the_pattern_explains_is_no_longer_random(stand):
    package, layout = crowded(stand)
    steps = stand.planned(stand.Film("PI1", 6.0), plated(stand), stand.Drop(), stand.Melt())
    model = model_of(package, layout, steps)
    factor = next(iter(model.factors.values()))
    source = next(s for s in model.sources if s.layer == "UBM" and s.quantity == "thickness_pct")
    assert math.hypot(source.at("feature"), 100.0 * factor.std()) == pytest.approx(3.0)
    flat = model.with_recipe({(1, "density_exponent_ratio"): 0.0})
    assert next(iter(flat.factors.values())) == pytest.approx(1.0)
    assert next(s for s in flat.sources if s.key == source.key).at("feature") == pytest.approx(3.0)
    little = model.with_recipe({(1, "feature_pct"): 0.1})
    assert next(s for s in little.sources if s.key == source.key).at("feature") == 0.0
