"""The wafer: how many dies it holds and where."""

from __future__ import annotations

from typing import Any

from chipscale.report.figures.wafer import KIND_TEXT, wafer_svg
from chipscale.report.input import ReportInput
from chipscale.report.markup import Html, tag
from chipscale.report.parts.frame import Section, facts, figure
from chipscale.report.wording import THIN, number


def wafer(data: ReportInput) -> Section | None:
    """Return the wafer map; None when none was made."""
    if data.wafer is None:
        return None
    die = data.package.die
    about = wafer_facts(data.wafer, (die.size_x_um, die.size_y_um))
    dies = [(float(item.x_mm), float(item.y_mm), str(item.kind)) for item in data.wafer.dies]
    counts: dict[str, int] = {}
    for _, _, kind in dies:
        counts[kind] = counts.get(kind, 0) + 1
    pairs = [
        ("Diameter", f"{number(about['diameter_mm'])}{THIN}mm"),
        ("Edge exclusion", f"{number(about['edge_exclusion_mm'])}{THIN}mm"),
        ("Step", f"{number(about['step_x_mm'], 5)} × {number(about['step_y_mm'], 5)}{THIN}mm"),
        *((KIND_TEXT.get(kind, kind).capitalize(), number(many)) for kind, many in sorted(counts.items())),
    ]
    key = tag(
        "ul",
        [
            tag("li", tag("span", class_=f"swatch die-{kind}", aria_hidden="true"), KIND_TEXT.get(kind, kind))
            for kind in sorted(counts)
        ],
        class_="legend",
        aria_label="Legend",
    )
    body = tag("div", facts(pairs), figure(wafer_svg(dies, about), _caption(data.wafer), key, "half"))
    return Section("wafer", "Wafer map", body)


def wafer_facts(wafer_map: Any, die_um: tuple[float, float]) -> dict[str, float]:
    """Return diameter, edge exclusion, step and die size in mm from a wafer map."""
    step_x = getattr(wafer_map, "step_x_mm", None) or getattr(wafer_map, "pitch_x_mm", None)
    step_y = getattr(wafer_map, "step_y_mm", None) or getattr(wafer_map, "pitch_y_mm", None)
    return {
        "diameter_mm": float(wafer_map.diameter_mm),
        "edge_exclusion_mm": float(getattr(wafer_map, "edge_exclusion_mm", 0.0)),
        "die_x_mm": die_um[0] / 1000,
        "die_y_mm": die_um[1] / 1000,
        "step_x_mm": float(step_x or die_um[0] / 1000),
        "step_y_mm": float(step_y or die_um[1] / 1000),
    }


def _caption(wafer_map: Any) -> Html:
    return tag(
        "span",
        "Places of the dies, active face up, notch at the bottom; the dashed circle is the edge exclusion.",
    )
