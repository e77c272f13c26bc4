"""What layers and the silicon lose, against exact answers: spheres, plates, complex permittivities, slow waves."""

from itertools import pairwise

import numpy as np
import pytest

from chipscale.physics.electrical.shunt_loss import Loss, lossy_admittance_S, positive
from chipscale.solvers.layered_images import Images, Space, images_at, share_images_at
from chipscale.solvers.panel_potential import EPS0_F_m, fill_all, panels_of
from chipscale.solvers.panel_shares import energy_shares
from chipscale.solvers.panels import Accuracy, capacitance, charges
from chipscale.solvers.substrate import Slab, arriving, slab_lengths

LAYERS = Space((4.0, 7.0, 3.3, 1.0), (4e-6, 6e-6, 22e-6), 0.0)
EXACT = Accuracy(1e-5, 1e-5, 1e-6)


def strip(x_m, z_m, wide_m=20e-6, long_m=200e-6, cells=(6, 10)):
    """Return a level strip's panels, dense at its edges."""
    across = x_m - wide_m / 2 * np.cos(np.linspace(0.0, np.pi, cells[0] + 1))
    along = -long_m / 2 * np.cos(np.linspace(0.0, np.pi, cells[1] + 1))
    return np.array(
        [[(a, c, z_m), (b, c, z_m), (b, d, z_m), (a, d, z_m)] for a, b in pairwise(across) for c, d in pairwise(along)]
    )


def two_strips():
    """Two strips, one of them in two layers' heights: in the polymer and on it."""
    parts = strip(0.0, 10e-6), strip(40e-6, 10e-6), strip(0.0, 22e-6, 60e-6, 60e-6)
    return np.concatenate(parts), np.repeat([0, 1, 0], [len(part) for part in parts])


def sphere(radius_m, n=10):
    cuts = np.tan(np.linspace(-np.pi / 4, np.pi / 4, n + 1))
    quads = []
    for axis in range(3):
        for side in (-1.0, 1.0):
            for u, v in pairwise(cuts):
                for s, t in pairwise(cuts):
                    corners = np.empty((4, 3))
                    corners[:, axis] = side
                    corners[:, (axis + 1) % 3], corners[:, (axis + 2) % 3] = (u, v, v, u), (s, s, t, t)
                    quads.append(corners / np.linalg.norm(corners, axis=1)[:, None])
    return radius_m * np.array(quads)


def complex_capacitance(corners, conductor, space, tangents):
    """Return Maxwell's matrix with complex permittivities to all orders: the whole complex matrix is solved."""
    panels, found = panels_of(corners, space, 1e-6)
    real = np.empty((len(corners), len(corners)))
    fill_all(real, panels, found)
    lossy = np.empty_like(real)
    fill_all(lossy, panels, share_images_at(space, panels.centre[:, 2], tangents, 1e-6))
    of = (conductor[:, None] == np.arange(conductor.max() + 1)).astype(float)
    whole = 4 * np.pi * EPS0_F_m * of.T @ np.linalg.solve(real + 1j * lossy, of)
    return (whole + whole.T) / 2


def test_the_layers_shares_add_up_to_the_whole():
    corners, conductor = two_strips()
    solved = charges(corners, conductor, LAYERS, EXACT)
    parts = energy_shares(corners, conductor, LAYERS, solved.charge_F, np.eye(4).tolist())
    assert np.abs(parts.sum(axis=0) - solved.matrix_F).max() < 0.015 * solved.matrix_F[0, 0]
    assert all(np.linalg.eigvalsh(part).min() > 0 for part in parts)


def test_a_share_is_the_derivative_by_a_permittivity():
    corners, conductor = two_strips()
    solved = charges(corners, conductor, LAYERS, EXACT)
    parts = energy_shares(corners, conductor, LAYERS, solved.charge_F, np.eye(4).tolist())
    for layer in range(4):
        changed = []
        for factor in (1.05, 1 / 1.05) if layer < 3 else (1.1, 1.0):
            eps = tuple(e * (factor if k == layer else 1.0) for k, e in enumerate(LAYERS.eps_ratio))
            changed.append(capacitance(corners, conductor, Space(eps, LAYERS.faces_m, 0.0), 1e-6))
        wanted = (changed[0] - changed[1]) / (2 * np.log(1.05) if layer < 3 else np.log(1.1))
        assert parts[layer] == pytest.approx(wanted, abs=0.015 * solved.matrix_F[0, 0])


