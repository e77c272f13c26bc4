"""What a recipe may take from the package: names, sums and products, conditions; everything else is refused."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chipscale.package.types import WaferFacts
from chipscale.process.flow_values import VALUES, FlowValueError, holds, names_in, value


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("layers.rdl_um", 5.0),
        ("1.5*layers.rdl_um", 7.5),
        ("layers.rdl_um * 2 + 1", 11.0),
        ("2*(layers.rdl_um + 1)", 12.0),
        ("layers.rdl_um - 2 - 1", 2.0),
        ("-1 + layers.rdl_um / 2", 1.5),
        ("max(layers.rdl_um, 8)", 8.0),
        ("min(layers.rdl_um, layers.pi1_um) + max(1, 2)", 7.0),
        ("materials.pi1", "PBO"),
        ("materials.die", "Si"),
        ("rdl_layers", 1),
        ("has_grooves", False),
        ("die.thickness_um", 200.0),
        ("wafer.thickness_um", 775.0),
        ("1e-1 * layers.rdl_um", 0.5),
    ],
)
def test_expressions(package, text, wanted):
    assert value(text, package) == wanted


@given(
    st.lists(st.tuples(st.sampled_from("+-*"), st.integers(1, 99)), max_size=6),
    st.integers(1, 99),
)
def test_sums_of_products_are_those_of_arithmetic(package_of_films, rest, first):
    text = str(first) + "".join(f" {sign} {number}" for sign, number in rest)
    total, product, sign = 0, first, 1
    for op, number in rest:
        if op == "*":
            product *= number
        else:
            total, product, sign = total + sign * product, number, 1 if op == "+" else -1
    assert value(text, package_of_films) == total + sign * product


@pytest.fixture(scope="module")
def package_of_films():
    return None  # expressions without names ask nothing of it


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("layers.rdl", "did you mean"),
        ("layers.rdl_um *", "ends too early"),
        ("", "ends too early"),
        ("2 layers.rdl_um", "out of place"),
        ("(layers.rdl_um", "needs ')'"),
        ("layers.rdl_um / 0", "divides by 0"),
        ("2*materials.pi1", "is no number"),
        ("2*has_grooves", "is no number"),
        ("__import__('os')", "unknown name"),
        ("layers.rdl_um; 1", "out of place"),
        ("grooves.second", "no grooves"),
        ("(" * 300, "too long"),
    ],
)
def test_what_is_refused(package, text, said):
    with pytest.raises(FlowValueError) as caught:
        value(text, package)
    assert said in f"{caught.value.what} {caught.value.remedy}"


@pytest.mark.parametrize(
    ("condition", "wanted"),
    [
        ("rdl_layers == 1", True),
        ("rdl_layers>=2", False),
        ("layers.backside_um > 0", True),
        ("materials.pi1 == PBO", True),
        ("materials.pi1 != PBO", False),
        ("has_grooves == false", True),
        ("has_grooves != true", True),
    ],
)
def test_conditions(package, condition, wanted):
    assert holds(condition, package) is wanted


@pytest.mark.parametrize("condition", ["rdl_layers", "rdl_layer == 1", "materials.pi1 > 2", "1 == 1", "rdl_layers == "])
def test_conditions_that_are_none(package, condition):
    with pytest.raises(FlowValueError):
        holds(condition, package)


def test_the_wafer_is_as_thick_as_its_diameter_says(package):
    of = {d: value("wafer.thickness_um", dataclasses.replace(package, wafer=WaferFacts(d))) for d in (100.0, 200.0)}
    assert of == {100.0: 525.0, 200.0: 725.0}


def test_plated_solder_holds_one_sphere(package):
    h = value("terminal.plated_um", package)
    u, d = package.terminal.ubm_d_um, package.terminal.sphere_d_um
    assert 3.141592653589793 / 4 * u**2 * h == pytest.approx(3.141592653589793 / 6 * d**3)


def test_every_name_gives_a_plain_value_and_a_key_of_the_file(package):
    from chipscale.spec.fields import at
    from chipscale.spec.model import Spec

    for name, item in VALUES.items():
        assert at(Spec, tuple(item.key.split("."))), name
        if not name.startswith("grooves.") and name.removeprefix("materials.") not in (
            "glass", "wall", "insulation", "mask", "device",
        ):  # fmt: skip
            assert isinstance(item.of(package), bool | int | float | str), name


def test_names_are_found_in_order():
    assert names_in("2*layers.rdl_um + max(terminal.ubm_d_um, 3)") == ("layers.rdl_um", "terminal.ubm_d_um")
