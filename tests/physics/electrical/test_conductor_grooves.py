"""Wires out of grooves against the built metal: their widths, and their resistance against sheets on triangles."""

from pathlib import Path

import numpy as np
import pytest
import shapely

from chipscale.design import Design
from chipscale.physics.electrical.conductors import conductors
from chipscale.physics.electrical.rl import PathRL
from chipscale.physics.electrical.supply import Supply
from chipscale.store import Store

CHIP = Path(__file__).parents[3] / "examples" / "image_sensor" / "chip.yaml"


@pytest.fixture(scope="module")
def sensor(tmp_path_factory):
    design = Design.load(CHIP, store=Store(tmp_path_factory.mktemp("cache")))
    return {name: getattr(design, name) for name in ("package", "layout", "stack", "materials")}


def _across_um(bar, film):
    """Return the width of the built metal across the middle of a bar."""
    middle = (np.array(bar.start_um) + np.array(bar.end_um))[:2] / 2
    half = bar.width_um * np.array(bar.across[:2])
    cut = shapely.LineString([middle - half, middle + half]).intersection(film.bottom)
    return max(part.length for part in shapely.get_parts(cut).tolist())


def test_wires_are_as_wide_as_the_metal_on_the_back(sensor):
    drawn = conductors(*(sensor[name] for name in ("package", "layout", "stack", "materials")))
    films = {body.net: body for body in sensor["stack"].on("RDL") if not body.part}
    widest: dict[str, float] = {}
    for trace in sensor["layout"].traces:
        widest[trace.net] = max(trace.width_um, widest.get(trace.net, 0.0))
    found = [
        (bar, films[bar.net])
        for bar in drawn.segments
        if bar.kind == "trace"
        and bar.net in widest
        and min(bar.start_um[2], bar.end_um[2]) > films[bar.net].z_um
        and bar.length_um > bar.width_um
        and bar.width_um < 1.05 * widest[bar.net]
    ]
    assert len(found) > len(films) / 2
    for bar, film in found:
        assert bar.width_um == pytest.approx(_across_um(bar, film), rel=5e-3)


@pytest.mark.slow
def test_bars_out_of_grooves_have_the_resistance_of_sheets(sensor):
    nets = [net.name for net in sensor["package"].nets if net.kind in ("power", "ground") and len(net.pads) == 1]
    assert len(nets) > 3
    sheets = {row["net"]: row["r_mohm"] for row in Supply(nets=tuple(nets)).run(sensor).tables["nets"]}
    for row in PathRL(nets=",".join(nets), f_Hz=0.0).run(sensor).tables["nets"]:
        assert row["r_dc_mohm"] == pytest.approx(sheets[row["net"]], rel=5e-3)
