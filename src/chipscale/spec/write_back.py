"""Writes the balls' nets into a package file and leaves every other character of it as it was."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from chipscale.errors import ChipscaleError, InputError
from chipscale.spec.read import SpecFile, read_spec, read_text
from chipscale.spec.yaml_text import plain_scalar

_PLAIN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+/-]*(\[[0-9]+\])?")


def write_ball_nets(path: str | Path, nets: Mapping[str, str | None]) -> None:
    """Write net by ball into `balls.nets` of a package file; the assignment becomes `fixed`.

    Balls whose net is None are left unconnected (`assignment.keep`). `balls.nets_csv`, where there is one, is
    replaced by the inline nets. All other text, comments and order stay. The new file is written beside the old
    one, read back, compared, and only then put in its place. Raises InputError when the file can't be read or
    when its ball list has a net column that says otherwise.
    """
    path = Path(path)
    before = read_spec(path)
    _refuse_list_nets(before, nets)
    raw = path.read_bytes().decode("utf-8")
    bom, text = ("\ufeff", raw[1:]) if raw.startswith("\ufeff") else ("", raw)
    changed = with_ball_nets(text, nets)
    target = path.resolve()
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".tmp", dir=target.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(bom + changed)
        shutil.copymode(target, temporary)
        _compare(before, temporary, nets)
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)


def with_ball_nets(text: str, nets: Mapping[str, str | None]) -> str:
    """Return a package file's text with the nets written in."""
    edits = _Edits(text)
    balls = edits.value(edits.root, "balls")
    assert balls is not None
    given = {ball: net for ball, net in nets.items() if net is not None}
    _write_nets(edits, balls, given)
    kept = [ball for ball, net in nets.items() if net is None]
    assignment = edits.value(edits.root, "assignment")
    if assignment is None or not assignment.value:
        if kept and assignment is not None:
            edits.replace(assignment, f"{{keep: {_flow_list(kept)}}}")
        elif kept:
            edits.append(f"assignment:\n  keep: {_flow_list(kept)}\n")
        return edits.done()
    if edits.value(assignment, "mode") is not None:
        edits.set(assignment, "mode", "fixed")
    if kept or edits.value(assignment, "keep") is not None:
        edits.set(assignment, "keep", _flow_list(kept))
    return edits.done()


def _write_nets(edits: _Edits, balls: Any, nets: Mapping[str, str]) -> None:
    flow = _flow_map(nets)
    column = balls.start_mark.column
    inside = "".join(f"\n{' ' * (column + 2)}{_scalar(ball)}: {_scalar(net)}" for ball, net in nets.items())
    block = inside if nets else " {}"
    old = edits.value(balls, "nets")
    other = edits.entry(balls, "nets_csv")
    if old is not None and _is_map(old) and old.value and not old.flow_style:
        _update_block(edits, old, nets)
    elif old is not None:
        edits.replace(old, flow)
    elif other is not None:
        start, end = other[0].start_mark.index, edits.end(other[1])
        edits.change(start, end, f"nets: {flow}" if balls.flow_style else f"nets:{block}")
        return
    else:
        edits.set(balls, "nets", flow if balls.flow_style else block.removeprefix(" "))
    if other is not None:
        edits.remove(balls, other)


def _update_block(edits: _Edits, old: Any, nets: Mapping[str, str]) -> None:
    """Change the entries of a block of nets one by one, so that comments in it stay."""
    column = old.start_mark.column
    seen = set()
    for key, value in old.value:
        seen.add(key.value)
        if key.value not in nets:
            edits.remove(old, (key, value))
        elif value.value != nets[key.value]:
            edits.replace(value, _scalar(nets[key.value]))
    new = "".join(f"\n{' ' * column}{_scalar(ball)}: {_scalar(net)}" for ball, net in nets.items() if ball not in seen)
    end = edits.line_end(edits.end(old.value[-1][1]))
    edits.change(end, end, new)


