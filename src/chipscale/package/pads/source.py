"""What a source of pads hands over before defaults are filled in: pads as found, and where each one was found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from chipscale.errors import Problem
from chipscale.package.types import Assumption, Pad

MAX_LISTED = 12


@dataclass(frozen=True, slots=True)
class FoundPad:
    """A pad as its source gives it, in µm of the die view; sizes are None where the source has none."""

    name: str
    x_um: float
    y_um: float
    size_x_um: float | None = None
    size_y_um: float | None = None
    net: str | None = None
    side: str = ""
    line: int | None = None  # of the source file


@dataclass(frozen=True, slots=True)
class PadSource:
    """All pads of the die with defaults filled in, what was assumed, and the file and line of each pad."""

    pads: tuple[Pad, ...]
    assumptions: tuple[Assumption, ...] = ()
    file: str = ""
    lines: dict[str, int] = field(default_factory=dict)
    die_size_um: tuple[float, float] | None = None  # the die area a DEF gives
    problems: tuple[Problem, ...] = ()  # faults of the source that leave these pads readable
    complete: bool = True  # False: some pads of the source could not be read


def listed(names: Sequence[str], limit: int = MAX_LISTED) -> str:
    """Return names as one text, shortened when there are many.

    >>> listed(["a", "b", "c"], limit=2)
    'a, b and 1 more'
    """
    shown = ", ".join(names[:limit])
    return shown if len(names) <= limit else f"{shown} and {len(names) - limit} more"
