"""Row and column labels of the ball array, read off the balls' own names."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Sequence

from chipscale.assembly.array import array_facts, board_view_um
from chipscale.package.types import Package

SIZE_PT = (4.6, 6.5)  # least and greatest
GAP_MM = 0.9
_HEIGHT_MM_PT = 0.36  # height of a line of capitals and its gap, per point
_SAME_UM = 0.5

Labels = list[tuple[float, str]]


def array_labels(package: Package) -> tuple[Labels, Labels]:
    """Return (x in µm of the board view, label) of the columns and (y, label) of the rows.

    Whether letters count rows (JEDEC) or columns is seen from the names. A label is empty where the balls of a
    row or column share none; all are where the grid is rotated or names don't consist of letters and a number.
    """
    facts = array_facts(package)
    named = [(ball.name, *board_view_um(package, ball)) for ball in package.balls]
    columns = [(x, [n for n, bx, _ in named if abs(bx - x) < _SAME_UM]) for x in facts.x_um]
    rows = [(y, [n for n, _, by in named if abs(by - y) < _SAME_UM]) for y in facts.y_um]
    numbers_across = sum(_shared(names, 1) != "" for _, names in columns if len(names) > 1)
    letters_across = sum(_shared(names, 0) != "" for _, names in columns if len(names) > 1)
    numbers_down = sum(_shared(names, 1) != "" for _, names in rows if len(names) > 1)
    letters_down = sum(_shared(names, 0) != "" for _, names in rows if len(names) > 1)
    across = 0 if letters_across + numbers_down > numbers_across + letters_down else 1
    labelled = (
        [(x, _shared(names, across)) for x, names in columns],
        [(y, _shared(names, 1 - across)) for y, names in rows],
    )
    if any(_repeats(labels) for labels in labelled):
        return [(x, "") for x, _ in columns], [(y, "") for y, _ in rows]
    return labelled


def _repeats(labels: Labels) -> bool:
    """Tell whether one label stands at two places, as in a rotated grid, where it would tell nothing."""
    shown = [label for _, label in labels if label]
    return len(shown) != len(set(shown))


def _shared(names: Sequence[str], part: int) -> str:
    """Return the letters (part 0) or the number (part 1) all names share, or nothing.

    >>> _shared(["A1", "B1"], 1), _shared(["A1", "A2"], 0), _shared(["A1", "B2"], 0)
    ('1', 'A', '')
    """
    found = {match[part + 1] if match else "" for match in (re.fullmatch(r"([A-Za-z]+)(\d+)", n) for n in names)}
    return found.pop() if len(found) == 1 else ""


def spaced(labels: Labels, widths: Sequence[float]) -> Labels:
    """Return the labels thinned out so that those left don't touch: every n-th, the first of the alphabet kept.

    Places and `widths` are in mm of the sheet.
    """
    ordered = sorted((item for item in labels if item[1]), key=lambda item: item[0])
    gaps = [after[0] - before[0] for before, after in itertools.pairwise(ordered)]
    if not gaps:
        return ordered
    step = max(math.ceil((max(widths) + GAP_MM) / max(min(gaps), 1e-6) - 1e-9), 1)
    first = min(range(len(ordered)), key=lambda i: (len(ordered[i][1]), ordered[i][1]))
    return ordered[first % step :: step]


def largest_size_pt(gap_mm: float, em_widths_mm: Sequence[float]) -> float:
    """Return the largest font size within limits at which labels `gap_mm` apart don't touch.

    `em_widths_mm` are the labels' widths at 1 pt; none: only their height counts.
    """
    unit = max(em_widths_mm) if em_widths_mm else _HEIGHT_MM_PT
    return max(SIZE_PT[0], min(SIZE_PT[1], (gap_mm - GAP_MM) / unit)) if unit > 0 else SIZE_PT[1]


def line_height_mm(size_pt: float) -> float:
    """Return the height of a line of capitals on the sheet."""
    return _HEIGHT_MM_PT * size_pt


def least_gap(places: Sequence[float]) -> float:
    """Return the smallest distance of neighbours; infinite for a single place."""
    return min((b - a for a, b in itertools.pairwise(sorted(places))), default=math.inf)
