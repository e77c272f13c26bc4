"""The flows that come with chipscale: what their bumps' heights are made of, and how far apart the apexes are."""

from pathlib import Path

import numpy as np
import pytest

from chipscale.design import Design
from chipscale.process.flow import plan
from chipscale.process.flows import flow_of
from chipscale.process.step import LEVELS
from chipscale.process.steps import all_steps
from chipscale.process.variation.analysis import Variation
from chipscale.process.variation.chain import Chain
from chipscale.process.variation.components import slope
from chipscale.process.variation.influence import Influence
from chipscale.process.variation.limits import making
from chipscale.process.variation.model import heights_um, model_of
from chipscale.process.variation.sources import tells
from chipscale.process.variation.window import Window
from chipscale.units import unit_of

CHIP = Path(__file__).parents[3] / "examples" / "bump_on_pad" / "chip.yaml"


@pytest.fixture(scope="module")
def designs():
    kept = {}

    def of(base, sphere_d_um=250):
        key = (base, sphere_d_um)
        if key not in kept:
            design = Design.load(CHIP, {"flow.base": base, "balls.sphere_d_um": sphere_d_um})
            kept[key] = {"package": design.package, "layout": design.layout}
        return kept[key]

    return of


@pytest.mark.parametrize(
    ("base", "sphere_d_um", "expected"),
    [("bump_on_pad", 250, "dropped"), ("plated_solder", 120, "plated"), ("plated_gold", 250, "plated")],
)
def test_how_the_bumps_are_made_says_which_limit_is_theirs(designs, base, sphere_d_um, expected):
    assert making(modelled(designs(base, sphere_d_um))) == expected


def modelled(view):
    return model_of(view["package"], view["layout"], plan(flow_of(view["package"])))


def films(model):
    chain: Chain = model.chain
    return [(term.layer, model.made.label(term.maker)) for term in chain.terms]


def acting(model):
    return {(s.label, s.quantity, s.layer): s.target for s in model.sources if s.target != "none" and s.varies}


def test_dropped_balls(designs):
    model = modelled(designs("bump_on_pad"))
    assert films(model)[-2:] == [("PI2", "cure PI2"), ("UBM", "plate UBM")]
    assert model.chain.joint.sphere
    assert model.chain.joint.sphere_d_um == pytest.approx(250.0)
    made = acting(model)
    assert made[("ball drop", "sphere_d_um", "BALL")] == "sphere"
    assert made[("coat PI2", "thickness_pct", "PI2")] == "film"
    assert made[("plate UBM", "thickness_pct", "UBM")] == "film"
    assert made[("expose resist for UBM", "cd_um", "UBM")] == "base"
    stack_top = max(float(b.profile[:, 1].max()) for b in model.made.bodies if b.layer == "BALL")
    assert model.chain.apex_um.max() == pytest.approx(stack_top, abs=1e-6)


def test_plated_solder_over_two_metals_in_one_resist(designs):
    model = modelled(designs("plated_solder", 120))
    assert films(model)[-2:] == [("UBM", "plate copper"), ("UBM", "plate nickel barrier")]
    assert not model.chain.joint.sphere
    made = acting(model)
    assert made[("plate solder", "thickness_pct", model.chain.joint.solder_layer)] == "solder"
    assert made[("expose resist for bumps", "cd_um", "UBM")] == "base and mold"
    tops = [float(b.profile[:, 1].max()) for b in model.made.bodies if b.layer == model.chain.joint.solder_layer]
    assert model.chain.apex_um == pytest.approx(max(tops), abs=1e-6)


def test_gold_bumps_end_with_their_metal_and_keep_5_um(designs):
    view = designs("plated_gold")
    model = modelled(view)
    assert model.chain.joint is None
    assert [layer for layer, _ in films(model)][-3:] == ["UBM", "BUMP", "BUMP"]
    result = Variation(wafers_count=2, dies_count=300).run(view)
    assert (result.metrics["within_limit_pct"], result.metrics["limit_um"]) == (100.0, 5.0)
    assert result.metrics["coplanarity_mean_um"] < 2.0
    bump = sum(term.mean_um.mean() for term in model.chain.terms if term.layer == "BUMP")
    room = result.metrics["height_high_limit_um"] - result.metrics["height_low_limit_um"]
    assert room == pytest.approx(0.2 * bump, rel=0.02)


