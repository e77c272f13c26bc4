"""Violations as files: klayout's report database (.lyrdb) and JSON."""

from __future__ import annotations

import json
import os
from pathlib import Path

from chipscale.layout.masks import cell_name
from chipscale.results import Result


def write_lyrdb(result: Result, path: Path, cell: str = "chip") -> Path:
    """Write the markers of a layout.drc result to `path` for klayout's marker browser; returns the path.

    One category per rule and layer with the rule's meaning and source; each marker holds its edge pair (µm), the
    measured value and the message.
    """
    import klayout.db as db
    import klayout.rdb as rdb

    database = rdb.ReportDatabase("chipscale DRC")
    database.generator = "chipscale"
    database.description = f"rule set {result.tables['rule_set'][0]['name']}"
    top = database.create_cell(cell_name(cell))
    database.top_cell_name = top.name()
    categories = {}
    for row in result.tables["rules"]:
        category = database.create_category(f"{row['rule']} {row['layer']}")
        category.description = f"{row['meaning']}: limit {row['limit']:g} ({row['source']})"
        categories[row["rule"], row["layer"]] = category
    for marker in result.tables["markers"]:
        item = database.create_item(top.rdb_id(), categories[marker["rule"], marker["layer"]].rdb_id())
        edges = [db.DEdge(*edge) for edge in marker["edges_um"]]
        if len(edges) == 2:
            item.add_value(rdb.RdbItemValue(db.DEdgePair(edges[0], edges[1])))
        else:
            x, y = marker["x_um"], marker["y_um"]
            item.add_value(rdb.RdbItemValue(db.DBox(x - 1.0, y - 1.0, x + 1.0, y + 1.0)))
        item.add_value(rdb.RdbItemValue(f"found {marker['value']:g}, limit {marker['limit']:g}"))
    draft = _draft(path)
    database.save(str(draft))
    draft.replace(path)
    return path


def write_json(result: Result, path: Path) -> Path:
    """Write checks, markers and the rules not checked as JSON; returns the path."""
    draft = _draft(path)
    draft.write_text(json.dumps(result.as_dict(), indent=1, ensure_ascii=False, allow_nan=False) + "\n", "utf-8")
    draft.replace(path)
    return path


def _draft(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    return path.with_name(f".{os.getpid()}.{path.name}")
