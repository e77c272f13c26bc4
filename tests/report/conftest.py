"""A small design with every part a report can show, and the same with hostile names."""

from dataclasses import replace

import numpy as np
import pytest
import shapely

from chipscale.layout.types import Circle, Label, Layout, OpenNet, Polygon, Trace
from chipscale.package.types import (
    Assumption,
    Ball,
    Die,
    LayerPlan,
    Net,
    NetClass,
    Package,
    Pad,
    RuleSet,
    Terminal,
)
from chipscale.process.questions.film import Frame
from chipscale.report.input import FileEntry, ReportInput, SectionCut
from chipscale.results import Check, Result
from chipscale.stack.glb import glb_bytes
from chipscale.stack.section import section
from chipscale.stack.types import Revolved, Slab, Stack

HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(2)>\"'`{{7*7}}&amp;\x07"
SIZE_UM = 1400.0


def _square(x, y, half):
    return np.array([[x - half, y - half], [x + half, y - half], [x + half, y + half], [x - half, y + half]])


def _parts(names):
    pads, balls, nets, circles, polygons, traces = [], [], [], [], [], []
    for i, net in enumerate(names):
        x, y = 450.0 + 500.0 * (i % 2), 950.0 - 500.0 * (i // 2)
        px = 60.0 if i % 2 == 0 else SIZE_UM - 60.0
        ball, pad = f"{'AB'[i // 2]}{i % 2 + 1}", f"pad{i}"
        pads.append(Pad(pad, px, y, 60, 60, net))
        balls.append(Ball(ball, x, y, net, i // 2, i % 2))
        nets.append(Net(net, ("signal", "ground")[i == 3], ("signal", "ground")[i == 3], (pad,), (ball,)))
        circles += [
            Circle(layer, "land", x, y, d, net, ball) for layer, d in (("RDL", 270), ("UBM", 250), ("BALL", 320))
        ]
        polygons.append(Polygon("PAD", "pad", _square(px, y, 30), net, pad))
        traces.append(Trace("RDL", net, 40.0, np.array([[px, y], [x, y]])))
    return tuple(pads), tuple(balls), tuple(nets), tuple(circles), tuple(polygons), tuple(traces)


def _stack():
    die = shapely.box(0, 0, SIZE_UM, SIZE_UM)
    film = die.difference(shapely.Point(450, 950).buffer(110))
    profile = np.array([[0.0, 10.0], [120.0, 10.0], [160.0, 120.0], [110.0, 210.0], [0.0, 240.0]])
    bodies = (
        Slab("DIE", "DIE", "Si", -200.0, 200.0, die, die),
        Slab("PI1", "PI1", "PI", 0.0, 10.0, film, film),
        Revolved("BALL.A1", "BALL", "SAC305", 450.0, 950.0, profile, "n<0>"),
    )
    return Stack("sample", SIZE_UM, SIZE_UM, bodies)


def film_frames(names):
    """Four frames of the sample stack's section: silicon, a coat on it, turned over, a ball and less silicon."""
    line = ((300.0, 950.0), (700.0, 950.0))
    die, pi, ball = (section(replace(_stack(), bodies=(body,)), *line) for body in _stack().bodies)
    coat = tuple(p._replace(layer="RESIST", material="Resist", polygon=p.polygon + np.array([0.0, 8.0])) for p in pi)
    upside = tuple(p._replace(polygon=p.polygon * [1.0, -1.0]) for p in (*die, *pi))
    thin = (upside[0]._replace(polygon=upside[0].polygon * [1.0, 0.5]), *upside[1:])
    gone = (upside[0]._replace(polygon=upside[0].polygon * [1.0, 0.5] + np.array([0.0, 100.0])),)
    made = (
        (die, die, (), {"wafer_um": 200.0}, ()),
        ((*die, *pi, *coat), (*pi, *coat), (), {"thickness_um": 8.25}, (names[0],)),
        (upside, (), (), {}, ()),
        ((*thin, *ball), ball, gone, {}, ()),
    )
    return tuple(
        Frame(k + 1, f"step {k} {names[0]}", "kind", f"Kind {names[0]}", "tool", told, warned, now, came, went, k == 2)
        for k, (now, came, went, told, warned) in enumerate(made)
    )


def _results(nets):
    rows = [
        {
            "net": net.name,
            "class": net.net_class,
            "pads_count": 1,
            "balls_count": 1,
            "width_um": 40.0,
            "wire_um": 390.0 + i,
            "bound_um": 390.0,
            "wire_to_bound_ratio": 1.0,
            "bends_count": i,
            "layers": ["RDL"],
        }
        for i, net in enumerate(nets)
    ]
    wiring = {
        "nets_count": 4.0,
        "routed_count": 4.0,
        "wire_um": 1566.0,
        "bound_um": 1560.0,
        "wire_to_bound_ratio": 1.0038,
        "longest_um": 393.0,
        "bends_count": 6.0,
        "teardrops_count": 0.0,
    }
    rule = {
        "rule": "rdl_min_space_um",
        "layer": "RDL",
        "meaning": "least space",
        "limit": 35.0,
        "least": 41.25,
        "beyond": None,
        "violations_count": 0,
        "source": "a rule book",
    }
    skipped = {"rule": "via_min_width_um", "meaning": "least width of an opening", "why": "no shapes"}
    held = Check("drc.rdl_min_space_um", "rdl_min_space_um", 41.25, 35.0, True, "least space: found 41.250")
    return {
        "package.fan_in": Result("package.fan_in", {"area_ratio": 1.0, "needed_count": 4.0}),
        "layout.wiring": Result("layout.wiring", wiring, tables={"nets": rows}),
        "layout.drc": Result(
            "layout.drc",
            {"violations_count": 0.0, "rules_checked_count": 1.0},
            (held,),
            {"rules": [rule], "not_checked": [skipped], "rule_set": [{"title": "set", "source": "book"}]},
        ),
        "layout.lvs": Result("layout.lvs", {"shorts_count": 0.0}),
        "layout.density": Result("layout.density", {}, fields={"rdl_share": np.linspace(0, 0.6, 12).reshape(4, 3)}),
        "other.question": Result("other.question", {"t_junction_C": 71.25}),
    }


def _report(names):
    pads, balls, nets, circles, polygons, traces = _parts(names)
    package = Package(
        name="sample",
        title=f"Sample {names[0]}",
        family="fan_in_wlcsp",
        die=Die(SIZE_UM, SIZE_UM, 200.0, 10.0, 6.0),
        pads=pads,
        balls=balls,
        nets=nets,
        classes=(NetClass("signal", "signal", 40, 35), NetClass("ground", "ground", 40, 35)),
        rules=RuleSet("set", f"rules {names[0]}", "a rule book", {"rdl_min_space_um": 35.0}),
        terminal=Terminal(300.0, 320.0, 230.0, 250.0, 220.0, 270.0, 60.0, 40.0),
        layers=LayerPlan(1.0, 1.0, 5.0, 5.0, 7.5, 8.0, 25.0, {}),
        pitch_x_um=500.0,
        pitch_y_um=500.0,
        min_ball_distance_um=500.0,
        assumptions=(Assumption("sphere", "300 µm", names[0]),),
        attribution=(names[0],),
        package_size_um=(SIZE_UM, SIZE_UM),
        targets={"layout.wiring.wire_um": {"max": 2000.0, "why": names[0]}},
    )
    labels = tuple(Label("BALL", ball.x_um, ball.y_um, ball.name) for ball in balls)
    layout = Layout(SIZE_UM, SIZE_UM, circles, polygons, traces, labels)
    stack = _stack()
    line = ((0.0, 950.0), (SIZE_UM, 950.0))
    return ReportInput(
        package,
        layout,
        stack,
        glb_bytes(stack),
        _results(nets),
        sections=(SectionCut(*line, section(stack, *line), "through a row"),),
        film=film_frames(names),
        film_line_um=((300.0, 950.0), (700.0, 950.0)),
        outline_svg="<svg xmlns='http://www.w3.org/2000/svg'><script>alert(3)</script></svg>",
        files=(FileEntry(f"{names[0]}.gds", 12345, "ab" * 32),),
        versions={"chipscale": "0"},
        pictures={names[0]: "<svg xmlns='http://www.w3.org/2000/svg'/>"},
        commands=(f"chipscale report {names[0]}",),
    )


@pytest.fixture(scope="session")
def report_data():
    return _report(["clk", "d[0]", "d[1]", "vss"])


@pytest.fixture(scope="session")
def hostile_data():
    data = _report([HOSTILE, "__proto__", "constructor", "é<ß>"])
    bad = Check(HOSTILE, HOSTILE, HOSTILE, HOSTILE, False, HOSTILE, (450.0, 950.0), "RDL", HOSTILE, HOSTILE)
    gap = OpenNet(HOSTILE, ("pad0", "A1"), (HOSTILE, HOSTILE), 10.0, 40.0, (500.0, 500.0), HOSTILE)
    drc = replace(data.results["layout.drc"], checks=(bad,), warnings=(HOSTILE,))
    other = Result(HOSTILE, {HOSTILE: 1.0}, (bad,), {HOSTILE: [{HOSTILE: HOSTILE, "list": [HOSTILE]}]})
    return replace(
        data,
        layout=replace(data.layout, unrouted=(gap,)),
        results={**data.results, "layout.drc": drc, HOSTILE: other},
    )
