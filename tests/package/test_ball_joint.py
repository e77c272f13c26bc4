"""The reflowed ball: published rules, volume, outline."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chipscale.package.joint import profile, reflowed, sphere_for


@pytest.mark.parametrize(("sphere", "ubm", "ball", "rule"), [(250, 215, 260.9, 261), (300, 250, 311.4, 310)])
def test_the_ball_agrees_with_the_published_rules(sphere, ubm, ball, rule):
    found = reflowed(sphere, ubm)[0]
    assert found == pytest.approx(ball, abs=0.05)
    assert found == pytest.approx(rule, rel=0.005)


@given(st.floats(1, 1000), st.floats(0.5, 1500))
def test_volume_is_conserved(sphere, ubm):
    _, h = reflowed(sphere, ubm)
    volume = math.pi * h * (3 * (ubm / 2) ** 2 + h * h) / 6
    assert volume == pytest.approx(math.pi * sphere**3 / 6, rel=1e-9)


@given(st.floats(50, 800), st.floats(0.3, 1.0))
def test_the_sphere_of_a_ball_is_found_again(sphere, ratio):
    ball, _ = reflowed(sphere, ratio * sphere)
    assert sphere_for(ball, ratio * sphere) == pytest.approx(sphere, rel=1e-9)


def test_a_tiny_ubm_leaves_the_sphere_and_a_wide_one_a_flat_cap():
    assert reflowed(250.0, 0.001) == pytest.approx((250.0, 250.0))
    width, height = reflowed(100.0, 1000.0)
    assert width == 1000.0
    assert 0 < height < 2


@given(st.floats(100, 500), st.floats(0.4, 1.5))
def test_the_outline_encloses_the_volume(sphere, ratio):
    r, z = profile(sphere, ratio * sphere, 2001).T
    assert (r[0], z[0]) == (ratio * sphere / 2, 0.0)
    assert r[-1] == 0.0
    volume = float(np.sum(np.pi * (r[:-1] ** 2 + r[:-1] * r[1:] + r[1:] ** 2) / 3 * np.diff(z)))
    assert volume == pytest.approx(math.pi * sphere**3 / 6, rel=1e-5)


@pytest.mark.parametrize("bad", [(0, 100), (100, 0), (-1, 5), (math.nan, 5), (5, math.inf)])
def test_absurd_sizes_are_refused(bad):
    with pytest.raises(ValueError, match="positive"):
        reflowed(*bad)
