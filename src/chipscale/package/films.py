"""Film thicknesses and materials of the nominal stack: what the file gives, else usual values with their source."""

from __future__ import annotations

from chipscale.errors import InputError, Problem
from chipscale.materials.library import material
from chipscale.package.types import Assumption, LayerPlan
from chipscale.spec.read import SpecFile

SILICON_UM = (250.0, "common final thickness of a WLCSP die, 200 to 300 µm")

# layer -> (µm, why); "assumed" where no publication was at hand.
USUAL_UM: dict[str, tuple[float, str]] = {
    "pad_metal_um": (1.0, "assumed: usual top metal of a bond pad"),
    "passivation_um": (1.0, "0.5 to 1.8 µm of SiN/SiON in copper bumping (tlmicorp.com)"),
    "pi1_um": (6.0, "5 to 8 µm of polyimide in standard redistribution (ginechip.com)"),
    "rdl_um": (6.0, "5 to 8 µm of copper in standard redistribution (ginechip.com)"),
    "pi2_um": (6.0, "5 to 8 µm of polyimide in standard redistribution (ginechip.com)"),
    "ubm_um": (8.0, "assumed: 5 to 9 µm of plated copper in usual WLCSP practice"),
    "backside_um": (25.0, "assumed: usual backside tape, 25 to 40 µm"),
}
DIELECTRIC = "PI"
FLOW_OF = {"PI": "thin_film", "PBO": "thin_film_pbo", "BCB": "thin_film_bcb"}  # dielectric -> the flow that cures it
# flow -> what it is usually made with, where that is not the table's: layer -> (µm, why); "rdl": its material
OF_FLOW: dict[str, tuple[dict[str, tuple[float, str]], str]] = {
    "rdl_aluminium": ({"rdl_um": (2.0, "assumed: 1 to 3 µm of sputtered aluminium")}, "Al"),
}


def layer_plan(specfile: SpecFile) -> tuple[LayerPlan, tuple[Assumption, ...]]:
    """Return the nominal films with materials, and the thicknesses nobody gave.

    Material keys: die, pad_metal, passivation, pi1, rdl, pi2, ubm, ball, backside.
    """
    films, base = specfile.spec.films, specfile.spec.flow.base or ""
    assumptions = []
    values: dict[str, float] = {}
    usual, rdl = OF_FLOW.get(base, ({}, "Cu_plated"))
    for name, (usual_um, why) in (USUAL_UM | usual).items():
        given = getattr(films, name)
        values[name] = usual_um if given is None else given
        if given is None:
            assumptions.append(Assumption(f"{name.removesuffix('_um')} thickness", f"{usual_um:g} µm", why))
    of_flow = {flow: name for name, flow in FLOW_OF.items()}.get(base)
    if films.dielectric is None and of_flow is None:
        why = "films.dielectric is not given; polyimide is the most common"
        assumptions.append(Assumption("dielectric", DIELECTRIC, why))
    dielectric = _library_name(films.dielectric or of_flow or DIELECTRIC)
    materials = {
        "die": "Si",
        "pad_metal": "Al",
        "passivation": "SiN",
        "pi1": dielectric,
        "rdl": rdl,
        "pi2": dielectric,
        "ubm": "Cu_plated",
        "ball": _library_name(specfile.spec.balls.alloy),
        "backside": "BacksideCoating",
    }
    wires = "plated Cu wires and UBM" if rdl == "Cu_plated" else f"{rdl} wires, plated Cu UBM"
    taken = f"Al pads, SiN passivation, {wires}"
    assumptions.append(Assumption("film materials", taken, "the file format has no keys for them; usual choice"))
    return LayerPlan(**values, materials=materials), tuple(assumptions)


def material_problems(specfile: SpecFile) -> list[Problem]:
    """Return the materials the file names that the library does not have."""
    spec = specfile.spec
    wanted = [("balls.alloy", spec.balls.alloy), ("films.dielectric", spec.films.dielectric)]
    problems = []
    for key, name in wanted:
        if name is None:
            continue
        try:
            material(name)
        except InputError as error:
            remedy = error.problems[0].remedy
            what = "no such material in the library"
            problems.append(specfile.problem("films.unknown_material", key, what, name, remedy=remedy))
    return problems


def _library_name(name: str) -> str:
    try:
        return material(name).name
    except InputError:
        return name
