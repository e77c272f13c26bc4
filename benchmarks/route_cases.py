"""Routing cases: builds them, routes them, prints a table (`--json` for machines, `--png DIR` for pictures)."""

from __future__ import annotations

import argparse
import csv
import json
import time
from pathlib import Path

import numpy as np

from benchmarks.planar_cases import with_planar_nets
from chipscale.layout.route.problem import Keepout, RouteNet, RouteProblem, Terminal

DATA = Path(__file__).resolve().parents[2] / "shared" / "data" / "caravel"


def box(x: float, y: float, w: float, h: float) -> np.ndarray:
    return np.array([[x - w / 2, y - h / 2], [x + w / 2, y - h / 2], [x + w / 2, y + h / 2], [x - w / 2, y + h / 2]])


def frame(width: float, height: float, inset: float) -> np.ndarray:
    return box(width / 2, height / 2, width - 2 * inset, height - 2 * inset)


def caravel(supply_um: float = 40.0, angles: str = "any", spread: bool = True) -> RouteProblem | None:
    if not DATA.exists():
        return None
    terminals, names = [], set()
    with (DATA / "balls.csv").open() as f:
        for r in csv.DictReader(f):
            terminals.append(Terminal(r["ball"], r["net"], float(r["x_um"]), float(r["y_um"]), 270.0))
            names.add(r["net"])
    with (DATA / "pads.csv").open() as f:
        for r in csv.DictReader(f):
            x, y = float(r["x_um"]), float(r["y_um"])
            terminals.append(Terminal(r["pad"], r["net"], x, y, outline=box(x, y, 60, 60)))
            names.add(r["net"])
    nets = tuple(RouteNet(n, supply_um if n.startswith(("vdd", "vss", "vcc")) else 40.0) for n in sorted(names))
    return RouteProblem(frame(3588, 5188, 20), tuple(terminals), nets, 35.0, angles=angles, spread=spread)


def array_problem(kind: str, n: int = 26, land_um: float = 90.0, signals: int = 270, seed: int = 1) -> RouteProblem:
    """n x n lands at 173 µm, a ring of 45 µm pads around; `kind` outer, radial or shuffled."""
    pitch, gap, pad = 173.0, 200.0, 45.0
    span = (n - 1) * pitch
    off = gap + land_um / 2 + 60.0
    size = span + 2 * off
    per_side = max(1, round(68 * n / 26))
    rng = np.random.default_rng(seed)
    pads = []
    step = (size - 2 * 140.0) / max(per_side - 1, 1)
    for side in range(4):
        for k in range(per_side):
            u = 140.0 + k * step if per_side > 1 else size / 2
            v = 60.0
            pads.append([(u, v), (size - v, u), (size - u, size - v), (v, size - u)][side])
    pads_xy = np.array(pads)
    c = np.array([size / 2, size / 2])
    balls = np.array([(off + i * pitch, off + j * pitch) for j in range(n) for i in range(n)])
    signals = min(signals, len(pads), n * n)
    chosen = np.sort(rng.choice(len(pads), signals, replace=False))
    depth = np.minimum.reduce(
        [
            np.tile(np.arange(n), n),
            np.tile(np.arange(n)[::-1], n),
            np.repeat(np.arange(n), n),
            np.repeat(np.arange(n)[::-1], n),
        ]
    )
    if kind == "outer":
        pool = np.nonzero(depth < 3)[0]
    else:
        pool = np.arange(n * n)
    signals = min(signals, len(pool))
    chosen = chosen[:signals] if len(chosen) > signals else chosen
    pick = np.sort(rng.choice(pool, signals, replace=False))

    def turn(p: np.ndarray) -> np.ndarray:
        d = p - c
        # angle on the square ring, from the lower left corner
        m = np.maximum(np.abs(d).max(axis=1), 1e-9)
        q = d / m[:, None]
        t = np.where(q[:, 1] <= -1 + 1e-9, q[:, 0] + 1, 0.0)
        t = np.where(q[:, 0] >= 1 - 1e-9, 3 + q[:, 1], t)
        t = np.where((q[:, 1] >= 1 - 1e-9), 5 - q[:, 0], t)
        return np.where((q[:, 0] <= -1 + 1e-9) & (q[:, 1] > -1 + 1e-9), 7 - q[:, 1], t)

    pad_order = chosen[np.argsort(turn(pads_xy[chosen]), kind="stable")]
    ball_order = pick[np.argsort(turn(balls[pick]) + 1e-3 * depth[pick], kind="stable")]
    if kind == "shuffled":
        key = np.arange(signals) + rng.uniform(0, 2.2, signals)
        ball_order = ball_order[np.argsort(key, kind="stable")]
    net_of = {int(b): f"s{i}" for i, b in enumerate(ball_order)}
    terminals = [Terminal(f"B{k}", net_of.get(k), float(x), float(y), land_um) for k, (x, y) in enumerate(balls)]
    pad_net = {int(p): f"s{i}" for i, p in enumerate(pad_order)}
    terminals += [
        Terminal(f"P{k}", pad_net.get(k), float(x), float(y), outline=box(x, y, pad, pad))
        for k, (x, y) in enumerate(pads_xy)
    ]
    nets = tuple(RouteNet(f"s{i}", 10.0) for i in range(signals))
    return RouteProblem(frame(size, size, 20), tuple(terminals), nets, 10.0)


