"""The film of the process: what a cross-section shows after every step of the flow, and what that step changed."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import shapely

from chipscale.errors import InputError
from chipscale.layout.types import Layout
from chipscale.package.types import FlowStep, Package
from chipscale.process.flow import Flow, plan, run
from chipscale.process.flows import flow_of
from chipscale.process.masks import Masks
from chipscale.process.questions.film_cut import CutLine, near, section_along
from chipscale.process.step import Step
from chipscale.process.work import Note, Work
from chipscale.results import Progress
from chipscale.stack.section import SectionPiece
from chipscale.stack.types import Body, Slab, Stack

GRID_UM = 1e-4  # corners of faces lie on it, so that neighbouring faces of one film join without a seam
REACHES_UM = (120.0, 600.0)  # how far beside the line masks are looked at; more when that is not enough
THIN_UM = 0.002  # a change less than this wide is rounding
SAME_UM = 1e-6  # heights that differ by less are the same
LATENT = "latent"  # the layer's second word where light has worked on it and the developer has not
TURNED = "flipped"  # the state a step makes that turns the wafer over


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture of the film: the step, what it told, the faces of the cut after it, and what has changed.

    `pieces` holds one face per connected shape of a layer and material, (s_um, z_um) from the line's start; z grows
    towards the side that lies up. `came` are the faces that are new, `went` those in whose place is nothing now.
    """

    place: int  # of the step in the flow, from 1
    label: str
    kind: str
    title: str  # what the kind of step is called
    tool: str
    figures: Mapping[str, float]  # by name with unit
    warnings: tuple[str, ...]
    pieces: tuple[SectionPiece, ...]
    came: tuple[SectionPiece, ...] = ()
    went: tuple[SectionPiece, ...] = ()
    turned: bool = False  # this step turned the wafer over: nothing came or went, the picture is upside down

    @property
    def changed(self) -> bool:
        """True when the picture differs from the one before."""
        return self.turned or bool(self.came or self.went)


def frames(
    package: Package,
    layout: Layout,
    line: CutLine,
    *,
    flow: Flow | None = None,
    whole: Stack | None = None,
    notes: Sequence[Note] | None = None,
    progress: Progress | None = None,
) -> tuple[Frame, ...]:
    """Return what the cut along `line` (µm, ball-side view) shows after each step of the flow.

    Default is the package's own flow. It is run on the masks near the line. `whole` is the stack the flow makes
    of all masks: where the films' heights at the line are not the same there, more masks are taken, at last all.
    `notes` are what the steps told when run on all masks, one per step (`whole_notes`): figures like the open area
    are those of the whole die only then.
    Raises InputError as `flow.plan` and `flow.run` do.
    """
    steps = plan(flow or flow_of(package))
    size = (layout.size_x_um, layout.size_y_um)
    start = Work(package.name, *size)
    film = None
    for reach_um in REACHES_UM:
        try:
            film = _filmed(steps, start, Masks(near(layout, line, reach_um)), line, progress)
        except InputError:  # what a step looks for may lie farther away
            continue
        if whole is None or _same_heights(film[-1].pieces, _at_line(whole, line)):
            break
        film = None
    if film is None:
        film = _filmed(steps, start, Masks(layout), line, progress)
    return film if notes is None else _told(film, notes)


def whole_notes(package: Package, layout: Layout, flow: Flow | None = None) -> tuple[Note, ...]:
    """Return what each step of the flow told when run on all masks."""
    steps = plan(flow or flow_of(package))
    start = Work(package.name, layout.size_x_um, layout.size_y_um)
    return tuple(work.note for _, work in run(steps, start, Masks(layout)))


def _told(film: Sequence[Frame], notes: Sequence[Note]) -> tuple[Frame, ...]:
    """Return the film with these notes in place of its own."""
    return tuple(
        dataclasses.replace(frame, figures=dict(note.figures), warnings=note.warnings)
        for frame, note in zip(film, notes, strict=True)
    )


