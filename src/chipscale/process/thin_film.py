"""The thin-film redistribution flow of a wafer-level package, with the numbers of one package."""

from __future__ import annotations

from chipscale.package.types import FlowStep, Package

WAFER_UM = 775.0  # SEMI M1, 300 mm
_USUAL_MATERIALS = {
    "die": "Si",
    "pad_metal": "Al",
    "passivation": "SiN",
    "pi1": "PI",
    "rdl": "Cu_plated",
    "pi2": "PI",
    "ubm": "Cu_plated",
    "ball": "SAC305",
    "backside": "BacksideCoating",
}


def nominal_flow(package: Package) -> tuple[FlowStep, ...]:
    """Return the steps from the incoming wafer to the diced package, thinned after bumping.

    The dielectric between two redistribution layers takes the thickness of the first one, the second metal that of
    the first. Films of 0 µm on the back are left out.
    """
    films, terminal = package.layers, package.terminal
    of = _USUAL_MATERIALS | films.materials
    steps = [
        FlowStep(
            "incoming_wafer",
            "incoming wafer",
            {
                "pad_metal_um": films.pad_metal_um,
                "passivation_um": films.passivation_um,
                "wafer_um": max(WAFER_UM, package.die.thickness_um),
                "silicon": of["die"],
                "pad_material": of["pad_metal"],
                "passivation_material": of["passivation"],
            },
        ),
    ]
    if package.rdl_layers:
        steps += [_polymer("PI1", "PI1", of["pi1"], films.pi1_um), *_metal("RDL", of["rdl"], films.rdl_um)]
    if package.rdl_layers == 2:
        steps += [_polymer("PI_MID", "VIA", of["pi1"], films.pi1_um), *_metal("RDL2", of["rdl"], films.rdl_um)]
    steps += [_polymer("PI2", "PI2", of["pi2"], films.pi2_um), *_metal("UBM", of["ubm"], films.ubm_um)]
    drop = {"material": of["ball"], "sphere_d_um": terminal.sphere_d_um}
    ball = {"base_d_um": terminal.ubm_d_um, "ball_d_um": terminal.ball_d_um, "ball_h_um": terminal.ball_h_um}
    steps += [FlowStep("ball_drop", "ball drop", drop), FlowStep("reflow", "reflow", ball)]
    steps.append(FlowStep("thin", "thinning", {"thickness_um": package.die.thickness_um}))
    if films.backside_um > 0:
        coat = {"material": of["backside"], "thickness_um": films.backside_um}
        steps.append(FlowStep("backside_coat", "backside film", coat))
    steps.append(FlowStep("dice", "dicing"))
    return tuple(steps)


def _polymer(layer: str, mask: str, material: str, thickness_um: float) -> FlowStep:
    options = {"layer": layer, "mask": mask, "material": material, "thickness_um": thickness_um}
    return FlowStep("polymer", f"dielectric {layer}", options)


def _metal(layer: str, material: str, thickness_um: float) -> list[FlowStep]:
    """Return the five steps of one plated layer; the resist stands half as high again as the metal (assumed)."""
    return [
        FlowStep("sputter", f"seed for {layer}"),
        FlowStep("resist", f"resist for {layer}", {"mask": layer, "thickness_um": 1.5 * thickness_um}),
        FlowStep("plate", f"plate {layer}", {"layer": layer, "material": material, "thickness_um": thickness_um}),
        FlowStep("strip", f"strip resist of {layer}"),
        FlowStep("etch_seed", f"etch seed of {layer}"),
    ]
