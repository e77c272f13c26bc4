"""What IBIS wants to know of a package: every ball a pin, and matrices of all pins with the grounds among them."""

from __future__ import annotations

import numpy as np

from chipscale.package.types import Package
from chipscale.physics.electrical.models.ibis import Matrices, Pin, PinKind
from chipscale.physics.electrical.network import Network
from chipscale.results import Result


def pins(package: Package, network: Network, f_Hz: float) -> list[Pin]:
    """Return all balls as pins, with the loop values of the network at `f_Hz`.

    The return's balls have none of their own: the loops of the others hold them. Of nets not asked for none are known.
    """
    r_ohm, l_H = network.at(f_Hz)
    c_F = np.diag(network.path_capacitance_F())
    row = {ball: k for k, ball in enumerate(network.balls)}
    kinds = {net.name: net.kind for net in package.nets if net.pads}
    found = []
    for ball in package.balls:
        net = ball.net or ""
        kind = kinds.get(net, "open")
        shown: PinKind = kind if kind in ("power", "ground", "open") else "signal"
        if net == network.return_net:
            found.append(Pin(ball.name, net, shown, 0.0, 0.0, 0.0))
        elif ball.name in row:
            k = row[ball.name]
            found.append(Pin(ball.name, net, shown, float(r_ohm[k, k]), float(l_H[k, k]), float(c_F[k])))
        else:
            found.append(Pin(ball.name, net, shown))
    return found


def partial_matrices(rl: Result, capacitance: Result, f_Hz: float) -> Matrices:
    """Return the matrices at `f_Hz` of all balls in an answer on partial R and L (a sweep), every net to the silicon.

    A simulator closes the loops itself, through the pins that are grounds there.
    """
    order = [(str(row["terminal"]).removeprefix("ball "), str(row["net"])) for row in rl.tables["order"]]
    length = {row["ball"]: float(row["path_um"]) for row in rl.tables["balls"]}
    nets = tuple(sorted({net for _, net in order}))
    place = {str(item["net"]): k for k, item in enumerate(capacitance.tables["nets"])}
    of = [place[net] for net in nets]
    whole = Network(
        tuple(ball for ball, _ in order),
        tuple(net for _, net in order),
        nets,
        "",
        np.concatenate(([0.0], rl.fields["sweep_f_Hz"])),
        1e-3 * np.concatenate((rl.fields["r_dc_mohm"][None], rl.fields["sweep_r_mohm"])),
        1e-9 * np.concatenate((rl.fields["l_dc_nH"][None], rl.fields["sweep_l_nH"])),
        1e-12 * capacitance.fields["matrix_pF"][np.ix_(of, of)],
        np.array([length[ball] for ball, _ in order]),
    )
    meaning = f"Partial values at {f_Hz:g} Hz, grounds among the pins; capacitance to the silicon and between nets"
    return Matrices(whole.balls, *whole.at(f_Hz), whole.path_capacitance_F(), meaning)
