"""The materials library: every value has unit, source and status, and agrees with the collected table."""

import csv
import math
import re
from pathlib import Path

import pytest

from chipscale.errors import InputError
from chipscale.materials.library import list_materials, material, sources
from chipscale.units import unit_of

TABLE = Path(__file__).parents[3] / "shared" / "data" / "materials" / "materials.csv"
STACK_NAMES = ["Si", "Al", "SiN", "PI", "PBO", "BCB", "Cu_plated", "Ni", "UBM", "SAC305", "BacksideCoating"]


@pytest.mark.parametrize("name", STACK_NAMES)
def test_what_a_stack_is_made_of_can_be_computed_with(name):
    found = material(name)
    for needed in ("E_GPa", "nu_ratio", "cte_ppm_K", "k_W_mK", "cp_J_kgK", "density_kg_m3"):
        assert found.number(needed) > 0


def test_every_value_names_unit_source_and_status():
    for name in list_materials():
        item = material(name)
        assert item.default_set in item.sets
        assert re.fullmatch(r"#[0-9a-f]{6}", item.look.color)
        assert 0 < item.look.alpha <= 1
        assert 0 <= item.look.metalness <= 1
        for values in item.sets.values():
            for value in values:
                assert unit_of(value.name) is not None, (name, value.name)
                assert value.source in sources(), (name, value.source)
                assert value.status in ("READ", "REC", "EST")
                assert math.isfinite(value.at(25.0))


def test_each_source_is_used():
    used = {v.source for name in list_materials() for values in material(name).sets.values() for v in values}
    assert used == set(sources())


def test_no_name_means_two_materials():
    seen: dict[str, str] = {}
    for name in list_materials():
        for word in {name.casefold(), *(alias.casefold() for alias in material(name).aliases)}:
            assert seen.setdefault(word, name) == name, word


def test_unknown_names_are_answered_with_the_nearest():
    with pytest.raises(InputError, match=r"did you mean .*SAC305"):
        material("SAC306")
    with pytest.raises(InputError, match="did you mean 'k_W_mK'"):
        material("Al").value("k_WmK")
    with pytest.raises(InputError, match="did you mean 'laws'"):
        material("Si").value("k_W_mK", set_name="law")
    with pytest.raises(InputError, match="directions: x,y, z"):
        material("FR4").value("k_W_mK", direction="y")


def test_laws_of_temperature_give_the_published_figures():
    # NIST gives 43.6 GPa at 298 K with E = 76087 - 109 T MPa; Okada and Tokumaru give 2.57 ppm/K at 300 K
    assert material("SAC305").number("E_GPa", 24.85, set_name="nist_clech") == pytest.approx(43.6, abs=0.05)
    assert material("Si").number("cte_ppm_K", 26.85, set_name="laws") == pytest.approx(2.57, abs=0.05)
    assert material("Si").number("k_W_mK", 26.85, set_name="laws") == pytest.approx(148.0, rel=1e-9)


def test_the_glass_transition_picks_the_value():
    mold = material("EMC")
    assert mold.number("cte_ppm_K", 25.0) == 8.0
    assert mold.number("cte_ppm_K", 200.0) == 30.0
    assert mold.number("E_GPa", 200.0) == 0.7


def test_temperature_and_direction_pick_the_value():
    assert material("Si").number("cte_ppm_K", 110.0) == 3.1
    assert material("Si").number("E_GPa", direction="<110>") == 169.0
    assert material("FR4").number("k_W_mK", direction="z") == 0.29


def test_assumed_values_say_so():
    assert material("PBO").value("E_GPa").assumed
    assert material("Si").value("cp_J_kgK").assumed
    assert not material("Si").value("E_GPa").assumed


@pytest.mark.skipif(not TABLE.exists(), reason="the collected material table is not beside the checkout")
def test_every_row_of_the_collected_table_is_in_the_library():
    elsewhere = {"SAC305/387": "SAC305", "SAC305_liquid": "SAC305", "ABF_GX-T31": "ABF"}
    rows = list(csv.DictReader(TABLE.read_text(encoding="utf-8").splitlines()))
    assert len(rows) > 200
    for row in rows:
        item = material(elsewhere.get(row["material"], row["material"]))
        held = [value for values in item.sets.values() for value in values]
        status = "EST" if row["source"] == "EST" else row["status"]
        if row["property"].endswith("formula"):
            first = float(re.search(r"[\d.]+", row["value"])[0])
            assert any(v.form != "constant" and v.coefficients[0] in (first, first / 1000) for v in held), row
        else:
            wanted = (float(row["value"]), status)
            assert wanted in {(v.coefficients[0], v.status) for v in held if v.form == "constant"}, row
