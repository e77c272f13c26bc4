"""What a step makes of the workpiece where that depends on its options: a seed or a film, metal or solder."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class Outcome:
    """The states a step makes: of the step with its options those it makes, of its class all it may make."""

    def __init__(self, may: frozenset[str], made: Callable[[Any], frozenset[str]]) -> None:
        self.may, self.made = may, made

    def __get__(self, step: Any | None, kind: type | None = None) -> frozenset[str]:
        """Return the states of the step, or of its class when there is no step."""
        return self.may if step is None else self.made(step)
