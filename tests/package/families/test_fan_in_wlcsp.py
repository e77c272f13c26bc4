from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chipscale.errors import InputError, Problem
from chipscale.package.families.fan_in_wlcsp import FanInWlcsp
from chipscale.package.types import Package
from chipscale.spec.read import read_spec

ROOT = Path(__file__).parents[3]
SHARED = ROOT.parent / "shared" / "data" / "caravel"

GOOD = """chipscale: 1
name: t
die:
  size_x_um: 1400
  size_y_um: 1400
  pads: {csv: pads.csv, size_x_um: 60}
balls:
  rows: 2
  cols: 2
  pitch_um: 500
  sphere_d_um: 250
  nets:
    A1: VDD
    A2: d[0]
    B1: GND
    B2: d[1]
"""
PADS = "pad,x_um,y_um,net\np1,100,300,VDD\np2,100,700,GND\np3,1300,300,d[0]\np4,1300,700,d[1]\np5,700,100,\n"


@pytest.fixture
def build(tmp_path: Path) -> Callable[..., Package]:
    def make(text: str = GOOD, pads: str = PADS) -> Package:
        (tmp_path / "chip.yaml").write_text(text, encoding="utf-8")
        (tmp_path / "pads.csv").write_text(pads, encoding="utf-8")
        return FanInWlcsp().build(read_spec(tmp_path / "chip.yaml"))

    return make


@pytest.fixture
def problems(build, tmp_path: Path) -> Callable[..., list[Problem]]:
    def make(text: str = GOOD, pads: str = PADS) -> list[Problem]:
        with pytest.raises(InputError) as error:
            build(text, pads)
        found = list(error.value.problems)
        assert all(item.file and item.what for item in found)
        assert all(item.line for item in found if item.file.endswith("chip.yaml"))
        assert all(item.remedy for item in found), [item for item in found if not item.remedy]
        return found

    return make


def codes(found: list[Problem]) -> list[str]:
    return [item.code for item in found]


def test_a_good_file_is_resolved(build):
    made = build()
    assert [(net.name, net.kind, net.pads, net.balls) for net in made.nets] == [
        ("GND", "ground", ("p2",), ("B1",)),
        ("VDD", "power", ("p1",), ("A1",)),
        ("d[0]", "signal", ("p3",), ("A2",)),
        ("d[1]", "signal", ("p4",), ("B2",)),
    ]
    assert made.package_size_um == (1400, 1400)
    assert (made.pitch_x_um, made.pitch_y_um, made.min_ball_distance_um) == (500, 500, 500)
    assert {item.what: item.value for item in made.assumptions}["power nets"] == "VDD"
    assert made.pads[4].net is None
    assert made.assignment.given == (("A1", "VDD"), ("A2", "d[0]"), ("B1", "GND"), ("B2", "d[1]"))


def test_terminals_follow_the_rules(build):
    made = build(GOOD + "rules: skywater_amkor_400\n")
    rules, t = made.rules.values, made.terminal
    assert t.ubm_d_um == rules["ubm_min_width_um"] == 215
    assert t.pi2_d_um == 215 - 2 * 15
    assert t.land_d_um == 215 + 2 * 10
    assert t.pi1_size_um == 60 - 2 * 7.5
    assert t.pad_capture_um == t.pi1_size_um + 2 * 10
    assert made.classes[-1].width_um == 10
    assert not [item for item in made.assumptions if "UBM" in item.what or "wire" in item.what]


def test_terminals_of_the_file_come_first(build):
    text = "terminal: {ubm_d_um: 230, pi2_d_um: 190, land_d_um: 260, pi1_size_um: 41, pad_capture_um: 66}\n"
    t = build(GOOD + text).terminal
    assert (t.ubm_d_um, t.pi2_d_um, t.land_d_um, t.pi1_size_um, t.pad_capture_um) == (230, 190, 260, 41, 66)


def test_captures_of_close_pads_leave_the_wires_space(build):
    """Pads 60 µm wide at 70 µm pitch: a capture of 65 µm would leave 5 µm, the rule says 10."""
    pads = PADS.replace("p2,100,700", "p2,100,370")
    t = build(pads=pads).terminal
    assert t.pad_capture_um == 70 - 10
    assert t.pi1_size_um == t.pad_capture_um - 20


def test_what_no_rule_gives_is_assumed(build):
    made = build(GOOD + "rules: skywater_rdl_generic\n")
    assumed = {item.what for item in made.assumptions}
    assert "UBM diameter" in assumed
    assert "wire width" not in assumed
    assert made.terminal.ubm_d_um == 200  # 80 % of the sphere


