"""Names carry units, and the table converts them."""

from __future__ import annotations

import pytest

from chipscale.units import UNITS, to_si, unit_of


@pytest.mark.parametrize(
    ("name", "value", "si"),
    [
        ("pitch_um", 400.0, 4e-4),
        ("t_junction_C", 25.0, 298.15),
        ("theta_jb_K_W", 30.0, 30.0),
        ("j_A_dm2", 2.0, 200.0),
        ("diameter_mm", 300.0, 0.3),
    ],
)
def test_to_si(name: str, value: float, si: float) -> None:
    assert to_si(name, value) == pytest.approx(si, rel=1e-12)


def test_a_bare_name_is_refused() -> None:
    assert unit_of("pitch") is None
    with pytest.raises(KeyError):
        to_si("pitch", 1.0)


def test_the_longest_suffix_wins() -> None:
    assert unit_of("theta_K_W") is UNITS["K_W"]
    assert unit_of("layout.wiring.wire_um") is UNITS["um"]
