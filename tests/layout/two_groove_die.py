"""A die with two grooves, drawn by hand and made step by step: pads on all four sides, wires down the groove walls."""

import numpy as np
import shapely

from chipscale.layout.types import Circle, Layout, Polygon
from chipscale.process.kinds.bonding import Bond, Flip
from chipscale.process.kinds.conformal import ConformalFilm
from chipscale.process.kinds.groove import Groove
from chipscale.process.kinds.incoming import IncomingWafer
from chipscale.process.kinds.notch import SawNotch
from chipscale.process.kinds.solder_mask import SolderMask
from chipscale.process.masks import Masks
from chipscale.process.relief.carve import cut_to
from chipscale.process.relief.front import Wall
from chipscale.process.work import Work
from chipscale.stack.types import Slab

SIZE_X, SIZE_Y = 3400.0, 3000.0
MOUTH, NOTCH, SILICON = 190.0, 75.0, 130.0
WIRE, PER_SIDE = 50.0, 10


def box(x0, y0, x1, y1):
    return np.array([(x0, y0), (x1, y0), (x1, y1), (x0, y1)], float)


def ring(width):
    """Return the strips along the four edges of the die."""
    w, h = SIZE_X, SIZE_Y
    return (box(0, 0, width, h), box(0, 0, w, width), box(w - width, 0, w, h), box(0, h - width, w, h))


def drawn(mouth=MOUTH, notch=NOTCH, per_side=PER_SIDE, land_d=200.0):
    """Return the masks seen from the balls (the die's back): pads, their wires out of the groove, lands, openings."""
    polygons = [Polygon("GROOVE1", "groove", points) for points in ring(mouth)]
    polygons += [Polygon("GROOVE2", "groove", points) for points in ring(notch)] if notch else []
    polygons.append(Polygon("CAVITY", "opening", box(300, 300, SIZE_X - 300, SIZE_Y - 300)))
    polygons.append(Polygon("SENSING", "area", box(900, 900, SIZE_X - 900, SIZE_Y - 900)))
    circles = []
    for side in range(4):
        along = SIZE_Y if side % 2 == 0 else SIZE_X
        for k in range(per_side):
            name = f"{'LBRT'[side]}{k}"
            middle = 700.0 + (along - 1400.0) * k / max(per_side - 1, 1)
            polygons.append(Polygon("PAD", "pad", turned(side, 30, middle - 45, 120, middle + 45), name, name))
            end = 420.0 + 130.0 * (k % 2)
            polygons.append(Polygon("RDL", "wire", turned(side, 10, middle - WIRE / 2, end, middle + WIRE / 2), name))
            x, y = turned(side, end, middle, end, middle)[0]
            circles += [
                Circle("RDL", "land", x, y, land_d, name, name),
                Circle("SMO", "opening", x, y, land_d - 40.0, name, name),
                Circle("BALL", "ball", x, y, land_d + 20.0, name, name),
            ]
    return Layout(SIZE_X, SIZE_Y, tuple(circles), tuple(polygons), (), ())


def turned(side, u0, v0, u1, v1):
    """Return a rectangle given from a side's edge inwards (u) and along it (v): left, bottom, right, top."""
    w, h = SIZE_X, SIZE_Y
    return (box(u0, v0, u1, v1), box(v0, u0, v1, u1), box(w - u1, v0, w - u0, v1), box(v0, h - u1, v1, h - u0))[side]


def covered_wafer(masks):
    """Return the wafer under its glass, turned over: the silicon's back is the open surface."""
    work = IncomingWafer(wafer_um=SILICON, device_um=8.0).effect(Work("two", SIZE_X, SIZE_Y), masks.mirrored())
    wall = shapely.difference(masks.die, masks.region("CAVITY"))
    (layer,), front = work.front.filled(Wall(wall), work.front.top_um + 50.0)
    work = work.with_bodies([Slab("WALL", "WALL", "SolderMask", *layer)], front)
    return Flip().effect(Bond().effect(work, masks.mirrored()), masks)


def wired(work, masks, thickness_um=6.0, wall_ratio=0.7):
    """Return the workpiece with its wires: a conformal metal film, patterned."""
    layers, front = work.front.covered(thickness_um, thickness_um * wall_ratio, masks.region("RDL"))
    pieces = masks.pieces("RDL")
    bodies = []
    for piece, parts in zip(pieces, cut_to(layers, [piece.region for piece in pieces]), strict=True):
        for number, part in enumerate(parts, start=1):
            bodies.append(Slab(f"RDL.{piece.name}.{number}", "RDL", "Cu_plated", *part, piece.net))
    return work.with_bodies(bodies, front)


def made(layout=None, fill="full", wall_deg=65.0):
    """Return the finished workpiece and its masks."""
    masks = Masks(drawn() if layout is None else layout)
    work = Groove(wall_deg=wall_deg).effect(covered_wafer(masks), masks)
    work = ConformalFilm(thickness_um=5.0).effect(work, masks)
    if masks.has("GROOVE2"):
        work = SawNotch(depth_um=20.0).effect(work, masks)
    work = wired(work, masks)
    return SolderMask(fill=fill).effect(work, masks), masks
