"""NAME=VALUE options become what an analysis wants, or say what is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from chipscale import registry
from chipscale.errors import InputError, Problem
from chipscale.options import analysis_options, spec_first


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


def test_an_option_is_not_placed_in_the_file() -> None:
    own = Problem("density.window", "too small", key="window_um")
    told = Problem("density.window", "too small", file="map.csv", key="window_um")
    other = Problem("pads.missing", "no pads", key="pads")
    mine, others = registry.of_options(registry.question("layout.density", {}), [own, told, other])
    assert [problem.key for problem in mine] == ["option window_um of layout.density"]
    assert others == [told, other]


def test_an_analysis_in_the_files_place_is_told() -> None:
    with pytest.raises(InputError, match=r"chipscale run chip\.yaml layout\.density"):
        spec_first(Path("layout.density"), ("chip.yaml",))
    spec_first(Path("layout.density"), ())
    spec_first(Path("chip.yaml"), ("layout.density",))


def test_a_problem_of_no_key_is_not_placed_in_the_file() -> None:
    asked = registry.question("layout.density", {})
    mine, others = registry.of_options(asked, [Problem("x", "no such"), Problem("y", "bad", key="window_um, part 2")])
    assert [problem.key for problem in mine] == ["layout.density", "option window_um, part 2 of layout.density"]
    assert others == []
