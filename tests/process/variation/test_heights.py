"""The chain of heights: closed forms against the joint's own, terms found under the bumps, what moves an apex."""

import dataclasses
import math

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from chipscale.errors import InputError
from chipscale.package.joint import reflowed
from chipscale.process.step import Spread
from chipscale.process.variation.cap_height import cap_height_um, cap_slopes
from chipscale.process.variation.components import slope
from chipscale.process.variation.model import heights_um
from chipscale.process.work import Coat
from chipscale.stack.revolve import cap, outline
from chipscale.stack.types import Revolved, Slab
from chipscale.stack.volume import volume_um3


@given(st.floats(20, 1000), st.floats(10, 1000))
def test_many_caps_are_the_one_cap(sphere, base):
    volume = math.pi / 6 * sphere**3
    assert cap_height_um([volume], [base])[0] == pytest.approx(reflowed(sphere, base)[1], rel=1e-9)


@given(st.floats(50, 600), st.floats(0.4, 1.6))
def test_slopes_are_those_of_small_differences(sphere, ratio):
    volume, base = math.pi / 6 * sphere**3, sphere * ratio
    per_volume, per_base = cap_slopes(volume, base)
    dv, db = 1e-4 * volume, 1e-4 * base
    seen_v = (cap_height_um(volume + dv, base) - cap_height_um(volume - dv, base)) / (2 * dv)
    seen_b = (cap_height_um(volume, base + db) - cap_height_um(volume, base - db)) / (2 * db)
    assert float(per_volume) == pytest.approx(float(seen_v), rel=1e-5)
    assert float(per_base) == pytest.approx(float(seen_b), rel=1e-5)


def test_sensitivities_of_the_250_ball_are_the_published_ones():
    per_volume, per_base = cap_slopes(math.pi / 6 * 250.0**3, 215.0)
    assert float(per_volume) * math.pi / 2 * 250.0**2 == pytest.approx(1.17, abs=0.005)
    assert float(per_base) == pytest.approx(-0.41, abs=0.005)


def test_an_apex_is_the_films_below_and_the_joint(make_model):
    model = make_model()
    films = {(term.layer, model.made.label(term.maker)): set(term.mean_um) for term in model.chain.terms}
    assert films == {("PI1", "film PI1"): {6.0}, ("PI2", "film PI2"): {7.0}, ("UBM", "posts UBM"): {8.0}}
    assert model.chain.apex_um == pytest.approx(21.0 + reflowed(250.0, 215.0)[1], abs=1e-6)
    joint = model.chain.joint
    assert (joint.sphere, joint.solder_layer, joint.rim_layer) == (True, "BALL", "UBM")
    assert joint.sphere_d_um == pytest.approx(250.0, rel=1e-9)


def test_a_film_that_ends_beside_the_bump_still_carries_it(make_model, stand):
    @dataclasses.dataclass(frozen=True)
    class Opened(stand.Film):
        def effect(self, work, masks):
            after = super().effect(work, masks)
            film = after.bodies[-1]
            hole = shapely.union_all([shapely.Point(s.x_um, s.y_um).buffer(90.0) for s in masks.circles("PI2")])
            rest = shapely.difference(film.bottom, hole)
            return after.but(bodies=(*after.bodies[:-1], dataclasses.replace(film, bottom=rest, top=rest)))

    model = make_model(stand.Film("PI1", 6.0), Opened("PI2", 7.0), stand.Posts(), stand.Drop(), stand.Melt())
    assert [(term.layer, set(term.mean_um)) for term in model.chain.terms] == [
        ("PI1", {6.0}),
        ("PI2", {7.0}),
        ("UBM", {8.0}),
    ]


def test_the_silicon_is_no_part_of_the_height(make_model, stand):
    @dataclasses.dataclass(frozen=True)
    class Wafer(stand.Film):
        layer: str = "DIE"

        def effect(self, work, masks):
            return work.with_bodies([Slab("DIE", "DIE", "Si", -775.0, 775.0, masks.die, masks.die)])

    model = make_model(Wafer(die_pct=5.0), stand.Film("PI1", 6.0), stand.Posts(), stand.Drop(), stand.Melt())
    assert [term.layer for term in model.chain.terms] == ["PI1", "UBM"]
    assert [source.target for source in model.sources if source.layer == "DIE"] == ["none"]


