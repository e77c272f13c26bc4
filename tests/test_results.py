"""An answer as JSON: plain data any reader takes, whatever the numbers are."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np

from chipscale.results import Check, Result


def _refused(text: str) -> Any:
    raise AssertionError(f"{text} is no JSON")


def test_numbers_that_are_not_finite_are_null_and_named() -> None:
    check = Check("a.rule", "a.cpk_ratio", math.inf, 1.0, True, "never varies")
    rows = [{"cp_ratio": math.inf, "sd_um": np.float64("nan"), "count": np.int64(3), "pair": (1.0, -math.inf)}]
    result = Result("a", {"cpk_ratio": math.inf, "mean_um": 1.5}, (check,), {"widths": rows}, warnings=("first",))
    data = json.loads(json.dumps(result.as_dict(), allow_nan=False), parse_constant=_refused)
    assert data["metrics"] == {"a.cpk_ratio": None, "a.mean_um": 1.5}
    assert data["checks"][0]["value"] is None
    assert data["tables"]["widths"] == [{"cp_ratio": None, "sd_um": None, "count": 3, "pair": [1.0, None]}]
    assert data["warnings"][0] == "first"
    assert all(
        name in data["warnings"][1]
        for name in ("a.cpk_ratio (inf)", "checks.0.value (inf)", "tables.widths.0.sd_um (nan)", "(-inf)")
    )


def test_an_answer_of_finite_numbers_has_no_further_warning() -> None:
    assert Result("a", {"mean_um": 1.5}).as_dict()["warnings"] == []
