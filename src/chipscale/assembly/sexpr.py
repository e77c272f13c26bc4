"""Write s-expressions the way KiCad's files hold them."""

from __future__ import annotations

from collections.abc import Sequence


class Word(str):
    """An unquoted word (`smd`, `yes`); plain strings are quoted."""

    __slots__ = ()


_BROKEN = frozenset({"footprint", "kicad_symbol_lib", "symbol"})  # lists whose members get a line each

Node = Word | str | int | float | Sequence["Node"]


def text(node: Node, depth: int = 0) -> str:
    """Return a node as text; the members of a file and of a symbol begin new lines.

    >>> text([Word("at"), 1.25, -0.0])
    '(at 1.25 0)'
    """
    if isinstance(node, Word):
        return str(node)
    if isinstance(node, str):
        return quoted(node)
    if isinstance(node, int | float):
        return number(node)
    inner = [text(part, depth + 1) for part in node]
    if not node or node[0] not in _BROKEN:
        return "(" + " ".join(inner) + ")"
    lines = [""]
    for part, shown in zip(node, inner, strict=True):
        if isinstance(part, str | int | float):
            lines[-1] += (" " if lines[-1].strip() else "") + shown
        else:
            lines.append("  " * (depth + 1) + shown)
    return "(" + "\n".join(lines) + "\n" + "  " * depth + ")"


def quoted(value: str) -> str:
    """Return a string in quotes, with KiCad's escapes.

    >>> quoted('say "a"')
    '"say \\\\"a\\\\""'
    """
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "")
    return f'"{escaped}"'


def number(value: float) -> str:
    """Return a number with at most six decimals and no trailing zeros (KiCad's own precision)."""
    shown = f"{value:.6f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
    return "0" if shown in ("-0", "") else shown
