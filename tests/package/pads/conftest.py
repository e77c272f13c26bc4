"""Makes package files with any pad source."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from chipscale.spec.read import SpecFile, read_spec

BALLS = "balls: {rows: 2, cols: 2, pitch_um: 400, sphere_d_um: 250}\nassignment: {mode: free}\n"


@pytest.fixture
def design(tmp_path: Path) -> Callable[..., SpecFile]:
    """Return a function that writes a package file with a `pads` block and reads it."""

    def make(pads: str, size: tuple[float, float] = (1000, 1000)) -> SpecFile:
        path = tmp_path / "chip.yaml"
        text = f"chipscale: 1\nname: t\ndie:\n  size_x_um: {size[0]}\n  size_y_um: {size[1]}\n  pads: {pads}\n{BALLS}"
        path.write_text(text, encoding="utf-8")
        return read_spec(path)

    return make
