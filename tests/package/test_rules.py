"""Rule sets: those that ship, the user's own, and every way one can be wrong."""

from pathlib import Path

import pytest

from chipscale.errors import InputError
from chipscale.package.rule_names import RULE_MEANINGS
from chipscale.package.rules import list_rules, load_rules, with_overrides


@pytest.mark.parametrize("name", list_rules())
def test_every_shipped_set_gives_meaning_and_source_to_every_value(name: str) -> None:
    rules = load_rules(name)
    assert rules.name == name
    assert rules.title
    assert rules.source
    assert rules.values
    assert set(rules.values) == set(rules.meanings) == set(rules.sources)
    assert all(rules.meanings.values())
    assert all(rules.sources.values())
    assert set(rules.values) <= set(RULE_MEANINGS)


@pytest.mark.parametrize(
    ("name", "rule", "value"),
    [  # as published
        ("skywater_amkor_400", "ubm_min_width_um", 215.0),
        ("skywater_amkor_400", "ubm_center_to_sealring_outer_um", 155.0),
        ("skywater_amkor_400", "die_min_short_um", 750.0),
        ("skywater_amkor_500", "ubm_center_to_sealring_outer_um", 195.0),
        ("skywater_amkor_500", "bump_min_width_um", 310.0),
        ("skywater_deca_400", "land_min_width_um", 235.0),
        ("skywater_deca_400", "pi2_min_remaining_ratio", 0.5),
        ("skywater_rdl_generic", "rdl_to_pad_space_um", 19.66),
        ("micross_caravel_500", "rdl_min_space_um", 35.0),
        ("ihp_cupillar_95", "pi2_min_space_um", 50.0),
    ],
)
def test_published_values(name: str, rule: str, value: float) -> None:
    assert load_rules(name).values[rule] == value


def test_caravel_set_holds_together() -> None:
    values = load_rules("micross_caravel_500").values
    assert values["land_min_width_um"] == values["ubm_min_width_um"] + 2 * values["rdl_enc_ubm_um"]
    assert values["ubm_min_width_um"] == values["pi2_min_width_um"] + 2 * values["ubm_enc_pi2_um"]
    assert values["rdl_pad_min_width_um"] == values["pi1_min_width_um"] + 2 * values["rdl_enc_pi1_um"]


def test_unknown_set_names_the_nearest() -> None:
    with pytest.raises(InputError) as error:
        load_rules("skywater_amkor_40")
    assert "skywater_amkor_400" in str(error.value)
    assert error.value.problems[0].code == "rules.unknown_set"


def test_own_file_extends_a_shipped_set(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text(
        'title = "Ours"\nsource = "our house"\nextends = "skywater_amkor_500"\n'
        '[rules]\nrdl_min_width_um = 12\nrdl_min_space_um = {value = 13.5, source = "trial 7", meaning = "ours"}\n',
        "utf-8",
    )
    rules = load_rules("own.toml", tmp_path)
    assert rules.name == "own"
    assert rules.values["rdl_min_width_um"] == 12.0
    assert rules.sources["rdl_min_width_um"] == "our house"
    assert rules.sources["rdl_min_space_um"] == "trial 7"
    assert rules.meanings["rdl_min_space_um"] == "ours"
    assert rules.values["ubm_min_width_um"] == 250.0
    assert "skywater-pdk" in rules.sources["ubm_min_width_um"]


def test_a_value_without_source_is_assumed(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text("[rules]\nrdl_min_width_um = 12\n", "utf-8")
    assert load_rules("own.toml", tmp_path).sources["rdl_min_width_um"] == "assumed"


def test_all_problems_of_a_file_at_once(tmp_path: Path) -> None:
    (tmp_path / "bad.toml").write_text(
        'titel = "x"\n[rules]\nrdl_min_widht_um = 3\nubm_min_width_um = -1\npi2_min_width_um = "wide"\n'
        "pi1_min_width_um = true\npi2_min_remaining_ratio = 2\nrdl_enc_pi1_um = {meaning = 'x', sauce = 'y'}\n",
        "utf-8",
    )
    with pytest.raises(InputError) as error:
        load_rules("bad.toml", tmp_path)
    found = {(problem.code, problem.key) for problem in error.value.problems}
    assert found == {
        ("rules.unknown_key", "titel"),
        ("rules.unknown_rule", "rules.rdl_min_widht_um"),
        ("rules.range", "rules.ubm_min_width_um"),
        ("rules.type", "rules.pi2_min_width_um"),
        ("rules.type", "rules.pi1_min_width_um"),
        ("rules.range", "rules.pi2_min_remaining_ratio"),
        ("rules.no_value", "rules.rdl_enc_pi1_um"),
        ("rules.unknown_key", "rules.rdl_enc_pi1_um.sauce"),
    }
    assert "rdl_min_width_um" in str(error.value)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("[rules\n", "rules.toml"),
        ('title = "x"\n', "rules.empty"),
        ("rules = 3\n", "rules.type"),
        ('extends = "own.toml"\n', "rules.circle"),
        ('extends = "nobody"\n', "rules.unknown_set"),
    ],
)
def test_unusable_files(tmp_path: Path, text: str, code: str) -> None:
    (tmp_path / "own.toml").write_text(text, "utf-8")
    with pytest.raises(InputError) as error:
        load_rules("own.toml", tmp_path)
    assert code in {problem.code for problem in error.value.problems}


