import pytest

from chipscale.process.kinds.backside import BacksideCoat
from chipscale.process.kinds.grind import FineGrind, Polish
from chipscale.process.kinds.incoming import IncomingWafer
from chipscale.process.kinds.mark import LaserMark
from chipscale.process.masks import Masks
from chipscale.process.step import Batch, StepError
from chipscale.process.work import Note, Work


@pytest.fixture
def wafer(layout):
    work, masks = Work("two", 1000.0, 600.0), Masks(layout)
    for step in (IncomingWafer(), FineGrind()):
        work = step.effect(work, masks)
    return work.but(note=Note())


@pytest.fixture
def coated(wafer, layout):
    return BacksideCoat().effect(wafer, Masks(layout)).but(note=Note())


def test_a_mark_in_the_coat(coated):
    note = LaserMark().effect(coated, None).note
    assert (note.figures["mark_depth_um"], note.warnings) == (10.0, ())
    assert LaserMark(mark_s=0.2, align_s=10.0).time_s(Batch(300, 1000, 1, 1, 1, 1, 1)) == 210.0


def test_a_deep_mark_is_told_and_one_through_the_coat_refused(coated):
    (told,) = LaserMark(depth_um=15.0).effect(coated, None).note.warnings
    assert "more than half" in told
    with pytest.raises(StepError, match="go through the film") as caught:
        LaserMark(depth_um=25.0).effect(coated, None)
    assert (caught.value.value, caught.value.limit) == ("25 µm", "less than 25 µm")


def test_there_must_be_something_to_mark(wafer, coated):
    with pytest.raises(StepError, match="no film on the back"):
        LaserMark().effect(wafer, None)
    with pytest.raises(StepError, match="a film covers the silicon"):
        LaserMark(where="silicon").effect(coated, None)


def test_marks_in_silicon_are_cracks_to_start_from(wafer):
    (told,) = LaserMark(where="silicon").effect(wafer, None).note.warnings
    assert "from 500 to 354 MPa" in told
    polished = Polish().effect(wafer, None).but(note=Note())
    assert "from 1000 to" in LaserMark(where="silicon", depth_um=1.0).effect(polished, None).note.warnings[0]
    unusual = LaserMark(where="silicon", depth_um=40.0).effect(wafer, None).note.warnings
    assert any("deep for 250 µm" in told for told in unusual)
    assert any("not usual" in told for told in unusual)


def test_a_unit_must_be_traceable_by_its_mark(coated):
    (told,) = LaserMark(text="{product} {lot}").effect(coated, None).note.warnings
    assert "can't be traced" in told
    with pytest.raises(StepError, match="no field 'lott'") as caught:
        LaserMark(text="{lott}").effect(coated, None)
    assert "lot" in caught.value.remedy
    with pytest.raises(StepError, match="can't be read"):
        LaserMark(text="{lot").effect(coated, None)


def test_the_coat_holds_stress_from_its_cure(coated):
    assert coated.residual["BACKSIDE"].stress_MPa > 0
    assert "130 °C" in coated.residual["BACKSIDE"].source
