"""Stand-in steps that say exactly how they vary, on a die with bumps in a grid."""

import dataclasses
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, ClassVar

import numpy as np
import pytest
import shapely

from chipscale.layout.types import Circle, Layout
from chipscale.package.joint import reflowed
from chipscale.package.types import Ball, Die, FlowStep, LayerPlan, NetClass, Package, RuleSet, Terminal, WaferFacts
from chipscale.process.step import Spread, option
from chipscale.process.variation.model import model_of
from chipscale.stack.revolve import cap, outline
from chipscale.stack.types import Revolved, Slab, Spheroid

PITCH_UM = 400.0


class _Stand:
    title: ClassVar[str] = ""
    tool: ClassVar[str] = ""
    needs: ClassVar[frozenset[str]] = frozenset()
    never: ClassVar[frozenset[str]] = frozenset()
    makes: ClassVar[frozenset[str]] = frozenset()
    takes: ClassVar[frozenset[str]] = frozenset()
    defects: ClassVar[tuple[Any, ...]] = ()

    def time_s(self, batch):
        return 0.0


def top_of(work):
    return max((body.z_um + body.h_um for body in work.bodies if isinstance(body, Slab)), default=0.0)


@dataclass(frozen=True)
class Film(_Stand):
    """A film over the whole die."""

    name: ClassVar[str] = "film"
    layer: str = "PI1"
    thickness_um: float = option(6.0, "thickness", 0.1, 100)
    lot_pct: float = option(0.0, "lot", 0, 50)
    wafer_pct: float = option(0.0, "wafer", 0, 50)
    bowl_pct: float = option(0.0, "bowl", -50, 50)
    die_pct: float = option(0.0, "die", 0, 50)
    feature_pct: float = option(0.0, "feature", 0, 50, "the test")

    def effect(self, work, masks):
        z = top_of(work)
        return work.with_bodies([Slab(self.layer, self.layer, "PI", z, self.thickness_um, masks.die, masks.die)])

    def spreads(self):
        numbers = (self.lot_pct, self.wafer_pct, self.bowl_pct, self.die_pct, self.feature_pct)
        names = ("lot", "wafer", "radius", "die", "feature")
        return (Spread("thickness_pct", self.layer, dict(zip(names, numbers, strict=True)), "the test"),)


@dataclass(frozen=True)
class Posts(_Stand):
    """Round metal under every ball, with a plug of half its width below."""

    name: ClassVar[str] = "posts"
    layer: str = "UBM"
    thickness_um: float = option(8.0, "thickness", 0.1, 100)
    feature_pct: float = option(0.0, "feature", 0, 50)
    cd_um: float = option(0.0, "width", 0, 20)

    def effect(self, work, masks):
        z = top_of(work)
        found = []
        for site in masks.circles(self.layer):
            disc = shapely.Point(site.x_um, site.y_um).buffer(site.d_um / 2, quad_segs=16)
            found.append(Slab(f"{self.layer}.{site.name}", self.layer, "Cu", z, self.thickness_um, disc, disc))
            plug = shapely.Point(site.x_um, site.y_um).buffer(site.d_um / 4)
            found.append(
                Slab(f"{self.layer}.{site.name}.plug", self.layer, "Cu", z - 2.0, 2.0, plug, plug, None, "plug")
            )
        return work.with_bodies(found)

    def spreads(self):
        return (
            Spread("thickness_pct", self.layer, {"feature": self.feature_pct}, "the test"),
            Spread("cd_um", self.layer, {"feature": self.cd_um}, "the test"),
        )


@dataclass(frozen=True)
class Drop(_Stand):
    """A sphere on every post."""

    name: ClassVar[str] = "drop"
    sphere_d_um: float = option(250.0, "sphere", 20, 1000)
    sphere_tolerance_um: float = option(0.0, "+/- diameter, 3 sigma", 0, 50, "the test")

    def effect(self, work, masks):
        r, z = self.sphere_d_um / 2, top_of(work)
        shape = Spheroid(r, r, z + r)
        return work.with_bodies(
            [
                Revolved(f"BALL.{s.name}", "BALL", "SAC", s.x_um, s.y_um, outline(shape, z, z + 2 * r), None, "", shape)
                for s in masks.circles("BALL")
            ]
        )

    def spreads(self):
        return (Spread("sphere_d_um", "BALL", {"feature": self.sphere_tolerance_um / 3}, "the test"),)


