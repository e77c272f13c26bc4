"""Draw the wafer's bow after every step, small and large deflections, what the tools hold, and the silicon left."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from chipscale.report.markup import Html, tag
from chipscale.report.svg import Plot, line, picture, rect, short, text, ticks
from chipscale.report.wording import number

_WIDE = 1000.0
_REACH = 3.0  # a tool's limit is drawn when it is no farther than this many times the largest bow


def bow_svg(rows: Sequence[dict[str, Any]], places: Sequence[int]) -> Html:
    """Return two plots over the steps: bow in µm with the next tool's limits, thickness of the silicon in µm.

    `rows` are those of the table "bow" of process.bow, `places` the steps' places in the flow.
    """
    upper = _bow_plot(rows)
    lower = Plot((_WIDE, 150), upper_range(rows), (0, 1.1 * max(row["silicon_um"] for row in rows)), (8, 16, 42, 70))
    marks = _shown_places(len(rows))
    parts = [
        upper.axes("", "bow, µm", [], ticks(upper.y0, upper.y1, 6)),
        _limits(upper, rows),
        line(upper.left, upper.y(0), _WIDE - upper.right, upper.y(0), class_="axis"),
        _line(upper, [row["small_bow_um"] for row in rows], "series-b"),
        _line(upper, [row["bow_um"] for row in rows], "series-a"),
        [_dot(upper, k, row, place) for k, (row, place) in enumerate(zip(rows, places, strict=True))],
    ]
    silicon = [
        lower.axes("step of the flow", "silicon, µm", [], ticks(0, lower.y1, 3)),
        [text(lower.x(k), 150 - 25, places[k], class_="tick mid") for k in marks],
        _steps(lower, [row["silicon_um"] for row in rows]),
    ]
    label = f"Bow of the wafer after {len(rows)} steps, and thickness of its silicon"
    below = tag("g", silicon, transform=f"translate(0 {short(upper.height)})")
    return picture(_WIDE, upper.height + 150, label, parts, below, class_="plot")


def upper_range(rows: Sequence[dict[str, Any]]) -> tuple[float, float]:
    """Return the range of the steps' axis: half a step beyond the first and the last."""
    return -0.5, len(rows) - 0.5


def _bow_plot(rows: Sequence[dict[str, Any]]) -> Plot:
    bows = [row[name] for row in rows for name in ("bow_um", "small_bow_um")]
    most = max(abs(bow) for bow in bows) or 1.0
    limits = [row["limit_um"] for row in rows if row["limit_um"] is not None and abs(row["limit_um"]) <= _REACH * most]
    low, high = min([0.0, *bows, *limits]), max([0.0, *bows, *limits])
    room = 0.06 * ((high - low) or 1.0)
    return Plot((_WIDE, 330), upper_range(rows), (low - room, high + room), (14, 16, 14, 70))


def _shown_places(count: int) -> range:
    return range(0, count, max(1, -(-count // 30)))


def _line(plot: Plot, values: Sequence[float], kind: str) -> Html:
    points = " ".join(f"{short(plot.x(k))} {short(plot.y(value))}" for k, value in enumerate(values))
    return tag("path", d=f"M{points}", class_=f"series {kind}")


def _steps(plot: Plot, values: Sequence[float]) -> Html:
    path = "".join(
        f"{'M' if k == 0 else 'L'}{short(plot.x(k - 0.5))} {short(plot.y(value))}H{short(plot.x(k + 0.5))}"
        for k, value in enumerate(values)
    )
    return tag("path", d=path, class_="series series-a")


def _limits(plot: Plot, rows: Sequence[dict[str, Any]]) -> Html:
    """Return a mark at the bow the next tool can hold, where the plot reaches it."""
    marks = []
    for k, row in enumerate(rows):
        limit = row["limit_um"]
        if limit is None or not plot.y0 <= limit <= plot.y1:
            continue
        x0, x1, y = plot.x(k - 0.4), plot.x(k + 0.4), plot.y(limit)
        note = tag("title", f"{row['next']}: up to {number(limit)} µm ({row['limit_source']})")
        marks.append(tag("g", note, rect(x0, y - 1, x1 - x0, 2, class_="limit-mark")))
    return tag("g", marks)


def _dot(plot: Plot, k: int, row: dict[str, Any], place: int) -> Html:
    said = f"{place}. {row['step']}: bow {number(row['bow_um'])} µm, small deflections {number(row['small_bow_um'])} µm"
    shape = tag("circle", cx=short(plot.x(k)), cy=short(plot.y(row["bow_um"])), r=3.2)
    return tag("g", tag("title", said), shape, class_="dot-ok" if row["held"] else "dot-bad")
