import math

import pytest
import shapely

from chipscale.process.kinds.coating import ApplyCoat, Cure, SoftBake
from chipscale.process.kinds.groove import Groove
from chipscale.process.kinds.litho import Develop, Expose
from chipscale.process.kinds.sprayed import below_um, light_path_um
from chipscale.process.masks import Masks
from chipscale.process.models.proximity import film_resolution_um
from chipscale.process.models.resists import resist
from chipscale.process.relief.carve import carve
from chipscale.process.relief.front import Front, Layer, Wall
from chipscale.process.relief.narrowest import narrow_place
from chipscale.process.step import StepError
from chipscale.process.work import Blanket, Note, Work
from chipscale.stack.types import Slab

DEEP, THICK = 120.0, 8.0


@pytest.fixture
def masks(layout):
    return Masks(layout)


def grooved(masks, wall_deg=65.0):
    """Return silicon with a groove DEEP µm deep along the die's lower part, where the pads' wires begin."""
    lean = 0.0 if wall_deg == 90.0 else 1.0 / math.tan(math.radians(wall_deg))
    mouth = Wall(shapely.box(150.0, 0.0, 850.0, 280.0), 0.0, lean)
    silicon = Slab("DIE", "DIE", "Si", -DEEP - 50.0, DEEP + 50.0, masks.die, masks.die)
    front = Front(((0.0, masks.die),)).cut(mouth, -DEEP)
    return Work("w", 1000.0, 600.0, tuple(carve((silicon,), mouth, -DEEP, masks.die)), front)


def after(work, masks, *steps):
    for step in steps:
        work = step.effect(work.but(note=Note()), masks)
    return work


def spray(**recipe):
    return ApplyCoat(material="AZ 9260", method="spray", thickness_um=THICK, **recipe)


def test_a_sprayed_coat_is_exposed_and_developed_for_its_own_thickness(masks):
    work = grooved(masks)
    exposed = after(work, masks, spray(), SoftBake(), Expose(mask="RDL", tone="shapes"))
    figures, item = exposed.note.figures, resist("AZ 9260")
    path = 0.8 * THICK / math.cos(math.radians(65.0))
    assert light_path_um(exposed, exposed.coat) == pytest.approx(path, rel=1e-3)
    assert figures["exposed_um"] == pytest.approx(path, rel=1e-3)
    assert figures["dose_mJ_cm2"] == pytest.approx(item.dose_at(path), rel=1e-3)
    assert figures["resolution_um"] == pytest.approx(film_resolution_um(20.0, 405.0, THICK))
    assert figures["floor_gap_um"] == pytest.approx(20.0 + DEEP)
    assert figures["floor_resolution_um"] == pytest.approx(film_resolution_um(20.0 + DEEP, 405.0, THICK))
    developed = Develop().effect(exposed.but(note=Note()), masks)
    assert developed.note.figures["develop_s"] == pytest.approx(item.develop_time_s(THICK))


def test_light_goes_down_a_steep_wall_no_farther_than_its_foot(masks):
    coated = after(grooved(masks, 90.0), masks, spray())
    assert light_path_um(coated, coated.coat) == pytest.approx(DEEP + THICK)
    level = after(Work("w", 1000.0, 600.0, front=Front(((0.0, masks.die),))), masks, spray())
    assert light_path_um(level, level.coat) == THICK
    assert below_um(level, masks.region("RDL")) == 0.0


def test_what_is_too_fine_for_the_floor_is_refused_there_only(masks):
    fine = shapely.union_all([shapely.box(20, 20, 30, 90), shapely.box(300, 20, 340, 90)])
    assert narrow_place(fine, 12.0, shapely.box(200, 0, 500, 200)) is None
    found = narrow_place(fine, 12.0, shapely.box(0, 0, 100, 100))
    assert found.width_um == pytest.approx(10.0, abs=0.01)
    assert (20, 20) < (found.x_um, found.y_um) < (30, 90)
    steps = spray(), SoftBake()
    top, floor = (film_resolution_um(gap, 405.0, THICK, 2.9) for gap in (150.0, 150.0 + DEEP))
    assert top < 30.0 < floor  # wires are 30 µm wide
    exposure = Expose(mask="RDL", tone="shapes", gap_um=150.0, k_ratio=2.9)
    level = Work("w", 1000.0, 600.0, front=Front(((0.0, masks.die),)))
    assert after(level, masks, *steps, exposure).coat.exposed is not None
    with pytest.raises(StepError, match="finer than this exposure prints") as caught:
        after(grooved(masks), masks, *steps, exposure)
    assert caught.value.option == "gap_um"


def test_a_sprayed_coat_lies_on_every_face(masks):
    work = grooved(masks)
    coated = after(work, masks, spray(wall_ratio=0.5))
    layers = coated.coat_layers(Wall(masks.die))
    floor = Layer(*layers[0])
    assert floor.z_um == -DEEP
    assert floor.h_um == pytest.approx(THICK)
    mouth = shapely.Point(500.0, 100.0)  # in the middle of the groove
    assert sum(layer.h_um for layer in layers if shapely.covers(layer.bottom, mouth)) == pytest.approx(THICK)
    volume = sum(layer.h_um * (layer.bottom.area + layer.top.area) / 2 for layer in layers)
    whole = THICK * masks.die.area
    assert whole < volume < 1.3 * whole
    assert coated.coat.z_top_um == THICK
    assert {body.layer for body in coated.passing()} == {"RESIST"}


def test_a_sprayed_coat_lies_on_the_metal_below_it(masks):
    work = grooved(masks).but(blanket=Blanket("RDL", "Al", 3.0, 1.5, False))
    coated = after(work, masks, spray())
    assert min(layer.z_um for layer in coated.coat_layers(Wall(masks.die))) == pytest.approx(-DEEP + 3.0)


def test_a_sprayed_polymer_stays_as_a_film_on_every_face(masks):
    sprayed = ApplyCoat(kind="polymer", layer="INS", material="PI", method="spray", thickness_um=6.0)
    cured = after(grooved(masks), masks, sprayed, SoftBake(), Cure())
    found = sorted((body.z_um, body.h_um) for body in cured.bodies if body.layer == "INS")
    assert found[0] == pytest.approx((-DEEP, 6.0))
    assert cured.front.levels[0][0] == pytest.approx(-DEEP + 6.0)
    assert cured.front.top_um == pytest.approx(6.0)


def test_the_relief_takes_nothing_of_a_sprayed_coat(masks):
    figures = after(grooved(masks), masks, spray()).note.figures
    assert figures["coats_count"] == 1.0
    assert figures["coated_um"] == THICK
    assert Groove.makes == {"grooved"}
