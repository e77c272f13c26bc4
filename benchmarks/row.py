"""One line of the benchmark table."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Row:
    """What was measured, what was asked for, what came out."""

    what: str
    asked: str
    measured: str
    ok: bool | None  # None: skipped or only reported

    def __str__(self) -> str:
        mark = {True: "ok  ", False: "MISS", None: "-   "}[self.ok]
        return f"{mark} {self.what:<58} asked {self.asked:<34} measured {self.measured}"

    def as_dict(self) -> dict[str, Any]:
        """Return plain JSON data."""
        return asdict(self)
