"""The symbol library, read back by kiutils."""

from dataclasses import replace

import pytest

from chipscale.assembly.deliver import write_board_files
from chipscale.assembly.kicad_symbol import symbol_text, write_symbol
from chipscale.assembly.symbol_pins import natural, units
from chipscale.spec.model import Board


def read(package, folder):
    from kiutils.symbol import SymbolLib

    path = folder / "symbol.kicad_sym"
    write_symbol(package, path)
    [symbol] = SymbolLib.from_file(str(path)).symbols
    return symbol


def test_every_ball_is_a_pin_with_its_board_net(caravel_package, tmp_path):
    symbol = read(caravel_package, tmp_path)
    [unit] = symbol.units
    pins = {pin.number: pin for pin in unit.pins}
    assert len(unit.pins) == len(pins) == 60
    assert pins["B10"].name == "~{RST}"
    assert pins["D10"].name == "Caravel_D0"
    assert {pins[ball].electricalType for ball in ("A10", "F10", "C4")} == {"power_in"}
    assert pins["B10"].electricalType == "bidirectional"


def test_supplies_are_above_and_below_and_signals_at_the_sides(caravel_package, tmp_path):
    [unit] = read(caravel_package, tmp_path).units
    for pin in unit.pins:
        power, ground = pin.name.startswith(("vdd", "vcc")), pin.name == "GND"
        angle = 270 if power else 90 if ground else (0 if pin.position.X < 0 else 180)
        assert pin.position.angle == angle, pin.name


@pytest.mark.parametrize(("cols", "rows"), [(1, 1), (2, 2), (6, 10), (12, 12), (26, 26)])
def test_no_pin_lies_on_another_and_all_are_on_the_grid(make_package, cols, rows):
    package = make_package(cols, rows)
    for box in units(package):
        places = [(pin.x_mm, pin.y_mm) for pin in box.pins]
        assert len(places) == len(set(places))
        for x, y in places:
            assert x / 1.27 == pytest.approx(round(x / 1.27), abs=1e-6)
            assert y / 1.27 == pytest.approx(round(y / 1.27), abs=1e-6)
            assert abs(x) <= box.half_width_mm + 2.55
            assert abs(y) <= box.half_height_mm + 2.55


def test_large_packages_are_split_into_units(make_package, tmp_path):
    package = make_package(26, 26)
    symbol = read(package, tmp_path)
    numbers = [pin.number for unit in symbol.units for pin in unit.pins]
    assert sorted(numbers) == sorted(ball.name for ball in package.balls)
    assert len(symbol.units) == 12  # 672 signals by 64, and the supplies
    assert max(len(unit.pins) for unit in symbol.units) == 64
    assert {pin.electricalType for pin in symbol.units[-1].pins} == {"power_in"}
    assert [unit.unitId for unit in symbol.units] == list(range(1, 13))


def test_names_are_escaped_and_unconnected_balls_say_so(make_package, tmp_path):
    package = make_package()
    strange = [replace(package.balls[10], net=None), replace(package.balls[11], doc_name='SDA/MOSI "x"')]
    balls = (*package.balls[:10], *strange, *package.balls[12:])
    [unit] = read(replace(package, name="chip/1", balls=balls), tmp_path).units
    pins = {pin.number: pin for pin in unit.pins}
    assert (pins["C3"].name, pins["C3"].electricalType) == ("NC", "no_connect")
    assert pins["C4"].name == 'SDA/MOSI_"x"'
    assert 'symbol "chip{slash}1"' in symbol_text(replace(package, name="chip/1"))


def test_numbers_in_names_count_as_numbers():
    assert sorted(["io[10]", "io[2]", "clk"], key=natural) == ["clk", "io[2]", "io[10]"]


def test_symbol_and_footprint_find_each_other(make_package, tmp_path):
    package = make_package()
    write_board_files(package, Board(), tmp_path, "package.step")
    [footprint] = tmp_path.glob("sample.pretty/*.kicad_mod")
    assert f'"sample:{footprint.stem}"' in (tmp_path / "symbol.kicad_sym").read_text(encoding="utf-8")
    assert footprint.read_bytes() == (tmp_path / "footprint.kicad_mod").read_bytes()
    assert (tmp_path / "balls.csv").read_text(encoding="utf-8").count("\n") == 17
