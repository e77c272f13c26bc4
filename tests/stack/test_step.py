import math
import re

import numpy as np
import pytest
import shapely

from chipscale.stack.outline import tapered
from chipscale.stack.revolve import cap, outline
from chipscale.stack.step import step_text, write_step
from chipscale.stack.types import Revolved, Slab, Spheroid, Stack
from chipscale.stack.volume import volume_um3

gmsh = pytest.importorskip("gmsh", exc_type=ImportError)
pytest.importorskip("OCP.STEPControl")


def solids_by_name(path):
    """Return name of the occurrence -> solids, read with names and places by OCCT's document reader."""
    from OCP.collections import Sequence_TDF_Label
    from OCP.IFSelect import IFSelect_ReturnStatus
    from OCP.STEPCAFControl import STEPCAFControl_Reader
    from OCP.TCollection import TCollection_ExtendedString
    from OCP.TDataStd import TDataStd_Name
    from OCP.TDocStd import TDocStd_Document
    from OCP.TopAbs import TopAbs_ShapeEnum
    from OCP.TopExp import TopExp_Explorer
    from OCP.XCAFDoc import XCAFDoc_DocumentTool, XCAFDoc_ShapeTool

    reader = STEPCAFControl_Reader()
    reader.SetNameMode(True)
    reader.SetColorMode(True)
    assert reader.ReadFile(str(path)) == IFSelect_ReturnStatus.IFSelect_RetDone
    document = TDocStd_Document(TCollection_ExtendedString("x"))
    assert reader.Transfer(document)
    tool = XCAFDoc_DocumentTool.ShapeTool_s(document.Main())
    roots = Sequence_TDF_Label()
    tool.GetFreeShapes(roots)
    assert roots.Length() == 1
    parts = Sequence_TDF_Label()
    XCAFDoc_ShapeTool.GetComponents_s(roots.Value(1), parts)
    found = {}
    for index in range(1, parts.Length() + 1):
        label = parts.Value(index)
        name = TDataStd_Name()
        assert label.FindAttribute(TDataStd_Name.GetID_s(), name)
        explorer = TopExp_Explorer(XCAFDoc_ShapeTool.GetShape_s(label), TopAbs_ShapeEnum.TopAbs_SOLID)
        solids = []
        while explorer.More():
            solids.append(explorer.Current())
            explorer.Next()
        found[name.Get().ToExtString()] = solids
    return found


def volume_of(solids):
    from OCP.BRepGProp import BRepGProp
    from OCP.GProp import GProp_GProps

    total = 0.0
    for solid in solids:
        props = GProp_GProps()
        BRepGProp.VolumeProperties_s(solid, props)
        total += props.Mass() * 1e9
    return total


def all_valid(solids):
    from OCP.BRep import BRep_Tool
    from OCP.BRepCheck import BRepCheck_Analyzer
    from OCP.TopAbs import TopAbs_ShapeEnum
    from OCP.TopExp import TopExp_Explorer

    for solid in solids:
        shells = TopExp_Explorer(solid, TopAbs_ShapeEnum.TopAbs_SHELL)
        if not (BRepCheck_Analyzer(solid).IsValid() and BRep_Tool.IsClosed_s(shells.Current())):
            return False
    return True


def gmsh_volumes(path):
    """Return (sorted volumes in µm³, bounding box in mm) as gmsh reads the file."""
    gmsh.initialize(interruptible=False)
    try:
        gmsh.option.setNumber("General.Terminal", 0)
        gmsh.model.occ.importShapes(str(path))
        gmsh.model.occ.synchronize()
        volumes = [gmsh.model.occ.getMass(3, tag) * 1e9 for _, tag in gmsh.model.getEntities(3)]
        return sorted(volumes), gmsh.model.getBoundingBox(-1, -1)
    finally:
        gmsh.finalize()


@pytest.mark.parametrize("place", ["board", "die"])
def test_a_solid_kernel_finds_our_bodies(small, tmp_path, place):
    found = solids_by_name(write_step(small, tmp_path / "p.step", place=place))
    assert set(found) == {body.name for body in small.bodies}
    for body in small.bodies:
        assert all_valid(found[body.name]), body.name
        assert volume_of(found[body.name]) == pytest.approx(volume_um3(body), rel=1e-5), body.name


def test_another_program_finds_them_too(small, tmp_path):
    volumes, box = gmsh_volumes(write_step(small, tmp_path / "p.step"))
    assert sum(volumes) == pytest.approx(sum(volume_um3(body) for body in small.bodies), rel=1e-6)
    low, high = small.extent_z_um()
    expected = (-0.65, -0.65, 0.0, 0.65, 0.65, (high - low) / 1000)
    assert box == pytest.approx(expected, abs=1e-5)


