"""Gather what a design answered and write its drawing and its report."""

from __future__ import annotations

import platform
import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from chipscale import __version__
from chipscale.assembly.ipc7351 import name as ipc_name
from chipscale.assembly.land_pattern import land_pattern
from chipscale.layout.draw_grooves import groove_line
from chipscale.layout.pictures import violation_pictures, worst
from chipscale.layout.wafer_map import wafer_map
from chipscale.output import MANIFEST, file_facts
from chipscale.process.questions.film import Frame, frames, whole_notes
from chipscale.process.questions.film_cut import CutLine, cut_line, section_along
from chipscale.process.work import Note
from chipscale.report.film_files import write_film
from chipscale.report.html import write_report
from chipscale.report.input import FileEntry, ReportInput, SectionCut
from chipscale.report.outline import write_outline
from chipscale.results import Result
from chipscale.stack.glb import glb_bytes
from chipscale.stack.section import section

if TYPE_CHECKING:
    from chipscale.design import Design

LIBRARIES = ("numpy", "scipy", "numba", "shapely", "klayout", "matplotlib")


def publish(design: Design, folder: Path, with_html: bool = True) -> None:
    """Write outline.svg, outline.pdf, film/*.svg and report.html into `folder`, beside the design's other files."""
    design.progress(0.85, "outline drawing")
    write_outline(design.package, folder / "outline.svg")
    write_outline(design.package, folder / "outline.pdf")
    design.progress(0.88, "film of the process")
    film = film_of(design)
    write_film(film, folder)
    if with_html:
        write_html(design, folder / "report.html", folder, film)


def write_html(design: Design, path: Path, folder: Path | None = None, film: tuple[Frame, ...] | None = None) -> Path:
    """Write the report of a design to `path`; `folder` is where its other files are, if they were written.

    `film` saves the time to film the process again.
    """
    design.progress(0.9, "report")
    return write_report(report_input(design, folder, film), path)


def film_of(design: Design) -> tuple[Frame, ...]:
    """Return the cross-section after every step of the design's process."""
    line = cut_line(design.package, design.layout)
    return frames(design.package, design.layout, line, whole=design.stack, notes=_notes(design))


def _notes(design: Design) -> tuple[Note, ...]:
    """Return what every step told when run on the whole die."""
    told = design.results(shown=True).get("process.flow")
    if told is None:
        return whole_notes(design.package, design.layout)
    return tuple(Note(row["figures"], tuple(row["warnings"])) for row in told.tables["steps"])


def report_input(design: Design, folder: Path | None = None, film: tuple[Frame, ...] | None = None) -> ReportInput:
    """Return everything the report shows of a design, computed or from the cache."""
    results = design.results(shown=True)
    line = cut_line(design.package, design.layout)
    stem = f"{design.source.path}"
    return ReportInput(
        package=design.package,
        layout=design.layout,
        stack=design.stack,
        glb=glb_bytes(design.stack),
        results=results,
        only_shown=_only_shown(design),
        wafer=wafer_map((design.package.die.size_x_um, design.package.die.size_y_um), design.spec.wafer),
        sections=_cuts(design, line),
        film=film_of(design) if film is None else film,
        film_line_um=line,
        outline_svg=_outline_svg(design),
        footprint=land_pattern(design.package, design.spec.board),
        footprint_name=ipc_name(design.package),
        files=_files(folder) if folder is not None else (),
        versions={"chipscale": __version__, "python": platform.python_version()}
        | {name: version(name) for name in LIBRARIES},
        pictures=_pictures(design, results["layout.drc"]),
        commands=(f"chipscale check {stem}", f"chipscale build {stem}"),
    )


def _only_shown(design: Design) -> frozenset[str]:
    """Return the analyses a check of the design does not ask: those no target names."""
    from chipscale.design import SHOWN

    return frozenset(SHOWN) - {target.rpartition(".")[0] for target in design.spec.targets}


def _outline_svg(design: Design) -> str:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "outline.svg"
        write_outline(design.package, path)
        return path.read_text(encoding="utf-8")


def _pictures(design: Design, drc: Result, count: int = 6) -> dict[str, str]:
    titles = [f"{place + 1}. {marker['rule']}" for place, marker in enumerate(worst(drc, count))]
    return dict(zip(titles, violation_pictures(design.layout, drc, count), strict=True))


def _files(folder: Path) -> tuple[FileEntry, ...]:
    entries = []
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.name not in (MANIFEST, "report.html"):
            facts = file_facts(path)
            entries.append(FileEntry(path.relative_to(folder).as_posix(), facts["bytes"], facts["sha256"]))
    return tuple(entries)


def _cuts(design: Design, line: CutLine) -> tuple[SectionCut, ...]:
    """Return the cuts: along the row of balls nearest the middle, along the film's line from pad to ball, and where
    there are grooves across one of them."""
    package = design.package
    size_x, size_y = package.die.size_x_um, package.die.size_y_um
    y_um = min((ball.y_um for ball in package.balls), key=lambda y: (abs(y - size_y / 2), y))
    row = ((0.0, y_um), (size_x, y_um))
    cuts = [SectionCut(*row, section(design.stack, *row), f"through the row of balls at y = {y_um:g} µm")]
    if package.pads:
        title = "along a wire from its bond pad to its ball" + (", unrolled at its bends" if len(line) > 2 else "")
        cuts.append(SectionCut(line[0], line[-1], section_along(design.stack, line), title))
    if package.grooves is not None:
        name, start, end = groove_line(package, package.grooves)
        cuts.append(SectionCut(start, end, section(design.stack, start, end), f"across the groove, through pad {name}"))
    return tuple(cuts)
