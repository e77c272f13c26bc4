"""How wide must a line of a redistribution film be for an impedance: formula and extraction (`electrical.line`)."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal, NamedTuple

import numpy as np

from chipscale.errors import InputError, Problem, did_you_mean
from chipscale.package.types import Package
from chipscale.physics.electrical.conductors import sigma_S_m
from chipscale.physics.electrical.dielectric_layers import UNDER_PADS_UM, Dielectrics, dielectrics, eps_above
from chipscale.physics.electrical.filament_model import skin_depth_um
from chipscale.physics.electrical.frequency_words import frequency_words, plain
from chipscale.physics.electrical.line_section import Section, air, extracted
from chipscale.physics.electrical.lines import Line, microstrip, microstrip_width_um
from chipscale.physics.electrical.metal_temperatures import COLDEST_C, HOTTEST_C
from chipscale.results import Check, Progress, Result
from chipscale.solvers.layered_images import Space
from chipscale.stack.types import Slab, Stack
from chipscale.stack.volume import z_range_um

_CLOSE = 1e-3  # of the impedance: near enough for a width that was searched
_ROUNDS = 8
_AROUND = (0.5, 0.7, 1.0, 1.4, 2.0)  # widths of the table, over the width found
_FILM_PARTS = ("", "foot")  # a wire's metal and the seed layer under it; plugs fill openings
_NARROWEST_um, _WIDEST_um = 0.1, 5000.0  # widths that are looked at
_SIDE_RATIO = 5.0  # width of coplanar grounds over the gap, where none is given


class _Film(NamedTuple):
    """Where a line lies: its metal's lower face and thickness, the layers around it, its conductivity."""

    low_um: float
    thick_um: float
    layers: Dielectrics
    sigma_S_m: float
    board_um: float | None = None  # where the board's plane is

    @property
    def height_um(self) -> float:
        """Return how far the metal is over the ground."""
        return self.low_um - self.layers.ground_um

    def eps_below(self) -> float:
        """Return the permittivity of one dielectric in place of all between the ground and the metal."""
        return self.layers.eps_below(self.low_um)


