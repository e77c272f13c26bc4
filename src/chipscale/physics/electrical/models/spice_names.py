"""Names and lines as every SPICE reads them: letters, digits and underscores; lines of limited length."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from chipscale.physics.electrical.models.touchstone import plain

LINE_LENGTH = 100


def node_names(ports: Sequence[str]) -> list[str]:
    """Return a node name for every port, each different whatever the case of its letters.

    >>> node_names(["ball A1", "pad io[1]", "pad IO 1"])
    ['ball_A1', 'pad_io_1', 'pad_IO_1_2']
    """
    found: list[str] = []
    taken: set[str] = set()
    for port in ports:
        base = re.sub(r"[^A-Za-z0-9_]+", "_", plain(port)).strip("_") or "n"
        if base[0].isdigit():
            base = f"n{base}"
        name, k = base, 1
        while name.lower() in taken:
            k += 1
            name = f"{base}_{k}"
        taken.add(name.lower())
        found.append(name)
    return found


def title_lines(notes: Iterable[str]) -> list[str]:
    """Return comment lines."""
    return [f"* {plain(line)}" for line in notes]


def wrapped(line: str) -> list[str]:
    """Return a statement on as many lines as it needs, each but the first beginning with +."""
    lines, current = [], ""
    for word in line.split(" "):
        if current and len(current) + 1 + len(word) > LINE_LENGTH:
            lines.append(current)
            current = f"+ {word}"
        else:
            current = f"{current} {word}" if current else word
    return [*lines, current]
