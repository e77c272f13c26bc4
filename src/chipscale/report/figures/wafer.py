"""Draw the wafer: every die place, whole, partial or knocked out, with the edge exclusion."""

from __future__ import annotations

from typing import Any

from chipscale.report.markup import Html, tag
from chipscale.report.svg import picture, rect, short, text
from chipscale.report.wording import count, number

KIND_TEXT = {"full": "whole die", "partial": "cut by the edge exclusion", "knock_out": "knocked out"}


def wafer_svg(dies: list[tuple[float, float, str]], facts: dict[str, Any]) -> Html:
    """Return the wafer seen on its active face; `dies` holds (x_mm, y_mm) of centres and the kind.

    `facts` holds diameter_mm, edge_exclusion_mm, step_x_mm, step_y_mm (die and street), die_x_mm, die_y_mm.
    """
    diameter = float(facts["diameter_mm"])
    size, edge = 560.0, 14.0
    scale = (size - 2 * edge) / diameter
    middle = size / 2
    wide, high = facts["die_x_mm"] * scale, facts["die_y_mm"] * scale
    radius = diameter / 2 * scale
    by_kind: dict[str, list[str]] = {}
    for x_mm, y_mm, kind in dies:
        x, y = middle + x_mm * scale - wide / 2, middle - y_mm * scale - high / 2
        by_kind.setdefault(kind, []).append(f"M{short(x)} {short(y)}h{short(wide)}v{short(high)}h-{short(wide)}Z")
    paths = [
        tag(
            "path",
            tag("title", f"{KIND_TEXT.get(kind, kind)}: {number(len(parts))}"),
            d="".join(parts),
            class_=f"die {kind}",
        )
        for kind, parts in sorted(by_kind.items())
    ]
    usable = (diameter / 2 - float(facts["edge_exclusion_mm"])) * scale
    blank = tag("circle", cx=short(middle), cy=short(middle), r=short(radius), class_="wafer")
    inner = tag("circle", cx=short(middle), cy=short(middle), r=short(usable), class_="usable")
    notch = tag("path", d=f"M{short(middle - 5)} {short(size - edge + 1)}l5 -7l5 7Z", class_="notch")
    bar_mm = 50 if diameter >= 150 else 20
    bar = [
        rect(edge, size - 6, bar_mm * scale, 3, class_="bar"),
        text(edge + bar_mm * scale + 6, size - 1, f"{bar_mm} mm", class_="tick"),
    ]
    whole = len(by_kind.get("full", []))
    label = f"Wafer map, {number(diameter)} mm: {count(whole, 'whole die', 'whole dies')}"
    round_ = tag("clipPath", tag("circle", cx=short(middle), cy=short(middle), r=short(radius)), id="clip-wafer")
    places = tag("g", paths, clip_path="url(#clip-wafer)")
    return picture(size, size + 4, label, tag("defs", round_), blank, places, inner, notch, bar, class_="wafermap")
