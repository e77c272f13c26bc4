"""Read a Touchstone file of version 1.x or 2.0 back into S-parameters."""

from __future__ import annotations

import math
import re
from pathlib import Path

import numpy as np

from chipscale.errors import InputError, Problem
from chipscale.physics.electrical.models.touchstone import Array, Complex, Touchstone

_UNITS = {"hz": 1.0, "khz": 1e3, "mhz": 1e6, "ghz": 1e9}
_PORT = re.compile(r"!\s*Port\[(\d+)\]\s*=\s*(.*\S)")
_KEYWORD = re.compile(r"\[([^\]]+)\]\s*(.*)")


def read_touchstone(path: Path) -> Touchstone:
    """Return the S-parameters of a file written by us or by another tool; InputError where it can't be understood.

    Read are single-ended S-parameters as real and imaginary part, magnitude or decibel and angle, in any frequency
    unit; of version 2.0 full, lower and upper matrices. Names come from comments `! Port[1] = name`.
    """
    text = path.read_text(encoding="ascii", errors="replace")
    kind = re.fullmatch(r"\.s(\d+)p", path.suffix.lower())
    return read_text(text, int(kind[1]) if kind else 0, str(path))


def read_text(text: str, ports_count: int = 0, file: str = "") -> Touchstone:
    """Return the S-parameters of a file's text; `ports_count` is what its ending says (version 2.0 needs none)."""
    parts = _Parts(file)
    for number, line in enumerate(text.splitlines(), start=1):
        parts.take(line, number)
    return parts.result(ports_count)


class _Parts:
    """What has been read so far, line by line."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.words: dict[str, str] = {}
        self.option = ["ghz", "s", "ma", "50"]
        self.has_option = False
        self.numbers: list[float] = []
        self.references: list[float] = []
        self.names: dict[int, str] = {}
        self.notes: list[str] = []
        self.section = "data"

    def take(self, line: str, number: int) -> None:
        named = _PORT.match(line.strip())
        if named:
            self.names[int(named[1])] = named[2]
        elif line.startswith("! ") and not self.numbers:
            self.notes.append(line[2:])
        content = line.partition("!")[0].strip()
        if not content or self.section == "end":
            return
        keyword = _KEYWORD.match(content)
        if keyword:
            content = self._keyword(keyword[1].strip().lower(), keyword[2].strip())
            if not content:
                return
        if content.startswith("#"):
            if not self.has_option:  # only the first option line counts
                self._options(content[1:].lower().split(), number)
            return
        into = self.references if self.section == "reference" else self.numbers
        try:
            into += [float(word) for word in content.split()]
        except ValueError:
            self._refuse("not a number", content, number)

    def _keyword(self, name: str, rest: str) -> str:
        """Note a keyword of version 2.0; return what follows it on the line as data."""
        self.words[name] = rest
        self.section = {"reference": "reference", "end": "end"}.get(name, "data")
        return rest if name == "reference" else ""

    def _options(self, words: list[str], number: int) -> None:
        self.has_option = True
        while words:
            word = words.pop(0)
            if word in _UNITS:
                self.option[0] = word
            elif word in ("s", "y", "z", "g", "h"):
                self.option[1] = word
            elif word in ("ri", "ma", "db"):
                self.option[2] = word
            elif word == "r" and words:
                self.option[3] = words.pop(0)
            else:
                self._refuse("unknown word in the option line", word, number)
        if self.option[1] != "s":
            self._refuse("only S-parameters are read", self.option[1], number)

    def result(self, ports_count: int) -> Touchstone:
        count = int(self.words.get("number of ports", ports_count) or 0)
        if not self.has_option:
            self._refuse("there is no option line", "")
        if count < 1:
            self._refuse("how many ports there are is not told", "", remedy="name the file .s4p for four ports")
        if self.words.get("version", "2.0") not in ("2.0", "2.1"):
            self._refuse("unknown version", self.words["version"])
        if "mixed-mode order" in self.words or "noise data" in self.words:
            self._refuse("mixed-mode and noise data are not read", "")
        form = self.words.get("matrix format", "full").lower()
        entries = count * count if form == "full" else count * (count + 1) // 2
        data = np.array(self.numbers)
        if len(data) == 0 or len(data) % (1 + 2 * entries):
            what = f"{len(data)} numbers are no whole count of matrices of {count} ports"
            self._refuse(what, "", limit=f"1 + {2 * entries} a frequency")
        rows = data.reshape(-1, 1 + 2 * entries)
        f_Hz = rows[:, 0] * _UNITS[self.option[0]]
        told = self.words.get("number of frequencies")
        if told is not None and int(told) != len(f_Hz):
            self._refuse("another number of frequencies than told", str(len(f_Hz)), limit=told)
        if np.any(np.diff(f_Hz) <= 0.0):
            self._refuse("frequencies do not rise", "")
        values = _complex(rows[:, 1::2], rows[:, 2::2], self.option[2])
        s = _square(values, count, form, self._columns_first(count))
        z0_ohm = np.array(self.references or [float(self.option[3])] * count)
        if len(z0_ohm) != count:
            self._refuse("not one reference a port", str(len(z0_ohm)), limit=str(count))
        names = tuple(self.names.get(k, f"port {k}") for k in range(1, count + 1))
        return Touchstone(names, f_Hz, s, z0_ohm, tuple(self.notes))

    def _columns_first(self, count: int) -> bool:
        if count != 2:
            return False
        return "version" not in self.words or self.words.get("two-port data order", "") == "21_12"

    def _refuse(self, what: str, value: str, line: int | None = None, **more: str) -> None:
        raise InputError([Problem("touchstone.read", what, file=self.file, line=line, value=value, **more)])


def _complex(one: Array, two: Array, form: str) -> Complex:
    if form == "ri":
        return one + 1j * two
    size = 10.0 ** (one / 20.0) if form == "db" else one
    return np.asarray(size * np.exp(1j * math.pi / 180.0 * two))


def _square(values: Complex, count: int, form: str, columns_first: bool) -> Complex:
    """Return (k, n, n) of the values in the file's order."""
    if form == "full":
        s = values.reshape(-1, count, count)
        return np.swapaxes(s, 1, 2) if columns_first else s
    s = np.zeros((len(values), count, count), dtype=complex)
    row, column = np.tril_indices(count) if form == "lower" else np.triu_indices(count)
    s[:, row, column] = values
    s[:, column, row] = values
    return s
