"""The supply network: drop from balls to pads, current per ball, current density everywhere, limits the user gives."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, ClassVar, Literal

from chipscale.errors import InputError, Problem, did_you_mean
from chipscale.materials.types import Material
from chipscale.package.types import Net, Package
from chipscale.physics.electrical import supply_rows as rows
from chipscale.physics.electrical.conductors import sigma_S_m
from chipscale.physics.electrical.current_limits import ball_checks, black_of, density_checks, drop_checks
from chipscale.physics.electrical.metal_temperatures import METAL_LIMIT, METAL_WHY, is_for_metal
from chipscale.physics.electrical.supply_net import NetAnswer, solve_net
from chipscale.physics.electrical.supply_sheets import Metals, NetSheets, net_sheets
from chipscale.results import Check, Progress, Result
from chipscale.solvers.sheet_mesh import TooFineError

_MOST_ERROR_RATIO = 0.02  # of the resistance, from the mesh: beyond it the answer is doubtful
_FAR_K = 10.0


@dataclass(frozen=True, slots=True)
class Supply:
    """How far does each supply net drop from its balls to its pads, and how dense is the current on the way?

    All balls of a net are held at one potential (an ideal board), and its pads draw `current_mA` in all, shared
    equally. `net_currents` gives other totals ("vdd=250"), `pad_currents` the current of single pads ("p12=30"; the
    rest of the total is shared by the net's other pads). `nets` asks for some supply nets only. `mesh_um` is the
    longest side of a triangle along wires; 0: half the narrowest wire. Limits are the user's: none is built in.
    """

    current_mA: float = 100.0
    net_currents: tuple[str, ...] = ()
    pad_currents: tuple[str, ...] = ()
    nets: tuple[str, ...] = ()
    t_C: float = 25.0
    board_land_um: float = 0.0  # where a ball ends; 0: as wide as its under-bump metal (assumed)
    mesh_um: float = 0.0
    limit_drop_mV: float | None = None
    limit_ball_mA: float | None = None
    limit_wire_A_cm2: float | None = None
    limit_via_A_cm2: float | None = None
    limit_ubm_A_cm2: float | None = None
    limit_ball_A_cm2: float | None = None
    black_place: Literal["wire", "via", "ubm", "ball"] = "wire"
    black_a_h: float | None = None  # A of Black's equation in hours, for current densities in A/cm²
    black_n_ratio: float | None = None
    black_ea_eV: float | None = None
    fuse_pulse_s: float = 0.0  # how long the fuse current flows; 0: for ever

    name: ClassVar[str] = "electrical.supply"
    reads: ClassVar[tuple[str, ...]] = ("package", "layout", "stack", "materials")
    metrics: ClassVar[Mapping[str, str]] = {
        "drop_worst_mV": "largest drop from the board's side of the balls to a pad, of all supply nets",
        "r_worst_mohm": "largest power loss of a net over its current squared",
        "power_mW": "power lost in all supply nets",
        "ball_worst_mA": "largest current of a ball",
        "j_wire_A_cm2": "largest current density in a straight stretch of wire or film on a wall, mean of its section",
        "j_via_A_cm2": "largest current density in an opening between a pad and wires, or between wires, mean",
        "j_ubm_A_cm2": "largest current density in an opening under under-bump metal, mean",
        "j_ball_A_cm2": "largest current density at the foot of a ball, mean",
        "life_least_h": "least median life by Black's equation with the user's constants, at the place they are for",
        "fuse_least_A": "least current at which a supply wire melts, by the pulse asked for",
        "nets_count": "supply nets solved",
        "open_count": "supply nets of which a pad has no metal to a ball",
        "mesh_error_pct": "estimate of the error of resistances that comes from the triangles alone, worst net",
    }

    def run(self, view: Mapping[str, Any], progress: Progress | None = None) -> Result:
        """Solve every supply net; tables nets, pads, balls, wires, openings; fields of triangles for pictures.

        Fields: `x_um`, `y_um`, `drop_mV` (n,) of nodes; `triangles` (m, 3) their numbers; `j_A_cm2` (m,);
        `triangle_net`, `triangle_layer` (m,) numbers of rows of the tables nets and layers.
        """
        package: Package = view["package"]
        tell = progress or (lambda part, text: None)
        drawn = self._drawn(package, view["layout"])
        black = black_of(self.black_a_h, self.black_n_ratio, self.black_ea_eV, self.black_place)
        metals = self._metals(package, view["stack"], view["materials"])
        solved = []
        for k, net in enumerate(sorted(drawn)):
            tell(k / len(drawn), f"current in {net}")
            sheets = net_sheets(view["stack"], net, metals)
            solved.append((sheets, self._solved(sheets, drawn[net], view["layout"])))
        ask = rows.Asked(self.t_C, black, self.fuse_pulse_s)
        tables = rows.tables(view, solved, ask)
        metrics = rows.metrics(tables, [answer for _, answer in solved])
        checks = (*self._open_checks(view, tables["nets"]), *self._limit_checks(tables))
        reasons = self._doubts(package, tables["nets"], [answer for _, answer in solved])
        warnings = (*reasons, *self._temperature_notes(view["materials"], metals))
        state: Literal["ok", "doubtful"] = "doubtful" if reasons else "ok"
        return Result(self.name, metrics, checks, tables, rows.fields(solved), warnings=warnings, state=state)

    def _solved(self, sheets: NetSheets, drawn: Mapping[str, float], layout: Any) -> NetAnswer:
        widths = [trace.width_um for trace in layout.traces if trace.net == sheets.net]
        edge_um = self.mesh_um or (min(widths) / 2 if widths else 20.0)
        try:
            return solve_net(sheets, drawn, edge_um)
        except TooFineError as error:
            what = f"the mesh of {sheets.net} would need too much memory: {error}"
            raise InputError(
                [Problem("supply.mesh", what, key="mesh_um", value=f"{edge_um:g}", remedy="take a larger mesh_um")]
            ) from error

    def _metals(self, package: Package, stack: Any, materials: Mapping[str, Material]) -> Metals:
        used = sorted({body.material for body in stack.bodies if body.net is not None})
        return Metals(
            {name: sigma_S_m(materials[name], self.t_C) for name in used},
            self.board_land_um or package.terminal.ubm_d_um,
            tuple((ball.name, ball.x_um, ball.y_um) for ball in package.balls),
        )

    # ---- what is drawn where ----------------------------------------------------------------------------------

    def _drawn(self, package: Package, layout: Any) -> dict[str, dict[str, float]]:
        """Return net -> pad -> current in mA; InputError with everything that is wrong with the options."""
        supplies = {net.name: net for net in package.nets if net.kind in ("power", "ground")}
        problems = self._number_problems() + self._land_problems(package)
        totals, wrong = _pairs(self.net_currents, "net_currents", supplies)
        problems += wrong
        single, wrong = _pairs(self.pad_currents, "pad_currents", {p for net in supplies.values() for p in net.pads})
        problems += wrong
        for name in self.nets:
            if name not in supplies:
                kind = next((f": it is of kind {net.kind}" for net in package.nets if net.name == name), "")
                what, remedy = f"no supply net '{name}'{kind}", did_you_mean(name, supplies)
                problems.append(Problem("supply.net", what, key="nets", value=name, remedy=remedy))
            elif not supplies[name].pads or not supplies[name].balls:
                problems.append(_without_path(supplies[name]))
        if not supplies:
            what = "no net of the package is a supply"
            problems.append(Problem("supply.none", what, key="nets", remedy="give nets of kind power or ground"))
        if problems:
            raise InputError(problems)
        chosen = self.nets or [name for name, net in supplies.items() if net.pads and net.balls]
        if not chosen:
            raise InputError([_without_path(net) for net in supplies.values()])
        shares = {name: _shares(supplies[name], totals.get(name, self.current_mA), single) for name in chosen}
        return shares

    def _number_problems(self) -> list[Problem]:
        low = {"current_mA": self.current_mA, "mesh_um": self.mesh_um, "board_land_um": self.board_land_um}
        low["fuse_pulse_s"] = self.fuse_pulse_s
        found = [
            Problem("supply.value", "must not be negative", key=key, value=f"{value:g}")
            for key, value in low.items()
            if value < 0 or not math.isfinite(value)
        ]
        if not is_for_metal(self.t_C):
            what = f"out of its range: {METAL_WHY}"
            found.append(Problem("supply.value", what, key="t_C", value=f"{self.t_C:g}", limit=METAL_LIMIT))
        limits = [item.name for item in fields(self) if item.name.startswith("limit_")]
        found += [
            Problem("supply.value", "a limit must be above 0", key=key, value=f"{value:g}")
            for key, value in ((key, getattr(self, key)) for key in limits)
            if value is not None and not 0 < value < math.inf
        ]
        return found

    def _land_problems(self, package: Package) -> list[Problem]:
        widest = package.terminal.ball_d_um
        if not self.board_land_um > widest > 0:
            return []
        what, value = "a ball's foot on the board can't be wider than the ball", f"{self.board_land_um:g}"
        return [Problem("supply.value", what, key="board_land_um", value=value, limit=f"{widest:g}")]

    # ---- verdicts ---------------------------------------------------------------------------------------------

    def _limit_checks(self, tables: Mapping[str, list[dict[str, Any]]]) -> list[Check]:
        limits = {
            "wire": self.limit_wire_A_cm2,
            "via": self.limit_via_A_cm2,
            "ubm": self.limit_ubm_A_cm2,
            "ball": self.limit_ball_A_cm2,
        }
        return [
            *drop_checks(tables["nets"], self.limit_drop_mV),
            *ball_checks(tables["balls"], self.limit_ball_mA),
            *density_checks([*tables["wires"], *tables["openings"]], limits),
        ]

    def _open_checks(self, view: Mapping[str, Any], nets: list[dict[str, Any]]) -> list[Check]:
        masks = {gap.net: gap for gap in view["layout"].unrouted}
        found = []
        for row in nets:
            if row["lost_pads"]:
                gap = masks.get(row["net"])
                why = f": open on the masks, {gap.message}" if gap is not None else ""
                message = f"{row['net']}: no metal to a ball from {row['lost_pads']}{why}"
                where = gap.where_um if gap is not None else None
                found.append(Check("supply.open", "open_count", 1.0, 0.0, False, message, where, net=row["net"]))
        return found

    def _doubts(self, package: Package, nets: list[dict[str, Any]], answers: list[NetAnswer]) -> list[str]:
        """Return why the answer is not to be relied on."""
        found = [
            f"{row['net']}: {row['lost_pads']} carries nothing, its share of the current is left out"
            for row in nets
            if row["lost_pads"]
        ]
        for net in package.nets:
            if net.kind in ("power", "ground") and not (net.pads and net.balls) and not self.nets:
                found.append(f"{net.name} has no {'pad' if net.balls else 'ball'} and is left out")
        for answer in answers:
            if answer.error_ratio > _MOST_ERROR_RATIO:
                found.append(
                    f"{answer.net}: the triangles alone may put resistances {answer.error_ratio:.1%} off; "
                    "take a smaller mesh_um"
                )
        return found

    def _temperature_notes(self, materials: Mapping[str, Material], metals: Metals) -> list[str]:
        found = []
        for name in sorted(metals.sigma_S_m):
            value = materials[name].value("resistivity_nohm_m", self.t_C)
            constant = value.form == "constant" and not materials[name].has("resistivity_tc_ppm_K")
            if constant and value.t_C is not None and abs(self.t_C - value.t_C) > _FAR_K:
                found.append(
                    f"{name}: its resistivity is known at {value.t_C:g} °C alone and taken for {self.t_C:g} °C"
                )
        return found


def _without_path(net: Net) -> Problem:
    missing = "pads" if not net.pads else "balls"
    what = f"supply net {net.name} has no {missing}: no current can flow"
    return Problem("supply.path", what, key="nets", value=net.name, remedy="give it pads and balls")


def _pairs(
    given: tuple[str, ...], key: str, known: Mapping[str, Any] | set[str]
) -> tuple[dict[str, float], list[Problem]]:
    """Return name -> mA of options "name=number", and what is wrong with them."""
    found: dict[str, float] = {}
    problems = []
    for text in given:
        name, _, number = text.rpartition("=")
        try:
            value = float(number)
        except ValueError:
            value = math.nan
        if name not in known:
            remedy = did_you_mean(name, known)
            problems.append(
                Problem("supply.name", f"no supply net or pad '{name}'", key=key, value=text, remedy=remedy)
            )
        elif not 0 <= value < math.inf:
            what = "a current in mA of 0 or more is wanted, NAME=NUMBER"
            problems.append(Problem("supply.current", what, key=key, value=text))
        else:
            found[name] = value
    return found, problems


def _shares(net: Net, total_mA: float, single: Mapping[str, float]) -> dict[str, float]:
    """Return the current of each pad in mA; InputError where single pads draw more than the net's total."""
    given = {pad: single[pad] for pad in net.pads if pad in single}
    rest = [pad for pad in net.pads if pad not in given]
    left = total_mA - sum(given.values())
    if left < -1e-9 or (not rest and abs(left) > 1e-9):
        what = f"the pads of {net.name} draw {sum(given.values()):g} mA, its total is {total_mA:g} mA"
        raise InputError([Problem("supply.shares", what, key="pad_currents", remedy="give its total by net_currents")])
    return {pad: given[pad] if pad in given else left / len(rest) for pad in net.pads}
