"""Write the 3D files of one design."""

from __future__ import annotations

from pathlib import Path

from chipscale.stack.glb import write_glb
from chipscale.stack.step import write_step
from chipscale.stack.types import Stack


def write_solid_files(stack: Stack, folder: Path) -> None:
    """Write package.glb and package.step into `folder`."""
    write_glb(stack, folder / "package.glb")
    write_step(stack, folder / "package.step")
