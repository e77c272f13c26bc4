import dataclasses
import json
import math
from pathlib import Path

import numpy as np
import pytest
import shapely

from chipscale.package.types import FlowChange, FlowPlan, WaferFacts
from chipscale.process.kinds.own_stress import stressed
from chipscale.process.kinds.sputter import Evaporate, Sputter
from chipscale.process.models.plate_bow import (
    Laminate,
    PlateLayer,
    critical_load_GPa,
    laminate,
    shape,
    stoney_bow_um,
)
from chipscale.process.questions.bow import METRICS, BowStep, WaferBow, bow_result, bow_steps
from chipscale.process.questions.bow_limits import BowLimit, limit_of
from chipscale.process.questions.plate_layers import PlateBuilder, elastic_of
from chipscale.process.relief.front import Front
from chipscale.process.work import Work
from chipscale.stack.types import Slab

REFERENCE = Path(__file__).parents[3] / "shared" / "data" / "reference" / "mechanical_exact.json"
E, NU = 130.0, 0.278
SILICON = PlateLayer(-775.0, 775.0, E, NU)


def plate(silicon_um, *layers):
    return laminate([PlateLayer(-silicon_um, silicon_um, E, NU), *layers])


def loaded(load):
    """Return a plain plate whose Stoney curvature, times R^2 / 4 h, is `load` (300 mm, 300 µm)."""
    bare = plate(300.0)
    kappa = load * 4 * 300e-6 / 0.15**2
    return bare._replace(moment=(bare.bend + bare.cross) * kappa)


def linear_um(made, diameter_mm=300.0):
    return shape(made, diameter_mm).linear_bow_um


# ---- small deflections --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("wafer_um", "bow_um"), [(775.0, 187.247), (300.0, 1249.615)])
def test_stoney_is_exact(wafer_um, bow_um):
    assert stoney_bow_um(10.0, 30.0, wafer_um, 300.0, biaxial_GPa=E / (1 - NU)) == pytest.approx(bow_um, abs=5e-4)


@pytest.mark.parametrize(("film_um", "off"), [(1.0, 0.003), (0.01, 3e-5)])
def test_a_layered_plate_tends_to_stoney_as_the_film_gets_thin(film_um, off):
    thin = plate(775.0, PlateLayer(0.0, film_um, 3.4, 0.34, 30.0))
    stoney = stoney_bow_um(film_um, 30.0, 775.0, 300.0, biaxial_GPa=E / (1 - NU))
    assert linear_um(thin) == pytest.approx(stoney, rel=off)


@pytest.mark.skipif(not REFERENCE.is_file(), reason="the shared reference is not here")
def test_thick_layers_are_those_of_lamination_theory():
    data = json.loads(REFERENCE.read_text("utf-8"))
    case, z, layers = data["three_layer_plate"], 0.0, []
    for item in case["layers_bottom_to_top"]:
        h = 1e3 * item["t_mm"]
        free = item["E_GPa"] / (1 - item["nu"]) * item["cte_ppm_K"] * 1e-3 * 100  # cooled by 100 K
        layers.append(PlateLayer(z, h, item["E_GPa"], item["nu"], free))
        z += h
    made = laminate(layers)
    assert linear_um(made, 2 * math.hypot(5.0, 5.0)) == pytest.approx(case["laminate_theory_um"], rel=1e-5)
    strip, z, layers = data["timoshenko_strip"], 0.0, []
    for thickness, modulus, cte in zip(strip["t_mm"], strip["E_GPa"], strip["cte_ppm_K"], strict=True):
        layers.append(PlateLayer(z, 1e3 * thickness, modulus, 0.0, -modulus * cte * 1e-3 * strip["dT_K"]))
        z += 1e3 * thickness
    made = laminate(layers)
    assert abs(made.moment / (made.bend + made.cross)) == pytest.approx(abs(strip["kappa_1_m"]), rel=1e-5)


