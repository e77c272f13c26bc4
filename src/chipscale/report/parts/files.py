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
            entry.what or next((words for end, words in _WHAT if entry.name.endswith(end)), ""),
            Cell(file_size(entry.size_bytes), entry.size_bytes),
            tag("code", entry.sha256, class_="hash"),
        ]
        for entry in data.files
    ]
    columns = [Column("File"), Column("What it is"), Column("Size", True), Column("SHA-256")]
    return Section("files", "Files", table("Files of this design", columns, rows, sortable=len(rows) > 8))
