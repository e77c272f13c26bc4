"""Write the package as a KiCad symbol library (file version 20211014: KiCad 6, 7, 8 and 9 read it)."""

from __future__ import annotations

from pathlib import Path

from chipscale.assembly.ipc7351 import kicad_name
from chipscale.assembly.sexpr import Node, Word, text
from chipscale.assembly.symbol_pins import GRID_MM, Pin, Unit, units
from chipscale.package.types import Package

VERSION = 20211014
_ANGLE = {"left": 0, "right": 180, "top": 270, "bottom": 90}
_ESCAPES = {"/": "{slash}", "\\": "{backslash}", ":": "{colon}", '"': "{dblquote}", "<": "{lt}", ">": "{gt}"}


def symbol_text(package: Package, library: str = "chipscale") -> str:
    """Return the symbol library's text with the one symbol, whose footprint is in `library`.

    Pins are numbered by ball and named by board net; supplies are power inputs, other nets bidirectional, balls
    without a net not connected.
    """
    boxes = units(package)
    title = symbol_name(package)
    top = boxes[0].half_height_mm + 2 * GRID_MM
    footprint = f"{library}:{kicad_name(package)}"
    symbol: list[Node] = [
        Word("symbol"),
        title,
        [Word("pin_names"), [Word("offset"), 1.016]],
        [Word("in_bom"), Word("yes")],
        [Word("on_board"), Word("yes")],
        _property("Reference", "U", 0, top + GRID_MM),
        _property("Value", package.name, 1, top),
        _property("Footprint", footprint, 2, -top, hidden=True),
        _property("Datasheet", "~", 3, -top - GRID_MM, hidden=True),
        _property("ki_keywords", "WLCSP CSP", 4, 0.0, hidden=True),
        _property("ki_description", package.title or package.name, 5, 0.0, hidden=True),
        _property("ki_fp_filters", f"WLCSP*{len(package.balls)}*", 6, 0.0, hidden=True),
        *(_box(title, index, box) for index, box in enumerate(boxes, start=1)),
    ]
    version: list[Node] = [Word("version"), VERSION]
    return text([Word("kicad_symbol_lib"), version, [Word("generator"), Word("chipscale")], symbol]) + "\n"


def write_symbol(package: Package, path: Path, library: str = "chipscale") -> None:
    """Write the symbol library to `path` (`.kicad_sym`); the same package gives the same bytes."""
    path.write_text(symbol_text(package, library), encoding="utf-8", newline="\n")


def symbol_name(package: Package) -> str:
    """Return the symbol's name with the characters KiCad forbids in it escaped."""
    return "".join(_ESCAPES.get(char, char) for char in package.name).replace(" ", "_")


def _property(name: str, value: str, number: int, y_mm: float, hidden: bool = False) -> Node:
    place: list[Node] = [[Word("id"), number], [Word("at"), 0, round(y_mm, 4), 0]]
    return [Word("property"), name, value, *place, _effects(hidden)]


def _effects(hidden: bool = False) -> Node:
    font: Node = [Word("font"), [Word("size"), 1.27, 1.27]]
    return [Word("effects"), font, Word("hide")] if hidden else [Word("effects"), font]


def _box(title: str, index: int, box: Unit) -> Node:
    w, h = box.half_width_mm, box.half_height_mm
    frame: Node = [
        Word("rectangle"),
        [Word("start"), -w, h],
        [Word("end"), w, -h],
        [Word("stroke"), [Word("width"), 0.254], [Word("type"), Word("default")]],
        [Word("fill"), [Word("type"), Word("background")]],
    ]
    return [Word("symbol"), f"{title}_{index}_1", frame, *(_pin(pin) for pin in box.pins)]


def _pin(pin: Pin) -> Node:
    return [
        Word("pin"),
        Word(pin.electrical),
        Word("line"),
        [Word("at"), pin.x_mm, pin.y_mm, _ANGLE[pin.side]],
        [Word("length"), GRID_MM],
        [Word("name"), pin.name, _effects()],
        [Word("number"), pin.number, _effects()],
    ]