def flash() -> RouteProblem:
    """A die with 32 pads on four sides, 6 x 8 balls, two supply nets with many balls."""
    w, h, t = 3200.0, 4200.0, []
    balls = [(350 + 500 * i, 350 + 500 * j) for j in range(8) for i in range(6)]
    nets: list[str] = []
    ring = [(400 + 340 * k, 60.0) for k in range(8)] + [(w - 60, 500 + 450 * k) for k in range(8)]
    ring += [(w - 400 - 340 * k, h - 60) for k in range(8)] + [(60.0, h - 500 - 450 * k) for k in range(8)]
    for k in range(32):
        nets.append("vcc" if k in (11, 19) else "vss" if k in (3, 27) else f"d{k}")
    rim = [b for b in range(48) if balls[b][0] in (350, 2850) or balls[b][1] in (350, 3850)]
    rim += [b for b in range(48) if balls[b] in ((850, 850), (2350, 850), (850, 3350), (2350, 3350))]
    # matched by the angle round the middle, pads and balls in the same order: planar
    order = sorted(rim, key=lambda b: (np.arctan2(balls[b][1] - h / 2, balls[b][0] - w / 2) + 2.2) % 6.2832)
    signals = [k for k in range(32) if nets[k].startswith("d")]
    taken = {b: nets[k] for b, k in zip(order, signals, strict=True)}
    for b, (x, y) in enumerate(balls):
        net = taken.get(b, "vcc" if y > h / 2 else "vss")
        t.append(Terminal(f"ball{b}", net, float(x), float(y), 250.0))
    for k, (x, y) in enumerate(ring):
        t.append(Terminal(f"pad{k}", nets[k], float(x), float(y), outline=box(x, y, 70, 70)))
    names = sorted(set(nets))
    return RouteProblem(frame(w, h, 15), tuple(t), tuple(RouteNet(n, 40 if n[0] == "v" else 25) for n in names), 25.0)


def impossible() -> RouteProblem:
    """Five wires wanted through a gap that takes three, and no way round."""
    t = []
    for k in range(5):
        t.append(Terminal(f"L{k}", f"n{k}", 60.0, 100.0 + 100 * k, 40.0))
        t.append(Terminal(f"R{k}", f"n{k}", 940.0, 100.0 + 100 * k, 40.0))
    walls = (Keepout("lower wall", box(500, 110, 60, 220)), Keepout("upper wall", box(500, 490, 60, 220)))
    # gap 220..380: 160 µm; five wires of 20 with 20 between need 180 plus clearances
    return RouteProblem(
        box(500, 300, 1000, 600), tuple(t), tuple(RouteNet(f"n{k}", 20.0) for k in range(5)), 20.0, keepouts=walls
    )


