"""Draw the wafer: every die place, whole, partial or knocked out, with the edge exclusion."""

from __future__ import annotations

from chipscale.layout.wafer_map import WaferMap
from chipscale.report.markup import Html, tag
from chipscale.report.svg import picture, rect, short, text
from chipscale.report.wording import count, number

STATE_TEXT = {"full": "whole die", "partial": "cut by the edge exclusion", "knocked_out": "knocked out"}


def wafer_svg(found: WaferMap) -> Html:
    """Return the wafer seen on its active face; one path per state of the dies."""
    size, edge = 560.0, 14.0
    scale = (size - 2 * edge) / found.diameter_mm
    middle, radius = size / 2, found.diameter_mm / 2 * scale
    wide, high = short(found.die_x_mm * scale), short(found.die_y_mm * scale)
    by_state: dict[str, list[str]] = {}
    for die in found.dies:
        x, y = middle + die.x_mm * scale, middle - (die.y_mm + found.die_y_mm) * scale
        by_state.setdefault(die.state, []).append(f"M{short(x)} {short(y)}h{wide}v{high}h-{wide}Z")
    paths = [_dies(state, parts) for state, parts in sorted(by_state.items())]
    inner = _disc(middle, found.usable_radius_mm * scale, class_="usable")
    notch = tag("path", d=f"M{short(middle - 5)} {short(size - edge + 1)}l5 -7l5 7Z", class_="notch")
    bar_mm = 50 if found.diameter_mm >= 150 else 20
    bar = [
        rect(edge, size - 6, bar_mm * scale, 3, class_="bar"),
        text(edge + bar_mm * scale + 6, size - 1, f"{bar_mm} mm", class_="tick"),
    ]
    label = f"Wafer map, {number(found.diameter_mm)} mm: {count(found.gross_dies, 'whole die', 'whole dies')}"
    clip = tag("clipPath", _disc(middle, radius), id="clip-wafer")
    places = tag("g", paths, clip_path="url(#clip-wafer)")
    blank = _disc(middle, radius, class_="wafer")
    return picture(size, size + 4, label, tag("defs", clip), blank, places, inner, notch, bar, class_="wafermap")


def _dies(state: str, parts: list[str]) -> Html:
    note = tag("title", f"{STATE_TEXT.get(state, state)}: {number(len(parts))}")
    return tag("path", note, d="".join(parts), class_=f"die {state}")


def _disc(middle: float, radius: float, class_: str | None = None) -> Html:
    return tag("circle", cx=short(middle), cy=short(middle), r=short(radius), class_=class_)
