"""A net's wires as a tree: split at branch points, merged through plain points, and cut into two parts."""

from __future__ import annotations

import numpy as np

from chipscale.layout.route_grid.features import Floats

Key = tuple[int, int]
NEAR_UM = 1e-4


def key_of(point: Floats) -> Key:
    """A point as an exact key (0.1 nm)."""
    return round(float(point[0]) / NEAR_UM), round(float(point[1]) / NEAR_UM)


def drop_straight(line: Floats, tol_um: float = 1e-6) -> Floats:
    """The polyline without repeated points and without vertices on a straight run."""
    keep = [line[0]]
    for p in line[1:]:
        if abs(p[0] - keep[-1][0]) + abs(p[1] - keep[-1][1]) > tol_um:
            keep.append(p)
        elif len(keep) > 1:
            keep[-1] = p
    out = keep[:1]
    for i in range(1, len(keep) - 1):
        a, b, c = out[-1], keep[i], keep[i + 1]
        u, v = b - a, c - b
        cross = abs(u[0] * v[1] - u[1] * v[0])
        if cross > tol_um * float(np.hypot(*(c - a))) or float(u @ v) < 0.0:
            out.append(b)
    if len(keep) > 1:
        out.append(keep[-1])
    return np.array(out)


def length_um(line: Floats) -> float:
    """Length of a polyline (n, 2) in µm."""
    d = np.diff(line, axis=0)
    return float(np.hypot(d[:, 0], d[:, 1]).sum())


def split_at(lines: list[Floats], points: list[Floats]) -> list[Floats]:
    """The polylines cut wherever one of the points lies on them."""
    out = []
    for line in lines:
        cuts: list[tuple[int, float, Floats]] = []
        for p in points:
            if key_of(p) in (key_of(line[0]), key_of(line[-1])):
                continue
            a, d = line[:-1], np.diff(line, axis=0)
            ll = np.maximum((d * d).sum(axis=1), 1e-18)
            t = np.clip(((p - a) * d).sum(axis=1) / ll, 0.0, 1.0)
            gap = np.hypot(*(a + t[:, None] * d - p).T)
            i = int(np.argmin(gap))
            if gap[i] < 10 * NEAR_UM:
                cuts.append((i, float(t[i]), p))
        cuts.sort(key=lambda c: (c[0], c[1]))
        begin, rest = 0, [line[0]]
        for i, _, p in cuts:
            rest = [*rest, *line[begin + 1 : i + 1], p]
            if len(rest) > 1 and key_of(rest[0]) != key_of(p):
                out.append(np.array(rest))
            begin, rest = i, [p]
        last = np.array([*rest, *line[begin + 1 :]])
        if len(last) > 1:
            out.append(last)
    return [drop_straight(line) for line in out if length_um(line) > NEAR_UM]


def tidy(lines: list[Floats], pins: list[Floats]) -> list[Floats]:
    """The same tree with wires that end only at pins and branch points; loose ends and doubles are gone."""
    pin_keys = {key_of(p) for p in pins}
    ends = [p for line in lines for p in (line[0], line[-1])]
    lines = split_at(lines, [*pins, *ends])
    unique: dict[tuple[Key, Key], Floats] = {}
    for line in lines:
        a, b = key_of(line[0]), key_of(line[-1])
        k = (min(a, b), max(a, b))
        if a != b and (k not in unique or length_um(line) < length_um(unique[k])):
            unique[k] = line
    lines = list(unique.values())
    while True:
        at: dict[Key, list[int]] = {}
        for i, line in enumerate(lines):
            for p in (line[0], line[-1]):
                at.setdefault(key_of(p), []).append(i)
        loose = next((k for k, v in at.items() if len(v) == 1 and k not in pin_keys), None)
        if loose is not None and pin_keys:
            lines.pop(at[loose][0])
            continue
        plain = next((k for k, v in at.items() if len(v) == 2 and v[0] != v[1] and k not in pin_keys), None)
        if plain is None:
            return lines
        i, j = at[plain]
        a = lines[i] if key_of(lines[i][-1]) == plain else lines[i][::-1]
        b = lines[j] if key_of(lines[j][0]) == plain else lines[j][::-1]
        lines = [line for n, line in enumerate(lines) if n not in (i, j)]
        lines.append(drop_straight(np.vstack([a, b[1:]])))


def pieces(lines: list[Floats], points: list[Floats]) -> Floats:
    """Segments (m, 2, 2) of polylines; a lone point is a segment of no length."""
    out = [np.stack([line[:-1], line[1:]], axis=1) for line in lines]
    out += [np.array([[p, p]]) for p in points]
    return np.ascontiguousarray(np.vstack(out))


def parts(lines: list[Floats], pins: list[Floats]) -> list[tuple[list[int], list[int]]]:
    """Connected parts of a net: the wires and the pins of each (indices); a pin alone is a part."""
    group: dict[Key, Key] = {}

    def root(k: Key) -> Key:
        while group.setdefault(k, k) != k:
            k = group[k]
        return k

    for line in lines:
        group[root(key_of(line[0]))] = root(key_of(line[-1]))
    out: dict[Key, tuple[list[int], list[int]]] = {}
    for i, p in enumerate(pins):
        out.setdefault(root(key_of(p)), ([], []))[1].append(i)
    for i, line in enumerate(lines):
        out.setdefault(root(key_of(line[0])), ([], []))[0].append(i)
    return [out[k] for k in sorted(out)]
