"""What a proximity exposure prints: the finest line, light at a mask's edge, where the developed wall stands."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

K_GAP_RATIO = 0.8  # in k sqrt(λ g): course problems give 0.8, a range of 0.7 to 1.5
K_FILM_RATIO = 1.5  # in k sqrt(λ (g + t / 2)): textbook form
_SOURCE_POINTS = 12
_DEPTHS = 21
_PLACES = 601
_LEAST_LIGHT = 1e-4
_WALL_FROM = 0.2  # share of the depth from which the wall is judged: above it the edge is rounded


def gap_resolution_um(gap_um: float, wavelength_nm: float, k_ratio: float = K_GAP_RATIO) -> float:
    """Return the finest line in µm printed across a gap in a thin film: k sqrt(λ g).

    >>> round(gap_resolution_um(20.0, 405.0), 2)
    2.28
    """
    return k_ratio * math.sqrt(wavelength_nm * 1e-3 * gap_um)


def film_resolution_um(
    gap_um: float, wavelength_nm: float, thickness_um: float, k_ratio: float = K_FILM_RATIO
) -> float:
    """Return the finest line in µm printed across a gap through a film: k sqrt(λ (g + t / 2)).

    >>> round(film_resolution_um(20.0, 405.0, 8.0), 2)
    4.68
    """
    return k_ratio * math.sqrt(wavelength_nm * 1e-3 * (gap_um + thickness_um / 2.0))


def knife_edge(x_um: Any, distance_um: float, wavelength_nm: float) -> Any:
    """Return the intensity (open field: 1) at x_um into the light, `distance_um` behind an opaque edge.

    Fresnel diffraction of a plane wave, Born and Wolf, Principles of Optics, 8.7: ½ [(C(u) + ½)² + (S(u) + ½)²] with
    u = x sqrt(2 / λ z); a quarter at the edge itself. `x_um` may be an array (...).

    >>> float(knife_edge(0.0, 20.0, 405.0))
    0.25
    """
    from scipy.special import fresnel

    sine, cosine = fresnel(np.asarray(x_um) * math.sqrt(2.0 / (wavelength_nm * 1e-3 * distance_um)))
    return 0.5 * ((cosine + 0.5) ** 2 + (sine + 0.5) ** 2)


@dataclass(frozen=True, slots=True)
class Print:
    """One exposure and development as far as an edge depends on it.

    `dose_ratio` is the dose over the dose that just clears (positive) or just holds (negative) the whole film in an
    open field, in the same development. `contrast_ratio` is d ln(rate) / d ln(dose) of the developer for a positive,
    the slope of the contrast curve per decade of dose for a negative resist.
    """

    gap_um: float
    wavelength_nm: float
    thickness_um: float
    dose_ratio: float
    contrast_ratio: float = 2.0
    penetration_um: float = 50.0  # 1 / α of the film, as exposed
    index_ratio: float = 1.65
    collimation_deg: float = 1.5  # half angle of the light
    negative: bool = False
    clear_um: float = 0.0  # positive: the thicker film elsewhere that the dose is counted for; 0: this one


@dataclass(frozen=True, slots=True)
class Edge:
    """Where the developed edge stands: foot against the mask's edge (positive: the opening is wider), its wall."""

    bias_um: float  # of the opening, per edge, at its foot
    lean_ratio: float  # outward per µm of height
    wall_deg: float  # between floor and wall: under 90 the opening widens upward


def light(x_um: Floats, depth_um: float, shot: Print) -> Floats:
    """Return the intensity, shape of `x_um`, at a depth of the film before absorption.

    The knife edge at the optical distance g + depth / n, averaged over a round source of the collimation's half angle
    (refracted in the film) with Gauss and Chebyshev's nodes.
    """
    angle = math.radians(shot.collimation_deg)
    blur = shot.gap_um * math.tan(angle) + depth_um * math.tan(math.asin(math.sin(angle) / shot.index_ratio))
    distance = shot.gap_um + depth_um / shot.index_ratio
    turn = np.arange(1, _SOURCE_POINTS + 1) * math.pi / (_SOURCE_POINTS + 1)
    weight = np.sin(turn) ** 2
    places = x_um[..., None] - blur * np.cos(turn)
    found: Floats = knife_edge(places, distance, shot.wavelength_nm) @ (weight / weight.sum())
    return found


