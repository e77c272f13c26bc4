"""What is wrong with a flow is told at the line of the package file that is to blame."""

import pytest

from chipscale.design import Design
from chipscale.errors import InputError
from chipscale.package.families.fan_in_wlcsp import FanInWlcsp
from chipscale.process.flow import plan, run, start
from chipscale.process.flow_problems import flow_problems, placed_problems
from chipscale.process.flows import flow_of
from chipscale.process.masks import Masks
from chipscale.spec.read import read_spec
from chipscale.store import Store

CHIP = """chipscale: 1
name: t
die: {size_x_um: 1400, size_y_um: 1400, pads: {csv: pads.csv, size_x_um: 60}}
balls: {rows: 2, cols: 2, pitch_um: 500, sphere_d_um: 250, nets: {A1: VDD, A2: a, B1: GND, B2: b}}
"""
PADS = "pad,x_um,y_um,net\np1,100,300,VDD\np2,100,700,GND\np3,1300,300,a\np4,1300,700,b\n"


def read(folder, text, own=""):
    (folder / "chip.yaml").write_text(CHIP + text, encoding="utf-8")
    (folder / "pads.csv").write_text(PADS, encoding="utf-8")
    if own:
        (folder / "mine.toml").write_text(own, encoding="utf-8")
    return read_spec(folder / "chip.yaml")


def problems(folder, text, own=""):
    specfile = read(folder, text, own)
    found = flow_problems(specfile, FanInWlcsp().build(specfile))
    assert all(item.line is not None for item in found)
    return found


def line_of(text, word):
    return next(k for k, line in enumerate((CHIP + text).splitlines(), start=1) if word in line)


def test_a_flow_without_edits_has_none(tmp_path):
    assert problems(tmp_path, "") == []


def test_a_value_out_of_range_is_told_at_the_edit_that_set_it(tmp_path):
    text = """flow:
  edits:
    - remove: probe map
    - change: plate RDL
      recipe:
        mushroom: true
        thickness_um: 900
"""
    (found,) = problems(tmp_path, text)
    assert (found.key, found.line) == ("flow.edits.1.recipe.thickness_um", line_of(text, "900"))
    assert found.what.startswith("step 'plate RDL': thickness_um outside its range")
    assert found.value == "900 µm"
    assert "0.1 to 150" in found.limit


def test_a_value_of_the_package_out_of_range_is_told_at_its_own_key(tmp_path):
    text = "films:\n  pi1_um: 6\n  rdl_um: 180\n"
    found = problems(tmp_path, text)
    assert {(item.key, item.line) for item in found} == {("films.rdl_um", line_of(text, "180"))}
    assert any("step 'plate RDL'" in item.what for item in found)


def test_everything_wrong_is_told_at_once(tmp_path):
    text = """flow:
  edits:
    - {change: plate RDL, recipe: {thickness: 9}}
    - {change: reflow, recipe: {atmosphere: oxygen}}
    - {insert: after, at: reflow, step: {step: reflw, label: again}}
    - {change: cure PI1, recipe: {cure_C: hot}}
    - {change: cure PI2, recipe: {cure_h: "=2*layers.rdl"}}
    - {remove: strip resist of UBN}
"""
    found = problems(tmp_path, text)
    told = {item.key: item for item in found}
    assert set(told) == {
        "flow.edits.0.recipe.thickness",
        "flow.edits.1.recipe.atmosphere",
        "flow.edits.2.step",
        "flow.edits.3.recipe.cure_C",
        "flow.edits.4.recipe.cure_h",
        "flow.edits.5.remove",
    }
    assert len(found) == 6
    assert "did you mean 'layers.rdl_um'" in told["flow.edits.4.recipe.cure_h"].remedy
    assert "'strip resist of UBM'" in told["flow.edits.5.remove"].remedy
    assert "did you mean 'thickness_um'" in told["flow.edits.0.recipe.thickness"].remedy
    assert "did you mean 'reflow'" in told["flow.edits.2.step"].remedy
    assert told["flow.edits.1.recipe.atmosphere"].limit == "nitrogen, forming gas, formic acid, air"
    assert told["flow.edits.3.recipe.cure_C"].what == "step 'cure PI1': cure_C must be a number"