def test_solder_that_fills_the_openings_of_its_mask():
    design = Design.load(CHIP.parents[1] / "image_sensor" / "chip.yaml")
    model = modelled({"package": design.package, "layout": design.layout})
    assert [layer for layer, _ in films(model)] == ["INS", "RDL", "MASK"]
    joint = model.chain.joint
    assert (joint.sphere, joint.rim_layer) == (True, "MASK")
    assert (joint.plug_um3 > 0).all()
    assert joint.offset_um == pytest.approx(0.0, abs=1e-6)
    zero = {place: np.zeros((1, 1), np.float32) for place in range(len(model.sources))}
    for place, source in enumerate(model.sources):
        if source.target != "none":
            step = 0.05 * max(source.by_level.values())
            up, down = (
                heights_um(model, zero | {place: np.full((1, 1), sign * step, np.float32)})[0] for sign in (1, -1)
            )
            assert (up - down) / (2 * step) == pytest.approx(slope(model, source), rel=1e-3), source
    mask = next(s for s in model.sources if s.layer == "MASK" and s.target == "film")
    assert 0.5 < slope(model, mask)[0] < 0.9  # a thicker mask lifts the ball and takes solder from it


def test_dropped_balls_can_not_keep_5_um_and_the_spheres_are_why(designs):
    view = designs("bump_on_pad")
    result = Variation(wafers_count=2, dies_count=300).run(view)
    assert result.metrics["within_plated_pct"] == 0.0
    assert (result.metrics["within_limit_pct"], result.metrics["limit_um"], result.ok) == (100.0, 50.0, True)
    first = result.tables["causes"][0]
    assert (first["step"], first["quantity"]) == ("ball drop", "sphere_d_um")
    assert first["coplanarity_without_um"] < 2.0
    ranked = Influence(trajectories_count=3, wafers_count=1, dies_count=50).run(view).tables["first_five"]
    assert ranked[0]["parameter"] == "ball drop.sphere_tolerance_um"
    assert "topline" in ranked[0]["source"]
    window = Window("ball drop.sphere_tolerance_um", wafers_count=1, dies_count=400).run(view)
    assert 1.0 < window.metrics["answer_value"] < 4.0
    plating = Window("plate UBM.within_die_pct", wafers_count=1, dies_count=100).run(view)
    assert plating.metrics["found_count"] == 0.0
    assert "ball drop: sphere_d_um" in plating.tables["answer"][0]["verdict"]


def test_every_step_says_what_varies():
    steps = {name: kind for name, kind in all_steps().items() if kind.__module__.startswith("chipscale")}
    silent = {name for name, kind in steps.items() if not tells(kind)}
    assert silent <= {"polymer", "resist", "thin"}  # one step each for what takes several
    for name, kind in sorted(steps.items()):
        if name in silent:
            continue
        for spread in kind().spreads():
            assert unit_of(spread.quantity) is not None, (name, spread.quantity)
            assert set(spread.by_level) <= set(LEVELS), name
            assert all(size >= 0 for level, size in spread.by_level.items() if level != "radius"), name
            assert spread.source, name


@pytest.mark.parametrize(
    ("base", "knob"),
    [("bump_on_pad", "ball drop.sphere_tolerance_um"), ("plated_gold", "11 thin gold on top.within_die_pct")],
)
def test_a_window_asked_without_an_option_turns_the_usual_one(designs, base, knob):
    result = Window(wafers_count=1, dies_count=30).run(designs(base))
    assert result.tables["answer"][0]["parameter"] == knob


def test_the_mean_width_is_that_of_what_is_built(designs):
    """A bias of the exposure moves the mean and so the capability, however little the width varies."""
    plain = Design.load(CHIP)
    biased = {"edge": "given", "bias_um": 2.0, "wall_deg": 90.0, "compensate": False}
    wide = Design.load(CHIP, {"flow.edits": [{"change": "expose resist for UBM", "recipe": biased}]})
    rows = []
    for design in (plain, wide):
        made = design.run("process.variation", wafers_count=1, dies_count=50)
        (row,) = [row for row in made.tables["widths"] if row["layer"] == "UBM"]
        built = design.run("process.as_built").metrics["ubm_width_delta_um"]
        assert row["mean_um"] == pytest.approx(row["drawn_um"] + built, abs=1e-3)
        rows.append(row)
    assert abs(rows[1]["mean_um"] - rows[0]["mean_um"]) > 1.0
    assert rows[1]["cpk_ratio"] != pytest.approx(rows[0]["cpk_ratio"], rel=1e-3)
