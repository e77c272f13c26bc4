"""The supply network's answer as tables, metrics and fields for pictures."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from chipscale.package.types import Package
from chipscale.physics.electrical.current_limits import Black, black_life_h
from chipscale.physics.electrical.fuse import fuse_A, steady_A, time_constant_s, wire_of
from chipscale.physics.electrical.supply_net import NetAnswer
from chipscale.physics.electrical.supply_sheets import NetSheets
from chipscale.physics.electrical.supply_wires import WireCurrent, wire_currents
from chipscale.solvers.sheet_mesh import Array
from chipscale.stack.types import Slab, Stack

Row = dict[str, Any]
Solved = Sequence[tuple[NetSheets, NetAnswer]]
_FLAT = ("", "foot")  # parts of a film's bodies away from openings: the metal, and the seed layer it stands on
LAYERS = ("RDL", "RDL2", "UBM")
_UNDER = {"RDL": ("PI1", "INS"), "RDL2": ("PI1", "PI_MID"), "UBM": ()}
_DENSITY = {"wire": "wires", "via": "openings", "ubm": "openings", "ball": "openings"}


@dataclass(frozen=True, slots=True)
class Asked:
    """What is wanted beside the currents: life at `t_C` by Black's equation, fuse current of a pulse (0: steady)."""

    t_C: float
    black: Black | None
    fuse_pulse_s: float


def tables(view: Mapping[str, Any], solved: Solved, ask: Asked) -> dict[str, list[Row]]:
    """Return the tables nets, pads, balls, wires, openings and layers; currents in mA, densities in A/cm²."""
    package, layout, stack = view["package"], view["layout"], view["stack"]
    wires: list[Row] = []
    for sheets, answer in solved:
        wires += [_wire_row(sheets.net, k, item) for k, item in enumerate(wire_currents(sheets, answer, layout), 1)]
    _add_fuses(wires, solved, (stack, view["materials"]), ask)
    openings = [row for _, answer in solved for row in _openings(package, answer)]
    for row in [*wires, *openings]:
        if ask.black is not None and row["place"] == ask.black.place:
            life = black_life_h(row["j_A_cm2"], ask.t_C, ask.black)
            row["life_h"] = life if math.isfinite(life) else None
    return {
        "nets": [_net_row(package, answer) for _, answer in solved],
        "pads": [row for _, answer in solved for row in _pad_rows(package, answer)],
        "balls": [row for _, answer in solved for row in _ball_rows(package, answer)],
        "wires": wires,
        "openings": openings,
        "layers": _layer_rows(stack, solved),
    }


def layers_of(solved: Solved) -> list[str]:
    """Return the layers whose films carry current, upward: the numbers in the field `triangle_layer`."""
    used = {film.layer for _, answer in solved for film in answer.films}
    return [name for name in LAYERS if name in used]


def _layer_rows(stack: Stack, solved: Solved) -> list[Row]:
    """Return the layers of films that carry current: metal, thickness as built, resistance of a square.

    The thickness is from the foot of the film to its top, seed layer included, away from openings and walls.
    """
    sigma = {piece.body: piece.sigma_S_m for sheets, _ in solved for piece in sheets.pieces}
    found = []
    for name in layers_of(solved):
        bodies = [b for b in stack.bodies if isinstance(b, Slab) and b.layer == name and b.name in sigma]
        levels = {(b.z_um, b.z_um + b.h_um): b for b in bodies if b.part in _FLAT}
        whole_um = max((high for _, high in levels), default=0.0) - min((low for low, _ in levels), default=0.0)
        square_S = sum(sigma[body.name] * (high - low) * 1e-6 for (low, high), body in levels.items())
        metals = ", ".join(dict.fromkeys(levels[key].material for key in sorted(levels)))
        found.append(
            {
                "layer": name,
                "metal": metals,
                "thick_um": round(whole_um, 6),
                "r_square_mohm": 1e3 / square_S if square_S > 0 else None,
            }
        )
    return found


