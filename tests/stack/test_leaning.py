"""A die with two grooves from its back: leaning walls, films on them, wires down them, against other programs."""

import math

import numpy as np
import pytest
import shapely
import trimesh
import two_groove_die as die
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.affinity import translate

from chipscale.process.relief.walls import leaned
from chipscale.stack.contact import contacts, net_pieces
from chipscale.stack.glb import write_glb
from chipscale.stack.section import section
from chipscale.stack.types import Slab, Stack
from chipscale.stack.volume import overlaps, region_at, volume_um3, z_range_um


@pytest.fixture(scope="module")
def made():
    return die.made(die.drawn(per_side=3))


@pytest.fixture(scope="module")
def grooved(made):
    return made[0].stack()


def plain(stack, low=-math.inf, high=math.inf):
    return [
        body for body in stack.bodies if isinstance(body, Slab) and low <= body.z_um and z_range_um(body)[1] <= high
    ]


def test_no_two_bodies_claim_the_same_room(grooved):
    assert overlaps(grooved, 1e-2) == []


def test_every_net_is_one_piece_from_the_pads_cut_edge_to_the_land(grooved):
    assert {net: len(found) for net, found in net_pieces(grooved).items() if len(found) != 1} == {}
    assert len(net_pieces(grooved)) == 12


def test_a_wire_touches_the_cut_edge_of_its_pad(grooved):
    """The pad is 1 µm thick, the wire 50 µm wide; the notch's wall leans by 75 degrees."""
    (touch,) = [touch for touch in contacts(grooved) if touch.lower == "PAD.L1"]
    assert touch.upper.startswith("RDL.L1.")
    assert touch.area_um2 == pytest.approx(die.WIRE * 1.0 / math.sin(math.radians(75.0)), rel=1e-3)
    assert touch.z_um == pytest.approx(-0.5)


def test_below_the_surface_all_room_is_filled(made, grooved):
    work, masks = made
    cavity = masks.region("CAVITY").area
    for z in np.linspace(-49.7, work.front.top_um - 0.3, 60):
        films = [region_at(body, z) for body in grooved.bodies if body.z_um <= z < z_range_um(body)[1]]
        hollow = cavity if z < -8.0 else 0.0
        filled = sum(shapely.area(film) for film in films)
        assert filled + work.front.open_at(float(z)).area + hollow == pytest.approx(masks.die.area, rel=1e-9)


@given(st.floats(0.02, 0.98), st.floats(-0.4, 0.4))
@settings(max_examples=20, deadline=None)
def test_the_faces_of_a_cut_add_up_to_all_below_the_surface(made, share, skew):
    """At any line: what the cut shows is its length times the height, less the cavity and what lies open."""
    work, masks = made
    stack = work.stack()
    y = round(share * die.SIZE_Y) + 0.0137  # along no wall: a cut along one has the bodies on both of its sides
    start, end = (0.0, y), (die.SIZE_X, y + skew * die.SIZE_Y)
    line = shapely.intersection(shapely.LineString([start, end]), masks.die)
    low, high = stack.extent_z_um()
    open_room = sum(_open_area(band, line) for band in work.front.bands)
    cavity = shapely.intersection(line, masks.region("CAVITY")).length * (50.0)
    pieces = section(stack, start, end)
    assert sum(piece.area_um2 for piece in pieces) == pytest.approx(
        line.length * (high - low) - open_room - cavity, rel=1e-6
    )


def _open_area(band, line):
    assert band.upright
    return shapely.intersection(line, band.bottom).length * band.h_um


def test_a_solid_kernel_finds_the_same_volumes(grooved, tmp_path):
    pytest.importorskip("OCP.STEPControl")
    from chipscale.stack.step import write_step

    found = step_solids(write_step(grooved, tmp_path / "g.step", simplify_um=0.0))
    assert set(found) == {body.name for body in grooved.bodies}
    for body in grooved.bodies:
        assert all(map(sound, found[body.name])), body.name
        volume = sum(map(solid_um3, found[body.name]))
        assert volume == pytest.approx(volume_um3(body), rel=1e-4), body.name


def test_simplified_it_reads_back_closed_with_nearly_the_same_volumes(grooved, tmp_path):
    pytest.importorskip("OCP.STEPControl")
    from chipscale.stack.step import write_step

    found = step_solids(write_step(grooved, tmp_path / "g.step"))
    for body in grooved.bodies:
        assert all(map(sound, found[body.name])), body.name
        assert sum(map(solid_um3, found[body.name])) == pytest.approx(volume_um3(body), rel=2e-3), body.name


def test_every_mesh_is_closed_and_holds_the_volume(grooved, tmp_path):
    for name, mesh in glb_bodies(write_glb(grooved, tmp_path / "g.glb")).items():
        assert mesh.is_watertight, name
        assert mesh.volume * 1e18 == pytest.approx(volume_um3(grooved.body(name)), rel=1e-3), name