@dataclass(frozen=True, slots=True)
class MatchedLine:
    """How wide is a line of `z0_ohm` in a film of this package, and what does such a line do to a signal?

    `plane` "metal": a plane without gaps at the die's ground carries the current back (assumed: the die's top metal).
    "silicon": the silicon ends the electric field, but the current comes back in grounds of `side_um` on the film,
    `gap_um` aside (0: as in a microstrip, for "metal" only). `width_um`: this width instead of the one that matches.
    `layer` is a redistribution layer of the package: RDL, or RDL2 where there are two. With `board_gap_um`, as in
    electrical.capacitance, the board has a plane that far beyond the balls, which carries current back as well (a
    stripline, for "metal" only).
    """

    z0_ohm: float = 50.0
    layer: str = "RDL"
    plane: Literal["metal", "silicon"] = "metal"
    width_um: float = 0.0
    gap_um: float = 0.0
    side_um: float = 0.0  # 0: five gaps
    length_um: float = 1000.0
    f_Hz: float = 5e9
    above: str = "air"
    board_gap_um: float | None = None  # from the balls' tips to a ground plane of the board (none: no board)
    under_pads_um: float = UNDER_PADS_UM
    t_C: float = 25.0

    name: ClassVar[str] = "electrical.line"
    reads: ClassVar[tuple[str, ...]] = ("package", "stack", "materials")
    metrics: ClassVar[Mapping[str, str]] = {
        "width_um": "width of the line: the one asked for, or the one that has the impedance by extraction",
        "z0_ohm": "impedance of this line by extraction from all layers",
        "eps_eff_ratio": "permittivity of a uniform space in which its wave runs as fast",
        "formula_width_um": "width by Hammerstad and Jensen's formula: one dielectric below, air above (metal plane)",
        "formula_z0_ohm": "impedance by this formula of the line as wide as the one extracted",
        "bare_difference_pct": "extraction less formula of the same bare strip: no layers above, no thickness",
        "covered_difference_pct": "extraction from all layers less formula: what cover, thickness and board make of it",
        "height_um": "from the ground to the line's metal",
        "delay_ps": "delay of the length asked for",
        "loss_dB": "loss of the length from the line's resistance at the frequency (estimate)",
        "return_loss_dB": "return loss of the length between two ends of the impedance asked for",
    }

    def run(self, view: Mapping[str, Any], progress: Progress | None = None) -> Result:
        """Answer; table "widths": widths around the line's, each by formula and by extraction; table "line"."""
        tell = progress or (lambda fraction, text: None)
        self._refuse()
        film = self._film(view["stack"], view["materials"])
        tell(0.1, "width")
        width, line = self._matched(film)
        tell(0.6, "widths around it")
        rows = [self._row(film, width * ratio, line if ratio == 1.0 else None) for ratio in _AROUND]
        bare = self._bare_pct(film, width)
        r_ohm_m = self._resistance_ohm_m(film, width)
        formula = microstrip(width, film.height_um, film.eps_below(), film.thick_um)
        metrics = {
            "width_um": width,
            "z0_ohm": line.z0_ohm,
            "eps_eff_ratio": line.eps_eff_ratio,
            "height_um": film.height_um,
            "delay_ps": 1e6 * line.delay_s_m * self.length_um,
            "loss_dB": 20.0 / math.log(10.0) * r_ohm_m / (2.0 * line.z0_ohm) * self.length_um * 1e-6,
            "return_loss_dB": return_loss_dB(line, r_ohm_m, self.length_um, self.f_Hz, self.z0_ohm),
        }
        if self.plane == "metal" and not self.gap_um:
            metrics |= {
                "formula_width_um": microstrip_width_um(self.z0_ohm, film.height_um, film.eps_below(), film.thick_um),
                "formula_z0_ohm": formula.z0_ohm,
                "bare_difference_pct": bare,
                "covered_difference_pct": 100.0 * (line.z0_ohm / formula.z0_ohm - 1.0),
            }
        notes = self._notes(film)
        table = {"widths": rows, "line": [self._facts(film, width, line)]}
        fields = {key: np.array([row[key] for row in rows], dtype=float) for key in ("width_um", "z0_ohm")}
        return Result(self.name, metrics, self._checks(view["package"], width), table, fields, warnings=notes)

    # ---- the line ---------------------------------------------------------------------------------------------

    def _matched(self, film: _Film) -> tuple[float, Line]:
        """Return the width with the impedance asked for, by secants from the formula's, and its line."""
        if self.width_um:
            return self.width_um, self._extracted(film, self.width_um)
        first = microstrip_width_um(self.z0_ohm, film.height_um, film.eps_below(), film.thick_um)
        if not math.isfinite(first):
            first = film.height_um
        return searched(lambda width: self._extracted(film, width), self.z0_ohm, first)

    def _extracted(self, film: _Film, width_um: float) -> Line:
        side = self.side_um or _SIDE_RATIO * self.gap_um
        section = Section(width_um, film.thick_um, film.low_um, self.gap_um, side if self.gap_um else 0.0)
        space = film.layers.space(film.board_um)
        back = air(space) if self.plane == "metal" else replace(air(space), ground_m=None)
        return extracted(section, space, back)

    def _bare_pct(self, film: _Film, width_um: float) -> float:
        """Return by how much extraction differs from the formula where the formula holds to 0.2 %."""
        eps = film.eps_below()
        space = Space((eps, 1.0), (film.height_um * 1e-6,), 0.0)
        found = extracted(Section(width_um, 0.0, film.height_um), space, air(space))
        return 100.0 * (found.z0_ohm / microstrip(width_um, film.height_um, eps).z0_ohm - 1.0)

    def _row(self, film: _Film, width_um: float, line: Line | None) -> dict[str, Any]:
        found = line or self._extracted(film, width_um)
        row: dict[str, Any] = {"width_um": round(width_um, 3), "z0_ohm": round(found.z0_ohm, 3)}
        row["eps_eff_ratio"] = round(found.eps_eff_ratio, 4)
        if self.plane == "metal" and not self.gap_um:
            row["formula_z0_ohm"] = round(
                microstrip(width_um, film.height_um, film.eps_below(), film.thick_um).z0_ohm, 3
            )
        return row

    def _resistance_ohm_m(self, film: _Film, width_um: float) -> float:
        """Return the line's resistance per metre, its current as deep as the skin on all four sides, at most all of the
        metal; the plane's is left out."""
        depth = float(skin_depth_um(np.array([film.sigma_S_m]), self.f_Hz)[0])
        inside = max(width_um - 2.0 * depth, 0.0) * max(film.thick_um - 2.0 * depth, 0.0)
        return 1e12 / (film.sigma_S_m * (width_um * film.thick_um - inside))

    def _facts(self, film: _Film, width_um: float, line: Line) -> dict[str, Any]:
        r_ohm_m = self._resistance_ohm_m(film, width_um)
        return {
            "layer": self.layer,
            "plane": self.plane,
            "board_um": None if film.board_um is None else round(film.board_um - film.low_um - film.thick_um, 3),
            "width_um": round(width_um, 3),
            "height_um": round(film.height_um, 3),
            "thick_um": round(film.thick_um, 3),
            "eps_below_ratio": round(film.eps_below(), 4),
            "l_nH": round(1e9 * line.l_H_m * self.length_um * 1e-6, 6),
            "c_pF": round(1e12 * line.c_F_m * self.length_um * 1e-6, 6),
            "r_mohm": round(1e3 * r_ohm_m * self.length_um * 1e-6, 4),
            "length_um": self.length_um,
            "f_GHz": 1e-9 * self.f_Hz,
        }

    def _film(self, stack: Stack, materials: Mapping[str, Any]) -> _Film:
        slabs = [body for body in stack.bodies if isinstance(body, Slab) and body.net]
        known = sorted({body.layer for body in slabs if body.layer.startswith("RDL")})
        bodies = [body for body in slabs if body.layer == self.layer and body.part == ""]
        if self.layer not in known or not bodies:
            what = f"'{self.layer}' is no redistribution layer of this package: a line has to lie on one"
            remedy = did_you_mean(self.layer, known) if known else "the package has none"
            limit = ", ".join(known) or "none"
            raise InputError([Problem("line.layer", what, key="layer", value=self.layer, limit=limit, remedy=remedy)])
        body = max(bodies, key=lambda item: (float(item.bottom.area), item.name))
        whole = [item for item in slabs if (item.net, item.layer) == (body.net, body.layer)]
        heights = [z_range_um(item) for item in whole if item.part in _FILM_PARTS]
        low, high = min(z for z, _ in heights), max(z for _, z in heights)
        layers = dielectrics(stack, materials, self.above, self.under_pads_um)
        board = None
        if self.board_gap_um is not None:
            board = max(z_range_um(item)[1] for item in stack.bodies if item.net) + self.board_gap_um
        return _Film(low, high - low, layers, sigma_S_m(materials[body.material], self.t_C), board)

    # ---- words ------------------------------------------------------------------------------------------------

    def _notes(self, film: _Film) -> tuple[str, ...]:
        told = []
        if self.plane == "metal":
            told.append(f"a plane of metal without gaps is taken {film.height_um:.3g} µm below the line (assumed)")
        else:
            told.append(
                "the silicon is taken as ground of the electric field alone: right below its relaxation frequency "
                "(electrical.capacitance), where its own skin is deep against the line"
            )
        told.append(
            f"the metal is {film.thick_um:.4g} µm thick as built, seed layer included, and taken as a bar: what "
            "undercut takes off the seed layer's sides is left out"
        )
        if film.board_um is not None:
            away = film.board_um - film.low_um - film.thick_um
            told.append(f"a plane of the board without gaps is taken {away:.4g} µm above the line's metal")
        if film.layers.mixed:
            told.append(f"layers are taken as of one dielectric; there is also {', '.join(film.layers.mixed)}")
        return tuple(told)

    def _checks(self, package: Package, width_um: float) -> tuple[Check, ...]:
        rule = f"{self.layer.lower()}_min_width_um"
        least = package.rules.values.get(rule)
        if least is None:
            return ()
        source = package.rules.sources.get(rule, package.rules.source)
        message = f"the line is {width_um:.2f} µm wide, {self.layer} takes no less than {least:g} µm"
        return (Check("line.width", "width_um", width_um, least, width_um >= least, message, source=source),)

    def _refuse(self) -> None:
        bounds = {
            "z0_ohm": (5.0, 300.0),
            "width_um": (0.0, 5000.0),
            "gap_um": (0.0, 5000.0),
            "side_um": (0.0, 5000.0),
            "length_um": (1.0, 1e6),
            "f_Hz": (1e6, 1e12),
            "under_pads_um": (0.2, 100.0),
            "board_gap_um": (0.1, 1e5),
            "t_C": (COLDEST_C, HOTTEST_C),
        }
        problems: list[Problem] = []
        eps_above(self.above)
        for key, (low, high) in bounds.items():
            value = getattr(self, key)
            if value is not None and not low <= value <= high:
                say = frequency_words if key == "f_Hz" else "{:g}".format
                limit = f"{say(low)} to {say(high)}"
                problems.append(Problem("line.option", "out of its range", key=key, value=say(value), limit=limit))
        if 0.0 < self.width_um < _NARROWEST_um:
            what = f"a line is {_NARROWEST_um:g} µm wide at least, or 0: as wide as its impedance asks for"
            problems.append(Problem("line.option", what, key="width_um", value=f"{self.width_um:g}"))
        if self.plane not in ("metal", "silicon"):
            problems.append(
                Problem("line.plane", "no such plane", key="plane", value=str(self.plane), limit="metal, silicon")
            )
        elif self.plane == "silicon" and not self.gap_um:
            what = "over silicon the current has no way back: silicon does not carry it"
            problems.append(Problem("line.open", what, key="gap_um", remedy="give the gap to grounds on the film"))
        elif self.plane == "silicon" and self.board_gap_um is not None:
            what = (
                "over silicon the way back is in the grounds on the film: a board's plane is not modelled beside them"
            )
            remedy = "take plane=metal, or no board"
            problems.append(Problem("line.board", what, key="board_gap_um", remedy=remedy))
        if problems:
            raise InputError(problems)


