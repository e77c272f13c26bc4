"""Pictures of very many small areas as an image of coloured pixels inside the page."""

from __future__ import annotations

import base64
import struct
import zlib
from typing import Any

import numpy as np
import numpy.typing as npt

from chipscale.report.figures.color_scale import STEPS, Scale, level_color

Levels = npt.NDArray[np.uint8]
_EMPTY = STEPS  # the level of pixels that hold nothing: transparent


def levels_of(values: Any, scale: Scale) -> Levels:
    """Return the colour level of each value; what is not finite is empty."""
    found = np.asarray(values, dtype=float)
    level = np.full(found.shape, _EMPTY, dtype=np.uint8)
    good = np.isfinite(found)
    safe = np.maximum(found[good], scale.low)
    if scale.powers:
        part = np.log(safe / scale.low) / np.log(scale.high / scale.low)
    else:
        part = (safe - scale.low) / (scale.high - scale.low)
    level[good] = np.clip(part * STEPS, 0, STEPS - 1).astype(np.uint8)
    return level


def triangle_levels(corners: npt.NDArray[np.float64], levels: npt.NDArray[np.float64], size: tuple[int, int]) -> Levels:
    """Return the pixels (rows, columns), first row on top, that triangles cover.

    `corners` (m, 3, 2) are in pixels with y down; `levels` (m, 3) the level at each corner, even in between. Later
    triangles cover earlier ones.
    """
    columns, rows = size
    image = np.full((rows, columns), _EMPTY, dtype=np.uint8)
    edge = np.hypot.reduce(corners - np.roll(corners, 1, axis=1), axis=2).max(axis=1)
    fineness = np.maximum(np.ceil(1.6 * edge).astype(int), 1)
    for cuts in np.unique(fineness):
        of = np.flatnonzero(fineness == cuts)
        shares = _shares(int(cuts))
        for part in np.array_split(of, max(1, len(of) * len(shares) // 2_000_000)):
            points = np.einsum("sk,mkd->msd", shares, corners[part])
            value = np.einsum("sk,mk->ms", shares, levels[part])
            x = np.clip(points[..., 0].astype(int), 0, columns - 1)
            y = np.clip(points[..., 1].astype(int), 0, rows - 1)
            image[y, x] = np.clip(value, 0, STEPS - 1).astype(np.uint8)
    return image


def _shares(cuts: int) -> npt.NDArray[np.float64]:
    """Return barycentric shares (s, 3) of points spread over a triangle."""
    i, j = np.meshgrid(np.arange(cuts + 1), np.arange(cuts + 1), indexing="ij")
    inside = i + j <= cuts
    a, b = i[inside] / cuts, j[inside] / cuts
    return np.column_stack((a, b, 1.0 - a - b))


def image_address(levels: Levels) -> str:
    """Return levels (rows, columns) as the address of a PNG with the scale's colours, empty ones transparent."""
    rows, columns = levels.shape
    palette = bytes.fromhex("".join(level_color(k)[1:] for k in range(STEPS)) + "ffffff")
    lines = np.zeros((rows, columns + 1), dtype=np.uint8)  # each line begins with filter 0
    lines[:, 1:] = levels
    parts = (
        (b"IHDR", struct.pack(">IIBBBBB", columns, rows, 8, 3, 0, 0, 0)),
        (b"PLTE", palette),
        (b"tRNS", b"\xff" * STEPS + b"\x00"),
        (b"IDAT", zlib.compress(lines.tobytes(), 9)),
        (b"IEND", b""),
    )
    made = b"\x89PNG\r\n\x1a\n"
    for kind, data in parts:
        made += struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    return "data:image/png;base64," + base64.b64encode(made).decode("ascii")
