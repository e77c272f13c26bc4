"""Places pads by rule: so many on each side of the die."""

from __future__ import annotations

import re

from chipscale.errors import InputError, Problem
from chipscale.package.pads.source import FoundPad
from chipscale.spec.read import SpecFile

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_NO_NET = {"", "-"}


def per_side_pads(specfile: SpecFile) -> tuple[FoundPad, ...]:
    """Return the pads of `die.pads.per_side`, counter-clockwise from the left side's top.

    That is: left from top to bottom, bottom from left to right, right from bottom to top, top from right to left;
    `{index}` counts along each side in that order, `{n}` over all, and `nets` is in that order. Without a pitch,
    n pads divide the side between the two edge distances into n + 1 equal parts. A net that is empty or '-'
    leaves its pad unconnected. Raises InputError.
    """
    rule = specfile.spec.die.pads.per_side
    assert rule is not None
    key = "die.pads.per_side"
    die = specfile.spec.die
    counts = {"left": rule.left, "bottom": rule.bottom, "right": rule.right, "top": rule.top}
    total = sum(counts.values())
    problems = _problems(specfile, total)
    places: list[tuple[str, int, float, float]] = []
    for side, count in counts.items():
        length = die.size_y_um if side in ("left", "right") else die.size_x_um
        pitch = rule.pitch_um if rule.pitch_um is not None else (length - 2 * rule.edge_um) / (count + 1)
        if count and pitch <= 0:
            problems.append(
                specfile.problem(
                    "pads.outside",
                    f"{key}.edge_um",
                    "no room between the edge distances",
                    f"{rule.edge_um:g}",
                    f"< {length / 2:g} µm, half the side",
                    "use a smaller edge_um or a larger die",
                )
            )
            continue
        for index in range(count):
            along = length / 2 + (index - (count - 1) / 2) * pitch
            places.append((side, index + 1, *_xy(side, along, rule.edge_um, (die.size_x_um, die.size_y_um))))
    if problems:
        raise InputError(problems)
    names = [_name(rule.names, side, index, n) for n, (side, index, _, _) in enumerate(places, 1)]
    if len(set(names)) < len(names):
        what = "the pattern gives two pads the same name"
        remedy = "use {side} with {index}, or {n}"
        raise InputError([specfile.problem("pads.duplicate", f"{key}.names", what, rule.names, remedy=remedy)])
    nets = rule.nets if rule.nets is not None else names
    return tuple(
        FoundPad(name, x_um, y_um, net=None if net in _NO_NET else net, side=side)
        for name, net, (side, _, x_um, y_um) in zip(names, nets, places, strict=True)
    )


def _problems(specfile: SpecFile, total: int) -> list[Problem]:
    rule = specfile.spec.die.pads.per_side
    assert rule is not None
    key = "die.pads.per_side"
    problems = []
    if rule.nets is not None and len(rule.nets) != total:
        problems.append(
            specfile.problem(
                "pads.nets",
                f"{key}.nets",
                "the list must name one net per pad",
                f"{len(rule.nets)} nets",
                f"{total} pads",
                "counter-clockwise from the left side's top; '-' for an unconnected pad",
            )
        )
    wrong = [name for name in _PLACEHOLDER.findall(rule.names) if name not in ("side", "index", "n")]
    if wrong:
        what = f"unknown placeholder {{{wrong[0]}}}"
        remedy = "known: {side}, {index}, {n}"
        problems.append(specfile.problem("pads.names", f"{key}.names", what, rule.names, remedy=remedy))
    return problems


def _name(pattern: str, side: str, index: int, n: int) -> str:
    return pattern.replace("{side}", side[0].upper()).replace("{index}", str(index)).replace("{n}", str(n))


def _xy(side: str, along_um: float, edge_um: float, size_um: tuple[float, float]) -> tuple[float, float]:
    """Return the centre of a pad `along_um` from the low end of its side, in the order of counting."""
    width, height = size_um
    return {
        "left": (edge_um, height - along_um),
        "bottom": (along_um, edge_um),
        "right": (width - edge_um, along_um),
        "top": (width - along_um, height - edge_um),
    }[side]
