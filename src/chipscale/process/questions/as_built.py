"""As built against drawn: what bias, walls and undercut make of openings, widths, spaces and thicknesses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from chipscale.layout.drc_check import TOLERANCE_UM, check_masks
from chipscale.layout.masks import layer_region, to_klayout
from chipscale.package.types import Package
from chipscale.process.masks import PINHOLE_UM2
from chipscale.process.questions.as_built_layout import METALS, OPENED, as_built_layout
from chipscale.process.questions.as_built_measures import Compared, openings, thicknesses, walls, widths_and_spaces
from chipscale.process.questions.as_built_nets import built_nets
from chipscale.process.questions.as_built_whole import whole_checks
from chipscale.results import Check, Progress, Result

ABOUT = "as built"
GRID_NM = 1  # of the masks
_LISTED = 12  # rules named one by one in warnings


@dataclass(frozen=True, slots=True)
class AsBuilt:
    """Does what stands on the wafer still keep the design rules and the netlist, and by how much does it differ?

    Design rules of a foundry or an assembly house speak of drawn shapes, so a rule that only what is built breaks is
    a warning with its figures. `as_rules`: it is a failed check; take this for rules that hold on the wafer. Nets
    are judged by the bodies that touch, pad to ball: those that come apart, touch others or the silicon always fail,
    and so do openings that stay closed and what is drawn or planned and never made. `rules`: another rule set than the
    package's, by name or path of a .toml.
    """

    as_rules: bool = False
    rules: str = ""
    tolerance_um: float = TOLERANCE_UM

    name: ClassVar[str] = "process.as_built"
    reads: ClassVar[tuple[str, ...]] = ("package", "layout", "stack", "layout.drc")
    metrics: ClassVar[Mapping[str, str]] = {
        "*_opening_min_um": "least opening of a film as built, at its foot, by mask layer (pi1, via, pi2)",
        "*_opening_delta_um": "mean opening as built less the drawn one",
        "*_width_min_um": "least width of a metal as built, by mask layer (rdl, rdl2, ubm)",
        "*_width_delta_um": "mean width as built less the drawn one",
        "*_space_min_um": "least space beside the wires measured, as built",
        "*_space_delta_um": "mean space beside wires as built less the drawn one",
        "*_thickness_min_um": "least thickness of a layer as built",
        "*_thickness_delta_um": "mean thickness as built less the planned one",
        "*_wall_min_deg": "least angle between the foot and the wall of a layer; 90: upright",
        "*_differs_um2": "area of a mask layer that is drawn and not built, or built and not drawn",
        "ball_height_min_um": "least height of a ball over its under-bump metal",
        "ball_height_delta_um": "mean height of the balls less the planned one",
        "ball_width_min_um": "least width of a ball",
        "ball_width_delta_um": "mean width of the balls less the planned one",
        "closed_count": "openings that are drawn and stay closed",
        "layers_missing_count": "films, metals, grooves and balls drawn or planned that no step of the flow makes",
        "opens_count": "nets whose pads and balls are in pieces that do not touch",
        "shorts_count": "pieces of metal that join several nets",
        "silicon_contacts_count": "nets whose wiring touches the silicon or the seal ring",
        "loose_count": "pieces of a net's metal that hang together with no pad and no ball",
        "nets_joined_count": "nets that are one piece from pad to ball and touch no other",
        "rules_checked_count": "rules measured on what is built",
        "rules_missed_count": "rules kept as drawn and broken as built",
    }

    def run(self, view: Mapping[str, Any], progress: Progress | None = None) -> Result:
        """Measure the stack against its masks and check the rules on both."""
        package, layout, stack = view["package"], view["layout"], view["stack"]
        tell = progress or (lambda part, text: None)
        tell(0.0, "outlines as built")
        made = as_built_layout(layout, stack)
        found, closed = openings(layout, stack)
        tell(0.2, "widths and spaces as built")
        found += widths_and_spaces(layout, stack) + thicknesses(package, stack)
        angles = walls(stack)
        drawn, built = to_klayout(layout), to_klayout(made)
        tell(0.5, "rules as built")
        rules = self._rules(package, (drawn, built), view.get("layout.drc"))
        tell(0.9, "nets as built")
        nets = built_nets(package, stack)
        metrics = _metrics(found, angles) | _differences(drawn, built)
        metrics["closed_count"] = float(len(closed))
        metrics |= nets.metrics
        metrics["rules_checked_count"] = float(len({row["rule"] for row in rules.rows}))
        metrics["rules_missed_count"] = float(len({row["rule"] for row in rules.rows if row["missed"]}))
        lacking = whole_checks(package, layout, stack)
        metrics["layers_missing_count"] = float(sum(check.code == "as_built.missing" for check in lacking))
        checks = (*lacking, *_closed(closed), *nets.checks, *rules.checks)
        tables = {
            "figures": [item.row() for item in found],
            "walls": [item.row("deg") for item in angles],
            "rules": rules.rows,
        }
        return Result(self.name, metrics, checks, tables, warnings=rules.warnings)

    def _rules(self, package: Package, masks: tuple[Any, Any], before: Result | None) -> _Rules:
        """Return the rules on both masks, drawn and built; `before`: what the design's own check says of the first."""
        from chipscale.package.rules import load_rules

        rules = load_rules(self.rules) if self.rules else package.rules
        if before is None or self.rules or self.tolerance_um != TOLERANCE_UM:
            before = check_masks(masks[0], rules, tolerance_um=self.tolerance_um)
        after = check_masks(masks[1], rules, tolerance_um=self.tolerance_um)
        return _compared_rules(before, after, self.as_rules)


