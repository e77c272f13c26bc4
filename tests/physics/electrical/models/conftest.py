"""A package's network made by hand, and ngspice asked for the S-parameters of a subcircuit."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from chipscale.physics.electrical.network import Network


def _network(nets: dict[str, int] | None = None, seed: int = 3) -> Network:
    """Return balls on a line (net -> number of balls) over a return VSS, coupled to each other, up to 20 GHz."""
    counts = nets or {"CLK": 1, "D[0]": 1, "D[1]": 1, "VDD": 2}
    ball_nets = tuple(net for net, count in counts.items() for _ in range(count))
    count = len(ball_nets)
    rng = np.random.default_rng(seed)
    apart = np.abs(np.subtract.outer(np.arange(count), np.arange(count)))
    length = 400.0 + 300.0 * rng.random(count)
    size = np.sqrt(np.outer(length, length)) / 500.0
    f_Hz = np.concatenate([[0.0], np.geomspace(1e5, 2e10, 40)])
    r_dc = 0.012 * np.diag(np.diag(size)) + 0.002
    l_out, l_in = 0.25e-9 * 0.35**apart * size, 0.03e-9 * 0.3**apart * size
    omega = 2.0 * np.pi * f_Hz[:, None, None] * 2e-10
    eddy = 1.0 / (1.0 + omega**2)
    l_H = l_out + l_in * eddy
    r_ohm = r_dc + l_in / 2e-10 * (1.0 - eddy)
    names = tuple(sorted(counts))
    c_F = np.zeros((len(names), len(names)))
    for i, one in enumerate(names):
        for j, other in enumerate(names):
            c_F[i, j] = 60e-15 * counts[one] * (1.0 + 0.5 * (len(names) - 1) * 0.1) if one == other else -3e-15
    balls = tuple(f"A{k + 1}" for k in range(count))
    return Network(balls, ball_nets, names, "VSS", f_Hz, r_ohm, l_H, c_F, length)


@pytest.fixture(scope="session")
def make_network():
    """Return a maker of networks."""
    return _network


@pytest.fixture(scope="session")
def ngspice_s(tmp_path_factory):
    """Return S (k, n, n) as ngspice answers for a subcircuit's file with n ports and a reference node at the last."""
    program = shutil.which("ngspice")
    if program is None:
        pytest.skip("ngspice is not installed")

    def ask(text: str, f_Hz, z0_ohm: float = 50.0) -> np.ndarray:
        folder = tmp_path_factory.mktemp("ngspice")
        (folder / "part.sp").write_text(text, encoding="ascii")
        head = re.search(r"\.subckt (\S+) (.*(?:\n\+.*)*)", text)
        name, nodes = head[1], head[2].replace("\n+", " ").split()[:-1]
        columns = []
        for k, _ in enumerate(nodes):
            columns.append(_column(program, folder, name, len(nodes), k, np.atleast_1d(f_Hz), z0_ohm))
        return np.stack(columns, axis=-1)

    return ask


def _column(program: str, folder: Path, name: str, count: int, driven: int, f_Hz, z0_ohm: float) -> np.ndarray:
    """Return S (k, n) for a wave into one port: 2 V behind z0 there, z0 at all others; b is v, less the wave there."""
    ports = [f"p{k}" for k in range(count)]
    lines = ["S-parameters", ".include part.sp", f"X1 {' '.join(ports)} 0 {name}"]
    for k, port in enumerate(ports):
        lines += [f"Rz{k} {port} s{k} {z0_ohm}", f"Vz{k} s{k} 0 dc 0 ac {2 if k == driven else 0}"]
    lines += [".control", "set filetype=ascii", "set numdgt=16"]
    for number, f in enumerate(f_Hz):
        lines += [f"ac lin 1 {f:.15g} {f:.15g}", f"write out{number}.raw {' '.join(f'v({p})' for p in ports)}"]
    lines += ["quit", ".endc", ".end"]
    (folder / "run.sp").write_text("\n".join(lines) + "\n", encoding="ascii")
    done = subprocess.run([program, "-b", "run.sp"], cwd=folder, capture_output=True, text=True, timeout=300)
    found = []
    for number in range(len(f_Hz)):
        place = folder / f"out{number}.raw"
        assert place.exists(), done.stdout[-2000:] + done.stderr[-2000:]
        values = place.read_text().partition("Values:")[2].split()[1:]
        pairs = [complex(*(float(x) for x in word.split(","))) for word in values]
        b = np.array(pairs[-count:])
        b[driven] -= 1.0
        found.append(b)
        place.unlink()
    return np.array(found)
