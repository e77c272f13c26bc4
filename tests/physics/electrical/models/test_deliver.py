"""The folder of model files: every file is there and agrees with the others; wrong requests are refused."""

from __future__ import annotations

import csv
import json
import re
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from chipscale.errors import InputError
from chipscale.physics.electrical.models.deliver import write_network_files
from chipscale.physics.electrical.models.kicad_lengths import lengths_mm, with_lengths
from chipscale.physics.electrical.models.model_options import Asked, ModelOptions, model_options
from chipscale.physics.electrical.models.touchstone_read import read_touchstone

FOOTPRINT = """(footprint "x" (version 20211014) (generator test) (layer "F.Cu")
  (pad "A1" smd circle (at 0 0) (size 0.2 0.2) (layers "F.Cu" "F.Mask") (pinfunction "a(1)") (solder_mask_margin 0.05))
  (pad "A2" smd circle (at 0.4 0) (size 0.2 0.2) (die_length 9) (layers "F.Cu" "F.Mask"))
  (pad "Z9" smd circle (at 0.8 0) (size 0.2 0.2) (layers "F.Cu" "F.Mask"))
)
"""
ROOT = Path(__file__).parents[4]


@pytest.fixture(scope="module")
def written(make_network, tmp_path_factory):
    """Return a folder, what was told of it, and the network."""
    folder = tmp_path_factory.mktemp("models")
    network = make_network({"CLK": 1, "D[0]": 1})
    wanted = Asked(network.nets, "VSS", 1e10, 1e9, ModelOptions(points_count=51))
    return folder, write_network_files(network, wanted, "Sample", folder, FOOTPRINT), network


def test_touchstone_and_circuit_agree(written, ngspice_s) -> None:
    folder, facts, _ = written
    data = read_touchstone(folder / "sample.s4p")
    newer = read_touchstone(folder / "sample.ts")
    np.testing.assert_allclose(data.s, newer.s, atol=1e-9)
    k = int(np.argmin(np.abs(data.f_Hz - 1e9)))
    assert data.f_Hz[k] == 1e9
    found = ngspice_s((folder / "sample.sp").read_text(), 1e9)
    assert np.abs(found[0] - data.s[k]).max() < 1e-6 + 1e-9
    assert facts["circuit"]["s_error_by_truncation"] <= 1e-6
    assert facts["largest_singular_value"] <= 1.0 + 1e-9


def test_matrices_say_what_they_are(written) -> None:
    folder, _, network = written
    data = json.loads((folder / "matrices" / "matrices.json").read_text())
    assert data["meaning"] == "loop with return VSS"
    assert [row["f_Hz"] for row in data["r_l_at"]] == [0.0, 1e9, 1e10]
    r_ohm, l_H = network.at(1e9)
    np.testing.assert_allclose(data["r_l_at"][1]["l_nH"], 1e9 * l_H, rtol=1e-8)
    np.testing.assert_allclose(data["r_l_at"][1]["r_mohm"], 1e3 * r_ohm, rtol=1e-8)
    np.testing.assert_allclose(data["capacitance"]["c_pF"], 1e12 * network.c_F, rtol=1e-8)
    rows = list(csv.reader((folder / "matrices" / "l_nH_1GHz.csv").read_text().splitlines()))
    assert rows[0] == ["L in nH at 1e+09 Hz, loop with return VSS", "A1 CLK", "A2 D[0]"]
    np.testing.assert_allclose([[float(x) for x in row[1:]] for row in rows[1:]], 1e9 * l_H, rtol=1e-8)
    assert sorted(path.name for path in (folder / "matrices").iterdir()) == [
        "c_pF.csv", "g_uS_10GHz.csv", "g_uS_1GHz.csv", "l_nH_10GHz.csv", "l_nH_1GHz.csv", "l_nH_dc.csv",
        "matrices.json", "r_mohm_10GHz.csv", "r_mohm_1GHz.csv", "r_mohm_dc.csv",
    ]  # fmt: skip


def test_lengths_go_into_the_pads(written) -> None:
    folder, _, network = written
    text = (folder / "footprint_with_lengths.kicad_mod").read_text()
    found = {name: float(mm) for name, mm in re.findall(r'pad "(\w+)".*\(die_length ([\d.]+)\)\)', text)}
    assert found == pytest.approx(lengths_mm(network), rel=1e-5)
    assert text.count("die_length") == 2
    rows = list(csv.DictReader((folder / "package_lengths.csv").read_text().splitlines()))
    assert [row["ball"] for row in rows] == list(network.balls)
    delay_ps = 1e12 * np.sqrt(np.diag(network.l_H[-1]) * np.diag(network.path_capacitance_F()))
    np.testing.assert_allclose([float(row["delay_ps"]) for row in rows], delay_ps, rtol=1e-4)


