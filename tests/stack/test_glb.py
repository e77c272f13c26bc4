import json
import struct

import numpy as np
import pytest
import shapely
import trimesh

from chipscale.layout.outline import circle_points
from chipscale.layout.types import Circle
from chipscale.stack.detail import detail
from chipscale.stack.glb import glb_bytes, write_glb
from chipscale.stack.outline import tapered
from chipscale.stack.revolve import cap, outline
from chipscale.stack.types import Revolved, Slab, Stack
from chipscale.stack.volume import volume_um3


def read(data):
    magic, version, length = struct.unpack_from("<4sII", data)
    assert (magic, version, length) == (b"glTF", 2, len(data))
    size, kind = struct.unpack_from("<I4s", data, 12)
    assert kind == b"JSON"
    return json.loads(data[20 : 20 + size])


def bodies_of(path):
    """Return name -> mesh in metres, with vertices at one place joined."""
    scene = trimesh.load(path)
    found = {}
    for node in scene.graph.nodes_geometry:
        transform, geometry = scene.graph[node]
        mesh = scene.geometry[geometry]
        points = trimesh.transform_points(mesh.vertices * 1.0, np.eye(4))
        joined = trimesh.Trimesh(points, mesh.faces, process=True)
        joined.apply_transform(transform)
        found[node] = joined
    return found


@pytest.mark.parametrize("place", ["die", "board"])
def test_another_reader_finds_closed_bodies_of_our_volume(small, tmp_path, place):
    found = bodies_of(write_glb(small, tmp_path / "p.glb", place=place))
    assert set(found) == {body.name for body in small.bodies}
    for body in small.bodies:
        mesh = found[body.name]
        assert mesh.is_watertight, body.name
        assert mesh.is_winding_consistent, body.name
        assert mesh.volume * 1e18 == pytest.approx(volume_um3(body), rel=1e-3), body.name


def test_metres_and_y_up(small, tmp_path):
    scene = trimesh.load(write_glb(small, tmp_path / "p.glb"))
    low, high = small.extent_z_um()
    assert scene.bounds[:, 1] * 1e6 == pytest.approx([low, high], abs=1e-3)
    assert scene.bounds[:, 0] * 1e6 == pytest.approx([0.0, 1300.0], abs=1e-2)
    assert scene.bounds[:, 2] * 1e6 == pytest.approx([-1300.0, 0.0], abs=1e-2)


def test_on_the_board_balls_are_down_and_x_is_mirrored(small, tmp_path):
    found = bodies_of(write_glb(small, tmp_path / "p.glb", place="board"))
    ball, die = found["BALL.A1"].bounds * 1e6, found["DIE"].bounds * 1e6
    assert ball[0, 1] == pytest.approx(0.0, abs=1e-3)
    assert die[:, 0] == pytest.approx([-650.0, 650.0], abs=1e-2)
    assert ball[:, 0].mean() == pytest.approx(650.0 - 250.0, abs=0.5)  # at x = 250 of the die view


def test_nodes_say_what_they_are(small):
    nodes = {node["name"]: node for node in read(glb_bytes(small))["nodes"]}
    assert nodes["RDL.vss"]["extras"] == {"body": "RDL.vss", "layer": "RDL", "material": "Cu_plated", "net": "vss"}
    assert nodes["RDL.vss.plug1"]["extras"]["part"] == "plug"
    assert len(nodes["layer UBM"]["children"]) == 18
    assert "net" not in nodes["PI1"]["extras"]


def test_balls_share_one_mesh_and_films_are_seen_through(small):
    document = read(glb_bytes(small))
    nodes = {node["name"]: node for node in document["nodes"]}
    assert len({nodes[body.name]["mesh"] for body in small.on("BALL")}) == 1
    assert len({nodes[body.name]["mesh"] for body in small.on("UBM")}) == 2
    looks = {item["name"]: item for item in document["materials"]}
    assert looks["PBO"]["alphaMode"] == "BLEND"
    assert looks["Cu_plated"]["pbrMetallicRoughness"]["metallicFactor"] == 1.0


def test_normals_are_of_length_one_and_agree_with_the_faces(small, tmp_path):
    scene = trimesh.load(write_glb(small, tmp_path / "p.glb"), process=False)
    for mesh in scene.geometry.values():
        normals = mesh.vertex_normals
        assert np.linalg.norm(normals, axis=1) == pytest.approx(np.ones(len(normals)), abs=1e-5)
        agree = np.einsum("ij,ij->i", normals[mesh.faces].mean(axis=1), mesh.face_normals)
        real = mesh.area_faces > 1e-3  # collinear corners leave triangles without area
        assert (agree[real] > 0.7).all()