def _net_row(package: Package, answer: NetAnswer) -> Row:
    net = package.net(answer.net)
    total = sum(answer.pad_current.values())
    worst = max(sorted(answer.pad_drop), key=lambda name: answer.pad_drop[name], default="")
    pad = next((item for item in package.pads if item.name == worst), None)
    return {
        "net": answer.net,
        "kind": net.kind,
        "current_mA": 1e3 * total,
        "drop_worst_mV": 1e3 * answer.pad_drop[worst] if worst else None,
        "worst_pad": worst,
        "x_um": pad.x_um if pad else None,
        "y_um": pad.y_um if pad else None,
        "r_mohm": 1e3 * answer.power_W / total**2 if total > 0 else None,
        "power_mW": 1e3 * answer.power_W,
        "pads_count": len(net.pads),
        "balls_count": len(net.balls),
        "lost_pads": ", ".join(answer.lost_pads),
        "mesh_error_pct": 100 * answer.error_ratio,
    }


def _pad_rows(package: Package, answer: NetAnswer) -> list[Row]:
    places = {pad.name: pad for pad in package.pads}
    return [
        {
            "net": answer.net,
            "pad": name,
            "x_um": places[name].x_um,
            "y_um": places[name].y_um,
            "current_mA": 1e3 * answer.pad_current[name],
            "drop_mV": 1e3 * drop,
        }
        for name, drop in sorted(answer.pad_drop.items())
    ]


def _ball_rows(package: Package, answer: NetAnswer) -> list[Row]:
    total = sum(answer.ball_current.values())
    return [
        {
            "net": answer.net,
            "ball": ball.name,
            "x_um": ball.x_um,
            "y_um": ball.y_um,
            "current_mA": 1e3 * answer.ball_current.get(ball.name, 0.0),
            "share_ratio": answer.ball_current.get(ball.name, 0.0) / total if total > 0 else 0.0,
        }
        for ball in package.balls
        if ball.name in package.net(answer.net).balls
    ]


def _wire_row(net: str, number: int, item: WireCurrent) -> Row:
    x, y = item.middle_um
    return {
        "net": net,
        "place": "wire",
        "name": f"{item.kind} {number}",
        "layer": item.layer,
        "x_um": x,
        "y_um": y,
        "start_x_um": item.start_um[0],
        "start_y_um": item.start_um[1],
        "end_x_um": item.end_um[0],
        "end_y_um": item.end_um[1],
        "width_um": item.width_um,
        "thick_um": item.thick_um,
        "area_um2": item.area_um2,
        "current_mA": 1e3 * item.current_A,
        "j_A_cm2": item.j_A_cm2,
    }


def _openings(package: Package, answer: NetAnswer) -> list[Row]:
    """Return the openings and the balls' feet with mean density; in openings also the highest of the sheets' model.

    At a ball's foot the solder's own field crowds the current at the rim; sheets do not see that, so none is told.
    """
    found = []
    for item in answer.joints:
        joint, middle = item.joint, item.joint.region.centroid
        found.append(
            {
                "net": answer.net,
                "place": "via" if joint.kind == "edge" else joint.kind,
                "name": joint.name,
                "layer": joint.ends[1][1] if joint.ends[1][0] == "film" else "BALL",
                "x_um": float(middle.x),
                "y_um": float(middle.y),
                "area_um2": joint.area_um2,
                "r_mohm": 1e3 * joint.ra_ohm_um2 / joint.region.area,
                "current_mA": 1e3 * item.current_A,
                "j_A_cm2": item.current_A / joint.area_um2 * 1e8,
                "j_peak_A_cm2": None if joint.kind == "ball" else item.peak_A_cm2,
            }
        )
    return found


