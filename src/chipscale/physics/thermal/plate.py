"""First sizing without a mesh (`thermal.plate`): the package's layers made even, heat spread by an exact series."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from chipscale.errors import InputError, Problem
from chipscale.physics.thermal.mounted import mounted
from chipscale.physics.thermal.on_board import InRoom, options_problems
from chipscale.physics.thermal.power_map import Block, blocks
from chipscale.physics.thermal.substances import Substance, outside, substance
from chipscale.results import Progress, Result
from chipscale.solvers.plate_series import Area, Layer, Plate, resistances, rises
from chipscale.stack.types import Body, Slab, Stack
from chipscale.stack.volume import region_at, z_range_um

Array = npt.NDArray[np.float64]
_LEAST_UM = 0.15  # layers thinner than this join the one below
_MOST_BLOCKS = 200
_POINTS = 41  # along each side of the temperature field
_LOST_RATIO = 1e-4  # of the heat, in what reciprocity may miss: beyond it the series was cut too early


@dataclass(frozen=True, slots=True)
class PlateSizing(InRoom):
    """How hot does the die get between two films, by the layers alone?

    The package's own layers, from the die's back to the lands, each made even over the die: side by side upright, and
    the geometric mean of both bounds sideways. Heat enters at the active face, as `power` has it (even, blocks
    "x0,y0,x1,y1,W; ...", or a CSV of blocks), `power_W` in all; it leaves by `h_board_W_m2K` at the lands and
    `h_case_W_m2K` at the back, both to `t_room_C`. Nothing leaves by the sides. The balls are spread evenly over the
    die: what they squeeze the heat through is left out, so this is a lower bound of the rise.
    """

    power_W: float = 1.0
    h_board_W_m2K: float = 2000.0
    h_case_W_m2K: float = 10.0

    name: ClassVar[str] = "thermal.plate"
    reads: ClassVar[tuple[str, ...]] = ("package", "stack", "materials")
    metrics: ClassVar[Mapping[str, str]] = {
        "t_junction_C": "hottest point of the active face, on a grid of points and in the blocks' middles",
        "t_junction_mean_C": "mean of the active face",
        "theta_plate_K_W": "hottest point over the room, per watt",
        "spread_K_W": "hottest point over the mean of the active face, per watt: what spreading costs",
        "up_pct": "share of the heat that leaves by the back",
        "layers_count": "layers of the plate",
    }

    def run(self, view: Mapping[str, Any], progress: Progress | None = None) -> Result:
        """Answer; tables "layers" (even conductivities, from the back up) and "blocks" (mean and middle of each)."""
        stack: Stack = view["stack"]
        size_um = (stack.size_x_um, stack.size_y_um)
        self._asked_well()
        found = blocks(self.power, size_um)
        if len(found) > _MOST_BLOCKS:
            what, remedy = f"{len(found)} blocks", "join some, or ask thermal.steady"
            raise InputError([Problem("thermal.power", what, key="power", limit=f"{_MOST_BLOCKS}", remedy=remedy)])
        rows, face = even_layers(
            stack, self.land_d_um or view["package"].terminal.ubm_d_um, self.under, view["materials"]
        )
        plate = Plate(
            size_um[0] * 1e-6, size_um[1] * 1e-6, tuple(row[1] for row in rows), self.h_case_W_m2K, self.h_board_W_m2K
        )
        whole = sum(block[4] for block in found)
        power_W = np.array([self.power_W * block[4] / whole for block in found])
        areas = [Area(1e-6 * x0, 1e-6 * x1, 1e-6 * y0, 1e-6 * y1, face) for x0, y0, x1, y1, _ in found]
        ends = [Area(0.0, plate.size_x_m, 0.0, plate.size_y_m, at) for at in (0, face, len(rows))]
        means = resistances(plate, [*areas, *ends])
        count = len(areas)
        rise_K = means[:count, :count] @ power_W
        over_K = means[count:, :count] @ power_W  # back, active face, lands
        out_W = (
            plate.size_x_m * plate.size_y_m * np.array([self.h_case_W_m2K * over_K[0], self.h_board_W_m2K * over_K[2]])
        )
        field = self._field(plate, areas, power_W, face)
        middles = rises(plate, areas, power_W, _middles(found), face)
        hottest = float(max(field.max(), middles.max()))
        missing = abs(float(out_W.sum()) / self.power_W - 1.0)
        doubts = (f"the heat's balance is off by {missing:.2g}",) if missing > _LOST_RATIO else ()
        at_C = np.array([self.t_room_C, self.t_room_C + hottest])
        used = sorted({body.material for body in stack.bodies})
        doubts += tuple(filter(None, (outside(substance(name, dict(view["materials"])), at_C) for name in used)))
        metrics = {
            "t_junction_C": self.t_room_C + hottest,
            "t_junction_mean_C": self.t_room_C + float(over_K[1]),
            "theta_plate_K_W": hottest / self.power_W,
            "spread_K_W": (hottest - float(over_K[1])) / self.power_W,
            "up_pct": 100.0 * float(out_W[0] / out_W.sum()),
            "layers_count": float(len(rows)),
        }
        return Result(
            self.name,
            metrics,
            tables={"layers": _layer_rows(rows), "blocks": _block_rows(found, power_W, rise_K, middles, self.t_room_C)},
            fields={"rise_K": field},
            warnings=doubts,
            state="doubtful" if doubts else "ok",
        )

    def _asked_well(self) -> None:
        problems = options_problems(
            {
                "power_W": (self.power_W, 1e-6, 1e3),
                "h_board_W_m2K": (self.h_board_W_m2K, 0.0, 1e9),
                "h_case_W_m2K": (self.h_case_W_m2K, 0.0, 1e9),
                **self.limits(),
            }
        )
        if not problems and self.h_board_W_m2K + self.h_case_W_m2K <= 0:
            what, remedy = "no heat could leave: both films are 0", "give h_board_W_m2K or h_case_W_m2K"
            problems.append(Problem("thermal.option", what, key="h_board_W_m2K", value="0", remedy=remedy))
        if problems:
            raise InputError(problems)

    @staticmethod
    def _field(plate: Plate, areas: list[Area], power_W: Array, face: int) -> Array:
        x, y = (np.linspace(0.0, side, _POINTS) for side in (plate.size_x_m, plate.size_y_m))
        points = np.array([(a, b) for b in y for a in x])
        return rises(plate, areas, power_W, points, face).reshape(_POINTS, _POINTS)


def source_on_plate(
    plate_mm: Sequence[float],
    source_mm: Sequence[float],
    centre_mm: Sequence[float],
    layers: Sequence[Sequence[float]],
    h_W_m2K: float,
) -> dict[str, float]:
    """Return the mean and the centre's rise for 1 W spread evenly over a rectangle on a plate with a film below.

    `layers` from the source down: thickness in mm and conductivity in W/(m K) of each; the rest is insulated.

    >>> round(source_on_plate((10, 10), (10, 10), (5, 5), [(1.0, 100.0)], 1e4)["mean_K_W"], 4)
    1.1
    """
    plate = Plate(
        plate_mm[0] * 1e-3, plate_mm[1] * 1e-3, tuple(Layer(t * 1e-3, k, k, k) for t, k in layers[::-1]), h_W_m2K
    )
    (x, y), (a, b) = ((1e-3 * value for value in pair) for pair in (centre_mm, source_mm))
    area = Area(x - a / 2, x + a / 2, y - b / 2, y + b / 2, len(layers))
    spot = rises(plate, [area], np.ones(1), np.array([[x, y]]), len(layers))
    return {"mean_K_W": float(resistances(plate, [area])[0, 0]), "centre_K_W": float(spot[0])}


def even_layers(
    stack: Stack, land_d_um: float, under: str, known: Mapping[str, Any]
) -> tuple[list[tuple[str, Layer]], int]:
    """Return (what it is, layer) from the die's back (or the lowest body) up to the lands, and the active face's index.

    Upright, what lies side by side in a layer conducts side by side; sideways between the bounds of all in series and
    all side by side, of which the geometric mean is taken (as in the cells of the mesh).
    """
    bodies, z_land = mounted(stack, land_d_um)
    faces = sorted({0.0, z_land, *(z for body in bodies for z in z_range_um(body) if z <= z_land + _LEAST_UM)})
    joints = [z_range_um(body) for body in bodies if body.layer == "BALL"]
    for low, high in joints[:1]:
        faces += np.linspace(low, high, 9)[1:-1].tolist()  # a joint bulges: its share of the area changes
    kept = [faces[0]]
    for z in sorted(faces):
        if z - kept[-1] > _LEAST_UM:
            kept.append(z)
    zero = int(np.argmin(np.abs(np.array(kept))))
    area = stack.size_x_um * stack.size_y_um
    gap = min((low for low, _ in joints), default=z_land)
    substances: dict[str, Substance] = {}
    rows = []
    for low, high in pairwise(kept):
        shares = _shares(bodies, (low + high) / 2, area)
        rest = max(0.0, 1.0 - sum(shares.values()))
        filler = under if low >= gap - _LEAST_UM else "air"
        shares[filler] = shares.get(filler, 0.0) + rest
        for name in shares:
            substances.setdefault(name, substance(name, dict(known)))
        rows.append((_said(shares), _even(shares, substances, (high - low) * 1e-6)))
    return rows, zero


def _shares(bodies: tuple[Body, ...], z_um: float, area_um2: float) -> dict[str, float]:
    """Return material -> share of the die's area at a height."""
    found: dict[str, float] = {}
    for body in bodies:
        low, high = z_range_um(body)
        if low < z_um < high:
            region = body.bottom if isinstance(body, Slab) and body.top is body.bottom else region_at(body, z_um)
            found[body.material] = found.get(body.material, 0.0) + float(region.area) / area_um2
    total = sum(found.values())
    return {name: share / max(total, 1.0) for name, share in sorted(found.items()) if share > 0}


