"""Draw our groove and film over a level-set simulation's: `python docs/img/level_set.py` (needs ViennaPS)."""

from __future__ import annotations

import importlib.util
import math
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")

import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

from chipscale.process.models.groove_across import outline_across

HERE = Path(__file__).parent
SCRIPT = HERE.parents[1] / "validation" / "geometry" / "level_set.py"
GRID_UM = 0.5
THEIRS, OURS, GROUND = "#d2544c", "#1f5fa8", "#e9ecef"


def main() -> None:
    """Draw three panels: the film on the groove, the film at the mouth's edge, the etched groove."""
    spec = importlib.util.spec_from_file_location("level_set", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    simulation = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(simulation)
    mouth, depth, wall = simulation.MOUTH_UM, simulation.DEPTH_UM, simulation.WALL_DEG
    figure = Figure(figsize=(11.5, 2.9), dpi=130)
    axes = figure.subplots(1, 3, width_ratios=(1.45, 1, 1.45))
    before, after = simulation.deposited(GRID_UM, 1.0)
    bare = outline_across(mouth, depth, wall)
    film = outline_across(mouth, depth, wall, simulation.FILM_UM, simulation.FILM_UM)
    for place in axes[:2]:
        _solid(place, bare)
        _lines(place, before, 0.8, "")
        _both(place, film, after)
    _view(
        axes[0], (-175, 175), (-145, 25), f"{simulation.FILM_UM:g} µm conformal film on a groove with {wall:g}° walls"
    )
    _view(axes[1], (88, 122), (-14, 14), "the mouth's edge, enlarged")
    _solid(axes[2], bare)
    _both(axes[2], bare, simulation.etched(GRID_UM))
    down = math.cos(math.radians(wall))
    _view(axes[2], (-175, 175), (-145, 25), f"etched under a mask, sideways at {down:.3f} of the rate down")
    axes[2].annotate("mask", (70, 4), fontsize=7, color=THEIRS)
    axes[0].legend(loc="lower left", fontsize=7, frameon=False)
    figure.subplots_adjust(0.035, 0.1, 0.995, 0.92, 0.12)
    figure.savefig(HERE / "level_set.png", facecolor="#ffffff", metadata={"Software": None})


def _both(axes: Any, ours: np.ndarray, theirs: np.ndarray) -> None:
    _lines(axes, theirs, 2.6)
    axes.plot(*ours.T, color=OURS, linewidth=0.9, label="chipscale")


def _lines(axes: Any, pieces: np.ndarray, width: float, label: str = "ViennaPS") -> None:
    axes.add_collection(LineCollection(list(pieces), colors=THEIRS, linewidths=width, alpha=0.55, label=label))


def _solid(axes: Any, outline: np.ndarray) -> None:
    closed = np.vstack((outline, [(250, -200), (-250, -200)]))
    axes.fill(*closed.T, color=GROUND)


def _view(axes: Any, x: tuple[float, float], z: tuple[float, float], title: str) -> None:
    axes.set_xlim(*x)
    axes.set_ylim(*z)
    axes.set_aspect("equal")
    axes.set_title(title, fontsize=8.5, loc="left")
    axes.tick_params(labelsize=7)
    axes.set_xlabel("µm", fontsize=7, labelpad=1)


if __name__ == "__main__":
    main()
