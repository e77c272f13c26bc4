"""chipscale: from a row of pads to a verified chip-scale package, its masks and its record.

>>> import chipscale
>>> design = chipscale.load("chip.yaml")                      # doctest: +SKIP
>>> design.run("layout.drc").ok                               # doctest: +SKIP
True
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chipscale.design import Design

__version__ = "0.1.0"


def load(path: str | Path) -> Design:
    """Read a package file and return its Design; raises `errors.InputError` naming every problem found."""
    from chipscale.design import Design

    return Design.load(path)
