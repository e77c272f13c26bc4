"""What a terminal shows of an answer and of a step: aligned, with units, no wider than the window, nothing hidden."""

from __future__ import annotations

import dataclasses

import pytest

from chipscale import registry
from chipscale.answer_text import ROWS, step_text, tables_text
from chipscale.catalogue import entry


def test_columns_line_up_and_carry_units() -> None:
    rows = [{"layer": "PI1", "sd_um": 0.123456, "ok": True}, {"layer": "UBM", "sd_um": None, "ok": False}]
    blank, title, head, first, second = tables_text({"widths": rows}, 80)
    assert (blank, title.strip()) == ("", "widths: 2 rows")
    assert head.split() == ["layer", "sd", "[µm]", "ok"]
    assert first.index("0.1235") + len("0.1235") == head.index("]") + 1
    assert second.split() == ["UBM", "–", "no"]


def test_what_is_left_out_is_said() -> None:
    rows = [{"x_um": k, **{f"long_name_of_a_column_{n}_um": 1.0 for n in range(9)}} for k in range(40)]
    text = list(tables_text({"many": rows}, 80))
    assert max(map(len, text)) <= 80
    assert f"{40 - ROWS} more rows" in " ".join(text)
    assert "long_name_of_a_column_8_um" in " ".join(text)
    assert "--json" in text[-1] or "--json" in text[-2]


def test_a_histogram_begins_where_it_counts() -> None:
    rows = [{"from_um": k, "to_um": k + 1, "dies_count": 7 if k in (20, 22) else 0} for k in range(40)]
    text = list(tables_text({"histogram": rows}, 80))
    assert text[1].strip() == "histogram: 40 rows"
    assert text[3].split() == ["20", "21", "7"]
    assert f"20 rows before, all 0; {40 - 20 - ROWS} more rows" in text[-1]
    other = list(tables_text({"causes": [{"share_pct": 0, "dies_count": 0}] * 20}, 80))
    assert other[3].split() == ["0", "0"]


def test_sentences_of_a_few_rows_are_told_whole_and_short_tables_come_first() -> None:
    why = "because " * 30
    text = list(tables_text({"long": [{"a": 1}] * 40, "verdict": [{"resist": "A", "why": why}], "none": []}, 100))
    joined = " ".join(" ".join(text).split())
    assert why.strip() in joined
    assert joined.index("verdict: 1 row") < joined.index("long: 40 rows")
    assert "none" not in joined


def test_numbers_that_are_not_finite_are_shown() -> None:
    text = "\n".join(tables_text({"t": [{"cp_ratio": float("inf"), "sd_um": float("nan")}]}, 80))
    assert "∞" in text
    assert "–" in text


@pytest.mark.parametrize("name", registry.names("steps"))
def test_a_step_is_told_with_all_there_is_to_know(name: str) -> None:
    lines = list(step_text(entry("steps", name)))
    text = "\n".join(lines)
    cls = registry.find("steps", name)
    assert all(len(line) <= 120 for part in lines for line in part.splitlines() if not line.startswith("    "))
    assert cls.tool in text
    assert "may go wrong" in text
    assert "varies" in text
    for item in dataclasses.fields(cls):
        assert f"    {item.name}  (" in text
        if item.metadata.get("source"):
            assert item.metadata["source"].split()[0] in text
    for defect in cls.defects:
        assert defect.name in text
