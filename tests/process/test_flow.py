import dataclasses
import math

import pytest

from chipscale.errors import InputError
from chipscale.package.types import FlowStep
from chipscale.process.flow import draft, nominal_stack, plan, run
from chipscale.process.flows import flow_of
from chipscale.process.ideal import ideal
from chipscale.process.masks import Masks
from chipscale.process.steps import ALSO, OWN, all_steps, find
from chipscale.process.work import Work
from chipscale.stack.contact import net_pieces
from chipscale.stack.types import Slab
from chipscale.stack.volume import overlaps, volume_um3, z_range_um
from chipscale.units import unit_of

MOLD = ("coat", "soft_bake", "expose", "develop")


def heights(stack, layer, part=""):
    found = {z_range_um(body) for body in stack.on(layer) if body.part == part}
    assert len(found) == 1
    return next(iter(found))


def problems(flow):
    with pytest.raises(InputError) as caught:
        plan(tuple(flow))
    return caught.value.problems


def film(package, layout, change=None):
    """Return [(label, stack)] after every step of the flow as drawn, with options changed by label."""
    flow = [
        dataclasses.replace(spec, recipe={**spec.recipe, **(change or {}).get(spec.title, {})})
        for spec in ideal(flow_of(package))
    ]
    masks = Masks(layout)
    start = Work(package.name, layout.size_x_um, layout.size_y_um)
    return [(spec.title, work.stack()) for spec, work in run(plan(tuple(flow)), start, masks)]


def test_every_film_lies_where_the_package_says(package, layout):
    stack = nominal_stack(package, layout)
    assert heights(stack, "DIE") == (-200.0, 0.0)
    assert heights(stack, "BACKSIDE") == (-225.0, -200.0)
    assert heights(stack, "PAD") == (0.0, 1.0)
    assert heights(stack, "PASSIVATION", "fill") == (0.0, 1.0)
    assert heights(stack, "PASSIVATION") == pytest.approx((1.0, 2.2))
    assert heights(stack, "PI1") == pytest.approx((2.2, 8.2))
    assert heights(stack, "RDL", "plug") == pytest.approx((1.0, 8.2))
    assert heights(stack, "RDL") == pytest.approx((8.2, 13.2))
    assert heights(stack, "PI2", "fill") == pytest.approx((8.2, 13.2))
    assert heights(stack, "PI2") == pytest.approx((13.2, 20.2))
    assert heights(stack, "UBM", "plug") == pytest.approx((13.2, 20.2))
    assert heights(stack, "UBM") == pytest.approx((20.2, 28.2))
    assert heights(stack, "BALL") == pytest.approx((28.2, 28.2 + package.terminal.ball_h_um))


def test_materials_are_those_of_the_package(package, layout):
    stack = nominal_stack(package, layout)
    material = {body.layer: body.material for body in stack.bodies}
    assert (material["PI1"], material["BALL"], material["RDL"]) == ("PBO", "SAC387", "Cu_plated")


def test_nothing_overlaps_and_both_nets_are_whole(package, layout):
    stack = nominal_stack(package, layout)
    assert overlaps(stack, 1e-3) == []
    assert {net: len(found) for net, found in net_pieces(stack).items()} == {"in": 1, "out": 1}


def test_two_redistribution_layers(package, layout_of_two):
    stack = nominal_stack(dataclasses.replace(package, rdl_layers=2), layout_of_two)
    assert heights(stack, "PI_MID") == pytest.approx((13.2, 19.2))
    assert heights(stack, "RDL2", "plug") == pytest.approx((13.2, 19.2))
    assert heights(stack, "RDL2") == pytest.approx((19.2, 24.2))
    assert overlaps(stack, 1e-3) == []
    assert {net: len(found) for net, found in net_pieces(stack).items()} == {"in": 1, "out": 1}


def test_the_film_shows_the_package_being_built(package, layout):
    frames = dict(film(package, layout))
    assert heights(frames["incoming wafer"], "DIE") == (-775.0, 0.0)
    assert {body.layer for body in frames["develop resist for RDL"].bodies} >= {"RESIST", "PI1"}
    assert heights(frames["plate RDL"], "RDL") == pytest.approx((8.2, 13.2))
    assert not frames["strip resist of RDL"].on("RESIST")
    sphere = frames["ball drop"].body("BALL.A1")
    assert z_range_um(sphere) == pytest.approx((28.2, 278.2))
    assert volume_um3(sphere) == pytest.approx(math.pi * 250**3 / 6, rel=1e-12)
    for name, stack in frames.items():
        assert overlaps(stack, 1e-3) == [], name
        assert stack.step_log[-1] == name


