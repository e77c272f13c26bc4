"""Which net belongs to which class: shell-style patterns that respect brackets in net names, and kinds by name."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from fnmatch import fnmatchcase

from chipscale.package.types import NetKind

# Names of supplies in common use; a suffix that makes it a signal (vdd_en, vcc_ok) is excluded.
_POWER = re.compile(r"[adp]?v(dd|cc|ee|bat|bus|sys|pp)([a-z0-9_]*)?|\+?\d+v\d*|vin|vbatt?", re.IGNORECASE)
_GROUND = re.compile(r"[adpr]?gnd([a-z0-9_]*)?|[adp]?vss([a-z0-9_]*)?|ground", re.IGNORECASE)
_SIGNAL_END = re.compile(r"(_|^)(en|ok|good|pg|sense|sns|fb|sel|det|mon|rdy|on)(_?n|b)?$", re.IGNORECASE)


def matching(pattern: str, nets: Collection[str]) -> list[str]:
    """Return the nets a pattern means, sorted.

    A pattern that is itself a net's name means that net only. Otherwise `*`, `?` and `[...]` work as in a shell,
    and brackets are also tried as plain characters, so that `io[*]` finds `io[3]`.

    >>> matching("io[*]", {"io[3]", "io3", "clk"}), matching("d[0-1]", {"d0", "d1", "d2"})
    (['io[3]'], ['d0', 'd1'])
    """
    if pattern in nets:
        return [pattern]
    plain = pattern.replace("[", "[[]")
    return sorted(net for net in nets if fnmatchcase(net, pattern) or fnmatchcase(net, plain))


def guessed_kind(net: str) -> NetKind:
    """Return the kind a net's name suggests: VDD, VCC, ... power; GND, VSS, ... ground; else signal.

    >>> guessed_kind("vssd1"), guessed_kind("VDDIO"), guessed_kind("vdd_en"), guessed_kind("vref")
    ('ground', 'power', 'signal', 'signal')
    """
    name = re.sub(r"[!\[\]<>()]", "", net)
    if _SIGNAL_END.search(name):
        return "signal"
    if _GROUND.fullmatch(name):
        return "ground"
    return "power" if _POWER.fullmatch(name) else "signal"


def guessed_supplies(nets: Iterable[str]) -> dict[NetKind, list[str]]:
    """Return the nets whose names suggest a supply, by kind, sorted."""
    found: dict[NetKind, list[str]] = {"power": [], "ground": []}
    for net in sorted(nets):
        kind = guessed_kind(net)
        if kind != "signal":
            found[kind].append(net)
    return found
