"""What can go wrong with an input, said once, clearly: where, what, the value, the limit, the remedy."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with an input.

    `code` is stable and greppable (`spec.unknown_key`); `key` is the dotted path inside the file
    (`balls.pitch_um`); `line` counts from 1; empty fields are simply not shown.
    """

    code: str
    what: str
    file: str = ""
    line: int | None = None
    key: str = ""
    value: str = ""
    limit: str = ""
    remedy: str = ""

    def __str__(self) -> str:
        where = self.file + (f":{self.line}" if self.line is not None else "")
        head = ": ".join(part for part in (where, self.key, self.what) if part)
        tail = [
            f"{label} {text}"
            for label, text in (("value", self.value), ("limit", self.limit), ("remedy:", self.remedy))
            if text
        ]
        return head + ("".join(f"\n    {line}" for line in tail))

    def as_dict(self) -> dict[str, object]:
        """Return the fields that are set, for `--json`."""
        pairs = {name: getattr(self, name) for name in self.__slots__}
        return {name: value for name, value in pairs.items() if value not in ("", None)}


class ChipscaleError(Exception):
    """Base of every error chipscale raises on purpose; `exit_code` is what the command line returns."""

    exit_code = 70


class InputError(ChipscaleError):
    """The input can't be understood; carries every problem found, not only the first."""

    exit_code = 2

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class SolverError(ChipscaleError):
    """A solver could not answer although the input was understood."""

    exit_code = 3


MOST_NAMED = 12


def did_you_mean(wrong: str, known: Iterable[str], all_by: str = "") -> str:
    """Return a remedy naming the nearest known words, or the first known ones when none is near.

    `all_by` is the command that lists all of them, named where not all are.

    >>> did_you_mean("pich_um", ["pitch_um", "rows"])
    "did you mean 'pitch_um'?"
    """
    names = sorted(known)
    near = difflib.get_close_matches(wrong, names, n=2, cutoff=0.6)
    if near:
        return "did you mean " + " or ".join(f"'{name}'" for name in near) + "?"
    if not names:
        return ""
    rest = len(names) - MOST_NAMED
    if rest <= 1:
        return "known: " + ", ".join(names)
    return f"known: {', '.join(names[:MOST_NAMED])}, ... and {rest} more" + (f" ({all_by})" if all_by else "")
