"""The fuse current against Onderdonk's equation, its limits, and a step-by-step integration."""

import math
from dataclasses import replace

import pytest

from chipscale.materials.library import material
from chipscale.physics.electrical.fuse import (
    CIRCULAR_MIL_UM2,
    Wire,
    adiabatic_A,
    fuse_A,
    heat_path_W_mK,
    onderdonk_A,
    steady_A,
    time_constant_s,
    wire_of,
)

RDL = Wire(40.0, 6.0, 17.2, 3930.0, 20.0, 8960.0, 385.0, 1084.62, 6.0, 0.2)


def test_onderdonk_by_hand():
    """33 (I / a)² s = log10(1 + 1043 / 274) from 40 °C: 143.8 A melt 1000 circular mils in a second."""
    exact = 1000 * math.sqrt(math.log10(1 + 1043 / 274) / 33)
    assert onderdonk_A(1000 * CIRCULAR_MIL_UM2, 1.0, 40.0) == pytest.approx(exact)
    assert exact == pytest.approx(143.8, abs=0.1)


def test_the_wires_own_metal_gives_onderdonks_current():
    """His constants are copper's: the same integral from the library's values agrees within 1 %."""
    for pulse_s in (1e-7, 1e-5):
        assert adiabatic_A(RDL, pulse_s) == pytest.approx(onderdonk_A(240.0, pulse_s), rel=0.01)


def test_short_pulses_lose_no_heat_and_long_ones_all():
    assert fuse_A(RDL, 1e-8) == pytest.approx(adiabatic_A(RDL, 1e-8), rel=1e-3)
    assert fuse_A(RDL, 10.0) == pytest.approx(steady_A(RDL), rel=1e-3)
    between = fuse_A(RDL, time_constant_s(RDL))
    assert between > max(adiabatic_A(RDL, time_constant_s(RDL)), steady_A(RDL))


def test_between_them_the_wire_melts_just_at_the_pulses_end():
    """Integrated in small steps: with the fuse current it is at its melting point when the pulse ends."""
    pulse_s, steps = 3e-4, 60000
    amps = fuse_A(RDL, pulse_s)
    temperature = 25.0
    area = RDL.area_um2 * 1e-12
    for _ in range(steps):
        resistivity = 17.2e-9 * (1 + 3.93e-3 * (temperature - 20.0))
        heat = amps**2 * resistivity / area - heat_path_W_mK(RDL) * (temperature - 25.0)
        temperature += heat / (8960.0 * 385.0 * area) * pulse_s / steps
    assert temperature == pytest.approx(1084.62, rel=2e-3)


def test_a_steady_wire_loses_what_it_makes():
    amps = steady_A(RDL)
    per_length = 17.2e-9 * (1 + 3.93e-3 * (1084.62 - 20.0)) / 240e-12
    assert amps**2 * per_length == pytest.approx(heat_path_W_mK(RDL) * (1084.62 - 25.0))
    assert steady_A(replace(RDL, under_um=12.0)) < amps < steady_A(replace(RDL, width_um=60.0))


def test_a_wide_wire_loses_heat_as_a_plate():
    wide = replace(RDL, width_um=4000.0)
    assert heat_path_W_mK(wide) == pytest.approx(0.2 * 4000 / 6, rel=0.2)


def test_the_library_knows_copper_and_aluminium_wires_on_polyimide():
    for name, melts in (("Cu_plated", 1084.62), ("Al", 660.32)):
        wire = wire_of((40.0, 6.0), material(name), (material("PI"), 6.0))
        assert wire is not None
        assert wire.t_melt_C == melts
        assert 0.5 < steady_A(wire) < 5.0
    assert wire_of((40.0, 6.0), material("SAC305"), (material("PI"), 6.0)) is None
    assert wire_of((40.0, 6.0), material("Al"), (material("PI"), 0.0)) is None