def test_classes_by_name_and_pattern(build):
    text = """nets:
  bus: {nets: ["d[*]"], width_um: 22}
  one: {nets: ["d[1]"], space_um: 44}
  supply: {kind: power, nets: [V*]}
"""
    made = build(GOOD + "rdl: {width_um: 15, space_um: 12}\n" + text)
    of = {net.name: net.net_class for net in made.nets}
    assert of == {"GND": "default", "VDD": "supply", "d[0]": "bus", "d[1]": "one"}
    widths = {item.name: (item.width_um, item.space_um) for item in made.classes}
    assert widths == {"bus": (22, 12), "one": (15, 44), "supply": (15, 12), "default": (15, 12)}
    assert made.class_of(made.net("VDD")).kind == "power"


def test_free_and_partial_assignment(build):
    free = build(GOOD + "assignment: {mode: free, supply_balls: {VDD: 1}}\n")
    assert [ball.net for ball in free.balls] == [None] * 4
    assert len(free.assignment.given) == 4
    assert all(net.balls == () for net in free.nets)
    partial = build(GOOD.replace("    A1: VDD\n", "") + "assignment: {mode: partial}\n")
    assert [ball.net for ball in partial.balls] == [None, "d[0]", "GND", "d[1]"]


def test_balls_left_unconnected(build):
    text = GOOD.replace("rows: 2", "rows: 3").replace("size_y_um: 1400", "size_y_um: 1800")
    made = build(text + "assignment: {keep: [C1, C2]}\n")
    assert made.assignment.keep == ("C1", "C2")
    named = build(text.replace("B2: d[1]", "B2: d[1]\n    C1: NC\n    C2: nc") + "assignment: {keep: [C1, C2]}\n")
    assert "unconnected balls" in {item.what for item in named.assumptions}
    assert [ball.net for ball in named.balls if ball.name in "C1 C2"] == [None, None]


def test_board_view_mirrors_the_map_and_its_a1_corner(build):
    die = build()
    board = build(GOOD.replace("  rows: 2", "  view: board\n  rows: 2"))
    assert (die.a1_corner, board.a1_corner) == ("top_left", "top_right")
    at = {ball.name: (ball.x_um, ball.y_um) for ball in board.balls}
    assert {ball.name: (1400 - ball.x_um, ball.y_um) for ball in die.balls} == at