def test_films_on_both_sides_cancel_and_cover_counts():
    front, back = PlateLayer(0.0, 10.0, 3.4, 0.34, 30.0), PlateLayer(-785.0, 10.0, 3.4, 0.34, 30.0)
    assert linear_um(laminate([SILICON, front, back])) == pytest.approx(0.0, abs=1e-9)
    assert linear_um(laminate([SILICON, back])) == pytest.approx(-linear_um(laminate([SILICON, front])))
    half = dataclasses.replace(front, cover_ratio=0.5)
    assert linear_um(laminate([SILICON, half, half])) == pytest.approx(linear_um(laminate([SILICON, front])), rel=1e-12)
    lifted = [dataclasses.replace(layer, z_um=layer.z_um + 123.0) for layer in (SILICON, front)]
    assert linear_um(laminate(lifted)) == pytest.approx(linear_um(laminate([SILICON, front])), rel=1e-9)
    with pytest.raises(ValueError, match="needs a layer"):
        laminate([])


# ---- large deflections --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("load", [0.01, 0.3, 1.0, 1.38])
def test_the_cap_obeys_freunds_cubic(load):
    made = shape(loaded(load), 300.0)
    K = made.kappa_x_per_m * 0.15**2 / (4 * 300e-6)
    assert pytest.approx(load, rel=1e-12) == K * (1 + (1 - NU) * K**2)
    assert (made.kappa_x_per_m, made.state) == (made.kappa_y_per_m, "cap")


def test_the_bifurcation_is_where_it_was_published():
    critical = 2 * (1 + NU) ** -1.5
    below, above = (shape(loaded(critical * factor), 300.0) for factor in (1 - 1e-9, 1 + 1e-9))
    assert (below.state, above.state) == ("cap", "cylinder")
    assert below.load_ratio == pytest.approx(1.0)
    K = below.kappa_x_per_m * 0.15**2 / (4 * 300e-6)
    assert pytest.approx((1 + NU) ** -0.5, rel=1e-6) == K
    far = shape(loaded(20 * critical), 300.0)
    most, least = (kappa * 0.15**2 / (4 * 300e-6) for kappa in (far.kappa_x_per_m, far.kappa_y_per_m))
    assert most * least == pytest.approx(1 / (1 + NU))
    assert most + least == pytest.approx((1 + NU) * 20 * critical)


def test_the_critical_load_of_a_thin_film():
    critical = critical_load_GPa(E, NU)
    stress_MPa = critical * 1e3 * 300.0**3 / 0.01 / (300e3) ** 2
    assert shape(plate(300.0, PlateLayer(0.0, 0.01, E, NU, stress_MPa)), 300.0).load_ratio == pytest.approx(
        1.0, rel=1e-3
    )


def ritz(load):
    """Return (kx, ky) in Stoney's units that minimise the energy of a disc, its stretching found numerically too.

    w = (kx x^2 + ky y^2) / 2 on the unit disc, u and v cubic; energies over the bending stiffness.
    """
    from scipy.optimize import minimize

    nodes, weights = np.polynomial.legendre.leggauss(8)
    r, t = (nodes + 1) / 2, np.arange(16) * math.tau / 16
    x, y = np.outer(r, np.cos(t)).ravel(), np.outer(r, np.sin(t)).ravel()
    area = np.repeat(weights / 2 * r, 16) * math.tau / 16

    def energy(p):
        kx, ky, a1, a2, a3, b1, b2, b3 = p
        wx, wy = 4 * kx * x, 4 * ky * y  # lengths in plane by R, w by h: kappa R^2 / h = 4 K
        ex = a1 + 3 * a2 * x**2 + a3 * y**2 + wx**2 / 2
        ey = b1 + 3 * b2 * y**2 + b3 * x**2 + wy**2 / 2
        exy = 2 * a3 * x * y + 2 * b3 * x * y + wx * wy
        stretch = 12 * np.sum(area * (ex**2 + ey**2 + 2 * NU * ex * ey + (1 - NU) / 2 * exy**2))
        bend = 16 * math.pi * (kx**2 + ky**2 + 2 * NU * kx * ky)
        return stretch + bend - 32 * math.pi * (1 + NU) * load * (kx + ky)

    begin = np.array([1.2 * load + 0.01, 0.8 * load, 0, 0, 0, 0, 0, 0.0])
    found = minimize(energy, begin, method="BFGS", options={"gtol": 1e-7})
    return sorted(found.x[:2], reverse=True)


