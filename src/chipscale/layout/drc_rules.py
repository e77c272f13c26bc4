"""How each design rule is measured on the masks: one small function per kind of rule, one table for all rules."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from chipscale.layout import drc_measure as measure
from chipscale.layout.drc_grooves import GROOVE_CHECKS
from chipscale.layout.drc_measure import Finding, Measured
from chipscale.layout.drc_shapes import MaskShapes
from chipscale.package.types import RuleSet

# (shapes, rules, limit, tolerance) -> [(layer, figure)]; no entry: no shapes the rule speaks of
Check = Callable[[MaskShapes, RuleSet, float, float], list[tuple[str, Measured]]]


def _width(layer: str, shapes: MaskShapes, rules: RuleSet, limit: float, tol: float) -> list[tuple[str, Measured]]:
    return [
        (name, measure.width(shapes.region(name), limit, tol))
        for name in _layers(layer, shapes)
        if not shapes.region(name).is_empty()
    ]


def _space(layer: str, shapes: MaskShapes, rules: RuleSet, limit: float, tol: float) -> list[tuple[str, Measured]]:
    return [
        (name, measure.space(shapes.region(name), limit, tol))
        for name in _layers(layer, shapes)
        if not shapes.region(name).is_empty()
    ]


def _slits(shapes: MaskShapes, rules: RuleSet, limit: float, tol: float) -> list[tuple[str, Measured]]:
    return [(name, measure.slits(shapes.region(name), limit, tol)) for name in shapes.metals]


def _enclosure(
    outer: str, inner: str, shapes: MaskShapes, rules: RuleSet, limit: float, tol: float
) -> list[tuple[str, Measured]]:
    inside = shapes.region(inner)
    if inside.is_empty():
        return []
    return [
        (name, measure.enclosure(shapes.region(name), inside, limit, tol)) for name in _layers(outer, shapes, inner)
    ]


def _separation(
    first: str, second: str, shapes: MaskShapes, rules: RuleSet, limit: float, tol: float
) -> list[tuple[str, Measured]]:
    a, b = shapes.region(first), shapes.region(second)
    return [] if a.is_empty() or b.is_empty() else [(first, measure.separation(a, b, limit, tol))]


def _in_ring(layer: str, shapes: MaskShapes, rules: RuleSet, limit: float, tol: float) -> list[tuple[str, Measured]]:
    """Distance of a layer to the outer edge of the seal ring, from inside."""
    ring = shapes.ring()
    if ring.is_empty():
        return []
    return [
        (name, measure.enclosure(ring, shapes.region(name), limit, tol))
        for name in _layers(layer, shapes)
        if not shapes.region(name).is_empty()
    ]


def _around(
    outer: str, inner: str, shapes: MaskShapes, rules: RuleSet, limit: float, tol: float
) -> list[tuple[str, Measured]]:
    if shapes.region(inner).is_empty() or (outer == "LAND" and shapes.on_pads):
        return []
    name = shapes.land if outer == "LAND" else outer
    return [(name, measure.around_centers(shapes.region(name), shapes.region(inner), limit, tol))]


def _other_net(shapes: MaskShapes, rules: RuleSet, limit: float, tol: float) -> list[tuple[str, Measured]]:
    """Space between first- and last-dielectric openings that belong to different pieces of metal."""
    found = _separation("PI1", "PI2", shapes, rules, limit, tol)
    kept = []
    for layer, figure in found:
        low = tuple(item for item in figure.findings if not _same_piece(shapes, item, "PI1", "PI2"))
        least = min((item.value for item in low), default=None)
        kept.append((layer, Measured(least, low, figure.beyond)))
    return kept


def _same_piece(shapes: MaskShapes, finding: Finding, first: str, second: str) -> bool:
    """Tell whether both edges of a finding are of one connected piece; overlaps join pieces only by accident."""
    middles = [((edge[0] + edge[2]) / 2.0, (edge[1] + edge[3]) / 2.0) for edge in finding.edges]
    numbers = [shapes.piece_at(layer, *at) for layer, at in zip((first, second), middles, strict=True)]
    return numbers[0] is not None and numbers[0] == numbers[1]


def _wide_space(shapes: MaskShapes, rules: RuleSet, limit: float, tol: float) -> list[tuple[str, Measured]]:
    """Space to metal at least `rdl_wide_width_um` wide along runs longer than `rdl_wide_run_um`."""
    import klayout.db as db

    half = round(rules.values.get("rdl_wide_width_um", 0.0) * 500.0)
    run = round(rules.values.get("rdl_wide_run_um", 0.0) * 1000.0)
    found = []
    for name in shapes.metals:
        metal = shapes.region(name)
        wide = (metal.sized(-half + 1).sized(half - 1) & metal).merged().edges() if half > 1 else metal.edges()

        def probe(d: int, metal: Any = metal, wide: Any = wide) -> Any:
            pairs = metal.isolated_check(d, False, db.Region.Projection, None, run + 1)
            kept = db.EdgePairs()
            for pair in pairs.each():
                if not wide.interacting(db.Edges([pair.first, pair.second])).is_empty():
                    kept.insert(pair)
            return kept

        found.append((name, measure.measure(probe, limit, tol)))
    return found


def _pad_enclosure(shapes: MaskShapes, rules: RuleSet, limit: float, tol: float) -> list[tuple[str, Measured]]:
    """Metal beyond the connected pads under it; metal that carries a ball is excepted."""
    metal, pads = _without_balls(shapes)
    pads = pads.interacting(shapes.region("PI1")).interacting(metal)
    return [] if pads.is_empty() else [("RDL", measure.enclosure(metal, pads, limit, tol))]


def _pad_space(shapes: MaskShapes, rules: RuleSet, limit: float, tol: float) -> list[tuple[str, Measured]]:
    """Metal to pads it has no opening to; metal that carries a ball is excepted."""
    metal, pads = _without_balls(shapes)
    pads = pads.not_interacting(shapes.region("PI1") & metal)
    if pads.is_empty() or metal.is_empty():
        return []
    return [("RDL", measure.separation(metal, pads, limit, tol))]


def _without_balls(shapes: MaskShapes) -> tuple[Any, Any]:
    return shapes.region("RDL").not_interacting(shapes.region("PI2")), shapes.region("PAD")


def _pad_opening(shapes: MaskShapes, rules: RuleSet, limit: float, tol: float) -> list[tuple[str, Measured]]:
    """Pad metal beyond the first opening over it; where balls stand on pads that is the last dielectric's."""
    return _enclosure("PAD", "PI2" if shapes.on_pads else "PI1", shapes, rules, limit, tol)


