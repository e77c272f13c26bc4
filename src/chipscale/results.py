"""What an answer looks like: Check, Result, and the frozen question (Analysis) that makes it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Literal, Protocol

import numpy as np
import numpy.typing as npt

State = Literal["ok", "doubtful", "failed"]
Progress = Callable[[float, str], None]  # (fraction done 0..1, what is being done)


@dataclass(frozen=True, slots=True)
class Check:
    """A rule, a value and a verdict; DRC, LVS, targets and test limits are all Checks.

    `where` is an (x, y) position in µm of the die view, or None; `source` says who made the rule.
    """

    code: str
    metric: str
    value: float | str | None
    limit: float | str | None
    ok: bool
    message: str
    where_um: tuple[float, float] | None = None
    layer: str = ""
    net: str = ""
    source: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Return plain JSON data."""
        data = {name: getattr(self, name) for name in self.__slots__}
        data["where_um"] = list(self.where_um) if self.where_um else None
        return data


@dataclass(frozen=True, slots=True)
class Result:
    """The answer of one analysis: numbers by name with their unit in it, fields, files, and how far to trust it."""

    analysis: str
    metrics: dict[str, float] = field(default_factory=dict)
    checks: tuple[Check, ...] = ()
    tables: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    fields: dict[str, npt.NDArray[np.float64]] = field(default_factory=dict)
    files: dict[str, Path] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    state: State = "ok"
    key: str = ""
    seconds: float = 0.0
    provenance: dict[str, str] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """True when every check holds and the state is not failed."""
        return self.state != "failed" and all(check.ok for check in self.checks)

    def as_dict(self) -> dict[str, Any]:
        """Return plain JSON data (fields are left to the NPZ beside it)."""
        return {
            "analysis": self.analysis,
            "state": self.state,
            "ok": self.ok,
            "metrics": {f"{self.analysis}.{name}": value for name, value in sorted(self.metrics.items())},
            "checks": [check.as_dict() for check in self.checks],
            "tables": self.tables,
            "files": {name: str(path) for name, path in sorted(self.files.items())},
            "warnings": list(self.warnings),
            "key": self.key,
            "seconds": round(self.seconds, 4),
            "provenance": dict(sorted(self.provenance.items())),
        }


class Analysis(Protocol):
    """A question asked of a design: a frozen dataclass whose fields are its options.

    `reads` names the parts of the design it may see (`package`, `layout`, `stack`, or another analysis);
    `run` gets them as keyword arguments in a mapping and returns a Result without touching anything else.
    """

    name: ClassVar[str]
    reads: ClassVar[tuple[str, ...]]
    metrics: ClassVar[Mapping[str, str]]  # metric name -> what it means

    def run(self, view: Mapping[str, Any], progress: Progress | None = None) -> Result:
        """Answer the question from what `reads` names."""
        ...
