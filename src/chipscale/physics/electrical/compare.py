"""The same die in other packages (`electrical.compare`): how much shorter is the way, and what is that worth?"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, ClassVar

import numpy as np

from chipscale.errors import InputError, Problem
from chipscale.materials.library import material
from chipscale.package.types import Package
from chipscale.physics.electrical.compare_packages import Sizes, models
from chipscale.physics.electrical.compare_paths import solve
from chipscale.physics.electrical.compare_rows import Answer, metrics, of_model, of_wlcsp, package_rows, part_rows
from chipscale.physics.electrical.compare_with_published import left_out_rows, published_rows
from chipscale.physics.electrical.conductors import sigma_S_m
from chipscale.physics.electrical.dielectric_layers import eps_ratio
from chipscale.physics.electrical.frequency_words import frequency_words, plain
from chipscale.physics.electrical.rl import PathRL
from chipscale.results import Progress, Result

_C_um_s = 2.99792458e14
# where the default of each size is from
_SOURCES = {
    "die_thick_um": "assumed",
    "wire_d_um": "assumed (25 µm gold is the common wire)",
    "wire_loop_um": "assumed",
    "wire_gap_um": "assumed",
    "lead_pitch_um": "JEDEC MO-220 (recalled)",
    "lead_width_um": "JEDEC MO-220, b nominal (recalled)",
    "lead_thick_um": "JEDEC MO-220, A3 = 0.203 mm (recalled)",
    "bga_pitch_um": "pitch of the FBGA of the published rows (0.8 mm)",
    "bga_ball_um": "assumed",
    "csp_pitch_um": "assumed",
    "csp_ball_um": "assumed",
    "bump_d_um": "assumed",
    "bump_h_um": "assumed",
    "trace_width_um": "assumed",
    "trace_thick_um": "assumed (half-ounce foil)",
    "plane_um": "assumed",
    "laminate_um": "assumed",
    "via_d_um": "assumed, filled",
    "eps_laminate_ratio": "assumed (glass and epoxy)",
}


@dataclass(frozen=True, slots=True)
class Compare:
    """How do this package's paths compare with those of the same die in a QFN, a wire-bonded BGA and a flip-chip CSP?

    The others are drawn from the sizes below around the pads of this die, one terminal per pad, and solved with the
    solvers of `electrical.rl`; capacitances are from formulas for all four. Inductances are partial, or of the loop
    with the nearest terminal of another net. The answer of `electrical.rl` in the view is taken where it is one for all
    nets at this frequency. `plane_um` is the height of laminate traces over their plane.
    """

    f_Hz: float = 1e9
    die_thick_um: float = 250.0
    wire_d_um: float = 25.0
    wire_loop_um: float = 150.0
    wire_gap_um: float = 500.0
    lead_pitch_um: float = 500.0
    lead_width_um: float = 250.0
    lead_thick_um: float = 200.0
    bga_pitch_um: float = 800.0
    bga_ball_um: float = 450.0
    csp_pitch_um: float = 500.0
    csp_ball_um: float = 300.0
    bump_d_um: float = 80.0
    bump_h_um: float = 50.0
    trace_width_um: float = 60.0
    trace_thick_um: float = 18.0
    plane_um: float = 100.0
    laminate_um: float = 250.0
    via_d_um: float = 100.0
    eps_laminate_ratio: float = 4.4

    name: ClassVar[str] = "electrical.compare"
    reads: ClassVar[tuple[str, ...]] = ("package", "layout", "stack", "materials", "electrical.rl")
    metrics: ClassVar[Mapping[str, str]] = {
        "l_wlcsp_nH": "mean partial inductance of a path in this package at the frequency",
        "l_qfn_nH": "the same in the QFN",
        "l_bga_nH": "the same in the wire-bonded BGA",
        "l_fc_csp_nH": "the same in the flip-chip CSP",
        "loop_wlcsp_nH": "mean inductance of the loop of a path and the nearest terminal of another net, this package",
        "loop_qfn_nH": "the same in the QFN",
        "loop_bga_nH": "the same in the wire-bonded BGA",
        "loop_fc_csp_nH": "the same in the flip-chip CSP",
        "wire_bond_ratio": "mean partial inductance of the better of both wire-bonded packages over this one's",
        "area_ratio": "least area of the other packages' bodies over this one's",
    }

    def run(self, view: Mapping[str, Any], progress: Progress | None = None) -> Result:
        """Answer; tables "packages", "parts", "published", "left_out", "sizes"; fields `l_<package>_nH` (p, p)."""
        tell = progress or (lambda part, text: None)
        self._refuse()
        package: Package = view["package"]
        nets = {pad: net.name for net in package.nets for pad in net.pads}
        if len(set(nets.values())) < 2:
            raise InputError([Problem("compare.nets", "the die has fewer than two nets with pads: nothing to compare")])
        sizes = self._sizes()
        tell(0.05, "this package")
        answers = [of_wlcsp(view, self._own(view), self.f_Hz)]
        for k, made in enumerate(models(package, sizes)):
            tell(0.6 + 0.1 * k, made.name)
            answers.append(of_model(made, solve(made.paths, self.f_Hz), [nets[path.name] for path in made.paths]))
        tell(0.95, "published values")
        told = self._doubts(answers)
        return Result(
            self.name,
            metrics(answers),
            (),
            {
                "packages": package_rows(answers),
                "parts": part_rows(answers),
                "published": published_rows(view, answers, sizes),
                "left_out": left_out_rows(),
                "sizes": self._size_rows(),
            },
            {f"l_{answer.key}_nH": 1e9 * answer.l_H for answer in answers},
            warnings=tuple(told),
            state="doubtful" if told else "ok",
        )

    def _own(self, view: Mapping[str, Any]) -> Result:
        """Return the answer of `electrical.rl` on this package: that of the view where it is the one needed."""
        known: Result | None = view.get("electrical.rl")
        if known is not None and "l_nH" in known.fields and known.fields["f_Hz"][0] == self.f_Hz:
            rows, left_out = known.tables["balls"], {row["net"] for row in known.tables["open"]}
            whole = {net.name for net in view["package"].nets if net.pads and net.balls}
            if {row["inductance"] for row in rows} == {"partial"} and whole <= {row["net"] for row in rows} | left_out:
                return known
        return PathRL(f_Hz=self.f_Hz).run(view)

    def _sizes(self) -> Sizes:
        own = {item.name: getattr(self, item.name) for item in fields(self) if item.name != "f_Hz"}
        metal = {
            key: sigma_S_m(material(name)) for key, name in (("wire", "Au"), ("copper", "Cu"), ("solder", "SAC305"))
        }
        return Sizes(**own, eps_mold_ratio=eps_ratio("EMC"), **{f"{key}_S_m": value for key, value in metal.items()})

    def _size_rows(self) -> list[dict[str, Any]]:
        changed = {item.name for item in fields(self) if getattr(self, item.name) != item.default}
        return [
            {"size": key, "value": getattr(self, key), "source": "asked for" if key in changed else source}
            for key, source in _SOURCES.items()
        ]

    def _doubts(self, answers: list[Answer]) -> list[str]:
        """Return for which packages the currents are no longer in step."""
        wave_um = _C_um_s / math.sqrt(self.eps_laminate_ratio) / self.f_Hz
        told = []
        for answer in answers:
            ratio = 10 * float(answer.length_um.max()) / wave_um
            if ratio > 1.0:
                told.append(f"{answer.name}: the longest path is {plain(ratio, 2)} times a tenth of the wavelength")
        return told

    def _refuse(self) -> None:
        problems = []
        for item in fields(self):
            value = getattr(self, item.name)
            low = 1e6 if item.name == "f_Hz" else 1.0 if item.name.endswith("_ratio") else 0.1
            high = 1e12 if item.name == "f_Hz" else 1e5
            if not (np.isfinite(value) and low <= value <= high):
                say = frequency_words if item.name == "f_Hz" else "{:g}".format
                what, limit = f"{item.name} is out of range", f"{say(low)} to {say(high)}"
                problems.append(Problem("compare.option", what, key=item.name, value=say(value), limit=limit))
        for less, more in (
            ("lead_width_um", "lead_pitch_um"),
            ("bga_ball_um", "bga_pitch_um"),
            ("csp_ball_um", "csp_pitch_um"),
        ):
            if getattr(self, less) >= getattr(self, more):
                what = f"{less} leaves no space at {more}"
                remedy = f"take it below {getattr(self, more):g} µm"
                problems.append(
                    Problem("compare.space", what, key=less, value=f"{getattr(self, less):g}", remedy=remedy)
                )
        if problems:
            raise InputError(problems)
