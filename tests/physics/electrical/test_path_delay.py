"""Delay and impedance of nets against a line known by hand, and what it needs."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from chipscale.errors import InputError
from chipscale.physics.electrical.path_delay import PathDelay
from chipscale.results import Result


def view(kinds=("signal", "ground"), r_mohm=((1.0, 0.0), (0.0, 1.0))):
    """Two nets of one ball: 3 nH and 2 nH partial, 1 nH mutual, so a loop of 3 nH; 0.2 pF."""
    names = ("sig", "gnd")
    nets = tuple(
        SimpleNamespace(name=name, kind=kind, balls=(name,), pads=(name,))
        for name, kind in zip(names, kinds, strict=True)
    )
    order = [{"row": k, "net": name, "terminal": f"ball {name}"} for k, name in enumerate(names)]
    fields = {"r_mohm": np.array(r_mohm), "l_nH": np.array([[3.0, 1.0], [1.0, 2.0]])}
    rl = Result("electrical.rl", tables={"order": order, "nets": []}, fields=fields)
    c = Result("electrical.capacitance", tables={"nets": [{"net": name, "c_pF": 0.2} for name in names]})
    return {"package": SimpleNamespace(nets=nets), "electrical.rl": rl, "electrical.capacitance": c}


def test_a_loop_of_3_nH_and_200_fF():
    result = PathDelay().run(view())
    (row,) = result.tables["nets"]
    assert row["inductance"] == "loop, return gnd"
    assert row["l_loop_nH"] == pytest.approx(3.0 + 2.0 - 2.0 * 1.0)
    assert row["r_loop_mohm"] == pytest.approx(2.0)
    assert row["delay_ps"] == pytest.approx(np.sqrt(3e-9 * 0.2e-12) * 1e12, rel=1e-5)
    assert row["z_ohm"] == pytest.approx(np.sqrt(3e-9 / 0.2e-12), rel=1e-5)
    assert set(result.metrics) == set(PathDelay.metrics)


def test_what_it_rests_on_is_told():
    seen = view()
    seen["electrical.rl"] = replace(seen["electrical.rl"], state="doubtful", warnings=("open",))
    result = PathDelay().run(seen)
    assert result.state == "doubtful"
    assert "electrical.rl" in result.warnings[0]


@pytest.mark.parametrize(("kinds", "asked"), [(("signal", "power"), ""), (("signal", "ground"), "vdd")])
def test_no_return_no_loop(kinds, asked):
    with pytest.raises(InputError):
        PathDelay(return_net=asked).run(view(kinds))
