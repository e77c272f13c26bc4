"""Gives the balls of a package their nets, as its assignment plan asks."""

from __future__ import annotations

from chipscale.layout.assign.demand import demand_of
from chipscale.layout.assign.trial import Trial
from chipscale.package.types import Package
from chipscale.results import Progress


def assign(package: Package, progress: Progress | None = None, trial: Trial | None = None) -> Package:
    """Return the package with every ball's net filled in; the same package when the plan is fixed.

    Partial: balls that have a net keep it. Free: all nets are found anew and those given are kept in
    `assignment.given` to compare with. Supply nets go by the plan's pattern, signals by least total length without
    crossings; a land on a pad carries that pad's net. Up to a few hundred nets the answer is tried out with `trial`
    (default: a sketch of the wires); where nets stay open other answers are tried. Raises InputError when the plan
    names unknown balls or nets, or when there are too few balls.
    """
    demand = demand_of(package)
    if package.assignment.mode == "fixed" or not demand.count:
        return package
    from chipscale.layout.assign.routable import routable
    from chipscale.layout.assign.trial import sketched

    return routable(package, demand, progress, trial or sketched)