def test_resist_fills_what_the_metal_leaves(package, layout):
    frames = dict(film(package, layout))
    mold = sum(volume_um3(body) for body in frames["develop resist for RDL"].on("RESIST"))
    metal = sum(body.bottom.area for body in frames["plate RDL"].on("RDL") if not body.part)
    assert mold == pytest.approx((1000.0 * 600.0 - metal) * 7.5, rel=1e-9)


def test_reflow_keeps_the_solder(package, layout):
    terminal = dataclasses.replace(package.terminal, ball_d_um=0.0, ball_h_um=0.0)
    frames = dict(film(dataclasses.replace(package, terminal=terminal), layout))
    before, after = (volume_um3(frames[name].body("BALL.A2")) for name in ("ball drop", "reflow"))
    assert after == pytest.approx(before, rel=1e-9)
    assert 2 * frames["reflow"].body("BALL.A2").spheroid.semi_r_um == pytest.approx(260.9, abs=0.05)


def test_given_balls_that_hold_other_solder_are_reported(package, layout):
    flow = [
        dataclasses.replace(spec, recipe=spec.recipe | {"ball_h_um": 260.0}) if spec.step == "reflow" else spec
        for spec in ideal(flow_of(package))
    ]
    done = {spec.title: work for spec, work in run(plan(flow), Work("two", 1000.0, 600.0), Masks(layout))}["reflow"]
    assert "solder" in " ".join(done.note.warnings)
    assert z_range_um(done.stack().body("BALL.A1"))[1] == pytest.approx(28.2 + 260.0)


def test_a_wide_kerf_takes_the_edge(package, layout):
    frames = dict(film(package, layout, {"dicing": {"edge_loss_um": 20.0}}))
    assert frames["dicing"].body("DIE").bottom.bounds == (20.0, 20.0, 980.0, 580.0)
    assert overlaps(frames["dicing"], 1e-3) == []


def test_a_kerf_into_a_pad_is_refused(package, layout):
    with pytest.raises(InputError, match=r"kerf cuts into PAD\.pin"):
        film(package, layout, {"dicing": {"edge_loss_um": 100.0}})


def test_a_resist_too_thin_for_its_metal_is_refused(package, layout):
    with pytest.raises(InputError, match="grows over its resist") as caught:
        film(package, layout, {"coat resist for UBM": {"thickness_um": 6.0}})
    (problem,) = caught.value.problems
    assert "plate UBM" in problem.key
    assert problem.value == "6 µm of resist"
    assert problem.limit == "8 µm of metal and 10 % over it (assumed): 8.8 µm"
    assert "in one coat" in problem.remedy


def test_a_pad_smaller_than_its_passivation_overlap_is_refused(package, layout):
    with pytest.raises(InputError, match="too small for the passivation"):
        film(package, layout, {"incoming wafer": {"pad_overlap_um": 45.0}})


def test_thinning_can_only_take_away(package, layout):
    with pytest.raises(InputError, match="thinner than that already"):
        film(package, layout, {"incoming wafer": {"wafer_um": 150.0}})


def test_a_layout_without_balls_is_refused(package, layout):
    bare = dataclasses.replace(layout, circles=tuple(c for c in layout.circles if c.layer != "BALL"))
    with pytest.raises(InputError, match="no ball site"):
        nominal_stack(package, bare)


def test_a_bare_die_without_pads_or_balls_still_has_its_films(package, layout):
    bare = dataclasses.replace(layout, circles=(), polygons=(), traces=())
    masks, work = Masks(bare), Work("bare", 1000.0, 600.0)
    left_out = ("sputter", "plate", "strip", "etch_seed", "ball_drop", "reflow", "backside_coat", "laser_mark")
    flow = [spec for spec in ideal(flow_of(package)) if spec.step not in left_out and "resist" not in spec.label]
    *_, (_, work) = run(plan(tuple(flow)), work, masks)
    assert [body.name for body in work.bodies] == ["DIE", "PASSIVATION", "PI1", "PI2"]


