"""Layout versus netlist: the metal on the masks must join exactly what each net says, pad by pad and ball by ball."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, ClassVar

from chipscale.layout.connectivity import MASKS, pieces
from chipscale.layout.draw_terminals import net_of_balls, net_of_pads
from chipscale.layout.edge_contact import with_contacts
from chipscale.layout.lvs_places import gap_between, joint_between
from chipscale.layout.lvs_terminals import Reached, reach
from chipscale.layout.masks import LayerNumbers, layer_region, read_masks, to_klayout
from chipscale.layout.seal_ring import square
from chipscale.package.pads_under import pads_under
from chipscale.package.types import Package
from chipscale.results import Check, Progress, Result, State

Terminal = tuple[str, str]  # ("pad" or "ball", name)


@dataclass(frozen=True, slots=True)
class Lvs:
    """Does the metal on the masks join what the netlist says?"""

    name: ClassVar[str] = "layout.lvs"
    reads: ClassVar[tuple[str, ...]] = ("package", "layout")
    metrics: ClassVar[Mapping[str, str]] = {
        "nets_count": "nets of the package",
        "matched_count": "nets whose terminals are one piece of metal and alone on it",
        "pieces_count": "connected pieces of metal that reach a pad or a ball",
        "opens_count": "nets in more than one piece",
        "shorts_count": "pieces that join several nets or an unused ball",
        "missing_count": "pads and balls of a net the masks do not reach",
        "extra_count": "openings where the package has no pad or ball, and metal that leads nowhere",
    }

    def run(self, view: Mapping[str, Any], progress: Progress | None = None) -> Result:
        """Extract the connectivity from the masks of the layout and compare it with the package."""
        return compare(to_klayout(view["layout"]), view["package"])


def lvs_of_masks(path: Path, package: Package, numbers: LayerNumbers | None = None) -> Result:
    """Compare a GDS or OASIS file, ours or foreign, with the package.

    `numbers` gives (layer, datatype) by layer name where the file's differ. A file without a pad layer gets the
    pads from the package.
    """
    return compare(read_masks(path), package, numbers)


def compare(masks: Any, package: Package, numbers: LayerNumbers | None = None) -> Result:
    """Compare the connectivity of a klayout.db.Layout with the package's nets."""
    regions = {name: layer_region(masks, name, numbers) for name in MASKS}
    if regions["PAD"].is_empty():
        regions["PAD"] = _pads_of(package)
    absent = [name for name in _drawn(package) if regions[name].is_empty()]
    regions = with_contacts(regions)
    found = reach(pieces(regions), package)
    wanted = terminals_of(package)
    joined = must_join(package, wanted)
    wanted = {terminal: net for terminal, net in wanted.items() if terminal in joined}
    where = {("pad", pad.name): (pad.x_um, pad.y_um) for pad in package.pads}
    where |= {("ball", ball.name): (ball.x_um, ball.y_um) for ball in package.balls}
    homes: dict[Terminal, list[Reached]] = {}
    for item in found:
        for terminal in _terminals(item):
            homes.setdefault(terminal, []).append(item)
    shorts = _shorts(found, wanted, where, masks, numbers)
    opens = _opens(joined, where, homes)
    missing = _missing(wanted, where, homes, _contact_of(package))
    extra = _extra(found)
    checks = (*shorts, *opens, *missing, *extra)
    bad = {name for check in checks for name in check.net.split(" / ")}
    names = sorted({net.name for net in package.nets})
    good = tuple(
        Check("lvs.net", "net", net, None, True, f"net {net} is one piece of metal", net=net)
        for net in names
        if net not in bad
    )
    metrics = {
        "nets_count": float(len(names)),
        "matched_count": float(len(good)),
        "pieces_count": float(sum(bool(item.pads or item.balls) for item in found)),
        "opens_count": float(len(opens)),
        "shorts_count": float(len(shorts)),
        "missing_count": float(len(missing)),
        "extra_count": float(len(extra)),
    }
    warnings = (f"nothing is drawn on {', '.join(absent)}: not compared there",) if absent else ()
    state: State = "doubtful" if absent else "ok"
    return Result(Lvs.name, metrics, checks + good, warnings=warnings, state=state)


def _drawn(package: Package) -> tuple[str, ...]:
    """Return the layers the chain from pad to ball needs."""
    if package.grooves is not None:
        return ("GROOVE2" if package.grooves.second else "INS_OPEN", "RDL", "SMO", "BALL")
    return ("PI1", "RDL", "PI2", "UBM", "BALL") if package.rdl_layers else ("PI2", "UBM", "BALL")


def _contact_of(package: Package) -> tuple[str, str]:
    """Return the mask layer that makes the contact of metal and pad, and what to call that contact."""
    if package.grooves is None:
        return "PI1", "opening on the pad"
    return ("GROOVE2", "metal on its cut edge") if package.grooves.second else ("INS_OPEN", "opening on the pad")


def terminals_of(package: Package) -> dict[Terminal, str]:
    """Return the net of every pad and ball that has one."""
    wanted = {("pad", pad): net for pad, net in net_of_pads(package).items()}
    return wanted | {("ball", ball): net for ball, net in net_of_balls(package).items()}


