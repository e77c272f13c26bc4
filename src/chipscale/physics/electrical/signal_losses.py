"""What dielectrics and silicon add to the losses of a package's paths, and where that is known no more."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from chipscale.physics.electrical.frequency_words import frequency_words
from chipscale.physics.electrical.network import Network
from chipscale.physics.electrical.scattering import scattering
from chipscale.physics.electrical.shunt_loss import cleaned

METRICS: Mapping[str, str] = {
    "dielectric_loss_most_dB": "what dielectrics add to the insertion loss of a path at the highest frequency, at most",
    "silicon_loss_most_dB": "what the silicon's resistance adds to it",
    "dielectric_tangent_ratio": "largest loss of a net's capacitance in dielectrics, of its reactive power",
    "silicon_tangent_ratio": "the same in the silicon, at the highest frequency",
    "induced_bound_ratio": "currents induced in the silicon, not counted, lose less than this of the loops' reactance "
    "at the highest frequency",
}


def loss_metrics(made: Network, to_Hz: float, z0_ohm: float) -> dict[str, float]:
    """Return the values of METRICS; all 0 where the capacitance's answer has no losses."""
    if made.loss is None:
        return dict.fromkeys(METRICS, 0.0)
    of, p = made.net_of_ball, len(made.balls)

    def insertion_dB(network: Network) -> np.ndarray:
        s = scattering(network, np.array([to_Hz]), z0_ohm, made.sections(to_Hz)).s[0]
        return np.asarray(-20.0 * np.log10(np.maximum(np.abs(s[np.arange(p), p + of]), 1e-15)))

    films = replace(made.loss, silicon_ohm=np.zeros_like(made.loss.silicon_ohm))
    plain, some, whole = (insertion_dB(replace(made, loss=loss)) for loss in (None, films, made.loss))
    c = cleaned(made.c_F)
    own = np.maximum(2.0 * math.pi * to_Hz * np.diag(c), np.finfo(float).tiny)
    lost, film = (np.diag(loss.admittance_S(c, to_Hz)).real / own for loss in (made.loss, films))
    return {
        "dielectric_loss_most_dB": float((some - plain).max()),
        "silicon_loss_most_dB": float((whole - some).max()),
        "dielectric_tangent_ratio": float(film.max()),
        "silicon_tangent_ratio": float((lost - film).max()),
        "induced_bound_ratio": to_Hz / made.loss.induced_Hz,
    }


def loss_doubts(made: Network, to_Hz: float) -> list[str]:
    """Return why losses up to a frequency are not known."""
    if made.loss is None or not made.loss.relaxation_s:
        return []
    told = []
    relaxed_Hz = 1.0 / (2.0 * math.pi * made.loss.relaxation_s)
    if to_Hz > relaxed_Hz:
        told.append(
            f"up to {frequency_words(to_Hz)}: from {frequency_words(relaxed_Hz)} the silicon is a dielectric; what it "
            "loses is found with charges held where they are over a ground: an upper bound of its impedance"
        )
    if to_Hz > made.loss.induced_Hz:
        told.append(
            f"up to {frequency_words(to_Hz)}: from {frequency_words(made.loss.induced_Hz)} currents induced in the "
            "silicon, which are not counted, are not bound to lose less than the loops' reactance"
        )
    return told
