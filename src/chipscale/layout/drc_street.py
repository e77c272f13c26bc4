"""The die's neighbourhood on the wafer: the space rules across the streets, on the die repeated 2 x 2."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from chipscale.layout.drc_check import check_masks
from chipscale.layout.drc_measure import Edge
from chipscale.layout.masks import layer_region
from chipscale.package.types import RuleSet
from chipscale.results import Result

STREET_RULES = (
    "pi1_min_space_um",
    "rdl_min_space_um",
    "via_min_space_um",
    "pi2_min_space_um",
    "pi1_pi2_min_space_um",
    "ubm_min_space_um",
    "pi1_ubm_min_space_um",
    "bump_min_space_um",
)


def check_street(masks: Any, rules: RuleSet, street_um: tuple[float, float], tolerance_um: float) -> Result:
    """Return the violations of space rules between neighbouring dies, streets (x, y) in µm wide.

    Only places that involve two dies count; what is within one die is the single die's own check. The ball pitch
    holds within a die, not across the street.
    """
    import klayout.db as db

    top = masks.top_cell()
    box = _outline_box(masks)
    step_x = box.width() + round(street_um[0] * 1000.0)
    step_y = box.height() + round(street_um[1] * 1000.0)
    four = db.Layout()
    four.dbu = masks.dbu
    die = four.create_cell(top.name)
    die.copy_tree(top)
    field = four.create_cell(f"{top.name}_2x2")
    across, up = db.Vector(step_x, 0), db.Vector(0, step_y)
    field.insert(db.CellInstArray(die.cell_index(), db.Trans(db.Vector(-box.left, -box.bottom)), across, up, 2, 2))
    result = check_masks(four, rules, only=STREET_RULES, tolerance_um=tolerance_um)
    return _between_dies(result, step_x / 1000.0, step_y / 1000.0)


def _between_dies(result: Result, step_x_um: float, step_y_um: float) -> Result:
    """Keep the findings whose two edges are on different dies, told as such."""
    kept = [
        row
        for row in result.tables["markers"]
        if len({_die(edge, step_x_um, step_y_um) for edge in row["edges_um"]}) > 1
    ]
    places = {(row["rule"], row["layer"], round(row["x_um"], 3), round(row["y_um"], 3)) for row in kept}
    checks = []
    for check in result.checks:
        where = check.where_um
        if where is not None and (check.metric, check.layer, *where) in places:
            message = f"across the street: {check.message}"
            checks.append(replace(check, code=check.code.replace("drc.", "drc.street.", 1), message=message))
    rows = []
    for row in result.tables["rules"]:
        count = sum(mark["rule"] == row["rule"] and mark["layer"] == row["layer"] for mark in kept)
        least = min((m["value"] for m in kept if m["rule"] == row["rule"] and m["layer"] == row["layer"]), default=None)
        rows.append(
            row | {"violations_count": count, "least": least, "meaning": f"{row['meaning']}, across the street"}
        )
    tables = dict(result.tables) | {"markers": kept, "rules": rows}
    return Result(result.analysis, {}, tuple(checks), tables)


def _die(edge: Edge, step_x_um: float, step_y_um: float) -> tuple[int, int]:
    """Return column and row of the die an edge is on."""
    x, y = (edge[0] + edge[2]) / 2.0, (edge[1] + edge[3]) / 2.0
    return int(x // step_x_um), int(y // step_y_um)


def _outline_box(masks: Any) -> Any:
    box = layer_region(masks, "OUTLINE").bbox()
    return masks.top_cell().bbox() if box.empty() else box
