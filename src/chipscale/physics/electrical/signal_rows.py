"""Tables of the answer on signals: losses, crosstalk, impedance and delay, edges and eyes, ball by ball."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from chipscale.physics.electrical.network import Array, Network
from chipscale.physics.electrical.scattering import Scattering
from chipscale.physics.electrical.waveforms import Edge, Eye

_MOST_PAIRS = 50
SILENT_dB = -300.0  # shown for no coupling at all


def level_dB(s: Any) -> Array:
    """Return 20 log10 of the size of S-parameters; SILENT_dB where there is nothing."""
    return np.asarray(20.0 * np.log10(np.maximum(np.abs(s), 10.0 ** (SILENT_dB / 20.0))))


def path_rows(network: Network, at_Hz: float, tdr_ohm: Array) -> list[dict[str, Any]]:
    """Return a row per ball: its path's values as a loop, the line they make, what a step reflected from it shows.

    R and L stand beside their frequency, `at_Hz`.
    """
    r, inductance = network.at(at_Hz)
    c = np.diag(network.path_capacitance_F())
    delay = network.delay_s()
    rows = []
    for k, ball in enumerate(network.balls):
        loop = float(inductance[k, k])
        rows.append(
            {
                "net": network.ball_nets[k],
                "ball": ball,
                "inductance": f"loop, return {network.return_net}",
                "path_um": round(float(network.length_um[k]), 2),
                "r_dc_mohm": _digits(1e3 * network.r_ohm[0, k, k]),
                "at_GHz": _digits(1e-9 * at_Hz),
                "r_at_mohm": _digits(1e3 * r[k, k]),
                "l_at_nH": _digits(1e9 * loop),
                "c_pF": _digits(1e12 * c[k]),
                "delay_ps": _digits(1e12 * delay[k]),
                "z0_ohm": _digits(math.sqrt(loop / c[k])) if c[k] > 0 else None,
                "tdr_least_ohm": _digits(tdr_ohm[k].min()),
                "tdr_most_ohm": _digits(tdr_ohm[k].max()),
            }
        )
    return rows


def loss_rows(network: Network, s: Scattering, at_Hz: float) -> list[dict[str, Any]]:
    """Return a row per ball: return loss at either end and insertion loss, at a frequency and at worst in the band."""
    rows = []
    near = int(np.argmin(np.abs(s.f_Hz - at_Hz)))
    p = len(network.balls)
    for k, ball in enumerate(network.balls):
        far = p + int(network.net_of_ball[k])
        back, front, through = (-level_dB(s.s[:, i, j]) for i, j in ((k, k), (far, far), (k, far)))
        rows.append(
            {
                "net": network.ball_nets[k],
                "ball": ball,
                "at_GHz": _digits(1e-9 * s.f_Hz[near]),
                "return_loss_dB": _digits(back[near]),
                "insertion_loss_dB": _digits(through[near]),
                "return_loss_least_dB": _digits(back.min()),
                "return_loss_die_least_dB": _digits(front.min()),
                "insertion_loss_most_dB": _digits(through.max()),
                "worst_at_GHz": _digits(1e-9 * s.f_Hz[int(np.argmax(through))]),
            }
        )
    return rows


def crosstalk(network: Network, s: Scattering) -> tuple[Array, Array]:
    """Return the highest level in dB in the band, (p, p) each, from ball i to ball j (near end) and to the pads of
    ball j's net (far end); SILENT_dB between balls of one net."""
    p = len(network.balls)
    of = network.net_of_ball
    near = level_dB(s.s[:, :p, :p]).max(axis=0)
    far = level_dB(s.s[:, p + of, :p]).max(axis=0).T
    same = of[:, None] == of[None, :]
    return np.where(same, SILENT_dB, near), np.where(same, SILENT_dB, far)


def pair_rows(network: Network, near_dB: Array, far_dB: Array) -> list[dict[str, Any]]:
    """Return the pairs of balls that couple most, worst first."""
    higher = np.maximum(near_dB, np.maximum(far_dB, far_dB.T))
    pairs = [(-higher[i, j], i, j) for i in range(len(higher)) for j in range(i) if higher[i, j] > SILENT_dB]
    return [
        {
            "ball": network.balls[j],
            "net": network.ball_nets[j],
            "other_ball": network.balls[i],
            "other_net": network.ball_nets[i],
            "next_dB": _digits(near_dB[i, j]),
            "fext_dB": _digits(max(far_dB[i, j], far_dB[j, i])),
        }
        for _, i, j in sorted(pairs)[:_MOST_PAIRS]
    ]


def edge_rows(network: Network, edges: Sequence[Edge], waves_V: Array) -> list[dict[str, Any]]:
    """Return a row per ball: its own net's edge, and the highest noise (p, m, n) another net's edge makes there."""
    noise = np.abs(waves_V).max(axis=2)
    rows = []
    for k, ball in enumerate(network.balls):
        own = int(network.net_of_ball[k])
        others = noise[k].copy()
        others[own] = 0.0
        worst = int(np.argmax(others))
        rows.append(
            {
                "net": network.ball_nets[k],
                "ball": ball,
                "delay_ps": _digits(1e12 * edges[k].delay_s),
                "edge_rise_ps": _digits(1e12 * edges[k].rise_s),
                "overshoot_pct": _digits(100.0 * edges[k].overshoot_ratio),
                "settles_V": _digits(edges[k].last_V),
                "noise_V": _digits(others[worst]),
                "noise_from": network.nets[worst] if others[worst] > 0 else "",
            }
        )
    return rows


def eye_rows(network: Network, bit_s: float, eyes: Sequence[tuple[Eye, Eye]]) -> list[dict[str, Any]]:
    """Return a row per ball: its eye when only its own net sends, and when all nets do."""
    return [
        {
            "net": network.ball_nets[k],
            "ball": network.balls[k],
            "bit_ps": _digits(1e12 * bit_s),
            "eye_height_V": _digits(full.height_V),
            "eye_width_ps": _digits(1e12 * full.width_s),
            "eye_width_ratio": _digits(full.width_s / bit_s),
            "alone_height_V": _digits(alone.height_V),
            "alone_width_ps": _digits(1e12 * alone.width_s),
        }
        for k, (alone, full) in enumerate(eyes)
    ]


def _digits(value: Any) -> float | None:
    """Return six digits of a value; None for what could not be measured."""
    number = float(value)
    return float(f"{number:.6g}") if math.isfinite(number) else None