def test_a_bump_without_solder_ends_with_its_metal(make_model, stand):
    model = make_model(stand.Film("PI1", 6.0), stand.Posts("BUMP", 60.0))
    # the masks have no circles of that layer: nothing stands on the sites but the film
    assert model.chain.joint is None
    assert model.chain.apex_um == pytest.approx(6.0)
    model = make_model(stand.Film("PI1", 6.0), stand.Posts("UBM", 60.0))
    assert model.chain.apex_um == pytest.approx(66.0)


def test_a_ball_melted_twice_was_a_sphere_first(make_model, stand):
    @dataclasses.dataclass(frozen=True)
    class Again(stand.Melt):
        def effect(self, work, masks):
            bodies = []
            for body in work.bodies:
                if isinstance(body, Revolved):
                    z, d = float(body.profile[0, 1]), (6 * volume_um3(body) / math.pi) ** (1 / 3)
                    shape = cap(self.base_d_um, *reflowed(d, self.base_d_um), z)
                    profile = outline(shape, z, shape.z_um + shape.semi_z_um)
                    body = dataclasses.replace(body, profile=profile, spheroid=shape)
                bodies.append(body)
            return work.but(bodies=tuple(bodies))

    joint = make_model(stand.Film(), stand.Posts(), stand.Drop(), stand.Melt(200.0), Again(215.0)).chain.joint
    assert joint.sphere
    assert joint.sphere_d_um == pytest.approx(250.0, rel=1e-6)
    assert joint.base_d_um == pytest.approx(215.0)
    assert joint.offset_um == pytest.approx(0.0, abs=1e-6)


def test_balls_that_no_step_made_are_refused(make_model, stand):
    @dataclasses.dataclass(frozen=True)
    class Fewer(stand.Drop):
        def effect(self, work, masks):
            after = super().effect(work, masks)
            return after.but(bodies=after.bodies[:-3])

    with pytest.raises(InputError, match="B3_2, B3_3, B3_4"):
        make_model(stand.Film(), stand.Posts(), Fewer(), stand.Melt())


def test_sources_act_where_they_should(make_model, stand):
    steps = (stand.Film("PI1", 6.0), stand.Film("RESIST", 9.0), stand.Posts(), stand.Drop(), stand.Melt())
    model = make_model(*steps)
    aimed = {(source.quantity, source.layer): source.target for source in model.sources}
    assert aimed[("thickness_pct", "UBM")] == "film"
    assert aimed[("cd_um", "UBM")] == "base"
    assert aimed[("sphere_d_um", "BALL")] == "sphere"
    assert aimed[("volume_pct", "BALL")] == "volume"


def test_two_spreads_of_one_film_add_as_squares(make_model, stand):
    @dataclasses.dataclass(frozen=True)
    class Twice(stand.Film):
        def spreads(self):
            return tuple(
                Spread("thickness_pct", "PI1", {"die": d, "radius": r}, s) for d, r, s in ((3, 2, "a"), (4, -1, "b"))
            )

    source = make_model(Twice(), stand.Posts(), stand.Drop(), stand.Melt()).sources[0]
    assert source.at("die") == pytest.approx(5.0)
    assert source.at("radius") == pytest.approx(1.0)
    assert source.source == "a; b"


@pytest.mark.parametrize(
    ("quantity", "off", "expected"),
    [
        ("thickness_pct UBM", 10.0, 0.8),
        ("cd_um UBM", 1.0, None),
        ("sphere_d_um BALL", 1.0, None),
        ("volume_pct BALL", 1.0, None),
    ],
)
def test_apexes_move_as_the_slopes_say(make_model, quantity, off, expected):
    model = make_model()
    names = [f"{source.quantity} {source.layer}" for source in model.sources]
    k = names.index(quantity)
    zero = {place: np.zeros((1, 1), np.float32) for place in range(len(names))}
    moved = heights_um(model, zero | {k: np.full((1, 1), off, np.float32)}) - heights_um(model, zero)
    assert moved[0] == pytest.approx(off * slope(model, model.sources[k]), rel=0.01)
    if expected is not None:
        assert moved[0] == pytest.approx(expected, rel=1e-5)


