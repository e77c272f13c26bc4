"""The image-sensor wafer-level package: glass on the active face, grooves from the back, wiring and balls there.

The package is seen from its ball side, which here is the die's back: pads, keep-outs and sensing area, which the file
gives in the active-face view (through the glass), are mirrored in x.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from chipscale.errors import InputError, Problem
from chipscale.materials.library import material
from chipscale.package.draft import Draft, add_flow, add_nets, ball_distance_um, drafted, package_of
from chipscale.package.family import DOES_NOT_FIT, Family
from chipscale.package.fan_in_question import FanInQuestion, question_of_spec
from chipscale.package.groove_defaults import NICKEL_UM, RDL_UM, SILICON_UM, grooves_of
from chipscale.package.groove_problems import groove_problems, land_problems
from chipscale.package.groove_terminals import groove_terminal
from chipscale.package.grooves import least_um, turned_keepouts, turned_pads
from chipscale.package.types import Assumption, Die, Grooves, LayerPlan, Package, RuleSet, Terminal
from chipscale.package.validity import ball_problems
from chipscale.spec.read import SpecFile

RULES = "image_sensor_assumed"  # where the file names no rule set
_PAD_METAL_UM = (1.0, "assumed: usual top metal of a bond pad")
# Keys other families use and this one does not: what takes their place here.
_UNUSED = {
    "films": {
        "passivation_um": "the device layer's thickness is sensor.device_um",
        "pi1_um": "the insulating layer's thickness is sensor.insulation_um",
        "pi2_um": "the solder mask's thickness is sensor.mask_um",
        "backside_um": "the back carries the wiring",
        "dielectric": "materials are sensor.insulation_material and sensor.mask_material",
    },
    "terminal": {
        "ubm_d_um": "balls wet the opening of the solder mask: terminal.pi2_d_um",
        "pi1_size_um": "the opening on a pad is sensor.contact_d_um, with sensor.second: false",
    },
    "die": {"seal_ring": "the grooves take the die's edge, nothing on the masks is a seal ring"},
}
_MATERIALS = ("glass_material", "wall_material", "device_material", "insulation_material", "mask_material")


class ImageSensorWlcsp(Family):
    """Family `image_sensor_wlcsp`: an image sensor under glass, its balls on the back, joined to pads by grooves."""

    name = "image_sensor_wlcsp"
    does_not_fit = DOES_NOT_FIT | {"sensor.land_over_groove"}

    def draft(self, specfile: SpecFile) -> Draft:
        """Return what can be made of the file, with everything that is wrong with it."""
        draft = drafted(specfile, RULES)
        draft.problems += _unused(specfile) + _material_problems(specfile)
        width = specfile.spec.die.size_x_um
        if draft.source is not None:
            draft.source = replace(draft.source, pads=turned_pads(draft.source.pads, width))
        draft.keepouts = turned_keepouts(draft.keepouts, width)
        if specfile.spec.sensor is None:
            what = "the family needs the block 'sensor'"
            remedy = "add sensor: {area_um: [x0, y0, x1, y1]} with the sensing area"
            draft.problems.append(specfile.problem("sensor.missing", "sensor", what, remedy=remedy))
        elif draft.rules is not None:
            _sizes(draft, draft.rules)
        add_nets(draft)
        two = specfile.spec.sensor is None or specfile.spec.sensor.second
        add_flow(draft, "image_sensor" if two else "image_sensor_one_groove")
        return draft

    def package(self, draft: Draft) -> Package:
        """Return the package of a draft without problems."""
        spec = draft.specfile.spec
        assert draft.grooves is not None
        layers, assumed = _layers(draft.specfile, draft.grooves)
        silicon, why = _silicon_um(draft.specfile)
        if why:
            assumed.append(Assumption("silicon thickness", f"{silicon:g} µm", why))
        die = Die(spec.die.size_x_um, spec.die.size_y_um, silicon, 0.0, 0.0)
        return package_of(draft, die, layers, assumed)

    def question(self, draft: Draft) -> FanInQuestion:
        """Return what decides whether the balls fit on the back, clear of the grooves."""
        assert draft.rules is not None
        assert draft.source is not None
        assert draft.grooves is not None
        assert draft.terminal is not None
        asked = question_of_spec(draft.specfile.spec, draft.source.pads, draft.rules, draft.balls or ())
        return replace(
            asked,
            seal_ring_inset_um=0.0,
            ball_d_um=draft.terminal.ball_d_um,
            land_d_um=draft.terminal.land_d_um,
            least_um=least_um(draft.grooves, draft.terminal, draft.rules.values, _widest_um(draft)),
        )


def _sizes(draft: Draft, rules: RuleSet) -> None:
    """Add grooves and terminal, and what is wrong with them."""
    specfile = draft.specfile
    spec = specfile.spec
    assert spec.sensor is not None
    pads = draft.source.pads if draft.source is not None else ()
    silicon = _silicon_um(specfile)[0]
    draft.grooves, assumed = grooves_of(spec.sensor, pads, (spec.die.size_x_um, spec.die.size_y_um), silicon)
    nickel = spec.films.ubm_um if spec.films.ubm_um is not None else NICKEL_UM[0]
    deep = max(draft.grooves.mask_um - nickel, 0.0)
    made, more, problems = groove_terminal(specfile, deep, rules, pads)
    draft.terminal = replace(made, pi1_size_um=draft.grooves.contact_d_um)
    draft.assumptions += [*assumed, *more]
    draft.problems += problems
    if draft.source is not None and draft.source.complete:
        draft.problems += groove_problems(specfile, draft.grooves, pads, silicon)
    if draft.balls:
        _ball_problems(draft, draft.grooves, draft.terminal, rules.values)


def _ball_problems(draft: Draft, grooves: Grooves, terminal: Terminal, rules: Mapping[str, float]) -> None:
    assert draft.balls is not None
    distance = ball_distance_um(draft) if len(draft.balls) > 1 else float("inf")
    bare = replace(terminal, ubm_d_um=0.0)  # no under-bump metal of its own
    draft.problems += ball_problems(draft.specfile, draft.balls, bare, distance)
    draft.problems += land_problems(draft.specfile, grooves, draft.balls, (terminal, rules, _widest_um(draft)))


def _widest_um(draft: Draft) -> float:
    """Return the width of the widest wires the file asks for."""
    given = [block.width_um for block in draft.specfile.spec.nets.values() if block.width_um is not None]
    return max([draft.wire_um[0], *given])


def _silicon_um(specfile: SpecFile) -> tuple[float, str]:
    """Return the silicon's thickness and, where the file does not give it, why it was taken."""
    given = specfile.spec.die.thickness_um
    return (given, "") if given is not None else SILICON_UM


