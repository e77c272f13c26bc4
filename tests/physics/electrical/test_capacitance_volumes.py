"""Capacitance by panels against another method, finite volumes of permittivity, on the same stack."""

import numpy as np
import pytest
import shapely
from shapely import Point, box

from chipscale.layout.types import Layout
from chipscale.materials.library import material
from chipscale.physics.electrical.capacitance import Capacitance
from chipscale.solvers.diffusion import Cells, cells, solve
from chipscale.stack.types import Revolved, Slab, Stack
from chipscale.stack.volume import region_at, z_range_um

EPS0_F_m = 8.8541878128e-12
SIDE_um, HIGH_um = 1200.0, 900.0
PI_ratio = 3.3


def _slab(name, net, region, low, high, stuff="Cu"):
    return Slab(name, "RDL" if net else "film", stuff, low, high - low, region, region, net)


def _small_package():
    """Return two nets of a small package: a ball on a land with a wire to a via of each, polyimide on silicon."""
    whole = box(-SIDE_um / 2, -SIDE_um / 2, SIDE_um / 2, SIDE_um / 2)
    bodies = [
        Slab("die", "DIE", "Si", -100.0, 100.0, whole, whole),
        _slab("film", None, whole, 0.0, 20.0, "PI"),
    ]
    for net, x, turn in (("a", -100.0, 1), ("b", 100.0, -1)):
        land = Point(x, 0.0).buffer(80.0)
        wire = box(x - 20.0, min(0.0, turn * 240.0), x + 20.0, max(0.0, turn * 240.0))
        bodies.append(_slab(f"{net} metal", net, shapely.union(land, wire), 10.0, 15.0))
        angle = np.linspace(-1.0, 1.0, 33)
        profile = np.column_stack((85.0 * np.sqrt(1.04 - angle**2) / np.sqrt(1.04), 15.0 + 70.0 * (angle + 1.0)))
        bodies.append(Revolved(f"{net} ball", "BALL", "SAC305", x, 0.0, profile, net))
    return Stack("two balls", SIDE_um, SIDE_um, tuple(bodies))


def _graded(*spans):
    """Return cuts: (start, stop, size) one after the other."""
    found = [np.linspace(a, b, max(1, round((b - a) / size)) + 1) for a, b, size in spans]
    return np.unique(np.round(np.concatenate(found), 6))


def _volumes_pF(stack, nets, eps_above, fine_um):
    """Return Maxwell's matrix from the energies of fields in cells; the silicon and the box's walls are grounded."""
    x = _graded((-600, -220, 6 * fine_um), (-220, 220, fine_um), (220, 600, 6 * fine_um))
    y = _graded((-600, -270, 6 * fine_um), (-270, 270, fine_um), (270, 600, 6 * fine_um))
    z = _graded((0, 10, 2.5), (10, 20, 1.25), (20, 160, 10), (160, HIGH_um, 40))
    mx, my, mz = ((c[1:] + c[:-1]) / 2 for c in (x, y, z))
    eps = np.where(mz < 20, PI_ratio, eps_above)[:, None, None] * np.ones((1, len(my), len(mx)))
    owner = np.full(eps.shape, -1)
    flat_x, flat_y = (part.ravel() for part in np.meshgrid(mx, my))
    for body in stack.bodies:
        if body.net is None:
            continue
        low, high = z_range_um(body)
        for k in np.flatnonzero((mz > low) & (mz < high)):
            inside = shapely.contains_xy(region_at(body, float(mz[k])), flat_x, flat_y)
            owner[k][inside.reshape(len(my), len(mx))] = nets.index(body.net)
    sides = tuple(1e-6 * np.diff(c) for c in (x, y, z))
    made = cells(*(eps * EPS0_F_m,) * 3, sides)
    dx, dy, dz = sides
    out = made.out.copy()  # half a cell from its centre to the grounded walls
    out[0] += 2 * EPS0_F_m * eps[0] * dy[:, None] * dx / dz[0]
    out[-1] += 2 * EPS0_F_m * eps[-1] * dy[:, None] * dx / dz[-1]
    for at, side in ((0, dx[0]), (-1, dx[-1])):
        out[:, :, at] += 2 * EPS0_F_m * eps[:, :, at] * dz[:, None] * dy / side
    for at, side in ((0, dy[0]), (-1, dy[-1])):
        out[:, at, :] += 2 * EPS0_F_m * eps[:, at, :] * dz[:, None] * dx / side
    # metal: faces at half a cell from the centre beside it, all of its cells at the net's voltage
    faces = {"gx": _to_metal(made.gx, owner, eps, sides, 2), "gy": _to_metal(made.gy, owner, eps, sides, 1)}
    faces["gz"] = _to_metal(made.gz, owner, eps, sides, 0)
    stiff = 1e9 * EPS0_F_m * 1e-6
    matrix = np.zeros((len(nets), len(nets)))
    volts = []
    for k in range(len(nets)):
        held = np.where(owner >= 0, stiff, 0.0)
        level = Cells(faces["gx"], faces["gy"], faces["gz"], out * (owner < 0) + held)
        found = solve(level, held * (owner == k), first=(owner == k).astype(float), tolerance_ratio=1e-12)
        volts.append(np.where(owner >= 0, owner == k, found.value))
    for i in range(len(nets)):
        for j in range(len(nets)):
            energy = (out * (owner < 0) * volts[i] * volts[j]).sum()
            for axis, name in enumerate(("gz", "gy", "gx")):
                energy += (faces[name] * np.diff(volts[i], axis=axis) * np.diff(volts[j], axis=axis)).sum()
            matrix[i, j] = energy
    return 1e12 * matrix


def _to_metal(g, owner, eps, sides, axis):
    """Return the conductances with those between a dielectric's centre and metal over half a cell only."""
    low = [slice(None)] * 3
    high = [slice(None)] * 3
    low[axis], high[axis] = slice(None, -1), slice(1, None)
    a, b = owner[tuple(low)] >= 0, owner[tuple(high)] >= 0
    step = sides[2 - axis].reshape([-1 if k == axis else 1 for k in range(3)]) * np.ones(owner.shape)
    half_low, half_high = (step[tuple(s)] / eps[tuple(s)] for s in (low, high))
    return np.where(
        a & ~b, g * (half_low + half_high) / half_high, np.where(b & ~a, g * (half_low + half_high) / half_low, g)
    )


@pytest.mark.parametrize(("above", "eps"), [("air", 1.0), ("Underfill", 3.6)])
def test_panels_and_finite_volumes_agree(above, eps):
    stack = _small_package()
    materials = {name: material(name) for name in ("Si", "Cu", "PI", "SAC305")}
    view = {"stack": stack, "layout": Layout(SIDE_um, SIDE_um, (), (), (), ()), "materials": materials}
    panels = Capacitance(above=above, tolerance_pct=0.3).run(view).fields["matrix_pF"]
    volumes = _volumes_pF(stack, ["a", "b"], eps, 10.0)
    # cells of half the size give 0.9 % more; round metal is steps
    assert np.diag(panels) == pytest.approx(np.diag(volumes), rel=0.02)
    assert panels[0, 1] == pytest.approx(volumes[0, 1], rel=0.05)