def one(bottom, top, h_um=10.0):
    return Stack("one", 200.0, 200.0, (Slab("one", "PI1", "PI", 0.0, h_um, bottom, top),))


def shapes():
    """Return outlines whose walls lean: in, out, along a slope, twisted, with sides that shrink to nothing."""
    square = shapely.box(20, 20, 80, 80)
    notched = shapely.Polygon([(20, 20), (80, 20), (80, 80), (50, 80), (50, 80), (50, 80), (20, 80)])
    notch = shapely.Polygon([(20, 20), (80, 20), (80, 80), (60, 80), (50, 60), (40, 80), (20, 80)])
    disc = shapely.Point(50, 50).buffer(20, quad_segs=16)
    return {
        "frustum": (square, leaned(square, -5.0, shapely.box(0, 0, 200, 200))),
        "ring": (square.difference(disc), square.difference(shapely.Point(50, 50).buffer(24, quad_segs=16))),
        "shifted": (square, translate(square, 90.0)),
        "notch that closes": (notch, notched),
        "notch that opens": (notched, notch),
        "skew": (square, shapely.Polygon([(82, 22), (78, 78), (20, 82), (25, 18)])),
    }


@pytest.mark.parametrize("name", list(shapes()))
def test_a_leaning_body_is_the_same_everywhere(name, tmp_path):
    pytest.importorskip("OCP.STEPControl")
    from chipscale.stack.step import write_step

    stack = one(*shapes()[name])
    exact = volume_um3(stack.bodies[0])
    slices = [region_at(stack.bodies[0], z).area for z in (np.arange(400) + 0.5) / 40]
    assert np.mean(slices) * 10.0 == pytest.approx(exact, rel=1e-5)
    (mesh,) = glb_bodies(write_glb(stack, tmp_path / "o.glb", simplify_um=0.0)).values()
    assert mesh.is_watertight
    close = 2e-2 if name == "skew" else 1e-5  # walls that are not plane are drawn as two triangles each
    assert mesh.volume * 1e18 == pytest.approx(exact, rel=close)
    for place in ("die", "board"):
        ((solid,),) = step_solids(write_step(stack, tmp_path / "o.step", simplify_um=0.0, place=place)).values()
        assert sound(solid)
        assert solid_um3(solid) == pytest.approx(exact, rel=close)


def glb_bodies(path):
    scene = trimesh.load(path)
    found = {}
    for node in scene.graph.nodes_geometry:
        transform, geometry = scene.graph[node]
        mesh = scene.geometry[geometry]
        joined = trimesh.Trimesh(mesh.vertices * 1.0, mesh.faces, process=True)
        joined.apply_transform(transform)
        found[node] = joined
    return found


def step_solids(path):
    """Return name -> solids as OpenCASCADE's document reader finds them."""
    from OCP.collections import Sequence_TDF_Label
    from OCP.STEPCAFControl import STEPCAFControl_Reader
    from OCP.TCollection import TCollection_ExtendedString
    from OCP.TDataStd import TDataStd_Name
    from OCP.TDocStd import TDocStd_Document
    from OCP.TopAbs import TopAbs_ShapeEnum
    from OCP.TopExp import TopExp_Explorer
    from OCP.XCAFDoc import XCAFDoc_DocumentTool, XCAFDoc_ShapeTool

    reader = STEPCAFControl_Reader()
    reader.SetNameMode(True)
    reader.ReadFile(str(path))
    document = TDocStd_Document(TCollection_ExtendedString("x"))
    assert reader.Transfer(document)
    roots, parts = Sequence_TDF_Label(), Sequence_TDF_Label()
    XCAFDoc_DocumentTool.ShapeTool_s(document.Main()).GetFreeShapes(roots)
    XCAFDoc_ShapeTool.GetComponents_s(roots.Value(1), parts)
    found = {}
    for index in range(1, parts.Length() + 1):
        label, name = parts.Value(index), TDataStd_Name()
        assert label.FindAttribute(TDataStd_Name.GetID_s(), name)
        explorer = TopExp_Explorer(XCAFDoc_ShapeTool.GetShape_s(label), TopAbs_ShapeEnum.TopAbs_SOLID)
        solids = found.setdefault(name.Get().ToExtString(), [])
        while explorer.More():
            solids.append(explorer.Current())
            explorer.Next()
    return found


def solid_um3(solid):
    from OCP.BRepGProp import BRepGProp
    from OCP.GProp import GProp_GProps

    props = GProp_GProps()
    BRepGProp.VolumeProperties_s(solid, props)
    return props.Mass() * 1e9


def sound(solid):
    from OCP.BRep import BRep_Tool
    from OCP.BRepCheck import BRepCheck_Analyzer
    from OCP.TopAbs import TopAbs_ShapeEnum
    from OCP.TopExp import TopExp_Explorer

    shells = TopExp_Explorer(solid, TopAbs_ShapeEnum.TopAbs_SHELL)
    return BRepCheck_Analyzer(solid).IsValid() and BRep_Tool.IsClosed_s(shells.Current())
