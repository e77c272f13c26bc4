"""Which shapes on the masks are one piece of metal, found from the shapes alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

# Layers that conduct to each other where their shapes touch, pad to ball. CUT is none of the masks: it is the contact
# of metal with a pad's edge in a second groove (`edge_contact`).
CONDUCTORS = ("PAD", "PI1", "INS_OPEN", "CUT", "RDL", "VIA", "RDL2", "PI2", "SMO", "UBM", "BALL")
MASKS = (*(name for name in CONDUCTORS if name != "CUT"), "GROOVE2")
OPENINGS = ("PI1", "INS_OPEN", "CUT")  # where metal meets pads


@dataclass(frozen=True, slots=True)
class Piece:
    """One connected piece: its number and its merged polygons (klayout, nm) by layer."""

    number: int
    polygons: dict[str, tuple[Any, ...]]


def conducting_pairs(regions: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the pairs of layers that conduct; PI2 and SMO lead to RDL2 where there is such a layer, else to RDL.

    Without redistribution metal and first openings PI2 opens the pads themselves. Where a mask set has no UBM or
    ball layer the chain simply ends earlier.
    """
    if all(regions[name].is_empty() for name in ("PI1", "RDL", "RDL2")):
        return [("PAD", "PI2"), ("PI2", "UBM"), ("UBM", "BALL")]
    land = "RDL2" if not regions["RDL2"].is_empty() else "RDL"
    pairs = [("PAD", "PI1"), ("PI1", "RDL"), (land, "PI2"), ("PI2", "UBM"), ("UBM", "BALL")]
    pairs += [("PAD", "INS_OPEN"), ("INS_OPEN", "RDL"), ("PAD", "CUT"), ("CUT", "RDL"), (land, "SMO"), ("SMO", "BALL")]
    if land == "RDL2":
        pairs += [("RDL", "VIA"), ("VIA", "RDL2")]
    return pairs


def pieces(regions: Mapping[str, Any]) -> list[Piece]:
    """Return all connected pieces of the regions (by layer name, nm), numbered by position of their first shape.

    A pad counts as part of a piece only through an opening over it, a land only through its opening.
    """
    import klayout.db as db

    extraction = db.LayoutToNetlist("chip", 0.001)
    layers = {name: regions[name].merged() for name in CONDUCTORS}
    for name, region in layers.items():
        extraction.register(region, name)
        extraction.connect(region)
    for lower, upper in conducting_pairs(regions):
        extraction.connect(layers[lower], layers[upper])
    extraction.extract_netlist()
    circuit = next(iter(extraction.netlist().each_circuit()), None)
    found: list[dict[str, tuple[Any, ...]]] = []
    for net in circuit.each_net() if circuit is not None else ():
        shapes = {}
        for name, region in layers.items():
            polygons = tuple(extraction.shapes_of_net(net, region, True).merged().each())
            if polygons:
                shapes[name] = polygons
        if shapes:
            found.append(shapes)
    found.sort(key=_first_corner)
    return [Piece(number, shapes) for number, shapes in enumerate(found)]


class PieceMap:
    """Answers which piece a point on a layer belongs to."""

    def __init__(self, found: list[Piece]) -> None:
        import klayout.db as db

        self._shapes: dict[str, Any] = {name: db.Shapes() for name in CONDUCTORS}
        for piece in found:
            for name, polygons in piece.polygons.items():
                for polygon in polygons:
                    self._shapes[name].insert(polygon, piece.number + 1)  # 0 means no property

    def at(self, layer: str, x_nm: float, y_nm: float) -> int | None:
        """Return the number of the piece at or within 2 nm of a point, or None."""
        import klayout.db as db

        point = db.Point(round(x_nm), round(y_nm))
        box = db.Box(point.x - 2, point.y - 2, point.x + 2, point.y + 2)
        for shape in self._shapes[layer].each_touching(box):
            if shape.polygon.inside(point) or any(edge.distance_abs(point) <= 2 for edge in shape.polygon.each_edge()):
                return int(shape.prop_id) - 1
        return None


def _first_corner(shapes: Mapping[str, tuple[Any, ...]]) -> tuple[int, int, int, str]:
    boxes = [(polygon.bbox(), name) for name, polygons in shapes.items() for polygon in polygons]
    return min((box.bottom, box.left, box.top, name) for box, name in boxes)
