"""Write a Stack as STEP (ISO 10303-21, AP214): named, coloured, closed solids placed in one assembly, in mm.

The bodies are prisms and solids of revolution, whose boundary is known; it is written as it is, without a solid
kernel. Readers see planes, cylinders and spheres.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np

from chipscale.stack.detail import detail
from chipscale.stack.look import Paint, paint
from chipscale.stack.outline import Prism, local, prisms, simplified
from chipscale.stack.placing import Place, Placing, placing
from chipscale.stack.step_file import StepFile
from chipscale.stack.step_prism import prism_solid
from chipscale.stack.step_revolved import revolved_solid
from chipscale.stack.types import Body, Points, Revolved, Spheroid, Stack

MM_UM = 1e-3


def write_step(stack: Stack, path: Path, simplify_um: float = 1.0, place: Place = "board") -> Path:
    """Write the stack to `path` and return it; see `step_text`."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{os.getpid()}.{path.name}")
    try:
        draft.write_text(step_text(stack, simplify_um, place), encoding="ascii")
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    return path


def step_text(stack: Stack, simplify_um: float = 1.0, place: Place = "board") -> str:
    """Return the stack as a STEP file: same stack, same text.

    Outlines lose vertices within `simplify_um` (twice that from 150 balls on) and keep their area; rings that stand
    for circles become cylinders of the same area; balls are exact. One part per shape: equal bodies are placed
    again. Every occurrence has its body's name. `place`: see `placing.placing`; "board" is how a board tool wants
    it, balls down on z = 0.
    """
    file = StepFile(stack.name)
    simplify_um = min(2 * simplify_um, detail(stack, simplify_um).simplify_um)
    move = placing(stack, place)
    parts: dict[object, int] = {}
    names = _shared_names(stack)
    for body in stack.bodies:
        origin, key, draw = _shape(body, simplify_um, move)
        known = (body.layer, body.material, body.part, key)
        if known not in parts:
            solids = draw(file)
            look: Paint = paint(body)
            for solid in solids:
                file.style(solid, look.rgb, 1.0 - look.alpha)
            parts[known] = file.part(names[body.name], solids)
        file.place(parts[known], body.name, origin)
    return file.text()


def _shared_names(stack: Stack) -> dict[str, str]:
    """Return the part name of each body: its own; for balls and under-bump metal, many alike, the layer's."""
    return {
        body.name: (body.layer + (f".{body.part}" if body.part else "")) if body.layer in ("BALL", "UBM") else body.name
        for body in stack.bodies
    }


def _shape(body: Body, simplify_um: float, move: Placing) -> tuple[Points, bytes, Callable[[StepFile], list[int]]]:
    """Return (origin in mm, a key equal for equal shapes, a function that draws it)."""
    shift = np.array([move.x_um, move.y_um, move.z_um])
    flip = np.array([move.flip, 1, move.flip], dtype=np.float64)
    if isinstance(body, Revolved):
        foot = np.array([body.x_um, body.y_um, body.profile[0, 1]])
        profile, spheroid = _local_profile(body, move.flip)
        key = np.round(profile, 7).tobytes()
        return (foot - shift) * flip * MM_UM, key, lambda file: [revolved_solid(file, profile, spheroid)]
    whole = prisms(body)
    low = np.vstack([piece.bottom[0] for piece in whole]).min(axis=0)
    pieces = [_turned(simplified(local(piece, low), simplify_um, keep_discs=True), move.flip) for piece in whole]
    height = body.h_um * MM_UM
    z = (0.0, height) if move.flip > 0 else (-height, 0.0)
    key = b"".join(ring.tobytes() for piece in pieces for ring in (*piece.bottom, *piece.top)) + repr(height).encode()
    origin = (np.array([low[0], low[1], body.z_um]) - shift) * flip * MM_UM
    return origin, key, lambda file: [prism_solid(file, piece, *z) for piece in pieces]


def _turned(prism: Prism, flip: int) -> Prism:
    """Return the prism in mm, turned about y when flip is -1 (top and bottom then change places)."""

    def in_mm(ring: Points) -> Points:
        moved = np.round(ring * [flip, 1] * MM_UM, 7) + 0.0
        return moved if flip > 0 else np.ascontiguousarray(moved[::-1])

    bottom = tuple(in_mm(ring) for ring in prism.bottom)
    if prism.straight:
        return Prism(bottom, bottom)
    top = tuple(in_mm(ring) for ring in prism.top)
    return Prism(bottom, top) if flip > 0 else Prism(top, bottom)


def _local_profile(body: Revolved, flip: int) -> tuple[Points, Spheroid | None]:
    """Return profile and spheroid in mm above the foot, turned upside down when flip is -1."""
    foot = body.profile[0, 1]
    profile = (body.profile - [0, foot]) * [1, flip] * MM_UM
    shape = body.spheroid
    if shape is not None:
        shape = Spheroid(shape.semi_r_um * MM_UM, shape.semi_z_um * MM_UM, (shape.z_um - foot) * flip * MM_UM)
    return (profile if flip > 0 else np.ascontiguousarray(profile[::-1])), shape