def _add_fuses(wires: list[Row], solved: Solved, parts: tuple[Stack, Mapping[str, Any]], ask: Asked) -> None:
    """Add the fuse current to every wire whose metal and dielectric have the values for it."""
    stack, materials = parts
    metal_of = {(sheets.net, piece.layer): piece for sheets, _ in solved for piece in sheets.pieces}
    names = {body.name: body.material for body in stack.bodies}
    for row in wires:
        metal = materials[names[metal_of[row["net"], row["layer"]].body]]
        under = _dielectric(stack, row["layer"])
        wire = (
            wire_of((row["area_um2"] / row["thick_um"], row["thick_um"]), metal, (materials[under[0]], under[1]))
            if under
            else None
        )
        row["fuse_A"] = row["heat_out_ms"] = None
        if wire is not None:
            row["fuse_A"] = fuse_A(wire, ask.fuse_pulse_s, ask.t_C) if ask.fuse_pulse_s > 0 else steady_A(wire, ask.t_C)
            row["heat_out_ms"] = 1e3 * time_constant_s(wire)


def _dielectric(stack: Stack, layer: str) -> tuple[str, float] | None:
    """Return material and thickness in µm of the films between a layer's wires and the silicon."""
    films = [b for b in stack.bodies if isinstance(b, Slab) and b.layer in _UNDER[layer] and b.part == ""]
    return (films[0].material, sum(body.h_um for body in films)) if films else None


def metrics(made: Mapping[str, list[Row]], answers: Sequence[NetAnswer]) -> dict[str, float]:
    """Return the metrics of the tables."""
    nets = made["nets"]
    found = {
        "drop_worst_mV": _most(nets, "drop_worst_mV"),
        "r_worst_mohm": _most(nets, "r_mohm"),
        "power_mW": sum(row["power_mW"] for row in nets),
        "ball_worst_mA": _most(made["balls"], "current_mA"),
        "nets_count": float(len(nets)),
        "open_count": float(sum(bool(row["lost_pads"]) for row in nets)),
        "mesh_error_pct": 100 * max((answer.error_ratio for answer in answers), default=0.0),
    }
    for place, table in _DENSITY.items():
        here = [row for row in made[table] if row["place"] == place]
        if here:
            found[f"j_{place}_A_cm2"] = _most(here, "j_A_cm2")
    lives = [row["life_h"] for table in ("wires", "openings") for row in made[table] if row.get("life_h") is not None]
    if lives:
        found["life_least_h"] = min(lives)
    fuses = [row["fuse_A"] for row in made["wires"] if row["fuse_A"] is not None]
    if fuses:
        found["fuse_least_A"] = min(fuses)
    return found


def _most(table: Sequence[Row], key: str) -> float:
    return float(max((row[key] for row in table if row[key] is not None), default=0.0))


def fields(solved: Solved) -> dict[str, Array]:
    """Return nodes, triangles, drop and current density of all films of all nets as one list of triangles."""
    x, drop, triangles, density, net, layer = [], [], [], [], [], []
    layers = layers_of(solved)
    count = 0
    for number, (_, answer) in enumerate(solved):
        for film in answer.films:
            used, local = np.unique(film.triangles, return_inverse=True)
            x.append(answer.plan.points[used] * 1e6)
            drop.append(film.drop[used] * 1e3)
            triangles.append(local.reshape(-1, 3) + count)
            density.append(film.density * 1e-4)
            net.append(np.full(len(film.triangles), float(number)))
            layer.append(np.full(len(film.triangles), float(layers.index(film.layer))))
            count += len(used)
    if not x:
        return {}
    points = np.vstack(x)
    return {
        "x_um": points[:, 0],
        "y_um": points[:, 1],
        "drop_mV": np.concatenate(drop),
        "triangles": np.vstack(triangles).astype(np.float64),
        "j_A_cm2": np.concatenate(density),
        "triangle_net": np.concatenate(net),
        "triangle_layer": np.concatenate(layer),
    }
