"""How the rules of a package with grooves are measured: grooves, cavity wall, cut pads, the metal in them, the mask."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from chipscale.layout import drc_measure as measure
from chipscale.layout.drc_measure import Finding, Measured
from chipscale.layout.drc_shapes import MaskShapes
from chipscale.layout.edge_contact import cut_contacts
from chipscale.package.types import RuleSet

Check = Callable[[MaskShapes, RuleSet, float, float], list[tuple[str, Measured]]]
_Found = list[tuple[str, Measured]]


def _width(layer: str, shapes: MaskShapes, rules: RuleSet, limit: float, tol: float) -> _Found:
    region = shapes.region(layer)
    return [] if region.is_empty() else [(layer, measure.width(region, limit, tol))]


def _space(layer: str, shapes: MaskShapes, rules: RuleSet, limit: float, tol: float) -> _Found:
    region = shapes.region(layer)
    return [] if region.is_empty() else [(layer, measure.space(region, limit, tol))]


def _apart(first: str, second: str, shapes: MaskShapes, rules: RuleSet, limit: float, tol: float) -> _Found:
    a, b = shapes.region(first), shapes.region(second)
    return [] if a.is_empty() or b.is_empty() else [(first, measure.separation(a, b, limit, tol))]


def _around(outer: str, inner: str, shapes: MaskShapes, rules: RuleSet, limit: float, tol: float) -> _Found:
    inside = shapes.region(inner)
    return [] if inside.is_empty() else [(outer, measure.enclosure(shapes.region(outer), inside, limit, tol))]


def _in_first(shapes: MaskShapes, rules: RuleSet, limit: float, tol: float) -> _Found:
    """Second groove to where the first one ends; at the die's edge both go on into the street."""
    grooves = shapes.region("GROOVE2")
    if grooves.is_empty():
        return []
    back = shapes.region("OUTLINE") - shapes.region("GROOVE1")
    return [("GROOVE1", measure.separation(grooves, back, limit, tol))]


def _wall(shapes: MaskShapes, rules: RuleSet, limit: float, tol: float) -> _Found:
    cavity = shapes.region("CAVITY")
    if cavity.is_empty():
        return []
    wall = (shapes.region("OUTLINE") - cavity).merged()
    return [("CAVITY", measure.width(wall, limit, tol))]


def _pad_part(which: str, shapes: MaskShapes, rules: RuleSet, limit: float, tol: float) -> _Found:
    """Length of each pad with metal that the second groove cuts off (`which`: cut) or leaves (left)."""
    import klayout.db as db

    groove = shapes.region("GROOVE2")
    pads = shapes.region("PAD").interacting(shapes.region("RDL"))
    if groove.is_empty() or pads.is_empty():
        return []
    figures = []
    for polygon in pads.each():
        pad = db.Region(polygon)
        edge_nm = (groove.edges() & pad).length()
        part = pad & groove if which == "cut" else pad - groove
        value = part.area() / edge_nm / 1000.0 if edge_nm else 0.0 if part.is_empty() else float("inf")
        figures.append(_finding(polygon, value))
    return [("PAD", _below(figures, limit, tol))]


def _metal_in_second(shapes: MaskShapes, rules: RuleSet, limit: float, tol: float) -> _Found:
    within = (shapes.region("RDL") & shapes.region("GROOVE2")).merged()
    return [] if within.is_empty() else [("RDL", measure.width(within, limit, tol))]


def _edge_contact(shapes: MaskShapes, rules: RuleSet, limit: float, tol: float) -> _Found:
    """Length of each contact along the groove's edge."""
    contacts = cut_contacts(shapes.region("PAD"), shapes.region("GROOVE2"), shapes.region("RDL"))
    if contacts.is_empty():
        return []
    figures = [_finding(item, max(item.bbox().width(), item.bbox().height()) / 1000.0) for item in contacts.each()]
    return [("RDL", _below(figures, limit, tol))]


def _beside_first(shapes: MaskShapes, rules: RuleSet, limit: float, tol: float) -> _Found:
    """Metal on the back to the groove's mouth, but for what runs straight into it."""
    import klayout.db as db

    grooves, metal = shapes.region("GROOVE1"), shapes.region("RDL")
    if grooves.is_empty() or metal.is_empty():
        return []
    crossing = (grooves.edges() & metal).extended_out(round(limit * 1000.0))
    beside = ((metal - grooves) - crossing).merged()
    beside = beside.sized(-1).sized(1) & beside  # slivers of the grid are no metal
    beside = db.Region(list(beside.merged().each()))
    beside.merged_semantics = False
    return [] if beside.is_empty() else [("RDL", measure.separation(beside, grooves, limit, tol))]


def _finding(polygon: Any, value: float) -> Finding:
    box = polygon.bbox()
    left, right, bottom, top = (side / 1000.0 for side in (box.left, box.right, box.bottom, box.top))
    bars = ((left, bottom, left, top), (right, bottom, right, top))
    return Finding(value, (left + right) / 2, (bottom + top) / 2, bars)


def _below(figures: list[Finding], limit: float, tol: float) -> Measured:
    low = sorted(
        (item for item in figures if item.value < limit - tol), key=lambda item: (item.value, item.x_um, item.y_um)
    )
    least = min((item.value for item in figures), default=None)
    return Measured(None if least == float("inf") else least, tuple(low))


GROOVE_CHECKS: dict[str, Check] = {
    "groove1_min_width_um": partial(_width, "GROOVE1"),
    "groove1_to_sensing_um": partial(_apart, "GROOVE1", "SENSING"),
    "groove2_min_width_um": partial(_width, "GROOVE2"),
    "groove1_enc_groove2_um": _in_first,
    "groove2_to_cavity_um": partial(_apart, "GROOVE2", "CAVITY"),
    "wall_min_width_um": _wall,
    "cavity_enc_sensing_um": partial(_around, "CAVITY", "SENSING"),
    "pad_cut_min_um": partial(_pad_part, "cut"),
    "pad_left_min_um": partial(_pad_part, "left"),
    "rdl_in_groove2_um": _metal_in_second,
    "edge_contact_min_um": _edge_contact,
    "ins_open_min_width_um": partial(_width, "INS_OPEN"),
    "pad_enc_ins_open_um": partial(_around, "PAD", "INS_OPEN"),
    "rdl_enc_ins_open_um": partial(_around, "RDL", "INS_OPEN"),
    "rdl_to_groove1_um": _beside_first,
    "rdl_to_outline_um": partial(_around, "OUTLINE", "RDL"),
    "smo_min_width_um": partial(_width, "SMO"),
    "smo_min_space_um": partial(_space, "SMO"),
    "smo_to_groove1_um": partial(_apart, "SMO", "GROOVE1"),
    "rdl_enc_smo_um": partial(_around, "RDL", "SMO"),
    "bump_to_groove1_um": partial(_apart, "BALL", "GROOVE1"),
}