def _even(shares: Mapping[str, float], known: Mapping[str, Substance], t_m: float) -> Layer:
    up = sum(share * known[name].k_W_mK[2] for name, share in shares.items())
    ways = []
    for way in (0, 1):
        high = sum(share * known[name].k_W_mK[way] for name, share in shares.items())
        low = 1.0 / sum(share / known[name].k_W_mK[way] for name, share in shares.items())
        ways.append(float(np.sqrt(low * high)))
    return Layer(t_m, ways[0], ways[1], up)


def _said(shares: Mapping[str, float]) -> str:
    large = sorted(shares.items(), key=lambda item: -item[1])
    return ", ".join(f"{name} {100 * share:.3g} %" for name, share in large if share > 5e-4)


def _layer_rows(rows: list[tuple[str, Layer]]) -> list[dict[str, Any]]:
    return [
        {
            "layer": k,
            "made_of": said,
            "t_um": round(layer.t_m * 1e6, 3),
            "k_side_W_mK": float(f"{layer.kx_W_mK:.4g}"),
            "k_up_W_mK": float(f"{layer.kz_W_mK:.4g}"),
        }
        for k, (said, layer) in enumerate(rows)
    ]


def _middles(found: list[Block]) -> Array:
    return np.array([(0.5e-6 * (block[0] + block[2]), 0.5e-6 * (block[1] + block[3])) for block in found])


def _block_rows(
    found: list[Block], power_W: Array, rise_K: Array, middles_K: Array, t_room_C: float
) -> list[dict[str, Any]]:
    return [
        {
            "x0_um": block[0],
            "y0_um": block[1],
            "x1_um": block[2],
            "y1_um": block[3],
            "power_W": float(f"{power_W[k]:.6g}"),
            "t_mean_C": round(t_room_C + float(rise_K[k]), 4),
            "t_middle_C": round(t_room_C + float(middles_K[k]), 4),
        }
        for k, block in enumerate(found)
    ]
