"""`check` names every problem of a file before it answers anything: exit code, place and remedy of each."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from chipscale.cli import cli
from chipscale.design import Design
from chipscale.errors import InputError
from chipscale.package.types import Package

GOOD = """chipscale: 1
name: t
family: fan_in_wlcsp
die:
  size_x_um: 1800
  size_y_um: 1800
  thickness_um: 250
  pads: {per_side: {left: 4, right: 4, top: 4, bottom: 4, pitch_um: 300, edge_um: 80}, size_x_um: 70}
balls: {rows: 4, cols: 4, pitch_um: 400, sphere_d_um: 255}
assignment: {mode: free}
rdl: {width_um: 20, space_um: 15}
rules: skywater_amkor_400
"""
PER_SIDE = "{per_side: {left: 4, right: 4, top: 4, bottom: 4, pitch_um: 300, edge_um: 80}, size_x_um: 70}"
BALLS = "{rows: 4, cols: 4, pitch_um: 400, sphere_d_um: 255}"
TINY = {"pads.outside", "die.seal_ring", "balls.outside"}
Said = list[dict[str, object]]


@pytest.fixture
def check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[int, Said]]:
    """Return exit code and problems of `chipscale check` on a text and the files beside it."""
    monkeypatch.setenv("CHIPSCALE_CACHE", str(tmp_path / "cache"))

    def run(text: str, **files: str) -> tuple[int, Said]:
        (tmp_path / "chip.yaml").write_text(text)
        for name, content in files.items():
            (tmp_path / name.replace("__", ".")).write_text(content)
        done = CliRunner().invoke(cli, ["check", str(tmp_path / "chip.yaml"), "--json"])
        data = json.loads(done.stdout)
        found = data.get("problems", [])
        assert all(item["file"] and item["line"] for item in found), found
        assert all(item.get("remedy") for item in found), found
        return done.exit_code, found

    return run


def codes(found: Said) -> set[str]:
    return {str(item["code"]) for item in found}


@pytest.mark.parametrize(
    ("old", "new", "wanted"),
    [
        ("left: 4, right: 4", "left: 40, right: 4", {"pads.outside", "nets.too_few_balls"}),
        (BALLS, "{sphere_d_um: 100}", {"spec.missing_key", "balls.no_pitch"}),
        ("pitch_um: 400,", "pattern: hexagonal, pitch_x_um: 400,", {"balls.hexagonal_pitch"}),
        ("size_x_um: 1800\n  size_y_um: 1800", "size_x_um: 1\n  size_y_um: 1", TINY),
        ("size_x_um: 1800", "size_x_um: 1000000", {"spec.range"}),
        ("  pads:", "  seal_ring: {width_um: 900, inset_um: 400}\n  pads:", {"die.seal_ring"}),
        ("rdl: {width_um: 20, space_um: 15}", "rdl: {width_um: 5}", {"rdl.width"}),
        ("rdl: {width_um: 20, space_um: 15}", "rdl: {space_um: 2}", {"rdl.space"}),
        ("rdl:", "nets: {a: {nets: [L1], width_um: 5, space_um: 1}}\nrdl:", {"rdl.width", "rdl.space"}),
        ("rdl:", "targets: {layout.wiring.wire_um: {}}\nrdl:", {"targets.no_limit"}),
        ("rdl:", "targets: {layout.wiring.wire_um: {min: 9, max: 1}}\nrdl:", {"targets.limits"}),
        ("rdl:", "targets: {layout.wiring.wire: {min: 9}}\nrdl:", {"targets.unknown_metric"}),
        ("rdl:", "board: {pad_d_um: 900, mask_d_um: 100}\nrdl:", {"board.pitch", "board.definition"}),
        ("rdl:", "board: {paste_d_um: 400}\nrdl:", {"board.pitch"}),
        ("rdl:", "wafer: {partial_dies: {RDLL: keep}}\nrdl:", {"wafer.layer"}),
        ("rdl:", "wafer: {diameter_mm: 100, street_y_um: 900000}\nrdl:", {"wafer.street"}),
        ("rdl:", "assignment: {mode: free, supply_balls: {L1: 2}}\nrdl:", {"nets.not_a_supply", "nets.too_few_balls"}),
        ("fan_in_wlcsp", "fan_in_wlcps", {"registry.unknown_family"}),
        ("{per_side", "{csv: no.csv, per_side", {"pads.source"}),
        (PER_SIDE, "{csv: no.csv}", {"file.missing"}),
        (PER_SIDE, "{csv: .}", {"file.unreadable"}),
        (PER_SIDE, "{gds: ., pad_layer: 1/0}", {"file.unreadable"}),
        (PER_SIDE, "{lef: [], def: a.def}", {"spec.type"}),
        ("rows: 4", f"rows: {'9' * 500}", {"spec.range"}),
        ("name: t", 'name: t\ntitle: "a\\0b"', {"spec.control_character"}),
        ("chipscale: 1", 'chipscale: "1"', {"spec.choice"}),
    ],
)
def test_a_fault_is_named_before_the_verdict(check: Callable[..., tuple[int, Said]], old, new, wanted):
    assert old in GOOD
    text = GOOD.replace(old, new, 1)
    if new.startswith("assignment"):
        text = text.replace("assignment: {mode: free}\n", "", 1)
    code, found = check(text)
    assert (code, codes(found)) == (2, wanted)
    assert all(str(item["file"]).endswith("chip.yaml") and item["key"] for item in found)


def test_an_array_too_large_for_the_die_gets_the_verdict(check: Callable[..., tuple[int, Said]]):
    code, found = check(GOOD.replace("rows: 4", "rows: 8"))
    assert (code, found) == (1, [])
    code, found = check(GOOD.replace("rows: 4", "rows: 8").replace("rules: ", "targets: {no.such: {min: 1}}\nrules: "))
    assert (code, codes(found)) == (2, {"targets.unknown_metric"})


def test_all_rooms_speak_at_once(check: Callable[..., tuple[int, Said]]):
    text = GOOD.replace(PER_SIDE, "{csv: p.csv}").replace("sphere_d_um: 255", "sphere_d_um: 420")
    text = text.replace("skywater_amkor_400", "nope")
    text += "targets: {foo.bar: {max: 1}}\nrule_overrides: {zz: 1}\nwafer: {knock_outs: [[9, 9, 1, 1]]}\n"
    code, found = check(text, p__csv="pad,x_um,y_um,net\na,100,nan,n\nb,300,300,m\nb,900,9000,k\n")
    assert code == 2
    assert codes(found) == {
        "pads.number",
        "pads.duplicate",
        "pads.outside",
        "balls.touching",
        "rules.unknown_set",
        "rules.unknown_rule",
        "targets.unknown_metric",
        "wafer.knock_out",
    }


def test_a_wrong_value_does_not_hide_what_is_wrong_beside_it(check: Callable[..., tuple[int, Said]]):
    classes = "{p: {kind: power, nets: [NOPE*]}, r: {kind: ground, nets: [L1], width_um: 0}}"
    text = f"{GOOD}nets: {classes}\nboard: {{pad_d_um: -1, mask_d_um: 500}}\nwafer: {{partial_dies: {{RDLL: keep}}}}\n"
    code, found = check(text)
    assert code == 2
    assert {(item["code"], item["key"]) for item in found} == {
        ("nets.no_match", "nets.p.nets.0"),
        ("spec.range", "nets.r.width_um"),
        ("spec.range", "board.pad_d_um"),
        ("board.pitch", "board.mask_d_um"),
        ("wafer.layer", "wafer.partial_dies.RDLL"),
    }
    code, found = check(GOOD.replace("rows: 4", "rows: 0") + "rdl2: 1\n")  # nothing is made up for what is needed
    assert (code, codes(found)) == (2, {"spec.range", "spec.unknown_key"})


def test_nets_of_balls_speak_at_once(check: Callable[..., tuple[int, Said]]):
    text = GOOD.replace("sphere_d_um: 255", "sphere_d_um: 255, nets_csv: n.csv").replace("mode: free", "mode: fixed")
    code, found = check(text, n__csv="ball,net\nA1,L1\nQ7,L4\nA3,GHOST\n")
    wanted = {"balls.unknown_ball", "nets.net_without_pad", "nets.net_without_ball", "nets.ball_without_net"}
    assert (code, codes(found)) == (2, wanted)


def test_pads_lost_to_a_bad_line_are_not_missed_again(check: Callable[..., tuple[int, Said]]):
    text = GOOD.replace(PER_SIDE, "{csv: p.csv}").replace("mode: free", "mode: fixed")
    text = text.replace(BALLS, "{rows: 1, cols: 2, pitch_um: 400, sphere_d_um: 255, nets: {A1: n, A2: m}}")
    code, found = check(text, p__csv="pad,x_um,y_um,net\na,100,x,n\nb,300,300,m\n")
    assert (code, codes(found)) == (2, {"pads.number"})


def test_a_ball_list_speaks_at_once(check: Callable[..., tuple[int, Said]]):
    text = GOOD.replace(BALLS, "{csv: b.csv, sphere_d_um: 255}")
    code, found = check(text, b__csv="ball,x_um,y_um\nA1,500,500\nA1,900,900\nA2,500,500\nA3,x,9\n")
    assert (code, codes(found)) == (2, {"csv.double_ball", "balls.touching", "csv.not_a_number"})


def test_a_design_without_nets_is_refused(check: Callable[..., tuple[int, Said]]):
    code, found = check(GOOD.replace(PER_SIDE, "{csv: p.csv}"), p__csv="pad,x_um,y_um,net\na,100,100,-\n")
    assert (code, codes(found)) == (2, {"nets.none"})


def test_a_width_below_the_rule_names_limit_remedy_and_source(check: Callable[..., tuple[int, Said]]):
    own = 'title = "t"\nsource = "house rules"\n[rules]\nrdl_min_width_um = 25\n'
    code, (found,) = check(GOOD.replace("skywater_amkor_400", "r.toml"), r__toml=own)
    assert (code, found["key"], found["line"], found["value"]) == (2, "rdl.width_um", 11, "20 µm")
    assert all(word in str(found["limit"]) for word in ("25 µm", "rdl_min_width_um", "house rules"))
    assert "rule_overrides: {rdl_min_width_um: 20}" in str(found["remedy"])
    assert check(GOOD.replace("skywater_amkor_400", "r.toml").replace("width_um: 20", "width_um: 25"))[0] == 0


def test_long_lists_of_known_words_are_cut(check: Callable[..., tuple[int, Said]]):
    _, (found,) = check(GOOD.replace("sphere_d_um: 255", "sphere_d_um: 255, alloy: XYZQQ"))
    assert "chipscale list materials" in str(found["remedy"])
    assert len(str(found["remedy"])) < 200


def test_a_known_metric_without_a_value_fails_its_target(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("CHIPSCALE_CACHE", str(tmp_path / "cache"))
    (tmp_path / "chip.yaml").write_text(GOOD + "targets: {layout.density.rdl2_min_ratio: {min: 0.1}}\n")
    (failed,) = [item for item in Design.load(tmp_path / "chip.yaml").checks() if not item.ok]
    assert failed.metric == "layout.density.rdl2_min_ratio"
    assert "no value" in failed.message


def test_the_package_itself_refuses_what_check_refuses(tmp_path: Path):
    (tmp_path / "chip.yaml").write_text(GOOD + "wafer: {partial_dies: {RDLL: keep}}\n")
    with pytest.raises(InputError, match=r"chip\.yaml:13: wafer\.partial_dies\.RDLL"):
        _ = Design.load(tmp_path / "chip.yaml").package
    (tmp_path / "chip.yaml").write_text(GOOD)
    assert isinstance(Design.load(tmp_path / "chip.yaml").package, Package)
