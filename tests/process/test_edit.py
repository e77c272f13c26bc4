import pytest
from hypothesis import given
from hypothesis import strategies as st

from chipscale.package.types import FlowChange, FlowStep
from chipscale.process.edit import Placed, edited, key_of, option_key

FLOW = [
    Placed(FlowStep("sputter", "seed", {"thickness_um": 0.4}), 3),
    Placed(FlowStep("plate", "plate RDL", {"thickness_um": 6.0}), 7),
    Placed(FlowStep("strip"), 11),
]


def titles(steps):
    return [item.step.title for item in steps]


def edit(*changes, left_out=None):
    return edited(FLOW, changes, left_out)


def test_a_change_keeps_the_rest_of_the_recipe_and_remembers_who_set_what():
    steps, problems = edit(
        FlowChange("change", "plate RDL", {"thickness_um": 9.0, "mushroom": True}),
        FlowChange("change", "plate RDL", {"current_density_A_dm2": 1.0}),
    )
    assert problems == []
    assert steps[1].step.recipe == {"thickness_um": 9.0, "mushroom": True, "current_density_A_dm2": 1.0}
    assert steps[1].set_by == {"thickness_um": 0, "mushroom": 0, "current_density_A_dm2": 1}
    assert steps[1].put_by is None
    assert FLOW[1].step.recipe == {"thickness_um": 6.0}


def test_remove_replace_insert():
    new = FlowStep("evaporate", "", {"tilt_deg": 30})
    steps, problems = edit(
        FlowChange("remove", "strip"),
        FlowChange("replace", "seed", new=new),
        FlowChange("insert_before", "plate RDL", new=FlowStep("coat", "coat")),
        FlowChange("insert_after", "plate RDL", new=FlowStep("strip", "strip all")),
        FlowChange("change", "coat", {"thickness_um": 8}),
    )
    assert problems == []
    assert titles(steps) == ["seed", "coat", "plate RDL", "strip all"]  # the new step takes the label
    assert steps[0].step == FlowStep("evaporate", "seed", {"tilt_deg": 30})
    assert (steps[0].put_by, steps[0].set_by) == (1, {"tilt_deg": 1})
    assert (steps[1].put_by, steps[1].set_by) == (2, {"thickness_um": 4})


def test_an_unknown_label_names_the_nearest_and_the_others_are_done_all_the_same():
    steps, problems = edit(FlowChange("remove", "plate RDI"), FlowChange("remove", "seed"))
    assert titles(steps) == ["plate RDL", "strip"]
    assert [(item.key, item.value) for item in problems] == [("flow.edits.0.remove", "plate RDI")]
    assert problems[0].remedy == "did you mean 'plate RDL'?"


def test_a_step_this_package_does_not_get_is_told_apart_from_one_there_is_not():
    why = {"seed for RDL2": "it is for packages with rdl_layers == 2"}
    _, problems = edit(FlowChange("change", "seed for RDL2", {"thickness_um": 1}), left_out=why)
    assert "this package does not get the step 'seed for RDL2': it is for packages with rdl_layers == 2" in str(
        problems[0]
    )


def test_labels_stay_unique():
    _, problems = edit(FlowChange("insert_after", "strip", new=FlowStep("strip")))
    assert problems[0].code == "flow.label_taken"
    assert problems[0].key == "flow.edits.0.step.label"
    _, problems = edit(FlowChange("replace", "seed", new=FlowStep("sputter", "strip")))
    assert problems[0].code == "flow.label_taken"
    steps, problems = edit(FlowChange("replace", "seed", new=FlowStep("sputter", "seed")))
    assert problems == []
    assert titles(steps) == titles(FLOW)


def test_keys_are_those_of_the_package_file():
    change = FlowChange("change", "seed", {"thickness_um": 1})
    insert = FlowChange("insert_after", "seed", new=FlowStep("strip", "x", {"strip_s": 60}))
    assert key_of(2, change) == "flow.edits.2.change"
    assert key_of(2, insert) == "flow.edits.2.at"
    assert option_key(2, change, "thickness_um") == "flow.edits.2.recipe.thickness_um"
    assert option_key(2, insert, "strip_s") == "flow.edits.2.step.recipe.strip_s"
    assert option_key(2, insert) == "flow.edits.2.step"


@given(
    st.lists(st.sampled_from(["remove", "change", "replace", "insert_before", "insert_after"]), max_size=5), st.data()
)
def test_whatever_is_edited_labels_stay_unique_and_nothing_is_lost_that_was_not_removed(kinds, data):
    changes = []
    for number, kind in enumerate(kinds):
        target = data.draw(st.sampled_from(["seed", "plate RDL", "strip", "new 0", "new 1"]))
        recipe = {"a": number} if kind == "change" else {}
        new = FlowStep("strip", f"new {number}") if kind.startswith(("insert", "replace")) else None
        changes.append(FlowChange(kind, target, recipe, new))
    steps, problems = edited(FLOW, changes)
    assert len(set(titles(steps))) == len(steps)
    done = [change for number, change in enumerate(changes) if not any(f"edits.{number}." in p.key for p in problems)]
    grown = sum(change.kind.startswith("insert") for change in done) - sum(change.kind == "remove" for change in done)
    assert len(steps) == len(FLOW) + grown


@pytest.mark.parametrize("kind", ["remove", "change"])
def test_the_input_is_left_as_it_was(kind):
    before = [(item.step, dict(item.set_by)) for item in FLOW]
    edit(FlowChange(kind, "seed", {"thickness_um": 1.0}))
    assert [(item.step, dict(item.set_by)) for item in FLOW] == before
