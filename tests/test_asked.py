"""Options that the package file gives to analyses hold, and are refused at their lines."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from chipscale.asked import options_of
from chipscale.design import Design
from chipscale.errors import InputError, Problem
from chipscale.store import Store

CHIP = Path(__file__).parents[1] / "examples" / "flash" / "chip.yaml"
LINES = len(CHIP.read_text(encoding="utf-8").splitlines())


@pytest.fixture
def design(tmp_path: Path) -> Callable[[str], Design]:
    def make(block: str) -> Design:
        text = CHIP.read_text(encoding="utf-8").rstrip("\n") + "\n" + block
        (tmp_path / "chip.yaml").write_text(text, encoding="utf-8")
        return Design.load(tmp_path / "chip.yaml", store=Store(tmp_path / "cache"))

    return make


def _refused(made: Design, ask: Callable[[Design], object]) -> list[Problem]:
    with pytest.raises(InputError) as caught:
        ask(made)
    return list(caught.value.problems)


def test_options_of_the_file_hold_and_those_given_go_before(design):
    made = design("analyses:\n  layout.density: {window_um: 300}\n")
    wide = made.run("layout.density")
    assert wide.key == made.run("layout.density", window_um=300).key
    assert made.run("layout.density", window_um=200).key != wide.key


def test_what_another_analysis_reads_has_its_defaults(design):
    made = design("analyses:\n  electrical.rl: {nets: 'A1,A2'}\n")
    assert made._part("electrical.rl") == made.run("electrical.rl", nets="*").key


def test_unknown_names_and_kinds_are_refused_at_their_lines(design):
    block = "analyses:\n  layout.densty: {}\n  layout.density:\n    window_um: wide\n    foo: 1\n"
    found = _refused(design(block), lambda made: made.package)
    assert [(item.line, item.key) for item in found] == [
        (LINES + 2, "analyses.layout.densty"),
        (LINES + 4, "analyses.layout.density.window_um"),
        (LINES + 5, "analyses.layout.density.foo"),
    ]
    assert "layout.density" in found[0].remedy


def test_a_refused_value_is_told_at_its_line(design):
    made = design("analyses:\n  layout.density: {step_um: -3}\n")
    [found] = _refused(made, lambda it: it.run("layout.density"))
    assert (found.line, found.key) == (LINES + 2, "analyses.layout.density.step_um")
    [own] = _refused(made, lambda it: it.run("layout.density", step_um=-4))
    assert (own.file, own.key) == ("", "option step_um of layout.density")


def test_files_are_found_beside_the_package_file(design, tmp_path):
    (tmp_path / "busy.csv").write_text("time_s,power_W\n0,0\n1,1\n", encoding="utf-8")
    made = design("analyses:\n  thermal.mission: {trace: busy.csv, board: jesd51_9_1s}\n  electrical.rl: {nets: 5}\n")
    assert options_of(made.source, "thermal.mission") == {"trace": str(tmp_path / "busy.csv"), "board": "jesd51_9_1s"}
    assert options_of(made.source, "electrical.rl") == {"nets": "5"}