def test_missing_and_binary_files(tmp_path: Path) -> None:
    (tmp_path / "binary.toml").write_bytes(b"\xff\xfe\x00")
    for name in ("absent.toml", "binary.toml"):
        with pytest.raises(InputError) as error:
            load_rules(name, tmp_path)
        assert error.value.problems[0].code == "rules.unreadable"


def test_overrides() -> None:
    rules = with_overrides(load_rules("skywater_amkor_500"), {"rdl_min_width_um": 20})
    assert rules.values["rdl_min_width_um"] == 20.0
    assert "package file" in rules.sources["rdl_min_width_um"]
    with pytest.raises(InputError) as error:
        with_overrides(rules, {"rdl_min_widt_um": 20.0, "rdl_min_space_um": float("nan")})
    assert [problem.key for problem in error.value.problems] == [
        "rule_overrides.rdl_min_widt_um",
        "rule_overrides.rdl_min_space_um",
    ]


def test_a_published_rounding_widens_only_its_own_rule(tmp_path: Path) -> None:
    assert load_rules("skywater_amkor_400").rounded_um["bump_min_width_um"] == 0.5
    assert with_overrides(load_rules("skywater_amkor_400"), {"bump_min_width_um": 261.0}).rounded_um.get(
        "bump_min_width_um", 0.0
    ) == pytest.approx(0.0)
    own = tmp_path / "own.toml"
    own.write_text("[rules.rdl_min_width_um]\nvalue = 10\nrounded_um = 7\n")
    with pytest.raises(InputError, match="rounding"):
        load_rules(str(own))


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ('title = "t"\nextends = "r.toml"\n', "rules.circle", 2),
        ('extends = "no_such"\n', "rules.unknown_set", 1),
        ("[rules]\nrdl_min_width_um = \n", "rules.toml", 2),
        ("[rules]\n\nrdl_min_space_um = -3\n", "rules.range", 3),
        ("[rules.rdl_min_space_um]\nvalue = -3\n", "rules.range", 1),
        ('[rules]\npi1_min_width_um = {value = 3, "sorce" = "x"}\n', "rules.unknown_key", 2),
        ("# c\n[rules]\nfoo = 1\n", "rules.unknown_rule", 3),
        ("x = 1\n[rules]\nrdl_min_space_um = 3\n", "rules.unknown_key", 1),
    ],
)
def test_a_fault_of_an_own_file_has_its_line(tmp_path: Path, text: str, code: str, line: int) -> None:
    (tmp_path / "r.toml").write_text(text)
    with pytest.raises(InputError) as error:
        load_rules("r.toml", tmp_path)
    (found,) = error.value.problems
    assert (found.code, found.file, found.line) == (code, str(tmp_path / "r.toml"), line)
    assert found.remedy
