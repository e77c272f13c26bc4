"""Made wafers against theory: ranges, variance by level, bowls, smooth fields, the same numbers again."""

import math

import numpy as np
import pytest

from chipscale.errors import InputError
from chipscale.package.joint import reflowed
from chipscale.process.variation import components
from chipscale.process.variation.coplanarity import expected_range, range_um
from chipscale.process.variation.draws import Draws
from chipscale.process.variation.model import heights_um
from chipscale.process.variation.places import Places, places_of
from chipscale.process.variation.simulate import Moments, one_wafer, simulate

CENTRE = (1000.0, 800.0)


@pytest.fixture
def places(stand):
    package, layout = stand.design()
    return places_of(package, layout, np.array([(ball.x_um, ball.y_um) for ball in package.balls]), 1500)


def test_dies_stand_within_the_wafer(stand, places):
    package, layout = stand.design()
    everywhere = places_of(package, layout, np.zeros((1, 2)))
    assert len(everywhere.x_mm) > 6000
    assert len(places.x_mm) == 1500
    assert np.hypot(places.x_mm, places.y_mm).max() < 97.0
    assert float(places.bowl.mean()) == pytest.approx(0.96**2 / 2 - 0.5, abs=0.01)  # whole dies end before the rim
    assert float(np.var(places.bowl)) == pytest.approx(0.96**4 / 12, rel=0.03)


def test_more_dies_than_the_wafer_holds_are_refused(stand):
    package, layout = stand.design()
    with pytest.raises(InputError, match="does not hold so many dies"):
        places_of(package, layout, np.zeros((1, 2)), 100_000)


def test_the_range_of_independent_bumps_is_d2_deviations(make_model, stand, places):
    model = make_model(stand.Film("PI1", 10.0, feature_pct=4.0), stand.Posts(), stand.Drop(), stand.Melt())
    sample = simulate(model, Draws(places, 7, 30.0), 4, CENTRE)
    d2 = expected_range(20)
    assert d2 == pytest.approx(3.735, abs=5e-4)
    sure = 4 * 0.729 * 0.4 / math.sqrt(6000)  # four standard errors; 0.729 is the published d3 of 20
    assert sample.range_um.mean(dtype=float) == pytest.approx(d2 * 0.4, abs=sure)
    assert sample.range_um.std(dtype=float) == pytest.approx(0.729 * 0.4, rel=0.05)
    assert sample.height.sd == pytest.approx(0.4, rel=0.01)


def test_levels_above_the_die_leave_it_flat(make_model, stand, places):
    film = stand.Film("PI1", 10.0, lot_pct=5.0, wafer_pct=5.0)
    sample = simulate(make_model(film, stand.Posts(), stand.Drop(), stand.Melt()), Draws(places, 7, 30.0), 3, CENTRE)
    assert sample.range_um.max() < 1e-4
    assert np.ptp(sample.mean_um, axis=1).max() < 1e-4
    assert np.ptp(sample.mean_um[:, 0]) > 0.1


def test_one_lot_has_one_lot_number(make_model, stand, places):
    model = make_model(stand.Film("PI1", 10.0, lot_pct=5.0), stand.Posts(), stand.Drop(), stand.Melt())
    few = places.few(2)
    means = [one_wafer(model, Draws(few, 7, 30.0), wafer).mean() for wafer in (0, 1, 24, 25, 49)]
    assert means[0] == means[1] == means[2]
    assert means[3] == means[4]
    assert means[0] != means[3]


def test_variance_components_are_what_was_put_in(make_model, stand, places):
    film = stand.Film("PI1", 10.0, wafer_pct=6.0, die_pct=3.0, feature_pct=2.0)
    model = make_model(film, stand.Posts(), stand.Drop(), stand.Melt())
    sample = simulate(model, Draws(places.few(400), 3, 4.0), 200, CENTRE)
    seen = components.nested(sample, 20)
    assert math.sqrt(seen["wafer"]) == pytest.approx(0.6, rel=0.15)
    assert math.sqrt(seen["die"]) == pytest.approx(0.3, rel=0.05)
    tilt = 0.3 / 4.0 * math.sqrt(np.var(places.bump_x_mm, ddof=1) + np.var(places.bump_y_mm, ddof=1))
    assert math.sqrt(seen["feature"]) == pytest.approx(math.hypot(0.2, tilt), rel=0.01)
    assert sum(seen.values()) == pytest.approx(sample.height.sd**2, rel=0.02)


