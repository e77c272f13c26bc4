"""Design rules as data: read a rule set by name or from the user's own TOML, every value with meaning and source."""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from importlib import resources
from pathlib import Path
from typing import Any

from chipscale.errors import InputError, Problem, did_you_mean
from chipscale.package.rule_names import RULE_MEANINGS
from chipscale.package.types import RuleSet

_SET_KEYS = ("name", "title", "source", "extends", "rules")
_RULE_KEYS = ("value", "meaning", "source", "rounded_um")
_LARGEST_UM = 1_000_000.0


def list_rules() -> tuple[str, ...]:
    """Return the names of the rule sets that come with chipscale, sorted."""
    folder = resources.files("chipscale.package") / "rules_data"
    return tuple(sorted(item.name[:-5] for item in folder.iterdir() if item.name.endswith(".toml")))


def load_rules(name_or_path: str, folder: Path | None = None) -> RuleSet:
    """Return the rule set called `name_or_path`, or the one in that `.toml` file (relative to `folder`).

    A file of your own holds `title`, `source`, optionally `extends` (a set whose rules it starts from) and a
    table `[rules]`: either `rdl_min_width_um = 12` or `rdl_min_width_um = {value = 12, source = "..."}`.
    Raises InputError with every problem of the file.
    """
    return _load(name_or_path, folder, ())


def with_overrides(rules: RuleSet, overrides: Mapping[str, float], key: str = "rule_overrides") -> RuleSet:
    """Return `rules` with single values replaced; their source becomes "override in the package file".

    Raises InputError naming every unknown rule or bad value under the dotted key `key`.
    """
    problems: list[Problem] = []
    for name, value in overrides.items():
        problems += _value_problems(name, value, f"{key}.{name}", "")
    if problems:
        raise InputError(problems)
    return replace(
        rules,
        values=rules.values | {name: float(value) for name, value in overrides.items()},
        meanings=rules.meanings | {name: RULE_MEANINGS[name] for name in overrides},
        rounded_um={name: step for name, step in rules.rounded_um.items() if name not in overrides},
        sources=rules.sources | dict.fromkeys(overrides, "override in the package file"),
    )


def _load(name_or_path: str, folder: Path | None, seen: tuple[str, ...]) -> RuleSet:
    if name_or_path in seen:
        what, chain = "rule sets extend each other in a circle", " -> ".join((*seen, name_or_path))
        raise InputError([Problem("rules.circle", what, key="rules", value=chain, remedy="remove one 'extends'")])
    if not name_or_path.endswith(".toml"):
        if name_or_path not in list_rules():
            remedy = did_you_mean(name_or_path, list_rules()) + "; or give the path of a .toml file of your own"
            raise InputError(
                [Problem("rules.unknown_set", "unknown rule set", key="rules", value=name_or_path, remedy=remedy)]
            )
        text = (resources.files("chipscale.package") / "rules_data" / f"{name_or_path}.toml").read_text("utf-8")
        return _parse(text, f"{name_or_path}.toml", folder, (*seen, name_or_path))
    path = (folder or Path()) / name_or_path
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        what = f"the rule file can't be read: {getattr(error, 'strerror', None) or 'it is not UTF-8 text'}"
        remedy = "check the path; it starts at the package file"
        raise InputError([Problem("rules.unreadable", what, key="rules", value=str(path), remedy=remedy)]) from None
    return _parse(text, str(path), path.parent, (*seen, name_or_path))