@dataclass(frozen=True)
class Melt(_Stand):
    """Reflow."""

    name: ClassVar[str] = "melt"
    base_d_um: float = option(215.0, "base", 10, 1000)
    volume_pct: float = option(0.0, "volume", 0, 50)

    def effect(self, work, masks):
        bodies = []
        for body in work.bodies:
            if isinstance(body, Revolved):
                z = float(body.profile[0, 1])
                d, h = reflowed(2 * body.spheroid.semi_r_um, self.base_d_um)
                shape = cap(self.base_d_um, d, h, z)
                profile = outline(shape, z, shape.z_um + shape.semi_z_um)
                body = dataclasses.replace(body, profile=profile, spheroid=shape)
            bodies.append(body)
        return work.but(bodies=tuple(bodies))

    def spreads(self):
        return (Spread("volume_pct", "BALL", {"feature": self.volume_pct}, "the test"),)


def planned(*steps):
    return tuple((FlowStep(step.name, f"{step.name} {getattr(step, 'layer', '')}".strip()), step) for step in steps)


def grid_design(cols=5, rows=4, wafer_mm=200.0):
    size = (cols * PITCH_UM, rows * PITCH_UM)
    balls, circles = [], []
    for row in range(rows):
        for col in range(cols):
            name, x, y = f"B{row}_{col}", (col + 0.5) * PITCH_UM, (row + 0.5) * PITCH_UM
            balls.append(Ball(name, x, y, None, row, col))
            drawn = (("UBM", "ubm", 215.0), ("PI2", "opening", 180.0), ("BALL", "ball", 261.0))
            circles += [Circle(layer, kind, x, y, d, None, name) for layer, kind, d in drawn]
    package = Package(
        name="grid",
        title="",
        family="none",
        die=Die(*size, 200.0, 10.0, 5.0),
        pads=(),
        balls=tuple(balls),
        nets=(),
        classes=(NetClass("signal", "signal", 20.0, 20.0),),
        rules=RuleSet("none", "none", "none", {}),
        terminal=Terminal(250.0, *reflowed(250.0, 215.0), 215.0, 180.0, 235.0, 80.0, 60.0),
        layers=LayerPlan(1.0, 1.0, 6.0, 5.0, 7.0, 8.0, 0.0, {}),
        pitch_x_um=PITCH_UM,
        pitch_y_um=PITCH_UM,
        min_ball_distance_um=PITCH_UM,
        seed=7,
        wafer=WaferFacts(diameter_mm=wafer_mm),
    )
    return package, Layout(*size, tuple(circles), (), (), ())


DEFAULT = (Film("PI1", 6.0), Film("PI2", 7.0), Posts(), Drop(), Melt())


@pytest.fixture
def stand():
    return SimpleNamespace(Film=Film, Posts=Posts, Drop=Drop, Melt=Melt, planned=planned, design=grid_design)


@pytest.fixture
def make_model():
    """Return a maker of models from stand-in steps."""

    def make(*steps, **size):
        package, layout = grid_design(**size)
        return model_of(package, layout, planned(*(steps or DEFAULT)))

    return make


@pytest.fixture
def ask(monkeypatch):
    """Return how to ask a question of a design made by stand-in steps."""

    def asked(question, *steps, package=None, **size):
        made, layout = grid_design(**size)
        monkeypatch.setattr("chipscale.process.variation.asked.flow_of", lambda package: ())
        monkeypatch.setattr("chipscale.process.variation.asked.plan", lambda flow: planned(*(steps or DEFAULT)))
        seen = []
        result = question.run(
            {"package": package or made, "layout": layout}, lambda done, text: seen.append((done, text))
        )
        return result, seen

    return asked


@pytest.fixture
def rng():
    return np.random.default_rng(11)
