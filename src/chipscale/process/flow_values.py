"""What a flow's recipe may take from the package: a closed list of names, and the sums and products made of them."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

from chipscale.errors import did_you_mean
from chipscale.package.types import Grooves, Package

Value = float | int | str | bool
# SEMI M1: thickness of a wafer as it comes, by its diameter in mm
WAFER_UM = {100.0: 525.0, 150.0: 675.0, 200.0: 725.0, 300.0: 775.0}


class FlowValueError(Exception):
    """An expression or a condition that can't be read, with a remedy."""

    def __init__(self, what: str, remedy: str = "") -> None:
        super().__init__(what)
        self.what, self.remedy = what, remedy


class Named(NamedTuple):
    """A value of the package a flow may name: how it is got, and the package file's key that sets it."""

    of: Callable[[Package], Value]
    key: str


def _films() -> dict[str, Named]:
    names = ("pad_metal_um", "passivation_um", "pi1_um", "rdl_um", "pi2_um", "ubm_um", "backside_um")
    return {f"layers.{name}": Named(lambda p, n=name: getattr(p.layers, n), f"films.{name}") for name in names}


def _materials() -> dict[str, Named]:
    keys = {"pi1": "films.dielectric", "pi2": "films.dielectric", "ball": "balls.alloy"}
    own = ("die", "pad_metal", "passivation", "pi1", "rdl", "pi2", "ubm", "ball", "backside")
    usual = {
        "die": "Si",
        "pad_metal": "Al",
        "passivation": "SiN",
        "pi1": "PI",
        "rdl": "Cu_plated",
        "pi2": "PI",
        "ubm": "Cu_plated",
        "ball": "SAC305",
        "backside": "BacksideCoating",
    }
    found = {
        f"materials.{name}": Named(lambda p, n=name: p.layers.materials.get(n, usual[n]), keys.get(name, "films"))
        for name in own
    }
    for name in ("glass", "wall", "insulation", "mask", "device"):
        found[f"materials.{name}"] = Named(lambda p, n=name: _groove_material(p, n), f"sensor.{name}_material")
    return found


def _terminals() -> dict[str, Named]:
    keys = {"sphere_d_um": "balls.sphere_d_um", "ball_d_um": "balls.sphere_d_um", "ball_h_um": "balls.sphere_d_um"}
    names = (*keys, "ubm_d_um", "pi2_d_um", "land_d_um")
    return {
        f"terminal.{name}": Named(lambda p, n=name: getattr(p.terminal, n), keys.get(name, f"terminal.{name}"))
        for name in names
    }


def _groove_values() -> dict[str, Named]:
    names = (
        "device_um",
        "wall_um",
        "wall_width_um",
        "glass_um",
        "first_width_um",
        "first_wall_deg",
        "insulation_um",
        "second",
        "second_width_um",
        "second_depth_um",
        "second_wall_deg",
        "contact_d_um",
        "mask_um",
        "mask_fill",
    )
    return {f"grooves.{name}": Named(lambda p, n=name: getattr(_grooves(p), n), f"sensor.{name}") for name in names}


def _grooves(package: Package) -> Grooves:
    if package.grooves is None:
        raise FlowValueError("the package has no grooves", "take another flow; `chipscale list flows` names them")
    return package.grooves


def _groove_material(package: Package, name: str) -> str:
    found = _grooves(package).materials.get(name)
    if found is None:
        raise FlowValueError(f"the package names no material of its {name}", f"give sensor.{name}_material")
    return found


def plated_solder_um(package: Package) -> float:
    """Return how thick solder must be plated over the under-bump metal to hold one sphere's volume, in µm.

    Both are round: (pi/6) d^3 = (pi/4) u^2 h, so h = 2 d^3 / (3 u^2).
    """
    return 2 * package.terminal.sphere_d_um**3 / (3 * package.terminal.ubm_d_um**2)


def wafer_um(package: Package) -> float:
    """Return the thickness of the wafer as it comes, in µm: SEMI M1 by diameter."""
    return WAFER_UM.get(package.wafer.diameter_mm, 775.0)


VALUES: Mapping[str, Named] = {
    "rdl_layers": Named(lambda package: package.rdl_layers, "rdl.layers"),
    "has_grooves": Named(lambda package: package.grooves is not None, "family"),
    "die.thickness_um": Named(lambda package: package.die.thickness_um, "die.thickness_um"),
    "die.size_x_um": Named(lambda package: package.die.size_x_um, "die.size_x_um"),
    "die.size_y_um": Named(lambda package: package.die.size_y_um, "die.size_y_um"),
    "wafer.diameter_mm": Named(lambda package: package.wafer.diameter_mm, "wafer.diameter_mm"),
    "wafer.thickness_um": Named(wafer_um, "wafer.diameter_mm"),
    "wafer.street_x_um": Named(lambda package: package.wafer.street_x_um, "wafer.street_x_um"),
    "wafer.street_y_um": Named(lambda package: package.wafer.street_y_um, "wafer.street_y_um"),
    "terminal.plated_um": Named(plated_solder_um, "balls.sphere_d_um"),
    **_films(),
    **_materials(),
    **_terminals(),
    **_groove_values(),
}

