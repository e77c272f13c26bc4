"""The density map against areas known by hand."""

import numpy as np
import pytest

from chipscale.errors import InputError
from chipscale.layout.density import Density
from chipscale.layout.seal_ring import rectangle
from chipscale.layout.types import Layout, Polygon


def _layout(*boxes: tuple[float, float, float, float], size: tuple[float, float] = (1000.0, 600.0)) -> Layout:
    return Layout(*size, (), tuple(Polygon("RDL", "fill", rectangle(*box)) for box in boxes), (), ())


def test_windows_hold_what_lies_in_them() -> None:
    result = Density().run({"layout": _layout((0, 0, 100, 600), (450, 250, 550, 350))})
    field = result.fields["rdl_ratio"]
    assert field.shape == (5, 9)
    assert field[:, 0] == pytest.approx(0.5)
    assert field[:, 1] == pytest.approx(0.0)
    assert field[2, 3:6] == pytest.approx([0.125, 0.25, 0.125])
    assert result.fields["x_um"].tolist() == list(np.arange(100.0, 901.0, 100.0))
    assert result.metrics["rdl_mean_ratio"] == pytest.approx((60000 + 10000) / 600000)
    assert result.metrics["rdl_max_ratio"] == pytest.approx(0.5)
    assert result.metrics["rdl_min_ratio"] == 0.0
    assert "ubm_ratio" not in result.fields


def test_overlapping_shapes_count_once_and_the_last_window_ends_at_the_edge() -> None:
    result = Density().run({"layout": _layout((0, 0, 470, 470), (0, 0, 300, 300), size=(470.0, 470.0))})
    assert result.fields["x_um"].tolist() == [100.0, 200.0, 300.0, 370.0]
    assert result.fields["rdl_ratio"] == pytest.approx(1.0)


def test_a_window_larger_than_the_die() -> None:
    result = Density(window_um=5000.0, step_um=100.0).run({"layout": _layout((0, 0, 500, 600))})
    assert result.fields["rdl_ratio"].tolist() == [[pytest.approx(0.5)]]


def test_a_bad_step_is_refused() -> None:
    with pytest.raises(InputError, match="step"):
        Density(step_um=300.0).run({"layout": _layout((0, 0, 500, 600))})
