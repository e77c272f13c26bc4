"""Read a wafer map: which die is good. CSV (x, y, bin) and SEMI G85 XML, bounded and without entities."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn
from xml.parsers import expat

MOST_BYTES = 20_000_000
MOST_DIES = 2_000_000
_DIGITS = {"ascii": 1, "decimal": 3, "hexadecimal": 2, "integer2": 4}  # characters per bin, by SEMI G85 BinType
_COLUMNS = ("x", "y", "bin")


class MapError(ValueError):
    """A wafer map that can't be understood; the text names file and line."""

    def __init__(self, place: str, line: int | None, what: str) -> None:
        super().__init__(f"{place}{'' if line is None else f':{line}'}: {what}")


@dataclass(frozen=True, slots=True)
class WaferMap:
    """The dies of one wafer by column and row, with the bin of each; places without a die are left out.

    `passing` are the bins the file itself calls good; `counts` the number of dies per bin the file claims.
    """

    bins: Mapping[tuple[int, int], str]
    passing: frozenset[str] = frozenset()
    wafer: str = ""
    counts: Mapping[str, int] = field(default_factory=dict)

    def tally(self) -> dict[str, int]:
        """Return how many dies each bin has, sorted by bin."""
        found: dict[str, int] = {}
        for name in self.bins.values():
            found[name] = found.get(name, 0) + 1
        return dict(sorted(found.items()))


def read_wafer_map(path: Path) -> WaferMap:
    """Return the map in a file, XML by its first character, else CSV; MapError names file and line."""
    try:
        with path.open("rb") as handle:
            data = handle.read(MOST_BYTES + 1)
    except OSError as error:
        raise MapError(str(path), None, f"can't be read: {error.strerror or error}") from None
    if len(data) > MOST_BYTES:
        raise MapError(str(path), None, f"larger than {MOST_BYTES // 1_000_000} MB")
    if data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        return _read_g85(data, str(path))
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise MapError(str(path), None, "neither UTF-8 text nor XML") from None
    return _read_csv(text, str(path))


def _read_csv(text: str, place: str) -> WaferMap:
    """Return the map of a table with the columns x, y, bin (in any order, others are ignored)."""
    rows = csv.reader(io.StringIO(text, newline=""))
    head = [name.strip().casefold() for name in next(rows, [])]
    missing = [name for name in _COLUMNS if name not in head]
    if missing:
        raise MapError(place, 1, f"no column {', '.join(missing)}; needed are {', '.join(_COLUMNS)}")
    columns = [head.index(name) for name in _COLUMNS]
    bins: dict[tuple[int, int], str] = {}
    try:
        for row in rows:
            if not any(cell.strip() for cell in row):
                continue
            _put(bins, _csv_die(row, columns, place, rows.line_num), place, rows.line_num)
    except csv.Error as error:
        raise MapError(place, rows.line_num, str(error)) from None
    if not bins:
        raise MapError(place, None, "no die in the map")
    return WaferMap(bins)


def _csv_die(row: list[str], columns: list[int], place: str, line: int) -> tuple[tuple[int, int], str]:
    if len(row) <= max(columns):
        raise MapError(place, line, f"{len(row)} cells, too few for x, y and bin")
    x, y, name = (row[column].strip() for column in columns)
    try:
        where = (int(x), int(y))
    except ValueError:
        raise MapError(place, line, f"x and y must be whole numbers, not '{x}', '{y}'") from None
    if not name:
        raise MapError(place, line, "a die without a bin")
    return where, name


def _put(bins: dict[tuple[int, int], str], die: tuple[tuple[int, int], str], place: str, line: int | None) -> None:
    (x, y), name = die
    if (x, y) in bins:
        raise MapError(place, line, f"die {x}, {y} occurs twice")
    if len(bins) >= MOST_DIES:
        raise MapError(place, line, f"more than {MOST_DIES} dies")
    bins[x, y] = name


