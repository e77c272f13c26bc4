"""The image sensor with two grooves: its stack, whether anything overlaps, whether every net is whole."""

from __future__ import annotations

import time
from pathlib import Path

from benchmarks.row import Row
from chipscale.design import Design
from chipscale.process.flow import nominal_stack
from chipscale.stack.contact import net_pieces
from chipscale.stack.glb import glb_bytes
from chipscale.stack.volume import overlaps

CHIP = Path(__file__).parents[1] / "examples" / "image_sensor" / "chip.yaml"
STACK_LIMIT_S, OVERLAP_UM3 = 5.0, 0.5


def rows() -> list[Row]:
    """Return the lines of the table; the limit is held against the processor's time."""
    design = Design.load(CHIP)
    package, layout = design.package, design.layout
    started, busy = time.perf_counter(), time.process_time()
    stack = nominal_stack(package, layout)
    seconds, spent = time.perf_counter() - started, time.process_time() - busy
    pairs = overlaps(stack, OVERLAP_UM3)
    parted = [net for net, pieces in net_pieces(stack).items() if len(pieces) != 1]
    said = f"{seconds:.2f} s (processor {spent:.2f} s)"
    size_mb = len(glb_bytes(stack)) / 1e6
    title = f"grooves: image sensor, {len(package.pads)} pads, {len(stack.bodies)} bodies"
    return [
        Row(title, f"<= {STACK_LIMIT_S:g} s", said, spent <= STACK_LIMIT_S),
        Row(f"grooves: pairs that share more than {OVERLAP_UM3:g} µm³", "0", str(len(pairs)), not pairs),
        Row("grooves: nets in more than one piece", "0", str(len(parted)), not parted),
        Row("grooves: size of its GLB", "<= 5 MB", f"{size_mb:.2f} MB", size_mb <= 5.0),
    ]
