"""What a package needs and its flow never made: films, metals, grooves, balls, thickness, the last steps."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import shapely

from chipscale.layout.types import Layout
from chipscale.package.types import Package
from chipscale.process.flow import draft
from chipscale.process.flows import draft_of
from chipscale.process.masks import Masks
from chipscale.results import Check
from chipscale.stack.types import Slab, Stack
from chipscale.stack.volume import region_at, z_range_um

# mask layer -> layers of which one must stand when something is drawn on it
_DRAWN: dict[str, tuple[str, ...]] = {
    "CAVITY": ("WALL",),
    "PAD": ("PAD",),
    "PI1": ("PI1",),
    "INS_OPEN": ("INS",),
    "RDL": ("RDL",),
    "VIA": ("PI_MID",),
    "RDL2": ("RDL2",),
    "PI2": ("PI2",),
    "SMO": ("MASK",),
    "UBM": ("UBM",),
    "BALL": ("BALL", "BUMP"),
}
_CUT = {"GROOVE1": "DIE", "GROOVE2": "DEVICE"}  # mask of a groove -> the body it goes through from its top
_CUT_RATIO = 0.5  # a groove of which this much is left is not there
_OFF_RATIO = 0.02  # a die this much thicker or thinner than planned is not the planned one; assumed


def whole_checks(package: Package, layout: Layout, stack: Stack) -> tuple[Check, ...]:
    """Return a failed check for everything drawn or planned that does not stand, and for last steps left out."""
    return (*_never_made(package, layout, stack), *_never_cut(layout, stack), *_die(package, stack), *_ended(package))


def _never_made(package: Package, layout: Layout, stack: Stack) -> Iterable[Check]:
    for mask, layers in _DRAWN.items():
        if any(layout.on(mask)) and not any(stack.on(layer) for layer in layers):
            said = f"{mask} is drawn, but no step of the flow makes {' or '.join(layers)}"
            yield _missing(
                layers[0], said if layers != (mask,) else f"{mask} is drawn, but no step of the flow makes it", "masks"
            )
    for layer, thick_um in _planned(package).items():
        if thick_um > 0 and not stack.on(layer) and not any(layout.on(layer)):
            said = f"{layer} is planned {thick_um:g} µm thick, but no step of the flow makes it"
            yield _missing(layer, said, "package")


def _planned(package: Package) -> dict[str, float]:
    """Return the thickness in µm of what has no mask of its own and must be there all the same."""
    films, grooves = package.layers, package.grooves
    plan = {"BACKSIDE": films.backside_um, "UBM": films.ubm_um}
    if grooves is not None:
        plan |= {"GLASS": grooves.glass_um, "DEVICE": grooves.device_um, "INS": grooves.insulation_um}
    return plan


def _missing(layer: str, said: str, source: str) -> Check:
    return Check("as_built.missing", "layers_missing_count", 0.0, 1.0, False, said, layer=layer, source=source)


def _never_cut(layout: Layout, stack: Stack) -> Iterable[Check]:
    """Yield a failed check for each groove that is drawn where its body still stands."""
    masks = Masks(layout)
    for mask, layer in _CUT.items():
        slabs = [body for body in stack.on(layer) if isinstance(body, Slab)]
        if not masks.has(mask) or not slabs:
            continue
        drawn = masks.region(mask)
        top = max(z_range_um(body)[1] for body in slabs)
        stands = shapely.union_all([region_at(body, top) for body in slabs if z_range_um(body)[1] == top])
        left = float(shapely.area(shapely.intersection(stands, drawn)))
        if left > _CUT_RATIO * drawn.area:
            yield _missing(mask, f"{mask} is drawn, but no step of the flow cuts it into {layer}", "masks")


def _die(package: Package, stack: Stack) -> Iterable[Check]:
    """Yield a failed check when the silicon is not as thick as the package has it."""
    slabs = [body for body in stack.on("DIE") if isinstance(body, Slab)]
    if not slabs:
        return
    built = max(z_range_um(body)[1] for body in slabs) - min(z_range_um(body)[0] for body in slabs)
    planned = package.die.thickness_um
    if abs(built - planned) > _OFF_RATIO * planned:
        said = f"the die is {built:g} µm thick, the package has {planned:g} µm (as built)"
        yield Check("as_built.thickness", "die_thickness_min_um", built, planned, False, said, layer="DIE")


def _ended(package: Package) -> Iterable[Check]:
    """Yield a failed check for each last step the flow leaves out: without it there is no package."""
    steps, _ = draft(draft_of(package).steps)
    made: set[str] = set()
    for _, step in steps:
        made |= step.makes
    tests: tuple[tuple[Callable[[], bool], str], ...] = (
        (lambda: "solder" in made and "joints" not in made, "the solder is never melted: the flow has no reflow"),
        (lambda: "diced" not in made, "the wafer is never diced: the flow ends with dies that hang together"),
    )
    for missed, said in tests:
        if missed():
            yield Check("as_built.flow", "flow", 0.0, 1.0, False, said, source="flow")
