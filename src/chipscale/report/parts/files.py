"""The files that go with the report, with their hashes."""

from __future__ import annotations

from chipscale.report.input import ReportInput
from chipscale.report.markup import tag
from chipscale.report.parts.frame import Cell, Column, Section, table
from chipscale.report.wording import file_size

_WHAT = (
    ("layout.gds", "all masks of one die, GDSII"),
    ("layout.oas", "all masks of one die, OASIS"),
    ("wafer.oas", "masks stepped over the wafer, OASIS"),
    (".lyrdb", "places of violations for KLayout"),
    ("package.step", "solid model, STEP"),
    ("package.glb", "3D model, glTF binary"),
    ("footprint.kicad_mod", "land pattern, KiCad"),
    (".kicad_mod", "land pattern, KiCad"),
    (".kicad_sym", "schematic symbol, KiCad"),
    ("balls.csv", "ball list"),
    ("wafer_map.json", "places of the dies on the wafer, JSON"),
    ("outline.svg", "dimensioned drawing, SVG"),
    ("outline.pdf", "dimensioned drawing, PDF"),
    ("manifest.json", "list of files with hashes"),
    ("report.html", "this report"),
    (".yaml", "package file"),
    (".json", "results, JSON"),
    (".npz", "fields of results, NumPy"),
)


def files(data: ReportInput) -> Section | None:
    """Return the list of files; None when there are none."""
    if not data.files:
        return None
    rows = [
        [
            tag("code", entry.name),
            entry.what or _what(entry.name),
            Cell(file_size(entry.size_bytes), entry.size_bytes),
            tag("code", entry.sha256, class_="hash"),
        ]
        for entry in data.files
    ]
    columns = [Column("File"), Column("What it is"), Column("Size", True), Column("SHA-256")]
    return Section("files", "Files", table("Files of this design", columns, rows, sortable=len(rows) > 8))


def _what(name: str) -> str:
    """Return what a file is, from its name."""
    if name.startswith("film/"):
        return "cross-section after a step of the process, SVG"
    return next((words for end, words in _WHAT if name.endswith(end)), "")