def _read_g85(data: bytes, place: str) -> WaferMap:
    """Return the map of a SEMI G85 file: fixed-width bins, one row per <Row>, counted from the top left as 0, 0."""
    reader = _G85(place)
    try:
        reader.parser.Parse(data, True)
    except expat.ExpatError as error:
        raise MapError(place, error.lineno, expat.errors.messages.get(error.code, "not well-formed XML")) from None
    return reader.done()


class _G85:
    """Takes a SEMI G85 file in as its XML is read."""

    def __init__(self, place: str) -> None:
        self.place = place
        self.bins: dict[tuple[int, int], str] = {}
        self.passing: set[str] = set()
        self.counts: dict[str, int] = {}
        self.device: dict[str, str] | None = None
        self.wafer = ""
        self.rows = 0
        self._text: list[str] | None = None
        self.parser: Any = expat.ParserCreate()
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._characters
        self.parser.StartDoctypeDeclHandler = self._refuse
        self.parser.EntityDeclHandler = self._refuse
        self.parser.ExternalEntityRefHandler = self._refuse

    def done(self) -> WaferMap:
        """Return the map; MapError when rows are missing."""
        if self.device is None or not self.bins:
            self._fail("no die: not a SEMI G85 map", at=None)
        claimed = self._number(self.device, "Rows", self.rows)
        if claimed != self.rows:
            self._fail(f"{self.rows} rows where Rows says {claimed}", at=None)
        return WaferMap(self.bins, frozenset(self.passing), self.wafer, dict(sorted(self.counts.items())))

    def _fail(self, what: str, at: int | None = -1) -> NoReturn:
        raise MapError(self.place, self.parser.CurrentLineNumber if at == -1 else at, what)

    def _refuse(self, *_: Any) -> NoReturn:
        self._fail("document types and entities are refused")

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        name = tag.rpartition(":")[2]
        if name == "Map":
            self.wafer = attributes.get("WaferId", attributes.get("SubstrateId", ""))
        elif name == "Device":
            if self.device is not None:
                self._fail("a second Device: one wafer per file")
            self.device = attributes
            self._width()
        elif name == "Bin":
            self._bin(attributes)
        elif name == "Row":
            if self.device is None:
                self._fail("a Row outside of Device")
            self._text = []

    def _characters(self, text: str) -> None:
        if self._text is not None:
            self._text.append(text)

    def _end(self, tag: str) -> None:
        if tag.rpartition(":")[2] == "Row" and self._text is not None:
            self._row("".join("".join(self._text).split()))
            self._text = None

    def _bin(self, attributes: dict[str, str]) -> None:
        code = attributes.get("BinCode", "")
        if not code:
            self._fail("a Bin without BinCode")
        if attributes.get("BinQuality", "").casefold() == "pass":
            self.passing.add(code)
        if "BinCount" in attributes:
            self.counts[code] = self._number(attributes, "BinCount", 0)

    def _row(self, cells: str) -> None:
        """Take in one row of bins."""
        assert self.device is not None
        width = self._width()
        columns = self._number(self.device, "Columns", len(cells) // width)
        if len(cells) != columns * width:
            self._fail(f"a row of {len(cells)} characters, {columns} bins of {width} need {columns * width}")
        null = self.device.get("NullBin", "")
        for x in range(columns):
            name = cells[x * width : (x + 1) * width]
            if name.casefold() != null.casefold():
                _put(self.bins, ((x, self.rows), name), self.place, self.parser.CurrentLineNumber)
        self.rows += 1

    def _width(self) -> int:
        kind = (self.device or {}).get("BinType", "Ascii").casefold()
        if kind not in _DIGITS:
            self._fail(f"BinType '{kind}' is none of {', '.join(sorted(_DIGITS))}")
        return _DIGITS[kind]

    def _number(self, attributes: Mapping[str, str], key: str, default: int) -> int:
        given = attributes.get(key)
        if given is None:
            return default
        if not given.isdigit() or len(given) > 9:
            self._fail(f"{key} must be a whole number, not '{given[:40]}'")
        return int(given)
