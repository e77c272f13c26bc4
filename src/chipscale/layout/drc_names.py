"""Names for a place on the masks: the nets of the metal there and the nearest ball, read from the masks' labels."""

from __future__ import annotations

import math

from chipscale.layout.drc_measure import Finding
from chipscale.layout.drc_shapes import MaskShapes

_METAL_OF = {
    "PI1": "RDL",
    "PAD": "RDL",
    "VIA": "RDL",
    "PI2": "",
    "UBM": "",
    "BALL": "",
    "INS_OPEN": "RDL",
    "SMO": "",
}  # "": the land layer

_NO_METAL = ("OUTLINE", "SEAL", "CAVITY", "SENSING", "GROOVE1", "GROOVE2")


class Neighbours:
    """Answers which nets and which ball are at a finding; reads the labels only when first asked."""

    def __init__(self, shapes: MaskShapes) -> None:
        self._shapes = shapes
        self._nets: dict[int, str] | None = None
        self._balls: list[tuple[str, float, float]] | None = None

    def nets(self, layer: str, finding: Finding) -> tuple[str, ...]:
        """Return the net names of the metal at the finding's edges, sorted."""
        if self._nets is None:
            self._nets = self._read_nets()
        metal = _METAL_OF.get(layer, layer) or self._shapes.land
        names = set()
        for edge in finding.edges:
            middle = ((edge[0] + edge[2]) / 2.0, (edge[1] + edge[3]) / 2.0)
            for name in dict.fromkeys((layer, metal)):
                if name in _NO_METAL:
                    continue
                number = self._shapes.piece_at(name, *middle)
                if number in self._nets:
                    names.add(self._nets[number])
                    break
        return tuple(sorted(names))

    def ball(self, x_um: float, y_um: float) -> str:
        """Return the name of the nearest ball, or nothing when the masks name no balls."""
        if self._balls is None:
            self._balls = self._shapes.texts("BALL")
        if not self._balls:
            return ""
        return min(self._balls, key=lambda ball: math.hypot(ball[1] - x_um, ball[2] - y_um))[0]

    def told(self, nets: tuple[str, ...], finding: Finding) -> str:
        """Return ", net a and b, near ball C4" with what is known."""
        ball = self.ball(finding.x_um, finding.y_um)
        known = [f"net {' and '.join(nets)}"] if nets else []
        known += [f"near ball {ball}"] if ball else []
        return "".join(f", {part}" for part in known)

    def _read_nets(self) -> dict[int, str]:
        found: dict[int, set[str]] = {}
        for layer in self._shapes.metals or ("UBM",):
            for text, x_um, y_um in self._shapes.texts(layer):
                number = self._shapes.piece_at(layer, x_um, y_um)
                if number is not None:
                    found.setdefault(number, set()).add(text)
        return {number: " + ".join(sorted(names)) for number, names in found.items()}
