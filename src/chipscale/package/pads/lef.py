"""Reads macros from a LEF file: size, origin and the shapes of their pins.

Statements by the LEF/DEF 5.8 language reference; what pads don't need (sites, vias, obstructions) is skipped.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from chipscale.package.pads.tokens import Tokens

Box = tuple[float, float, float, float]  # x0, y0, x1, y1


@dataclass(slots=True)
class Macro:
    """A cell of a LEF: its size, and per pin its shapes' boxes per layer, in µm, moved so that the cell starts at 0."""

    name: str
    size_um: tuple[float, float] = (0.0, 0.0)
    pins: dict[str, list[tuple[str, Box]]] = field(default_factory=dict)
    line: int = 0


_NAMED_BLOCKS = {"LAYER", "VIA", "VIARULE", "NONDEFAULTRULE", "SITE", "ARRAY"}
_PLAIN_BLOCKS = {"UNITS", "PROPERTYDEFINITIONS", "SPACING", "IRDROP", "NOISETABLE"}


def read_lef(path: Path) -> dict[str, Macro]:
    """Return the macros of a LEF file by name; InputError names file and line of what is wrong."""
    with Tokens(path, "LEF") as tokens:
        return _macros(tokens)


def _macros(tokens: Tokens) -> dict[str, Macro]:
    macros: dict[str, Macro] = {}
    for word in tokens:
        if word == "MACRO":
            macro = _macro(tokens)
            macros[macro.name] = macro
        elif word in _NAMED_BLOCKS:
            tokens.skip_to_end(tokens.next())
        elif word in _PLAIN_BLOCKS:
            tokens.skip_to_end(word)
        elif word == "BEGINEXT":
            while tokens.next() != "ENDEXT":
                pass
        elif word == "END":
            if tokens.next() == "LIBRARY":
                break
        elif word != ";":
            tokens.statement()
    if not macros:
        tokens.fail("lef.empty", "the LEF holds no macro", "give the LEF of the pad cells, not a technology LEF")
    return macros


def _macro(tokens: Tokens) -> Macro:
    macro = Macro(tokens.next(), line=tokens.line)
    origin = (0.0, 0.0)
    while True:
        word = tokens.next()
        if word == "END":
            if tokens.next() == macro.name:
                break
        elif word == "PIN":
            name = tokens.next()
            macro.pins.setdefault(name, []).extend(_pin(tokens, name))
        elif word == "OBS":
            _shapes(tokens)
        elif word == "DENSITY":
            while tokens.next() != "END":
                pass
        elif word == "SIZE":
            values = tokens.numbers([item for item in tokens.statement() if item != "BY"])
            macro.size_um = (values[0], values[1]) if len(values) == 2 else _bad(tokens, "SIZE needs two numbers")
        elif word == "ORIGIN":
            values = tokens.numbers(tokens.statement())
            origin = (values[0], values[1]) if len(values) == 2 else _bad(tokens, "ORIGIN needs two numbers")
        elif word != ";":
            tokens.statement()
    for shapes in macro.pins.values():
        shapes[:] = [(layer, _moved(box, origin)) for layer, box in shapes]
    return macro


def _moved(box: Box, by: tuple[float, float]) -> Box:
    return (box[0] + by[0], box[1] + by[1], box[2] + by[0], box[3] + by[1])


def _pin(tokens: Tokens, name: str) -> list[tuple[str, Box]]:
    shapes: list[tuple[str, Box]] = []
    while True:
        word = tokens.next()
        if word == "END":
            if tokens.next() != name:
                tokens.fail("lef.pin", f"pin '{name}' is not closed by 'END {name}'", "the LEF is damaged here")
            return shapes
        if word == "PORT":
            shapes += _shapes(tokens)
        elif word != ";":
            tokens.statement()


def _shapes(tokens: Tokens) -> list[tuple[str, Box]]:
    """Return (layer, box) of the shapes of a PORT or OBS block, up to its END."""
    shapes: list[tuple[str, Box]] = []
    layer, width = "", 0.0
    while True:
        word = tokens.next()
        if word == "END":
            return shapes
        if word == ";":
            continue
        words = tokens.statement()
        if word == "LAYER":
            layer, width = (words[0] if words else ""), 0.0
        elif word == "WIDTH":
            width = tokens.number(words[0]) if words else 0.0
        elif word in ("RECT", "POLYGON", "PATH"):
            grow = width / 2 if word == "PATH" else 0.0
            shapes.append((layer, _box(tokens, words, grow)))


def _box(tokens: Tokens, words: list[str], grow_um: float) -> Box:
    """Return the box around a shape's points; MASK and ITERATE are passed over."""
    if words[:1] == ["MASK"]:
        words = words[2:]
    if words[:1] == ["ITERATE"]:
        words = words[1:]
    if "DO" in words:
        words = words[: words.index("DO")]
    values = tokens.numbers(words)
    if len(values) < 4 or len(values) % 2:
        _bad(tokens, "a shape needs pairs of coordinates")
    xs, ys = values[::2], values[1::2]
    return (min(xs) - grow_um, min(ys) - grow_um, max(xs) + grow_um, max(ys) + grow_um)


def _bad(tokens: Tokens, what: str) -> tuple[float, float]:
    tokens.fail("lef.statement", what, "the LEF is damaged here")
