"""The drawing of a package under glass: its heights, its glass, its sensing area as seen from above."""

from pathlib import Path

import pytest

from chipscale.package.families.image_sensor_wlcsp import ImageSensorWlcsp
from chipscale.report.outline import write_outline
from chipscale.report.outline_dimensions import dimensions
from chipscale.spec.read import read_spec
from chipscale.spec.starter import starter


@pytest.fixture
def package(tmp_path: Path):
    path = tmp_path / "chip.yaml"
    path.write_text(starter("image_sensor_wlcsp"), encoding="utf-8")
    return ImageSensorWlcsp().build(read_spec(path))


def test_heights_of_the_table_add_up(package):
    rows = {row.letter: row for row in dimensions(package)}
    assert rows["A"].nominal_um == pytest.approx(rows["A1"].nominal_um + rows["A2"].nominal_um)
    assert rows["A2"].nominal_um == 400 + 40 + 10 + 130 + 10 + 4 + 25
    assert (rows["A3"].meaning, rows["A3"].nominal_um) == ("glass", 400)
    assert "glass" in rows["A2"].meaning


def test_the_sensing_area_is_drawn_and_named(package, tmp_path):
    write_outline(package, tmp_path / "outline.svg")
    text = (tmp_path / "outline.svg").read_text(encoding="utf-8")
    assert "sensing area" in text
    assert "1.600 x 1.200" in text
