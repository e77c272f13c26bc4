"""NAME=VALUE options become what an analysis wants, or say what is wrong."""

from __future__ import annotations

import pytest

from chipscale import registry
from chipscale.errors import InputError
from chipscale.options import analysis_options


def test_all_problems_at_once() -> None:
    with pytest.raises(InputError) as caught:
        analysis_options("layout.density", ("windw_um=2", "window_um=wide", "nothing"))
    assert [problem.code for problem in caught.value.problems] == ["option.unknown", "option.value", "option.form"]
    assert "window_um" in caught.value.problems[0].remedy


def test_an_unknown_analysis_names_the_nearest() -> None:
    with pytest.raises(InputError, match=r"layout\.drc"):
        registry.find("analyses", "layout.dcr")


@pytest.mark.parametrize("options", [{"window_um": "a"}, {"window_um": float("inf")}, {"wndow_um": 1.0}])
def test_python_gets_the_same_clear_answer(options: dict[str, object]) -> None:
    with pytest.raises(InputError, match="window_um"):
        registry.question("layout.density", options)
    assert registry.question("layout.density", {"window_um": 250}).window_um == 250


@pytest.mark.parametrize(
    ("option", "said"),
    [
        ("wafers_count=x", "whole number"),
        ("wafers_count=2.5", "whole number"),
        ("wafers_count=1e400", "finite"),
        ("limit_um=nan", "finite"),
        ("limit_um=inf", "finite"),
    ],
)
def test_a_number_that_cannot_be_meant_is_refused_in_words(option: str, said: str) -> None:
    with pytest.raises(InputError) as caught:
        analysis_options("process.variation", (option,))
    assert said in caught.value.problems[0].what


def test_a_whole_number_may_be_written_with_an_exponent() -> None:
    assert analysis_options("process.variation", ("wafers_count=1e2",)) == {"wafers_count": 100}