def test_kicad_reads_the_lengths(tmp_path) -> None:
    kicad = "import pcbnew, sys; f = pcbnew.FootprintLoad(sys.argv[1], 'x')\n"
    kicad += "print([(p.GetNumber(), p.GetPadToDieLength()) for p in f.Pads()])"
    if subprocess.run(["/usr/bin/python3", "-c", "import pcbnew"], capture_output=True).returncode:
        pytest.skip("KiCad's Python module is not installed")
    (tmp_path / "lib.pretty").mkdir()
    place = tmp_path / "lib.pretty" / "x.kicad_mod"
    place.write_text(with_lengths(FOOTPRINT, {"A1": 0.512345, "A2": 1.25}))
    command = ["/usr/bin/python3", "-c", kicad, str(place.parent)]
    told = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert "('A1', 512345), ('A2', 1250000), ('Z9', 0)" in told.stdout, told.stderr


def test_the_same_network_gives_the_same_bytes(written, tmp_path) -> None:
    folder, _, network = written
    wanted = Asked(network.nets, "VSS", 1e10, 1e9, ModelOptions(points_count=51))
    write_network_files(network, wanted, "Sample", tmp_path, FOOTPRINT)
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            assert (tmp_path / path.relative_to(folder)).read_bytes() == path.read_bytes(), path.name


def test_too_many_ports_for_a_macromodel_are_told(make_network, tmp_path) -> None:
    network = make_network({f"N{k}": 1 for k in range(13)})
    wanted = Asked(network.nets, "VSS", 2e10, 1e7, ModelOptions(points_count=11))
    facts = write_network_files(replace(network), wanted, "Sample", tmp_path)
    assert facts["circuit"]["s_error_over_the_band"] > 1e-3
    assert not facts["macromodel"]["written"]
    assert [item["file"] for item in facts["left_out"]] == ["sample_macromodel.sp"]
    assert facts["left_out"][0]["why"].startswith("26 ports, 24 at most")
    assert facts["left_out"][0]["remedy"] == "name fewer nets (--nets)"


def test_touchstone_of_many_ports_is_written_when_asked_for(make_network, tmp_path) -> None:
    network = make_network({f"N{k}": 1 for k in range(4)})
    for most, names in ((7, []), (8, ["sample.s8p", "sample.ts"])):
        folder = tmp_path / str(most)
        folder.mkdir()
        wanted = Asked(network.nets, "VSS", 1e9, 1e9, ModelOptions(points_count=5, most_ports=most))
        facts = write_network_files(network, wanted, "Sample", folder)
        assert sorted(path.name for path in folder.glob("*.s8p")) == names[:1]
        assert (folder / "sample.ts").exists() is bool(names)
        told = [item["file"] for item in facts["left_out"] if "macromodel" not in item["file"]]
        assert told == ([] if names else ["sample.s8p", "sample.ts"])


WORDS = {
    "nets": "*",
    "return_net": "",
    "to_hz": 0.0,
    "at_hz": 0.0,
    "z0": 50.0,
    "points": 101,
    "within": 1e-6,
    "most_ports": 60,
}


@pytest.mark.parametrize(
    ("word", "value"),
    [("to_hz", -1.0), ("to_hz", 1e13), ("z0", 0.0), ("points", 2), ("within", 0.9), ("z0", float("nan"))],
)
def test_values_out_of_range_are_refused(word, value) -> None:
    with pytest.raises(InputError, match="out of range"):
        model_options(WORDS | {word: value})


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--nets", "no_such"], "no net 'no_such'"),
        (["--nets", "VSS"], "only the return itself"),
        (["--return-net", "GROUND"], "the return is no net"),
        (["--z0", "-3"], "out of range"),
        (["--nets", "A0", "--to-hz", "9e11"], "quasi-static model has ended"),
    ],
)
def test_the_command_refuses_in_one_message(tmp_path, words, told) -> None:
    from chipscale.cli import cli

    out = tmp_path / "out"
    done = CliRunner().invoke(cli, ["models", str(ROOT / "examples/flash/chip.yaml"), *words, "--out", str(out)])
    assert done.exit_code == 2, done.output
    assert told in done.output
    assert done.output.count("1 problem in the input") == 1
    assert not out.exists()


def test_the_command_tells_what_is_left_out_and_doubtful(tmp_path, monkeypatch) -> None:
    from chipscale.cli import cli
    from chipscale.design import Design
    from chipscale.physics.electrical.models import deliver

    left = {"file": "x.s70p", "why": "70 ports, 60 unless asked for", "remedy": "name fewer nets (--nets)"}
    facts = {"files": ["x.sp"], "warnings": ["cut too coarsely"], "left_out": [left]}
    monkeypatch.setattr(deliver, "asked", lambda *_: None)
    monkeypatch.setattr(deliver, "write_model_files", lambda *_: facts)
    monkeypatch.setattr(Design, "run", lambda *_: None)
    path = str(ROOT / "examples/bump_on_pad/chip.yaml")
    done = CliRunner().invoke(cli, ["models", path, "--out", str(tmp_path / "out")])
    assert done.exit_code == 0, done.output
    assert "! doubtful: cut too coarsely" in done.output
    assert "! left out: x.s70p: 70 ports, 60 unless asked for; name fewer nets (--nets)" in done.output
