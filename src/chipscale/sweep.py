"""Ask the same figures of a design while one or two of its values run over a range; points side by side, cached."""

from __future__ import annotations

import itertools
import multiprocessing
import os
import signal
from collections.abc import Mapping
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from chipscale import registry
from chipscale.design import Design
from chipscale.errors import ChipscaleError, InputError, Problem, did_you_mean
from chipscale.options import analysis_options
from chipscale.results import Progress
from chipscale.spec.overrides import parse_settings

MOST_POINTS = 2000
Value = float | int | str


@dataclass(frozen=True, slots=True)
class Sweep:
    """What is asked: which keys run over which values, which metrics are wanted (full names), and what else is set.

    A key in `option_keys` is an option of the analyses, any other a value of the package file.
    """

    path: Path
    name: str
    values: Mapping[str, tuple[Value, ...]]
    metrics: tuple[str, ...]
    option_keys: frozenset[str] = frozenset()
    options: tuple[str, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)

    def points(self) -> list[dict[str, Value]]:
        """Return the values of all points, the last key running fastest."""
        return [dict(zip(self.values, at, strict=True)) for at in itertools.product(*self.values.values())]


@dataclass(frozen=True, slots=True)
class Swept:
    """The answer: a row per point with its values, the metrics (None where refused), state and what was told."""

    asked: Sweep
    rows: tuple[dict[str, Any], ...]

    @property
    def ok(self) -> bool:
        """True when every point was answered."""
        return all(row["state"] != "refused" for row in self.rows)

    def as_dict(self) -> dict[str, Any]:
        """Return plain JSON data."""
        return {"keys": list(self.asked.values), "metrics": list(self.asked.metrics), "rows": list(self.rows)}


def asked(
    path: Path, words: tuple[str, ...], options: tuple[str, ...] = (), settings: Mapping[str, Any] | None = None
) -> Sweep:
    """Return the sweep that command-line words ask for: KEY=VALUES once or twice, and full names of metrics.

    `errors.InputError` names every wrong word; the package file is read with the first point's values.
    """
    metrics = tuple(word for word in words if "=" not in word)
    problems = [problem for name in metrics for problem in _metric_problems(name)]
    analyses = sorted({name.rpartition(".")[0] for name in metrics}) if not problems else []
    known = {item.name for name in analyses for item in fields(registry.find("analyses", name)) if item.init}
    values: dict[str, tuple[Value, ...]] = {}
    for word in (word for word in words if "=" in word):
        key, _, text = word.partition("=")
        try:
            values[key] = _values(key, text)
        except InputError as error:
            problems += error.problems
    if not metrics:
        what, remedy = "no figure is asked for", "name some, such as thermal.theta.theta_ja_K_W"
        problems.append(Problem("sweep.metric", what, key="METRIC", remedy=remedy))
    if not 1 <= len(values) <= 2 and not problems:
        what, remedy = "one or two keys run over values", "write for example films.rdl_um=3:12:4"
        problems.append(Problem("sweep.keys", what, key="KEY", value=str(len(values)), limit="1 or 2", remedy=remedy))
    count = 1
    for run in values.values():
        count *= len(run)
    if count > MOST_POINTS:
        what = "too many points"
        problems.append(Problem("sweep.points", what, key="KEY", value=str(count), limit=str(MOST_POINTS)))
    if problems:
        raise InputError(problems)
    for name in analyses:
        analysis_options(name, _of(name, options))
    _options_used(analyses, options)
    name = Design.load(path, settings).spec.name
    return Sweep(path, name, values, metrics, frozenset(known & set(values)), options, dict(settings or {}))


def _metric_problems(name: str) -> list[Problem]:
    analysis, _, metric = name.rpartition(".")
    table = registry.names("analyses")
    if analysis not in table:
        remedy = did_you_mean(analysis or name, table)
        return [Problem("sweep.metric", f"'{name}' is no figure of an analysis", key="METRIC", remedy=remedy)]
    has = registry.find("analyses", analysis).metrics
    if metric not in has:
        return [
            Problem(
                "sweep.metric",
                f"{analysis} has no such figure",
                "",
                None,
                "METRIC",
                metric,
                "",
                did_you_mean(metric, has),
            )
        ]
    return []