def must_join(package: Package, wanted: Mapping[Terminal, str]) -> dict[Terminal, str]:
    """Return the net of every terminal that has to be one piece with the others of its net.

    Without redistribution each ball is one piece with the pad it stands on and with no other: what else joins a net
    is inside the die. There a name holds the pad behind the net; pads without a ball are left out.
    """
    if package.rdl_layers:
        return dict(wanted)
    under = pads_under(package.balls, package.pads)
    found: dict[Terminal, str] = {}
    for (kind, name), net in wanted.items():
        if kind == "ball" and name in under:
            pad = under[name].name
            found[("ball", name)] = found[("pad", pad)] = f"{net} on pad {pad}"
        elif kind == "ball":
            found[("ball", name)] = net
    return found


def _shorts(
    found: list[Reached],
    wanted: Mapping[Terminal, str],
    where: Mapping[Terminal, tuple[float, float]],
    masks: Any,
    numbers: LayerNumbers | None,
) -> list[Check]:
    checks = []
    for item in found:
        by_net: dict[str, list[Terminal]] = {}
        for terminal in _terminals(item):
            by_net.setdefault(wanted.get(terminal, f"(unused {terminal[0]} {terminal[1]})"), []).append(terminal)
        if len(by_net) < 2:
            continue
        nets = sorted(by_net)
        told = "; ".join(f"{net}: {_told(by_net[net])}" for net in nets)
        message = f"short: nets {' and '.join(nets)} are one piece of metal ({told})"
        spots = {net: [where[terminal] for terminal in by_net[net]] for net in nets}
        at = joint_between(masks, numbers, item.piece, spots)
        checks.append(Check("lvs.short", "net", " + ".join(nets), None, False, message, at, "RDL", " / ".join(nets)))
    return checks


def _opens(
    wanted: Mapping[Terminal, str],
    where: Mapping[Terminal, tuple[float, float]],
    homes: Mapping[Terminal, list[Reached]],
) -> list[Check]:
    parts: dict[str, dict[int, tuple[Reached, list[Terminal]]]] = {}
    for terminal, net in sorted(wanted.items(), key=lambda item: (item[1], item[0])):
        for home in homes.get(terminal, ()):
            parts.setdefault(net, {}).setdefault(home.piece.number, (home, []))[1].append(terminal)
    checks = []
    for net, groups in sorted(parts.items()):
        if len(groups) < 2:
            continue
        ordered = [groups[number] for number in sorted(groups)]
        told = " | ".join(_told(terminals) for _, terminals in ordered)
        gap_um, at = min(
            gap_between(
                (one.piece, [where[terminal] for terminal in terminals]),
                (other.piece, [where[terminal] for terminal in others]),
            )
            for (one, terminals), (other, others) in pairwise(ordered)
        )
        message = f"open: net {net} is {len(groups)} pieces: {told}; the gap is {gap_um:.1f} µm"
        bare = net.partition(" on pad ")[0]
        checks.append(Check("lvs.open", "net", net, None, False, message, at, "RDL", bare))
    return checks


def _missing(
    wanted: Mapping[Terminal, str],
    where: Mapping[Terminal, tuple[float, float]],
    homes: Mapping[Terminal, list[Reached]],
    contact: tuple[str, str],
) -> list[Check]:
    """Return the terminals nothing reaches; `contact`: layer and name of what metal meets a pad in."""
    layer, name_of_contact = contact
    checks = []
    for terminal in sorted(set(wanted) - set(homes)):
        kind, name = terminal
        lacks = f"no {name_of_contact}" if kind == "pad" else "no ball there"
        message = f"missing: {kind} {name} of net {wanted[terminal]}: {lacks}"
        checks.append(Check("lvs.missing", kind, name, None, False, message, where[terminal], layer, wanted[terminal]))
    return checks


def _extra(found: list[Reached]) -> list[Check]:
    checks = []
    for item in found:
        for layer, x, y in item.unknown:
            message = f"extra: {layer} opening or ball at ({x:.1f}, {y:.1f}), where the package has none"
            checks.append(Check("lvs.extra", layer, None, None, False, message, (x, y), layer))
        metal = item.piece.polygons.get("RDL", ()) + item.piece.polygons.get("RDL2", ())
        if metal and not item.pads and not item.balls and not item.unknown:
            box = metal[0].bbox()
            at = (box.center().x / 1000.0, box.center().y / 1000.0)
            message = f"extra: metal at ({at[0]:.1f}, {at[1]:.1f}) reaches neither pad nor ball"
            checks.append(Check("lvs.extra", "RDL", None, None, False, message, at, "RDL"))
    return checks


def _pads_of(package: Package) -> Any:
    """Return the pads' metal as a region, for masks without a pad layer."""
    import klayout.db as db

    region = db.Region()
    for pad in package.pads:
        corners = square(pad.x_um, pad.y_um, pad.size_x_um, pad.size_y_um) * 1000.0
        region.insert(db.Box(*(round(float(value)) for value in (*corners[0], *corners[2]))))
    return region


def _terminals(item: Reached) -> list[Terminal]:
    return [("pad", name) for name in item.pads] + [("ball", name) for name in item.balls]


def _told(terminals: list[Terminal]) -> str:
    return ", ".join(f"{kind} {name}" for kind, name in terminals)
