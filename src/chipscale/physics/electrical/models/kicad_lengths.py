"""Length and delay of the package behind every pad of the footprint, for matching lengths on the board in KiCad.

KiCad 6 and later add a pad's `(die_length mm)` to the length of its track. A delay, `(die_delay …)`, is known only to
its newest versions, and older ones refuse the whole file: delays therefore go into the CSV alone.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping

from chipscale.physics.electrical.network import Network

DELAY = "square root of the path's own loop inductance at the highest frequency times its capacitance"
_PAD = re.compile(r'\(pad\s+(?:"((?:[^"\\]|\\.)*)"|([^\s()"]+))\s')


def lengths_mm(network: Network) -> dict[str, float]:
    """Return ball -> length in mm of its way to the die's pad."""
    return {ball: round(float(way) / 1000, 6) for ball, way in zip(network.balls, network.length_um, strict=True)}


def lengths_csv(network: Network) -> str:
    """Return a table of every ball: its net, length in mm and delay in ps."""
    out = io.StringIO()
    write = csv.writer(out, lineterminator="\n")
    write.writerow(["ball", "net", "length_mm", "delay_ps"])
    rows = zip(network.balls, network.ball_nets, lengths_mm(network).values(), network.delay_s(), strict=True)
    for ball, net, length, delay in rows:
        write.writerow([ball, net, f"{length:.6g}", f"{1e12 * float(delay):.5g}"])
    return out.getvalue()


def with_lengths(footprint: str, length_mm: Mapping[str, float]) -> str:
    """Return a KiCad footprint's text with `(die_length …)` in every pad whose name is a ball of `length_mm`.

    A length that is there already is replaced. Only the pads' text changes.
    """
    parts, done = [], 0
    for match in _PAD.finditer(footprint):
        name = match[1] if match[1] is not None else match[2]
        if name not in length_mm or match.start() < done:
            continue
        end = _closing(footprint, match.start())
        pad = re.sub(r"\s*\(die_length [^()]*\)", "", footprint[match.start() : end])
        parts += [footprint[done : match.start()], pad, f" (die_length {length_mm[name]:.6g})"]
        done = end
    return "".join([*parts, footprint[done:]])


def _closing(text: str, start: int) -> int:
    """Return where the bracket that closes the one at `start` stands; words in quotes are passed over."""
    depth, quoted, k = 0, False, start
    while k < len(text):
        letter = text[k]
        if quoted:
            k += letter == "\\"
            quoted = letter != '"'
        elif letter == '"':
            quoted = True
        elif letter in "()":
            depth += 1 if letter == "(" else -1
            if depth == 0:
                return k
        k += 1
    raise ValueError("the footprint's brackets are not closed")
