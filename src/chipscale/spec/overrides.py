"""Replace single values of a package file for one run: `balls.pitch_um=350`, `flow.edits=[{remove: laser mark}]`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from chipscale.errors import InputError, Problem
from chipscale.spec.yaml_text import parse_yaml, plain_scalar

MOST_CHARACTERS = 20_000  # of a value
_EXAMPLE = "write for example --set 'flow.edits=[{change: plate RDL, recipe: {thickness_um: 8}}]'"


def parse_settings(settings: tuple[str, ...]) -> dict[str, Any]:
    """Return {dotted key: value} of command-line words KEY=VALUE; the value is read as YAML reads it in flow style.

    A value that begins with `[` or `{` is a list or a block, in quotes it is text, else it is a plain scalar.

    >>> parse_settings(("balls.pitch_um=350", "rules=skywater_amkor_500", "flow.edits=[{remove: laser mark}]"))
    {'balls.pitch_um': 350, 'rules': 'skywater_amkor_500', 'flow.edits': [{'remove': 'laser mark'}]}
    """
    pairs = [(word, *word.partition("=")) for word in settings]
    wrong = [word for word, key, equals, _ in pairs if not equals or not key]
    if wrong:
        remedy = "write --set balls.pitch_um=350"
        raise InputError(
            [Problem("set.form", "not of the form KEY=VALUE", key="--set", value=w, remedy=remedy) for w in wrong]
        )
    found: dict[str, Any] = {}
    problems: list[Problem] = []
    for _, key, _, text in pairs:
        try:
            found[key] = _value(key, text)
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    return found


def _value(key: str, text: str) -> Any:
    """Return the value of one setting; InputError where it is too long or no YAML."""
    if not text.lstrip().startswith(("[", "{", '"', "'")):
        return plain_scalar(text)
    where = f"--set {key}"
    if len(text) > MOST_CHARACTERS:
        what, limit = "the value is too long", f"{MOST_CHARACTERS} characters"
        remedy = "write it into the package file"
        raise InputError([Problem("set.too_long", what, "", None, where, f"{len(text)} characters", limit, remedy)])
    try:
        return parse_yaml(text, "").data
    except InputError as error:
        shown = text if len(text) <= 80 else text[:77] + "..."
        raise InputError(
            [replace(problem, line=None, key=where, value=shown, remedy=_EXAMPLE) for problem in error.problems]
        ) from error


def _parts(key: str) -> list[str]:
    """Return the names a dotted key leads through; names of analyses and of their metrics hold dots themselves.

    >>> _parts("analyses.thermal.theta.power_W"), _parts("targets.layout.wiring.wire_um.max")
    (['analyses', 'thermal.theta', 'power_W'], ['targets', 'layout.wiring.wire_um', 'max'])
    """
    parts = key.split(".")
    last = {"analyses": 3, "targets": 4}.get(parts[0], 0)
    if last and len(parts) >= last:
        return [parts[0], ".".join(parts[1:last]), *parts[last:]]
    return parts


def override(data: Any, settings: Mapping[str, Any]) -> None:
    """Put the values into parsed YAML data, making blocks on the way; InputError where a key leads into a value.

    Entries of a list are named by their number from 0: `flow.edits.0.remove`.
    """
    problems: list[Problem] = []
    for key, value in settings.items():
        *blocks, last = _parts(key)
        place = data
        for name in blocks:
            if isinstance(place, dict):
                place = place.setdefault(name, {})
            else:
                place = place[int(name)] if _entry(place, name) else None
        if isinstance(place, dict):
            place[last] = value
        elif _entry(place, last):
            place[int(last)] = value
        else:
            what, remedy = "leads into a value, not a block", "give the block or the list as a whole; " + _EXAMPLE
            if isinstance(place, list):
                what = f"leads into a list of {len(place)}, whose entries are named 0 to {len(place) - 1}"
            problems.append(Problem("set.no_block", what, key=f"--set {key}", remedy=remedy))
    if problems:
        raise InputError(problems)


def _entry(place: Any, name: str) -> bool:
    """Tell whether `name` is the number of an entry that a list has."""
    return isinstance(place, list) and name.isdecimal() and len(name) < 9 and int(name) < len(place)