def test_a_sphere_in_the_face_between_two_dielectrics():
    # C = 2 pi (eps1 + eps2) eps0 a exactly, also where permittivities are complex
    space = Space((4.0, 1.0), (0.0,), None)
    corners = sphere(100e-6)
    conductor = np.zeros(len(corners), dtype=np.int64)
    solved = charges(corners, conductor, space, EXACT)
    low, high = energy_shares(corners, conductor, space, solved.charge_F, [[1.0, 0.0], [0.0, 1.0]])[:, 0, 0]
    assert low / solved.matrix_F[0, 0] == pytest.approx(4.0 / 5.0, abs=0.01)
    assert high / solved.matrix_F[0, 0] == pytest.approx(1.0 / 5.0, abs=0.01)


@pytest.mark.parametrize("tangent", [0.01, 0.1])
def test_the_first_order_is_what_complex_permittivities_give(tangent):
    # the whole complex system: off by the square of the loss tangent
    corners, conductor = two_strips()
    tangents = [0.3 * tangent, 0.0, tangent, 0.0]
    solved = charges(corners, conductor, LAYERS, EXACT)
    found = energy_shares(corners, conductor, LAYERS, solved.charge_F, [tangents])[0]
    exact = complex_capacitance(corners, conductor, LAYERS, tangents)
    assert np.abs(found + exact.imag).max() < (0.015 + tangent**2) * tangent * solved.matrix_F[0, 0]


def test_plates_with_two_layers_between_are_in_series():
    # what a square plate's area adds, without its edges: second difference of three sizes
    space, sizes = Space((4.0, 2.0, 1.0), (2e-6, 5e-6), 0.0), (200e-6, 300e-6, 400e-6)
    found = []
    for size in sizes:
        corners = strip(0.0, 5e-6, size, size, (14, 14))
        conductor = np.zeros(len(corners), dtype=np.int64)
        solved = charges(corners, conductor, space, EXACT)
        found.append(energy_shares(corners, conductor, space, solved.charge_F, [[0.02, 0.05, 0.0]])[0, 0, 0])
    per_m2 = (found[0] - 2 * found[1] + found[2]) / (sizes[0] ** 2 - 2 * sizes[1] ** 2 + sizes[2] ** 2)
    exact = EPS0_F_m / (2e-6 / (4.0 * (1 - 0.02j)) + 3e-6 / (2.0 * (1 - 0.05j)))
    assert per_m2 == pytest.approx(-exact.imag, rel=0.04)


def test_images_of_all_layers_together_are_those_of_the_charge():
    z = np.array([10e-6, 22e-6, 10e-6, 100e-6])
    kinds, whole = images_at(LAYERS, z, 1e-5)
    share = share_images_at(LAYERS, z, (1.0, 1.0, 1.0, 1.0), 1e-5)

    def potential(images: Images, i: int, j: int, rho: float) -> float:
        m = slice(images.first[kinds[i], kinds[j]], images.last[kinds[i], kinds[j]])
        up = z[i] - images.flip[m] * z[j] - images.shift_m[m]
        return float((images.amount[m] / np.hypot(rho, up)).sum())

    for i in range(4):
        for j in range(4):
            assert potential(share, i, j, 15e-6) == pytest.approx(potential(whole, i, j, 15e-6), rel=2e-3)


# ---- silicon -----------------------------------------------------------------------------------------------------


def test_flux_that_arrives_at_the_ground():
    k = np.array([0.0, 1e4, 1e5, 5e5])
    assert arriving(Space(), k, 10e-6) == pytest.approx(np.exp(-k * 10e-6), rel=1e-3)
    # one layer of 4 under air, at its top: 1 / (cosh + sinh / 4)
    inside = 1 / (np.cosh(k * 10e-6) + np.sinh(k * 10e-6) / 4)
    assert arriving(Space((4.0, 1.0), (10e-6,), 0.0), k, 10e-6) == pytest.approx(inside, rel=1e-3)
    # between two planes, a third of the way up: 2/3 of the charge goes down
    assert arriving(Space((1.0,), (), 0.0, 30e-6), k[:1], 10e-6) == pytest.approx([2 / 3], rel=1e-3)


def disc(radius_m, z_m, rings=6, sides=24):
    radius = radius_m * np.sqrt(np.arange(rings + 1) / rings) * np.sqrt(2 * np.pi / sides / np.sin(2 * np.pi / sides))
    angle = 2 * np.pi * np.arange(sides + 1) / sides
    return np.array(
        [
            [(500e-6 + q * np.cos(w), 500e-6 + q * np.sin(w), z_m) for q, w in ((r, a), (s, a), (s, b), (r, b))]
            for r, s in pairwise(radius)
            for a, b in pairwise(angle)
        ]
    )