def _filmed(
    steps: tuple[tuple[FlowStep, Step], ...], work: Work, masks: Masks, line: CutLine, progress: Progress | None
) -> tuple[Frame, ...]:
    """Return one frame per step."""
    turns = [TURNED in step.makes for _, step in steps]
    film: list[Frame] = []
    before: dict[_Face, Any] = {}
    cutter = _Cutter()
    for index, (spec, after) in enumerate(run(steps, work, masks)):
        step = steps[index][1]
        odd = sum(turns[index + 1 :]) % 2 == 1
        now = cutter.faces(after, _mirrored(line, work.size_x_um) if odd else line)
        turned = turns[index]
        came, went = ((), ()) if turned else (_came(now, before), _less(before, now, _all(now)))
        note = after.note
        film.append(
            Frame(
                index + 1,
                spec.title,
                spec.step,
                step.title,
                step.tool,
                dict(note.figures),
                note.warnings,
                _pieces(now),
                came,
                went,
                turned,
            )
        )
        before = now
        if progress is not None:
            progress((index + 1) / len(steps), spec.title)
    return tuple(film)


def _mirrored(line: CutLine, size_x_um: float) -> CutLine:
    """Return the line as it lies on the wafer before it is turned over."""
    return tuple((size_x_um - x, y) for x, y in line)


_Face = tuple[str, str, str | None]  # layer, material, net


class _Cutter:
    """Cuts workpieces; a body that stayed is not cut again."""

    def __init__(self) -> None:
        self._cut: dict[tuple[int, CutLine], tuple[Body, tuple[SectionPiece, ...]]] = {}
        self._seed: tuple[Any, Any] = (None, None)  # which film it is, its face as it was laid

    def faces(self, work: Work, line: CutLine) -> dict[_Face, Any]:
        """Return the region each layer, material and net takes in the cut, in the order they were made."""
        self._forget(work)
        parts: dict[_Face, list[Any]] = {}
        for body in work.bodies:
            for piece in self._of(body, line):
                parts.setdefault((piece.layer, piece.material, piece.net), []).append(_region(piece))
        stands = shapely.union_all([part for found in parts.values() for part in found], grid_size=GRID_UM)
        for piece in _section(work, work.passing(), line):
            parts.setdefault((piece.layer, piece.material, piece.net), []).append(_region(piece))
        faces = {face: shapely.union_all(found, grid_size=GRID_UM) for face, found in parts.items()}
        seed = self._seed_face(work, line, stands)
        return faces | _latent(work, line) | seed

    def _of(self, body: Body, line: CutLine) -> tuple[SectionPiece, ...]:
        key = (id(body), line)
        if key not in self._cut:
            self._cut[key] = (body, section_along(Stack("", 0.0, 0.0, (body,)), line))
        return self._cut[key][1]

    def _forget(self, work: Work) -> None:
        """Drop what was kept of bodies that are gone (their id may be given to another body)."""
        alive = {id(body) for body in work.bodies}
        self._cut = {key: kept for key, kept in self._cut.items() if key[0] in alive}

    def _seed_face(self, work: Work, line: CutLine, stands: Any) -> dict[_Face, Any]:
        """Return the seed as it was laid, less what has been plated on it; it is no body of the workpiece."""
        film = work.blanket
        if film is None or not film.is_seed:
            self._seed = (None, None)
            return {}
        kind = (film.material, film.thickness_um, line)
        if self._seed[0] != kind:
            layers, _ = work.front.covered(film.thickness_um, film.wall_thickness_um)
            bodies = tuple(Slab("seed", "SEED", film.material, *layer) for layer in layers)
            laid = [_region(piece) for piece in _section(work, bodies, line)]
            self._seed = (kind, shapely.union_all(laid, grid_size=GRID_UM))
        return {("SEED", film.material, None): shapely.difference(self._seed[1], stands, grid_size=GRID_UM)}


