"""Replace single values of a package file for one run: `balls.pitch_um=350`, `rules=skywater_amkor_500`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chipscale.errors import InputError, Problem
from chipscale.spec.yaml_text import plain_scalar


def parse_settings(settings: tuple[str, ...]) -> dict[str, Any]:
    """Return {dotted key: value} of command-line words KEY=VALUE; the value is read as YAML reads a plain scalar.

    >>> parse_settings(("balls.pitch_um=350", "rules=skywater_amkor_500"))
    {'balls.pitch_um': 350, 'rules': 'skywater_amkor_500'}
    """
    pairs = [(word, *word.partition("=")) for word in settings]
    wrong = [word for word, key, equals, _ in pairs if not equals or not key]
    if wrong:
        remedy = "write --set balls.pitch_um=350"
        raise InputError(
            [Problem("set.form", "not of the form KEY=VALUE", key="--set", value=w, remedy=remedy) for w in wrong]
        )
    return {key: plain_scalar(text) for _, key, _, text in pairs}


def override(data: Any, settings: Mapping[str, Any]) -> None:
    """Put the values into parsed YAML data, making blocks on the way; InputError where a key leads into a value."""
    problems: list[Problem] = []
    for key, value in settings.items():
        *blocks, last = key.split(".")
        place = data
        for name in blocks:
            place = place.setdefault(name, {}) if isinstance(place, dict) else None
        if isinstance(place, dict):
            place[last] = value
        else:
            problems.append(Problem("set.no_block", "leads into a value, not a block", key=f"--set {key}"))
    if problems:
        raise InputError(problems)
