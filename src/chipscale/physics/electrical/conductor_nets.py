"""Which metal belongs together: the bodies of every net, islands without a net, and what lies below the ground."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import shapely

from chipscale.materials.types import Material
from chipscale.physics.electrical.dielectric_layers import Dielectrics, EPS0_F_um, is_metal
from chipscale.stack.types import Body, Revolved, Slab, Stack
from chipscale.stack.volume import region_at, volume_um3, z_range_um

GROUNDED = ("DIE", "SEAL")  # the silicon, and the ring that stands on it: both at the ground's potential
_SAME_UM = 1e-3


@dataclass(frozen=True, slots=True)
class Metal:
    """Bodies over the ground by net; those of islands without a net by a name of their own; those at or below the
    ground by net."""

    nets: dict[str, list[Body]]
    islands: dict[str, list[Body]]
    sunken: dict[str, list[Slab]]


def metal(stack: Stack, materials: Mapping[str, Material], ground_um: float) -> Metal:
    """Return a stack's metal by what it belongs to."""
    found = Metal({}, {}, {})
    loose: list[Body] = []
    for body in stack.bodies:
        low, high = z_range_um(body)
        if body.layer in GROUNDED or not is_metal(body, materials):
            continue
        if low < ground_um - _SAME_UM or high <= ground_um + _SAME_UM:
            if body.net is not None and isinstance(body, Slab):
                found.sunken.setdefault(body.net, []).append(body)
        elif body.net is None:
            loose.append(body)
        else:
            found.nets.setdefault(body.net, []).append(body)
    for k, group in enumerate(_joined(loose)):
        balls = [body.name.partition(".")[2] for body in group if isinstance(body, Revolved)]
        found.islands[f"no net ({balls[0] if balls else k + 1})"] = group
    return found


def _joined(bodies: Sequence[Body]) -> list[list[Body]]:
    """Return the bodies in groups that touch: one's top at another's foot, and outlines that overlap."""
    groups: list[list[Body]] = []
    for body in bodies:
        touching = [group for group in groups if any(_touch(body, other) for other in group)]
        groups = [group for group in groups if group not in touching]
        groups.append([body, *(other for group in touching for other in group)])
    return groups


def _touch(one: Body, other: Body) -> bool:
    (low, high), (low2, high2) = z_range_um(one), z_range_um(other)
    for z, of, at, to in ((low, one, high2, other), (low2, other, high, one)):
        if abs(z - at) < _SAME_UM:
            return bool(shapely.intersects(region_at(of, z), region_at(to, at)))
    return False


def groove_pF(bodies: Sequence[Slab], layers: Dielectrics, film_um: float) -> float:
    """Return the capacitance in pF of films on the walls of grooves in the silicon, as parallel plates.

    The film's area is its volume over its thickness `film_um`; the insulation on the wall is taken as thick as on the
    silicon's face. A rough figure: the wall's film is thinner, and fringes and the groove's other side are left out.
    """
    insulation = layers.layers[0]
    area_um2 = sum(volume_um3(body) for body in bodies if body.z_um + body.h_um > 0) / film_um
    thick_um = (insulation.high_um or 0.0) - insulation.low_um
    return 1e12 * EPS0_F_um * insulation.eps_ratio * area_um2 / thick_um


def silicon_ohm(bodies: Sequence[Body], silicon_ohm_m: float) -> float:
    """Return the resistance in ohm that silicon puts between a net's image charge and the rest: that of spreading
    from a disc as large as the net's metal seen from above into a half-space, rho / (4 a).

    For wires, which are long, it is less: an upper estimate.
    """
    area_um2 = float(shapely.union_all([body.bottom for body in bodies if isinstance(body, Slab)]).area)
    if area_um2 == 0.0:
        return 0.0
    return silicon_ohm_m / (4e-6 * math.sqrt(area_um2 / math.pi))
