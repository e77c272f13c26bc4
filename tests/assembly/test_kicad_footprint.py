"""The footprint file, read back by kiutils and by KiCad itself where it is installed."""

import csv
import json
import subprocess
from functools import cache
from pathlib import Path

import pytest

from chipscale.assembly.kicad_footprint import footprint_text, write_footprint
from chipscale.assembly.land_pattern import land_pattern
from chipscale.spec.model import Board

FOLDER = Path(__file__).parents[3] / "shared" / "data" / "packages"
SYSTEM_PYTHON = "/usr/bin/python3"


@cache
def why_no_kicad():
    """Return why KiCad's reader can't be used, or an empty string."""
    if not Path(SYSTEM_PYTHON).exists():
        return f"there is no {SYSTEM_PYTHON}"
    asked = subprocess.run([SYSTEM_PYTHON, "-c", "import pcbnew"], capture_output=True, check=False)
    return "" if asked.returncode == 0 else "KiCad's Python module pcbnew is not installed (Debian: kicad)"


def read_with_kicad(paths):
    if why_no_kicad():
        pytest.skip(why_no_kicad())
    reader = Path(__file__).with_name("read_with_pcbnew.py")
    done = subprocess.run([SYSTEM_PYTHON, str(reader), *map(str, paths)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def written(package, folder, board=None, name="footprint"):
    path = folder / f"{name}.kicad_mod"
    write_footprint(package, land_pattern(package, board), path, "${KIPRJMOD}/package.step")
    return path


def test_kiutils_reads_every_pad(caravel_package, tmp_path):
    from kiutils.footprint import Footprint

    path = written(caravel_package, tmp_path, Board(pad_d_um=250.0, mask_d_um=330.0, paste_d_um=260.0))
    read = Footprint.from_file(str(path))
    assert len(read.pads) == 60
    a1 = next(pad for pad in read.pads if pad.number == "A1")
    # A1 is at (544, 4844) of the 3588 x 5188 die: top left of the balls' side, so top right on the board
    assert (a1.position.X, a1.position.Y) == (1.25, -2.25)
    assert (a1.size.X, a1.solderMaskMargin, a1.solderPasteMargin) == (0.25, 0.04, 0.005)
    assert a1.layers == ["F.Cu", "F.Paste", "F.Mask"]
    assert read.attributes.type == "smd"
    assert "A1 at the top right" in read.description
    assert read.models[0].path == "${KIPRJMOD}/package.step"


def test_kicad_reads_what_was_meant(caravel_package, tmp_path):
    path = written(caravel_package, tmp_path, Board(pad_d_um=250.0, mask_d_um=330.0, paste_d_um=260.0))
    read = read_with_kicad([path])[str(path)]
    pads = {pad["name"]: pad for pad in read["pads"]}
    assert len(pads) == len(read["pads"]) == 60
    for ball in caravel_package.balls:
        pad = pads[ball.name]
        x, y = (3588.0 / 2 - ball.x_um) * 1000, (5188.0 / 2 - ball.y_um) * 1000
        assert pad["at_nm"] == pytest.approx([x, y], abs=1)
        assert pad["net"] == (ball.doc_name or ball.net)
        assert (pad["d_nm"], pad["mask_nm"], pad["paste_nm"]) == (250_000, 40_000, 5_000)
        assert pad["mask"]
        assert pad["paste"]
        assert pad["round"]
    assert read["smd"]
    assert read["layers"] == ["F.Courtyard", "F.Fab", "F.Silkscreen"]


def test_the_model_lies_on_its_balls(make_package, tmp_path):
    package = make_package(2, 2, 400.0, (900.0, 1000.0))
    path = written(package, tmp_path)
    [model] = read_with_kicad([path])[str(path)]["models"]
    films = package.layers
    top = (
        films.pad_metal_um
        + films.passivation_um
        + films.pi1_um
        + films.rdl_um
        + films.pi2_um
        + films.ubm_um
        + package.terminal.ball_h_um
    )
    assert model == ["${KIPRJMOD}/package.step", 0.45, -0.5, pytest.approx(top / 1000), 180.0]
    # die view (x, y, z) turned about y: (-x, y, -z); A1 at (250, 700) then lies at x = 450 - 250, y = 700 - 500
    a1 = package.balls[0]
    assert (0.45 - a1.x_um / 1000, -0.5 + a1.y_um / 1000) == pytest.approx((0.2, 0.2))
    assert model[3] - top / 1000 == pytest.approx(0.0)


def test_kicad_reads_an_smd_pattern_and_many_balls(make_package, tmp_path):
    smd = written(make_package(), tmp_path, Board(definition="SMD"), "smd")
    many = written(make_package(26, 26, 173.0), tmp_path, Board(pad_d_um=90.0, mask_d_um=90.0), "many")
    read = read_with_kicad([smd, many])
    assert {pad["mask_nm"] for pad in read[str(smd)]["pads"]} == {-32_500}
    assert len(read[str(many)]["pads"]) == 676
    assert {pad["mask_nm"] for pad in read[str(many)]["pads"]} == {100}  # 0 would mean "inherit"


def test_pads_are_where_real_footprints_have_them(make_package, real_package, tmp_path):
    if not FOLDER.exists():
        pytest.skip("the real packages are not beside the checkout")
    table = csv.DictReader((FOLDER / "real_packages.csv").read_text(encoding="utf-8").splitlines())
    places = json.loads((FOLDER / "real_packages_balls_mm.json").read_text(encoding="utf-8"))
    paths = {}
    for row in table:
        package = real_package(row["name"], row, places[row["name"]], make_package())
        paths[row["name"]] = written(package, tmp_path, name=row["name"])
        assert "A1 at the top left" in paths[row["name"]].read_text(encoding="utf-8")
    read = read_with_kicad(paths.values())
    assert len(paths) == 12
    for name, path in paths.items():
        found = {pad["name"]: pad["at_nm"] for pad in read[str(path)]["pads"]}
        assert set(found) == set(places[name])
        for ball, (x, y) in places[name].items():
            assert found[ball] == pytest.approx([x * 1e6, y * 1e6], abs=1)


def test_the_same_package_gives_the_same_bytes_and_ids_differ(make_package):
    package = make_package()
    first = footprint_text(package, land_pattern(package))
    assert first == footprint_text(package, land_pattern(package))
    ids = [line.split("(tstamp ")[1].rstrip(")") for line in first.splitlines() if "(tstamp " in line]
    assert len(ids) == len(set(ids)) > 16


def test_the_a1_mark_follows_the_corner(make_package):
    from kiutils.footprint import Footprint
    from kiutils.utils import sexpr

    for corner, (sx, sy) in {"top_left": (1, -1), "top_right": (-1, -1), "bottom_left": (1, 1)}.items():
        package = make_package(a1_corner=corner)
        text = footprint_text(package, land_pattern(package))
        read = Footprint.from_sexpr(sexpr.parse_sexp(text))
        [mark] = [item for item in read.graphicItems if getattr(item, "fill", "") == "solid"]
        assert all(point.X * sx > 0.9 and point.Y * sy > 0.9 for point in mark.coordinates)
