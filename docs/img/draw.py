"""Draw the pictures of the docs from the examples: `python docs/img/draw.py` writes caravel.png beside itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch
from matplotlib.path import Path as Outline

import chipscale
from chipscale.process.masks import Masks

HERE = Path(__file__).parent
CHIP = HERE.parents[1] / "examples" / "caravel" / "chip.yaml"
COLORS = {"signal": "#e08f3a", "power": "#d2544c", "ground": "#5b8fc7"}


def main() -> None:
    """Draw Caravel's redistribution layer in the die view, lying on its side: top of the die at the left."""
    design = chipscale.load(CHIP)
    kinds = {net.name: net.kind for net in design.package.nets}
    masks = Masks(design.layout)
    figure = Figure(figsize=(11.5, 8.1), dpi=130)
    axes = figure.add_axes((0, 0, 1, 1))
    _draw(axes, masks.die, "#10161f")
    _draw(axes, masks.region("SEAL"), "#2c3948")
    for piece in masks.pieces("RDL"):
        _draw(axes, piece.region, COLORS[kinds.get(piece.net or "", "signal")] if piece.net else "#4b5866")
    for layer, color in (("PI1", "#f3dcbc"), ("PI2", "#f6e6d0")):
        _draw(axes, masks.region(layer), color)
    for ball in design.package.balls:
        axes.text(*_turned(ball.x_um, ball.y_um), ball.name, ha="center", va="center", fontsize=8.5, color="#333b45")
    axes.set_aspect("equal")
    axes.autoscale_view()
    axes.margins(0.015)
    axes.axis("off")
    figure.savefig(HERE / "caravel.png", facecolor="#ffffff", metadata={"Software": None})


def _turned(x_um: float, y_um: float) -> tuple[float, float]:
    return -y_um, x_um


def _draw(axes: Any, region: Any, color: str) -> None:
    for part in getattr(region, "geoms", [region]):
        rings = [np.asarray(ring.coords) for ring in (part.exterior, *part.interiors)]
        turned = np.vstack([np.column_stack((-ring[:, 1], ring[:, 0])) for ring in rings])
        codes = np.concatenate(
            [[Outline.MOVETO, *[Outline.LINETO] * (len(ring) - 2), Outline.CLOSEPOLY] for ring in rings]
        )
        axes.add_patch(PathPatch(Outline(turned, codes), facecolor=color, linewidth=0))


if __name__ == "__main__":
    main()