def searched(extract: Callable[[float], Line], z0_ohm: float, first_um: float) -> tuple[float, Line]:
    """Return the width with an impedance and its line; InputError where it is not found near sensible widths."""
    width, line = first_um, extract(first_um)
    slope = -0.5  # of log z0 over log width, to begin with
    for _ in range(_ROUNDS):
        off = math.log(line.z0_ohm / z0_ohm)
        if abs(off) < _CLOSE:
            return width, line
        step = min(max(-off / slope, -1.5), 1.5)
        step = min(max(step, math.log(_NARROWEST_um / width)), math.log(_WIDEST_um / width))
        if abs(step) < _CLOSE:  # at an end of the widths
            break
        new = extract(width * math.exp(step))
        slope = min((math.log(new.z0_ohm / line.z0_ohm)) / step, -0.02)
        width, line = width * math.exp(step), new
    what = f"no width of a line with {z0_ohm:g} ohm was found: {plain(line.z0_ohm)} ohm at {plain(width)} µm"
    raise InputError([Problem("line.width", what, key="z0_ohm", remedy="ask for another impedance, plane or gap")])


def return_loss_dB(line: Line, r_ohm_m: float, length_um: float, f_Hz: float, z0_ohm: float) -> float:
    """Return -20 log10 |S11| of a piece of line between two resistances, by the line's exact equations."""
    omega, length = 2.0 * math.pi * f_Hz, length_um * 1e-6
    series, shunt = r_ohm_m + 1j * omega * line.l_H_m, 1j * omega * line.c_F_m
    turn, z = np.sqrt(series * shunt) * length, np.sqrt(series / shunt)
    ratio = z / z0_ohm
    s11 = (ratio - 1.0 / ratio) * np.sinh(turn) / (2.0 * np.cosh(turn) + (ratio + 1.0 / ratio) * np.sinh(turn))
    return float(-20.0 * math.log10(max(abs(s11), 1e-15)))
