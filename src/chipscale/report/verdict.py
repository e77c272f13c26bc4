"""Say whether the design is good: from the checks in the results, nothing else."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from chipscale.report.input import ReportInput
from chipscale.report.wording import MINUS, count, number, with_unit, words
from chipscale.results import Check, Result

State = Literal["good", "doubtful", "bad"]

TITLES = {
    "package.fan_in": "Fan-in feasibility",
    "layout.wiring": "Wiring",
    "layout.drc": "Design rules (DRC)",
    "layout.lvs": "Connectivity (LVS)",
    "layout.density": "Metal density",
    "process.flow": "Process flow",
    "process.as_built": "As built against drawn",
    "process.bow": "Bow of the wafer",
    "process.resist": "Resists",
    "process.variation": "Variation",
    "process.influence": "Influence",
    "process.window": "Window of the recipe",
    "electrical.rl": "Resistance and inductance",
    "electrical.capacitance": "Capacitance",
    "electrical.delay": "Delay and impedance of nets",
    "electrical.supply": "Supply network",
    "electrical.signals": "Signals",
    "electrical.emission": "Radiation",
    "electrical.compare": "Other packages",
    "thermal.theta": "Thermal resistances",
    "thermal.steady": "Temperatures",
    "thermal.what_if": "What cools",
    "thermal.transient": "Heating over time",
    "thermal.structure": "Structure function",
    "thermal.mission": "Mission",
    "targets": "Targets of the package file",
}
ANCHORS = {
    "package.fan_in": "checks-fan-in",
    "layout.wiring": "wires",
    "layout.drc": "checks-drc",
    "layout.lvs": "checks-lvs",
    "layout.density": "checks-density",
    "process.flow": "process-flow",
    "process.as_built": "as-built",
    "process.bow": "bow",
    "process.resist": "resist",
    "process.variation": "heights",
    "process.influence": "influence",
    "process.window": "recipe-window",
    "electrical.rl": "electrical-paths",
    "electrical.capacitance": "electrical-paths",
    "electrical.delay": "electrical-paths",
    "electrical.supply": "electrical-supply",
    "electrical.signals": "electrical-signals",
    "electrical.emission": "electrical-emission",
    "electrical.compare": "electrical-compare",
    "thermal.theta": "thermal-theta",
    "thermal.steady": "thermal-steady",
    "thermal.what_if": "thermal-what-if",
    "thermal.transient": "thermal-transient",
    "thermal.structure": "thermal-structure",
    "thermal.mission": "thermal-mission",
    "targets": "targets",
}
NEEDED = ("package.fan_in", "layout.wiring", "layout.drc", "layout.lvs")


@dataclass(frozen=True, slots=True)
class Reason:
    """Why the verdict is what it is, and the part of the report that shows it."""

    text: str
    anchor: str
    state: Literal["good", "doubtful", "bad", "noted"]  # noted: worth a look, decides nothing


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer, in one sentence, with its reasons; the gravest first."""

    state: State
    headline: str
    reasons: tuple[Reason, ...]


def title_of(analysis: str) -> str:
    """Return an analysis's name for people."""
    return TITLES.get(analysis, words(analysis))


def anchor_of(analysis: str) -> str:
    """Return the id of the section that shows an analysis."""
    return ANCHORS.get(analysis, "analysis-" + "".join(c if c.isalnum() else "-" for c in analysis))


def failed(result: Result) -> list[Check]:
    """Return the checks of a result that do not hold."""
    return [check for check in result.checks if not check.ok]