def _unused(specfile: SpecFile) -> list[Problem]:
    """Return the keys of the file that mean nothing for this family."""
    problems = []
    for block, keys in _UNUSED.items():
        for key, instead in keys.items():
            if getattr(getattr(specfile.spec, block), key) is not None:
                what, place = "this key means nothing for an image sensor", f"{block}.{key}"
                problems.append(specfile.problem("sensor.unused_key", place, what, remedy=f"remove it: {instead}"))
    if specfile.spec.rdl.layers != 1:
        what, value = "an image sensor has one layer of wiring metal", f"{specfile.spec.rdl.layers}"
        problems.append(specfile.problem("sensor.layers", "rdl.layers", what, value, "1", "remove the key"))
    return problems


def _material_problems(specfile: SpecFile) -> list[Problem]:
    """Return the materials the file names that the library does not have."""
    spec = specfile.spec
    wanted = [("balls.alloy", spec.balls.alloy)]
    wanted += [(f"sensor.{key}", getattr(spec.sensor, key)) for key in _MATERIALS if spec.sensor is not None]
    problems = []
    for key, name in wanted:
        if name is None:
            continue
        try:
            material(name)
        except InputError as error:
            what, remedy = "no such material in the library", error.problems[0].remedy
            problems.append(specfile.problem("films.unknown_material", key, what, name, remedy=remedy))
    return problems


def _layers(specfile: SpecFile, grooves: Grooves) -> tuple[LayerPlan, list[Assumption]]:
    """Return the films of the back and what was assumed.

    `pi1` is the insulation, `pi2` the solder mask, `ubm` the nickel in its openings.
    """
    films = specfile.spec.films
    assumed = []
    values = {}
    for name, what, (usual, why) in (
        ("pad_metal_um", "pad_metal thickness", _PAD_METAL_UM),
        ("rdl_um", "rdl thickness", RDL_UM),
        ("ubm_um", "ubm thickness", NICKEL_UM),
    ):
        given = getattr(films, name)
        values[name] = usual if given is None else given
        if given is None:
            assumed.append(Assumption(what, f"{usual:g} µm", why))
    of = grooves.materials
    materials = {
        "die": "Si",
        "pad_metal": "Al",
        "pi1": of["insulation"],
        "rdl": "Al",
        "pi2": of["mask"],
        "ubm": "Ni",
        "ball": material(specfile.spec.balls.alloy).name,
    }
    why = "the file format has no keys for them; usual choice"
    assumed.append(Assumption("metals", "Al pads and wires, Ni in the solder mask's openings", why))
    return (
        LayerPlan(
            passivation_um=0.0,
            pi1_um=grooves.insulation_um,
            pi2_um=grooves.mask_um,
            backside_um=0.0,
            materials=materials,
            **values,
        ),
        assumed,
    )
