"""The board beside a package: traces lead outwards, and join sideways only next to it."""

import numpy as np
import pytest

import chipscale
from chipscale.physics.thermal.board_cells import COPPER
from chipscale.physics.thermal.boards import board
from chipscale.physics.thermal.grid_lines import Fineness
from chipscale.physics.thermal.scene import scene
from chipscale.physics.thermal.surroundings import board_probe, case_centre, off_package_m


@pytest.fixture(scope="module")
def view():
    design = chipscale.load("examples/flash/chip.yaml")
    return {"package": design.package, "stack": design.stack, "materials": design.materials}


@pytest.fixture(scope="module")
def found(view):
    return scene(view, board("jesd51_9_2s2p"), fine=Fineness(3.0, 0.5, 10.0, 300.0, 8000.0))


def test_traces_join_sideways_only_beside_the_package(found):
    k = found.k_W_mK[:, found.z_board]
    off = off_package_m(found)
    x, y = ((edges[:-1] + edges[1:]) / 2 for edges in found.lines_m[:2])
    row = int(np.abs(y - y.mean()).argmin())
    near, far = (
        int(np.flatnonzero((x > x.mean()) & (off[row] > low) & (off[row] < high))[0])
        for low, high in ((0.0, 1e-3), (3e-3, 2e-2))
    )
    assert k[0, row, near] == pytest.approx(k[1, row, near])
    assert k[0, row, far] > 20 * k[1, row, far]


def test_squares_of_the_joints_area_end_at_lines(view, found):
    package = view["package"]
    half = package.terminal.ubm_d_um * np.sqrt(np.pi) / 4
    assert (2 * half) ** 2 == pytest.approx(np.pi / 4 * package.terminal.ubm_d_um**2)
    for ball in package.balls:
        for lines_m, middle in zip(found.lines_m, (ball.x_um, ball.y_um), strict=False):
            for edge in (middle - half, middle + half):
                assert np.abs(1e6 * lines_m - edge).min() < 1e-6


def test_both_planes_are_copper_to_their_edge(found):
    copper = next(item for item in found.substances if item.name == COPPER)
    layers = np.flatnonzero(
        found.k_W_mK[0, :, 0 + found.package[0].start, found.package[1].stop + 1] == copper.k_W_mK[0]
    )
    assert len(layers) >= 2
    assert found.k_W_mK[0, layers[0], 0, 0] < 1.0  # the board's corner lies outside the plane


def test_probe_and_middle_are_read_between_cells(found):
    x, y = ((edges[:-1] + edges[1:]) / 2 for edges in found.lines_m[:2])
    slope = np.broadcast_to(1e3 * x[None, None, :] + 2e3 * y[None, :, None], found.solid.shape)
    rows, columns = found.package
    edges_x, edges_y = found.lines_m[:2]
    middle = (edges_x[columns.start] + edges_x[columns.stop]) / 2, (edges_y[rows.start] + edges_y[rows.stop]) / 2
    assert case_centre(found, slope) == pytest.approx(1e3 * middle[0] + 2e3 * middle[1])
    at = middle[0], edges_y[rows.stop] + 0.5e-3  # the longer side is along x
    assert board_probe(found, slope) == pytest.approx(1e3 * at[0] + 2e3 * at[1])
