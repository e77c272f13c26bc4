from __future__ import annotations

from pathlib import Path

import klayout.db as kdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chipscale.errors import InputError
from chipscale.package.pads import read_pad_source, read_pads
from chipscale.package.pads.def_file import read_def
from chipscale.package.pads.lef import read_lef
from chipscale.package.pads.lef_def_pads import pad_box
from chipscale.package.pads.placement import ORIENTATIONS

LEF = """# pad cells
VERSION 5.8 ;
BUSBITCHARS "[]" ;
UNITS
  DATABASE MICRONS 1000 ;
END UNITS
PROPERTYDEFINITIONS
  MACRO CatenaDesignType STRING ;
END PROPERTYDEFINITIONS
LAYER met5
  TYPE ROUTING ;
END met5
SITE pad
  SIZE 1 BY 80 ;
END pad
MACRO io_pad
  CLASS PAD INOUT ;
  FOREIGN io_pad 5 -3 N ;
  ORIGIN 5 -3 ;
  SIZE 80 BY 198 ;
  SYMMETRY X Y R90 ;
  PIN PAD
    DIRECTION INOUT ; USE SIGNAL ;
    ANTENNAMODEL OXIDE1 ;
    PORT
      LAYER met4 ;
        RECT 0 100 10 101 ;
      LAYER met5 ;
        RECT MASK 1 6.2 105.5 40 167.98 ;
        RECT 40 105.5 68.8 167.98 ;
        RECT 0 3 2 4 ;
    END
  END PAD
  PIN OUT
    PORT
      LAYER met1 ; RECT 0 3 1 4 ;
    END
  END OUT
  OBS
    LAYER met4 ; RECT -5 3 75 201 ;
  END
END io_pad
MACRO vdd_pad
  CLASS PAD POWER ; SIZE 75 BY 198 ;
  PIN VDD_PAD
    PORT LAYER met5 ; POLYGON 20 100 60 100 70 110 70 150 20 160 ; END
  END VDD_PAD
END vdd_pad
MACRO nand CLASS CORE ; SIZE 2 BY 3 ; PIN A PORT LAYER met1 ; RECT 0 0 1 1 ; END END A END nand
END LIBRARY
"""


def def_text(units: int = 1000, low: tuple[int, int] = (0, 0)) -> str:
    def at(x: float, y: float) -> str:
        return f"( {round((x + low[0]) * units)} {round((y + low[1]) * units)} )"

    cells = "\n".join(
        f"- ring.u\\[{i}\\] io_pad + SOURCE DIST + {('PLACED', 'FIXED')[i % 2]} {at(100 + 300 * i, 50.005)} {turn} ;"
        for i, turn in enumerate(ORIENTATIONS)
    )
    return f"""VERSION 5.8 ;
DIVIDERCHAR "/" ;
BUSBITCHARS "[]" ;
DESIGN chip ;
UNITS DISTANCE MICRONS {units} ;
DIEAREA {at(0, 0)} {at(3000, 2000)} ;
ROW r0 pad 0 0 N DO 1 BY 1 STEP 0 0 ;
TRACKS X 0 DO 10 STEP 400 LAYER met5 ;
VIAS 1 ;
- v1 + RECT met4 ( 0 0 ) ( 10 10 ) ;
END VIAS
COMPONENTS 11 ;
{cells}
- core/u1 nand + PLACED {at(1500, 1500)} N ;
- vdd0 vdd_pad + FIXED {at(100, 1700)} N ;
END COMPONENTS
PINS 2 ;
- io\\[7\\] + NET io\\[7\\] + DIRECTION INOUT + USE SIGNAL
  + PORT + LAYER met5 ( {-units} {-units} ) ( {units} {units} ) + FIXED {at(100 + 300 * 7 + 60, 50 + 40)} N ;
- clk + NET clk + DIRECTION INPUT ;
END PINS
SPECIALNETS 1 ;
- vdd ( * VDD_PAD ) + USE POWER + ROUTED met5 1000 + SHAPE STRIPE ( 0 0 ) ( 0 1000 ) ;
END SPECIALNETS
NETS 9 ;
- a_long_net
  ( PIN a ) ( ring.u\\[0\\] PAD ) ( core/u1 A )
  + ROUTED met5 ( 0 0 ) ( * 1000 ) NEW met5 ( 1 1 ) ( 2 * ) ;
- io\\[1\\] ( ring.u\\[1\\] PAD ) ( PIN io\\[1\\] ) ;
- n2 ( ring.u\\[2\\] OUT ) ( core/u1 A ) ;
END NETS
END DESIGN
"""


