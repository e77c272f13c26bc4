"""Write the mask files of one design."""

from __future__ import annotations

from pathlib import Path

from chipscale.layout.masks import write_masks
from chipscale.layout.types import Layout
from chipscale.layout.wafer import write_wafer
from chipscale.package.types import Package
from chipscale.spec.model import Wafer


def write_mask_files(package: Package, layout: Layout, wafer: Wafer, folder: Path) -> None:
    """Write layout.gds, layout.oas and the stepped wafer.oas into `folder`."""
    write_masks(layout, folder / "layout.gds")
    write_masks(layout, folder / "layout.oas")
    write_wafer(layout, wafer, folder / "wafer.oas")
