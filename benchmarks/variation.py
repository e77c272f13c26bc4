"""Monte Carlo of 25 wafers of 2,000 dies of 60 balls made by Caravel's own flow: time, memory, and what comes out."""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.row import Row
from chipscale.design import Design
from chipscale.process.variation.analysis import Variation
from chipscale.process.variation.influence import Influence
from chipscale.process.variation.window import Window

SPEC = Path(__file__).parents[1] / "examples" / "caravel" / "chip.yaml"
WAFERS, DIES, BALLS = 25, 2000, 60
LIMIT_S, LIMIT_GB = 10.0, 2.0


def rows() -> list[Row]:
    """Return the lines of the table; the Monte Carlo has a process of its own, so that its memory is its own."""
    command = [sys.executable, "-m", "benchmarks.variation"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=SPEC.parents[2])
    seconds, busy, peak_gb, told = (float(word) for word in done.stdout.split()[-4:])
    name = f"variation: {WAFERS} wafers x {DIES:,} dies x {BALLS} balls"
    took = f"{seconds:.2f} s ({busy:.2f} s of the processor)"
    return [
        Row(name, f"<= {LIMIT_S:g} s", took, busy <= LIMIT_S),
        Row(f"{name}: peak memory", f"<= {LIMIT_GB:g} GB", f"{peak_gb:.2f} GB", peak_gb <= LIMIT_GB),
        Row(f"{name}: progress shown", f"{WAFERS} times", f"{told:.0f} times", told >= WAFERS),
        *_caravel(),
    ]


def _caravel() -> list[Row]:
    """Return what Caravel's own flow comes to: coplanarity, Cpk, first five options, the window of the solder."""
    design = Design.load(SPEC)
    view = {"package": design.package, "layout": design.layout}
    made = Variation(wafers_count=WAFERS, dies_count=DIES).run(view).metrics
    copl = (
        f"{made['coplanarity_mean_um']:.2f} ± {made['coplanarity_sd_um']:.2f} µm, 99 % {made['coplanarity_p99_um']:.2f}"
    )
    shares = [
        (f"dies within {made[f'{name}_limit_um']:g} µm", made[f"within_{name}_pct"], made[f"{name}_cpk_ratio"])
        for name in ("plated", "ball_drop")
    ]
    heights = f"{made['height_mean_um']:.1f} ± {made['height_sd_um']:.2f} µm, Cpk {made['height_cpk_ratio']:.2f}"
    started = time.perf_counter()
    ranked = Influence().run(view).tables["first_five"]
    took = time.perf_counter() - started
    first = ", ".join(f"{row['parameter']} {row['mu_star_um']:.2g}" for row in ranked)
    answer = Window(ranked[0]["parameter"]).run(view).tables["answer"][0]["verdict"]
    return [
        Row("variation: Caravel's coplanarity", "reported", copl, None),
        *(
            Row(f"variation: Caravel's {what}", "reported", f"{pct:.3g} %, Cpk {cpk:.2f}", None)
            for what, pct, cpk in shares
        ),
        Row("variation: Caravel's heights", "reported", heights, None),
        Row("variation: first five by influence, µm", "reported", f"{first} ({took:.1f} s)", None),
        Row("variation: window of the first", "reported", answer, None),
    ]


def _alone() -> None:
    """Print seconds, processor seconds, peak memory in GB and how often progress was told, of one Monte Carlo."""
    design = Design.load(SPEC)
    view = {"package": design.package, "layout": design.layout}
    told: list[str] = []
    started, busy = time.perf_counter(), time.process_time()
    made = Variation(wafers_count=WAFERS, dies_count=DIES).run(view, lambda done, text: told.append(text))
    seconds, busy = time.perf_counter() - started, time.process_time() - busy
    if made.metrics["dies_count"] != WAFERS * DIES or len(design.package.balls) != BALLS:
        raise SystemExit("the Monte Carlo did not make what was asked")
    peak_gb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9
    print(seconds, busy, peak_gb, len(told))


if __name__ == "__main__":
    _alone()