class _Edits:
    """Changes to a YAML text, collected by place and made at the end."""

    def __init__(self, text: str) -> None:
        from ruamel.yaml import YAML

        self.text = text
        self.newline = "\r\n" if "\r\n" in text else "\n"
        self.root: Any = YAML(typ="safe", pure=True).compose(text)
        self._changes: list[tuple[int, int, str]] = []

    def entry(self, mapping: Any, key: str) -> tuple[Any, Any] | None:
        """Return (key node, value node) of a mapping's key, or None."""
        if not _is_map(mapping):
            return None
        return next(((name, value) for name, value in mapping.value if name.value == key), None)

    def value(self, mapping: Any, key: str) -> Any:
        """Return the value node of a mapping's key, or None."""
        found = self.entry(mapping, key)
        return found[1] if found is not None else None

    def end(self, node: Any) -> int:
        """Return the place just after a node's last character."""
        if isinstance(node.value, list) and node.value and not node.flow_style:
            last = node.value[-1]
            return self.end(last[1] if isinstance(last, tuple) else last)
        return int(node.end_mark.index)

    def line_end(self, place: int) -> int:
        """Return the place of the line break after `place`."""
        found = self.text.find("\n", place)
        end = len(self.text) if found < 0 else found
        return end - 1 if end > 0 and self.text[end - 1] == "\r" and end - 1 >= place else end

    def change(self, start: int, end: int, new: str) -> None:
        """Put `new` in place of the text from start to end."""
        self._changes.append((start, end, new.replace("\n", self.newline)))

    def replace(self, node: Any, new: str) -> None:
        """Put `new` in place of a value."""
        start = node.start_mark.index
        end = self.end(node)
        self.change(start, end, new if start < end else f" {new}")

    def set(self, mapping: Any, key: str, new: str) -> None:
        """Give a key of a mapping a new value, adding the key after the last one where it is not there."""
        old = self.value(mapping, key)
        if old is not None:
            self.replace(old, new)
            return
        end = self.end(mapping.value[-1][1])
        gap = "" if new.startswith("\n") else " "
        if mapping.flow_style:
            self.change(end, end, f", {key}: {new}")
        else:
            end = self.line_end(end)
            self.change(end, end, f"\n{' ' * mapping.start_mark.column}{key}:{gap}{new}")

    def remove(self, mapping: Any, entry: tuple[Any, Any]) -> None:
        """Remove an entry: its line in a block, up to a comma in a flow mapping."""
        start, end = entry[0].start_mark.index, self.end(entry[1])
        if not mapping.flow_style:
            start = self.line_end(self.text.rfind("\n", 0, start) - 1)
            self.change(start, self.line_end(end), "")
            return
        after = re.compile(r"\s*,\s*").match(self.text, end)
        before = re.compile(r",\s*$").search(self.text[:start])
        if after is not None:
            end = after.end()
        elif before is not None:
            start = before.start()
        self.change(start, end, "")

    def append(self, new: str) -> None:
        """Add lines at the end of the file."""
        gap = "" if self.text.endswith("\n") else "\n"
        self.change(len(self.text), len(self.text), gap + new)

    def done(self) -> str:
        """Return the text with all changes made."""
        text = self.text
        for start, end, new in sorted(self._changes, key=lambda item: item[:2], reverse=True):
            text = text[:start] + new + text[end:]
        return text


def _is_map(node: Any) -> bool:
    return node is not None and str(node.tag).endswith(":map")


def _scalar(text: str) -> str:
    """Return a text as a YAML scalar, quoted where it would be read as anything else.

    >>> _scalar("io[3]"), _scalar("NO"), _scalar("5"), _scalar("a: b")
    ('io[3]', 'NO', '"5"', '"a: b"')
    """
    if _PLAIN.fullmatch(text) and isinstance(plain_scalar(text), str):
        return text
    return _quoted(text)


def _quoted(text: str) -> str:
    """Return a text in double quotes, with escapes for what YAML does not print."""
    return '"' + "".join(_escaped(char) for char in text) + '"'


def _escaped(char: str) -> str:
    if char in '"\\':
        return f"\\{char}"
    if char.isprintable() and char != "\ufeff":
        return char
    code = ord(char)
    return f"\\U{code:08x}" if code > 0xFFFF else f"\\u{code:04x}"


def _in_flow(text: str) -> str:
    return _scalar(text) if "[" not in text else _quoted(text)


def _flow_map(nets: Mapping[str, str]) -> str:
    return "{" + ", ".join(f"{_in_flow(ball)}: {_in_flow(net)}" for ball, net in nets.items()) + "}"


def _flow_list(names: list[str]) -> str:
    return "[" + ", ".join(_in_flow(name) for name in names) + "]"


def _refuse_list_nets(before: SpecFile, nets: Mapping[str, str | None]) -> None:
    """Refuse when the file's ball list has a net column that contradicts the nets."""
    import csv

    listed = before.spec.balls.csv
    if listed is None:
        return
    rows = csv.DictReader(read_text(before.folder / listed).splitlines())
    for row in rows:
        net = (row.get("net") or "").strip()
        ball = (row.get("ball") or "").strip()
        if net and nets.get(ball, net) != net:
            what = "the ball list has a net column with other nets than those to be written"
            remedy = f"remove the column 'net' from {listed} and write back again"
            value = f"{ball}: {net}, found {nets[ball]}"
            raise InputError([before.problem("spec.list_nets", "balls.csv", what, value, remedy=remedy)])


def _compare(before: SpecFile, after: Path, nets: Mapping[str, str | None]) -> None:
    """Read the new file and compare it with what it must say."""
    given = {ball: net for ball, net in nets.items() if net is not None}
    kept = [ball for ball, net in nets.items() if net is None]
    spec = before.spec
    balls = spec.balls.model_copy(update={"nets": given, "nets_csv": None})
    assignment = spec.assignment.model_copy(update={"mode": "fixed", "keep": kept})
    wanted = spec.model_copy(update={"balls": balls, "assignment": assignment})
    try:
        found = read_spec(after).spec
    except InputError as error:
        raise ChipscaleError(f"writing the nets into {before.path} failed: {error}") from error
    if found != wanted:
        raise ChipscaleError(f"the nets written into {before.path} do not read back equal; the file is as it was")
