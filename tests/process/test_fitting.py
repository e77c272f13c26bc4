import dataclasses

import pytest

from chipscale.errors import InputError
from chipscale.materials.library import list_materials
from chipscale.package.types import FlowStep
from chipscale.process.fitting import _FITS, CLASSES, class_of, misfits
from chipscale.process.flow import plan
from chipscale.process.steps import all_steps


def test_every_material_of_the_library_has_one_class():
    named = [name for names in CLASSES.values() for name in names]
    assert sorted(named) == sorted(list_materials())


def test_what_is_judged_exists():
    kinds = all_steps()
    for step, option in _FITS:
        assert option in {field.name for field in dataclasses.fields(kinds[step])}


@pytest.mark.parametrize(
    ("step", "recipe", "what", "remedy"),
    [
        ("ball_drop", {"material": "Glass_AF32"}, "Glass_AF32 is no solder but a glass", "SAC305"),
        ("ball_drop", {"material": "PI"}, "PI is no solder but a polymer", "SAC305"),
        ("screen_print", {"material": "Cu"}, "Cu is no solder but a metal", "SAC305"),
        ("coat", {"kind": "polymer", "material": "SAC305"}, "SAC305 is no polymer but a solder", "PBO"),
        ("sputter", {"material": "Ti/PI"}, "PI is no metal or solder but a polymer", "TiW"),
        ("bond", {"material": "SAC305"}, "SAC305 is no glass or semiconductor but a solder", "Glass_EagleXG"),
    ],
)
def test_a_material_of_another_class_is_refused(step, recipe, what, remedy):
    (problem,) = misfits(all_steps()[step](**recipe), "flow[1] x")
    assert problem.what.startswith(what)
    assert remedy in problem.remedy
    assert problem.key == "flow[1] x.material"


def test_a_flow_with_a_misfit_is_refused():
    with pytest.raises(InputError, match="no solder but a glass"):
        plan([FlowStep("ball_drop", "balls", {"material": "Glass_AF32"})])


def test_what_the_library_does_not_have_is_not_judged():
    assert class_of("Parylene") == ""
    assert misfits(all_steps()["conformal_film"](material="Parylene"), "flow[1] x") == []
    assert misfits(all_steps()["sputter"](material="Ti/Cu"), "flow[1] x") == []
