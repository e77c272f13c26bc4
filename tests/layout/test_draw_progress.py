"""Drawing tells its progress as (fraction, text), with one layer and with two, though the router counts otherwise."""

from pathlib import Path

import pytest

from chipscale.layout.draw import draw
from chipscale.package.families.fan_in_wlcsp import FanInWlcsp
from chipscale.spec.read import read_spec

CHIP = Path(__file__).parents[2] / "examples" / "caravel" / "chip.yaml"


@pytest.mark.parametrize("layers", [1, 2])
def test_progress_is_a_fraction_and_a_text(layers):
    package = FanInWlcsp().build(read_spec(CHIP, {"rdl.layers": layers, "rdl.spread": False}))
    told = []
    draw(package, progress=lambda part, text: told.append((part, text)))
    assert told
    assert all(0.0 <= part <= 1.0 and isinstance(text, str) for part, text in told)