def test_current_spreads_from_a_disc():
    # an even flux through a disc into a half-space meets 8 rho / (3 pi² a) in the mean over the disc
    a = 60e-6
    corners = disc(a, 0.5e-6)
    area = np.linalg.norm(np.cross(corners[:, 2] - corners[:, 0], corners[:, 3] - corners[:, 1]), axis=1) / 2
    charge = (area / area.sum())[:, None]
    found = slab_lengths(corners, charge, Space(), Slab(1e-3, 1e-3, 0.5e-3))[0, 0]
    assert found == pytest.approx(8 / (3 * np.pi**2 * a), rel=0.05)


def test_an_even_current_fills_the_whole_silicon():
    corners = strip(500e-6, 1e-6, 1e-3, 1e-3) + np.array([0.0, 500e-6, 0.0])
    area = np.linalg.norm(np.cross(corners[:, 2] - corners[:, 0], corners[:, 3] - corners[:, 1]), axis=1) / 2
    found = slab_lengths(corners, (area / area.sum())[:, None], Space(), Slab(1e-3, 1e-3, 0.5e-3))[0, 0]
    assert found == pytest.approx(0.5e-3 / 1e-6, rel=0.01)


def mis(f_Hz, rho_ohm_m, oxide_m=1e-6, silicon_m=250e-6, wide_m=160e-6):
    """Return admittance per metre of a wide microstrip on oxide on silicon: both layers as plates in series with all of
    their complex permittivity (Hasegawa, Furukawa, Yanai, IEEE Trans. MTT 19 (1971) 869)."""
    omega = 2 * np.pi * f_Hz
    oxide = 1j * omega * 3.9 * EPS0_F_m * wide_m / oxide_m
    silicon = (1 / rho_ohm_m + 1j * omega * 11.7 * EPS0_F_m) * wide_m / silicon_m
    return 1 / (1 / oxide + 1 / silicon)


@pytest.mark.parametrize("f_Hz", [1e6, 1e8, 1e9, 1.5e10, 1e11])
def test_a_slow_wave_line_as_wide_as_its_silicon(f_Hz):
    rho = 0.1
    c_F = np.array([[3.9 * EPS0_F_m * 160e-6 / 1e-6]])
    corners = strip(80e-6, 1e-6, 160e-6, 160e-6) + np.array([0.0, 80e-6, 0.0])
    area = np.linalg.norm(np.cross(corners[:, 2] - corners[:, 0], corners[:, 3] - corners[:, 1]), axis=1) / 2
    charge = (area / area.sum())[:, None]
    length = slab_lengths(corners, charge, Space((3.9, 1.0), (1e-6,), 0.0), Slab(160e-6, 160e-6, 250e-6))
    r_ohm = rho * length * 160e-6  # per metre of line
    found = lossy_admittance_S(c_F, np.zeros((1, 1)), (r_ohm, rho * 11.7 * EPS0_F_m), f_Hz)[0, 0]
    assert found == pytest.approx(mis(f_Hz, rho), rel=0.01)


def test_the_slow_wave_ends_where_the_silicon_is_a_dielectric():
    # below the interface's own frequency C is that of the oxide alone; far above, that of both in series
    rho, c = 0.1, 3.9 * EPS0_F_m * 160.0
    slow, fast = (mis(f, rho) / (2j * np.pi * f) for f in (1e3, 1e13))
    assert slow.real == pytest.approx(c, rel=1e-6)
    assert fast.real == pytest.approx(1 / (1 / c + 250e-6 / (11.7 * EPS0_F_m * 160e-6)), rel=1e-3)


def test_lossy_admittances_are_passive_at_every_frequency():
    rng = np.random.default_rng(3)
    half = rng.random((3, 4, 4))
    c, d, r = (h @ h.T for h in half)
    loss = Loss(1e-2 * 1e-12 * d, 50 * r, 1e-11)
    for f_Hz in np.geomspace(1e3, 1e13, 30):
        y = loss.admittance_S(1e-12 * c, f_Hz)
        assert np.abs(y - y.T).max() <= 1e-12 * np.abs(y).max()
        assert np.linalg.eigvalsh(y.real).min() > -1e-9 * np.abs(y).max()


def test_no_loss_is_the_capacitance_alone():
    c = np.array([[2.0, -0.5], [-0.5, 1.0]]) * 1e-12
    y = lossy_admittance_S(c, np.zeros((2, 2)), (np.zeros((2, 2)), 0.0), 1e9)
    assert y == pytest.approx(2j * np.pi * 1e9 * c)


def test_rounding_below_zero_is_lifted():
    assert positive(np.array([[1.0, 1.0], [1.0, 1.0 - 1e-9]])) == pytest.approx(np.ones((2, 2)), abs=1e-8)
