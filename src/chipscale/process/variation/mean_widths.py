"""How far the widths a flow makes lie off the drawn ones before anything varies: bias, undercut, leaning walls."""

from __future__ import annotations

from chipscale.layout.types import Layout
from chipscale.process.questions.as_built_layout import OPENED
from chipscale.process.questions.as_built_measures import openings, widths_and_spaces
from chipscale.stack.types import Stack


def mean_off_um(layout: Layout, stack: Stack) -> dict[str, float]:
    """Return by layer of the stack the mean width as built less the drawn one, µm: openings at their foot, metals.

    Measured by the same ruler as `process.as_built`; layers without a measurable place are left out.
    """
    opened = {OPENED[item.layer]: item for item in openings(layout, stack)[0]}
    metals = {item.layer: item for item in widths_and_spaces(layout, stack) if item.what == "width"}
    return {name: float((item.built - item.drawn).mean()) for name, item in sorted((opened | metals).items())}