@pytest.mark.parametrize("load", [0.2, 0.8, 1.3, 1.6, 4.0])
def test_the_shape_has_the_least_energy(load):
    made = shape(loaded(load), 300.0)
    least = ritz(load)
    K = [kappa * 0.15**2 / (4 * 300e-6) for kappa in (made.kappa_x_per_m, made.kappa_y_per_m)]
    assert least == pytest.approx(K, rel=2e-4, abs=1e-5)


def karman_bow_um(load):
    """Return the bow in µm of the 300 µm plate by von Karman's equations, round symmetric, curvature free to vary."""
    from scipy.integrate import solve_bvp

    h, R = 300e-6, 0.15
    D, kappa = E * 1e9 * h**3 / 12 / (1 - NU**2), load * 4 * h / R**2

    def slope(s, y):
        r = s * R
        turn, bent, force, grown = y
        return R * np.vstack(
            [
                bent,
                force / r * turn / D - bent / r + turn / r**2,
                grown,
                -E * 1e9 * h * turn**2 / (2 * r) - grown / r + force / r**2,
            ]
        )

    def ends(a, b):
        start = 1e-3 * R
        return np.array([a[0] - start * a[1], a[2] - start * a[3], b[2], b[1] + NU * b[0] / R - (1 + NU) * kappa])

    s = np.linspace(1e-3, 1.0, 200)
    guess = np.full_like(s, kappa / (1 + load**2 / 2))
    found = solve_bvp(slope, ends, s, np.vstack([guess * s * R, guess, 0 * s, 0 * s]), tol=1e-6, max_nodes=20000)
    assert found.success
    return float(np.trapezoid(found.sol(s)[0], s * R)) * 1e6


@pytest.mark.parametrize(("load", "off"), [(0.1, 0.005), (0.3, 0.03), (0.7, 0.07), (1.38, 0.10)])
def test_one_curvature_for_the_whole_plate_is_close(load, off):
    ours, exact = shape(loaded(load), 300.0).bow_um, karman_bow_um(load)
    assert 0 < ours / exact - 1 < off


# ---- the workpiece as a plate -------------------------------------------------------------------------------------

DIE = shapely.box(0, 0, 1000, 600)


def slab(name, layer, material, z, h, region):
    return Slab(name, layer, material, z, h, region, region)


def work(*bodies):
    return Work("w", 1000.0, 600.0, bodies, Front(((0.0, DIE),)))


def test_a_film_counts_with_the_area_it_covers_and_its_steps_stress():
    half = slab("PI1", "PI1", "PI", 0.0, 10.0, shapely.box(0, 0, 1000, 300))
    piece = work(slab("DIE", "DIE", "Si", -300.0, 300.0, DIE), half)
    (silicon, film) = PlateBuilder().plate(piece).layers
    assert (silicon.E_GPa, silicon.stress_MPa, silicon.cover_ratio) == (130.0, 0.0, 1.0)
    assert (film.cover_ratio, film.stress_MPa) == (0.5, 34.0)
    (_, film) = PlateBuilder().plate(piece.strained("PI1", 20.0, "test")).layers
    assert film.stress_MPa == 20.0


def test_what_is_not_known_is_said():
    piece = work(
        slab("DIE", "DIE", "Si", -300.0, 300.0, DIE),
        slab("RDL.a", "RDL", "W", 0.0, 5.0, shapely.box(100, 100, 200, 200)),
        slab("INS", "INS", "Unobtainium", 5.0, 5.0, DIE),
    )
    made = PlateBuilder().plate(piece)
    assert (made.unknown_stress, made.unknown_elastic) == (("RDL",), ("Unobtainium",))
    assert len(made.layers) == 2
    assert elastic_of("Unobtainium") is None