@pytest.mark.slow
def test_the_fabricated_chip_is_whole(caravel, tmp_path):
    path = write_step(caravel, tmp_path / "c.step")
    found = solids_by_name(path)
    wide = {
        "PI2.fill1"
    }  # the kernel's own check of a face with 60 holes takes the square of its corners: too long here
    assert all(all_valid(solids) for name, solids in found.items() if name not in wide)
    worst = max(abs(volume_of(found[body.name]) / volume_um3(body) - 1) for body in caravel.bodies)
    assert worst < 1e-5


def test_balls_sit_where_the_board_sees_them(small, tmp_path):
    from OCP.BRepGProp import BRepGProp
    from OCP.GProp import GProp_GProps

    found = solids_by_name(write_step(small, tmp_path / "p.step"))
    props = GProp_GProps()
    BRepGProp.VolumeProperties_s(found["BALL.A1"][0], props)
    centre = props.CentreOfMass()
    assert (centre.X(), centre.Y()) == pytest.approx((0.4, -0.4), abs=1e-6)  # at (250, 250) of the 1300 µm die view
    assert 0.1 < centre.Z() < 0.13


@pytest.mark.parametrize("place", ["board", "die"])
def test_every_kind_of_body(tmp_path, place):
    ring = shapely.box(0, 0, 100, 80).difference(shapely.Point(50, 40).buffer(20, quad_segs=16))
    skew = shapely.Polygon([(0, 0), (50, 0), (60, 40), (10, 30)])
    lean = shapely.Polygon([(5, 2), (52, 1), (55, 38), (8, 33)])
    flat, tall, whole = cap(200.0, 300.0, 180.0, 0.0), cap(200.0, 240.0, 300.0, 0.0), Spheroid(50.0, 50.0, 50.0)
    vase = np.array([(30, 0), (50, 20), (50, 40), (20, 40), (25, 60), (0, 90)], float)
    bodies = (
        Slab("tapered hole", "PI1", "PI", 0.0, 10.0, ring, tapered(ring, -3.0)),
        Slab("ruled walls", "PI2", "PI", 0.0, 10.0, skew, lean),
        Revolved("flat", "BALL", "SAC305", 0.0, 0.0, outline(flat, 0.0, 180.0), None, "", flat),
        Revolved("tall", "BALL", "SAC305", 500.0, 0.0, outline(tall, 0.0, 300.0), None, "", tall),
        Revolved("sphere", "BALL", "SAC305", 900.0, 0.0, outline(whole, 0.0, 100.0), None, "", whole),
        Revolved("vase", "BALL", "SAC305", 0.0, 500.0, vase),
    )
    found = solids_by_name(write_step(Stack("all", 1000.0, 1000.0, bodies), tmp_path / "a.step", place=place))
    for body in bodies:
        assert all_valid(found[body.name]), body.name
        close = 0.02 if body.name == "ruled walls" else 1e-6  # skew walls are written as two triangles each
        assert volume_of(found[body.name]) == pytest.approx(volume_um3(body), rel=close), body.name


def test_round_shapes_are_cylinders_and_spheres(small):
    text = step_text(small)
    assert text.count("SPHERICAL_SURFACE") == 1
    radii = {float(r) for r in re.findall(r"CYLINDRICAL_SURFACE\('',#\d+,([\d.]+)\)", text)}
    wide = math.sqrt(64 / math.pi * math.tan(math.pi / 64)) / 2000
    assert {round(r / wide) for r in radii} == {180, 215, 235}  # the disc of each 64-gon's area


def test_names_of_any_letters_survive(tmp_path):
    square = shapely.box(0, 0, 10, 10)
    names = ["it's", "back\\slash", "µ-Pad", "net[3]"]
    slabs = tuple(Slab(name, "PAD", "Al", 20.0 * k, 1.0, square, square) for k, name in enumerate(names))
    found = solids_by_name(write_step(Stack("n", 10.0, 10.0, slabs), tmp_path / "n.step"))
    assert sorted(found) == sorted(names)


def test_same_stack_same_text_and_no_clock(small):
    text = step_text(small)
    assert text == step_text(small)
    assert "1970-01-01T00:00:00" in text[:400]
    assert text.isascii()


def test_bodies_have_the_colours_of_their_materials(small):
    text = step_text(small)
    solids = text.count("=MANIFOLD_SOLID_BREP")
    assert text.count("=STYLED_ITEM") == solids
    assert text.count("=COLOUR_RGB") == len({body.material for body in small.bodies})
    assert "SURFACE_STYLE_TRANSPARENT" in text
