"""What the report is made of: one frozen object that holds a design's parts, results and files."""

from __future__ import annotations

from dataclasses import dataclass, field

from chipscale.assembly.land_pattern import LandPattern
from chipscale.layout.types import Layout
from chipscale.layout.wafer_map import WaferMap
from chipscale.package.types import Package
from chipscale.process.questions.film import Frame
from chipscale.process.questions.film_cut import CutLine
from chipscale.results import Result
from chipscale.stack.section import SectionPiece
from chipscale.stack.types import Stack


@dataclass(frozen=True, slots=True)
class FileEntry:
    """A delivered file: its name inside the output folder, its size and its content's sha256 (hex)."""

    name: str
    size_bytes: int
    sha256: str
    what: str = ""  # one line for people; found from the name when empty


@dataclass(frozen=True, slots=True)
class SectionCut:
    """A cut through the stack along a line of the die view, and the pieces `stack.section.section` returned for it."""

    start_um: tuple[float, float]
    end_um: tuple[float, float]
    pieces: tuple[SectionPiece, ...]
    title: str = ""


@dataclass(frozen=True, slots=True)
class ReportInput:
    """Everything the report shows. What is None or empty is left out or named as not made; nothing is computed anew."""

    package: Package
    layout: Layout
    stack: Stack | None = None
    glb: bytes | None = None
    results: dict[str, Result] = field(default_factory=dict)
    only_shown: frozenset[str] = frozenset()  # results that inform and do not decide whether the design is good
    wafer: WaferMap | None = None
    sections: tuple[SectionCut, ...] = ()
    film: tuple[Frame, ...] = ()  # the cross-section after every step of the process
    film_line_um: CutLine | None = None
    outline_svg: str = ""
    footprint: LandPattern | None = None
    footprint_name: str = ""  # the name in the board library (IPC-7351)
    files: tuple[FileEntry, ...] = ()
    versions: dict[str, str] = field(default_factory=dict)  # program or library -> version
    pictures: dict[str, str] = field(default_factory=dict)  # title -> SVG text, of the worst DRC places
    commands: tuple[str, ...] = ()  # what to type to make this again
