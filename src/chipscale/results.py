"""What an answer looks like: Check, Result, and the frozen question (Analysis) that makes it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Literal, Protocol

import numpy as np
import numpy.typing as npt

State = Literal["ok", "doubtful", "failed"]
_NAMED = 8  # of the numbers that are not finite
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
        """Return plain JSON data (fields are left to the NPZ beside it).

        JSON has no infinity and no NaN: such a number is null, and a warning names it.
        """
        lost: list[str] = []
        data = {
            "analysis": self.analysis,
            "state": self.state,
            "ok": self.ok,
            "metrics": finite({f"{self.analysis}.{name}": self.metrics[name] for name in sorted(self.metrics)}, lost),
            "checks": finite([check.as_dict() for check in self.checks], lost, "checks"),
            "tables": finite(self.tables, lost, "tables"),
            "files": {name: str(path) for name, path in sorted(self.files.items())},
            "warnings": list(self.warnings),
            "key": self.key,
            "seconds": round(self.seconds, 4),
            "provenance": dict(sorted(self.provenance.items())),
        }
        if lost:
            more = f" and {len(lost) - _NAMED} more" if len(lost) > _NAMED else ""
            data["warnings"] = [*self.warnings, f"no finite number, null in JSON: {', '.join(lost[:_NAMED])}{more}"]
        return data


def finite(value: Any, lost: list[str], place: str = "") -> Any:
    """Return plain data with null for infinite numbers and NaN; each one's place and value is added to `lost`.

    >>> told = []
    >>> finite({"a": [1.0, float("inf")]}, told), told
    ({'a': [1.0, None]}, ['a.1 (inf)'])
    """
    if isinstance(value, float | np.floating):
        if np.isfinite(value):
            return float(value)
        lost.append(f"{place} ({value})")
        return None
    if isinstance(value, Mapping):
        return {str(key): finite(item, lost, f"{place}.{key}" if place else str(key)) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [finite(item, lost, f"{place}.{k}") for k, item in enumerate(value)]
    return value.item() if isinstance(value, np.generic) else value


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
