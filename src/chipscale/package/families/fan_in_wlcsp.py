"""The fan-in wafer-level package: balls on the die's own area, joined to its pads by one redistribution layer."""

from __future__ import annotations

from chipscale.errors import Problem
from chipscale.package.draft import Draft, add_flow, add_nets, ball_distance_um, drafted, package_of
from chipscale.package.family import Family
from chipscale.package.fan_in_question import FanInQuestion, question_of_spec
from chipscale.package.films import FLOW_OF, SILICON_UM, layer_plan, material_problems
from chipscale.package.on_pad import add_nets_on_pads, foreign_sizes, sizes_on_pad
from chipscale.package.terminals import terminal
from chipscale.package.types import Assumption, Die, Package
from chipscale.package.validity import ball_problems, terminal_problems
from chipscale.spec.die import SealRing
from chipscale.spec.read import SpecFile

RULES = "skywater_amkor_400"  # where the file names no rule set


class FanInWlcsp(Family):
    """Family `fan_in_wlcsp`: the package is the die."""

    name = "fan_in_wlcsp"

    def draft(self, specfile: SpecFile) -> Draft:
        """Return what can be made of the file, with everything that is wrong with it."""
        draft = drafted(specfile, RULES)
        draft.problems += material_problems(specfile) + _foreign(specfile)
        _sizes(draft)
        if specfile.spec.rdl.layers == 0:
            add_nets_on_pads(draft)
        else:
            add_nets(draft)
        add_flow(draft, _flow(specfile))
        return draft

    def package(self, draft: Draft) -> Package:
        """Return the package of a draft without problems."""
        layers, films = layer_plan(draft.specfile)
        die, assumed = _die(draft.specfile)
        return package_of(draft, die, layers, (*assumed, *films))

    def question(self, draft: Draft) -> FanInQuestion:
        """Return what decides whether the balls fit."""
        assert draft.rules is not None
        assert draft.source is not None
        return question_of_spec(draft.specfile.spec, draft.source.pads, draft.rules, draft.balls or ())


def _flow(specfile: SpecFile) -> str:
    """Return the flow that makes the package where the file names none."""
    if specfile.spec.rdl.layers == 0:
        return "bump_on_pad"
    return FLOW_OF.get(layer_plan(specfile)[0].materials["pi1"], "thin_film")


def _foreign(specfile: SpecFile) -> list[Problem]:
    """Return the blocks of the file that only another family has."""
    if specfile.spec.sensor is None:
        return []
    what = "this block belongs to the family image_sensor_wlcsp"
    remedy = "remove it, or write family: image_sensor_wlcsp"
    return [specfile.problem("sensor.foreign", "sensor", what, specfile.spec.family, remedy=remedy)]


def _sizes(draft: Draft) -> None:
    if draft.rules is None:
        return
    spec = draft.specfile.spec
    pads = draft.source.pads if draft.source is not None else ()
    if spec.rdl.layers == 0:
        draft.problems += foreign_sizes(draft.specfile)
        draft.terminal, assumed = sizes_on_pad(draft.specfile, draft.rules, pads)
    else:
        draft.terminal, assumed = terminal(spec.terminal, spec.balls.sphere_d_um, draft.rules, pads)
    draft.assumptions += assumed
    draft.problems += terminal_problems(draft.specfile, draft.terminal)
    if draft.balls:
        distance = ball_distance_um(draft) if len(draft.balls) > 1 else float("inf")
        draft.problems += ball_problems(draft.specfile, draft.balls, draft.terminal, distance)


def _die(specfile: SpecFile) -> tuple[Die, list[Assumption]]:
    block = specfile.spec.die
    assumptions = []
    thickness = block.thickness_um
    if thickness is None:
        thickness, why = SILICON_UM
        assumptions.append(Assumption("silicon thickness", f"{thickness:g} µm", why))
    ring = block.seal_ring
    if ring is None:
        ring = SealRing()
        taken = f"{ring.width_um:g} µm wide, {ring.inset_um:g} µm from the die's edge"
        assumptions.append(Assumption("seal ring", taken, "die.seal_ring is not given"))
    return Die(block.size_x_um, block.size_y_um, thickness, ring.width_um, ring.inset_um), assumptions
