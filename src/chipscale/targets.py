"""Hold a design's figures against the targets its file sets."""

from __future__ import annotations

from collections.abc import Mapping

from chipscale.errors import InputError, Problem, did_you_mean
from chipscale.results import Check, Result
from chipscale.spec.model import Target
from chipscale.spec.read import SpecFile


def check_targets(targets: Mapping[str, Target], answers: Mapping[str, Result], source: SpecFile) -> Result:
    """Return one Check per limit of `targets` ({"layout.wiring.wire_um": max ...}).

    `errors.InputError` when a target names a metric no answer has.
    """
    metrics = {
        f"{name}.{metric}": value for name, answer in answers.items() for metric, value in answer.metrics.items()
    }
    unknown: list[Problem] = [
        source.problem(
            "targets.unknown_metric", f"targets.{name}", f"no metric '{name}'", remedy=did_you_mean(name, metrics)
        )
        for name in targets
        if name not in metrics
    ]
    if unknown:
        raise InputError(unknown)
    checks = [
        _check(name, value, sign, metrics[name], target.why)
        for name, target in sorted(targets.items())
        for sign, value in ((">=", target.min), ("<=", target.max))
        if value is not None
    ]
    return Result("targets", checks=tuple(checks))


def _check(name: str, limit: float, sign: str, value: float, why: str) -> Check:
    ok = value >= limit if sign == ">=" else value <= limit
    reason = f" ({why})" if why else ""
    return Check(
        code="target",
        metric=name,
        value=value,
        limit=limit,
        ok=ok,
        message=f"{name} = {value:.6g}, target {sign} {limit:.6g}{reason}",
        source="package file",
    )