LONGEST = 200  # characters of an expression
_TOKEN = re.compile(r"\s*(?:(\d+(?:\.\d*)?(?:[eE][+-]?\d+)?)|([A-Za-z_][\w.]*)|(.))")
_OPS = {"+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv}
_PICK = {"max": max, "min": min}
_COMPARE = {
    "==": operator.eq,
    "!=": operator.ne,
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
}
_CONDITION = re.compile(r"^\s*([A-Za-z_][\w.]*)\s*(==|!=|>=|<=|>|<)\s*(\S+)\s*$")


def value(text: str, package: Package) -> Value:
    """Return what the expression (without its "=") is for the package. Raises FlowValueError.

    Numbers, names of `VALUES`, + - * / ( ), max(a, b), min(a, b). A name alone may be a text or true or false.
    """
    if len(text) > LONGEST:
        raise FlowValueError(f"an expression of {len(text)} characters is too long", f"at most {LONGEST}")
    tokens = [next(part for part in found if part) for found in _TOKEN.findall(text) if any(found)]
    if len(tokens) == 1 and tokens[0] in VALUES:
        return VALUES[tokens[0]].of(package)
    return _Reader(tokens, package, text).read()


def names_in(text: str) -> tuple[str, ...]:
    """Return the package's names an expression uses, in order."""
    return tuple(word for _, word, _ in _TOKEN.findall(text) if word in VALUES)


def holds(condition: str, package: Package) -> bool:
    """Tell whether a condition `name OP literal` is true of the package. Raises FlowValueError.

    A literal is a number, true, false, or a word without quotes: `rdl_layers == 2`, `materials.pi1 == BCB`.
    """
    found = _CONDITION.match(condition)
    if found is None:
        remedy = "write name, comparison, value: rdl_layers == 2, layers.backside_um > 0"
        raise FlowValueError(f"'{condition}' is no condition", remedy)
    name, sign, text = found.groups()
    if name not in VALUES:
        raise FlowValueError(f"unknown name '{name}'", did_you_mean(name, VALUES, "docs/reference/flows.md"))
    left, right = VALUES[name].of(package), _literal(text)
    if sign in ("==", "!="):
        return bool(_COMPARE[sign](left, right))
    if not (_is_number(left) and _is_number(right)):
        raise FlowValueError(f"'{condition}' compares what is no number", "use == or !=")
    return bool(_COMPARE[sign](left, right))


def _literal(text: str) -> Value:
    if text in ("true", "false"):
        return text == "true"
    try:
        return float(text)
    except ValueError:
        return text.strip("\"'")


def _is_number(item: object) -> bool:
    return isinstance(item, int | float) and not isinstance(item, bool)


class _Reader:
    """Reads sums of products by recursive descent."""

    def __init__(self, tokens: list[str], package: Package, text: str) -> None:
        self._tokens, self._package, self._text = tokens, package, text
        self._at = 0

    def read(self) -> float:
        """Return the value of the whole expression."""
        found = self._sum()
        if self._at != len(self._tokens):
            raise self._error(f"'{self._tokens[self._at]}' is out of place")
        return found

    def _sum(self) -> float:
        found = self._product()
        while self._next() in ("+", "-"):
            sign = self._take()
            found = _OPS[sign](found, self._product())
        return found

    def _product(self) -> float:
        found = self._atom()
        while self._next() in ("*", "/"):
            sign = self._take()
            other = self._atom()
            if sign == "/" and other == 0:
                raise self._error("divides by 0")
            found = _OPS[sign](found, other)
        return found

    def _atom(self) -> float:
        token = self._take()
        if token == "-":
            return -self._atom()
        if token == "(":
            found = self._sum()
            self._expect(")")
            return found
        if token in _PICK:
            self._expect("(")
            first = self._sum()
            self._expect(",")
            found = _PICK[token](first, self._sum())
            self._expect(")")
            return found
        if token[0].isdigit():
            return float(token)
        if token not in VALUES:
            if token[0].isalpha() or token[0] == "_":
                remedy = did_you_mean(token, VALUES, "docs/reference/flows.md")
                raise FlowValueError(f"unknown name '{token}' in '={self._text}'", remedy)
            raise self._error(f"'{token}' is out of place")
        item = VALUES[token].of(self._package)
        if not _is_number(item):
            raise self._error(f"'{token}' is no number")
        return float(item)

    def _next(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _take(self) -> str:
        if self._at == len(self._tokens):
            raise self._error("ends too early")
        self._at += 1
        return self._tokens[self._at - 1]

    def _expect(self, token: str) -> None:
        if self._next() != token:
            raise self._error(f"needs '{token}'")
        self._at += 1

    def _error(self, what: str) -> FlowValueError:
        return FlowValueError(f"'={self._text}' {what}", "numbers, names of the package, + - * / ( ), max, min")
