"""Where a placed cell's shapes lie: the eight orientations of LEF/DEF."""

from __future__ import annotations

from collections.abc import Callable

Box = tuple[float, float, float, float]
Point = tuple[float, float]

# Of a point (x, y) in a cell w wide and h high, after turning; the turned cell starts at (0, 0) again.
# W turns by 90° counter-clockwise, FN mirrors about the y axis, FW and FE are FN then turned (LEF/DEF 5.8, DEF
# COMPONENTS).
_TURN: dict[str, Callable[[float, float, float, float], Point]] = {
    "N": lambda x, y, w, h: (x, y),
    "S": lambda x, y, w, h: (w - x, h - y),
    "W": lambda x, y, w, h: (h - y, x),
    "E": lambda x, y, w, h: (y, w - x),
    "FN": lambda x, y, w, h: (w - x, y),
    "FS": lambda x, y, w, h: (x, h - y),
    "FW": lambda x, y, w, h: (y, x),
    "FE": lambda x, y, w, h: (h - y, w - x),
}
ORIENTATIONS = tuple(_TURN)


def placed(box: Box, size: Point, at: Point, orientation: str) -> Box:
    """Return a box of a cell of `size` whose turned lower left corner is placed at `at`; any one unit.

    >>> placed((1, 0, 2, 1), (10, 5), (100, 100), "W")
    (104, 101, 105, 102)
    """
    turn = _TURN[orientation]
    x0, y0 = turn(box[0], box[1], *size)
    x1, y1 = turn(box[2], box[3], *size)
    return (min(x0, x1) + at[0], min(y0, y1) + at[1], max(x0, x1) + at[0], max(y0, y1) + at[1])