def test_tapered_bodies_are_closed_too(tmp_path):
    bottom = shapely_ring()
    slab = Slab("t", "PI1", "PI", 1.0, 5.0, bottom, tapered(bottom, -1.5))
    found = bodies_of(write_glb(Stack("t", 100.0, 100.0, (slab,)), tmp_path / "t.glb"))
    assert found["t"].is_watertight
    assert found["t"].volume * 1e18 == pytest.approx(volume_um3(slab), rel=1e-3)


def shapely_ring():
    return shapely.box(0, 0, 100, 100).difference(shapely.Point(50, 50).buffer(30, quad_segs=16))


def test_same_stack_same_bytes(small):
    assert glb_bytes(small) == glb_bytes(small)


def test_the_fabricated_chip_fits(caravel, tmp_path):
    path = write_glb(caravel, tmp_path / "c.glb")
    assert path.stat().st_size < 5e6
    found = bodies_of(path)
    worst = max(abs(found[b.name].volume * 1e18 / volume_um3(b) - 1) for b in caravel.bodies)
    assert worst < 1e-3
    assert all(mesh.is_watertight for mesh in found.values())


def many_discs(count):
    """Return a film with `count` round holes, the plugs in them and a ball on each, at 300 µm."""
    places = [(300.0 * (k % 30) + 150, 300.0 * (k // 30) + 150) for k in range(count)]
    discs = [shapely.Polygon(circle_points(Circle("PI2", "opening", x, y, 200.0))) for x, y in places]
    size_x, size_y = 9000.0, 300.0 * -(-count // 30)
    film = shapely.difference(shapely.box(0, 0, size_x, size_y), shapely.MultiPolygon(discs))
    shape = cap(200.0, 240.0, 180.0, 8.0)
    bodies = [Slab("PI2", "PI2", "PI", 0.0, 8.0, film, film)]
    for k, (disc, (x, y)) in enumerate(zip(discs, places, strict=True)):
        bodies.append(Slab(f"UBM.{k}", "UBM", "Cu_plated", 0.0, 8.0, disc, disc, f"n{k}", "plug"))
        bodies.append(Revolved(f"BALL.{k}", "BALL", "SAC305", x, y, outline(shape, 8.0, 188.0), f"n{k}", "", shape))
    return Stack("many", size_x, size_y, tuple(bodies))


@pytest.mark.parametrize(("count", "sides"), [(30, 64), (180, 32), (420, 16)])
def test_many_balls_are_drawn_coarser_but_closed_and_of_the_same_volume(tmp_path, count, sides):
    stack = many_discs(count)
    found = bodies_of(write_glb(stack, tmp_path / "m.glb"))
    for body in stack.bodies[:3]:
        assert found[body.name].is_watertight
        assert found[body.name].volume * 1e18 == pytest.approx(volume_um3(body), rel=1e-3)
    plug, film = found["UBM.0"], found["PI2"]
    assert len(plug.vertices) == 2 * sides
    hole = {tuple(p) for p in np.round(film.vertices * 1e6, 1)} & {tuple(p) for p in np.round(plug.vertices * 1e6, 1)}
    assert len(hole) == 2 * sides  # film and plug still share their wall
    document = read(glb_bytes(stack))
    assert len(document["meshes"]) == 3
    assert len(document["nodes"]) > 2 * count


def test_outlines_of_very_many_corners_may_move_further():
    angle = np.linspace(0, 2 * np.pi, 40_000, endpoint=False)
    wave = shapely.Polygon(np.column_stack((np.cos(angle), np.sin(angle))) * (300 + 5 * np.sin(300 * angle))[:, None])
    slabs = [Slab(f"PI.{k}", "PI1", "PI", 5.0 * k, 5.0, wave, wave) for k in range(10)]

    def moved_um(count):
        return detail(Stack("w", 600.0, 600.0, tuple(slabs[:count])), 0.2).simplify_um

    assert moved_um(1) == moved_um(3) == 0.2
    assert moved_um(5) == pytest.approx(0.2 * 5 * 40_001 / 150_000)
    assert moved_um(10) == 0.4
    assert detail(Stack("w", 600.0, 600.0, tuple(slabs)), 0.0).simplify_um == 0.0