def keepout() -> RouteProblem:
    """Six wires around a square in the middle."""
    t = []
    for k in range(6):
        t.append(Terminal(f"L{k}", f"n{k}", 60.0, 250.0 + 100 * k, 40.0))
        t.append(Terminal(f"R{k}", f"n{k}", 1140.0, 250.0 + 100 * k, 40.0))
    return RouteProblem(
        box(600, 500, 1200, 1000),
        tuple(t),
        tuple(RouteNet(f"n{k}", 20.0) for k in range(6)),
        20.0,
        keepouts=(Keepout("sensor", box(600, 500, 400, 500), 10.0),),
    )


def cases() -> dict[str, RouteProblem | None]:
    return {
        "A caravel": caravel(),
        "A caravel octilinear": caravel(angles="octilinear"),
        "B caravel 40/60": caravel(60.0),
        "C outer 90": array_problem("outer"),
        "C outer 100": array_problem("outer", land_um=100.0),
        "C radial 90": array_problem("radial"),
        "C radial 100": array_problem("radial", land_um=100.0),
        "C shuffled 90": array_problem("shuffled"),
        "C planar 90": with_planar_nets(array_problem("radial")),
        "C planar 100": with_planar_nets(array_problem("radial", land_um=100.0)),
        "D flash": flash(),
        "E impossible": impossible(),
        "F keep-out": keepout(),
    }


def draw(problem: RouteProblem, wires: tuple, path: Path) -> None:
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt
    import shapely

    size = np.ptp(problem.boundary, axis=0)
    fig, ax = plt.subplots(figsize=(14, 14 * size[1] / size[0]))
    ax.plot(*np.vstack([problem.boundary, problem.boundary[:1]]).T, "k", lw=1)
    for k in problem.keepouts:
        ax.fill(*k.outline.T, color="0.6")
    for t in problem.terminals:
        color = "0.85" if t.net is None else "gold"
        if t.outline is None:
            ax.add_patch(plt.Circle((t.x_um, t.y_um), t.diameter_um / 2, color=color))
        else:
            ax.fill(*t.outline.T, color=color)
    names = sorted({w.net for w in wires})
    for w in wires:
        metal = shapely.LineString(w.points).buffer(w.width_um / 2)
        ax.fill(*np.array(metal.exterior.coords).T, color=plt.cm.tab20(names.index(w.net) * 7 % 20), alpha=0.8)
        ax.plot(*w.points.T, "k.-", lw=0.3, ms=1.5)
    ax.set_aspect("equal")
    ax.axis("off")
    fig.savefig(path, dpi=75, bbox_inches="tight")
    plt.close(fig)


def main() -> None:
    from chipscale.layout.route.router import route
    from chipscale.layout.route.verify import violations

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("only", nargs="*", help="beginnings of case names")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--png", type=Path)
    parser.add_argument("--warm", action="store_true", help="route each case twice, report the second")
    args = parser.parse_args()
    rows = {}
    for name, problem in cases().items():
        if args.only and not any(name.startswith(o) for o in args.only):
            continue
        if problem is None:
            continue
        for _ in range(2 if args.warm else 1):
            begin, cpu = time.perf_counter(), time.process_time()
            answer = route(problem)
            seconds, cpu = time.perf_counter() - begin, time.process_time() - cpu
        bad = violations(problem, answer.wires)
        rows[name] = {
            **answer.figures,
            "seconds": seconds,
            "cpu_s": cpu,
            "violations": len(bad),
            "unrouted": len(answer.unrouted),
        }
        if not args.json:
            f = rows[name]
            print(
                f"{name:22s} {f['nets_routed']:.0f}/{f['nets_total']:.0f} nets  {f['violations']} violations  "
                f"{f['wire_um'] / 1000:.2f} mm  ratio {f['ratio']:.3f}  {f['bends']:.0f} bends  "
                f"space {f['min_space_um']:.3f}  {seconds:.1f} s ({cpu:.1f} cpu)",
                flush=True,
            )
            for u in answer.unrouted[:6]:
                print("    " + u.message)
        if args.png:
            args.png.mkdir(parents=True, exist_ok=True)
            draw(problem, answer.wires, args.png / (name.replace(" ", "_").replace("/", "_") + ".png"))
    if args.json:
        print(json.dumps(rows, indent=1))


if __name__ == "__main__":
    main()
