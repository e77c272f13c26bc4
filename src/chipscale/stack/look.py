"""How a body is painted: colour, opacity and metalness of its material, or of its layer where nobody knows it."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from chipscale.errors import InputError
from chipscale.materials.library import material
from chipscale.stack.types import Body

_LAYER = {
    "DIE": ("#6f7785", 1.0, 0.3),
    "PAD": ("#c8ccd2", 1.0, 1.0),
    "SEAL": ("#9aa0a8", 1.0, 1.0),
    "PASSIVATION": ("#7fb0a0", 0.4, 0.0),
    "RESIST": ("#b0486a", 0.6, 0.0),
    "RDL": ("#c87533", 1.0, 1.0),
    "RDL2": ("#b8653f", 1.0, 1.0),
    "UBM": ("#d0a03c", 1.0, 1.0),
    "BALL": ("#c3c7cc", 1.0, 0.9),
    "BACKSIDE": ("#2b2d33", 1.0, 0.0),
    "GLASS": ("#c4e6ea", 0.3, 0.0),
    "WALL": ("#3b6b57", 0.9, 0.0),
    "DEVICE": ("#8899aa", 1.0, 0.3),
    "MASK": ("#1f6b45", 0.8, 0.0),
}
_FILM = ("#c98a2b", 0.45, 0.0)  # any other layer is taken for a dielectric film


class Paint(NamedTuple):
    """Colour as red, green, blue from 0 to 1 (sRGB), opacity, metalness, roughness."""

    rgb: tuple[float, float, float]
    alpha: float
    metalness: float
    roughness: float


def paint(body: Body) -> Paint:
    """Return how to paint the body."""
    return _paint(body.material, body.layer)


@cache
def _paint(name: str, layer: str) -> Paint:
    try:
        look = material(name).look
        color, alpha, metalness = look.color, look.alpha, look.metalness
    except InputError:
        color, alpha, metalness = _LAYER.get(layer, _FILM)
    red, green, blue = (int(color[k : k + 2], 16) / 255 for k in (1, 3, 5))
    return Paint((red, green, blue), alpha, metalness, 0.35 if metalness > 0.5 else 0.7)


def linear(share: float) -> float:
    """Return the linear light of an sRGB share, as glTF wants colours (IEC 61966-2-1)."""
    return share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4
