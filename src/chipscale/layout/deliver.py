"""Write the mask files of one design, and what the rule check found on them."""

from __future__ import annotations

import json
from pathlib import Path

from chipscale.layout.drc_markers import write_lyrdb
from chipscale.layout.masks import write_masks
from chipscale.layout.pictures import write_pictures
from chipscale.layout.types import Layout
from chipscale.layout.wafer import write_wafer
from chipscale.results import Result
from chipscale.spec.model import Wafer


def write_mask_files(layout: Layout, wafer: Wafer, folder: Path) -> None:
    """Write layout.gds and .oas, the stepped wafer.gds and .oas, and wafer_map.json into `folder`."""
    for ending in ("gds", "oas"):
        write_masks(layout, folder / f"layout.{ending}")
        stepped = write_wafer(layout, wafer, folder / f"wafer.{ending}")
    text = json.dumps(stepped.as_dict(), indent=1, sort_keys=True)
    (folder / "wafer_map.json").write_text(text + "\n", encoding="utf-8")


def write_violations(layout: Layout, drc: Result, folder: Path) -> None:
    """Write drc.lyrdb (klayout's report database) and, where a rule is broken, pictures of the worst places."""
    write_lyrdb(drc, folder / "drc.lyrdb")
    if not drc.ok:
        write_pictures(layout, drc, folder / "drc")