def _nested(shapes: MaskShapes, rules: RuleSet, limit: float, tol: float) -> list[tuple[str, Measured]]:
    """Last-dielectric opening beyond first-dielectric openings it lies over."""
    under = shapes.region("PI1").interacting(shapes.region("PI2"))
    return [] if under.is_empty() else [("PI2", measure.enclosure(shapes.region("PI2"), under, limit, tol))]


def _center_to_ring(shapes: MaskShapes, rules: RuleSet, limit: float, tol: float) -> list[tuple[str, Measured]]:
    centers, ring = _centers(shapes.region("UBM")), shapes.ring()
    if not len(centers) or ring.is_empty():
        return []
    edges = [measure.edge_of(edge) for edge in ring.edges().each()]
    lines = np.array(edges)
    start, along = lines[:, :2], lines[:, 2:] - lines[:, :2]
    steps = centers[:, None, :] - start[None, :, :]
    part = np.clip((steps * along).sum(axis=2) / (along**2).sum(axis=1), 0.0, 1.0)
    gaps = np.hypot(*np.moveaxis(steps - part[:, :, None] * along, 2, 0))
    best = gaps.argmin(axis=1)
    figures = [
        Finding(float(gaps[row, col]), float(x), float(y), ((x, y, x, y), edges[col]))
        for row, (col, (x, y)) in enumerate(zip(best, centers.tolist(), strict=True))
    ]
    return [("UBM", _below(figures, limit, tol))]


def _pitch(shapes: MaskShapes, rules: RuleSet, limit: float, tol: float) -> list[tuple[str, Measured]]:
    """Distance of each ball's centre to its nearest neighbour's."""
    centers = _centers(shapes.raw("BALL"))
    if len(centers) < 2:
        return []
    from scipy.spatial import cKDTree

    distance, nearest = cKDTree(centers).query(centers, k=2)
    figures = []
    for index, (gap, other) in enumerate(zip(distance[:, 1], nearest[:, 1], strict=True)):
        if index < other or nearest[other, 1] != index:
            (x1, y1), (x2, y2) = centers[index], centers[other]
            spots = ((x1, y1, x1, y1), (x2, y2, x2, y2))
            figures.append(Finding(float(gap), float((x1 + x2) / 2), float((y1 + y2) / 2), spots))
    return [("BALL", _below(figures, limit, tol))]


