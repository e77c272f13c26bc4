"""The plate of layers against published cases, its own plain series, and cases with a closed answer."""

import json
import math

import numpy as np
import pytest
from tests.conftest import SHARED

from chipscale.solvers import plate_series
from chipscale.solvers.plate_series import Area, Layer, Plate, resistances, rises

CASES = SHARED / "reference" / "thermal_exact.json"


@pytest.mark.skipif(not CASES.exists(), reason="reference data is not here")
@pytest.mark.parametrize("name", ["A", "B", "C"])
def test_published_cases(name):
    case = json.loads(CASES.read_text())[name]
    layers = tuple(Layer(item["t_mm"] * 1e-3, *[item["k_W_mK"]] * 3) for item in case["layers_from_source"][::-1])
    plate = Plate(*(side * 1e-3 for side in case["plate_mm"]), layers, h_below_W_m2K=case["h_W_m2K"])
    (x, y), (a, b) = [[v * 1e-3 for v in case[key]] for key in ("centre_mm", "source_mm")]
    area = Area(x - a / 2, x + a / 2, y - b / 2, y + b / 2, len(layers))
    assert resistances(plate, [area])[0, 0] == pytest.approx(case["R_mean_K_W"], rel=5e-5)  # printed to 5 digits
    centre = rises(plate, [area], np.ones(1), np.array([[x, y]]), len(layers))[0]
    assert centre == pytest.approx(case["R_centre_K_W"], rel=5e-5)  # its series was cut at 1e-4


@pytest.fixture
def board():
    layers = (
        Layer(1.6e-3, 30.0, 12.0, 0.3),
        Layer(80e-6, 0.5, 0.5, 2.0, contact_m2K_W=1e-5),
        Layer(300e-6, 130.0, 130.0, 130.0, contact_m2K_W=2e-6),
    )
    return Plate(8e-3, 6e-3, layers, h_below_W_m2K=40.0, h_above_W_m2K=15.0)


AREAS = [
    Area(1e-3, 2e-3, 1e-3, 2.5e-3, 2),
    Area(4e-3, 4.3e-3, 3e-3, 3.2e-3, 2),
    Area(2e-3, 6e-3, 2e-3, 4e-3, 3),
    Area(0.0, 8e-3, 0.0, 6e-3, 0),
]


@pytest.mark.slow
def test_images_and_plain_series_agree(board, monkeypatch):
    areas = [AREAS[k] for k in (0, 2, 3)]  # the smallest one's plain series would need 5000 cosines each way
    with_images = resistances(board, areas)
    monkeypatch.setattr(plate_series, "_MOST_PAIRS", 0)
    monkeypatch.setattr(plate_series, "_SIDE_RATIO", 0.004)
    plain = resistances(board, areas)
    assert with_images == pytest.approx(plain, rel=3e-4)


def test_what_one_does_to_the_other_it_gets_back(board):
    found = resistances(board, AREAS)
    assert found == pytest.approx(found.T, rel=1e-5)
    assert np.linalg.eigvalsh((found + found.T) / 2).min() > 0


def test_the_mean_is_the_mean_of_the_points(board):
    area = AREAS[0]
    at, weight = np.polynomial.legendre.leggauss(12)
    x = (area.x0_m + area.x1_m) / 2 + at * (area.x1_m - area.x0_m) / 2
    y = (area.y0_m + area.y1_m) / 2 + at * (area.y1_m - area.y0_m) / 2
    points = np.array([(a, b) for a in x for b in y])
    found = rises(board, [area], np.ones(1), points, 2) @ np.outer(weight, weight).ravel() / 4
    assert found == pytest.approx(resistances(board, [area])[0, 0], rel=3e-4)  # the slope at the rim is steep


def test_heat_over_the_whole_face_goes_straight_through():
    plate = Plate(2e-3, 3e-3, (Layer(1e-3, 1.0, 1.0, 2.0, 1e-4), Layer(2e-3, 9.0, 9.0, 5.0)), h_below_W_m2K=1000.0)
    whole = [Area(0.0, 2e-3, 0.0, 3e-3, face) for face in (1, 2)]
    straight = np.array([1e-3 / 2.0 + 1 / 1000.0, 2e-3 / 5.0 + 1e-4 + 1e-3 / 2.0 + 1 / 1000.0]) / 6e-6
    found = resistances(plate, whole)
    assert found[0, 0] == pytest.approx(straight[0], rel=1e-6)
    assert found[1, 1] == pytest.approx(straight[1], rel=1e-6)
    assert found[1, 0] == pytest.approx(straight[0], rel=1e-6)


def test_a_small_source_on_a_thick_plate_is_one_on_a_half_space():
    side = 20e-6
    plate = Plate(4e-3, 4e-3, (Layer(4e-3, 150.0, 150.0, 150.0),), h_below_W_m2K=math.inf)
    area = Area(2e-3 - side / 2, 2e-3 + side / 2, 2e-3 - side / 2, 2e-3 + side / 2, 1)
    half_space = 0.4732 / (150.0 * side)  # mean over a square, Yovanovich: 0.4732 / (k sqrt(A))
    beyond = 1 / (150.0 * 4e-3)  # what is missing of the half space is of this size
    assert resistances(plate, [area])[0, 0] == pytest.approx(half_space, abs=beyond)


def test_the_same_heat_lower_down_is_felt_less():
    plate = Plate(4e-3, 4e-3, (Layer(1e-3, 10.0, 10.0, 10.0), Layer(1e-3, 10.0, 10.0, 10.0)), 100.0, 0.0)
    top, low = Area(1e-3, 2e-3, 1e-3, 2e-3, 2), Area(1e-3, 2e-3, 1e-3, 2e-3, 0)
    found = resistances(plate, [top, low])
    assert found[0, 0] > found[1, 1] > found[0, 1]


@pytest.mark.parametrize(
    ("size", "layers", "films", "message"),
    [
        (0.0, (Layer(1e-3, 1.0, 1.0, 1.0),), (1.0, 0.0), "above 0"),
        (1e-3, (), (1.0, 0.0), "needs layers"),
        (1e-3, (Layer(1e-3, 1.0, 1.0, 1.0),), (0.0, 0.0), "no heat could leave"),
    ],
)
def test_what_makes_no_sense_is_refused(size, layers, films, message):
    with pytest.raises(ValueError, match=message):
        Plate(size, 1e-3, layers, *films)
