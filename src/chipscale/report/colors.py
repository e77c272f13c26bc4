"""The colours of the report: net classes, materials and the scale of heat maps; no meaning rests on colour alone."""

from __future__ import annotations

from collections.abc import Sequence

from chipscale.errors import InputError
from chipscale.materials.library import material
from chipscale.package.types import NetClass, Package

# Hues apart in lightness too, so that they differ in grey print and for colour-blind readers.
_SIGNAL = ("#2b66ad", "#1f7a6f", "#7a5cc2", "#3f8fbf", "#56752f", "#9c4f93")
_POWER = ("#c4511c", "#d99a1f", "#b3303f", "#8f4a1a")
_GROUND = ("#44505f", "#7b8794", "#2b333d")
FREE = "#c9d0d8"  # a ball or pad without net

_RESISTS = ("#b0607c", "#8d6aa3", "#a8764f")  # of coats that do not stay, as they come

_MATERIAL_WORDS: tuple[tuple[str, str], ...] = (
    ("ti/cu", "#59606b"),  # seeds
    ("tiw/cu", "#59606b"),
    ("ti/au", "#59606b"),
    ("silicon_dioxide", "#9cc3d5"),
    ("sio2", "#9cc3d5"),
    ("silicon_nitride", "#4f9d7a"),
    ("sin", "#4f9d7a"),
    ("nitride", "#4f9d7a"),
    ("passivation", "#4f9d7a"),
    ("silicon", "#6f7c8c"),
    ("si", "#6f7c8c"),
    ("polyimide", "#e3b75c"),
    ("pbo", "#dcae57"),
    ("bcb", "#d9c27a"),
    ("pi", "#e3b75c"),
    ("copper", "#c8743a"),
    ("cu", "#c8743a"),
    ("aluminium", "#a9b4c0"),
    ("aluminum", "#a9b4c0"),
    ("al", "#a9b4c0"),
    ("nickel", "#8c8a72"),
    ("ni", "#8c8a72"),
    ("gold", "#d8b13c"),
    ("titanium", "#6d6a75"),
    ("ubm", "#9a8f5c"),
    ("solder", "#aab6c4"),
    ("sac", "#aab6c4"),
    ("snag", "#aab6c4"),
    ("sn", "#aab6c4"),
    ("epoxy", "#3d434c"),
    ("backside", "#3d434c"),
    ("mold", "#3d434c"),
    ("ti", "#6d6a75"),
    ("tiw", "#6d6a75"),
    ("glass", "#b9d3dc"),
)
_OTHERS = ("#7f9f7a", "#b58db6", "#7aa6b5", "#b59a7a", "#8d8db8")


def class_colors(package: Package) -> dict[str, str]:
    """Return net class name -> colour, in the order of the package's classes."""
    taken = {"signal": 0, "power": 0, "ground": 0}
    palettes = {"signal": _SIGNAL, "power": _POWER, "ground": _GROUND}
    colors: dict[str, str] = {}
    for item in package.classes:
        colors[item.name] = _pick(palettes[item.kind], taken[item.kind])
        taken[item.kind] += 1
    return colors


def _pick(palette: Sequence[str], index: int) -> str:
    return palette[index % len(palette)]


def kind_word(item: NetClass) -> str:
    """Return how a legend names a class: its name, and its kind where the name does not say it."""
    return item.name if item.kind in item.name.lower() else f"{item.name} ({item.kind})"


def material_color(name: str, index: int = 0) -> str:
    """Return the library's colour of a material, else one by the words in its name; `index` serves unknown names."""
    try:
        return material(name).look.color
    except InputError:
        pass
    low = name.lower()
    parts = low.replace("-", "_").replace("/", "_").split("_")
    for word, color in _MATERIAL_WORDS:
        if (len(word) > 3 and word in low) or word in parts or (word == "sac" and low.startswith("sac")):
            return color
    return _OTHERS[index % len(_OTHERS)]


def resist_color(index: int) -> str:
    """Return the colour of a resist, by its place among the resists that are shown."""
    return _pick(_RESISTS, index)


_HEAT = ((247, 251, 255), (198, 219, 239), (107, 174, 214), (33, 113, 181), (8, 48, 107))


def heat(fraction: float) -> str:
    """Return the colour of a value between 0 (light) and 1 (dark blue); lightness falls evenly.

    >>> heat(0.0), heat(1.0)
    ('#f7fbff', '#08306b')
    """
    return _between(_HEAT, fraction)


def _between(colors: Sequence[tuple[int, int, int]], fraction: float) -> str:
    place = min(max(fraction, 0.0), 1.0) * (len(colors) - 1)
    low = min(int(place), len(colors) - 2)
    part = place - low
    mixed = (round(a + (b - a) * part) for a, b in zip(colors[low], colors[low + 1], strict=True))
    return "#" + "".join(f"{value:02x}" for value in mixed)


_GLOW = ((255, 214, 102), (246, 153, 63), (221, 73, 62), (146, 29, 100), (38, 14, 82))


def glow(fraction: float) -> str:
    """Return the colour of a value between 0 (yellow) and 1 (dark violet): thin metal shows on a light ground.

    >>> glow(0.0), glow(1.0)
    ('#ffd666', '#260e52')
    """
    return _between(_GLOW, fraction)


def paler(color: str, share: float = 0.5) -> str:
    """Return a #rrggbb colour mixed with white by `share`.

    >>> paler("#800000")
    '#c08080'
    """
    mixed = (round(int(color[i : i + 2], 16) * (1 - share) + 255 * share) for i in (1, 3, 5))
    return "#" + "".join(f"{value:02x}" for value in mixed)


def ink_on(color: str) -> str:
    """Return the text colour (near black or white) with the better contrast on a #rrggbb ground."""
    red, green, blue = (int(color[i : i + 2], 16) / 255 for i in (1, 3, 5))
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (red, green, blue)]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return "#10151b" if (luminance + 0.05) / 0.05 > 1.05 / (luminance + 0.05) else "#ffffff"
