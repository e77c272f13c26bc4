"""Range and seating plane, against exhaustive search, known planes and published constants."""

from itertools import combinations

import numpy as np
import pytest

from chipscale.process.variation.coplanarity import expected_range, range_um, seating

GRID = np.array([(x * 400.0, y * 400.0) for y in range(4) for x in range(5)])
CENTRE = (800.0, 600.0)


def exhaustive(z, xy, centre):
    """Return the deviation from the plane through three apexes that none is above, the centre in their triangle."""
    best = None
    for triple in combinations(range(len(xy)), 3):
        matrix = np.column_stack((xy[list(triple)], np.ones(3)))
        if abs(np.linalg.det(matrix)) < 1e-9:
            continue
        weights = np.linalg.solve(matrix.T, [*centre, 1.0])
        if weights.min() < -1e-12:
            continue
        plane = np.linalg.solve(matrix, z[list(triple)])
        above = np.column_stack((xy, np.ones(len(xy)))) @ plane - z
        if above.min() > -1e-9:
            best = above.max() if best is None else max(best, above.max())
    return best


def test_the_plane_is_the_one_of_all_triples(rng):
    off_centre = (811.3, 593.7)  # no line between two bumps goes through it: one plane
    z = rng.normal(0.0, 3.0, (40, len(GRID)))
    found = seating(z, GRID, off_centre)
    assert found.deviation_um == pytest.approx([exhaustive(row, GRID, off_centre) for row in z], abs=1e-9)


def test_corners_carry_the_centre_and_none_is_higher(rng):
    z = rng.normal(0.0, 3.0, (300, len(GRID)))
    found = seating(z, GRID, CENTRE)
    for row, corners, deviation in zip(z, found.corners, found.deviation_um, strict=True):
        matrix = np.column_stack((GRID[corners], np.ones(3)))
        plane = np.linalg.solve(matrix, row[corners])
        below = np.column_stack((GRID, np.ones(len(GRID)))) @ plane - row
        assert below.min() > -1e-9
        assert below.max() == pytest.approx(deviation, abs=1e-9)
        assert np.linalg.solve(matrix.T, [*CENTRE, 1.0]).min() > -1e-5


def test_a_tilted_plane_is_flat_to_the_seat_and_not_to_the_range():
    z = (0.004 * GRID[:, 0] + 0.001 * GRID[:, 1])[None]
    assert seating(z, GRID, CENTRE).deviation_um == pytest.approx([0.0], abs=1e-9)
    assert range_um(z) == pytest.approx([0.004 * 1600 + 0.001 * 1200])


def test_one_low_bump_is_the_deviation_and_one_high_bump_is_not():
    low, high = np.zeros((1, 20)), np.zeros((1, 20))
    low[0, 7], high[0, 0] = -3.0, 2.0
    assert seating(low, GRID, CENTRE).deviation_um == pytest.approx([3.0])
    # a high corner bump tilts the part about the diagonal: the far corner lifts off
    assert seating(high, GRID, CENTRE).deviation_um[0] == pytest.approx(exhaustive(high[0], GRID, (800.0003, 600.0002)))


@pytest.mark.parametrize(
    ("places", "centre"),
    [(GRID[:2], CENTRE), (GRID[:5], (800.0, 0.0)), (GRID, (5000.0, 600.0)), (GRID[:1], CENTRE)],
    ids=["two", "one row", "centre outside", "one"],
)
def test_without_three_bumps_around_the_centre_there_is_no_seat(places, centre):
    assert seating(np.zeros((3, len(places))), places, centre) is None


@pytest.mark.parametrize(("count", "d2"), [(2, 1.128), (5, 2.326), (10, 3.078), (25, 3.931)])
def test_expected_range_is_the_published_constant(count, d2):
    assert expected_range(count) == pytest.approx(d2, abs=5e-4)
