"""The film in the report and as files: shared shapes, words of change, key frames, complete SVG, the flip-book runs."""

import itertools
import json
import re
import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest

from chipscale.report.figures.film import film_art, labels, matrix
from chipscale.report.figures.film_windows import panels, sides
from chipscale.report.figures.film_words import change_words
from chipscale.report.film_files import write_film
from chipscale.report.html import report_html
from chipscale.report.parts.film import film as film_part
from chipscale.report.parts.film import film_data, key_frames

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def film(report_data):
    return report_data.film


@pytest.fixture(scope="module")
def art(film):
    return film_art(film)


def place(panel, side, point):
    """Return where a point (s, z) in µm lies in a panel's drawing."""
    a, b, c, d, e, f = map(float, re.fullmatch(r"matrix\((.*)\)", matrix(panel, side)).group(1).split())
    return a * point[0] + c * point[1] + e, b * point[0] + d * point[1] + f


def test_a_shape_that_stays_is_written_once(film, art):
    faces = [k for shot in art.shots for k, _ in shot.faces]
    assert len(art.paths) < len(faces) + sum(len(s.came) + len(s.went) for s in art.shots)
    assert len(set(art.paths)) == len(art.paths)
    assert [len(shot.faces) for shot in art.shots] == [len(frame.pieces) for frame in film]
    assert art.shots[0].came == tuple(k for k, _ in art.shots[0].faces)


def test_windows_hold_what_they_show_and_keep_their_scale(film, art):
    assert sides(film) == [0, 0, 1, 1]
    whole, close = panels(film)
    for panel in (whole, close):
        assert len({round(w.z1_um - w.z0_um, 6) for w in panel.windows}) == 1
        assert len({w.z_exaggeration_ratio for w in panel.windows}) == 1
    for frame, side in zip(film, sides(film), strict=True):
        window = whole.windows[side]
        for piece in frame.pieces:
            assert window.z0_um <= piece.polygon[:, 1].min() <= piece.polygon[:, 1].max() <= window.z1_um
    assert close.z_ratio > whole.z_ratio
    assert close.windows[0].z0_um < 0 < 10 < close.windows[0].z1_um  # the film of 10 µm, before
    assert close.windows[1].z0_um < -10 < 0 < close.windows[1].z1_um  # and after it was turned over
    low, high = (place(close, 0, (350.0, z))[1] for z in (0.0, 10.0))
    assert low - high == pytest.approx(10 * close.px_um_ratio * close.z_ratio, rel=1e-3)
    assert low - high > 100  # a film of 10 µm is well seen


def test_words_tell_what_changed(film):
    assert change_words(None, film[0]) == ["New: DIE (Si)"]
    assert change_words(film[0], film[1]) == ["New: PI1 (PI), RESIST (Resist)"]
    assert change_words(film[1], film[2]) == ["The wafer is turned over: what lay below is now above."]
    assert change_words(film[2], film[3]) == ["New: BALL (SAC305)", "Taken off: DIE (Si)"]
    assert change_words(film[0], replace(film[0], came=())) == ["Nothing changes in the picture."]


def test_labels_name_films_with_their_thickness(film, art):
    named = {layer: words for _, _, layer, words in labels(film[1], art.panels[1], 0)}
    assert named["PI1"] == "PI, 10 µm"
    assert named["DIE"] == "Si, 200 µm"
    rows = labels(film[1], art.panels[1], 0)
    heights = sorted(y for _, y, _, _ in rows)
    assert all(b - a >= 24 for a, b in itertools.pairwise(heights))


def test_key_frames_are_those_that_change_for_good(film):
    assert key_frames(film) == [0, 1, 2, 3]
    bare = [replace(frame, came=(), went=(), turned=False) for frame in film]
    assert key_frames(bare) == [0, 3]
    many = [film[0]] * 100
    assert len(key_frames(many)) == 18
    assert key_frames(many)[-1] == 99


def test_data_of_the_script_holds_every_frame(film, art):
    data = json.loads(json.dumps(film_data(film, art)))
    assert [frame["s"] for frame in data["frames"]] == [0, 0, 1, 1]
    assert data["frames"][1]["facts"] == [["Thickness", "8.25\u202fµm"]]
    assert data["frames"][1]["warn"] == ["clk"]
    assert all(
        0 <= k < len(art.paths) for frame in data["frames"] for k in [*frame["f"][::2], *frame["c"], *frame["w"]]
    )


def test_a_report_without_film_has_no_section(report_data):
    assert film_part(replace(report_data, film=())) is None


def test_shapes_used_on_the_page_are_on_the_page(report_data):
    text = report_html(report_data)
    assert set(re.findall(r'href="#(film-\d+)"', text)) <= set(re.findall(r'<path id="(film-\d+)"', text))


def test_files_are_complete_pictures(film, hostile_data, tmp_path):
    written = write_film(film, tmp_path)
    assert [path.name for path in written] == [f"0{k + 1}_step_{k}_clk.svg" for k in range(4)]
    for path, frame in zip(written, film, strict=True):
        root = ET.parse(path).getroot()
        assert root.tag == f"{SVG}svg"
        texts = ["".join(item.itertext()) for item in root.iter(f"{SVG}text")]
        assert f"{frame.place}. {frame.label}" in texts
        assert {"z, µm", "Whole height, true to scale"} <= set(texts)
        assert {f"{piece.layer}: {piece.material}" for piece in frame.pieces} <= set(texts)
        own = {item.get("id") for item in root.iter(f"{SVG}path")}
        assert {item.get("href")[1:] for item in root.iter(f"{SVG}use")} <= own
        assert "http" not in path.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
    for path in write_film(hostile_data.film, tmp_path):
        assert re.fullmatch(r"[a-z0-9_]+\.svg", path.name)
        assert not list(ET.parse(path).getroot().iter(f"{SVG}script"))
    assert write_film((), tmp_path / "none") == []
