import pytest

from chipscale.errors import InputError
from chipscale.package.families.fan_in_wlcsp import FanInWlcsp
from chipscale.package.flow_file import parse_flow
from chipscale.package.types import FlowChange, FlowStep, Package
from chipscale.spec.read import read_spec
from chipscale.store import Store, digest

FLOW = """title = "My flow"
about = "Two steps."
thin_before = "second"

[suits]
"rdl_layers >= 1" = "packages with metal"

[[step]]
step = "incoming_wafer"
recipe = {wafer_um = 700}

[[step]]
step = "dice"
label = "second"
when = "rdl_layers == 2"
thinning = true
"""
CHIP = """chipscale: 1
name: t
die: {size_x_um: 1400, size_y_um: 1400, pads: {csv: pads.csv, size_x_um: 60}}
balls: {rows: 2, cols: 2, pitch_um: 500, sphere_d_um: 250, nets: {A1: VDD, A2: a, B1: GND, B2: b}}
"""
PADS = "pad,x_um,y_um,net\np1,100,300,VDD\np2,100,700,GND\np3,1300,300,a\np4,1300,700,b\n"


def problems(text):
    with pytest.raises(InputError) as caught:
        parse_flow(text, "mine", "mine.toml")
    return caught.value.problems


def build(folder, text="", flow=FLOW):
    (folder / "chip.yaml").write_text(CHIP + text, encoding="utf-8")
    (folder / "pads.csv").write_text(PADS, encoding="utf-8")
    (folder / "mine.toml").write_text(flow, encoding="utf-8")
    return FanInWlcsp().build(read_spec(folder / "chip.yaml"))


def test_a_flow_as_its_file_says_it():
    flow = parse_flow(FLOW, "mine")
    assert (flow.name, flow.title, flow.thin_before) == ("mine", "My flow", "second")
    assert flow.suits == {"rdl_layers >= 1": "packages with metal"}
    assert flow.lines[0].step == FlowStep("incoming_wafer", "", {"wafer_um": 700})
    assert flow.lines[1].when == ("rdl_layers == 2",)
    assert [line.thinning for line in flow.lines] == [False, True]
    assert [line.line for line in flow.lines] == [8, 12]


@pytest.mark.parametrize(
    ("old", "new", "said", "line"),
    [
        ('title = "My flow"\n', "", "no title", 1),
        ("about", "abuot", "did you mean 'about'", 1),
        ('thin_before = "second"', 'thin_before = "secnd"', "did you mean 'second'", 1),
        ('step = "dice"\n', "", "needs the kind of step", 12),
        ("recipe = {wafer_um = 700}", "recipe = {wafer_um = [700]}", "must be a number, a text", 8),
        ("recipe = {wafer_um = 700}", "recipe = 700", "must be a table", 8),
        ("recipe = {wafer_um = 700}", "recipes = {wafer_um = 700}", "did you mean 'recipe'", 8),
        ("thinning = true", 'thinning = "yes"', "true or false", 12),
        ('when = "rdl_layers == 2"', "when = 2", "must be a condition", 12),
        ('label = "second"', 'label = "incoming_wafer"', "two steps have this label", 12),
        ('label = "second"', 'label = "second', "not valid TOML", 14),
        ('"rdl_layers >= 1" = "packages with metal"', '"rdl_layers >= 1" = 3', "must be a table of condition", 1),
    ],
)
def test_mistakes_of_the_file_are_named_at_their_line(old, new, said, line):
    assert old in FLOW
    found = [item for item in problems(FLOW.replace(old, new)) if said in str(item)]
    assert found, problems(FLOW.replace(old, new))
    assert found[0].file == "mine.toml"
    assert found[0].line == line


def test_a_flow_without_steps_is_refused():
    assert "no steps" in problems('title = "x"')[0].what


def test_the_package_holds_the_users_own_flow(tmp_path):
    package = build(tmp_path, "flow: {base: mine.toml, thinning: before_bumping}\n")
    assert package.flow.own is not None
    assert package.flow.own.title == "My flow"
    assert package.flow.own.file == "mine.toml"
    assert package.flow.thinning == "before_bumping"
    moved = tmp_path / "elsewhere"
    moved.mkdir()
    assert digest(build(moved, "flow: {base: mine.toml, thinning: before_bumping}\n")) == digest(package)
    other = build(tmp_path, "flow: {base: mine.toml, thinning: before_bumping}\n", FLOW.replace("700", "701"))
    assert digest(other) != digest(package)


def test_edits_become_changes_in_order(tmp_path):
    package = build(
        tmp_path,
        """flow:
  edits:
    - {change: plate RDL, recipe: {thickness_um: 9}}
    - {remove: dicing}
    - {insert: after, at: reflow, step: {step: dice, label: saw, recipe: {edge_loss_um: 1.5}}}
    - {insert: before, at: reflow, step: {step: dice, label: saw too}}
    - {replace: reflow, step: {step: reflow}}
""",
    )
    assert package.flow.changes == (
        FlowChange("change", "plate RDL", {"thickness_um": 9}),
        FlowChange("remove", "dicing"),
        FlowChange("insert_after", "reflow", new=FlowStep("dice", "saw", {"edge_loss_um": 1.5})),
        FlowChange("insert_before", "reflow", new=FlowStep("dice", "saw too")),
        FlowChange("replace", "reflow", new=FlowStep("reflow")),
    )


def test_a_package_with_its_flow_comes_back_from_the_cache_as_it_was(tmp_path):
    package = build(
        tmp_path, "flow: {base: mine.toml, edits: [{insert: after, at: second, step: {step: dice, label: d}}]}\n"
    )
    store = Store(tmp_path / "cache")
    store.save("package", "k", package)
    assert store.load("package", "k", Package) == package


def test_a_missing_flow_file_is_named_at_its_line(tmp_path):
    with pytest.raises(InputError) as caught:
        build(tmp_path, "flow:\n  base: not_there.toml\n")
    (problem,) = caught.value.problems
    assert problem.line == 6
    assert problem.key == "flow.base"
    assert "not_there.toml" in problem.value


@pytest.mark.parametrize(
    ("films", "flow", "dielectric"),
    [
        ("", "thin_film", "PI"),
        ("films: {dielectric: PBO}\n", "thin_film_pbo", "PBO"),
        ("films: {dielectric: BCB}\n", "thin_film_bcb", "BCB"),
        ("flow: {base: thin_film_bcb}\n", "thin_film_bcb", "BCB"),
    ],
)
def test_dielectric_and_flow_go_together(tmp_path, films, flow, dielectric):
    package = build(tmp_path, films)
    assert package.flow.base == flow
    assert package.layers.materials["pi1"] == dielectric
