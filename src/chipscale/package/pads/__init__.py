"""The die's pads, from whichever source the package file names: CSV, LEF + DEF, GDS/OASIS or a rule per side."""

from __future__ import annotations

from chipscale.package.pads.read import read_pad_source, read_pads
from chipscale.package.pads.source import PadSource

__all__ = ["PadSource", "read_pad_source", "read_pads"]
