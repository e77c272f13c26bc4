"""Flows that drop or move a step a package needs: none of them comes out good."""

from pathlib import Path

import pytest

from chipscale.design import Design
from chipscale.errors import InputError
from chipscale.spec.starter import starter
from chipscale.store import Store

ROOT = Path(__file__).parents[2]
LATE = """
    - remove: insulation
    - insert: after
      at: second groove
      step: {step: conformal_film, label: late insulation, recipe: {layer: INS, material: PI, thickness_um: 10}}
"""
FILM = """
    - insert: after
      at: cure PI2
      step: {step: conformal_film, label: closed film, recipe: {layer: INS, material: PI, thickness_um: 2}}
"""
SECOND_FILM = """
    - insert: after
      at: second groove
      step: {step: conformal_film, label: another film, recipe: {layer: INS, material: PI, thickness_um: 2}}
"""


def plated(layer):
    """Return the labels of all steps of a plated layer."""
    kinds = ("coat resist for", "soft bake resist for", "expose resist for", "develop resist for", "plate")
    return (
        f"seed for {layer}",
        *(f"{kind} {layer}" for kind in kinds),
        f"strip resist of {layer}",
        f"etch seed of {layer}",
    )


def without(*labels):
    return "".join(f"    - remove: {label}\n" for label in labels)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Return a maker of the as-built answer of a starter with edits of its flow; each layout is drawn once."""
    folder = tmp_path_factory.mktemp("flows")
    store = Store(folder / "cache")

    def make(family, edits=""):
        path = folder / "chip.yaml"
        path.write_text(starter(family) + (f"\nflow:\n  edits:\n{edits}" if edits else ""), encoding="utf-8")
        return Design.load(path, store=store).run("process.as_built")

    return make


def failed(result):
    return {check.code: check for check in result.checks if not check.ok}


SENSOR, FAN_IN = "image_sensor_wlcsp", "fan_in_wlcsp"


@pytest.mark.parametrize("family", [SENSOR, FAN_IN])
def test_a_flow_as_it_comes_is_good(made, family):
    result = made(family)
    assert result.ok, failed(result)
    assert result.metrics["opens_count"] == result.metrics["shorts_count"] == 0
    assert result.metrics["silicon_contacts_count"] == result.metrics["layers_missing_count"] == 0


@pytest.mark.parametrize(
    ("edits", "code", "told"),
    [
        (LATE, "as_built.open", "PAD"),
        (without("second groove"), "as_built.missing", "GROOVE2"),
        (without("insulation"), "as_built.silicon", "silicon"),
        (without("insulation"), "as_built.missing", "INS"),
        (SECOND_FILM, "as_built.open", "PAD"),
        (without("first groove", "second groove"), "as_built.missing", "GROOVE1"),
        (without("ball drop", "reflow"), "as_built.missing", "BALL"),
        (without("reflow"), "as_built.flow", "never melted"),
        (without("nickel in the openings", "gold on the nickel"), "as_built.missing", "UBM"),
        (without("solder mask"), "as_built.missing", "MASK"),
        (without("dicing"), "as_built.flow", "never diced"),
        (without("expose cavity wall", "develop cavity wall"), "as_built.closed", "CAVITY"),
    ],
)
def test_a_sensor_without_a_step_it_needs_fails(made, edits, code, told):
    result = made(SENSOR, edits)
    assert not result.ok
    assert told in failed(result)[code].message or any(
        told in check.message for check in result.checks if check.code == code and not check.ok
    )


@pytest.mark.parametrize(
    ("edits", "code", "told"),
    [
        (FILM, "as_built.open", "UBM"),
        (without("expose PI2", "develop PI2"), "as_built.closed", "PI2"),
        (without("expose PI1", "develop PI1"), "as_built.open", "PAD"),
        (without("coat PI1", "soft bake PI1", "expose PI1", "develop PI1", "cure PI1"), "as_built.missing", "PI1"),
        (without("coat PI2", "soft bake PI2", "expose PI2", "develop PI2", "cure PI2"), "as_built.missing", "PI2"),
        (without(*plated("RDL")), "as_built.missing", "RDL"),
        (without(*plated("UBM")), "as_built.missing", "UBM"),
        (without("plate RDL"), "as_built.missing", "RDL"),
        (without("ball drop", "reflow"), "as_built.missing", "BALL"),
        (without("reflow"), "as_built.flow", "never melted"),
        (without("reflow"), "as_built.open", "BALL"),
        (without("coarse grind", "fine grind", "polish"), "as_built.thickness", "775"),
        (without("backside film", "laser mark"), "as_built.missing", "BACKSIDE"),
        (without("dicing"), "as_built.flow", "never diced"),
    ],
)  # fmt: skip
def test_a_fan_in_package_without_a_step_it_needs_fails(made, edits, code, told):
    result = made(FAN_IN, edits)
    assert not result.ok
    messages = [check.message for check in result.checks if check.code == code and not check.ok]
    assert any(told in message for message in messages), [c.message for c in result.checks if not c.ok]


def test_one_cause_makes_few_checks(made):
    """Sixteen balls and twenty pads apart for the same reason are told together, and counted."""
    result = made(FAN_IN, without("expose PI2", "develop PI2"))
    assert result.metrics["closed_count"] == 16
    assert result.metrics["opens_count"] == 16
    assert len([check for check in result.checks if not check.ok]) <= 4


@pytest.mark.parametrize(
    ("family", "edits", "said"),
    [
        (SENSOR, "    - change: first groove\n      recipe: {stops_at: depth, depth_um: 60}\n", "never reaches PAD."),
        (FAN_IN, "    - change: expose resist for RDL\n      recipe: {mask: RDLL}\n", "did you mean 'RDL'"),
        (FAN_IN, "    - change: ball drop\n      recipe: {mask: BAL}\n", "did you mean 'BALL'"),
        (SENSOR, "    - change: first groove\n      recipe: {mask: GROVE1}\n", "did you mean 'GROOVE1'"),
        (SENSOR, "    - change: first groove\n      recipe: {spare: SENSNG}\n", "did you mean 'SENSING'"),
        (SENSOR, "    - change: second groove\n      recipe: {cavity: CAVTY}\n", "did you mean 'CAVITY'"),
        (SENSOR, "    - change: insulation\n      recipe: {openings: INSOPEN}\n", "did you mean 'INS_OPEN'"),
        (SENSOR, "    - change: solder mask\n      recipe: {groove: GROOVE}\n", "did you mean 'GROOVE"),
    ],
)
def test_what_can_never_be_meant_is_refused(made, family, edits, said):
    with pytest.raises(InputError) as caught:
        made(family, edits)
    assert any(said in str(problem) for problem in caught.value.problems), [str(p) for p in caught.value.problems]


def test_the_examples_of_the_trial(tmp_path):
    """The larger packages as their users have them: one edit each."""
    store = Store(tmp_path / "cache")
    for name, edit, code in (
        ("image_sensor", LATE, "as_built.open"),
        ("caravel", without("reflow"), "as_built.open"),
    ):
        source = ROOT / "examples" / name
        for csv in source.glob("*.csv"):
            (tmp_path / csv.name).write_bytes(csv.read_bytes())
        path = tmp_path / f"{name}.yaml"
        path.write_text((source / "chip.yaml").read_text(encoding="utf-8") + f"\nflow:\n  edits:\n{edit}", "utf-8")
        assert code in failed(Design.load(path, store=store).run("process.as_built"))