@lru_cache(maxsize=256)
def printed_edge(shot: Print) -> Edge:
    """Return the edge an exposure leaves after development.

    Positive resist: the developer needs the time ∫ ds / rate to a point, along the fastest path that goes down and
    then sideways (the path of the lumped parameter model: Mack, Proc. SPIE 2197 (1994) 501), rate ~ (dose I
    exp(-α z))^contrast; the edge is what it reaches in the time in which an open field clears at the dose to clear.
    Negative resist: by the contrast curve a dose of 10^(-(1 - h / t) / contrast) of the holding one leaves the share
    h / t of the film, so height h of the wall stands where dose I exp(-α z) is that. Dark erosion, standing waves and
    light from the ground are left out.

    >>> edge = printed_edge(Print(20.0, 405.0, 9.0, dose_ratio=1.3))
    >>> -0.5 < edge.bias_um < 0.5, 80 < edge.wall_deg < 90
    (True, True)
    """
    depths = np.linspace(0.0, shot.thickness_um, _DEPTHS)
    reach = 6.0 * math.sqrt(shot.wavelength_nm * 1e-3 * (shot.gap_um + shot.thickness_um) / 2.0)
    reach += 2.0 * (shot.gap_um + shot.thickness_um) * math.tan(math.radians(shot.collimation_deg))
    x = np.linspace(-reach, reach, _PLACES)
    image = np.array([light(x, depth, shot) for depth in depths])
    absorbed = np.exp(-depths / shot.penetration_um)[:, None]
    if shot.negative:
        outward = _held(x, depths, image * absorbed, shot)
    else:
        outward = -_reached(x, depths, image * absorbed, shot)
    wall = depths >= _WALL_FROM * shot.thickness_um
    above = shot.thickness_um - depths[wall]  # height above the foot
    shift = outward[wall] - outward[-1]
    lean = float(above @ shift / (above @ above))
    return Edge(float(outward[-1]), lean, math.degrees(math.atan2(1.0, lean)))


def _reached(x: Floats, depths: Floats, dose: Floats, shot: Print) -> Floats:
    """Return (depths,) the places to which the developer opens the film, `dose` (depths, x) relative to open field."""
    slow = np.maximum(dose, _LEAST_LIGHT) ** -shot.contrast_ratio
    down = np.zeros_like(slow)
    down[1:] = np.cumsum((slow[1:] + slow[:-1]) / 2.0 * np.diff(depths)[:, None], axis=0)
    side = np.zeros_like(slow)  # from a place to the bright end; the dark end's large numbers stay out of it
    side[:, :-1] = np.cumsum(((slow[:, 1:] + slow[:, :-1]) / 2.0 * np.diff(x))[:, ::-1], axis=1)[:, ::-1]
    time = np.minimum.accumulate((down - side)[:, ::-1], axis=1)[:, ::-1] + side
    rate = shot.contrast_ratio / shot.penetration_um
    allowed = shot.dose_ratio**shot.contrast_ratio * math.expm1(rate * (shot.clear_um or shot.thickness_um)) / rate
    return np.array([_crossing(x, -row, -allowed) for row in time])


def _held(x: Floats, depths: Floats, dose: Floats, shot: Print) -> Floats:
    """Return (depths,) the places from which on a negative film stands, `dose` (depths, x) relative to open field."""
    whole = math.exp(-shot.thickness_um / shot.penetration_um) / shot.dose_ratio
    least = whole * 10.0 ** (-(depths / shot.thickness_um) / shot.contrast_ratio)
    return np.array([_crossing(x, row, float(limit)) for row, limit in zip(dose, least, strict=True)])


def _crossing(x: Floats, row: Floats, limit: float) -> float:
    """Return the first place, between samples, from which on the row (n,) is not below the limit."""
    at = int(np.argmax(row >= limit))
    if at == 0:
        return float(x[0])
    share = (limit - row[at - 1]) / (row[at] - row[at - 1])
    return float(x[at - 1] + share * (x[at] - x[at - 1]))
