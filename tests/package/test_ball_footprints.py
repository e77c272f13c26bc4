"""Twelve real footprints from rules of a few lines each."""

import importlib.util
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
spec = importlib.util.spec_from_file_location("footprints", ROOT / "benchmarks" / "footprints.py")
footprints = importlib.util.module_from_spec(spec)
sys.modules["footprints"] = footprints
spec.loader.exec_module(footprints)


@pytest.mark.skipif(
    not footprints.POSITIONS.exists(), reason="the real positions (CC-BY-SA) are not beside the checkout"
)
def test_twelve_of_twelve_within_a_micrometre():
    found = footprints.compare_all()
    assert len(found) == 12
    assert [item.name for item in found if not item.names_equal or item.max_deviation_um > 1.0] == []


def test_every_rule_is_a_few_lines_and_no_list():
    rules = sorted(footprints.RULES.glob("*.yaml"))
    assert len(rules) == 12
    for rule in rules:
        lines = [line for line in rule.read_text().splitlines() if line and not line.startswith("#")]
        assert len(lines) <= 13
        assert "csv" not in rule.read_text()
