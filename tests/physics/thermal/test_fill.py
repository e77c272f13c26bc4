"""What cells hold where edges cut them: strips along and across, copper over a part of a film."""

import numpy as np
import pytest
import shapely

from chipscale.physics.thermal.fill import filled
from chipscale.physics.thermal.substances import Substance
from chipscale.stack.types import Slab

COPPER, POLYMER = 390.0, 0.2
KNOWN = {
    "copper": Substance("copper", (COPPER,) * 3, 3.4e6),
    "polymer": Substance("polymer", (POLYMER,) * 3, 2e6),
}
GRID = np.array([0.0, 60.0, 120.0, 180.0])


def cells_of(region, z=(0.0, 6.0), lines=(0.0, 6.0), mixture="mean"):
    slab = Slab("strip", "RDL", "copper", z[0], z[1] - z[0], region, region)
    between = ["polymer"] * (len(lines) - 1)
    return filled([slab], (GRID, GRID, np.array(lines)), between, KNOWN, mixture)


@pytest.mark.parametrize("low", [63.0, 71.0, 88.0, 96.5])
def test_a_strip_conducts_along_by_its_width_wherever_it_lies(low):
    found = cells_of(shapely.box(0.0, low, 180.0, low + 20.0))
    share = 20.0 / 60.0
    assert found.k_W_mK[0, 0, 1, 1] == pytest.approx(share * COPPER + (1 - share) * POLYMER, rel=1e-6)
    assert found.k_W_mK[1, 0, 1, 1] == pytest.approx(1 / (share / COPPER + (1 - share) / POLYMER), rel=1e-6)
    assert found.gap_ratio < 1e-6


def test_a_slanted_edge_lies_between_its_bounds():
    region = shapely.Polygon([(0, 0), (180, 0), (180, 110), (0, 70)])
    low, mean, high = (cells_of(region, mixture=name).k_W_mK[0, 0, 1, 1] for name in ("low", "mean", "high"))
    assert low < mean < high
    assert mean < 0.5 * COPPER  # half of the cell or less is copper, and the edge is slanted


def test_copper_over_half_a_film_takes_only_the_heat_below_it():
    found = cells_of(shapely.box(0.0, 0.0, 90.0, 180.0), z=(6.0, 12.0), lines=(0.0, 6.0, 12.0))
    film, copper = 3e-6 / POLYMER, 3e-6 / COPPER
    passed = 0.5 / (film + copper) + 0.5 / (film + film)
    side_by_side = 0.5 * COPPER + 0.5 * POLYMER
    by_means = 1 / (film + 3e-6 / side_by_side)
    assert found.upright_ratio[0, 1, 1] == pytest.approx(passed / by_means, rel=1e-6)
    assert found.upright_ratio[0, 1, [0, 2]] == pytest.approx(1.0)
