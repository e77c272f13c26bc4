"""Write frequencies and ratios in sentences the way people read them: 2 GHz, 160 times, never 1.6e+02."""

from __future__ import annotations

from decimal import Decimal

_UNITS = ((1e9, "GHz"), (1e6, "MHz"), (1e3, "kHz"))


def plain(value: float, digits: int = 3) -> str:
    """Return a number of so many significant digits without an exponent.

    >>> plain(163.2, 2), plain(0.00123), plain(4.0)
    ('160', '0.00123', '4')
    """
    text = format(Decimal(f"{value:.{digits - 1}e}"), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def frequency_words(f_Hz: float, digits: int = 3) -> str:
    """Return a frequency in the unit people use.

    >>> frequency_words(2e9), frequency_words(4.8204e8), frequency_words(50.0)
    ('2 GHz', '482 MHz', '50 Hz')
    """
    size, unit = next(((size, unit) for size, unit in _UNITS if f_Hz >= size), (1.0, "Hz"))
    return f"{plain(f_Hz / size, digits)} {unit}"
