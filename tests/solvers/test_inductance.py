"""Partial inductances against exact values; the numbers are those of the sources, 15 digits, in H."""

import numpy as np
import pytest

from chipscale.solvers.inductance import Bars, partial_inductance


def bars(*rows):
    """Rows of (start, end, across, width, thickness) in µm."""
    start, end, across, width, thick = (np.array(column, dtype=float) for column in zip(*rows, strict=True))
    return Bars(start * 1e-6, end * 1e-6, across, width * 1e-6, thick * 1e-6)


def upright(x, low, high, width, thick):
    return ((x, 0, low), (x, 0, high), (1, 0, 0), width, thick)


# Hoer and Love, J. Res. NBS 69C (1965) 127, eq. 14, and Neumann's integral, in extended precision
EXACT = {
    "wire 20 x 5 x 1000": ((upright(0, 0, 1000, 20, 5),), 9.77330806452168e-10),
    "plate 500 x 5 x 1000": ((upright(0, 0, 1000, 500, 5),), 4.06470498543007e-10),
    "post 222 x 222 x 200": ((upright(0, 0, 200, 222, 222),), 3.50823309995456e-11),
    "side by side": ((upright(0, 0, 1000, 20, 5), upright(40, 0, 1000, 20, 5)), 5.94429724427175e-10),
    "end to end": ((upright(0, 0, 500, 20, 5), upright(0, 500, 1000, 20, 5)), 6.86062871425157e-11),
    "balls": ((upright(0, 0, 200, 222, 222), upright(400, 0, 200, 222, 222)), 1.00243989322049e-11),
    "far apart": ((upright(0, 0, 10, 5, 5), upright(3000, 0, 10, 5, 5)), 3.33333101852259e-15),
    "filaments": ((upright(0, 0, 1000, 0.01, 0.01), upright(40, 0, 1000, 0.01, 0.01)), 5.90324617077102e-10),
}


@pytest.mark.parametrize("case", sorted(EXACT))
def test_exact_values(case):
    rows, expected = EXACT[case]
    found = partial_inductance(bars(*rows))[0, -1]
    assert found == pytest.approx(expected, rel=1e-6)


def test_a_bar_is_the_sum_of_its_parts():
    whole = partial_inductance(bars(upright(0, 0, 200, 215, 215)))[0, 0]
    parts = partial_inductance(bars(*[upright(0, 50 * k, 50 * k + 50, 215, 215) for k in range(4)]))
    assert parts.sum() == pytest.approx(whole, rel=1e-9)


def test_direction_only_changes_the_sign():
    there = bars(upright(0, 0, 300, 20, 5), upright(60, 50, 200, 20, 5))
    back = bars(upright(0, 0, 300, 20, 5), upright(60, 200, 50, 20, 5))
    assert partial_inductance(back)[0, 1] == pytest.approx(-partial_inductance(there)[0, 1], rel=1e-12)


def test_filaments_at_an_angle_from_one_corner():
    # Grover 1946, ch. 7: M = (mu0/4pi) 2 cos(t) (a atanh(b/(a+r)) + b atanh(a/(b+r))), r the third side
    a, b, angle = 300.0, 200.0, np.radians(60)
    r = np.sqrt(a * a + b * b - 2 * a * b * np.cos(angle))
    exact = 1e-7 * 1e-6 * 2 * np.cos(angle) * (a * np.arctanh(b / (a + r)) + b * np.arctanh(a / (b + r)))
    u = (np.cos(angle), np.sin(angle), 0)
    rows = (
        ((0, 0, 0), (a, 0, 0), (0, 1, 0), 1e-3, 1e-3),
        ((0, 0, 0), (b * u[0], b * u[1], 0), (-u[1], u[0], 0), 1e-3, 1e-3),
    )
    assert partial_inductance(bars(*rows))[0, 1] == pytest.approx(exact, rel=1e-5)


@pytest.mark.parametrize("tolerance", [1e-6, 1e-4])
def test_the_matrix_is_symmetric_and_positive(tolerance):
    rng = np.random.default_rng(3)
    rows = []
    for x, y in rng.uniform(0, 2000, (80, 2)):
        turn = rng.integers(0, 8) * np.pi / 4
        u = np.array([np.cos(turn), np.sin(turn), 0.0])
        start = np.array([x, y, 10.0])
        rows.append((start, start + rng.uniform(40, 400) * u, (-u[1], u[0], 0.0), 4.0, 1.7))
    found = partial_inductance(bars(*rows), tolerance)
    assert np.array_equal(found, found.T)
    assert np.linalg.eigvalsh(found).min() > 0
