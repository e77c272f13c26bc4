"""Names of the land pattern, against real ones."""

import csv
import json
from dataclasses import replace
from pathlib import Path

import pytest

from chipscale.assembly import ipc7351

FOLDER = Path(__file__).parents[3] / "shared" / "data" / "packages"


def test_the_ipc_name_is_spelled_as_the_scheme_says(caravel_package):
    # 60 balls that collapse, 0.50 mm pitch, 6 columns by 10 rows, 3.59 x 5.19 mm, 0.59 mm high
    assert ipc7351.name(caravel_package) == "BGA60C50P6X10_359X519X59"


def test_two_pitches_and_copper_pillars_change_the_ipc_name(make_package):
    package = make_package(cols=2, rows=2, size_um=(1500.0, 1500.0))
    moved = tuple(replace(ball, y_um=750.0 + (ball.y_um - 750.0) * 1.25) for ball in package.balls)
    wide = replace(package, balls=moved, pitch_y_um=500.0)
    assert ipc7351.name(wide) == "BGA4C40X50P2X2_150X150X56"
    assert ipc7351.kicad_name(wide) == "WLCSP-4_1.5x1.5mm_Layout2x2_P0.4x0.5mm"
    pillars = replace(package.layers, materials={"ball": "Cu_plated"})
    assert ipc7351.name(replace(package, layers=pillars)).startswith("BGA4N40P")


def test_names_of_real_footprints_are_found_again(make_package, real_package):
    if not FOLDER.exists():
        pytest.skip("the real packages are not beside the checkout")
    table = csv.DictReader((FOLDER / "real_packages.csv").read_text(encoding="utf-8").splitlines())
    places = json.loads((FOLDER / "real_packages_balls_mm.json").read_text(encoding="utf-8"))
    regular = 0
    for row in table:
        made = ipc7351.kicad_name(real_package(row["name"], row, places[row["name"]], make_package()))
        if row["name"].startswith(("ST_", "Anpec", "Maxim")):
            assert row["name"].split("_", 1)[1] == made
            regular += 1
    assert regular >= 7
