"""What an analysis was asked with: an option's value where its answer tells it, else the option's default."""

from __future__ import annotations

import dataclasses

from chipscale import registry
from chipscale.errors import InputError
from chipscale.results import Result


def asked_of(result: Result, name: str) -> float | None:
    """Return the option `name` of the analysis that gave the result, None where nobody knows it."""
    told = result.metrics.get(name)
    if told is not None:
        return told
    try:
        kind = registry.find("analyses", result.analysis)
    except (InputError, ImportError, AttributeError):
        return None
    known = {field.name: field.default for field in dataclasses.fields(kind)}
    value = known.get(name)
    return float(value) if isinstance(value, int | float) else None