@pytest.mark.parametrize(
    ("edit", "label", "said"),
    [
        ("{remove: seed for RDL}", "plate RDL", "needs a seed"),
        ("{remove: develop resist for RDL}", "plate RDL", "needs a developed coat"),
        ("{remove: expose PI1}", "develop PI1", "needs an exposed coat"),
        ("{remove: ball drop}", "reflow", "needs solder"),
        ("{remove: strip resist of RDL}", "etch seed of RDL", "can't be done with"),
        ("{insert: before, at: reflow, step: {step: dice, label: early}}", "reflow", "already diced"),
        ("{remove: incoming wafer}", "probe map", "needs a wafer"),
        ("{remove: etch seed of RDL}", "cure PI2", "a seed"),
        ("{remove: coat resist for UBM}", "soft bake resist for UBM", "needs a coat"),
        ("{replace: cure PI1, step: {step: hard_bake}}", "seed for RDL", "can't be done with"),
    ],
)
def test_a_step_out_of_order_is_told_at_the_edit_that_broke_it(tmp_path, edit, label, said):
    text = f"flow:\n  edits:\n    - {{change: reflow, recipe: {{peak_C: 245}}}}\n    - {edit}\n"
    found = problems(tmp_path, text)
    assert {item.key for item in found} <= {"flow.edits.1", "flow.edits.1.step"}, [str(item) for item in found]
    assert {item.line for item in found} == {line_of(text, edit)}
    assert len(found) == 1, [str(item) for item in found]  # the cause, not what follows from it
    mine = [item for item in found if f"'{label}'" in item.what]
    assert mine, [str(item) for item in found]
    assert said in mine[0].what
    undo = [item.remedy for item in found if item.key == "flow.edits.1"]
    assert all("edit 2" in remedy and "undo it" in remedy for remedy in undo)


def test_two_causes_are_two_problems(tmp_path):
    text = "flow:\n  edits:\n    - {remove: develop resist for RDL}\n    - {remove: develop resist for UBM}\n"
    found = problems(tmp_path, text)
    assert [item.key for item in found] == ["flow.edits.0", "flow.edits.1"]
    assert ["'plate RDL'" in found[0].what, "'plate UBM'" in found[1].what] == [True, True]


def test_mistakes_of_an_own_flow_are_told_in_its_file(tmp_path):
    own = """title = "mine"

[[step]]
step = "incoming_wafer"
recipe = {wafer_um = 5000}

[[step]]
step = "plate"
label = "too early"
"""
    found = problems(tmp_path, "flow: {base: mine.toml}\n", own)
    assert {item.file for item in found} == {str(tmp_path / "mine.toml")}
    assert (found[0].line, found[0].key) == (3, "step incoming_wafer")
    found = problems(tmp_path, "flow: {base: mine.toml}\n", own.replace("5000", "700"))
    assert {item.line for item in found} == {7}
    assert any("'too early': needs a seed" in item.what for item in found)


def test_a_flow_that_does_not_suit_is_told_at_its_name(tmp_path):
    text = "flow:\n  base: bump_on_pad\n"
    (found, *_) = problems(tmp_path, text)
    assert (found.key, found.line) == ("flow.base", line_of(text, "bump_on_pad"))
    assert "thin_film" in found.remedy


def test_what_only_running_it_shows_is_told_in_its_place_too(tmp_path):
    text = "flow:\n  edits:\n    - change: coarse grind\n      recipe: {thickness_um: 800}\n"
    specfile = read(tmp_path, text)
    design = Design(specfile, store=Store(tmp_path / "cache"))
    with pytest.raises(InputError) as caught:
        list(run(plan(flow_of(design.package)), start(design.package, design.layout), Masks(design.layout)))
    (found,) = placed_problems(specfile, design.package, caught.value.problems)
    assert (found.key, found.line) == ("flow.edits.0.recipe.thickness_um", line_of(text, "800"))
    assert found.what == "step 'coarse grind': the wafer is thinner than that already"
    with pytest.raises(InputError) as caught:
        _ = design.stack
    assert caught.value.problems[0].key == "flow.edits.0.recipe.thickness_um"


def test_a_sketch_of_the_package_is_enough_to_judge_the_flow(tmp_path):
    text = "flow: {edits: [{change: plate RDL, recipe: {thickness_um: 900}}]}\n"
    specfile = read(tmp_path, text)
    (tmp_path / "pads.csv").write_text(PADS.replace("p3,1300,300,a", "p3,1300,300,zz"), encoding="utf-8")
    family = FanInWlcsp()
    with pytest.raises(InputError):
        family.build(specfile)
    sketch = family.sketch(specfile)
    assert sketch is not None
    assert [item.key for item in flow_problems(specfile, sketch)] == ["flow.edits.0.recipe.thickness_um"]


def test_what_a_later_step_cannot_do_is_told_at_the_edit_before_it(tmp_path):
    from pathlib import Path

    from chipscale.design import Design

    chip = Path(__file__).parents[2] / "examples" / "bump_on_pad" / "chip.yaml"
    path = tmp_path / "chip.yaml"
    for name in chip.parent.iterdir():
        if name.is_file():
            (tmp_path / name.name).write_bytes(name.read_bytes())
    edit = "flow:\n  edits:\n    - change: coat resist for UBM\n      recipe: {thickness_um: 5}\n"
    text = chip.read_text()
    assert "\nflow:" not in text
    path.write_text(text + "\n" + edit)
    with pytest.raises(InputError) as caught:
        Design.load(path).run("process.flow")
    (problem,) = caught.value.problems
    assert problem.key.startswith("flow.edits.0")
    assert problem.line is not None
    assert problem.line > len(text.splitlines())
    assert "edit 1 changes 'coat resist for UBM'" in problem.remedy