def _latent(work: Work, line: CutLine) -> dict[_Face, Any]:
    """Return what the developer will take of a coat that was exposed and is not developed yet."""
    coat = work.coat
    if coat is None or coat.exposed is None or coat.opened is not None:
        return {}
    layers = work.coat_layers(coat.exposed)
    bodies = tuple(Slab("latent", coat.layer, coat.material, *layer) for layer in layers)
    region = shapely.union_all([_region(piece) for piece in _section(work, bodies, line)], grid_size=GRID_UM)
    return {(f"{coat.layer} {LATENT}", coat.material, None): region}


def _section(work: Work, bodies: Sequence[Body], line: CutLine) -> tuple[SectionPiece, ...]:
    return section_along(Stack(work.name, work.size_x_um, work.size_y_um, tuple(bodies)), line)


def _region(piece: SectionPiece) -> Any:
    return shapely.make_valid(shapely.Polygon(piece.polygon, piece.holes))


def _all(faces: dict[_Face, Any]) -> Any:
    """Return everything that stands in the cut."""
    return shapely.union_all(list(faces.values()), grid_size=GRID_UM)


def _less(these: dict[_Face, Any], those: dict[_Face, Any], ground: Any = None) -> tuple[SectionPiece, ...]:
    """Return what of these faces is not in those, whatever its net, nor (it was replaced) in `ground`."""
    left = {}
    for face, region in these.items():
        others = [other for key, other in those.items() if key[:2] == face[:2]]
        if any(shapely.equals_exact(region, other, 0.0) for other in others):
            continue
        left[face] = shapely.difference(region, shapely.union_all(others), grid_size=GRID_UM) if others else region
        if ground is not None:
            left[face] = shapely.difference(left[face], ground, grid_size=GRID_UM)
    return _pieces(left)


def _came(now: dict[_Face, Any], before: dict[_Face, Any]) -> tuple[SectionPiece, ...]:
    """Return what is new. A resist that lies there already does not grow: it is only drawn down to what it lies on."""
    lying = {layer for layer, _, _ in before if layer == "RESIST"}
    return tuple(piece for piece in _less(now, before) if piece.layer not in lying)


def _pieces(faces: dict[_Face, Any]) -> tuple[SectionPiece, ...]:
    """Return the faces' polygons that are wider than rounding."""
    found = []
    for (layer, material, net), region in faces.items():
        for part in shapely.get_parts(region):
            if part.geom_type != "Polygon" or 2 * part.area <= THIN_UM * part.length:
                continue
            holes = tuple(shapely.get_coordinates(ring)[:-1] for ring in part.interiors)
            outline = shapely.get_coordinates(part.exterior)[:-1]
            found.append(SectionPiece(layer, layer, material, net, outline, holes))
    return tuple(found)


def _at_line(stack: Stack, line: CutLine) -> tuple[SectionPiece, ...]:
    """Return the section of the whole stack, looking only at bodies whose box the line meets."""
    cut = shapely.LineString(line)
    near_line = [
        body
        for body in stack.bodies
        if not isinstance(body, Slab) or shapely.intersects(shapely.envelope(body.bottom), cut)
    ]
    return section_along(Stack(stack.name, stack.size_x_um, stack.size_y_um, tuple(near_line)), line)


def _same_heights(film: Sequence[SectionPiece], whole: Sequence[SectionPiece]) -> bool:
    """True when every layer lies between the same heights in both."""
    spans = [_spans(pieces) for pieces in (film, whole)]
    if set(spans[0]) != set(spans[1]):
        return False
    return all(
        abs(a - b) <= GRID_UM + SAME_UM
        for layer, span in spans[0].items()
        for a, b in zip(span, spans[1][layer], strict=True)
    )


def _spans(pieces: Sequence[SectionPiece]) -> dict[str, tuple[float, float]]:
    found: dict[str, tuple[float, float]] = {}
    for piece in pieces:
        low, high = float(piece.polygon[:, 1].min()), float(piece.polygon[:, 1].max())
        a, b = found.get(piece.layer, (low, high))
        found[piece.layer] = (min(a, low), max(b, high))
    return found