# ---- what must be refused: (change, by, code, key, part of the message or remedy) -----------------------------------
BAD = [
    ("sphere_d_um: 250", "sphere_d_um: 500", "balls.touching", "balls", "500"),
    ("sphere_d_um: 250", "sphere_d_um: 499.9", "balls.larger_than_pitch", "balls.sphere_d_um", "after reflow"),
    ("pitch_um: 500", "pitch_um: 1200", "balls.outside", "balls", "fewer balls, a smaller pitch, or a fan-out"),
    ("pitch_um: 500", "pitch_um: 500\n  offset_x_um: 400", "balls.outside", "balls", "centre it"),
    ("    A1: VDD\n", "", "nets.net_without_ball", "net", "net 'VDD' has pads (p1) but no ball"),
    ("    A1: VDD\n", "", "nets.ball_without_net", "balls.nets", "A1"),
    ("A1: VDD", "A1: VDE", "nets.net_without_pad", "balls.nets.A1", "did you mean 'VDD'?"),
    ("A1: VDD", "A1: VDD\n    A3: GND", "balls.unknown_ball", "balls.nets", "A1 to B2"),
    ("sphere_d_um: 250", "sphere_d_um: 250\n  nets_csv: nets.csv", "balls.two_nets", "balls.nets_csv", "VDD and GND"),
    ("rows: 2", "rows: 2\n  missing: {names: [A9]}", "", "balls.missing", ""),
    ("name: t", "name: t\nnets: {p: {nets: [VCC*]}}", "nets.no_match", "nets.p.nets.0", "VDD"),
    ("name: t", "name: t\nnets: {p: {}}", "nets.empty_class", "nets.p.nets", ""),
    ("name: t", "name: t\nnets: {p: {nets: [VDD]}, q: {nets: [VDD]}}", "nets.two_classes", "nets.q.nets.0", "p and q"),
    ("name: t", "name: t\nassignment: {keep: [A7]}", "nets.unknown_ball", "assignment.keep.0", "A1 to B2"),
    ("name: t", "name: t\nassignment: {keep: [A1]}", "nets.kept_ball", "assignment.keep.0", "'VDD'"),
    (
        "name: t",
        "name: t\nassignment: {supply_balls: {VD: 2}}",
        "nets.unknown_net",
        "assignment.supply_balls.VD",
        "VDD",
    ),
    (
        "name: t",
        "name: t\nassignment: {supply_balls: {VDD: 0}}",
        "nets.supply_balls",
        "assignment.supply_balls.VDD",
        "",
    ),
    ("name: t", "name: t\nrules: skywater_amkor_40", "rules.unknown_set", "rules", "did you mean 'skywater_amkor_400'"),
    ("name: t", "name: t\nrules: mine.toml", "rules.unreadable", "rules", ""),
    (
        "name: t",
        "name: t\nrule_overrides: {rdl_min_widht_um: 9}",
        "rules.unknown_rule",
        "rule_overrides.rdl_min_widht_um",
        "did you mean 'rdl_min_width_um'",
    ),
    ("name: t", "name: t\nterminal: {ubm_d_um: 300, land_d_um: 280}", "terminal.larger", "terminal.ubm_d_um", "<= 280"),
    ("name: t", "name: t\nterminal: {ubm_d_um: 520, land_d_um: 540}", "terminal.pitch", "terminal.land_d_um", "< 500"),
    (
        "name: t",
        "name: t\nterminal: {pi1_size_um: 80, pad_capture_um: 70}",
        "terminal.larger",
        "terminal.pi1_size_um",
        "<= 70",
    ),
    ("name: t", "name: t\nfilms: {dielectric: PIE}", "films.unknown_material", "films.dielectric", "PI"),
    ("  sphere_d_um: 250", "  sphere_d_um: 250\n  alloy: SAC306", "films.unknown_material", "balls.alloy", "SAC305"),
    (
        "die:\n  size_x_um: 1400",
        "wafer: {diameter_mm: 100}\ndie:\n  size_x_um: 99000",
        "die.too_large",
        "die.size_x_um",
        "not nm",
    ),
    (
        "size_y_um: 1400",
        "size_y_um: 1400\n  seal_ring: {width_um: 900}",
        "die.seal_ring",
        "die.seal_ring",
        "half of 1400",
    ),
    (
        "size_y_um: 1400",
        "size_y_um: 1400\n  keepouts: [{name: k, rect_um: [0, 0, 1401, 5]}]",
        "die.keepout_outside",
        "die.keepouts.0",
        "1401",
    ),
    (
        "size_y_um: 1400",
        "size_y_um: 1400\n  keepouts: [{name: k, rect_um: [9, 9, 9, 9]}]",
        "die.keepout",
        "die.keepouts.0",
        "no area",
    ),
    (
        "size_y_um: 1400",
        "size_y_um: 1400\n  keepouts: [{name: k, points_um: [[0,0],[9,9],[9,0],[0,9]]}]",
        "die.keepout",
        "die.keepouts.0",
        "crosses itself",
    ),
    ("size_y_um: 1400", "size_y_um: 1400\n  keepouts: [{name: k}]", "die.keepout", "die.keepouts.0", "exactly one"),
    ("csv: pads.csv", "csv: pad.csv", "file.missing", "", "did you mean 'pads.csv'"),
    ("csv: pads.csv", "gds: pads.csv, pad_layer: 1/0", "gds.wrong_file", "", "neither GDS nor OASIS"),
    ("csv: pads.csv", "csv: pads.csv, per_side: {left: 1}", "pads.source", "die.pads", "exactly one"),
]


@pytest.mark.parametrize(("old", "new", "code", "key", "says"), BAD, ids=[f"{row[2]}-{i}" for i, row in enumerate(BAD)])
def test_refused_with_line_and_remedy(problems, tmp_path, old, new, code, key, says):
    (tmp_path / "nets.csv").write_text("ball,net\nA1,GND\n")
    assert old in GOOD
    found = problems(GOOD.replace(old, new, 1))
    mine = [item for item in found if item.code.startswith(code) and item.key.startswith(key)]
    assert mine, found
    assert any(says in f"{item.what} {item.value} {item.limit} {item.remedy}" for item in mine)
    assert all(item.line for item in mine if item.code != "file.missing" and item.code != "gds.wrong_file")


