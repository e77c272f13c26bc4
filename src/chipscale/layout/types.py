"""The Layout: every shape on every mask of one die, with the net it belongs to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import numpy.typing as npt

Points = npt.NDArray[np.float64]
Kind = Literal[
    "pad",
    "opening",
    "land",
    "capture",
    "wire",
    "teardrop",
    "via",
    "ubm",
    "ball",
    "seal_ring",
    "mark",
    "text",
    "outline",
    "fill",
    "groove",
    "area",
]


@dataclass(frozen=True, slots=True)
class LayerInfo:
    """A mask layer: its name, GDS numbers, what it is, and its colour on screen (#rrggbb)."""

    name: str
    gds_layer: int
    gds_datatype: int
    title: str
    color: str


# Bottom to top. PI1, RDL, PI2 and UBM keep the numbers of the open generator the Caravel bump layout was made with.
LAYERS: tuple[LayerInfo, ...] = (
    LayerInfo("OUTLINE", 1, 0, "die outline", "#5b6472"),
    LayerInfo("SEAL", 2, 0, "seal ring", "#8a8f98"),
    LayerInfo("CAVITY", 35, 0, "cavity over the sensing area", "#4f8fa8"),
    LayerInfo("SENSING", 36, 0, "sensing area", "#6d8f3c"),
    LayerInfo("GROOVE1", 40, 0, "first groove, at the die's back", "#8f7f73"),
    LayerInfo("GROOVE2", 41, 0, "second groove", "#5f4f46"),
    LayerInfo("PAD", 3, 0, "bond pad metal", "#9aa5b1"),
    LayerInfo("PI1", 5, 0, "first dielectric openings", "#3b82c4"),
    LayerInfo("INS_OPEN", 42, 0, "openings of the insulation on pads", "#3b82c4"),
    LayerInfo("RDL", 10, 0, "redistribution metal", "#d9822b"),
    LayerInfo("VIA", 12, 0, "openings between redistribution layers", "#7a5cc2"),
    LayerInfo("RDL2", 13, 0, "second redistribution metal", "#b8433f"),
    LayerInfo("PI2", 15, 0, "last dielectric openings", "#2f9e8f"),
    LayerInfo("SMO", 43, 0, "solder-mask openings", "#2f9e5f"),
    LayerInfo("UBM", 20, 0, "under-bump metal", "#c2a83e"),
    LayerInfo("BALL", 25, 0, "solder balls", "#aeb6c1"),
    LayerInfo("MARK", 30, 0, "A1 mark and text", "#444b55"),
)
LAYER = {layer.name: layer for layer in LAYERS}


@dataclass(frozen=True, slots=True)
class Circle:
    """A disc; drawn on the mask as a 64-gon around it whose sides touch it (so its drawn width is never below d)."""

    layer: str
    kind: Kind
    x_um: float
    y_um: float
    d_um: float
    net: str | None = None
    name: str = ""  # pad or ball it belongs to


@dataclass(frozen=True, slots=True)
class Polygon:
    """A polygon (n, 2) in µm, counter-clockwise, with holes clockwise."""

    layer: str
    kind: Kind
    points: Points
    net: str | None = None
    name: str = ""
    holes: tuple[Points, ...] = ()


@dataclass(frozen=True, slots=True)
class Trace:
    """A wire: centre line (n, 2) in µm, drawn `width_um` wide with round ends and joins."""

    layer: str
    net: str
    width_um: float
    points: Points


@dataclass(frozen=True, slots=True)
class Label:
    """A text at a point: net names on metal, ball names on balls."""

    layer: str
    x_um: float
    y_um: float
    text: str


@dataclass(frozen=True, slots=True)
class OpenNet:
    """A net that could not be joined and the gap that was too narrow for it."""

    net: str
    terminals: tuple[str, ...]
    gap_between: tuple[str, str]
    gap_um: float
    needed_um: float
    where_um: tuple[float, float]
    message: str


@dataclass(frozen=True, slots=True)
class Layout:
    """Everything on the masks of one die, in the die view, µm."""

    size_x_um: float
    size_y_um: float
    circles: tuple[Circle, ...]
    polygons: tuple[Polygon, ...]
    traces: tuple[Trace, ...]
    labels: tuple[Label, ...]
    unrouted: tuple[OpenNet, ...] = ()
    figures: dict[str, float] = field(default_factory=dict)  # of the router: wire_um, bends, ...
    name: str = "chip"  # top cell on the masks

    def on(self, layer: str) -> tuple[list[Circle], list[Polygon], list[Trace]]:
        """Return the shapes of one layer as (circles, polygons, traces)."""
        return (
            [shape for shape in self.circles if shape.layer == layer],
            [shape for shape in self.polygons if shape.layer == layer],
            [shape for shape in self.traces if shape.layer == layer],
        )
