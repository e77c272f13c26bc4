"""Is it a fan-in: do the balls a device needs fit under its die, what would fit instead, and what to do."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from chipscale.package.array_fit import Lattice, fits, hexagonal, largest_factor, smallest_room, square
from chipscale.package.csp import CSP_LIMIT_RATIO, area_ratio, is_csp, package_class
from chipscale.package.escape import RingLoad, WireRule, filled_array, ring_loads
from chipscale.package.fan_in_question import FanInQuestion, question_of_package
from chipscale.package.types import Package
from chipscale.results import Check, Progress, Result

MARKET_PITCHES_UM = (800.0, 650.0, 500.0, 400.0, 350.0, 300.0, 250.0, 200.0)  # assumed list of what assemblers offer
REDESIGN_GROWTH_RATIO = CSP_LIMIT_RATIO  # a die at most this much larger still counts as a redesign, not a fan-out

METRICS: dict[str, str] = {
    "area_ratio": "package area over die area; a CSP has at most 1.2",
    "needed_count": "balls the device needs: one per signal and those of the supplies",
    "fits_count": "balls that fit on the die in the array asked for",
    "fits_square_count": "balls that fit in a square array of this ball pitch",
    "fits_hexagonal_count": "balls that fit in a hexagonal array of this ball pitch",
    "balls_count": "balls of the map",
    "balls_off_count": "balls of the map nearer to the die's edge than the rules allow",
    "edge_um": "least distance of a ball's centre from the die's edge",
    "ball_pitch_um": "distance of the nearest two balls asked for",
    "largest_pitch_um": "largest ball pitch at which a square array would hold the balls needed",
    "largest_hexagonal_pitch_um": "the same for a hexagonal array",
    "market_pitch_um": "largest pitch on the market's list at which a square array would hold them",
    "smallest_die_x_um": "smallest die of this aspect that would hold them at this pitch, x",
    "smallest_die_y_um": "the same, y",
    "smallest_die_area_ratio": "area of that die over the die's",
    "escape_wires_count": "wires that must cross the fullest ring of lands",
    "escape_capacity_count": "wires the gaps of that ring pass",
    "escape_use_ratio": "the first over the second",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """The numbers behind the verdict; None where nothing would fit."""

    fits_count: int
    fits_square_count: int
    fits_hexagonal_count: int
    largest_pitch_um: float | None
    largest_hexagonal_pitch_um: float | None
    market_pitch_um: float | None
    smallest_die_um: tuple[float, float]
    growth_ratio: float
    off: tuple[str, ...]
    worst_ring: RingLoad | None


@dataclass(frozen=True, slots=True)
class FanIn:
    """Say whether the device is a fan-in, from its package alone."""

    name: ClassVar[str] = "package.fan_in"
    reads: ClassVar[tuple[str, ...]] = ("package",)
    metrics: ClassVar[Mapping[str, str]] = METRICS

    def run(self, view: Mapping[str, Any], progress: Progress | None = None) -> Result:
        """Answer for the package in `view`."""
        return fan_in(view["package"])


def fan_in(asked: Package | FanInQuestion) -> Result:
    """Return the Result "package.fan_in": numbers, checks, and the verdict fan-in, redesign or fan-out.

    fan-in: the balls fit as asked. redesign: they do not, but would as a hexagonal array, at a market pitch the rule
    set allows, or on a die at most 1.2 times larger; or they fit and the ball map or the wiring has to change.
    fan-out: none of these.
    """
    question = asked if isinstance(asked, FanInQuestion) else question_of_package(asked)
    answer = answer_of(question)
    checks = _checks(question, answer)
    verdict, reason = _verdict(question, answer, checks)
    checks.append(Check("fan_in.verdict", "verdict", verdict, "fan-in", verdict == "fan-in", reason))
    table = {"verdict": [{"verdict": verdict, "reason": reason, "called": package_class(_ratio(question))}]}
    return Result("package.fan_in", _metrics(question, answer), tuple(checks), table)


def answer_of(question: FanInQuestion) -> Answer:
    """Return what fits and what would fit; the edge distance stays that of the ball asked for."""
    needed, pitch = question.needed_count, question.ball_pitch_um
    left, bottom, right, top = question.borders_um
    room = (question.die_um[0] - left - right, question.die_um[1] - bottom - top)
    both = (hexagonal(pitch, "x"), hexagonal(pitch, "y"))
    factor = largest_factor(square(pitch), room, needed)
    factors = [value for value in (largest_factor(lattice, room, needed) for lattice in both) if value is not None]
    market = [item for item in MARKET_PITCHES_UM if int(fits(square(item), room)) >= needed]
    lattice = _lattice(question)
    die = smallest_room(lattice, max(needed, 1), question.die_um, (left + right, bottom + top))
    return Answer(
        fits_count=int(fits(lattice, room)),
        fits_square_count=int(fits(square(pitch), room)),
        fits_hexagonal_count=max(int(fits(item, room)) for item in both),
        largest_pitch_um=None if factor is None else pitch * factor,
        largest_hexagonal_pitch_um=pitch * max(factors) if factors else None,
        market_pitch_um=max(market) if market else None,
        smallest_die_um=die,
        growth_ratio=area_ratio(die, question.die_um),
        off=_off(question),
        worst_ring=_worst_ring(question, room),
    )


def _from_edge(question: FanInQuestion) -> str:
    """Return the least distance from the die's edge in words; where sides differ, from which to which."""
    low, high = min(question.borders_um), max(question.borders_um)
    grooves = " (clear of the grooves)" if any(question.least_um) else ""
    return (f"{low:.5g} µm" if low == high else f"{low:.5g} to {high:.5g} µm") + grooves