def files(folder: Path, lef: str = LEF, text: str | None = None) -> None:
    (folder / "pads.lef").write_text(lef)
    (folder / "chip.def").write_text(def_text() if text is None else text)


SOURCE = "{lef: pads.lef, def: chip.def}"
SIZE = (3000, 2000)


def test_names_nets_and_lines(tmp_path, design):
    files(tmp_path)
    source = read_pad_source(design(SOURCE, SIZE))
    nets = {pad.name: pad.net for pad in source.pads}
    assert nets == {
        "ring.u[0]": "a_long_net",
        "ring.u[1]": "io[1]",
        "ring.u[2]": None,
        **{f"ring.u[{i}]": None for i in range(3, 7)},
        "ring.u[7]": "io[7]",
    }
    assert (
        source.lines["ring.u[1]"]
        == def_text().splitlines().index(next(line for line in def_text().splitlines() if "u\\[1\\] io_pad" in line))
        + 1
    )
    assert [item.what for item in source.assumptions] == ["pad pin"]


def klayout_pins(folder: Path) -> list[tuple[float, ...]]:
    """Return the boxes of the pins' pieces on met5 as klayout's own LEF/DEF reader places them."""
    options = kdb.LoadLayoutOptions()
    config = options.lefdef_config
    config.lef_files = [str(folder / "pads.lef")]
    config.read_lef_with_def = False
    config.produce_pins = False
    config.produce_routing = False
    config.produce_special_routing = False
    config.produce_lef_pins = True
    config.macro_resolution_mode = 1
    config.dbu = 0.001
    options.lefdef_config = config
    layout = kdb.Layout()
    layout.read(str(folder / "chip.def"), options)
    boxes = []
    for index in layout.layer_indexes():
        if layout.get_info(index).name.startswith("met5"):
            region = kdb.Region(layout.top_cell().begin_shapes_rec(index)).merged()
            boxes += [polygon.bbox().to_dtype(layout.dbu) for polygon in region.each()]
    return sorted(
        (round(box.left, 3), round(box.bottom, 3), round(box.right, 3), round(box.top, 3))
        for box in boxes
        if box.width() > 10
    )


@pytest.mark.parametrize("units", [1000, 2000])
def test_same_geometry_as_klayouts_reader_in_all_orientations(tmp_path, design, units):
    files(tmp_path, text=def_text(units))
    pads = read_pads(design("{lef: pads.lef, def: chip.def, pin: '*PAD'}", SIZE))
    ours = sorted(
        tuple(
            round(value, 3)
            for value in (
                pad.x_um - pad.size_x_um / 2,
                pad.y_um - pad.size_y_um / 2,
                pad.x_um + pad.size_x_um / 2,
                pad.y_um + pad.size_y_um / 2,
            )
        )
        for pad in pads
    )
    theirs = klayout_pins(tmp_path)
    assert len(theirs) == 9
    assert ours == [pytest.approx(box, abs=0.0011) for box in theirs]


def test_pin_patterns_and_macro_filter(tmp_path, design):
    files(tmp_path)
    pads = read_pads(design("{lef: [pads.lef], def: chip.def, pin: '*_PAD', macros: ['vdd*']}", SIZE))
    assert [(pad.name, pad.x_um, pad.y_um, pad.size_x_um, pad.size_y_um, pad.net) for pad in pads] == [
        ("vdd0", 145.0, 1830.0, 50.0, 60.0, "vdd")
    ]


def fails(design, pads: str, size: tuple[float, float] = SIZE) -> list[str]:
    with pytest.raises(InputError) as error:
        read_pads(design(pads, size))
    return [f"{item.code} {item.line} {item.what} / {item.value} {item.remedy}" for item in error.value.problems]


def test_lef_without_the_pin_lists_its_pins(tmp_path, design):
    files(tmp_path)
    (said,) = fails(design, "{lef: pads.lef, def: chip.def, pin: PADD, macros: [io_pad]}")
    assert said.startswith("lef.no_pin 6 macro 'io_pad' has no pin 'PADD'")
    assert "did you mean 'PAD'? its pins: OUT, PAD" in said
    said = fails(design, "{lef: pads.lef, def: chip.def, pin: BUMP}")
    assert [text.split()[0] for text in said] == ["lef.no_pin"] * 3
    (said,) = fails(design, "{lef: pads.lef, def: chip.def, macros: [iopad]}")
    assert "lef.no_macro" in said
    assert "did you mean 'io_pad'" in said


