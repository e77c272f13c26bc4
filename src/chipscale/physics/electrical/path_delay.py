"""Delay and impedance of every net as a short line: its loop through the ground and its capacitance."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from chipscale.errors import InputError, Problem, did_you_mean
from chipscale.package.types import Package
from chipscale.physics.electrical.network import ground_net
from chipscale.physics.electrical.return_path import joined, loops
from chipscale.results import Progress, Result

_F_HZ = 1e9  # of the answer of electrical.rl that is read


@dataclass(frozen=True, slots=True)
class PathDelay:
    """What are delay and impedance of each net, closed through one return net?

    Every net's balls are joined by the board and its pads by the die. The loop is the net's partial inductance with
    that of the return (the ground net with most balls, or `return_net`), whose balls share the current as their
    impedances at 1 GHz have it. Delay is sqrt(L C) and impedance sqrt(L / C), C with all other nets at rest: a line
    without loss, which a path is where its reactance is far above its resistance.
    """

    return_net: str = ""

    name: ClassVar[str] = "electrical.delay"
    reads: ClassVar[tuple[str, ...]] = ("package", "electrical.rl", "electrical.capacitance")
    metrics: ClassVar[Mapping[str, str]] = {
        "l_loop_max_nH": "largest loop inductance of a net at 1 GHz, through the return",
        "delay_max_ps": "longest delay of a net, root of its loop inductance times its capacitance",
        "z_min_ohm": "smallest impedance of a net, root of its loop inductance over its capacitance",
        "z_max_ohm": "largest impedance of a net, by the same",
        "nets_count": "nets with a loop and a capacitance",
    }

    def run(self, view: Mapping[str, Any], progress: Progress | None = None) -> Result:
        """Answer; table "nets": loop resistance and inductance, capacitance, delay and impedance of each net."""
        package: Package = view["package"]
        rl, c = view["electrical.rl"], view["electrical.capacitance"]
        back = self._return(package, rl)
        owners = [row["net"] for row in rl.tables["order"]]
        closes = np.array([owner == back for owner in owners])
        omega = 2.0 * math.pi * _F_HZ
        r_ohm, l_H = loops(1e-3 * rl.fields["r_mohm"], 1e-9 * rl.fields["l_nH"], omega, closes)
        forward = [owner for owner in owners if owner != back]
        farads = {row["net"]: 1e-12 * row["c_pF"] for row in c.tables["nets"]}
        rows = []
        for net in sorted(set(forward) & set(farads)):
            of = np.array([k for k, owner in enumerate(forward) if owner == net], dtype=np.int64)
            rows.append(_row(net, back, joined(r_ohm, l_H, omega, of), farads[net]))
        told = [f"rests on {item.analysis}, which is doubtful" for item in (rl, c) if item.state == "doubtful"]
        return Result(
            self.name, _metrics(rows), (), {"nets": rows}, warnings=tuple(told), state="doubtful" if told else "ok"
        )

    def _return(self, package: Package, rl: Result) -> str:
        """Return the net the loops close through; InputError where it is none of the nets with a path."""
        back = self.return_net or ground_net(package)
        known = sorted({row["net"] for row in rl.tables["order"]})
        if back not in known:
            what = f"the loops stay open: {back} has no way from a ball to a pad"
            raise InputError(
                [Problem("delay.return_net", what, key="return_net", value=back, remedy=did_you_mean(back, known))]
            )
        if known == [back]:
            what = f"no net but the return {back} has a way from a ball to a pad"
            raise InputError([Problem("delay.nets", what, key="return_net", value=back, remedy="name another return")])
        return back


def _row(net: str, back: str, loop: tuple[float, float], c_F: float) -> dict[str, Any]:
    r_ohm, l_H = loop
    return {
        "net": net,
        "inductance": f"loop, return {back}",
        "r_loop_mohm": _rounded(1e3 * r_ohm),
        "l_loop_nH": _rounded(1e9 * l_H),
        "c_pF": _rounded(1e12 * c_F),
        "delay_ps": _rounded(1e12 * math.sqrt(l_H * c_F)),
        "z_ohm": _rounded(math.sqrt(l_H / c_F)),
        "q_ratio": _rounded(2.0 * math.pi * _F_HZ * l_H / r_ohm),
    }


def _metrics(rows: list[dict[str, Any]]) -> dict[str, float]:
    found = {"nets_count": float(len(rows))}
    if rows:
        found |= {
            "l_loop_max_nH": max(row["l_loop_nH"] for row in rows),
            "delay_max_ps": max(row["delay_ps"] for row in rows),
            "z_min_ohm": min(row["z_ohm"] for row in rows),
            "z_max_ohm": max(row["z_ohm"] for row in rows),
        }
    return found


def _rounded(value: float) -> float:
    """Return six digits of a value."""
    return float(f"{value:.6g}")
