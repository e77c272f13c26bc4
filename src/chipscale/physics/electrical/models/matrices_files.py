"""The matrices of R, L and C as JSON and CSV, with their units, order, frequency and meaning."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from typing import Any

from chipscale.physics.electrical.models.truncation import Array
from chipscale.physics.electrical.network import Network
from chipscale.physics.electrical.shunt_loss import cleaned

FORMAT = "chipscale electrical matrices"
CONDUCTANCE = "loss of dielectrics and silicon: in-phase current into the row's net per volt on the column's"
CAPACITANCE = "Maxwell's capacitance: charge on the row's net per volt on the column's, all others grounded"


def meaning(network: Network) -> str:
    """Return what the values of the network's inductances are."""
    return f"loop with return {network.return_net}"


def matrices_json(network: Network, f_Hz: Sequence[float]) -> str:
    """Return the JSON text: R in mohm and L in nH at each frequency, C in pF, G in uS, and the orders of their
    rows."""
    r_ohm, l_H = network.at(_array(f_Hz))
    data: dict[str, Any] = {
        "format": FORMAT,
        "version": 1,
        "meaning": meaning(network),
        "return_net": network.return_net,
        "paths": [
            {"row": k, "ball": ball, "net": net, "length_um": _short(length), "delay_ps": _short(1e12 * delay)}
            for k, (ball, net, length, delay) in enumerate(
                zip(network.balls, network.ball_nets, network.length_um, network.delay_s(), strict=True)
            )
        ],
        "r_l_at": [
            {"f_Hz": float(f), "r_mohm": _rows(1e3 * r), "l_nH": _rows(1e9 * inductance)}
            for f, r, inductance in zip(f_Hz, r_ohm, l_H, strict=True)
        ],
        "capacitance": {"meaning": CAPACITANCE, "nets": list(network.nets), "c_pF": _rows(1e12 * network.c_F)},
        "conductance": {
            "meaning": CONDUCTANCE,
            "nets": list(network.nets),
            "g_at": [{"f_Hz": float(f), "g_uS": _rows(1e6 * _lost_S(network, float(f)))} for f in f_Hz],
        },
        "warnings": list(network.warnings),
    }
    return json.dumps(data, indent=1, ensure_ascii=False) + "\n"


def matrices_csv(network: Network, f_Hz: Sequence[float]) -> dict[str, str]:
    """Return file name -> text: one file for R, L and G at each frequency, one for C; names and net head every row."""
    r_ohm, l_H = network.at(_array(f_Hz))
    files = {}
    titles = [f"{ball} {net}" for ball, net in zip(network.balls, network.ball_nets, strict=True)]
    for f, r, inductance in zip(f_Hz, r_ohm, l_H, strict=True):
        files[f"r_mohm_{_at(f)}.csv"] = _table(1e3 * r, titles, f"R in mohm at {f:g} Hz, {meaning(network)}")
        files[f"l_nH_{_at(f)}.csv"] = _table(1e9 * inductance, titles, f"L in nH at {f:g} Hz, {meaning(network)}")
    files["c_pF.csv"] = _table(1e12 * network.c_F, network.nets, f"C in pF. {CAPACITANCE}")
    for f in (float(value) for value in f_Hz if value > 0.0):
        head = f"G in uS at {f:g} Hz. {CONDUCTANCE}"
        files[f"g_uS_{_at(f)}.csv"] = _table(1e6 * _lost_S(network, f), network.nets, head)
    return files


def _lost_S(network: Network, f_Hz: float) -> Array:
    """Return the conductances (m, m) of the nets at a frequency."""
    import numpy as np

    if network.loss is None:
        return np.zeros_like(network.c_F)
    return np.asarray(network.loss.admittance_S(cleaned(network.c_F), f_Hz).real)


def _array(f_Hz: Sequence[float]) -> Array:
    import numpy as np

    return np.asarray(f_Hz, dtype=float)


def _at(f_Hz: float) -> str:
    """Return a frequency as it stands in a file's name.

    >>> _at(0.0), _at(1e9), _at(2.5e8)
    ('dc', '1GHz', '250MHz')
    """
    if f_Hz == 0.0:
        return "dc"
    for size, unit in ((1e9, "GHz"), (1e6, "MHz"), (1e3, "kHz")):
        if f_Hz >= size:
            return f"{f_Hz / size:g}{unit}"
    return f"{f_Hz:g}Hz"


def _short(value: float) -> float:
    return float(f"{value:.9g}")


def _rows(matrix: Array) -> list[list[float]]:
    return [[_short(value) for value in row] for row in matrix.tolist()]


def _table(matrix: Array, titles: Sequence[str], head: str) -> str:
    out = io.StringIO()
    write = csv.writer(out, lineterminator="\n")
    write.writerow([head, *titles])
    for title, row in zip(titles, _rows(matrix), strict=True):
        write.writerow([title, *row])
    return out.getvalue()