@dataclass(frozen=True, slots=True)
class _Rules:
    """The rules as drawn and as built: rows, checks and warnings."""

    rows: list[dict[str, Any]]
    checks: tuple[Check, ...]
    warnings: tuple[str, ...]


def _compared_rules(before: Result, after: Result, as_rules: bool) -> _Rules:
    """Return every rule with its least figure drawn and built; `as_rules`: broken ones are failed checks."""
    drawn = {(row["rule"], row["layer"]): row for row in before.tables["rules"]}
    rows, warnings = [], []
    for row in after.tables["rules"]:
        was = drawn.get((row["rule"], row["layer"]))
        bad = row["violations_count"] > 0
        missed = bad and was is not None and was["violations_count"] == 0
        rows.append(
            {
                "rule": row["rule"],
                "layer": row["layer"],
                "meaning": row["meaning"],
                "limit": row["limit"],
                "drawn": was["least"] if was is not None else None,
                "built": row["least"],
                "violations_count": row["violations_count"],
                "missed": missed,
                "source": row["source"],
            }
        )
        if missed and was is not None and not as_rules:
            warnings.append(_warning(row, was, after))
    checks = [_renamed(check) for check in after.checks if check.ok or as_rules]
    if len(warnings) > _LISTED:
        warnings = [*warnings[:_LISTED], f"{len(warnings) - _LISTED} more rules are broken {ABOUT} alone"]
    return _Rules(rows, tuple(checks), tuple(warnings))


def _warning(row: Mapping[str, Any], was: Mapping[str, Any], after: Result) -> str:
    """Return what a rule that is kept as drawn comes to on the wafer, and where."""
    code, layer = f"drc.{row['rule']}", row["layer"]
    places = [check for check in after.checks if check.code == code and check.layer == layer and not check.ok]
    worst = min(places, key=lambda check: check.value if isinstance(check.value, float) else 0.0, default=None)
    at = f" at ({worst.where_um[0]:.1f}, {worst.where_um[1]:.1f})" if worst is not None and worst.where_um else ""
    before = "more" if was["least"] is None else f"{was['least']:.2f} µm"
    count = row["violations_count"]
    return (
        f"{row['meaning']}: {row['least']:.2f} µm {ABOUT}{at}, {before} drawn, rule {row['limit']:g} µm; "
        f"{count} place{'s' if count != 1 else ''} on {layer}"
    )


def _renamed(check: Check) -> Check:
    """Return a rule's check as one of what is built."""
    code = check.code.replace("drc.", "as_built.", 1)
    return replace(check, code=code, message=f"{check.message} ({ABOUT})")


def _closed(closed: Sequence[tuple[str, str, tuple[float, float]]]) -> list[Check]:
    """Return one check for all openings of a mask that stay closed."""
    by_layer: dict[str, list[tuple[str, tuple[float, float]]]] = {}
    for layer, name, where in closed:
        by_layer.setdefault(layer, []).append((name, where))
    checks = []
    for layer, found in by_layer.items():
        (name, where), more = found[0], len(found) - 1
        said = f"the {layer} opening {name} at ({where[0]:.1f}, {where[1]:.1f})"
        said += f" and {more} more stay closed ({ABOUT})" if more else f" stays closed ({ABOUT})"
        count = float(len(found))
        checks.append(Check("as_built.closed", "closed_count", count, 0.0, False, said, where, layer))
    return checks


def _metrics(found: Sequence[Compared], angles: Sequence[Compared]) -> dict[str, float]:
    metrics = {}
    for item in found:
        row, key = item.row(), f"{item.layer.lower()}_{item.what}"
        metrics[f"{key}_min_um"] = row["min_um"]
        metrics[f"{key}_delta_um"] = row["delta_um"]
    for item in angles:
        metrics[f"{item.layer.lower()}_wall_min_deg"] = item.row("deg")["min_deg"]
    return metrics


def _differences(drawn: Any, built: Any) -> dict[str, float]:
    """Return the area in µm² in which each mask layer differs from what is built, rounding to the grid left out."""
    metrics = {}
    for layer in (*METALS, *OPENED):
        one, other = layer_region(drawn, layer).merged(), layer_region(built, layer).merged()
        if not one.is_empty():
            apart = (one ^ other).sized(-GRID_NM).sized(GRID_NM)  # rounding to the grid leaves slivers 1 nm wide
            areas = [part.area() * 1e-6 for part in apart.merged().each()]
            metrics[f"{layer.lower()}_differs_um2"] = sum(area for area in areas if area > PINHOLE_UM2)
    return metrics