def test_islands_stand_on_the_plate():
    bump = slab("BUMP.a", "BUMP", "Cu", 0.0, 60.0, shapely.box(100, 100, 200, 200))
    low = dataclasses.replace(bump, h_um=20.0)
    glass = slab("GLASS", "GLASS", "Glass_AF32", 60.0, 900.0, DIE)
    silicon = slab("DIE", "DIE", "Si", -900.0, 900.0, DIE)
    assert len(PlateBuilder().plate(work(silicon, bump)).layers) == 1
    assert len(PlateBuilder().plate(work(silicon, low)).layers) == 2
    assert len(PlateBuilder().plate(work(silicon, glass)).layers) == 2


# ---- the flow -----------------------------------------------------------------------------------------------------


def answer(package, layout, **wafer):
    package = dataclasses.replace(package, wafer=WaferFacts(**wafer), flow=FlowPlan("thin_film_pbo"))
    return WaferBow().run({"package": package, "layout": layout})


def test_the_bow_after_every_step_until_dicing(package, layout):
    package = dataclasses.replace(package, flow=FlowPlan("thin_film_pbo"))
    told = []
    result = WaferBow().run({"package": package, "layout": layout}, lambda share, text: told.append(share))
    rows = result.tables["bow"]
    assert (rows[0]["step"], rows[0]["silicon_um"]) == ("incoming wafer", 775.0)
    passivated = 1 - 2 * 76.0**2 / 600000  # 1.2 µm of it in compression, 1 µm of two pads in tension
    thin = {"plate_um": 775.0, "diameter_mm": 300.0, "biaxial_GPa": E / (1 - NU)}
    held = stoney_bow_um(1.2 * passivated, -220.0, **thin) + stoney_bow_um(2 * 80.0**2 / 600000, 100.0, **thin)
    assert rows[0]["small_bow_um"] == pytest.approx(held, rel=0.02)
    assert rows[-1]["next"] == "dicing"
    first = next(row for row in rows if row["step"] == "cure PI1")
    share = 1 - 2 * 60.0**2 / 600000
    stoney = stoney_bow_um(6.0 * share, 25.0, 775.0, 300.0, biaxial_GPa=E / (1 - NU))
    assert first["small_bow_um"] - rows[0]["small_bow_um"] == pytest.approx(stoney, rel=0.02)
    assert set(result.metrics) == set(METRICS)
    assert result.metrics["largest_bow_um"] == pytest.approx(max(abs(row["bow_um"]) for row in rows), abs=0.01)
    assert told == sorted(told)
    assert not any("no stress is known for" in text for text in result.warnings)
    (assumed,) = (text for text in result.warnings if text.startswith("assumed"))
    assert "RDL (Cu_plated) 100 MPa" in assumed
    assert "PASSIVATION" not in assumed  # published
    held = {(row["layer"], row["material"]): row for row in result.tables["stresses"]}
    assert held["PASSIVATION", "SiN"]["stress_MPa"] == pytest.approx(-220.0 * 1.2 / 2.2, abs=0.01)
    assert "chiou2005" in held["PASSIVATION", "SiN"]["source"]
    assert held["UBM", "Cu_plated"]["source"] == "film stress of Cu_plated: assumed"


@pytest.mark.parametrize(
    ("label", "option", "film"),
    [
        ("incoming wafer", "pad_stress_MPa", ("PAD", "Al")),
        ("incoming wafer", "passivation_stress_MPa", ("PASSIVATION", "SiN")),
        ("plate RDL", "stress_MPa", ("RDL", "Cu_plated")),
        ("plate UBM", "stress_MPa", ("UBM", "Cu_plated")),
    ],
)
def test_a_recipes_stress_counts_in_place_of_the_librarys(package, layout, label, option, film):
    change = FlowChange("change", label, {option: -33.0})
    package = dataclasses.replace(package, flow=FlowPlan("thin_film_pbo", changes=(change,)))
    result = WaferBow().run({"package": package, "layout": layout})
    (row,) = (row for row in result.tables["stresses"] if (row["layer"], row["material"]) == film)
    assert row["stress_MPa"] == pytest.approx(-33.0 * (1.2 / 2.2 if film[0] == "PASSIVATION" else 1.0), abs=0.01)
    assert row["source"].startswith("given in the recipe")