def test_pads_outside_overlapping_with_their_lines(problems):
    pads = PADS.replace("p1,100,300", "p1,20,300").replace("p4,1300,700", "p4,1300,355")
    found = problems(pads=pads)
    assert [(item.code, item.line, item.file.endswith("pads.csv")) for item in found] == [
        ("pads.outside", 2, True),
        ("pads.overlap", 5, True),
    ]
    assert "'p3' and 'p4' overlap" in found[1].what


def test_pads_that_touch_do_not_overlap(build):
    assert len(build(pads=PADS.replace("p4,1300,700", "p4,1300,360")).pads) == 5


def test_very_many_bad_pads_stay_readable(problems):
    pads = "pad,x_um,y_um,net\n" + "".join(f"q{i},-500,{i},n\n" for i in range(400))
    found = problems(GOOD.replace("nets:", "nets: {}\n  x:").split("  x:")[0] + "assignment: {mode: free}\n", pads)
    assert len(found) < 40
    assert any("400 pads reach outside" in item.what for item in found)


def test_everything_at_once_in_file_order(problems, tmp_path):
    text = (
        GOOD.replace("A1: VDD", "A1: VDE")
        .replace("sphere_d_um: 250", "sphere_d_um: 499")
        .replace("size_y_um: 1400", "size_y_um: 1400\n  keepouts: [{name: k, rect_um: [0, 0, 1401, 5]}]")
    )
    text += "rules: nothing\nrule_overrides: {rdl: 1}\nnets: {p: {nets: [zzz]}}\nfilms: {dielectric: soap}\n"
    found = problems(text, PADS.replace("p1,100,300", "p1,20,300"))
    assert codes(found) == [
        "die.keepout_outside",
        "nets.net_without_pad",
        "rules.unknown_set",
        "rules.unknown_rule",
        "nets.no_match",
        "films.unknown_material",
        "nets.net_without_ball",
        "pads.outside",
    ]
    lines = [item.line for item in found if item.file.endswith("chip.yaml")]
    assert lines == sorted(lines)
    assert len({str(item) for item in found}) == len(found)


def test_wrong_nets_do_not_hide_wrong_places(problems):
    text = GOOD.replace("A1: VDD", "A9: VDD").replace("pitch_um: 500", "pitch_um: 1200")
    found = codes(problems(text))
    assert sorted(set(found)) == [
        "balls.outside",
        "balls.unknown_ball",
        "nets.ball_without_net",
        "nets.net_without_ball",
    ]


def test_fixed_without_any_net_says_it_once(problems):
    text = GOOD[: GOOD.index("  nets:")]
    assert codes(problems(text)) == ["nets.no_ball_nets"]


def test_too_few_balls(problems):
    text = GOOD[: GOOD.index("  nets:")].replace("cols: 2", "cols: 1") + "assignment: {mode: free}\n"
    (found,) = problems(text)
    assert (found.code, found.limit) == ("nets.too_few_balls", ">= 4")


def test_a_chain_of_balls_needs_no_pads(build):
    text = GOOD.replace("csv: pads.csv, size_x_um: 60", "per_side: {}")
    text = text.replace("VDD", "c1").replace("GND", "c2").replace("d[0]", "c1").replace("d[1]", "c2")
    assert [net.balls for net in build(text).nets] == [("A1", "A2"), ("B1", "B2")]


@settings(max_examples=120, deadline=None)
@given(data=st.data())
def test_any_value_builds_or_is_explained(tmp_path_factory, data):
    """Swap values of a good file for others: a package comes out, or an InputError with lines."""
    folder = tmp_path_factory.mktemp("build")
    (folder / "pads.csv").write_text(PADS)
    text = GOOD + "terminal: {ubm_d_um: 200}\nrdl: {width_um: 20}\nassignment: {mode: free}\ndummy: 0\n"
    text = text.replace("dummy: 0\n", "")
    numbers = list(re.finditer(r"(?<=: )[0-9]+", text))
    for match in sorted(data.draw(st.sets(st.sampled_from(numbers), min_size=1, max_size=3)), key=lambda m: -m.start()):
        new = data.draw(st.sampled_from(["1", "2", "3", "-1", "0.001", "1e6", "1000000", "399.9", "12", "x", "1e-6"]))
        text = text[: match.start()] + new + text[match.end() :]
    (folder / "chip.yaml").write_text(text)
    said: tuple[Problem, ...] = ()
    made = None
    try:
        made = FanInWlcsp().build(read_spec(folder / "chip.yaml"))
    except InputError as error:
        said = error.problems
    assert (made is None) == bool(said)
    assert all(item.what and item.file for item in said)
