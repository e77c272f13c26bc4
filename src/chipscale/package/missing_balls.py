"""Which balls of a grid are left out: by name, row, column or area."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
import numpy.typing as npt

from chipscale.errors import Problem, did_you_mean
from chipscale.package.ball_names import Naming
from chipscale.package.grids import Sites
from chipscale.spec.balls import Missing

Mask = npt.NDArray[np.bool_]


def without_missing(sites: Sites, missing: Missing | None, naming: Naming, key: str) -> tuple[Sites, list[Problem]]:
    """Return the sites that stay and what is wrong with the `missing` block; `key` is the block's place.

    Rows, columns and areas mean labels as in ball names; an area's corners may lie on sites without a ball.
    """
    if missing is None:
        return sites, []
    gone: Mask = np.zeros(len(sites.row), dtype=bool)
    problems: list[Problem] = []
    _by_name(sites, missing.names, naming, f"{key}.names", (gone, problems))
    _by_label(sites.row_label, missing.rows, naming.row_label, f"{key}.rows", (gone, problems))
    _by_label(sites.col_label, missing.cols, naming.col_label, f"{key}.cols", (gone, problems))
    _by_area(sites, missing.areas, naming, f"{key}.areas", (gone, problems))
    return sites.keep(~gone), problems


Found = tuple[Mask, list[Problem]]  # both are added to


def _by_name(sites: Sites, names: list[str], naming: Naming, key: str, found: Found) -> None:
    gone, problems = found
    if not names:
        return
    places = [(int(row), int(col)) for row, col in zip(sites.row_label, sites.col_label, strict=True)]
    index = {naming.name(*place): i for i, place in enumerate(places)}
    for name in names:
        if name in index:
            gone[index[name]] = True
        else:
            problems.append(_unknown("no ball of this grid has this name", key, name, index))


def _by_label(
    labels: npt.NDArray[np.int64], wanted: list[str | int], label: Callable[[int], str], key: str, found: Found
) -> None:
    gone, problems = found
    known = {label(int(i)): int(i) for i in np.unique(labels)}
    for item in wanted:
        if str(item) in known:
            gone |= labels == known[str(item)]
        else:
            what = "no row has this label" if key.endswith("rows") else "no column has this label"
            problems.append(_unknown(what, key, str(item), known))


def _by_area(sites: Sites, areas: list[list[str]], naming: Naming, key: str, found: Found) -> None:
    gone, problems = found
    rows = {int(i) for i in sites.row_label}
    cols = {int(i) for i in sites.col_label}
    for number, corners in enumerate(areas):
        places = [naming.place(name) for name in corners]
        for name, place in zip(corners, places, strict=True):
            if place is None or place[0] not in rows or place[1] not in cols:
                sites_known = (naming.name(row, col) for row in sorted(rows)[:60] for col in sorted(cols)[:60])
                problems.append(_unknown("no site of this grid has this name", f"{key}[{number}]", name, sites_known))
                break
        else:
            (row0, col0), (row1, col1) = (place for place in places if place is not None)
            gone |= (
                (sites.row_label >= min(row0, row1))
                & (sites.row_label <= max(row0, row1))
                & (sites.col_label >= min(col0, col1))
                & (sites.col_label <= max(col0, col1))
            )


def _unknown(what: str, key: str, value: str, known: Iterable[str]) -> Problem:
    names = list(known)
    remedy = did_you_mean(value, names)
    if remedy.startswith("known: ") and len(names) > 40:
        remedy = f"{len(names)} names are known, from {names[0]} to {names[-1]}"
    return Problem("balls.unknown_missing", what, key=key, value=value, remedy=remedy)