def _die_side(which: str, shapes: MaskShapes, rules: RuleSet, limit: float, tol: float) -> list[tuple[str, Measured]]:
    """Short or long side of the die, least or most (`which`: min_short, max_long...)."""
    box = shapes.region("OUTLINE").bbox()
    if box.empty():
        return []
    sides = sorted((box.width() / 1000.0, box.height() / 1000.0))
    value = sides[0] if which.endswith("short") else sides[1]
    bad = value < limit - tol if which.startswith("min") else value > limit + tol
    at = Finding(value, box.center().x / 1000.0, box.center().y / 1000.0)
    return [("OUTLINE", Measured(value, (at,) if bad else ()))]


def _below(figures: list[Finding], limit: float, tol: float) -> Measured:
    low = sorted((item for item in figures if item.value < limit - tol), key=lambda item: (item.value, item.x_um))
    return Measured(min((item.value for item in figures), default=None), tuple(low))


def _centers(region: Any) -> Any:
    """Return the centres (n, 2) in µm of a region's polygons, sorted; a shape drawn twice counts once."""
    boxes = [polygon.bbox() for polygon in region.each()]
    spots = sorted({((box.left + box.right) / 2000.0, (box.bottom + box.top) / 2000.0) for box in boxes})
    return np.array(spots).reshape(-1, 2)


def _layers(layer: str, shapes: MaskShapes, inner: str = "") -> tuple[str, ...]:
    """Return the layers a rule on `layer` speaks of: METAL is every redistribution layer, LAND the topmost."""
    if layer == "METAL":
        return ("RDL", "RDL2") if inner == "VIA" else shapes.metals
    if layer == "LAND":
        return () if shapes.on_pads else (shapes.land,)
    return (layer,)


CHECKS: dict[str, Check] = {
    "pi1_min_width_um": partial(_width, "PI1"),
    "pi1_min_space_um": partial(_space, "PI1"),
    "pad_enc_pi1_um": _pad_opening,
    "rdl_min_width_um": partial(_width, "METAL"),
    "rdl_min_space_um": partial(_space, "METAL"),
    "rdl_notch_min_um": _slits,
    "rdl_wide_space_um": _wide_space,
    "rdl_enc_pi1_um": partial(_enclosure, "RDL", "PI1"),
    "rdl_pad_min_width_um": partial(_around, "RDL", "PI1"),
    "rdl_enc_pad_um": _pad_enclosure,
    "rdl_to_pad_space_um": _pad_space,
    "rdl_to_sealring_outer_um": partial(_in_ring, "METAL"),
    "via_min_width_um": partial(_width, "VIA"),
    "via_min_space_um": partial(_space, "VIA"),
    "rdl_enc_via_um": partial(_enclosure, "METAL", "VIA"),
    "pi2_min_width_um": partial(_width, "PI2"),
    "pi2_min_space_um": partial(_space, "PI2"),
    "pi2_to_sealring_outer_um": partial(_in_ring, "PI2"),
    "pi1_pi2_min_space_um": partial(_separation, "PI1", "PI2"),
    "pi1_pi2_diff_net_space_um": _other_net,
    "pi2_enc_pi1_um": _nested,
    "pi2_min_remaining_ratio": lambda shapes, rules, limit, tol: (
        [] if shapes.region("PI2").is_empty() else [("PI2", measure.remaining(shapes.region("PI2"), limit))]
    ),
    "rdl_enc_pi2_um": partial(_enclosure, "LAND", "PI2"),
    "land_min_width_um": partial(_around, "LAND", "PI2"),
    "ubm_min_width_um": partial(_width, "UBM"),
    "ubm_min_space_um": partial(_space, "UBM"),
    "ubm_enc_pi2_um": partial(_enclosure, "UBM", "PI2"),
    "rdl_enc_ubm_um": partial(_enclosure, "LAND", "UBM"),
    "pi1_ubm_min_space_um": partial(_separation, "PI1", "UBM"),
    "ubm_center_to_sealring_outer_um": _center_to_ring,
    "bump_min_width_um": partial(_width, "BALL"),
    "bump_pitch_um": _pitch,
    "bump_min_space_um": partial(_space, "BALL"),
    "bump_to_sealring_outer_um": partial(_in_ring, "BALL"),
    "die_min_short_um": partial(_die_side, "min_short"),
    "die_min_long_um": partial(_die_side, "min_long"),
    "die_max_short_um": partial(_die_side, "max_short"),
    "die_max_long_um": partial(_die_side, "max_long"),
} | GROOVE_CHECKS
PARAMETERS = ("rdl_wide_width_um", "rdl_wide_run_um")  # rules that only say where another one holds
