"""Check a mask set against a rule set: measure every rule and tell what was found as checks, rows and markers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from chipscale.errors import InputError, Problem
from chipscale.layout.drc_measure import Finding, Measured
from chipscale.layout.drc_names import Neighbours
from chipscale.layout.drc_rules import CHECKS, PARAMETERS
from chipscale.layout.drc_shapes import MaskShapes
from chipscale.layout.masks import LayerNumbers
from chipscale.package.rule_names import RULE_MEANINGS
from chipscale.package.types import RuleSet
from chipscale.results import Check, Progress, Result

NAME = "layout.drc"
TOLERANCE_UM = 0.002  # two corners, each rounded to the 1-nm grid by up to 0.71 nm
_MOST_LISTED = 500  # violations listed one by one per rule; all are counted


def check_masks(
    masks: Any,
    rules: RuleSet,
    *,
    numbers: LayerNumbers | None = None,
    only: tuple[str, ...] = (),
    tolerance_um: float = TOLERANCE_UM,
    progress: Progress | None = None,
) -> Result:
    """Check a klayout.db.Layout (ours or foreign, layers by `numbers`) against `rules` (`only` some of them).

    Returns one Check per violation, one per rule that holds (value: the least figure found), tables `rules`,
    `markers` and `not_checked`.
    """
    if not tolerance_um >= 0.0:
        what, value = "must be a length", f"{tolerance_um:g} µm"
        raise InputError([Problem("option.range", what, key="tolerance_um", value=value, limit="0 or more")])
    shapes = MaskShapes(masks, numbers)
    names = Neighbours(shapes)
    checks: list[Check] = []
    rows: list[dict[str, Any]] = []
    markers: list[dict[str, Any]] = []
    skipped: list[dict[str, Any]] = []
    wanted = [rule for rule in CHECKS if not only or rule in only]
    for done, rule in enumerate(wanted):
        if progress is not None:
            progress(done / len(wanted), f"checking {rule}")
        limit, source = _limit(rule, rules)
        if limit is None:
            skipped.append({"rule": rule, "meaning": RULE_MEANINGS[rule], "why": "the rule set has no such rule"})
            continue
        measured = CHECKS[rule](shapes, rules, limit, tolerance_um + rules.rounded_um.get(rule, 0.0))
        if not measured:
            skipped.append({"rule": rule, "meaning": _meaning(rule, rules), "why": "no shapes the rule speaks of"})
        for layer, figure in measured:
            told = _Told(rule, layer, limit, _meaning(rule, rules), source)
            rows.append(told.row(figure))
            checks += told.checks(figure, names)
            markers += told.markers(figure)
    return Result(NAME, _metrics(rows, skipped), tuple(checks), _tables(rows, markers, skipped, rules))


def joined(first: Result, second: Result) -> Result:
    """Return two checks' results as one; metrics are counted anew."""
    tables = {name: first.tables[name] + second.tables[name] for name in ("rules", "markers")}
    tables["not_checked"] = first.tables["not_checked"]
    tables["rule_set"] = first.tables["rule_set"]
    metrics = _metrics(tables["rules"], tables["not_checked"])
    return Result(first.analysis, metrics, first.checks + second.checks, tables)


@dataclass(frozen=True, slots=True)
class _Told:
    """One rule on one layer, ready to be told as checks, rows and markers."""

    rule: str
    layer: str
    limit: float
    meaning: str
    source: str

    def row(self, figure: Measured) -> dict[str, Any]:
        return {
            "rule": self.rule,
            "layer": self.layer,
            "meaning": self.meaning,
            "limit": self.limit,
            "least": None if figure.least is None else round(figure.least, 4),
            "beyond": None if figure.beyond is None else round(figure.beyond, 4),
            "violations_count": len(figure.findings),
            "source": self.source,
        }

    def checks(self, figure: Measured, names: Neighbours) -> list[Check]:
        if not figure.findings:
            found = "nothing nearer" if figure.least is None else f"found {figure.least:.3f}"
            message = f"{self.meaning}: {found}"
            return [self._check(figure.least, True, message)]
        told = [self._violation(item, names) for item in figure.findings[:_MOST_LISTED]]
        more = len(figure.findings) - len(told)
        if more:
            told.append(self._check(figure.least, False, f"{self.meaning}: {more} more places"))
        return told

    def _violation(self, item: Finding, names: Neighbours) -> Check:
        where = (round(item.x_um, 3), round(item.y_um, 3))
        nets = names.nets(self.layer, item)
        unit = "" if self.rule.endswith("_ratio") else " µm"
        allowed = "at most" if "_max_" in self.rule else "at least"
        message = (
            f"{self.meaning}: {item.value:.3f}{unit}, {allowed} {self.limit:g}{unit}"
            f"{names.told(nets, item)} at ({where[0]:.1f}, {where[1]:.1f})"
        )
        return self._check(round(item.value, 4), False, message, where, " / ".join(nets))

    def _check(
        self,
        value: float | None,
        ok: bool,
        message: str,
        where: tuple[float, float] | None = None,
        net: str = "",
    ) -> Check:
        return Check(f"drc.{self.rule}", self.rule, value, self.limit, ok, message, where, self.layer, net, self.source)

    def markers(self, figure: Measured) -> list[dict[str, Any]]:
        return [
            {
                "rule": self.rule,
                "layer": self.layer,
                "value": round(item.value, 4),
                "limit": self.limit,
                "x_um": round(item.x_um, 4),
                "y_um": round(item.y_um, 4),
                "edges_um": [[round(value, 4) for value in edge] for edge in item.edges],
            }
            for item in figure.findings
        ]


def _limit(rule: str, rules: RuleSet) -> tuple[float | None, str]:
    """Return the value of a rule and its source; slits fall back on the least space."""
    name = rule
    if rule == "rdl_notch_min_um" and rule not in rules.values:
        name = "rdl_min_space_um"
    value = rules.values.get(name)
    return value, f"{rules.name}: {rules.sources.get(name) or rules.source}"


def _meaning(rule: str, rules: RuleSet) -> str:
    return rules.meanings.get(rule) or RULE_MEANINGS[rule]


def _metrics(rows: list[dict[str, Any]], skipped: list[dict[str, Any]]) -> dict[str, float]:
    metrics = {
        "violations_count": float(sum(row["violations_count"] for row in rows)),
        "rules_checked_count": float(len({row["rule"] for row in rows})),
        "rules_broken_count": float(len({row["rule"] for row in rows if row["violations_count"]})),
        "rules_not_checked_count": float(len(skipped)),
    }
    for metric, rule in (("rdl_space_um", "rdl_min_space_um"), ("rdl_width_um", "rdl_min_width_um")):
        figures = [row["least"] for row in rows if row["rule"] == rule and row["least"] is not None]
        if figures:
            metrics[metric] = min(figures)
    return metrics


def _tables(
    rows: list[dict[str, Any]], markers: list[dict[str, Any]], skipped: list[dict[str, Any]], rules: RuleSet
) -> dict[str, list[dict[str, Any]]]:
    unused = sorted(set(rules.values) - set(CHECKS) - set(PARAMETERS))
    for rule in unused:
        skipped.append({"rule": rule, "meaning": rules.meanings.get(rule, ""), "why": "no check for this rule"})
    about = [{"name": rules.name, "title": rules.title, "source": rules.source}]
    return {"rules": rows, "markers": markers, "not_checked": skipped, "rule_set": about}
