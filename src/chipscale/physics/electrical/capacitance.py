"""Capacitance of every net to the silicon and to every other net (`electrical.capacitance`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from chipscale.errors import InputError, Problem
from chipscale.materials.types import Material
from chipscale.physics.electrical.capacitance_loss import (
    add_losses,
    induced_Hz,
    loss_notes,
    loss_ratio,
    losses,
    silicon_slab,
    weights,
)
from chipscale.physics.electrical.conductor_nets import Metal, groove_pF, metal, silicon_ohm
from chipscale.physics.electrical.conductor_surface import surface
from chipscale.physics.electrical.dielectric_layers import (
    UNDER_PADS_UM,
    Dielectrics,
    EPS0_F_um,
    dielectrics,
    eps_above,
    eps_ratio,
)
from chipscale.physics.electrical.frequency_words import frequency_words, plain
from chipscale.physics.electrical.planform_cells import Fineness
from chipscale.physics.electrical.shunt_loss import Loss
from chipscale.results import Check, Progress, Result, State
from chipscale.solvers.panels import Accuracy, Charges, charges
from chipscale.solvers.substrate import Slab as SiliconSlab
from chipscale.stack.types import Slab, Stack
from chipscale.stack.volume import z_range_um

Array = npt.NDArray[np.float64]
_NEIGHBOURS = 3
_NOISE_RATIO = 1e-4  # a mutual capacitance below this share of both nets' own is rounding of the solution
_LOSSY_RATIO = 0.1
_MOST_IMAGES_RATIO = 2e-3
_BYTES_PER_PANEL2 = 0.7  # measured: bytes over panels squared at 25,000 panels, falling with their number
_MOST_PANELS = 150_000
# Largest measured error of a net's capacitance to the limit of fine panels, in per cent, the panels that give it, and
# how exactly they are solved.
FINENESS: tuple[tuple[float, Fineness, Accuracy], ...] = (
    (0.3, Fineness(100.0, 8, 20, (0.7, 2.5, 7.0, 14.0), 3, 14, 0.5), Accuracy()),
    (1.0, Fineness(), Accuracy(5e-4, 1e-3, 1e-3, 1.0)),
    (2.0, Fineness(200.0, 4, 12, (3.0, 15.0), 1, 8), Accuracy(1e-3, 1e-3, 1e-3, 1.0)),
)


@dataclass(frozen=True, slots=True)
class Capacitance:
    """What is the capacitance of each net, to the silicon and to its neighbours?

    `above`: what is over the highest film: "air", or an underfill by its name in the materials library.
    `board_gap_um`: from the balls' tips to a ground plane of the board (none: no board). `under_pads_um`: thickness of
    the die's own wiring layers between its pads and its ground (assumed). `window_um`: coupling of far clusters of
    panels beyond this distance is left out of the solution, and its effect told. `tolerance_pct`: error of a net's
    capacitance that the panels' size may leave. `silicon_nohm_m`: resistivity of the silicon (assumed 10 ohm cm),
    which says up to which frequency it is a ground.
    """

    above: str = "air"
    board_gap_um: float | None = None
    under_pads_um: float = UNDER_PADS_UM
    window_um: float | None = None
    tolerance_pct: float = 2.0
    silicon_nohm_m: float = 1e8
    loss: bool = True
    contact_um: float | None = None
    f_Hz: float = 1e9

    name: ClassVar[str] = "electrical.capacitance"
    reads: ClassVar[tuple[str, ...]] = ("stack", "layout", "materials")
    metrics: ClassVar[Mapping[str, str]] = {
        "c_largest_pF": "largest capacitance of a net, all other nets grounded",
        "c_median_pF": "median capacitance of the nets, all other nets grounded",
        "coupling_largest_pF": "largest capacitance between two nets",
        "coupled_largest_pct": "largest share of a net's capacitance that is not to the silicon or the board",
        "nets_count": "nets solved",
        "panels_count": "panels on their surfaces",
        "asymmetry_pct": "largest difference of both values between two nets, of their own capacitances",
        "left_out_pF": "largest change that coupling beyond the window would make to what any net has to ground and to "
        "others, to first order (none: 0)",
        "silicon_lossy_GHz": "lowest frequency where the silicon's resistance under a net is a tenth of its reactance",
        "silicon_induced_GHz": "currents induced in the silicon, which are not counted, lose less than a frequency "
        "over this of a loop's reactance (a bound, for loops as wide as the die)",
        "loss_tangent_largest_ratio": "largest loss of a net's capacitance in the dielectrics, of its reactive power",
        "silicon_loss_largest_ratio": "the same in the silicon, at f_Hz",
        "g_largest_uS": "largest conductance of a net at f_Hz, all other nets grounded",
        "silicon_relaxation_GHz": "frequency from which silicon of this resistivity is a lossy dielectric, no ground",
    }

    def run(self, view: Mapping[str, Any], progress: Progress | None = None) -> Result:
        """Answer; tables "nets" (a row per net) and "layers"; field `matrix_pF` (n, n), Maxwell's, in the rows' order,
        and with `loss` the fields `loss_pF` (n, n), whose conductance is that times the angular frequency, and
        `silicon_ohm` (n, n), in series with both (over 1 + j f / relaxation).

        Row i, column j of Maxwell's matrix: charge on net i per volt on net j, all others grounded; what lies between
        two nets is minus that, and between a net and the silicon (with the board, if any) the sum of its row.
        """
        self._refuse()
        tell = progress or (lambda part, text: None)
        stack, materials = view["stack"], view["materials"]
        layers = dielectrics(stack, materials, self.above, self.under_pads_um)
        parts = metal(stack, materials, layers.ground_um)
        if not parts.nets:
            raise InputError([Problem("electrical.no_metal", "no net has metal over the silicon")])
        tell(0.05, "panels")
        solved, count, loss = self._solved(view, parts, layers, tell)
        names = sorted(parts.nets)
        matrix = 1e12 * solved.matrix_F
        grooves = _grooves(stack, parts, layers, names)
        matrix += np.diag(grooves)
        fields = {"matrix_pF": matrix}
        metrics = {
            "c_largest_pF": float(np.diag(matrix).max()),
            "c_median_pF": float(np.median(np.diag(matrix))),
            "nets_count": float(len(names)),
            "panels_count": float(count),
            "asymmetry_pct": 100 * solved.asymmetry_ratio,
            "left_out_pF": 1e12 * float(np.abs(solved.left_out_F).sum(axis=1).max(initial=0.0)),
            "silicon_relaxation_GHz": self._relaxation_GHz(materials),
        }
        rows = net_rows(names, matrix, grooves)
        if loss is not None:
            tangent = weights(layers, materials)[0]
            loss = replace(loss, dielectric_F=loss.dielectric_F + np.diag(1e-12 * tangent * grooves))
            fields |= {"loss_pF": 1e12 * loss.dielectric_F, "silicon_ohm": loss.silicon_ohm}
            metrics |= add_losses(rows, loss, matrix, self.f_Hz)
            metrics["silicon_induced_GHz"] = 1e-9 * induced_Hz(1e-9 * self.silicon_nohm_m, self._slab(stack))
        for row in rows:
            r_ohm = row.get("silicon_ohm") or silicon_ohm(parts.nets[row["net"]], 1e-9 * self.silicon_nohm_m)
            row["silicon_ohm"] = round(r_ohm, 3)
            row["lossy_GHz"] = round(_lossy_GHz(r_ohm, row["c_ground_pF"], metrics["silicon_relaxation_GHz"]), 4)
        metrics["silicon_lossy_GHz"] = min(row["lossy_GHz"] for row in rows)
        metrics["coupling_largest_pF"] = max((row["c_1_pF"] or 0.0 for row in rows), default=0.0)
        metrics["coupled_largest_pct"] = max(row["coupled_pct"] for row in rows)
        reasons = _doubts(parts, layers, solved)
        state: State = "doubtful" if reasons else "ok"
        tables = {"nets": rows, "layers": _layer_rows(layers, materials)}
        notes = (*reasons, *self._notes(layers, metrics), *(self._loss_notes(layers, materials) if loss else ()))
        return Result(
            self.name,
            metrics,
            matrix_checks(matrix, 1e12 * solved.left_out_F),
            tables,
            fields,
            warnings=notes,
            state=state,
        )

    def _refuse(self) -> None:
        problems = []
        eps_above(self.above)
        told: list[tuple[str, float | None, bool, str]] = [
            ("board_gap_um", self.board_gap_um, self.board_gap_um is None or self.board_gap_um > 0, "above 0"),
            ("under_pads_um", self.under_pads_um, self.under_pads_um >= 0.2, "from 0.2"),
            ("window_um", self.window_um, self.window_um is None or self.window_um > 0, "above 0"),
            ("tolerance_pct", self.tolerance_pct, self.tolerance_pct >= FINENESS[0][0], f"from {FINENESS[0][0]:g}"),
            ("silicon_nohm_m", self.silicon_nohm_m, self.silicon_nohm_m > 0, "above 0"),
            ("contact_um", self.contact_um, self.contact_um is None or self.contact_um > 0, "above 0"),
            ("f_Hz", self.f_Hz, self.f_Hz > 0, "above 0"),
        ]
        for key, value, good, limit in told:
            if not good:
                what = "out of its range"
                problems.append(Problem("capacitance.option", what, key=key, value=f"{value:g}", limit=limit))
        if problems:
            raise InputError(problems)

    def _solved(
        self, view: Mapping[str, Any], parts: Metal, layers: Dielectrics, tell: Any
    ) -> tuple[Charges, int, Loss | None]:
        """Return the charges of the nets, with islands left to float, the number of panels, and the losses."""
        bodies = {**parts.nets, **{f"~{name}": group for name, group in parts.islands.items()}}
        fine, how = next(row[1:] for row in reversed(FINENESS) if row[0] <= self.tolerance_pct)
        found = surface(bodies, view["layout"], layers.faces_um, fine)
        count = len(found.conductor)
        if count > _MOST_PANELS:
            what = f"{count} panels would need about {0.3e-9 * _BYTES_PER_PANEL2 * count**2:.0f} GB"
            remedy = "take a larger tolerance_pct"
            raise InputError([Problem("capacitance.mesh", what, limit=f"{_MOST_PANELS} panels", remedy=remedy)])
        board = None
        if self.board_gap_um is not None:
            board = max(z_range_um(body)[1] for group in parts.nets.values() for body in group) + self.board_gap_um
        tell(0.2, f"charges of {count} panels")
        window = None if self.window_um is None else 1e-6 * self.window_um
        panels = 1e-6 * found.corners_um, found.conductor, layers.space(board)
        solved = charges(*panels, replace(how, window_m=window))
        kept = np.array([k for k, name in enumerate(found.names) if not name.startswith("~")])
        loose = np.array([k for k, name in enumerate(found.names) if name.startswith("~")], dtype=np.int64)
        loss = None
        if self.loss:
            tell(0.8, "losses")
            silicon = self._slab(view["stack"]), 1e-9 * self.silicon_nohm_m, eps_ratio("Si", view["materials"])
            volts = floating_V(solved.matrix_F, kept, loose)
            loss = losses(panels, solved.charge_F, volts, weights(layers, view["materials"]), silicon)
        left_out = solved.left_out_F[np.ix_(kept, kept)]
        return replace(solved, matrix_F=floated(solved.matrix_F, kept, loose), left_out_F=left_out), count, loss

    def _slab(self, stack: Stack) -> SiliconSlab:
        return silicon_slab(stack, self.contact_um)

    def _relaxation_GHz(self, materials: Mapping[str, Material]) -> float:
        return 1e-9 / (2 * np.pi * self.silicon_nohm_m * 1e-9 * eps_ratio("Si", materials) * 1e6 * EPS0_F_um)

    def _loss_notes(self, layers: Dielectrics, materials: Mapping[str, Material]) -> tuple[str, ...]:
        where = "at its back" if self.contact_um is None else f"{self.contact_um:g} µm below its face"
        told = [f"the silicon's contact is taken {where} (assumed): contacts on its face between nets lose less"]
        return (*told, *loss_notes(layers, materials))

    def _notes(self, layers: Dielectrics, metrics: Mapping[str, float]) -> tuple[str, ...]:
        lossy, relaxed = (1e9 * metrics[f"silicon_{name}_GHz"] for name in ("lossy", "relaxation"))
        told = [
            f"the silicon ({self.silicon_nohm_m * 1e-7:g} ohm cm assumed) is ground: without loss that counts up to "
            f"{frequency_words(lossy, 2)}; from there its resistance under a net (silicon_ohm) lies in series with the "
            f"net's capacitance to it (c_ground_pF), and from {frequency_words(relaxed)} silicon is a lossy dielectric"
        ]
        if layers.layers[0].material == "BEOL":
            told.append(f"the die's ground is taken {self.under_pads_um:g} µm below its pads (assumed)")
        return tuple(told)


def _lossy_GHz(r_ohm: float, c_pF: float, relaxation_GHz: float) -> float:
    """Return where r is a tenth of 1 / (2 pi f c); at most where silicon ceases to conduct."""
    if r_ohm * c_pF <= 0:
        return relaxation_GHz
    return min(1e3 * _LOSSY_RATIO / (2 * np.pi * r_ohm * c_pF), relaxation_GHz)


def floated(matrix: Array, kept: npt.NDArray[np.int64], loose: npt.NDArray[np.int64]) -> Array:
    """Return the matrix (k, k) of the kept conductors when the loose ones hold no charge.

    >>> floated(np.array([[2.0, -1.0], [-1.0, 2.0]]), np.array([0]), np.array([1])).tolist()
    [[1.5]]
    """
    own = matrix[np.ix_(kept, kept)]
    if not len(loose):
        return own
    across = matrix[np.ix_(kept, loose)]
    return np.asarray(own - across @ np.linalg.solve(matrix[np.ix_(loose, loose)], across.T))


def floating_V(matrix: Array, kept: npt.NDArray[np.int64], loose: npt.NDArray[np.int64]) -> Array:
    """Return the voltages (c, k) of all conductors when one of the kept is at 1 V and the loose hold no charge."""
    volts = np.zeros((len(matrix), len(kept)))
    volts[kept] = np.eye(len(kept))
    if len(loose):
        volts[loose] = -np.linalg.solve(matrix[np.ix_(loose, loose)], matrix[np.ix_(loose, kept)])
    return volts


def net_rows(names: list[str], matrix_pF: Array, grooves_pF: Array) -> list[dict[str, Any]]:
    """Return a row per net: its capacitance with all others grounded, to the silicon, and to its nearest neighbours."""
    rows = []
    for k, name in enumerate(names):
        own = float(matrix_pF[k, k])
        to_ground = float(matrix_pF[k].sum())
        order = [int(i) for i in np.argsort(matrix_pF[k], kind="stable") if i != k][:_NEIGHBOURS]
        row: dict[str, Any] = {
            "net": name,
            "c_pF": round(own, 6),
            "c_ground_pF": round(to_ground, 6),
            "coupled_pct": round(100 * (1 - to_ground / own), 3),
            "groove_pF": round(float(grooves_pF[k]), 6),
        }
        for place in range(_NEIGHBOURS):
            other = order[place] if place < len(order) else None
            row[f"neighbour_{place + 1}"] = names[other] if other is not None else ""
            row[f"c_{place + 1}_pF"] = None if other is None else round(max(0.0, -float(matrix_pF[k, other])), 6)
        rows.append(row)
    return rows


def matrix_checks(matrix_pF: Array, left_out_pF: Array | None = None) -> tuple[Check, ...]:
    """Return what must hold for any capacitance matrix: positive definite, nothing positive beside the diagonal, and
    every row's sum positive. Values are shares of the nets' own capacitances; rounding is allowed for, and what a
    window has left out."""
    own = np.sqrt(np.diag(matrix_pF))
    scaled = matrix_pF / np.outer(own, own)
    unknown = np.zeros_like(scaled) if left_out_pF is None else np.abs(left_out_pF) / np.outer(own, own)
    beside = scaled - unknown
    np.fill_diagonal(beside, 0.0)
    ground = (scaled + unknown) @ own / own
    found = (
        ("symmetric", float(np.abs(scaled - scaled.T).max()), 1e-12, "largest difference of the matrix's halves"),
        (
            "definite",
            -float(np.linalg.eigvalsh(scaled).min()),
            0.0,
            "minus the least eigenvalue: the stored energy is positive",
        ),
        (
            "mutual",
            float(beside.max(initial=0.0)),
            _NOISE_RATIO,
            "largest element beside the diagonal: a net at 1 V draws no positive charge on another",
        ),
        (
            "dominant",
            -float(ground.min()),
            _NOISE_RATIO,
            "minus the least share to ground: no net has less than 0",
        ),
    )
    source = "any set of conductors in dielectrics"
    metric = Capacitance.name
    return tuple(
        Check(f"capacitance.{code}", f"{metric}.{code}", value, limit, value <= limit, text, source=source)
        for code, value, limit, text in found
    )


def _grooves(stack: Stack, parts: Metal, layers: Dielectrics, names: list[str]) -> Array:
    films = [body.h_um for body in stack.on("RDL") if isinstance(body, Slab) and not body.part]
    film_um = max(films, default=1.0)
    return np.array([groove_pF(parts.sunken.get(name, []), layers, film_um) for name in names])


def _doubts(parts: Metal, layers: Dielectrics, solved: Charges) -> tuple[str, ...]:
    told = []
    if parts.sunken:
        count = len(parts.sunken)
        told.append(f"{count} nets have metal in grooves of the silicon: estimated there as plates on the insulation")
    if layers.mixed:
        told.append(f"layers are taken as of one dielectric; there is also {', '.join(layers.mixed)}")
    if solved.images_error_ratio > _MOST_IMAGES_RATIO:
        told.append(f"the layers' images are good to {plain(100 * solved.images_error_ratio, 2)} % only")
    return tuple(told)


def _layer_rows(layers: Dielectrics, materials: Mapping[str, Material]) -> list[dict[str, Any]]:
    names = ("material", "low_um", "high_um", "permittivity_ratio", "loss_tangent_ratio")
    return [
        dict(
            zip(
                names,
                (item.material, item.low_um, item.high_um, item.eps_ratio, loss_ratio(item.material, materials)),
                strict=True,
            )
        )
        for item in layers.layers
    ]


__all__ = ["FINENESS", "Capacitance", "floated", "matrix_checks", "net_rows"]