def test_progress_is_told(package, layout):
    told = []
    nominal_stack(package, layout, progress=lambda share, text: told.append((share, text)))
    assert told[-1] == (1.0, "dicing")
    assert [share for share, _ in told] == sorted(share for share, _ in told)


def test_same_masks_same_stack(package, layout):
    one, two = (nominal_stack(package, layout) for _ in range(2))
    for a, b in zip(one.bodies, two.bodies, strict=True):
        assert a.name == b.name
        if isinstance(a, Slab):
            assert a.bottom.equals_exact(b.bottom, 0.0)


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["incoming_wafer", *MOLD, "plate", "strip"], "needs a seed"),
        (["incoming_wafer", "sputter", "plate", "etch_seed"], "needs a developed coat"),
        (["incoming_wafer", "sputter", *MOLD, "plate"], "coat on the wafer still on it"),
        (["incoming_wafer", "expose"], "needs a coat"),
        (["incoming_wafer", "coat", "soft_bake", "develop"], "needs an exposed coat"),
        (["incoming_wafer", "reflow"], "needs solder"),
        (["incoming_wafer", "dice", "dice"], "already diced"),
        (["coat"], "needs a wafer"),
        (["incoming_wafer", "incoming_wafer"], "can't be done with a wafer"),
        (["incoming_wafer", "sputter", *MOLD, "plate", "strip", "ball_drop"], "can't be done with a seed"),
    ],
)
def test_steps_out_of_order_are_refused(names, said):
    found = problems(FlowStep(name) for name in names)
    assert any(said in problem.what for problem in found)
    assert {problem.code for problem in found} == {"flow.order"}


def test_all_problems_of_a_flow_at_once():
    flow = [
        FlowStep("incoming_wafr"),
        FlowStep("coat", "", {"thicknes_um": 3.0}),
        FlowStep("plate", "plate bumps", {"thickness_um": 900.0}),
        FlowStep("fine_grind", "", {"thickness_um": "thin"}),
    ]
    found = problems(flow)
    codes = [problem.code for problem in found]
    assert codes == ["flow.unknown_step", "flow.unknown_option", "flow.out_of_range", "flow.not_a_number"]
    assert "incoming_wafer" in found[0].remedy
    assert "thickness_um" in found[1].remedy
    assert found[2].key == "flow[3] plate bumps.thickness_um"
    assert (found[2].value, found[2].limit) == ("900 µm", "0.1 to 150 µm")


def test_the_remedy_of_a_wrong_order_names_the_step():
    (problem,) = problems([FlowStep("incoming_wafer"), FlowStep("reflow")])
    assert "Flux and ball drop" in problem.remedy


@pytest.mark.parametrize("name", sorted(all_steps()))
def test_a_step_says_what_its_options_are(name):
    kind = all_steps()[name]
    assert kind.name == name
    assert kind.tool
    assert kind.title
    for field in dataclasses.fields(kind):
        if field.type in ("float", float):
            assert unit_of(field.name) is not None
            assert field.metadata["meaning"]
            low, high = field.metadata["low"], field.metadata["high"]
            assert low <= field.default <= high


def test_a_flow_may_use_steps_of_others(package, layout, monkeypatch):
    @dataclasses.dataclass(frozen=True)
    class Rinse(all_steps()["strip"]):
        name = "rinse"
        needs = frozenset({"wafer"})
        takes = frozenset()

        def effect(self, work, masks):
            return dataclasses.replace(work, name="rinsed")

    monkeypatch.setattr("chipscale.process.flow.find", lambda name: Rinse if name == "rinse" else find(name))
    steps = plan((FlowStep("incoming_wafer"), FlowStep("rinse")))
    *_, (_, work) = run(steps, Work("w", 1000.0, 600.0), Masks(layout))
    assert work.name == "rinsed"


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("spin_cot", "coat"),
        ("Spray-coat", "coat"),
        ("saw", "dice"),
        ("develope", "develop"),
        ("flux and ball drop", "ball_drop"),
    ],
)
def test_an_unknown_step_is_told_the_nearest_by_name_title_or_what_people_call_it(wrong, right):
    (problem,) = draft([FlowStep(wrong, "it")])[1]
    assert problem.code == "flow.unknown_step"
    assert problem.remedy == f"did you mean '{right}'?"


def test_every_other_name_of_a_step_is_that_of_a_step_there_is():
    assert set(ALSO.values()) <= set(OWN)
    assert not set(ALSO) & set(OWN)