def _parse(text: str, file: str, folder: Path | None, seen: tuple[str, ...]) -> RuleSet:
    """Return the rule set written in `text`; `file` is named in problems."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError([_not_toml(str(error), text, file)]) from None
    problems = [
        Problem("rules.unknown_key", "unknown key", file=file, key=key, remedy=did_you_mean(key, _SET_KEYS))
        for key in data
        if key not in _SET_KEYS
    ]
    for key in ("name", "title", "source", "extends"):
        if key in data and not isinstance(data[key], str):
            problems.append(Problem("rules.type", "must be text", file=file, key=key, value=str(data[key])))
    table = data.get("rules", {})
    if not isinstance(table, dict):
        problems.append(Problem("rules.type", "must be a table of rules", file=file, key="rules", value=str(table)))
        table = {}
    if not table and "extends" not in data:
        problems.append(
            Problem("rules.empty", "the set holds no rules", file=file, key="rules", remedy="add a table [rules]")
        )
    for name, entry in table.items():
        problems += _entry_problems(name, entry, file)
    if problems:
        raise InputError([replace(item, line=_line(text, item.key)) for item in problems])
    base = RuleSet("", "", "", {})
    if "extends" in data:
        try:
            base = _load(data["extends"], folder, seen)
        except InputError as error:
            line = _line(text, "extends")
            raise InputError(
                [item if item.file else replace(item, file=file, line=line, key="extends") for item in error.problems]
            ) from None
    return _merged(base, data, table, Path(file).stem)


def _not_toml(said: str, text: str, file: str) -> Problem:
    """Return the parser's complaint with its line as the problem's."""
    what, _, place = said.partition(" (at ")
    found = re.match(r"line (\d+)", place)
    line = int(found[1]) if found else text.count("\n") + 1
    remedy = 'write lines such as rdl_min_width_um = 12 under [rules], texts in "quotes"'
    return Problem("rules.toml", f"not valid TOML: {what}", file, line, remedy=remedy)


def _line(text: str, key: str) -> int:
    """Return the line at which the last part of a dotted key is given, or the nearest key or table around it."""
    parts = key.split(".")
    for name in reversed(parts):
        word = rf"""["']?{re.escape(name)}["']?"""
        found = re.search(rf"^[ \t]*(?:{word}|\S*\.{word})[ \t]*=|^[ \t]*\[(?:.*\.)?{word}\]", text, re.MULTILINE)
        if found:
            return text.count("\n", 0, found.start()) + 1
    return 1


def _merged(base: RuleSet, data: Mapping[str, Any], table: Mapping[str, Any], stem: str) -> RuleSet:
    source = data.get("source", "") or ("assumed" if not base.source else base.source)
    values, meanings, sources = dict(base.values), dict(base.meanings), dict(base.sources)
    rounded = dict(base.rounded_um)
    own = data.get("source", "") or "assumed"
    for name, entry in table.items():
        rule = entry if isinstance(entry, dict) else {"value": entry}
        values[name] = float(rule["value"])
        meanings[name] = rule.get("meaning") or RULE_MEANINGS[name]
        sources[name] = rule.get("source") or own
        rounded[name] = float(rule.get("rounded_um", 0.0))
    name = data.get("name", stem)
    return RuleSet(name, data.get("title", "") or base.title or name, source, values, meanings, sources, rounded)


def _entry_problems(name: str, entry: object, file: str) -> list[Problem]:
    """Return what is wrong with one line of the table `[rules]`."""
    key = f"rules.{name}"
    if not isinstance(entry, dict):
        return _value_problems(name, entry, key, file)
    problems = [
        Problem("rules.unknown_key", "unknown key", file=file, key=f"{key}.{k}", remedy=did_you_mean(k, _RULE_KEYS))
        for k in entry
        if k not in _RULE_KEYS
    ]
    for k in ("meaning", "source"):
        if k in entry and not isinstance(entry[k], str):
            problems.append(Problem("rules.type", "must be text", file=file, key=f"{key}.{k}", value=str(entry[k])))
    if "value" not in entry:
        problems.append(
            Problem("rules.no_value", "the rule has no value", file=file, key=key, remedy="add value = ...")
        )
        return problems
    rounded = entry.get("rounded_um", 0.0)
    if isinstance(rounded, bool) or not isinstance(rounded, int | float) or not 0 <= rounded <= 1:
        what = "must be the rounding of the published value, 0 to 1 µm"
        problems.append(Problem("rules.range", what, file=file, key=f"{key}.rounded_um", value=str(rounded)))
    return problems + _value_problems(name, entry["value"], key, file)


def _value_problems(name: str, value: object, key: str, file: str) -> list[Problem]:
    if name not in RULE_MEANINGS:
        remedy = did_you_mean(name, RULE_MEANINGS, "chipscale list rules skywater_amkor_400")
        return [Problem("rules.unknown_rule", "unknown rule", file=file, key=key, value=name, remedy=remedy)]
    if isinstance(value, bool) or not isinstance(value, int | float):
        return [Problem("rules.type", "must be a number", file, None, key, str(value), remedy="write a bare number")]
    largest = 1.0 if name.endswith("_ratio") else _LARGEST_UM
    if not math.isfinite(value) or value < 0 or value > largest:
        limit = f"0 to {largest:g}"
        remedy = "give a ratio" if name.endswith("_ratio") else "give a length in µm, 0 or more"
        return [Problem("rules.range", "out of range", file, None, key, str(value), limit, remedy)]
    return []
