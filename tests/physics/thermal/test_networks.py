"""Foster and Cauer networks: they give the impedance back, all parts positive, and ngspice reads them."""

import shutil
import subprocess

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chipscale.physics.thermal.cauer import ladder
from chipscale.physics.thermal.foster import fitted
from chipscale.physics.thermal.network_spice import cauer_text, foster_text
from chipscale.physics.thermal.response_rows import stage_rows
from chipscale.solvers.diffusion_modes import grown

TIMES = np.geomspace(1e-5, 1e3, 160)


def bar(times, r=40.0, tau=5.0):
    """Return the rise of a bar of resistance r, shorted at its end, and diffusion time tau (exact series)."""
    n = np.arange(20000) + 0.5
    return grown(times, tau / (np.pi * n) ** 2) @ (2 * r / (np.pi * n) ** 2)


def test_a_network_is_found_again():
    r, tau = np.array([0.5, 3.0, 20.0, 9.0]), np.array([1e-4, 3e-3, 0.4, 60.0])
    found = fitted(TIMES, grown(TIMES, tau) @ r, r.sum(), 1e-3)
    assert found.r_K_W == pytest.approx(r, rel=1e-2)
    assert found.tau_s == pytest.approx(tau, rel=1e-2)


@pytest.mark.parametrize("wanted", [0.03, 0.01])
def test_as_few_stages_as_hold_the_limit(wanted):
    z = bar(TIMES)
    found = fitted(TIMES, z, 40.0, wanted)
    assert np.abs(found.at(TIMES) / z - 1).max() == pytest.approx(found.error_ratio)
    assert found.error_ratio <= wanted
    assert found.r_K_W.sum() == pytest.approx(40.0, rel=1e-9)
    assert (found.r_K_W > 0).all()
    assert (found.c_J_K > 0).all()
    fewer = fitted(TIMES, z, 40.0, wanted, len(found.r_K_W) - 1)
    assert fewer.error_ratio > wanted


def impedance(way, s):
    """Return the ladder's impedance at a rate s, from its end to its beginning."""
    z = 0.0
    for r, c in zip(way.r_K_W[::-1], way.c_J_K[::-1], strict=True):
        z = 1.0 / (s * c + 1.0 / (r + z))
    return z


@given(st.lists(st.tuples(st.floats(0.01, 50.0), st.floats(0.05, 3.0)), min_size=1, max_size=25))
@settings(max_examples=40, deadline=None)
def test_the_ladder_has_the_same_impedance(stages):
    r, steps = np.array(stages).T
    tau = 1e-6 * np.exp(np.cumsum(steps))
    way = ladder(r, tau)
    assert len(way.r_K_W) == len(r)
    assert (way.r_K_W > 0).all()
    assert (way.c_J_K > 0).all()
    assert way.r_K_W.sum() == pytest.approx(r.sum(), rel=1e-9)
    for s in np.geomspace(0.1 / tau[-1], 10 / tau[0], 9):
        assert impedance(way, s) == pytest.approx((r / (1 + s * tau)).sum(), rel=1e-9)


@pytest.mark.skipif(shutil.which("ngspice") is None, reason="ngspice is not installed")
@pytest.mark.parametrize("kind", ["foster", "cauer"])
def test_ngspice_warms_up_the_same(kind, tmp_path):
    z = bar(TIMES)
    found = fitted(TIMES, z, 40.0, 0.01)
    rows = stage_rows(found.r_K_W, found.c_J_K)
    if kind == "foster":
        text = foster_text("a-part", rows, ("a bar",))
    else:
        text = cauer_text("a-part", stage_rows(*ladder(found.r_K_W, found.tau_s)), ("a bar",))
    (tmp_path / "part.sp").write_text(text, encoding="ascii")
    deck = [
        "step",
        '.include "part.sp"',
        "I1 0 j pwl(0 0 1e-9 2)",
        "X1 j 0 a_part",
        ".options reltol=1e-5",
        ".tran 0.01 20 0 0.01",
        *(f".meas tran v{k} find v(j) at={at:g}" for k, at in enumerate((0.05, 0.5, 2.0, 19.0))),
        ".end",
    ]
    (tmp_path / "deck.cir").write_text("\n".join(deck) + "\n", encoding="ascii")
    done = subprocess.run(["ngspice", "-b", "deck.cir"], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    values = [float(line.split("=")[1].split()[0]) for line in done.stdout.splitlines() if line.startswith("v")]
    assert len(values) == 4, done.stdout + done.stderr
    exact = 2.0 * bar(np.array([0.05, 0.5, 2.0, 19.0]))
    assert values == pytest.approx(exact, rel=0.012)