def _lattice(question: FanInQuestion) -> Lattice:
    return Lattice(question.pitch_x_um, question.pitch_y_um, question.pattern != "rectangular")


def _off(question: FanInQuestion) -> tuple[str, ...]:
    left, bottom, right, top = (border - 1e-6 for border in question.borders_um)
    (size_x, size_y) = question.die_um
    return tuple(
        ball.name
        for ball in question.balls
        if not (left <= ball.x_um <= size_x - right and bottom <= ball.y_um <= size_y - top)
    )


def _worst_ring(question: FanInQuestion, room: tuple[float, float]) -> RingLoad | None:
    """Return the ring of lands used most: of the map's own nets, else of an array filled from outside."""
    if question.rdl_layers == 0:  # no wires
        return None
    rule = WireRule(question.land_d_um, question.width_um, question.space_um)
    pads = question.pads
    balls = question.balls if any(ball.net for ball in question.balls) else ()
    if not balls:
        pitch = question.ball_pitch_um
        if min(room) < 0:
            return None
        rows, cols = (int(side // pitch) + 1 for side in (room[1], room[0]))
        if rows * cols > 40_000:
            return None
        balls, pads = filled_array(rows, cols, pitch, question.needed_count), ()
    loads = ring_loads(balls, pads, rule)
    return max(loads, key=lambda load: (_use(load), -load.ring), default=None)


def _use(load: RingLoad) -> float:
    return load.wires_count / load.capacity_count if load.capacity_count else math.inf


def _ratio(question: FanInQuestion) -> float:
    return area_ratio(question.package_um, question.die_um)


def _metrics(question: FanInQuestion, answer: Answer) -> dict[str, float]:
    found: dict[str, float | None] = {
        "area_ratio": _ratio(question),
        "needed_count": question.needed_count,
        "fits_count": answer.fits_count,
        "fits_square_count": answer.fits_square_count,
        "fits_hexagonal_count": answer.fits_hexagonal_count,
        "balls_count": len(question.balls),
        "balls_off_count": len(answer.off),
        "edge_um": max(question.borders_um),
        "ball_pitch_um": question.ball_pitch_um,
        "largest_pitch_um": answer.largest_pitch_um,
        "largest_hexagonal_pitch_um": answer.largest_hexagonal_pitch_um,
        "market_pitch_um": answer.market_pitch_um,
        "smallest_die_x_um": answer.smallest_die_um[0],
        "smallest_die_y_um": answer.smallest_die_um[1],
        "smallest_die_area_ratio": answer.growth_ratio,
    }
    if answer.worst_ring is not None:
        found["escape_wires_count"] = answer.worst_ring.wires_count
        found["escape_capacity_count"] = answer.worst_ring.capacity_count
        found["escape_use_ratio"] = _use(answer.worst_ring)
    return {name: round(float(value), 6) for name, value in found.items() if value is not None and math.isfinite(value)}


def _checks(question: FanInQuestion, answer: Answer) -> list[Check]:
    ratio = _ratio(question)
    called = package_class(ratio)
    checks = [
        Check(
            "fan_in.csp",
            "area_ratio",
            round(ratio, 6),
            CSP_LIMIT_RATIO,
            is_csp(ratio),
            f"package area is {ratio:.3g} times the die's: {called}",
            source="J-STD-012",
        ),
        Check(
            "fan_in.balls_fit",
            "fits_count",
            answer.fits_count,
            question.needed_count,
            answer.fits_count >= question.needed_count,
            f"{answer.fits_count} balls fit on the die at {question.ball_pitch_um:.6g} µm, "
            f"{_from_edge(question)} from its edge; {question.needed_count} are needed",
            source=question.rules.name,
        ),
    ]
    checks += _map_checks(question, answer) + _rule_checks(question)
    if answer.worst_ring is not None:
        checks.append(_escape_check(question, answer.worst_ring))
    return checks


def _map_checks(question: FanInQuestion, answer: Answer) -> list[Check]:
    if not question.balls:
        return []
    count = len(question.balls)
    names = ", ".join(answer.off[:6]) + (" ..." if len(answer.off) > 6 else "")
    where = next(((b.x_um, b.y_um) for b in question.balls if b.name in answer.off[:1]), None)
    inside = f"balls nearer to the die's edge than {_from_edge(question)}: {names}"
    return [
        Check(
            "fan_in.map_has_balls",
            "balls_count",
            count,
            question.needed_count,
            count >= question.needed_count,
            f"the map has {count} balls; {question.needed_count} are needed",
        ),
        Check(
            "fan_in.map_on_die",
            "balls_off_count",
            len(answer.off),
            0,
            not answer.off,
            inside if answer.off else "every ball keeps its distance from the die's edge",
            where,
            source=question.rules.name,
        ),
    ]


def _rule_checks(question: FanInQuestion) -> list[Check]:
    values, source = question.rules.values, question.rules.name
    short, long = min(question.die_um), max(question.die_um)
    checks = []
    least = values.get("bump_pitch_um")
    if least is not None:
        pitch = question.ball_pitch_um
        ok = pitch >= least * (1 - 1e-4)  # drawings round staggered pitches to 0.1 µm
        text = f"ball pitch {pitch:.6g} µm, the rule set asks for {least:.6g} µm"
        checks.append(Check("fan_in.pitch", "ball_pitch_um", round(pitch, 3), least, ok, text, source=source))
    for rule, side, least_wanted in (
        ("die_min_short_um", short, True),
        ("die_min_long_um", long, True),
        ("die_max_short_um", short, False),
        ("die_max_long_um", long, False),
    ):
        limit = values.get(rule)
        if limit is not None and not (side >= limit if least_wanted else side <= limit):
            word = "at least" if least_wanted else "at most"
            text = f"the die's {'short' if 'short' in rule else 'long'} side is {side:.6g} µm, {word} {limit:.6g} µm"
            checks.append(Check("fan_in.die_size", rule, side, limit, False, text, source=source))
    return checks


def _escape_check(question: FanInQuestion, load: RingLoad) -> Check:
    capacity = load.capacity_count * question.rdl_layers
    text = (
        f"{load.wires_count} wires must pass ring {load.ring + 1} of the lands, its gaps pass {capacity} "
        f"({question.width_um:.4g} µm wide, {question.space_um:.4g} µm apart)"
    )
    ok = load.wires_count <= capacity
    return Check("fan_in.escape", "escape_wires_count", load.wires_count, capacity, ok, text)


def _verdict(question: FanInQuestion, answer: Answer, checks: list[Check]) -> tuple[str, str]:
    """Return the verdict and its reason in one sentence."""
    needed = question.needed_count
    failed = [check for check in checks if not check.ok]
    if answer.fits_count >= needed:
        if not failed:
            return "fan-in", f"{needed} balls are needed and {answer.fits_count} fit: a fan-in"
        return "redesign", f"{answer.fits_count} balls fit, but " + "; ".join(check.message for check in failed)
    short = f"{needed} balls are needed and {answer.fits_count} fit at {question.ball_pitch_um:.6g} µm"
    ways = _ways(question, answer)
    if ways:
        return "redesign", f"{short}; " + " or ".join(ways) + " would make it a fan-in"
    side = " x ".join(f"{size:.0f}" for size in answer.smallest_die_um)
    package = f"a package of {side} µm, {answer.growth_ratio:.2f} times the die ({package_class(answer.growth_ratio)})"
    return "fan-out", f"{short}; fan out to {package}; {_finer(question, answer)}"


def _ways(question: FanInQuestion, answer: Answer) -> list[str]:
    ways = []
    if answer.fits_hexagonal_count >= question.needed_count:
        ways.append(f"a hexagonal array ({answer.fits_hexagonal_count} balls)")
    least = question.rules.values.get("bump_pitch_um", question.ball_pitch_um)
    if answer.market_pitch_um is not None and answer.market_pitch_um >= least:
        ways.append(f"a pitch of {answer.market_pitch_um:.0f} µm")
    if answer.growth_ratio <= REDESIGN_GROWTH_RATIO:
        side = " x ".join(f"{size:.0f}" for size in answer.smallest_die_um)
        ways.append(f"a die of {side} µm ({answer.growth_ratio:.2f} times the area)")
    return ways


def _finer(question: FanInQuestion, answer: Answer) -> str:
    least = question.rules.values.get("bump_pitch_um", question.ball_pitch_um)
    if answer.market_pitch_um is None or answer.largest_pitch_um is None:
        return "no pitch on the market would fit under this die"
    return (
        f"under the die it would take a pitch of {answer.largest_pitch_um:.0f} µm ({answer.market_pitch_um:.0f} µm on "
        f"the market), finer than the {least:.0f} µm of {question.rules.name}"
    )
