"""A build that the system ends leaves nothing half-written and says so by its exit code."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

CHIP = Path(__file__).parents[1] / "examples" / "bump_on_pad" / "chip.yaml"


def test_sigterm_during_a_build_leaves_no_folder_behind(tmp_path: Path) -> None:
    out = tmp_path / "out"
    command = [
        sys.executable,
        "-c",
        "from chipscale.cli import main; main()",
        "build",
        str(CHIP),
        "--quick",
        "--out",
        str(out),
    ]
    environment = os.environ | {"CHIPSCALE_CACHE": str(tmp_path / "cache")}
    running = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
    until = time.monotonic() + 60
    while not (out.is_dir() and any(out.iterdir())) and running.poll() is None and time.monotonic() < until:
        time.sleep(0.02)
    assert running.poll() is None, "the build ended before it could be stopped"
    running.send_signal(signal.SIGTERM)
    _, said = running.communicate(timeout=60)
    assert running.returncode == 143, said
    assert "terminated" in said
    assert not out.exists()  # it was made for this build
