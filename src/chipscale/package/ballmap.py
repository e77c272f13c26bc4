"""The ball map: name, place and net of every ball, from the `balls` block of a package file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from chipscale.errors import InputError, Problem, did_you_mean
from chipscale.package.ball_list import ListedBall, read_ball_list
from chipscale.package.ball_names import Naming
from chipscale.package.grids import Sites, grid_sites, pitch_problems, site_pitch
from chipscale.package.missing_balls import without_missing
from chipscale.package.types import Ball
from chipscale.spec.balls import Balls, Grid, SecondaryGrid

Floats = npt.NDArray[np.float64]


def ball_map(balls: Balls, size_x_um: float, size_y_um: float, folder: Path) -> tuple[Ball, ...]:
    """Return all balls in the die view (origin at the die's lower left, y up), by row and column from A1.

    `balls` is the block of the package file, `folder` the place its paths start from. Nets come from the list's
    own column, `nets` and `nets_csv`; a ball without one has None. Whether the balls fit on the die is not asked
    here. Raises InputError with everything that is wrong at once; keys start at `balls`.
    """
    draft = draft_ball_map(balls, (size_x_um, size_y_um), folder)
    if draft.problems:
        raise InputError(draft.problems)
    return draft.balls


@dataclass(frozen=True, slots=True)
class DraftBallMap:
    """A ball map as far as it can be made and what is wrong with it.

    `complete`: no ball is lost; `nets_complete`: no net given to a ball is lost.
    """

    balls: tuple[Ball, ...]
    problems: tuple[Problem, ...]
    complete: bool
    nets_complete: bool


def draft_ball_map(balls: Balls, size_um: tuple[float, float], folder: Path) -> DraftBallMap:
    """Return what can be made of the block, with all that is wrong with it; `size_um` is the die's (x, y)."""
    problems: list[Problem] = []
    found = _listed(balls, size_um, folder, problems) if balls.csv else _gridded(balls, size_um, problems)
    complete = not problems
    if not balls.csv:
        problems += _double_names(found)
    if not problems or balls.csv:
        problems += touching(_once(found), balls.sphere_d_um)
    if not found and complete:
        remedy = "leave fewer balls out"
        problems.append(Problem("balls.none", "no ball is left", key="balls.missing", remedy=remedy))
    found, nets_read = _with_nets(found, balls, folder, problems)
    in_order = sorted(found, key=lambda ball: (ball.row, ball.col, ball.name))
    return DraftBallMap(tuple(in_order), tuple(problems), complete, complete and nets_read)


def _once(found: Sequence[Ball]) -> list[Ball]:
    """Return the balls without those listed again at the same place."""
    return list({(ball.name, ball.x_um, ball.y_um): ball for ball in found}.values())


def to_board_view(balls: Sequence[Ball], size_x_um: float, size_y_um: float) -> Floats:
    """Return positions (n, 2) in µm from the package centre as the board sees them: x mirrored, y up."""
    xy = positions(balls)
    return np.column_stack((size_x_um / 2 - xy[:, 0], xy[:, 1] - size_y_um / 2))


def positions(balls: Sequence[Ball]) -> Floats:
    """Return the balls' positions (n, 2) in µm of the die view."""
    return np.array([(ball.x_um, ball.y_um) for ball in balls], dtype=np.float64).reshape(-1, 2)


def min_distance_um(balls: Sequence[Ball]) -> float:
    """Return the smallest centre distance of two balls in µm; infinity for a single ball."""
    if len(balls) < 2:
        return float("inf")
    from scipy.spatial import cKDTree

    xy = positions(balls)
    return float(cKDTree(xy).query(xy, k=2)[0][:, 1].min())


def pitch_um(balls: Balls, found: Sequence[Ball]) -> tuple[float, float]:
    """Return the pitch of the sites (x, y) in µm: the grid's, or for a list the smallest steps in x and y."""
    grid = None if balls.csv else site_pitch(balls)
    if grid is not None:
        return grid
    steps = []
    for axis in (0, 1):
        values = np.unique(np.round(positions(found)[:, axis], 3))
        gaps = np.diff(values)
        gaps = gaps[gaps > 1.0]
        steps.append(float(gaps.min()) if len(gaps) else 0.0)
    both = [step for step in steps if step > 0]
    return (steps[0] or (both or [0.0])[0], steps[1] or (both or [0.0])[0])


def touching(balls: Sequence[Ball], ball_d_um: float) -> list[Problem]:
    """Return a problem when balls `ball_d_um` wide share a place or touch: the worst pairs, and how many."""
    if len(balls) < 2:
        return []
    from scipy.spatial import cKDTree

    distance, near = cKDTree(positions(balls)).query(positions(balls), k=2)
    close = np.flatnonzero(distance[:, 1] <= ball_d_um)
    if not len(close):
        return []
    other = np.where(near[close, 1] == close, near[close, 0], near[close, 1])
    pairs = np.unique(np.sort(np.column_stack((close, other)), axis=1), axis=0)
    distance_um = np.hypot(*(positions(balls)[pairs[:, 0]] - positions(balls)[pairs[:, 1]]).T)
    order = np.lexsort((pairs[:, 1], pairs[:, 0], np.round(distance_um, 6)))
    first = [f"{balls[i].name} and {balls[j].name}" for i, j in pairs[order[:3]]]
    more = f" and {len(pairs) - 3} more pairs" if len(pairs) > 3 else ""
    worst = float(distance_um[order[0]])
    what = "two balls are at one place" if worst < 1e-6 else "balls touch"
    return [
        Problem(
            "balls.touching",
            f"{what}: {', '.join(first)}{more}",
            key="balls",
            value=f"{worst:.6g} µm between centres",
            limit=f"more than the ball's {ball_d_um:.6g} µm",
            remedy="a larger pitch, a smaller sphere, or leave one out (missing)",
        )
    ]


def _gridded(balls: Balls, size_um: tuple[float, float], problems: list[Problem]) -> list[Ball]:
    naming = Naming(balls.letters, balls.alphabet)
    result: list[Ball] = []
    grids: list[tuple[Grid, str]] = [(balls, "balls")]
    grids += [(grid, f"balls.secondary[{i}]") for i, grid in enumerate(balls.secondary)]
    for grid, key in grids:
        wrong = pitch_problems(grid, key, balls.pitch_um) + _missing_keys(grid, key)
        pitch = site_pitch(grid, balls.pitch_um)
        row0, col0 = _first(grid, naming, key, wrong)
        problems += wrong
        if wrong or pitch is None:
            continue
        sites = _shift(grid_sites(grid, balls.a1_corner, balls.numbering == "compact", pitch), row0, col0)
        sites, wrong = without_missing(sites, grid.missing, naming, f"{key}.missing")
        problems += wrong
        xy = _to_die(sites.xy_um, balls.view, size_um).tolist()
        names = _names(sites, naming)
        places = zip(names, xy, sites.row.tolist(), sites.col.tolist(), strict=True)
        result += [Ball(name, x_um, y_um, None, row, col) for name, (x_um, y_um), row, col in places]
    return result


def _missing_keys(grid: Grid, key: str) -> list[Problem]:
    """Return the counts a grid must give and does not."""
    return [
        Problem(
            "spec.missing_key",
            f"key '{name}' is missing",
            key=f"{key}.{name}",
            limit="a whole number",
            remedy=f"add '{name}:' to {key}, or give an explicit list (csv)",
        )
        for name in ("rows", "cols")
        if name not in grid.model_fields_set
    ]


def _names(sites: Sites, naming: Naming) -> list[str]:
    """Return the ball names (n,) of sites."""
    rows = [naming.row_label(row) for row in range(int(sites.row_label.max(initial=0)) + 1)]
    cols = [naming.col_label(col) for col in range(int(sites.col_label.max(initial=0)) + 1)]
    first, second, labels = sites.row_label.tolist(), sites.col_label.tolist(), (rows, cols)
    if naming.letters == "columns":
        first, second, labels = second, first, (cols, rows)
    return [labels[0][i] + labels[1][j] for i, j in zip(first, second, strict=True)]


def _first(grid: Grid, naming: Naming, key: str, problems: list[Problem]) -> tuple[int, int]:
    """Return row and column index of a grid's first site; a secondary grid's is named by its labels."""
    if not isinstance(grid, SecondaryGrid):
        return 0, 0
    row = 0 if grid.first_row is None else naming.row_index(grid.first_row)
    col = 0 if grid.first_col is None else naming.col_index(grid.first_col)
    for value, index, field in ((grid.first_row, row, "first_row"), (grid.first_col, col, "first_col")):
        if index is None:
            what = "not a label of the naming in use"
            wanted = f"letters on {naming.letters}, alphabet {naming.alphabet}"
            problems.append(Problem("balls.bad_label", what, key=f"{key}.{field}", value=str(value), limit=wanted))
    return row or 0, col or 0


def _shift(sites: Sites, row: int, col: int) -> Sites:
    return Sites(sites.row + row, sites.col + col, sites.row_label + row, sites.col_label + col, sites.xy_um)


def _listed(balls: Balls, size_um: tuple[float, float], folder: Path, problems: list[Problem]) -> list[Ball]:
    if balls.secondary:
        what, key = "a list has no secondary grids", "balls.secondary"
        problems.append(Problem("balls.list_and_grid", what, key=key, remedy="remove it, or the csv"))
    if balls.missing is not None:
        what, key = "a list has no missing balls", "balls.missing"
        problems.append(Problem("balls.list_and_grid", what, key=key, remedy="remove it and those lines of the csv"))
    try:
        listed, wrong = read_ball_list(folder / str(balls.csv), "balls.csv")
    except InputError as error:
        problems += error.problems
        return []
    problems += wrong
    from_um = (0.0, 0.0) if balls.origin == "center" else (size_um[0] / 2, size_um[1] / 2)
    centred = np.array([(ball.x_um - from_um[0], ball.y_um - from_um[1]) for ball in listed]).reshape(-1, 2)
    places = _places(listed, centred, balls)
    found = _to_die(centred, balls.view, size_um).tolist()
    return [
        Ball(ball.name, x_um, y_um, ball.net, row, col, ball.doc_name)
        for ball, (x_um, y_um), (row, col) in zip(listed, found, places, strict=True)
    ]


def _places(listed: Sequence[ListedBall], centred_um: Floats, balls: Balls) -> list[tuple[int, int]]:
    """Return (row, column) of listed balls: by name where every name follows the convention, else by place."""
    naming = Naming(balls.letters, balls.alphabet)
    named = [naming.place(ball.name) for ball in listed]
    if all(place is not None for place in named):
        return [place for place in named if place is not None]
    right = 1.0 if balls.a1_corner.endswith("left") else -1.0
    down = -1.0 if balls.a1_corner.startswith("top") else 1.0
    cols = np.unique(np.round(right * centred_um[:, 0], 1), return_inverse=True)[1].ravel()
    rows = np.unique(np.round(down * centred_um[:, 1], 1), return_inverse=True)[1].ravel()
    return [(int(row), int(col)) for row, col in zip(rows, cols, strict=True)]


def _to_die(xy_um: Floats, view: str, size_um: tuple[float, float]) -> Floats:
    """Return places (n, 2) given from the die's centre in `view` in the die view from its lower left corner."""
    mirror = -1.0 if view == "board" else 1.0
    return np.column_stack((size_um[0] / 2 + mirror * xy_um[:, 0], size_um[1] / 2 + xy_um[:, 1]))


def _double_names(found: Sequence[Ball]) -> list[Problem]:
    count = Counter(ball.name for ball in found)
    double = [name for name, times in count.items() if times > 1]
    if not double:
        return []
    names = ", ".join(double[:5]) + (f" and {len(double) - 5} more" if len(double) > 5 else "")
    return [
        Problem(
            "balls.double_name",
            "two grids give balls the same names",
            key="balls.secondary",
            value=names,
            remedy="give the secondary grid its own first_row or first_col, or leave the balls out of one (missing)",
        )
    ]


def _with_nets(found: list[Ball], balls: Balls, folder: Path, problems: list[Problem]) -> tuple[list[Ball], bool]:
    """Return the balls with the nets of `nets` and `nets_csv`, and whether all of those could be read."""
    nets_read = True
    given: list[tuple[str, str | None, str, str, str, int | None]] = [
        (name, net or None, "", "balls.nets", "", None) for name, net in (balls.nets or {}).items()
    ]
    if balls.nets_csv is not None:
        path = folder / balls.nets_csv
        try:
            rows, wrong = read_ball_list(path, "balls.nets_csv", positions=False)
        except InputError as error:
            rows, wrong = (), list(error.problems)
        problems += wrong
        nets_read = not wrong
        given += [(row.name, row.net, row.doc_name, "balls.nets_csv", str(path), row.line) for row in rows]
    index = {ball.name: i for i, ball in enumerate(found)}
    result = list(found)
    for name, net, doc_name, key, file, line in given:
        if name not in index:
            if index:
                what = "a net is given for a ball that does not exist"
                problems.append(Problem("balls.unknown_ball", what, file, line, key, name, "", _near(name, index)))
            continue
        ball = result[index[name]]
        if ball.net is not None and net is not None and net != ball.net:
            what = f"ball {name} is given two nets"
            problems.append(Problem("balls.two_nets", what, file, line, key, f"{ball.net} and {net}", "", "keep one"))
        result[index[name]] = replace(ball, net=net or ball.net, doc_name=doc_name or ball.doc_name)
    return result, nets_read


def _near(name: str, known: Iterable[str]) -> str:
    names = list(known)
    remedy = did_you_mean(name, names)
    return remedy if remedy.startswith("did") else f"the map has {names[0]} to {names[-1]}"