def test_half_a_source(tmp_path, design):
    files(tmp_path)
    assert "'lef' needs 'def'" in fails(design, "{lef: pads.lef}")[0]
    assert "'def' needs 'lef'" in fails(design, "{def: chip.def}")[0]
    assert "more than one source" in fails(design, "{lef: pads.lef, def: chip.def, csv: p.csv}")[0]
    assert "no source of pads" in fails(design, "{size_x_um: 60}")[0]
    said = fails(design, "{csv: pads.csv, pin: PAD, pad_layer: 1/0}")
    assert len(said) == 2
    assert "this key belongs to lef + def" in said[0]


def test_files_that_are_cut_off(tmp_path, design):
    files(tmp_path, lef=LEF[: LEF.index("END OUT")])
    (said,) = fails(design, SOURCE)
    assert said.startswith("lefdef.truncated")
    files(tmp_path, text=def_text()[: def_text().index("END NETS")])
    assert fails(design, SOURCE)[0].startswith("lefdef.truncated")
    files(tmp_path, text=def_text().replace("END DESIGN", ""))
    assert fails(design, SOURCE)[0].startswith("lefdef.truncated")


def test_damage_names_the_line(tmp_path, design):
    files(tmp_path, lef=LEF.replace("6.2 105.5", "6.2u 105.5"))
    (said,) = fails(design, SOURCE)
    assert said.startswith("lefdef.number 29 '6.2u' is not a number")
    files(tmp_path, text=def_text().replace(" FS ;", " R90 ;"))
    (said,) = fails(design, SOURCE)
    assert said.startswith("def.placement 18 ")
    files(tmp_path, lef="pad,x_um,y_um\n")
    assert fails(design, SOURCE)[0].startswith("lefdef.truncated")
    files(tmp_path, lef="VERSION 5.8 ;\nEND LIBRARY\n")
    assert fails(design, SOURCE)[0].startswith("lef.empty")
    assert fails(design, "{lef: no.lef, def: chip.def}")[0].startswith("file.missing")


def test_unplaced_pads_and_two_nets(tmp_path, design):
    text = def_text().replace("- vdd0 vdd_pad + FIXED ( 100000 1700000 ) N", "- vdd0 vdd_pad + UNPLACED")
    files(tmp_path, text=text.replace("- n2 ( ring.u\\[2\\] OUT )", "- n2 ( ring.u\\[1\\] PAD )"))
    said = fails(design, "{lef: pads.lef, def: chip.def, pin: '*PAD'}")
    assert [text.split()[0] for text in said] == ["def.two_nets", "def.unplaced"]
    assert "io[1], n2" in said[0]


def test_die_area_against_the_die(tmp_path, design):
    files(tmp_path, text=def_text(low=(-40, 25)))
    base = read_pads(design(SOURCE, SIZE))
    files(tmp_path)
    assert read_pads(design(SOURCE, SIZE)) == base
    ringed = read_pad_source(design(SOURCE, (3060, 2040)))
    assert ringed.pads[0].x_um == pytest.approx(base[0].x_um + 30)
    assert ringed.pads[0].y_um == pytest.approx(base[0].y_um + 20)
    assert "place of the DEF on the die" in {item.what for item in ringed.assumptions}
    moved = read_pads(design("{lef: pads.lef, def: chip.def, offset_x_um: 1}", (3060, 2040)))
    assert moved[0].x_um == pytest.approx(base[0].x_um + 1)
    for size in ((2900, 2000), (4000, 2000)):
        (said,) = fails(design, SOURCE, size)
        assert said.startswith("def.die_area 4")
        assert "set die.size_x_um: 3000 and die.size_y_um: 2000" in said


def test_largest_touching_piece_is_the_pad():
    assert pad_box([("m", (0, 0, 1, 1)), ("m", (5, 0, 6, 9)), ("m", (6, 0, 9, 9)), ("n", (0, 0, 2, 2))]) == (5, 0, 9, 9)
    assert pad_box([]) is None


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_any_damage_reads_or_is_explained(tmp_path_factory, data):
    lef, text = bytearray(LEF.encode()), bytearray(def_text().encode())
    target = data.draw(st.sampled_from([lef, text]))
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(target) - 1))
        target[at : at + data.draw(st.integers(0, 20))] = data.draw(st.binary(max_size=4))
    folder = tmp_path_factory.mktemp("lefdef")
    (folder / "a.lef").write_bytes(bytes(lef))
    (folder / "a.def").write_bytes(bytes(text))
    found = []
    try:
        macros = read_lef(folder / "a.lef")
        read_def(folder / "a.def", lambda name: name in macros)
    except InputError as error:
        found = error.problems
    assert all(problem.what and problem.file for problem in found)
