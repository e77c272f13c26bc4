"""Tries an assignment out: the nets are only sketched, one after the other, as the router's last resort does it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from chipscale.layout.draw_wires import land_problem
from chipscale.layout.route.problem import RouteProblem
from chipscale.package.types import Package

if TYPE_CHECKING:
    from chipscale.layout.route.negotiate import Plan


@dataclass(frozen=True, slots=True)
class Tried:
    """What a trial left open: nets, wires missing, and the work it took (places searched).

    `open_nets` gives by net the names of the terminals at its loose ends and beside the gap that stood in the way.
    """

    open_nets: dict[str, tuple[str, ...]]
    missing_count: int
    work: int

    def better_than(self, other: Tried) -> bool:
        """Return whether fewer nets, or as many with fewer wires missing, stayed open than with the other."""
        mine, theirs = len(self.open_nets), len(other.open_nets)
        return (mine, self.missing_count) < (theirs, other.missing_count)


Trial = Callable[[Package], Tried]


def sketched(package: Package) -> Tried:
    """Return what stays open when every net is drawn where it fits, short ones first, and a few make way.

    No wire's exact place is found and no room is negotiated for; that makes it some ten to fifty times cheaper than
    routing. It leaves as many nets open as the router does in nearly all cases.
    """
    from chipscale.layout.route.mesh import build_mesh
    from chipscale.layout.route.negotiate import Plan, open_joins, settle
    from chipscale.layout.route.router import _groups
    from chipscale.layout.route.search import COARSE
    from chipscale.layout.route.shapes import net_arrays

    problem = land_problem(replace(package, spread=False), "RDL")
    mesh = build_mesh(problem)
    plan = Plan(mesh, net_arrays(problem), _groups(problem, mesh))
    plan.samples = COARSE
    settle(plan)
    apart = [net for net in range(len(plan.groups)) if len(plan.parts(net)) > 1]
    return Tried({problem.nets[net].name: _at_ends(plan, problem, net) for net in apart}, open_joins(plan), plan.work)


def _at_ends(plan: Plan, problem: RouteProblem, net: int) -> tuple[str, ...]:
    """Return the terminals at the loose ends of an open net; none where no wire could leave them even if alone."""
    from chipscale.layout.route.gaps import explain

    if plan.ends(net) is None:
        return ()
    gap = explain(plan, problem, net)
    return (*gap.terminals, *gap.gap_between)
