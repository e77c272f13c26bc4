"""The boundary of a solid of revolution as STEP faces: sphere, ellipsoid, or cones along a profile."""

from __future__ import annotations

import math

import numpy as np

from chipscale.stack.step_file import StepFile
from chipscale.stack.types import Points, Spheroid

_EPS_MM = 1e-7
_X = (1.0, 0.0, 0.0)
_Edge = int | None


def revolved_solid(file: StepFile, profile: Points, spheroid: Spheroid | None) -> int:
    """Write the solid whose profile (n, 2) is (r, z) in mm, z growing, about the z axis; return the solid.

    With a spheroid (its three values in mm) the wall is that surface between the profile's ends. Raises ValueError
    when z does not grow along the profile.
    """
    if np.any(np.diff(profile[:, 1]) < -_EPS_MM):
        raise ValueError("the profile of a solid of revolution must not turn down")
    nodes = [(float(r), float(z)) for r, z in (_arc_ends(profile, spheroid) if spheroid else profile)]
    nodes = [(0.0 if r < _EPS_MM else r, z) for r, z in nodes]
    vertices = [file.vertex(r, 0.0, z) for r, z in nodes]
    circles: list[_Edge] = [_circle(file, *node, vertex[0]) for node, vertex in zip(nodes, vertices, strict=True)]
    faces = []
    if circles[0] is not None:
        plane = file.add(f"PLANE('',#{file.frame((0.0, 0.0, nodes[0][1]), (0.0, 0.0, -1.0), _X)})")
        faces.append(file.face(plane, [[(circles[0], False)]]))
    for k in range(len(nodes) - 1):
        ends = (vertices[k], vertices[k + 1])
        faces.append(_band(file, (nodes[k], nodes[k + 1]), ends, (circles[k], circles[k + 1]), spheroid))
    if circles[-1] is not None:
        plane = file.add(f"PLANE('',#{file.frame((0.0, 0.0, nodes[-1][1]))})")
        faces.append(file.face(plane, [[(circles[-1], True)]]))
    return file.solid(faces)


def _arc_ends(profile: Points, shape: Spheroid) -> list[tuple[float, float]]:
    """Return the ends of the arc, and its widest point when it runs from pole to pole."""
    first, last = profile[0].tolist(), profile[-1].tolist()
    if first[0] < _EPS_MM and last[0] < _EPS_MM:
        return [tuple(first), (shape.semi_r_um, shape.z_um), tuple(last)]
    return [tuple(first), tuple(last)]


def _circle(file: StepFile, r: float, z: float, vertex: int) -> _Edge:
    """Return the closed edge at a node, None on the axis."""
    if r == 0:
        return None
    circle = file.add(f"CIRCLE('',#{file.frame((0.0, 0.0, z))},{r:.10f})")
    return file.add(f"EDGE_CURVE('',#{vertex},#{vertex},#{circle},.T.)")


def _band(
    file: StepFile,
    nodes: tuple[tuple[float, float], tuple[float, float]],
    ends: tuple[tuple[int, int], tuple[int, int]],
    circles: tuple[_Edge, _Edge],
    spheroid: Spheroid | None,
) -> int:
    """Return the face between two nodes."""
    (r0, z0), (r1, z1) = nodes
    if spheroid is None and z1 - z0 < _EPS_MM:
        return _ring(file, nodes, circles)
    if spheroid is None:
        length = math.hypot(r1 - r0, z1 - z0)
        seam = file.line(ends[0], ends[1], file.direction((r1 - r0) / length, 0.0, (z1 - z0) / length))
        surface = _cone(file, r0, z0, r1, z1)
    else:
        seam, surface = _spheroid(file, spheroid, ends)
    loop: list[tuple[int, bool]] = []
    if circles[0] is not None:
        loop.append((circles[0], True))
    loop.append((seam, True))
    if circles[1] is not None:
        loop.append((circles[1], False))
    loop.append((seam, False))
    return file.face(surface, [loop])


def _ring(file: StepFile, nodes: tuple[tuple[float, float], tuple[float, float]], circles: tuple[_Edge, _Edge]) -> int:
    """Return a flat ring: a step in the profile."""
    (r0, z), (r1, _) = nodes
    outward = r1 > r0
    plane = file.add(f"PLANE('',#{file.frame((0.0, 0.0, z), (0.0, 0.0, -1.0 if outward else 1.0), _X)})")
    wide, narrow = (circles[1], circles[0]) if outward else (circles[0], circles[1])
    loops = [[(edge, forward)] for edge, forward in ((wide, not outward), (narrow, outward)) if edge is not None]
    return file.face(plane, loops)


def _cone(file: StepFile, r0: float, z0: float, r1: float, z1: float) -> int:
    if abs(r1 - r0) < _EPS_MM:
        return file.add(f"CYLINDRICAL_SURFACE('',#{file.frame((0.0, 0.0, z0))},{r0:.10f})")
    angle = math.atan(abs(r1 - r0) / (z1 - z0))
    at, axis, r = (z0, 1.0, r0) if r1 > r0 else (z1, -1.0, r1)
    frame = file.frame((0.0, 0.0, at), (0.0, 0.0, axis), _X)
    return file.add(f"CONICAL_SURFACE('',#{frame},{r:.10f},{angle:.13f})")


def _spheroid(file: StepFile, shape: Spheroid, ends: tuple[tuple[int, int], tuple[int, int]]) -> tuple[int, int]:
    """Return (seam edge, surface) of a sphere or ellipsoid of revolution."""
    centre = (0.0, 0.0, shape.z_um)
    upright = file.frame(centre, (0.0, -1.0, 0.0), _X)  # in this plane angles grow from x to z
    if abs(shape.semi_r_um - shape.semi_z_um) < _EPS_MM:
        curve = file.add(f"CIRCLE('',#{upright},{shape.semi_r_um:.10f})")
        surface = file.add(f"SPHERICAL_SURFACE('',#{file.frame(centre)},{shape.semi_r_um:.10f})")
    else:
        curve, arc = _ellipse(file, shape, centre)
        axis = file.add(f"AXIS1_PLACEMENT('',#{file.point(*centre)},#{file.direction(0.0, 0.0, 1.0)})")
        surface = file.add(f"SURFACE_OF_REVOLUTION('',#{arc},#{axis})")
    return file.add(f"EDGE_CURVE('',#{ends[0][0]},#{ends[1][0]},#{curve},.T.)"), surface


def _ellipse(file: StepFile, shape: Spheroid, centre: tuple[float, float, float]) -> tuple[int, int]:
    """Return (ellipse in the x-z plane, its half on the x side from pole to pole), longer axis first.

    Its angle grows from x to z and starts at -x or -z, so that the arc on the x side never passes through zero.
    """
    a, b = shape.semi_r_um, shape.semi_z_um
    ref = (-1.0, 0.0, 0.0) if a >= b else (0.0, 0.0, -1.0)
    frame = file.frame(centre, (0.0, -1.0, 0.0), ref)
    ellipse = file.add(f"ELLIPSE('',#{frame},{max(a, b):.10f},{min(a, b):.10f})")
    low = math.pi / 2 if a >= b else 0.0
    ends = f"(PARAMETER_VALUE({low:.13f})),(PARAMETER_VALUE({low + math.pi:.13f}))"
    return ellipse, file.add(f"TRIMMED_CURVE('',#{ellipse},{ends},.T.,.PARAMETER.)")
