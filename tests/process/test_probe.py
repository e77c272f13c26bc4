from pathlib import Path

import pytest

from chipscale.process.kinds.probe import ProbeMap
from chipscale.process.kinds.wafer_map_file import MOST_BYTES, MapError, read_wafer_map
from chipscale.process.step import Batch, StepError
from chipscale.process.work import Work

DATA = Path(__file__).parents[3] / "shared" / "data" / "formats" / "g85"
WORK = Work("w", 1000.0, 600.0)
G85 = """<?xml version="1.0"?>
<Map xmlns="http://www.semi.org" WaferId="W1">
 <Device BinType="{kind}" NullBin="{null}" Rows="2" Columns="3">
  <Bin BinCode="{good}" BinQuality="Pass" BinCount="3"/>
  <Data>
   <Row><![CDATA[{first}]]></Row>
   <Row>{second}</Row>
  </Data>
 </Device>
</Map>
"""


def put(folder, text, name="map.xml"):
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def noted(path, **recipe):
    return ProbeMap(map=str(path), **recipe).effect(WORK, None).note


@pytest.mark.skipif(not DATA.is_dir(), reason="the shared maps are not here")
@pytest.mark.parametrize("name", ["SEMI_G85_1101_ALL.xml", "SEMI_G85_1101_MIN.xml"])
def test_a_published_map_gives_its_good_dies(name):
    found = read_wafer_map(DATA / name)
    assert found.tally() == {"00": 2765, "AD": 5, "DE": 38}
    figures = noted(DATA / name).figures
    assert (figures["good_count"], figures["probed_count"]) == (2765, 2808)
    assert figures["probe_yield_pct"] == pytest.approx(100 * 2765 / 2808)
    assert noted(DATA / name, good_bins="00, AD").figures["good_count"] == 2770


@pytest.mark.parametrize(
    ("kind", "null", "good", "first", "second"),
    [
        ("Ascii", ".", "1", ".11", "2 1 ."),
        ("HexaDecimal", "ff", "01", "FF0101", "0201FF"),
        ("Decimal", "255", "001", "255001001", "002001255"),
        ("Integer2", "FFFF", "0001", "FFFF00010001", "00020001FFFF"),
    ],
)
def test_every_width_of_bins(tmp_path, kind, null, good, first, second):
    path = put(tmp_path, G85.format(kind=kind, null=null, good=good, first=first, second=second))
    found = read_wafer_map(path)
    assert sorted(found.bins) == [(0, 1), (1, 0), (1, 1), (2, 0)]
    note = noted(path)
    assert (note.figures["good_count"], note.warnings) == (3, ())


def test_a_map_that_contradicts_itself_is_told(tmp_path):
    path = put(tmp_path, G85.format(kind="Ascii", null=".", good="1", first=".11", second=".1."))
    assert noted(path).warnings == ()
    path = put(tmp_path, G85.format(kind="Ascii", null=".", good="1", first=".11", second="..."))
    (told,) = noted(path).warnings
    assert "2 dies in bin 1, the file says 3" in told


def test_a_table_of_dies(tmp_path):
    path = put(tmp_path, "bin,x,y,note\n1,0,0,a\n1,1,0,b\n\n7,-1,2,c\n", "map.csv")
    assert read_wafer_map(path).bins == {(0, 0): "1", (1, 0): "1", (-1, 2): "7"}
    assert noted(path).figures["probe_yield_pct"] == pytest.approx(200 / 3)
    assert noted(path, good_bins="7").figures["good_count"] == 1


BOMB = '<!DOCTYPE m [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]>\n<Map><Device/></Map>'
OUTSIDE = '<?xml version="1.0"?>\n<!DOCTYPE m SYSTEM "file:///etc/passwd">\n<Map/>'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x,y\n1,2\n", "m:1: no column bin"),
        ("x,y,bin\n0,0,1\n1,a,1\n", "m:3: x and y must be whole numbers"),
        ("x,y,bin\n0,0,1\n0,0,2\n", "m:3: die 0, 0 occurs twice"),
        ("x,y,bin\n0,0\n", "m:2: 2 cells"),
        ("x,y,bin\n0,0,\n", "m:2: a die without a bin"),
        ("x,y,bin\n", "no die in the map"),
        ("", "m:1: no column"),
        ("<Map><Device></Map>", "m:1: mismatched tag"),
        ("<Map/>", "not a SEMI G85 map"),
        (BOMB, "m:1: document types and entities are refused"),
        (OUTSIDE, "m:2: document types and entities are refused"),
        ("<Map>\n<Row>11</Row></Map>", "m:2: a Row outside of Device"),
        ('<Map><Device BinType="Octal"/></Map>', "BinType 'octal'"),
        ('<Map><Device Columns="3">\n<Row>11</Row></Device></Map>', "m:2: a row of 2 characters, 3 bins of 1 need 3"),
        ('<Map><Device Columns="-3">\n<Row>11</Row></Device></Map>', "Columns must be a whole number"),
        ('<Map><Device Rows="2"><Row>11</Row></Device></Map>', "1 rows where Rows says 2"),
        ("<Map><Device/><Device/></Map>", "one wafer per file"),
        ("<Map><Device><Bin/></Device></Map>", "a Bin without BinCode"),
    ],
)
def test_what_can_not_be_read_is_refused_with_file_and_line(tmp_path, text, said):
    path = put(tmp_path, text, "m")
    with pytest.raises(MapError) as caught:
        read_wafer_map(path)
    assert said in str(caught.value)
    with pytest.raises(StepError, match="the probe map can't be used") as refused:
        noted(path)
    assert refused.value.option == "map"
    assert str(path) in refused.value.what


def test_files_that_are_no_maps(tmp_path):
    with pytest.raises(MapError, match="can't be read"):
        read_wafer_map(tmp_path / "absent.csv")
    (tmp_path / "binary").write_bytes(b"\x00\xff\xfe")
    with pytest.raises(MapError, match="neither UTF-8 text nor XML"):
        read_wafer_map(tmp_path / "binary")
    with (tmp_path / "large").open("wb") as handle:
        handle.truncate(MOST_BYTES + 1)
    with pytest.raises(MapError, match="larger than 20 MB"):
        read_wafer_map(tmp_path / "large")


def test_bins_nobody_knows_are_refused(tmp_path):
    path = put(tmp_path, "x,y,bin\n0,0,A\n", "m.csv")
    with pytest.raises(StepError, match="does not say which bins are good"):
        noted(path)
    with pytest.raises(StepError, match="no die has bin 9") as caught:
        noted(path, good_bins="9")
    assert "A" in caught.value.limit


def test_without_a_map_every_die_counts():
    (told,) = ProbeMap().effect(WORK, None).note.warnings
    assert "every die counts" in told
    assert ProbeMap(test_s=2.0, sites_count=4.0).time_s(Batch(300, 1000, 1, 1, 1, 1, 1)) == 500.0


def test_a_map_without_a_good_die_says_so(tmp_path):
    found = noted(put(tmp_path, "x,y,bin\n0,0,1\n1,0,2\n1,1,7\n", "a.csv"), good_bins="7")
    assert not any("no die" in text for text in found.warnings)
    text = G85.format(kind="Ascii", null=".", good="1", first="XX.", second=".XX")
    assert any("no die of the 4 is good" in said for said in noted(put(tmp_path, text)).warnings)
