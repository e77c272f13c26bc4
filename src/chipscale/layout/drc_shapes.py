"""The regions a rule check works on: each layer merged once, on demand, from any mask set."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from chipscale.layout.connectivity import MASKS, PieceMap, pieces
from chipscale.layout.edge_contact import with_contacts
from chipscale.layout.masks import LayerNumbers, layer_region, layer_texts


@dataclass(slots=True)
class MaskShapes:
    """Merged regions (nm) by layer name, of the whole mask set or of one of its cells."""

    masks: Any
    numbers: LayerNumbers | None = None
    _regions: dict[str, Any] = field(default_factory=dict)
    _map: PieceMap | None = None

    def region(self, layer: str) -> Any:
        """Return one layer, merged."""
        if layer not in self._regions:
            merged = self.raw(layer).merged()
            merged.merged_semantics = False  # it is merged already
            self._regions[layer] = merged
        return self._regions[layer]

    def raw(self, layer: str) -> Any:
        """Return one layer as drawn, overlapping shapes apart."""
        return layer_region(self.masks, layer, self.numbers)

    @property
    def metals(self) -> tuple[str, ...]:
        """Names of the redistribution layers that hold shapes."""
        return tuple(name for name in ("RDL", "RDL2") if not self.region(name).is_empty())

    @property
    def on_pads(self) -> bool:
        """True when balls stand on pads: neither redistribution metal nor first openings are drawn."""
        return not self.metals and self.region("PI1").is_empty() and not self.region("PAD").is_empty()

    @property
    def land(self) -> str:
        """Name of the redistribution layer the lands are on: the topmost."""
        return self.metals[-1] if self.metals else "RDL"

    def ring(self) -> Any:
        """Return the area within the seal ring's outer edge (a Region; empty without a seal ring)."""
        return self.region("SEAL").hulls().merged()

    def piece_at(self, layer: str, x_um: float, y_um: float) -> int | None:
        """Return the number of the connected piece at a point of a layer, or None."""
        if self._map is None:
            self._map = PieceMap(pieces(with_contacts({name: self.region(name) for name in MASKS})))
        return self._map.at(layer, x_um * 1000.0, y_um * 1000.0)

    def texts(self, layer: str) -> list[tuple[str, float, float]]:
        """Return (text, x_um, y_um) of one layer's labels."""
        return layer_texts(self.masks, layer, self.numbers)
