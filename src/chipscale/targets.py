"""Hold a design's figures against the targets its file sets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase

from chipscale import registry
from chipscale.errors import Problem, did_you_mean
from chipscale.results import Check, Result
from chipscale.spec.model import Target
from chipscale.spec.read import SpecFile


def target_problems(specfile: SpecFile, analyses: Iterable[str]) -> list[Problem]:
    """Return what is wrong with the file's targets: metrics none of `analyses` gives, no limit, limits the wrong way.

    Which metrics there are is what the analyses declare; a declared name may hold `*` for a part only the run knows.
    """
    targets = specfile.spec.targets
    known = declared_metrics(analyses) if targets else []
    problems = []
    for name, target in targets.items():
        key = f"targets.{name}"
        if not any(fnmatchcase(name, metric) for metric in known):
            remedy = did_you_mean(name, known, "docs/reference/analyses.md")
            problems.append(specfile.problem("targets.unknown_metric", key, f"no metric '{name}'", remedy=remedy))
        if target.min is None and target.max is None:
            remedy = f"write {name}: {{max: 1000}}, or min, or both"
            problems.append(
                specfile.problem("targets.no_limit", key, "the target has neither min nor max", remedy=remedy)
            )
        elif target.min is not None and target.max is not None and target.min > target.max:
            value = f"min {target.min:g}, max {target.max:g}"
            what, remedy = "no value can keep this target", "exchange min and max"
            problems.append(specfile.problem("targets.limits", key, what, value, "min <= max", remedy))
    return problems


def declared_metrics(analyses: Iterable[str]) -> list[str]:
    """Return the full names ("layout.wiring.wire_um") of the metrics that analyses declare, sorted."""
    return sorted(f"{name}.{metric}" for name in analyses for metric in registry.find("analyses", name).metrics)


def check_targets(targets: Mapping[str, Target], answers: Mapping[str, Result]) -> Result:
    """Return one Check per limit of `targets` ({"layout.wiring.wire_um": max ...}).

    A metric that this design has no value of fails its target.
    """
    metrics = {
        f"{name}.{metric}": value for name, answer in answers.items() for metric, value in answer.metrics.items()
    }
    checks = [
        _check(name, limit, sign, metrics.get(name), target.why)
        for name, target in sorted(targets.items())
        for sign, limit in ((">=", target.min), ("<=", target.max))
        if limit is not None
    ]
    return Result("targets", checks=tuple(checks))


def _check(name: str, limit: float, sign: str, value: float | None, why: str) -> Check:
    ok = value is not None and (value >= limit if sign == ">=" else value <= limit)
    said = "has no value here" if value is None else f"= {value:.6g}"
    reason = f" ({why})" if why else ""
    return Check(
        code="target",
        metric=name,
        value=value,
        limit=limit,
        ok=ok,
        message=f"{name} {said}, target {sign} {limit:.6g}{reason}",
        source="package file",
    )