def test_shares_of_levels_and_sources_add_up_to_what_is_seen(make_model, stand, places):
    steps = (
        stand.Film("PI1", 10.0, bowl_pct=8.0, feature_pct=2.0),
        stand.Film("PI2", 6.0, bowl_pct=-5.0, die_pct=1.0),
        stand.Posts(feature_pct=3.0, cd_um=1.0),
        stand.Drop(sphere_tolerance_um=3.0),
        stand.Melt(volume_pct=0.5),
    )
    model = make_model(*steps)
    draws = Draws(places, 5, 8.0)
    shares = components.level_shares_um2(model, draws)
    predicted = sum(sum(row.values()) for row in shares)
    sample = simulate(model, draws, 8, CENTRE)
    assert math.sqrt(predicted) == pytest.approx(sample.height.sd, rel=0.03)
    bowl = [row["radius"] for row in shares]
    assert min(bowl) < 0 < max(bowl)  # the second bowl lies against the first
    own = [components.own_variances_um2(model, source, draws)["radius"] for source in model.sources]
    assert sum(bowl) == pytest.approx((math.sqrt(max(own)) - math.sqrt(sorted(own)[-2])) ** 2, rel=1e-6)


def test_a_bowl_tilts_the_dies_at_the_edge(make_model, stand, places):
    model = make_model(stand.Film("PI1", 10.0, bowl_pct=20.0), stand.Posts(), stand.Drop(), stand.Melt())
    z = one_wafer(model, Draws(places, 7, 30.0), 0)
    x, y = places.x_mm[:, None] + places.bump_x_mm, places.y_mm[:, None] + places.bump_y_mm
    expected = 2.0 * ((x * x + y * y) / 100.0**2 - 0.5)
    assert z - z.mean() == pytest.approx(expected - expected.mean(), abs=1e-4)
    r = np.hypot(places.x_mm, places.y_mm)
    assert range_um(z)[r > 90].mean() > 3 * range_um(z)[r < 25].mean()


def test_the_smooth_field_has_its_deviation_correlation_and_slope(make_model, stand):
    model = make_model(stand.Film("PI1", 10.0, die_pct=1.0), stand.Posts(), stand.Drop(), stand.Melt())
    source = model.sources[0]
    away = np.array([0.0, 10.0, 20.0, 40.0])
    places = Places(away, np.zeros(4), np.array([-1.0, 1.0]), np.zeros(2), 100.0)
    draws = Draws(places, 1, 20.0)
    made = np.array([draws.unit(source, "die", wafer) for wafer in range(6000)])
    value, slope = made.mean(axis=2), (made[:, :, 1] - made[:, :, 0]) / 2.0
    assert value.mean() == pytest.approx(0.0, abs=0.03)
    assert value.std(axis=0) == pytest.approx(np.ones(4), abs=0.04)
    together = [np.mean(value[:, 0] * value[:, k]) for k in range(4)]
    assert together == pytest.approx(np.exp(-(away**2) / (2 * 20.0**2)), abs=0.05)
    assert slope.std(axis=0) == pytest.approx(np.full(4, 1 / 20.0), rel=0.05)
    fourth = np.mean(value[:, 0] ** 4)
    assert fourth == pytest.approx(3.0, abs=0.4)  # normal


def test_the_same_again_in_any_order_and_whatever_else_varies(make_model, stand, places):
    lone = make_model(stand.Film("PI1", 10.0, feature_pct=2.0), stand.Posts(), stand.Drop(), stand.Melt())
    both = make_model(
        stand.Film("PI1", 10.0, feature_pct=2.0), stand.Posts(feature_pct=4.0), stand.Drop(), stand.Melt()
    )
    first, again = Draws(places, 7, 30.0), Draws(places, 7, 30.0, keep=True)
    backwards = [one_wafer(lone, again, wafer) for wafer in (2, 1, 0)][::-1]
    assert all(np.array_equal(one_wafer(lone, first, k), backwards[k]) for k in range(3))
    other = Draws(places, 8, 30.0)
    assert not np.array_equal(one_wafer(lone, other, 0), backwards[0])
    place = next(k for k, s in enumerate(both.sources) if s.layer == "UBM" and s.quantity == "thickness_pct")
    assert np.allclose(one_wafer(both.without(place), first, 0), backwards[0])


def test_thickness_never_gets_negative(make_model, stand, places):
    model = make_model(stand.Film("PI1", 10.0, feature_pct=50.0), stand.Posts(), stand.Drop(), stand.Melt())
    z = one_wafer(model, Draws(places, 7, 30.0), 0)
    assert z.min() >= model.chain.apex_um.min() - 10.0


def test_heights_of_films_and_balls_are_independent_sums(make_model, stand):
    model = make_model()
    k = [s.quantity for s in model.sources].index("sphere_d_um")
    off = {place: np.zeros((1, 1), np.float32) for place in range(len(model.sources))}
    by_hand = heights_um(model, off | {k: np.array([[10.0]], np.float32)})
    assert by_hand[0] == pytest.approx(21.0 + reflowed(260.0, 215.0)[1], abs=1e-3)


def test_moments_in_parts_are_those_of_the_whole(rng):
    values = rng.normal(330.0, 0.2, 4001)
    parts = Moments()
    for part in np.array_split(values, 7):
        parts.add(part)
    assert parts.mean == pytest.approx(values.mean(), rel=1e-12)
    assert parts.sd == pytest.approx(values.std(ddof=1), rel=1e-9)
