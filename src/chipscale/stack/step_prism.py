"""The boundary of a prism or tapered slab as STEP faces: planes, and cylinders where a ring stands for a circle."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from chipscale.stack.outline import Disc, Prism, disc_of
from chipscale.stack.step_file import StepFile, unit
from chipscale.stack.types import Points

_POINT_MM = 1e-7  # corners no farther apart than this are one
_PLANE_MM = 2e-8  # a wall's fourth corner this near to the plane of the others lies in it
_SCALE = 1e3  # rings come in mm, circles are recognised in µm
_UP, _DOWN, _X = (0.0, 0.0, 1.0), (0.0, 0.0, -1.0), (1.0, 0.0, 0.0)
_Loop = list[tuple[int, bool]]


class _Ring(NamedTuple):
    """What one ring gives: its edge loops in the bottom and the top face (in ring direction), its wall faces."""

    bottom: _Loop
    top: _Loop
    walls: list[int]


def prism_solid(file: StepFile, prism: Prism, low_mm: float, high_mm: float) -> int:
    """Write the prism (rings in mm, material to their left) between two heights and return its solid."""
    rings = [_ring(file, b, t, low_mm, high_mm) for b, t in zip(prism.bottom, prism.top, strict=True)]
    bottom = file.add(f"PLANE('',#{file.frame((0.0, 0.0, low_mm), _DOWN, _X)})")
    top = file.add(f"PLANE('',#{file.frame((0.0, 0.0, high_mm), _UP, _X)})")
    faces = [
        file.face(bottom, [[(edge, not forward) for edge, forward in reversed(ring.bottom)] for ring in rings]),
        file.face(top, [ring.top for ring in rings]),
    ]
    return file.solid(faces + [wall for ring in rings for wall in ring.walls])


def _ring(file: StepFile, bottom: Points, top: Points, low: float, high: float) -> _Ring:
    if bottom is top:
        disc = disc_of(bottom * _SCALE)
        if disc is not None:
            return _cylinder(file, disc, _turns_left(bottom), low, high)
        return _upright(file, bottom, low, high)
    return _walls(file, bottom, top, low, high)


def _turns_left(ring: Points) -> bool:
    x, y = (ring - ring[0]).T
    return float(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y)) > 0


def _cylinder(file: StepFile, disc: Disc, outer: bool, low: float, high: float) -> _Ring:
    """Return a round wall: outside of a disc, or inside of a hole."""
    x, y, r = disc.x_um / _SCALE, disc.y_um / _SCALE, disc.r_um / _SCALE
    edges, ends = [], []
    for z in (low, high):
        vertex = file.vertex(x + r, y, z)
        circle = file.add(f"CIRCLE('',#{file.frame((x, y, z))},{r:.9f})")
        edges.append(file.add(f"EDGE_CURVE('',#{vertex[0]},#{vertex[0]},#{circle},.T.)"))
        ends.append(vertex)
    seam = file.line(ends[0], ends[1], file.direction(*_UP))
    surface = file.add(f"CYLINDRICAL_SURFACE('',#{file.frame((x, y, low))},{r:.9f})")
    loop = [(edges[0], outer), (seam, True), (edges[1], not outer), (seam, False)]
    return _Ring([(edges[0], outer)], [(edges[1], outer)], [file.face(surface, [loop], same_sense=outer)])


def _upright(file: StepFile, ring: Points, low: float, high: float) -> _Ring:
    """Return the vertical walls along a ring: for each the same entities, whose numbers are therefore known before."""
    n = len(ring)
    side = np.roll(ring, -1, axis=0) - ring
    along = (side / np.hypot(*side.T)[:, None]).tolist()
    ahead = [file.direction(x, y, 0.0) for x, y in along]
    out = [file.direction(y, -x, 0.0) for x, y in along]
    up = file.add(f"VECTOR('',#{file.direction(*_UP)},1.)")
    count = 20
    first = file.add_all([])
    lines: list[str] = []
    for k, (x, y) in enumerate(ring.tolist()):
        a = first + count * k  # of this corner and side
        b = first + count * ((k + 1) % n)  # of the next
        lines += (
            f"CARTESIAN_POINT('',({x:.7f},{y:.7f},{low:.7f}))",
            f"CARTESIAN_POINT('',({x:.7f},{y:.7f},{high:.7f}))",
            f"VERTEX_POINT('',#{a})",
            f"VERTEX_POINT('',#{a + 1})",
            f"VECTOR('',#{ahead[k]},1.)",
            f"LINE('',#{a},#{a + 4})",
            f"EDGE_CURVE('',#{a + 2},#{b + 2},#{a + 5},.T.)",
            f"LINE('',#{a + 1},#{a + 4})",
            f"EDGE_CURVE('',#{a + 3},#{b + 3},#{a + 7},.T.)",
            f"LINE('',#{a},#{up})",
            f"EDGE_CURVE('',#{a + 2},#{a + 3},#{a + 9},.T.)",
            f"AXIS2_PLACEMENT_3D('',#{a},#{out[k]},#{ahead[k]})",
            f"PLANE('',#{a + 11})",
            f"ORIENTED_EDGE('',*,*,#{a + 6},.T.)",
            f"ORIENTED_EDGE('',*,*,#{b + 10},.T.)",
            f"ORIENTED_EDGE('',*,*,#{a + 8},.F.)",
            f"ORIENTED_EDGE('',*,*,#{a + 10},.F.)",
            f"EDGE_LOOP('',(#{a + 13},#{a + 14},#{a + 15},#{a + 16}))",
            f"FACE_OUTER_BOUND('',#{a + 17},.T.)",
            f"ADVANCED_FACE('',(#{a + 18}),#{a + 12},.T.)",
        )
    file.add_all(lines)
    sides = range(first, first + count * n, count)
    return _Ring([(a + 6, True) for a in sides], [(a + 8, True) for a in sides], [a + 19 for a in sides])


class _Corners(NamedTuple):
    """The corners of a leaning ring (n, 3) at one end, and which of its sides have shrunk to nothing there."""

    points: Points
    gone: npt.NDArray[np.bool_]


def _walls(file: StepFile, bottom: Points, top: Points, low: float, high: float) -> _Ring:
    """Return the plane walls along a ring of a tapered prism; a wall that is not plane becomes two triangles."""
    ends = [_corners(ring, z) for ring, z in ((bottom, low), (top, high))]
    whole = np.flatnonzero(~(ends[0].gone | ends[1].gone))
    if whole.size:  # begin behind a side that is there at both ends
        ends = [_Corners(*(np.roll(values, -(int(whole[0]) + 1), axis=0) for values in end)) for end in ends]
    (b, gone_b), (t, gone_t) = ends
    n = len(b)
    vb, vt = ([*_vertices(file, end)] for end in ends)
    after = [(k + 1) % n for k in range(n)]
    eb = [None if gone_b[k] else _edge(file, (vb[k], vb[j]), b[j] - b[k]) for k, j in enumerate(after)]
    et = [None if gone_t[k] else _edge(file, (vt[k], vt[j]), t[j] - t[k]) for k, j in enumerate(after)]
    ev: list[int] = []
    for k in range(n):
        same = k > 0 and gone_b[k - 1] and gone_t[k - 1]
        ev.append(ev[-1] if same else _edge(file, (vb[k], vt[k]), t[k] - b[k]))
    walls: list[int] = []
    for k, j in enumerate(after):
        corners = (b[k], b[j], t[j], t[k])
        walls += _wall(file, corners, (eb[k], ev[j], et[k], ev[k]), (vb[k], vt[j]))
    bottoms, tops = ([(edge, True) for edge in edges if edge is not None] for edges in (eb, et))
    return _Ring(bottoms, tops, walls)


def _corners(ring: Points, z: float) -> _Corners:
    side = np.roll(ring, -1, axis=0) - ring
    return _Corners(np.column_stack((ring, np.full(len(ring), z))), np.hypot(*side.T) <= _POINT_MM)


def _vertices(file: StepFile, end: _Corners) -> Iterator[tuple[int, int]]:
    """Yield the vertex of each corner; corners at one place share it."""
    vertex = None
    for k, point in enumerate(end.points.tolist()):
        if vertex is None or not end.gone[k - 1]:
            vertex = file.vertex(*point)
        yield vertex


def _edge(file: StepFile, ends: tuple[tuple[int, int], tuple[int, int]], along: Points) -> int:
    return file.line(*ends, file.direction(*unit(along)))


def _wall(
    file: StepFile,
    corners: tuple[Points, Points, Points, Points],
    edges: tuple[int | None, int, int | None, int],
    diagonal: tuple[tuple[int, int], tuple[int, int]],
) -> list[int]:
    """Return the face of one wall, or two; corners from the bottom's first on, edges bottom, next, top, own."""
    b0, b1, t1, t0 = corners
    low, ahead, high, own = edges
    if low is None and high is None:
        return []
    if low is None:
        loop = [(ahead, True), (high, False), (own, False)]
        return [file.face(_plane(file, b0, np.cross(t1 - b0, t0 - b0), t1 - b0), [loop])]
    if high is None:
        loop = [(low, True), (ahead, True), (own, False)]
        return [file.face(_plane(file, b0, np.cross(b1 - b0, t0 - b0), b1 - b0), [loop])]
    normal = np.cross(b1 - b0, t0 - b0)
    apart = abs(float(np.dot(t1 - b0, normal))) / float(np.linalg.norm(normal))
    if apart <= _PLANE_MM:
        loop = [(low, True), (ahead, True), (high, False), (own, False)]
        return [file.face(_plane(file, b0, normal, b1 - b0), [loop])]
    across = _edge(file, diagonal, t1 - b0)
    lower, upper = np.cross(b1 - b0, t1 - b0), np.cross(t1 - b0, t0 - b0)
    first = file.face(_plane(file, b0, lower, b1 - b0), [[(low, True), (ahead, True), (across, False)]])
    second = file.face(_plane(file, b0, upper, t1 - b0), [[(across, True), (high, False), (own, False)]])
    return [first, second]


def _plane(file: StepFile, at: Points, normal: Points, along: Points) -> int:
    x, y, z = at.tolist()
    return file.add(f"PLANE('',#{file.frame((x, y, z), unit(normal), unit(along))})")
