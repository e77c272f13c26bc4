"""What each panel of the film shows: the whole height, and the thin films with heights enlarged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from chipscale.process.questions.film import Frame
from chipscale.report.figures.section import Window
from chipscale.stack.section import SectionPiece

WHOLE_PX = (390.0, 520.0)  # most a panel's picture may be wide and high
CLOSE_PX = (600.0, 430.0)
_THICK = frozenset({"DIE", "BALL", "BUMP", "GLASS", "WALL", "MOLD", "BACKSIDE", "RESIST"})
_LEAST_ENLARGED = 4.0  # less than this does not show thin films
_RATIOS = (1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0, 12.0, 15.0, 20.0, 25.0, 30.0, 40.0, 50.0)


@dataclass(frozen=True, slots=True)
class Panel:
    """A panel: drawing units per µm along the cut, how many times heights are enlarged, one window per side up."""

    name: str
    title: str
    px_um_ratio: float
    windows: tuple[Window, ...]

    @property
    def z_ratio(self) -> float:
        """Return how many times heights are enlarged against widths."""
        return self.windows[0].z_exaggeration_ratio

    @property
    def size_px(self) -> tuple[float, float]:
        """Return the picture's width and height in drawing units, axes not counted."""
        window = self.windows[0]
        wide = (window.s1_um - window.s0_um) * self.px_um_ratio
        return wide, (window.z1_um - window.z0_um) * self.px_um_ratio * self.z_ratio


def sides(film: Sequence[Frame]) -> list[int]:
    """Return, per frame, how often the wafer has been turned over by then."""
    turned, found = 0, []
    for frame in film:
        turned += frame.turned
        found.append(turned)
    return found


def panels(film: Sequence[Frame]) -> tuple[Panel, Panel]:
    """Return the panel of the whole height and the close-up of the films."""
    groups: dict[int, list[SectionPiece]] = {}
    for frame, side in zip(film, sides(film), strict=True):
        groups.setdefault(side, []).extend(frame.pieces)
    by_side = [groups[side] for side in sorted(groups)]
    return _whole(by_side), _close(by_side)


def _whole(by_side: list[list[SectionPiece]]) -> Panel:
    """Return the panel of everything: true to scale where it is high enough for that."""
    s0, s1 = _span(by_side[-1], 0)
    heights = [_span(pieces, 1) for pieces in by_side]
    pad = 0.02 * max(s1 - s0, max(high - low for low, high in heights))
    tall = max(high - low for low, high in heights) + 2 * pad
    wide = s1 - s0 + 2 * pad
    ratio = _ratio(0.55 * wide / tall, most=3.0)
    px_um = min(WHOLE_PX[0] / wide, WHOLE_PX[1] / (tall * ratio))
    windows = [
        Window(s0 - pad, s1 + pad, (low + high - tall) / 2, (low + high + tall) / 2, ratio) for low, high in heights
    ]
    title = "Whole height, true to scale" if ratio == 1 else f"Whole height, heights enlarged {ratio:g} times"
    return Panel("whole", title, px_um, tuple(windows))


def _close(by_side: list[list[SectionPiece]]) -> Panel:
    """Return the panel of the films: as wide as the cut with heights enlarged; at the pad, where that is not enough."""
    s0, s1 = _span(by_side[-1], 0)
    pad = 0.012 * (s1 - s0)
    wide = s1 - s0 + 2 * pad
    ranges = [_film_range(pieces) for pieces in by_side]
    tall = max(high - low for low, high in ranges)
    px_um = CLOSE_PX[0] / wide
    ratio = _ratio(CLOSE_PX[1] / (tall * px_um))
    if ratio < _LEAST_ENLARGED:
        near = _at_pad(by_side, (s0, s1))
        if near is not None:
            return near
    tall = CLOSE_PX[1] / (px_um * ratio)
    windows = [Window(s0 - pad, s1 + pad, low, low + tall, ratio) for low, _ in ranges]
    return Panel("close", f"Films, heights enlarged {ratio:g} times", px_um, tuple(windows))


def _at_pad(by_side: list[list[SectionPiece]], cut: tuple[float, float]) -> Panel | None:
    """Return the panel of the pad and what is around it, seen from both sides; None when no pad is cut."""
    pads = [[piece for piece in pieces if piece.layer == "PAD"] for pieces in by_side]
    if not all(pads):
        return None
    low, high = _span(pads[0], 0)
    reach = max(high - low, 60.0)
    s0, s1 = max(low - 0.6 * reach, cut[0] - 8), min(high + 1.1 * reach, cut[1])
    px_um, ratio = CLOSE_PX[0] / (s1 - s0), 2.0
    tall = CLOSE_PX[1] / (px_um * ratio)
    windows = []
    for side, found in enumerate(pads):
        middle = sum(_span(found, 1)) / 2
        share = 0.5 if (len(pads) - 1 - side) % 2 else 0.46
        windows.append(Window(s0, s1, middle - share * tall, middle + (1 - share) * tall, ratio))
    return Panel("close", f"At the pad, heights enlarged {ratio:g} times", px_um, tuple(windows))


def _film_range(pieces: list[SectionPiece]) -> tuple[float, float]:
    """Return the heights that show every thin film, a little of what it lies on, and resist that is not too thick."""
    thin = [piece for piece in pieces if piece.layer.removesuffix(" latent") not in _THICK]
    low, high = _span(thin or pieces, 1)
    coats = [piece for piece in pieces if piece.layer.startswith("RESIST")]
    if coats:
        high = max(high, min(_span(coats, 1)[1], high + 0.9 * (high - low)))
    tall = max(high - low, 1.0)
    return low - 0.16 * tall, high + 0.12 * tall


def _span(pieces: Sequence[SectionPiece], axis: int) -> tuple[float, float]:
    lows = [float(np.min(piece.polygon[:, axis])) for piece in pieces]
    highs = [float(np.max(piece.polygon[:, axis])) for piece in pieces]
    return min(lows), max(highs)


def _ratio(wanted: float, most: float = 50.0) -> float:
    """Return the largest round enlargement that is not above what is wanted."""
    return max([ratio for ratio in _RATIOS if ratio <= min(wanted, most) + 1e-9], default=1.0)
