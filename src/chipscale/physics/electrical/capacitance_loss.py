"""What the dielectrics and the silicon take from the charge of a package's nets: matrices beside the capacitances."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from chipscale.materials.library import material
from chipscale.materials.types import Material
from chipscale.physics.electrical.dielectric_layers import GROUND, Dielectrics, EPS0_F_um, Layer
from chipscale.physics.electrical.shunt_loss import Loss, positive
from chipscale.solvers.layered_images import Space
from chipscale.solvers.panel_shares import energy_shares
from chipscale.solvers.substrate import Slab, slab_lengths
from chipscale.stack.types import Slab as Body
from chipscale.stack.types import Stack

Array = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
MU0_H_m = 4e-7 * math.pi


def loss_ratio(name: str, materials: Mapping[str, Material] | None = None) -> float | None:
    """Return a dielectric's loss tangent; 0 for air, None where the library has none."""
    if name == "air":
        return 0.0
    found = (materials or {}).get(name) or material(name)
    return found.number("loss_tangent_ratio") if found.has("loss_tangent_ratio") else None


def assumed(name: str, materials: Mapping[str, Material]) -> bool:
    """Tell whether no publication stands behind a dielectric's loss tangent."""
    found = materials.get(name) or material(name)
    return found.has("loss_tangent_ratio") and found.value("loss_tangent_ratio").assumed


def weights(layers: Dielectrics, materials: Mapping[str, Material]) -> list[float]:
    """Return the loss tangent of each layer of `layers.space()`: where two that have one permittivity are one there,
    their mean by thickness."""
    groups: list[list[Layer]] = []
    for layer in layers.layers:
        if groups and groups[-1][-1].eps_ratio == layer.eps_ratio:
            groups[-1].append(layer)
        else:
            groups.append([layer])
    found = []
    for group in groups:
        lossy = [loss_ratio(layer.material, materials) or 0.0 for layer in group]
        thick = [math.nan if layer.high_um is None else layer.high_um - layer.low_um for layer in group]
        found.append(lossy[-1] if group[-1].high_um is None else float(np.average(lossy, weights=thick)))
    return found


def silicon_slab(stack: Stack, contact_um: float | None) -> Slab:
    """Return the silicon as the currents in it see it: its contact `contact_um` below its face, or at its back."""
    bodies = [body for body in stack.on(GROUND) if isinstance(body, Body)]
    low = min(body.z_um for body in bodies)
    high = max(body.z_um + body.h_um for body in bodies)
    deep = high - low if contact_um is None else contact_um
    left, lower, right, upper = max(bodies, key=lambda body: float(body.bottom.area)).bottom.bounds
    return Slab(1e-6 * (right - left), 1e-6 * (upper - lower), 1e-6 * deep, (1e-6 * left, 1e-6 * lower))


def losses(
    panels: tuple[Array, Ints, Space],
    charge_C: Array,
    floating: Array,
    tangents: list[float],
    silicon: tuple[Slab, float, float],
) -> Loss:
    """Return the losses of nets from the charges (n, c) on panels (corners, conductor, space): nothing is solved again.

    `floating` (c, m): the voltages of all conductors when one net is at 1 V, islands left to float. `tangents`: loss
    tangent of each layer. `silicon`: its shape, resistivity in ohm m and relative permittivity. To first order: charges
    keep their places. That is right to the square of what the losses change; of the silicon it is an upper bound, for
    charges that may move lose less.
    """
    corners, conductor, space = panels
    charge = charge_C @ floating
    dielectric = energy_shares(corners, conductor, space, charge, [tangents])[0]
    of = (conductor[:, None] == np.arange(charge_C.shape[1])[None, :]).astype(np.float64)
    c_F = floating.T @ of.T @ charge
    inverse = np.linalg.inv((c_F + c_F.T) / 2)
    slab, rho_ohm_m, eps = silicon
    r_ohm = rho_ohm_m * inverse @ slab_lengths(corners, charge, space, slab) @ inverse
    return Loss(positive(dielectric), positive(r_ohm), rho_ohm_m * eps * EPS0_F_um * 1e6)


def induced_Hz(rho_ohm_m: float, slab: Slab) -> float:
    """Return the frequency up to which currents induced in the silicon lose less than f over it of a loop's reactance.

    A field E that is curled by -j omega B and does not leave a box has |E|² of at most omega² |B|² over the least
    eigenvalue of the box, pi² (1 / x² + 1 / y²), in the mean; and what B² the silicon holds is less than all of the
    loop's. A bound, for loops as wide as the die; for smaller ones less by the square of their width.
    """
    least = math.pi**2 * (1.0 / slab.x_m**2 + 1.0 / slab.y_m**2)
    return least * rho_ohm_m / (2.0 * math.pi * MU0_H_m)


def add_losses(rows: list[dict[str, Any]], loss: Loss, matrix_pF: Array, f_Hz: float) -> dict[str, float]:
    """Add to the rows of nets what each loses, all others grounded; return the metrics of it."""
    omega = 2.0 * math.pi * f_Hz
    c_F = 1e-12 * matrix_pF
    whole = np.diag(loss.admittance_S(c_F, f_Hz)).real
    film = np.diag(loss.dielectric_F)
    for k, row in enumerate(rows):
        row["loss_tangent_ratio"] = round(float(film[k] / c_F[k, k]), 6)
        row["g_dielectric_uS"] = round(1e6 * omega * float(film[k]), 4)
        row["g_silicon_uS"] = round(1e6 * (float(whole[k]) - omega * float(film[k])), 4)
        row["silicon_ohm"] = round(float(loss.silicon_ohm[k, k]), 4)
    return {
        "loss_tangent_largest_ratio": max(row["loss_tangent_ratio"] for row in rows),
        "silicon_loss_largest_ratio": float(
            max(1e-6 * row["g_silicon_uS"] / (omega * c_F[k, k]) for k, row in enumerate(rows))
        ),
        "g_largest_uS": 1e6 * float(whole.max()),
    }


def loss_notes(layers: Dielectrics, materials: Mapping[str, Material]) -> tuple[str, ...]:
    """Return what was assumed of the dielectrics' losses."""
    names = list(dict.fromkeys(layer.material for layer in layers.layers if layer.material != "air"))
    told = []
    guessed = [f"{name} {loss_ratio(name, materials):g}" for name in names if assumed(name, materials)]
    if guessed:
        told.append(f"loss tangents assumed, the same at all frequencies: {', '.join(guessed)}")
    none = [name for name in names if loss_ratio(name, materials) is None]
    if none:
        told.append(f"no loss tangent is known of {', '.join(none)}: taken as 0")
    return tuple(told)
