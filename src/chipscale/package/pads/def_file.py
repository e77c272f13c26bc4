"""Reads what pads need from a DEF file: units, die area, placed components, pins and who connects to whom.

Statements by the LEF/DEF 5.8 language reference; routing and all other sections are skipped as they stream by.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from chipscale.package.pads.placement import ORIENTATIONS, Box, placed
from chipscale.package.pads.tokens import Tokens


@dataclass(frozen=True, slots=True)
class Component:
    """A placed cell; `at_um` is None when the DEF leaves it unplaced."""

    name: str
    macro: str
    at_um: tuple[float, float] | None
    orientation: str
    line: int


@dataclass(slots=True)
class Def:
    """The parts of a DEF that pads are made of, in µm."""

    die_um: Box | None = None
    components: list[Component] = field(default_factory=list)
    connections: dict[tuple[str, str], list[str]] = field(default_factory=dict)  # (component, pin) -> nets
    by_pin: dict[str, list[str]] = field(default_factory=dict)  # pin of all components "( * pin )" -> nets
    pins: list[tuple[str, Box]] = field(default_factory=list)  # (net, box) of the design's own placed pins


_SECTIONS = {
    "VIAS",
    "NONDEFAULTRULES",
    "REGIONS",
    "PINPROPERTIES",
    "BLOCKAGES",
    "SLOTS",
    "FILLS",
    "SCANCHAINS",
    "GROUPS",
    "STYLES",
    "COMPONENTMASKSHIFT",
}


def read_def(path: Path, wanted: Callable[[str], bool]) -> Def:
    """Return the parts of a DEF that pads need; only components whose macro is `wanted` are kept. InputError."""
    with Tokens(path, "DEF") as tokens:
        reader = _Reader(tokens, Def(), wanted)
        if not reader.read():
            tokens.fail("lefdef.truncated", "the DEF ends without 'END DESIGN'", "write it again; the file is cut off")
        return reader.found


class _Reader:
    """Reads the sections of one DEF into `found`."""

    def __init__(self, tokens: Tokens, found: Def, wanted: Callable[[str], bool]) -> None:
        self.tokens, self.found, self.wanted = tokens, found, wanted
        self.per_um = 0.0
        self.kept: set[str] = set()  # names of the components kept; a DEF gives COMPONENTS before NETS
        self.sections: dict[str, Callable[[], None]] = {
            "COMPONENTS": self._component,
            "PINS": self._pin,
            "NETS": self._net,
            "SPECIALNETS": self._net,
        }

    def read(self) -> bool:
        """Read the whole file; True when it ends as it must."""
        tokens = self.tokens
        for word in tokens:
            if word == "END":
                if tokens.next() == "DESIGN":
                    return True
            elif word == "PROPERTYDEFINITIONS":
                tokens.skip_to_end(word)
            elif word == "BEGINEXT":
                while tokens.next() != "ENDEXT":
                    pass
            elif word == "UNITS":
                self.units(tokens.statement())
            elif word == "DIEAREA":
                self.die_area(tokens.statement())
            elif word in self.sections:
                tokens.statement()
                self.section(word)
            elif word in _SECTIONS:
                tokens.statement()
                tokens.skip_to_end(word)
            elif word != ";":
                tokens.statement()
        return False

    def units(self, words: list[str]) -> None:
        """Take `UNITS DISTANCE MICRONS n`."""
        if words[:2] != ["DISTANCE", "MICRONS"] or len(words) != 3:
            self.tokens.fail("def.units", "UNITS is not 'DISTANCE MICRONS number'", "the DEF is damaged here")
        self.per_um = self.tokens.number(words[2])
        if self.per_um <= 0:
            self.tokens.fail("def.units", "UNITS must be positive", "the DEF is damaged here")

    def um(self, word: str) -> float:
        """Return a coordinate in µm."""
        if self.per_um == 0:
            self.tokens.fail("def.units", "coordinates come before UNITS", "add 'UNITS DISTANCE MICRONS 1000 ;'")
        return self.tokens.number(word) / self.per_um

    def die_area(self, words: list[str]) -> None:
        """Take the box around DIEAREA's points."""
        values = [self.um(word) for word in words if word not in ("(", ")")]
        if len(values) < 4 or len(values) % 2:
            self.tokens.fail("def.die_area", "DIEAREA needs two points or more", "the DEF is damaged here")
        self.found.die_um = (min(values[::2]), min(values[1::2]), max(values[::2]), max(values[1::2]))

    def section(self, name: str) -> None:
        """Read entries that start with '-' up to `END name`."""
        while True:
            word = self.tokens.next()
            if word == "-":
                self.sections[name]()
            elif word == "END":
                if self.tokens.next() == name:
                    return
            elif word != ";":
                self.tokens.fail("def.section", f"'{word[:40]}' is not an entry of {name}", "the DEF is damaged here")

    def _component(self) -> None:
        line = self.tokens.line
        words = self.tokens.statement()
        if len(words) < 2:
            self.tokens.fail("def.component", "a component needs a name and a macro", "the DEF is damaged here")
        if not self.wanted(words[1]):
            return
        at, orientation = self._place(words)
        self.kept.add(plain(words[0]))
        self.found.components.append(Component(plain(words[0]), words[1], at, orientation, line))

    def _place(self, words: list[str]) -> tuple[tuple[float, float] | None, str]:
        """Return position and orientation after the last + PLACED, FIXED or COVER ( x y ) orientation."""
        for i in range(len(words) - 1, 0, -1):
            if words[i - 1] == "+" and words[i] in ("PLACED", "FIXED", "COVER"):
                rest = words[i + 1 : i + 6]
                if len(rest) < 5 or rest[0] != "(" or rest[3] != ")" or rest[4] not in ORIENTATIONS:
                    remedy = "write '( x y ) N', or another of " + " ".join(ORIENTATIONS)
                    self.tokens.fail("def.placement", "the placement is not '( x y ) orientation'", remedy)
                return (self.um(rest[1]), self.um(rest[2])), rest[4]
        return None, "N"

    def _pin(self) -> None:
        words = self.tokens.statement()
        net = next((plain(words[i + 1]) for i, word in enumerate(words[:-1]) if word == "NET"), "")
        if not net:
            return
        at, orientation = self._place(words)
        if at is None:
            return
        for i, word in enumerate(words):
            if word == "LAYER" and words[i - 1] == "+":
                end = next((j for j in range(i + 1, len(words)) if words[j] == "+"), len(words))
                points = words[i + 2 : end]
                points = points[points.index("(") :] if "(" in points else []
                values = [self.um(item) for item in points if item not in ("(", ")")]
                if len(values) == 4:
                    box = (min(values[::2]), min(values[1::2]), max(values[::2]), max(values[1::2]))
                    self.found.pins.append((net, placed(box, (0.0, 0.0), at, orientation)))

    def _net(self) -> None:
        """Read the connections of a net and pass over its routing."""
        name = plain(self.tokens.next())
        words = self.tokens.until(";", "+")
        routed = self.tokens.last == "+"
        for i in range(len(words) - 2):
            if words[i] != "(" or words[i + 1] == "PIN":
                continue
            owner, pin = plain(words[i + 1]), plain(words[i + 2])
            if owner == "*":
                target = self.found.by_pin.setdefault(pin, [])
            elif owner in self.kept:
                target = self.found.connections.setdefault((owner, pin), [])
            else:
                continue
            if name not in target:
                target.append(name)
        if routed:
            self.tokens.until(";")


def plain(name: str) -> str:
    r"""Return a DEF name without the backslashes that protect special characters.

    >>> plain(r"io\[3\]")
    'io[3]'
    """
    return name.replace("\\", "")