def test_a_sputtered_film_and_two_metals_of_one_layer_keep_their_own():
    bare = work(slab("DIE", "DIE", "Si", -300.0, 300.0, DIE))
    film = Sputter(material="Al", is_seed=False, layer="RDL", thickness_um=2.0).effect(bare, None)
    assert film.residual["RDL Al"].stress_MPa == 100.0
    assert Sputter().effect(bare, None).residual == {}  # a seed ends in the metal plated on it
    given = {"material": "Al", "is_seed": False, "layer": "RDL", "stress_MPa": 20.0}
    assert Evaporate(**given).effect(bare, None).residual["RDL Al"].stress_MPa == 20.0
    nickel = slab("UBM.a", "UBM", "Ni", 0.0, 5.0, shapely.box(100, 100, 300, 300))
    gold = slab("UBM.a.Au", "UBM", "Au", 5.0, 0.05, shapely.box(100, 100, 300, 300))
    both = stressed(stressed(bare.with_bodies([nickel, gold]), "UBM", "Ni"), "UBM", "Au", 10.0)
    assert {layer.stress_MPa for layer in PlateBuilder().plate(both).layers} == {0.0, 59.3, 10.0}
    assert [item.assumed for item in PlateBuilder().plate(both).held] == [False, False]


def test_a_smaller_wafer_bows_less(package, layout):
    """It is 725 µm thick where one of 300 mm is 775 (SEMI M1)."""
    tables = (answer(package, layout, diameter_mm=d).tables["bow"] for d in (300.0, 200.0))
    large, small = (next(row["small_bow_um"] for row in rows if row["step"] == "cure PI1") for rows in tables)
    assert small / large == pytest.approx((200 / 300) ** 2 * (775 / 725) ** 2, rel=2e-3)


def bowed(bow_um, tool, title="next"):
    made = shape(Laminate(1.0, 0.3, 1e-8, 0.0), 300.0)
    made = dataclasses.replace(made, bow_um=bow_um, linear_bow_um=bow_um, kappa_x_per_m=bow_um * 1e-6 * 2 / 0.15**2)
    plate_of = PlateBuilder().plate(work(slab("DIE", "DIE", "Si", -300.0, 300.0, DIE)))
    return BowStep("before", plate_of, made, title, limit_of(tool) if tool else None)


def test_a_published_limit_is_a_check_and_an_assumed_one_a_warning():
    result = bow_result([bowed(-3200.0, "ball mounter")], 300.0)
    (check,) = result.checks
    assert (check.ok, check.limit, check.value) == (False, -3000.0, -3200.0)
    assert "minder-semicon" in check.source
    assert any("next can't hold the wafer: bow -3200 µm, limit -3000 µm" in text for text in result.warnings)
    assert result.metrics["too_bowed_count"] == 1
    held = bow_result([bowed(3200.0, "ball mounter")], 300.0)
    assert (held.ok, held.warnings) == (True, ())
    other = bow_result([bowed(1500.0, "sputter")], 300.0)
    assert (other.checks, other.ok) == ((), True)
    assert "assumed" in other.warnings[0]
    assert BowLimit(1.0, 2.0, "a maker").holds(-2.0)


def test_beyond_small_slopes_it_is_doubtful():
    result = bow_result([bowed(30000.0, "")], 300.0)
    assert result.state == "doubtful"
    assert "no longer a plate" in result.warnings[0]
    assert bow_result([], 300.0).metrics == {}


def test_nothing_is_bowed_before_there_is_a_wafer():
    assert bow_steps((), (), 300.0) == ()