def verdict(data: ReportInput) -> Verdict:
    """Return good when every needed analysis ran and every check holds; doubtful when only proof is missing.

    What the only-shown results find is noted beside and decides nothing.
    """
    reasons = []
    for name in sorted(data.results):
        found = _reasons(name, data.results[name])
        reasons += [replace(reason, state="noted") for reason in found] if name in data.only_shown else found
    if "layout.wiring" not in data.results and data.layout.unrouted:
        text = f"Wiring: {count(len(data.layout.unrouted), 'connection')} could not be routed"
        reasons.append(Reason(text, "wires", "bad"))
    reasons += [
        Reason(f"{title_of(name)}: not run, so nothing is proven here", anchor_of(name), "doubtful")
        for name in NEEDED
        if name not in data.results
    ]
    for name, limits in sorted(data.package.targets.items()):
        if target_value(data, name) is None:
            reasons.append(Reason(f"Target {name}{_limits(limits)}: no result has this figure", "targets", "doubtful"))
    bad, doubtful, noted = (tuple(r for r in reasons if r.state == state) for state in ("bad", "doubtful", "noted"))
    if bad:
        return Verdict("bad", f"Not good: {count(len(bad), 'finding')} to resolve", bad + doubtful + noted)
    if doubtful:
        return Verdict("doubtful", "No fault found, but the proof is not complete", doubtful + noted)
    checks = sum(len(result.checks) for name, result in data.results.items() if name not in data.only_shown)
    proof = f"{number(checks)} of {number(checks)} checks hold" if checks else "all analyses passed"
    look = f"; {count(len(noted), 'figure')} to look at" if noted else ""
    return Verdict("good", f"Good: {proof}{look}", noted)


def target_value(data: ReportInput, metric: str) -> float | None:
    """Return the value of a full metric name (`layout.drc.violations_count`), or None when no result has it."""
    analysis, _, name = metric.rpartition(".")
    result = data.results.get(analysis)
    return None if result is None else result.metrics.get(name)


def _limits(limits: dict[str, float | str]) -> str:
    low, high = limits.get("min"), limits.get("max")
    text = f" ≥ {number(low)}" if low is not None else ""
    return text + (f" ≤ {number(high)}" if high is not None else "")


def _reasons(name: str, result: Result) -> list[Reason]:
    """Return one reason per kind of check that fails, one for a failed state, one per doubtful state."""
    by_code: dict[str, list[Check]] = {}
    for check in failed(result):
        by_code.setdefault(check.code, []).append(check)
    title, anchor = title_of(name), anchor_of(name)
    reasons = [Reason(f"{title}: {_said(checks)}", anchor, "bad") for _, checks in sorted(by_code.items())]
    if result.state == "failed" and not reasons:
        said = "; ".join(result.warnings) or "the analysis failed"
        reasons.append(Reason(f"{title}: {said}", anchor, "bad"))
    if result.state == "doubtful":
        said = "; ".join(result.warnings) or "the numbers are doubtful"
        reasons.append(Reason(f"{title}: {said}", anchor, "doubtful"))
    bowed = int(result.metrics.get("too_bowed_count", 0))
    if bowed and not reasons:  # limits that are assumed break no check, yet nobody should miss them
        text = f"{title}: after {count(bowed, 'step')} the wafer is more bowed than the next tool is assumed to hold"
        reasons.append(Reason(text, anchor, "noted"))
    return reasons


def _said(checks: list[Check]) -> str:
    """Return one line for all failures of one code: the message when there is one, count and worst when many."""
    if len(checks) == 1:
        return checks[0].message or f"{checks[0].code} does not hold"
    heads = {check.message.split(":")[0] for check in checks}
    text = f"{count(len(checks), 'place')}, {heads.pop() if len(heads) == 1 else checks[0].code}"
    worst = worst_of(checks)
    if worst is not None:
        text += f": worst {with_unit(worst.value, worst.metric)} (limit {with_unit(worst.limit, worst.metric)})"
    return text


def worst_of(checks: list[Check]) -> Check | None:
    """Return the check farthest from its limit, by ratio; None when values or limits are no numbers."""
    measured = [c for c in checks if isinstance(c.value, int | float) and isinstance(c.limit, int | float)]
    return max(measured, key=_distance, default=None)


def _distance(check: Check) -> float:
    assert isinstance(check.value, int | float)
    assert isinstance(check.limit, int | float)
    return abs(check.value - check.limit) / (abs(check.limit) or 1.0)


def margin_text(check: Check) -> str:
    """Return how far a value is from its limit in per cent, signed (negative: below the limit)."""
    if not isinstance(check.value, int | float) or not isinstance(check.limit, int | float) or not check.limit:
        return "–"
    percent = (check.value - check.limit) / abs(check.limit) * 100
    return f"{'+' if percent >= 0 else MINUS}{abs(percent):.1f}{chr(0x202F)}%"
