"""Say numbers and metric names the way people read them: grouped digits, the unit's symbol, words for names."""

from __future__ import annotations

import math

from chipscale.units import unit_of

THIN = "\u202f"  # narrow no-break space: between groups of digits and before a unit
MINUS = "\u2212"
_UPPER = {"drc", "lvs", "csp", "rdl", "pi1", "pi2", "ubm", "rms", "cte", "ipc", "jedec", "gds", "a1", "io"}
_HERTZ = ((1e9, "G"), (1e6, "M"), (1e3, "k"))
_UPPER |= {"qfn", "bga", "fc", "wlcsp", "dc", "next", "fext"}


def number(value: float | int | str | None, digits: int = 4) -> str:
    """Return a number with `digits` significant figures (all digits of integers), thousands grouped.

    >>> number(70967.65, 7).replace(THIN, " ")
    '70 967.65'
    >>> number(0.0012346), number(1e-6)
    ('0.001235', '1e−6')
    """
    if value is None:
        return "–"
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "yes" if value else "no"
    if not math.isfinite(value):
        return "–" if math.isnan(value) else ("∞" if value > 0 else f"{MINUS}∞")
    if float(value).is_integer() and abs(value) < 1e15:
        return _grouped(str(int(value)))
    size = math.floor(math.log10(abs(value)))
    if size < -4 or size >= 15:
        mantissa, power = f"{value:.{max(digits - 1, 0)}e}".split("e")
        mantissa = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
        return f"{mantissa}e{int(power)}".replace("-", MINUS)
    decimals = max(0, digits - 1 - size)
    text = f"{value:.{decimals}f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return _grouped(text)


def _grouped(text: str) -> str:
    sign = MINUS if text.startswith("-") else ""
    whole, dot, rest = text.lstrip("-").partition(".")
    whole = f"{int(whole):,}".replace(",", THIN)
    return sign + whole + dot + rest


def fixed(value: float | None, decimals: int) -> str:
    """Return a number with exactly `decimals` places, grouped; columns of these line up.

    >>> fixed(12.5, 2)
    '12.50'
    """
    if value is None or not math.isfinite(value):
        return "–"
    text = f"{value:.{decimals}f}"
    return _grouped(text if float(text) != 0 else text.lstrip("-"))


def with_unit(value: float | str | None, name: str, digits: int = 4) -> str:
    """Return the value of the metric `name` with its unit.

    >>> with_unit(67412.4, "layout.wiring.wire_um", 5).replace(THIN, " ")
    '67 412 µm'
    >>> with_unit(5446693488.0, "holds_to_Hz").replace(THIN, " ")
    '5.447 GHz'
    """
    if value is None or isinstance(value, str):
        return number(value)
    unit = unit_of(name)
    if unit is not None and unit.suffix == "Hz":
        size, prefix = next(((size, prefix) for size, prefix in _HERTZ if abs(value) >= size), (1.0, ""))
        return f"{number(value / size, digits)}{THIN}{prefix}Hz"
    return f"{number(value, digits)}{unit_symbol(name)}"


def unit_symbol(name: str) -> str:
    """Return the unit of a metric with the space before it, or nothing for plain numbers."""
    unit = unit_of(name)
    return f"{THIN}{unit.symbol}" if unit is not None and unit.symbol else ""


def words(name: str) -> str:
    """Return a metric's or rule's name in words, without its unit.

    >>> words("layout.drc.rdl_min_space_um")
    'RDL min space'
    """
    last = name.rsplit(".", 1)[-1]
    unit = unit_of(name)
    if unit is not None and unit.suffix != "ratio" and last.endswith("_" + unit.suffix):
        last = last[: -len(unit.suffix) - 1]
    text = " ".join(part.upper() if part in _UPPER else part for part in last.split("_"))
    text = "frequency" if text == "f" else text
    return text[:1].upper() + text[1:]


def count(number_of: int | float, one: str, many: str = "") -> str:
    """Return a count with its noun.

    >>> count(1, "ball"), count(60, "ball")
    ('1\u202fball', '60\u202fballs')
    """
    noun = one if number_of == 1 else (many or one + "s")
    return f"{number(int(number_of))}{THIN}{noun}"


def file_size(size_bytes: int) -> str:
    """Return a file's size in B, kB or MB (powers of ten)."""
    if size_bytes < 1000:
        return f"{size_bytes}{THIN}B"
    if size_bytes < 1_000_000:
        return f"{size_bytes / 1e3:.1f}{THIN}kB"
    return f"{size_bytes / 1e6:.2f}{THIN}MB"


def frequency(f_Hz: float) -> str:
    """Return a frequency in the unit people use: 1 GHz, 500 MHz."""
    for size, unit in ((1e9, "GHz"), (1e6, "MHz"), (1e3, "kHz")):
        if f_Hz >= size:
            return f"{number(f_Hz / size, 4)}{THIN}{unit}"
    return f"{number(f_Hz, 4)}{THIN}Hz"