def test_other_recipes_without_another_run(make_model, stand):
    model = make_model()
    places = {spec.title: k for k, (spec, _) in enumerate(model.steps)}
    turned = model.with_recipe({(places["drop"], "sphere_d_um"): 300.0, (places["posts UBM"], "thickness_um"): 10.0})
    fresh = make_model(
        stand.Film("PI1", 6.0), stand.Film("PI2", 7.0), stand.Posts("UBM", 10.0), stand.Drop(300.0), stand.Melt()
    )
    assert turned.chain.apex_um == pytest.approx(fresh.chain.apex_um, abs=1e-6)
    wide = model.with_recipe({(places["melt"], "base_d_um"): 250.0})
    fresh = make_model(*(step for _, step in model.steps[:-1]), stand.Melt(250.0))
    assert wide.chain.apex_um == pytest.approx(fresh.chain.apex_um, abs=1e-6)


@pytest.mark.parametrize(("mask", "target"), [("UBM", "base and mold"), ("BALL", "base")])
def test_solder_plated_in_the_mold_of_its_metal(make_model, stand, mask, target):
    """A wider opening makes a wider base and more solder; with a mold of its own only the base."""

    @dataclasses.dataclass(frozen=True)
    class Solder(stand.Posts):
        layer: str = "BALL"
        thickness_um: float = 80.0
        plated_pct: float = 0.0
        off_um: float = 0.0

        def effect(self, work, masks):
            z = max(body.z_um + body.h_um for body in work.bodies)
            coat = Coat("RESIST", "AZ", "resist", z + 100.0, 100.0, mask)
            slabs = []
            for site in masks.circles("UBM"):
                disc = shapely.Point(site.x_um, site.y_um).buffer(site.d_um / 2, quad_segs=32)
                slabs.append(Slab(f"BALL.{site.name}", "BALL", "SnAg", z, self.thickness_um, disc, disc))
            return work.but(coat=coat).with_bodies(slabs)

        def spreads(self):
            pair = (("thickness_pct", self.plated_pct), ("thickness_um", self.off_um))
            return tuple(Spread(name, "BALL", {"feature": size}, "the test") for name, size in pair)

    @dataclasses.dataclass(frozen=True)
    class Melted(stand.Melt):
        def effect(self, work, masks):
            bodies = []
            for body in work.bodies:
                if body.layer == "BALL":
                    volume, z, middle = body.bottom.area * body.h_um, body.z_um, body.bottom.centroid
                    d, h = reflowed((6 * volume / math.pi) ** (1 / 3), 215.0)
                    shape = cap(215.0, d, h, z)
                    profile = outline(shape, z, shape.z_um + shape.semi_z_um)
                    body = Revolved(body.name, "BALL", "SnAg", middle.x, middle.y, profile, None, "", shape)
                bodies.append(body)
            return work.but(bodies=tuple(bodies))

    model = make_model(stand.Film("PI1", 6.0), stand.Posts(cd_um=1.0), Solder(), Melted())
    joint = model.chain.joint
    assert (joint.sphere, joint.solder_layer, joint.mold_mask) == (False, "BALL", mask)
    assert joint.solder_um == pytest.approx(80.0, rel=2e-3)
    assert joint.mold_d_um == pytest.approx(215.0, rel=2e-3)
    aimed = {(source.quantity, source.layer): k for k, source in enumerate(model.sources)}
    assert model.sources[aimed["cd_um", "UBM"]].target == target
    assert model.sources[aimed["thickness_pct", "BALL"]].target == "solder"
    volume = float(joint.volume_um3[0])
    more = (1 + 2 / joint.mold_d_um[0]) ** 2 if target == "base and mold" else 1.0
    expected = {
        ("cd_um", "UBM"): (217.0, volume * more),
        ("thickness_pct", "BALL"): (215.0, volume * 1.02),
        ("thickness_um", "BALL"): (215.0, volume * (1 + 2 / joint.solder_um[0])),
    }
    zero = {place: np.zeros((1, 1), np.float32) for place in range(len(model.sources))}
    for name, (base, solder) in expected.items():
        z = heights_um(model, zero | {aimed[name]: np.full((1, 1), 2.0, np.float32)})
        assert z[0] == pytest.approx(14.0 + cap_height_um(solder, base), abs=1e-3)
        moved = (z[0] - heights_um(model, zero)[0]) / 2.0
        assert moved == pytest.approx(slope(model, model.sources[aimed[name]]), rel=0.03)
