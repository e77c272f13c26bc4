"""How every family answers: one draft of the file, and from it the package, whether it suits, how its balls stand."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

from chipscale.errors import InputError
from chipscale.package.draft import Draft, ball_distance_um, sketched
from chipscale.package.fan_in import fan_in
from chipscale.package.fan_in_question import FanInQuestion
from chipscale.package.types import Package
from chipscale.results import Result
from chipscale.spec.located import in_file_order
from chipscale.spec.read import SpecFile

# What only says that the array is too much for the die: the answer to "is it a fan-in?", not a fault of the file.
DOES_NOT_FIT = frozenset({"balls.outside", "nets.too_few_balls"})


class Family(ABC):
    """A family of packages whose balls are on the die's own area. It keeps what it made of the last file."""

    name: ClassVar[str]
    does_not_fit: ClassVar[frozenset[str]] = DOES_NOT_FIT
    beside_the_flow: ClassVar[tuple[str, ...]] = ("pads.", "balls.", "nets.")  # problems the flow doesn't depend on

    def __init__(self) -> None:
        self._made: tuple[SpecFile, Draft] | None = None

    @abstractmethod
    def draft(self, specfile: SpecFile) -> Draft:
        """Return what can be made of the file, with everything that is wrong with it."""

    @abstractmethod
    def package(self, draft: Draft) -> Package:
        """Return the package of a draft without problems."""

    @abstractmethod
    def question(self, draft: Draft) -> FanInQuestion:
        """Return what decides whether the balls fit."""

    def build(self, specfile: SpecFile) -> Package:
        """Return the package the file describes, every default resolved.

        Raises InputError with all problems of pads, balls, nets, rules, sizes and keep-outs at once.
        """
        draft = self._draft(specfile)
        if draft.problems:
            raise InputError(in_file_order(draft.problems, str(specfile.path)))
        return self.package(draft)

    def feasible(self, specfile: SpecFile) -> Result:
        """Return the answer to "is it a fan-in?", even where the array asked for does not fit on the die.

        Raises InputError with all problems of the file when there is any other.
        """
        draft = self._draft(specfile)
        if any(problem.code not in self.does_not_fit for problem in draft.problems):
            raise InputError(in_file_order(draft.problems, str(specfile.path)))
        return fan_in(self.question(draft))

    def array(self, specfile: SpecFile) -> tuple[float, float] | None:
        """Return the distance of the nearest balls and the reflowed balls' diameter in µm; None when unknown."""
        draft = self._draft(specfile)
        if not draft.balls or draft.terminal is None:
            return None
        distance = ball_distance_um(draft)
        return (distance, draft.terminal.ball_d_um) if distance > 0 else None

    def sketch(self, specfile: SpecFile) -> Package | None:
        """Return the package as far as its flow depends on it, even where pads, balls or nets are wrong.

        None where more than these is wrong.
        """
        draft = self._draft(specfile)
        if any(not problem.code.startswith(self.beside_the_flow) for problem in draft.problems):
            return None
        bare = sketched(draft)
        return None if bare is None else self.package(bare)

    def _draft(self, specfile: SpecFile) -> Draft:
        if self._made is None or self._made[0] is not specfile:
            self._made = (specfile, self.draft(specfile))
        return self._made[1]
