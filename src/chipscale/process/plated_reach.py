"""Which sphere a flow that plates its solder can still reach: what to do about one that is too large."""

from __future__ import annotations

from dataclasses import replace

from chipscale.package.types import Package
from chipscale.process.flow import draft
from chipscale.process.flow_values import plated_solder_um
from chipscale.process.flows import draft_of
from chipscale.process.models.resists import resist

PLATED = "terminal.plated_um"  # the name recipes know the solder's thickness by


def largest_sphere_um(package: Package) -> int | None:
    """Return the largest sphere in whole µm, smaller than the package's, whose solder the flow's steps can plate.

    Every option must be in its range and every resist thick enough. None where the package's own sphere is not too
    large, and where none down to 1 µm would do.
    """
    high = int(package.terminal.sphere_d_um)
    if _reached(package, package.terminal.sphere_d_um):
        return None
    low = high // 2
    while low >= 1 and not _reached(package, low):
        high, low = low, low // 2
    if low < 1:
        return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _reached(package, middle) else (low, middle)
    return low


def plated_remedy(package: Package) -> str:
    """Return which sphere the flow can plate, with how high that is on the package's under-bump metal; empty: none."""
    sphere = largest_sphere_um(package)
    if sphere is None:
        return ""
    height = plated_solder_um(_with_sphere(package, sphere))
    ubm = package.terminal.ubm_d_um
    made = f"{height:.3g} µm plated on under-bump metal of {ubm:g} µm"
    return f"balls.sphere_d_um: {sphere} or less ({made}), or a larger terminal.ubm_d_um"


def _with_sphere(package: Package, sphere_um: float) -> Package:
    return replace(package, terminal=replace(package.terminal, sphere_d_um=float(sphere_um)))


def _reached(package: Package, sphere_um: float) -> bool:
    """Tell whether every option is in its range and every resist reaches its thickness, for another sphere."""
    steps = draft_of(_with_sphere(package, sphere_um)).steps
    if any(problem.code == "flow.out_of_range" for problem in draft(steps)[1]):
        return False
    for step in steps:
        product = resist(str(step.recipe.get("material", ""))) if step.step == "coat" else None
        thickness = step.recipe.get("thickness_um")
        if product is None or product.kind != "resist" or not isinstance(thickness, int | float):
            continue
        if thickness > product.total_max_um:
            return False
    return True