def _values(key: str, text: str) -> tuple[Value, ...]:
    """Return the values of `from:to:count` or of a list with commas.

    >>> _values("films.rdl_um", "3:12:4")
    (3.0, 6.0, 9.0, 12.0)
    >>> _values("board", "jesd51_9_1s,jesd51_9_2s2p")
    ('jesd51_9_1s', 'jesd51_9_2s2p')
    """
    parts = text.split(":")
    try:
        if len(parts) == 3:
            low, high, count = float(parts[0]), float(parts[1]), int(parts[2])
            if not (2 <= count <= MOST_POINTS and abs(low) < 1e15 and abs(high) < 1e15):
                raise ValueError
            return tuple(round(low + (high - low) * k / (count - 1), 12) for k in range(count))
    except ValueError:
        what, remedy = "not of the form from:to:count", f"write {key}=3:12:4, with a count from 2 to {MOST_POINTS}"
        raise InputError([Problem("sweep.values", what, key=key, value=text[:80], remedy=remedy)]) from None
    words = [word for word in text.split(",") if word]
    if not words:
        raise InputError([Problem("sweep.values", "no values", key=key, remedy=f"write {key}=a,b,c or from:to:count")])
    return tuple(parse_settings((f"{key}={word}",))[key] for word in words)


def _of(analysis: str, options: tuple[str, ...]) -> tuple[str, ...]:
    """Return the options that an analysis has."""
    has = {item.name for item in fields(registry.find("analyses", analysis)) if item.init}
    return tuple(word for word in options if word.partition("=")[0] in has)


def _options_used(analyses: list[str], options: tuple[str, ...]) -> None:
    used = {word for name in analyses for word in _of(name, options)}
    lost = [word for word in options if word not in used]
    if lost:
        known = {item.name for name in analyses for item in fields(registry.find("analyses", name))}
        raise InputError(
            [
                Problem(
                    "option.unknown",
                    "no analysis asked has this option",
                    "",
                    None,
                    "-o",
                    word,
                    "",
                    did_you_mean(word, known),
                )
                for word in lost
            ]
        )


def swept(wanted: Sweep, jobs: int = 0, progress: Progress | None = None) -> Swept:
    """Return the figures at every point, worked out in `jobs` processes (0: one per core).

    A point that is refused has its reason in its row and stops nothing. Interrupting loses only what is unfinished:
    every answer is in the cache.
    """
    points = wanted.points()
    tell = progress or (lambda fraction, text: None)
    rows: list[dict[str, Any] | None] = [None] * len(points)
    count = max(1, min(jobs or os.cpu_count() or 1, len(points)))
    if count == 1:
        for k, at in enumerate(points):
            rows[k] = _point(wanted, at)
            tell((k + 1) / len(points), f"{k + 1} of {len(points)} points")
        return Swept(wanted, tuple(row for row in rows if row is not None))
    with ProcessPoolExecutor(count, initializer=_alone) as pool:
        waiting = {pool.submit(_point, wanted, at): k for k, at in enumerate(points)}
        try:
            while waiting:
                done, _ = wait(waiting, return_when=FIRST_COMPLETED)
                for item in done:
                    rows[waiting.pop(item)] = item.result()
                tell(1 - len(waiting) / len(points), f"{len(points) - len(waiting)} of {len(points)} points")
        except BaseException:
            for worker in multiprocessing.active_children():  # else the points under way would be waited for
                worker.terminate()
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return Swept(wanted, tuple(row for row in rows if row is not None))


def _alone() -> None:
    """Leave the cores to the points, and interrupts to the process that asks; end at once when it says so."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    os.environ.update(NUMBA_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", OMP_NUM_THREADS="1")


def _point(wanted: Sweep, at: Mapping[str, Value]) -> dict[str, Any]:
    """Return the row of one point."""
    row: dict[str, Any] = dict(at)
    of_file = {key: value for key, value in at.items() if key not in wanted.option_keys}
    told: list[str] = []
    state = "ok"
    try:
        design = Design.load(wanted.path, {**wanted.settings, **of_file})
        for name in sorted({metric.rpartition(".")[0] for metric in wanted.metrics}):
            words = _of(name, (*wanted.options, *(f"{key}={at[key]}" for key in sorted(wanted.option_keys))))
            result = design.run(name, **analysis_options(name, words))
            told += result.warnings if result.state != "ok" else []
            state = result.state if result.state != "ok" else state
            for metric in wanted.metrics:
                if metric.rpartition(".")[0] == name:
                    row[metric] = result.metrics.get(metric.rpartition(".")[2])
    except ChipscaleError as error:
        state = "refused"
        told = [str(problem) for problem in error.problems] if isinstance(error, InputError) else [str(error)]
        row |= {metric: None for metric in wanted.metrics if metric not in row}
    return {**row, "state": state, "told": "; ".join(told)}
