"""Draw the pictures of the docs from the examples: `python docs/img/draw.py` writes three PNG files beside itself."""

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
from chipscale.process.questions.film import Frame, frames
from chipscale.process.questions.film_cut import cut_line
from chipscale.process.masks import Masks
from chipscale.report.figures.film import film_art, kind_words
from chipscale.report.figures.section import Window

HERE = Path(__file__).parent
EXAMPLES = HERE.parents[1] / "examples"
CHIP = EXAMPLES / "caravel" / "chip.yaml"
COLORS = {"signal": "#e08f3a", "power": "#d2544c", "ground": "#5b8fc7"}


def main() -> None:
    """Draw all pictures."""
    caravel()
    steps = ("cure PI1", "expose resist for RDL", "plate RDL", "etch seed of RDL", "plate UBM", "reflow")
    film(CHIP, steps, "film.png")
    steps = ("turn the wafer over", "first groove", "insulation", "second groove", "etch RDL", "reflow")
    film(EXAMPLES / "image_sensor" / "chip.yaml", steps, "grooves.png")


def film(chip: Path, steps: tuple[str, ...], name: str) -> None:
    """Draw the close-up of the film after some of a chip's steps."""
    design = chipscale.load(chip)
    made = frames(design.package, design.layout, cut_line(design.package, design.layout), whole=design.stack)
    art = film_art(made)
    colors = dict(art.kinds)
    figure = Figure(figsize=(11.5, 5.6), dpi=130)
    chosen = [k for k, frame in enumerate(made) if frame.label in steps]
    for place, k in enumerate(chosen):
        axes = figure.add_subplot(2, 3, place + 1)
        _frame(axes, made[k], art.panels[1].windows[art.shots[k].side], colors)
    figure.subplots_adjust(0.045, 0.06, 0.995, 0.95, 0.14, 0.26)
    figure.savefig(HERE / name, facecolor="#ffffff", metadata={"Software": None})


def _frame(axes: Any, frame: Frame, window: Window, colors: dict[str, str]) -> None:
    for piece in frame.pieces:
        rings = [np.vstack((ring, ring[:1])) for ring in (piece.polygon, *piece.holes)]
        codes = [
            code for ring in rings for code in [Outline.MOVETO, *[Outline.LINETO] * (len(ring) - 2), Outline.CLOSEPOLY]
        ]
        shape = Outline(np.vstack(rings), codes)
        axes.add_patch(PathPatch(shape, facecolor=colors[kind_words(piece)], edgecolor="#2b333d", linewidth=0.4))
    axes.set_xlim(window.s0_um, window.s1_um)
    axes.set_ylim(window.z0_um, window.z1_um)
    axes.set_title(f"{frame.place}. {frame.label}", fontsize=9, loc="left")
    axes.tick_params(labelsize=7)
    axes.set_xlabel("µm along the cut" if frame.place else "", fontsize=7, labelpad=1)
    axes.set_ylabel("z, µm", fontsize=7, labelpad=0)


def caravel() -> None:
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
