"""Write the ball list: name, place in die and board view, net, board net and kind, one ball a line."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from chipscale.assembly.array import board_view_um
from chipscale.assembly.land_pattern import board_net
from chipscale.package.types import Package

COLUMNS = ("ball", "x_die_um", "y_die_um", "x_board_um", "y_board_um", "net", "board_net", "kind")


def ball_list(package: Package) -> str:
    """Return the ball list as CSV text.

    Die view: from the die's lower left, looking at the balls. Board view: from the package centre, looking
    through the package, x mirrored, y up. A ball without a net has empty net columns.
    """
    kinds = {net.name: net.kind for net in package.nets}
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for ball in sorted(package.balls, key=lambda item: (item.row, item.col, item.name)):
        board = board_view_um(package, ball)
        places = (f"{value:.3f}" for value in (ball.x_um, ball.y_um, *board))
        writer.writerow([ball.name, *places, ball.net or "", board_net(ball) or "", kinds.get(ball.net or "", "")])
    return text.getvalue()


def write_ball_list(package: Package, path: Path) -> None:
    """Write the ball list to a CSV file."""
    path.write_text(ball_list(package), encoding="utf-8", newline="")
