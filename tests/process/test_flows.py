"""The flows that come with chipscale: each plans and runs on a package it suits, and ideally builds what is drawn."""

import dataclasses

import pytest
import shapely
from layout_designs import package_of, small_package, straight_answer

from chipscale.errors import InputError
from chipscale.layout.draw import draw, given
from chipscale.package.joint import reflowed
from chipscale.package.types import (
    Ball,
    FlowChange,
    FlowLine,
    FlowPlan,
    FlowStep,
    FlowText,
    LayerPlan,
    Net,
    Pad,
    Terminal,
)
from chipscale.process.flow import built_stack, plan, run, start
from chipscale.process.flows import flow_of, list_flows, load_flow, suits
from chipscale.process.ideal import ideal
from chipscale.process.masks import Masks
from chipscale.process.questions.as_built import AsBuilt
from chipscale.process.questions.flow_facts import FlowFacts
from chipscale.stack.contact import net_pieces
from chipscale.stack.volume import overlaps, volume_um3


def films(**materials):
    return LayerPlan(1.0, 1.0, 5.0, 2.0, 5.0, 5.0, 25.0, materials)


def on_pads(sphere_d_um=250.0, ubm_d_um=215.0, **changes):
    """Return four balls on their pads."""
    places = [("A1", "P1", "a", 400.0, 800.0), ("A2", "P2", "b", 800.0, 800.0), ("B1", "P3", "c", 400.0, 400.0),
              ("B2", "P4", "a", 800.0, 400.0)]  # fmt: skip
    balls = tuple(Ball(ball, x, y, net, k // 2, k % 2) for k, (ball, _, net, x, y) in enumerate(places))
    pads = tuple(Pad(pad, x, y, 200.0, 200.0, net) for _, pad, net, x, y in places)
    nets = tuple(
        Net(
            net,
            "signal",
            "signal",
            tuple(p.name for p in pads if p.net == net),
            tuple(b.name for b in balls if b.net == net),
        )
        for net in ("a", "b", "c")
    )
    terminal = Terminal(sphere_d_um, *reflowed(sphere_d_um, ubm_d_um), ubm_d_um, ubm_d_um - 40.0, ubm_d_um, 0.0, 0.0)
    made = package_of("pads", (1200.0, 1200.0), pads, balls, nets, terminal=terminal, rdl_layers=0, layers=films())
    return dataclasses.replace(made, min_ball_distance_um=400.0, **changes)


def made_with(base, **changes):
    """Return (package, layout) that suits a flow."""
    flow = FlowPlan(base)
    if base in ("bump_on_pad", "plated_gold"):
        package = on_pads(flow=flow, **changes)
    elif base == "plated_solder":
        package = on_pads(120.0, 130.0, flow=flow, **changes)
    else:
        dielectric = {"thin_film_pbo": "PBO", "thin_film_bcb": "BCB"}.get(base, "PI")
        rdl = "Al" if base == "rdl_aluminium" else "Cu_plated"
        layers = films(pi1=dielectric, pi2=dielectric, rdl=rdl)
        package = small_package(flow=flow, layers=layers, **changes)
    if package.rdl_layers:
        return package, draw(package, router=given(straight_answer(package)))
    return package, draw(package)


FLOWS = [name for name in list_flows() if not name.startswith("image_sensor")]


@pytest.fixture(scope="module", params=FLOWS)
def made(request):
    package, layout = made_with(request.param)
    return package, layout, plan(flow_of(package))


def test_the_flows_there_are():
    assert set(list_flows()) >= {
        "thin_film", "thin_film_pbo", "thin_film_bcb", "bump_on_pad", "plated_solder", "plated_gold", "rdl_aluminium",
        "image_sensor", "image_sensor_one_groove",
    }  # fmt: skip
    for name in list_flows():
        flow = load_flow(name)
        assert flow.title
        assert flow.suits
        assert not flow.thin_before or any(line.thinning for line in flow.lines)


def test_every_flow_builds_a_sound_stack(made):
    package, layout, steps = made
    stack = built_stack(package, layout, steps)
    assert overlaps(stack) == []
    assert len({body.name for body in stack.bodies}) == len(stack.bodies)
    assert stack.step_log == tuple(spec.title for spec, _ in steps)
    for net, pieces in net_pieces(stack).items():
        expected = 1 if package.rdl_layers else len(package.net(net).balls)
        assert len(pieces) == expected, (net, pieces)


def test_ideally_every_flow_builds_what_is_drawn(made):
    package, layout, steps = made
    stack = built_stack(package, layout, plan(ideal(spec for spec, _ in steps)))
    result = AsBuilt().run({"package": package, "layout": layout, "stack": stack})
    differs = {name: value for name, value in result.metrics.items() if name.endswith("differs_um2")}
    assert len(differs) >= 2
    assert set(differs.values()) == {0.0}
    assert result.metrics["rules_missed_count"] == 0
    assert result.ok


def test_as_built_the_flow_leaves_its_mark(made):
    package, layout, steps = made
    result = AsBuilt().run({"package": package, "layout": layout, "stack": built_stack(package, layout, steps)})
    assert result.ok, [check.message for check in result.checks if not check.ok]
    walls = [row["mean_deg"] for row in result.tables["walls"] if row["layer"] == "PI2"]
    assert walls
    assert all(60 < angle < 90 for angle in walls)


def time_from_figures(row):
    """Return the time in s that the values a step noted give with its recipe; others' own time."""
    own, told = row["recipe"], row["figures"]
    match row["step"]:
        case "coat":
            return own["finish_s"] + told["coats_count"] * (own["spin_s"] + own["between_s"]) - own["between_s"]
        case "soft_bake":
            return told["bake_s"]
        case "expose":
            return own["align_s"] + told["dose_mJ_cm2"] / own["irradiance_mW_cm2"]
        case "develop":
            return told["develop_s"] + own["rinse_s"]
        case "cure":
            return 3600 * (told["cure_h"] + own["ramp_h"]) / own["oven_count"]
    return row["time_s"]


def test_a_flow_tells_time_tools_and_defects(made):
    package, layout, steps = made
    result = FlowFacts().run({"package": package, "layout": layout})
    rows = result.tables["steps"]
    assert [row["label"] for row in rows] == [spec.title for spec, _ in steps]
    assert all(row["time_s"] > 0 and row["tool"] for row in rows)
    assert result.metrics["time_s"] == pytest.approx(sum(row["time_s"] for row in result.tables["tools"]))
    assert result.metrics["dies_count"] > 1000
    assert {"plater", "coater", "oven"} <= {row["tool"] for row in rows}
    plates = next(row for row in rows if row["step"] == "plate")
    assert plates["figures"]["bath_time_min"] * 60 == pytest.approx(plates["time_s"], rel=1e-4)
    for row in rows:
        assert row["time_s"] == pytest.approx(time_from_figures(row), abs=0.01), row["label"]
    polish = next(row for row in rows if row["step"] == "polish")
    assert polish["time_s"] < 600  # the thickness it begins with is that of the step before


def test_a_second_layer_gets_its_own_steps():
    one, _ = made_with("thin_film")
    two = dataclasses.replace(one, rdl_layers=2)
    more = [step.title for step in flow_of(two) if step.title not in [item.title for item in flow_of(one)]]
    assert [title for title in more if title.startswith(("coat", "plate"))] == [
        "coat PI_MID", "coat resist for RDL2", "plate RDL2",
    ]  # fmt: skip
    layout = draw(two, router=given(straight_answer(two)))
    stack = built_stack(two, layout, plan(flow_of(two)))
    assert stack.on("RDL2")
    assert overlaps(stack) == []


def test_without_a_film_on_the_back_the_mark_is_in_silicon():
    package, _ = made_with("bump_on_pad")
    bare = dataclasses.replace(package, layers=dataclasses.replace(package.layers, backside_um=0.0))
    assert "backside film" in [step.title for step in flow_of(package)]
    titles = [step.title for step in flow_of(bare)]
    assert "backside film" not in titles
    assert "laser mark in silicon" in titles


def test_thinned_before_bumping_the_wafer_is_thin_before_the_first_film():
    package, layout = made_with("thin_film")
    before = dataclasses.replace(package, flow=FlowPlan("thin_film", "before_bumping"))
    after = [step.title for step in flow_of(package)]
    moved = [step.title for step in flow_of(before)]
    assert sorted(after) == sorted(moved)
    assert moved[:6] == ["incoming wafer", "probe map", "coarse grind", "fine grind", "polish", "coat PI1"]
    steps = run(plan(flow_of(before)), start(before, layout), Masks(layout))
    low = {spec.title: work.stack().extent_z_um()[0] for spec, work in steps}
    assert low["incoming wafer"] == -775
    assert low["coat PI1"] == -package.die.thickness_um
    assert built_stack(before, layout, plan(flow_of(before))).extent_z_um()[0] == pytest.approx(
        -package.die.thickness_um - 25
    )


def test_gold_bumps_are_made_in_the_eleven_steps_in_order():
    numbered = [line.step for line in load_flow("plated_gold").lines if line.step.title[0].isdigit()]
    order = [int(step.title.split()[0]) for step in numbered]
    assert order == sorted(order)
    assert set(order) == set(range(1, 12))
    kinds = {}
    for number, step in zip(order, numbered, strict=True):
        kinds.setdefault(number, []).append(step.step)
    assert kinds == {
        1: ["sputter"], 2: ["coat", "soft_bake"], 3: ["expose", "develop"], 4: ["plate"], 5: ["strip"],
        6: ["etch_seed"], 7: ["coat", "soft_bake"], 8: ["expose"], 9: ["develop"], 10: ["plate"],
        11: ["plate"],
    }  # fmt: skip


def test_the_ninth_step_bares_the_tops_of_the_studs():
    package, layout = made_with("plated_gold")
    masks = Masks(layout)
    bare = {}
    for spec, work in run(plan(flow_of(package)), start(package, layout), masks):
        studs = [body for body in work.bodies if body.layer == "UBM" and body.part == ""]
        if work.coat is None or not studs:
            continue
        opened = work.coat.opened
        free = shapely.Polygon() if opened is None else opened.at(opened.z_um, masks.die)
        bare[spec.title[:2].strip()] = [shapely.area(shapely.intersection(free, stud.top)) for stud in studs]
        areas = [stud.top.area for stud in studs]
    assert bare["7"] == bare["8"] == [0.0] * 4
    assert bare["9"] == pytest.approx(areas, rel=0.1)


def test_gold_stands_on_its_studs():
    package, layout = made_with("plated_gold")
    stack = built_stack(package, layout, plan(flow_of(package)))
    gold = [body for body in stack.on("BUMP") if body.part == ""]
    assert {body.material for body in gold} == {"Au"}
    assert sum(body.h_um for body in gold) / 4 == pytest.approx(16.0, abs=0.5)
    assert stack.on("BALL") == ()


def test_plated_solder_becomes_a_ball_of_the_spheres_volume():
    package, layout = made_with("plated_solder")
    stack = built_stack(package, layout, plan(ideal(flow_of(package))))
    balls = stack.on("BALL")
    assert len(balls) == 4
    sphere = 3.141592653589793 / 6 * package.terminal.sphere_d_um**3
    for ball in balls:
        assert volume_um3(ball) == pytest.approx(sphere, rel=2e-3)  # 64-gons instead of discs
    materials = {body.material for body in stack.on("UBM")}
    assert materials == {"Cu_plated", "Ni"}


def test_aluminium_wires_are_as_wide_as_drawn_because_the_mask_allows_for_the_etch():
    package, layout = made_with("rdl_aluminium")
    stack = built_stack(package, layout, plan(flow_of(package)))
    result = AsBuilt().run({"package": package, "layout": layout, "stack": stack})
    assert abs(result.metrics["rdl_width_delta_um"]) < 0.05
    assert {body.material for body in stack.on("RDL")} == {"Al"}
    bare = FlowPlan("rdl_aluminium", changes=(FlowChange("change", "expose resist for RDL", {"etch_um": 0.0}),))
    package = dataclasses.replace(package, flow=bare)
    stack = built_stack(package, layout, plan(flow_of(package)))
    result = AsBuilt().run({"package": package, "layout": layout, "stack": stack})
    assert result.metrics["rdl_width_delta_um"] == pytest.approx(-2 * 0.92 * 2.0, abs=0.1)


@pytest.mark.parametrize(
    ("base", "changes", "said"),
    [
        ("thin_film", {"layers": films(pi1="BCB")}, "another dielectric than BCB"),
        ("thin_film_bcb", {"layers": films(pi1="PI")}, "the dielectric BCB"),
        ("bump_on_pad", {}, "without redistribution"),
        ("image_sensor", {}, "grooves"),
    ],
)
def test_a_flow_that_does_not_suit_is_refused_with_those_that_do(base, changes, said):
    package = small_package(flow=FlowPlan(base), **changes)
    with pytest.raises(InputError) as caught:
        flow_of(package)
    problem = next(item for item in caught.value.problems if item.code == "flow.suits")
    assert said in problem.what
    named = problem.remedy.removeprefix("flows that suit it: ").split(", ")
    assert named
    assert all(suits(load_flow(name), package) for name in named)


def test_an_unknown_flow_names_the_nearest():
    with pytest.raises(InputError) as caught:
        flow_of(small_package(flow=FlowPlan("thin_flim")))
    assert "did you mean 'thin_film'" in caught.value.problems[0].remedy


def test_a_flow_of_ones_own_takes_its_values_from_the_package():
    text = FlowText(
        "mine",
        "mine",
        (
            FlowLine(FlowStep("incoming_wafer", "wafer", {"wafer_um": "=2*die.thickness_um"}), line=4),
            FlowLine(FlowStep("dice", "cut", {"street_um": "=wafer.street_x_um"}), line=9),
            FlowLine(FlowStep("dice", "never", {}), when=("rdl_layers == 2",)),
        ),
    )
    package = small_package(flow=FlowPlan("mine.toml", own=text))
    assert flow_of(package) == (
        FlowStep("incoming_wafer", "wafer", {"wafer_um": 2 * package.die.thickness_um}),
        FlowStep("dice", "cut", {"street_um": 80.0}),
    )
    wrong = dataclasses.replace(text, lines=(FlowLine(FlowStep("dice", "cut", {"street_um": "=wafer.stret"}), line=9),))
    with pytest.raises(InputError) as caught:
        flow_of(dataclasses.replace(package, flow=FlowPlan("mine.toml", own=dataclasses.replace(wrong, file="m.toml"))))
    assert (caught.value.problems[0].file, caught.value.problems[0].line) == ("m.toml", 9)
