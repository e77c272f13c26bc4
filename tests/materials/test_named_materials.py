"""Whatever a flow, a step or a family names is in the library, with what the analyses of a package need of it."""

import dataclasses
from pathlib import Path

import pytest

from chipscale import registry
from chipscale.design import Design
from chipscale.materials.library import list_materials, material
from chipscale.process.flow import plan
from chipscale.process.flows import flow_of, list_flows, load_flow
from chipscale.process.kinds.electroless import CHEMISTRIES
from chipscale.process.models.plating_baths import BATHS, SOLDERS
from chipscale.process.models.resists import list_resists
from chipscale.process.questions.bow import WaferBow
from chipscale.process.steps import all_steps
from chipscale.spec.starter import starter
from chipscale.store import Store

THERMAL = ("k_W_mK", "cp_J_kgK", "density_kg_m3")
ELASTIC = ("E_GPa", "nu_ratio", "cte_ppm_K")
ELECTRICAL = ("resistivity_nohm_m", "permittivity_ratio")
ON_PADS = Path(__file__).parents[2] / "examples" / "bump_on_pad" / "chip.yaml"
PACKAGES = {  # flow -> (the family of the starter file, or the package file; values that are changed)
    "thin_film": ("fan_in_wlcsp", {}),
    "thin_film_pbo": ("fan_in_wlcsp", {"films.dielectric": "PBO"}),
    "thin_film_bcb": ("fan_in_wlcsp", {"films.dielectric": "BCB"}),
    "rdl_aluminium": ("fan_in_wlcsp", {}),
    "bump_on_pad": (ON_PADS, {}),
    "plated_solder": (ON_PADS, {"balls.sphere_d_um": 120}),
    "plated_gold": (ON_PADS, {}),
    "image_sensor": ("image_sensor_wlcsp", {}),
    "image_sensor_one_groove": ("image_sensor_wlcsp", {"sensor.second": False}),
}


def parts(name):
    """Return what a material's name stands for: films one upon the other are joined by a slash."""
    return name.split("/")


def missing(name, wanted):
    """Return the values a material lacks; its name alone where the library does not have it."""
    found = material(name)
    lacks = [f"{name}: {value}" for value in wanted if not found.has(value)]
    return lacks + ([] if any(found.has(value) for value in ELECTRICAL) else [f"{name}: {' or '.join(ELECTRICAL)}"])


def named_by_options(step, recipe):
    """Return the materials a step's options name, those of `recipe` in place of its own."""
    own = {field.name: getattr(step, field.name) for field in dataclasses.fields(step)}
    said = {key: value for key, value in (own | recipe).items() if key.endswith("material") or key == "silicon"}
    return {value for value in said.values() if isinstance(value, str) and value and not value.startswith("=")}


@pytest.fixture(scope="module")
def design_of(tmp_path_factory):
    """Return a maker of a design a flow is for; each is made once."""
    folder, kept = tmp_path_factory.mktemp("starters"), {}

    def made(flow):
        if flow in kept:
            return kept[flow]
        source, changes = PACKAGES[flow]
        path = source if isinstance(source, Path) else folder / f"{source}.yaml"
        if not isinstance(source, Path):
            path.write_text(starter(source), encoding="utf-8")
        base = {} if flow.startswith("image_sensor") else {"flow.base": flow}
        kept[flow] = Design.load(path, base | changes, store=Store(folder / "cache"))
        return kept[flow]

    return made


def test_every_flow_and_every_family_is_walked(design_of):
    assert set(PACKAGES) == set(list_flows())
    assert {design_of(flow).package.family for flow in PACKAGES} == set(registry.names("families"))


@pytest.mark.parametrize("flow", sorted(PACKAGES))
def test_every_material_of_a_flow_has_what_analyses_need(flow, design_of):
    package = design_of(flow).package
    assert package.flow.base == flow
    named = set(package.layers.materials.values()) | set(package.grooves.materials.values() if package.grooves else ())
    for spec, step in plan(flow_of(package)):
        named |= named_by_options(step, spec.recipe)
    assert len(named) > 6
    assert sorted(lack for name in named for part in parts(name) for lack in missing(part, ELASTIC + THERMAL)) == []


def test_every_material_a_flow_writes_down_is_known():
    """Steps a package does not get count too: they stand in the flow's file."""
    written = {
        value
        for flow in list_flows()
        for line in load_flow(flow).lines
        for value in named_by_options(all_steps()[line.step.step](), dict(line.step.recipe))
    }
    assert {"Ti/Cu", "TiW/Au", "SnAg", "AZ P4620", "AZ 9260", "Ni", "Au"} <= written
    assert sorted(lack for name in written for part in parts(name) for lack in missing(part, ELASTIC + THERMAL)) == []


def test_every_default_of_a_step_is_known():
    named = {name for kind in all_steps().values() for name in named_by_options(kind(), {})}
    assert {"Al", "SiN", "SiO2", "EMC", "Glass_AF32", "SolderMask", "BacksideCoating"} <= named
    assert sorted(lack for name in named for part in parts(name) for lack in missing(part, ELASTIC + THERMAL)) == []


TABLES = {"plated": BATHS, "solders": SOLDERS, "electroless": CHEMISTRIES, "coats": list_resists()}


@pytest.mark.parametrize("table", sorted(TABLES))
def test_every_material_of_a_steps_table_is_known(table):
    assert sorted(lack for name in TABLES[table] for lack in missing(name, ELASTIC + THERMAL)) == []


def test_flux_is_a_liquid():
    assert missing("Flux", THERMAL) == []
    assert not material("Flux").has("E_GPa")


def test_metals_conduct_and_films_do_not():
    for name in list_materials():
        found = material(name)
        if found.has("resistivity_nohm_m") and name != "Si":
            assert found.look.metalness > 0.5, name
            assert 10.0 < found.number("resistivity_nohm_m") < 1000.0, name
        if found.has("permittivity_ratio"):
            assert found.look.metalness < 0.5, name
            assert 1.0 < found.number("permittivity_ratio") < 12.0, name


@pytest.mark.parametrize("flow", sorted(PACKAGES))
def test_the_bow_leaves_no_material_out(flow, design_of):
    design = design_of(flow)
    result = WaferBow().run({"package": design.package, "layout": design.layout})
    assert not [text for text in result.warnings if text.startswith("no ")]
    assert len(result.tables["stresses"]) > 4
    assert all(row["source"] for row in result.tables["stresses"])
