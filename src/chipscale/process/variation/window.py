"""The question `process.window`: how far may one option of the flow go for enough dies to keep the limit?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, ClassVar, NamedTuple

from chipscale.process.variation.asked import CORRELATION_MM, MOST_DIES, asked, model_warnings, refuse_unless
from chipscale.process.variation.capability import share_interval_pct
from chipscale.process.variation.figures import cause_rows
from chipscale.process.variation.knobs import Knob, knob
from chipscale.process.variation.trial import Trial
from chipscale.results import Progress, Result

_MOST_STEPS = 14
_SCAN = 4  # values tried between the ends before the search


class Point(NamedTuple):
    """A value that was tried and how many dies keep the limit there."""

    value: float
    within: int
    total: int

    @property
    def share_pct(self) -> float:
        """Return the share of dies within the limit."""
        return 100.0 * self.within / self.total


@dataclass(frozen=True, slots=True)
class Window:
    """Search the value of one option at which `goal_pct` of the dies have all bumps within `limit_um`.

    `knob` names the step by its label in the flow and the option: "ball drop.sphere_tolerance_um"; without it the
    tolerance of the spheres, or in a flow without spheres what the last plating varies within a die. Every value is
    tried on the same random numbers, between `low` and `high` (default: 0 or the step's own lower end, up to twice
    the recipe's value or the step's own upper end); a value found by halving is exact to a part in 10,000 of that
    range, its share to what the number of dies allows (table `points` has the 95 % interval).
    """

    knob: str = ""
    goal_pct: float = 99.0
    limit_um: float = 5.0
    low: float | None = None
    high: float | None = None
    wafers_count: int = 4
    dies_count: int = 500
    correlation_mm: float = CORRELATION_MM
    seed: int | None = None  # None: the package's

    name: ClassVar[str] = "process.window"
    reads: ClassVar[tuple[str, ...]] = ("package", "layout")
    metrics: ClassVar[Mapping[str, str]] = {
        "limit_um": "limit of the coplanarity, as asked",
        "goal_pct": "share of the dies wanted within it, as asked",
        "found_count": "1: a value was found; 0: none in the range would do, or the whole range would",
        "recipe_value": "the option's value in the recipe, in its own unit",
        "recipe_share_pct": "dies within the limit with the recipe as it is",
        "low_share_pct": "dies within the limit at the lower end of the range",
        "high_share_pct": "dies within the limit at the upper end of the range",
        "answer_value": "the last value on the good side, in the option's own unit",
        "answer_share_pct": "dies within the limit there",
        "dies_count": "dies each value was tried on",
    }

    def run(self, view: Mapping[str, Any], progress: Progress | None = None) -> Result:
        """Return the answer. Tables, for figures: `points`: value, share_pct, share_low_pct, share_high_pct, by value.

        `answer`: parameter, meaning, unit, value, share_pct, verdict (in words). `causes` as in `process.variation`,
        where no value in the range would do: what makes the rest, with the option at its better end. There is no
        check: this answers a question, and whether the recipe is good enough is for `process.variation` to say.
        """
        self._refuse()
        model, draws = asked(view, self.dies_count, self.seed, self.correlation_mm, keep=True)
        turned = knob(model, self.knob)
        low, high = self._range(turned)
        trial = Trial(model, draws, self.wafers_count)
        tried: dict[float, Point] = {}

        def share(value: float) -> Point:
            if value not in tried:
                ranges = trial.ranges_um({(turned.index, turned.option): value})
                tried[value] = Point(value, int((ranges <= self.limit_um).sum()), len(ranges))
                if progress is not None:
                    progress(min(1.0, len(tried) / (_MOST_STEPS + _SCAN + 3)), f"{turned.name} = {value:.6g}")
            return tried[value]

        recipe = share(turned.value)
        ends = share(low), share(high)
        answer = self._searched(ends, share)
        points = sorted(tried.values())
        warnings = (*model_warnings(model), *_not_monotonic(points))
        tables: dict[str, list[dict[str, Any]]] = {"points": [_row(point) for point in points]}
        verdict = self._verdict(turned, ends, answer)
        if answer is None and max(end.share_pct for end in ends) < self.goal_pct:
            best = max(ends, key=lambda end: end.within)
            rest = cause_rows(model.with_recipe({(turned.index, turned.option): best.value}), draws)
            tables["causes"] = rest
            verdict += "; the rest comes from " + _named(rest)
        told = {"parameter": turned.name, "meaning": turned.meaning, "unit": turned.unit, "verdict": verdict}
        tables["answer"] = [
            told | {"value": answer.value if answer else None, "share_pct": answer.share_pct if answer else None}
        ]
        metrics = self._metrics(recipe, ends, answer)
        return Result(self.name, metrics, (), tables, {}, {}, warnings, "doubtful" if warnings else "ok")

    def _refuse(self) -> None:
        refuse_unless(0 < self.goal_pct <= 100, "goal_pct", self.goal_pct, "above 0, up to 100")
        refuse_unless(self.limit_um > 0, "limit_um", self.limit_um, "above 0")
        refuse_unless(1 <= self.wafers_count <= 100, "wafers_count", self.wafers_count, "1 to 100")
        refuse_unless(0 <= self.dies_count <= MOST_DIES, "dies_count", self.dies_count, f"0 to {MOST_DIES}")
        refuse_unless(self.correlation_mm > 0, "correlation_mm", self.correlation_mm, "above 0")
        refuse_unless(self.seed is None or self.seed >= 0, "seed", float(self.seed or 0), "from 0")

    def _range(self, turned: Knob) -> tuple[float, float]:
        """Return the ends of the search; InputError where they lie outside of the step's own range."""
        mean = turned.kind == "mean"
        low = self.low if self.low is not None else turned.within(0.5 * turned.value if mean else 0.0)
        high = self.high if self.high is not None else turned.within((1.5 if mean else 2.0) * turned.value or 1.0)
        allowed = f"{_end(turned.low)} to {_end(turned.high)} {turned.unit}".rstrip()
        for key, value in (("low", low), ("high", high)):
            refuse_unless(turned.within(value) == value, key, value, f"{allowed}: range of {turned.name}")
        refuse_unless(low < high, "low", low, f"below high, {high:g}")
        return low, high

    def _searched(self, ends: tuple[Point, Point], share: Callable[[float], Point]) -> Point | None:
        """Return the last good value towards the bad end; None when both ends are on the same side of the goal."""
        good = [end.share_pct >= self.goal_pct for end in ends]
        if good[0] == good[1]:
            for k in range(1, _SCAN + 1):
                share(ends[0].value + k * (ends[1].value - ends[0].value) / (_SCAN + 1))
            return None
        keeps, fails = (ends[0], ends[1]) if good[0] else (ends[1], ends[0])
        for _ in range(_MOST_STEPS):
            middle = share((keeps.value + fails.value) / 2.0)
            keeps, fails = (middle, fails) if middle.share_pct >= self.goal_pct else (keeps, middle)
        return keeps

    def _verdict(self, turned: Knob, ends: tuple[Point, Point], answer: Point | None) -> str:
        """Return the answer in words."""
        low, high = ends
        aim = f"{self.goal_pct:g} % of the dies within {self.limit_um:g} µm"
        if answer is not None:
            side = "up to" if low.share_pct >= self.goal_pct else "from"
            return f"{aim}: {turned.name} {side} {answer.value:.4g} {turned.unit}".rstrip()
        if low.share_pct >= self.goal_pct:
            return (
                f"{aim} from one end of the range to the other, {low.value:g} to {high.value:g} {turned.unit}".rstrip()
            )
        best = max(ends, key=lambda end: end.within)
        at = f"{best.value:g} {turned.unit}".rstrip()
        even = "not even" if best.value == 0.0 else "not with"
        return f"{aim}: {even} {turned.name} = {at}, where {best.share_pct:.3g} % are"

    def _metrics(self, recipe: Point, ends: tuple[Point, Point], answer: Point | None) -> dict[str, float]:
        found = {
            "limit_um": self.limit_um,
            "goal_pct": self.goal_pct,
            "found_count": float(answer is not None),
            "recipe_value": recipe.value,
            "recipe_share_pct": recipe.share_pct,
            "low_share_pct": ends[0].share_pct,
            "high_share_pct": ends[1].share_pct,
            "dies_count": float(recipe.total),
        }
        if answer is not None:
            found |= {"answer_value": answer.value, "answer_share_pct": answer.share_pct}
        return found


def _row(point: Point) -> dict[str, Any]:
    low, high = share_interval_pct(point.within, point.total)
    return {"value": point.value, "share_pct": point.share_pct, "share_low_pct": low, "share_high_pct": high}


def _not_monotonic(points: list[Point]) -> tuple[str, ...]:
    """Return a warning where the share goes up and down again by more than its interval."""
    steps = [b.within - a.within for a, b in pairwise(points)]
    noise = 0.002 * points[0].total
    if any(step > noise for step in steps) and any(step < -noise for step in steps):
        return ("the share of good dies goes up and down within the range: other values may do as well",)
    return ()


def _named(rows: list[dict[str, Any]]) -> str:
    """Return the first causes in words."""
    first = [row for row in rows if row["coplanarity_alone_um"] > 0][:3]
    told = [f"{row['step']}: {row['quantity']} ({row['coplanarity_alone_um']:.2g} µm alone)" for row in first]
    return ", ".join(told) or "nothing else"


def _end(value: float | None) -> str:
    return "any" if value is None else f"{value:g}"
