"""What the package does to signals: S-parameters, crosstalk, impedance along the path, edges and eyes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from chipscale.report.figures.color_scale import Scale
from chipscale.report.figures.curves import COLORS, Axis, Curve, curves_svg
from chipscale.report.figures.matrix import matrix_svg
from chipscale.report.input import ReportInput
from chipscale.report.markup import Child, Html, tag
from chipscale.report.parts.checks import check_table, metrics_block
from chipscale.report.parts.electrical_refusal import doubts, refused
from chipscale.report.parts.frame import Cell, Column, badge, facts, figure, missing, table
from chipscale.report.verdict import anchor_of
from chipscale.report.wording import THIN, count, frequency, number
from chipscale.results import Result

NAME = "electrical.signals"
Array = npt.NDArray[np.float64]
_HOW = (
    "S-parameters, crosstalk, edges and eyes were not asked for: a quick report leaves them out unless a target of the "
    "package file names a figure of theirs, such as electrical.signals.insertion_loss_most_dB; chipscale run … "
    "electrical.signals answers for chosen nets alone."
)
_SILENT_dB = -250.0  # below it: nothing at all
_NOTHING = 1e-4  # in the tables' units: less is rounding
_LONGEST = 26  # characters of a curve's name that its place under the plot has room for
_REST_RATIO = 0.01  # of a curve's way: nearer to its end it is at rest
_DEEP_dB = 80.0  # a crosstalk picture reaches down to this below its largest level
_TABLES = (
    (
        "paths", "Paths as lines",
        (("path_um", "Path, µm", "shortest way from the ball to a pad"), ("r_dc_mohm", "R DC, mΩ", "at DC"),
         ("at_GHz", "At, GHz", "frequency of R and L beside"), ("r_at_mohm", "R, mΩ", "at this frequency"),
         ("l_at_nH", "L, nH", "of the loop, at this frequency"),
         ("c_pF", "C, pF", "of the whole net, others at rest"), ("delay_ps", "Delay, ps", "root of L times C"),
         ("z0_ohm", "Z, Ω", "root of L over C"),
         ("tdr_least_ohm", "Seen ≥, Ω", "least impedance a step from the ball sees"),
         ("tdr_most_ohm", "Seen ≤, Ω", "largest impedance a step from the ball sees")),
    ),
    (
        "losses", "Return and insertion loss",
        (("at_GHz", "At, GHz", "the frequency nearest to half the bit rate"),
         ("return_loss_dB", "Return loss, dB", "there"), ("insertion_loss_dB", "Insertion, dB", "loss there"),
         ("return_loss_least_dB", "Least return, dB", "least return loss of the band"),
         ("insertion_loss_most_dB", "Most insertion, dB", "largest insertion loss of the band"),
         ("worst_at_GHz", "At, GHz", "where the insertion loss is largest")),
    ),
    (
        "edges", "Edges",
        (("delay_ps", "Delay, ps", "half the edge at the ball after half the source's"),
         ("edge_rise_ps", "Rise, ps", "at the ball"), ("overshoot_pct", "Overshoot, %", "over where it settles"),
         ("settles_V", "Settles at, V", ""), ("noise_V", "Noise from others, V", "highest, by an edge on another net")),
    ),
    (
        "eyes", "Eyes",
        (("bit_ps", "Bit, ps", "how long a bit lasts"), ("eye_height_V", "Height, V", "all nets sending"),
         ("eye_width_ps", "Width, ps", "all nets sending"), ("alone_height_V", "Height alone, V", "others at rest"),
         ("alone_width_ps", "Width alone, ps", "others at rest")),
    ),
)  # fmt: skip


def signals(data: ReportInput) -> Html | None:
    """Return plots and tables of the nets asked for, or how to ask; None without any other electrical answer."""
    result = data.results.get(NAME)
    title = "Signals"
    if result is None:
        if not any(name.startswith("electrical.") for name in data.results):
            return None
        return tag("section", tag("h3", title), missing("Not asked:", _HOW), id=anchor_of(NAME))
    if result.state == "failed" or not result.tables.get("paths"):
        return tag("section", tag("h3", title, " ", badge("", "no answer")), refused(data, (NAME,)), id=anchor_of(NAME))
    pill = badge("good", "passive") if result.ok else badge("bad", "a check fails")
    if result.ok and result.state == "doubtful":
        pill = badge("doubtful", "doubtful")
    return tag(
        "section",
        tag("h3", title, " ", pill),
        _lead(data, result),
        doubts(data, (NAME,)),
        facts(_facts(result)),
        tag("div", _spectra(result), class_="pair"),
        tag("div", _crosstalk(result), class_="pair"),
        tag("div", _times(result), class_="pair"),
        [_ball_table(result, *item) for item in _TABLES],
        _pair_table(result),
        check_table(result),
        tag("details", tag("summary", "All figures"), metrics_block(result)),
        id=anchor_of(NAME),
    )


def _lead(data: ReportInput, result: Result) -> Html:
    rows = result.tables["paths"]
    nets = sorted({row["net"] for row in rows})
    every = [net for net in data.package.nets if net.kind == "signal" and net.pads and net.balls]
    which = (
        f"{count(len(nets), 'net')} of {number(len(every))} signal nets"
        if len(nets) < len(every)
        else "All signal nets"
    )
    named = f" ({', '.join(nets)})" if len(nets) <= 12 else ""
    given = {row["what"]: (row["value"], row["source"]) for row in result.tables.get("given", [])}
    ends = ", ".join(_said(what, value) for what, (value, how) in given.items() if how == "assumed")
    assumed = f" Assumed: {ends}." if ends else ""
    return tag(
        "p",
        f"{which}{named}: every path from its ball to its pads, {rows[0]['inductance']}; all other nets are at rest "
        f"and count as ground. More nets: chipscale run … electrical.signals with the option nets.{assumed}",
        class_="lead",
    )


def _said(what: str, value: str) -> str:
    """Return an end's value with its unit: driver 50 Ω."""
    name, _, unit = what.rpartition("_")
    return f"{name.replace('_', ' ')} {value}{THIN}{'Ω' if unit == 'ohm' else unit}"


def _facts(result: Result) -> list[tuple[Child, Child]]:
    m = result.metrics
    named = (
        ("return_loss_least_dB", "Least return loss of a ball", "dB"),
        ("insertion_loss_most_dB", "Largest insertion loss", "dB"),
        ("dielectric_loss_most_dB", "Of it, lost in dielectrics at the highest frequency, at most", "dB"),
        ("silicon_loss_most_dB", "Of it, lost in the silicon there, at most", "dB"),
        ("next_most_dB", "Highest near-end crosstalk", "dB"),
        ("fext_most_dB", "Highest far-end crosstalk", "dB"),
        ("delay_most_ps", "Longest delay of a path", "ps"),
        ("eye_height_least_V", "Least eye height", "V"),
        ("eye_width_least_ps", "Least eye width", "ps"),
    )
    pairs: list[tuple[Child, Child]] = [
        (words, f"{number(m[name], 4)}{THIN}{unit}") for name, words, unit in named if name in m
    ]
    if "f_Hz" in result.fields:
        pairs.append(("Highest frequency of the curves", frequency(float(np.max(result.fields["f_Hz"])))))
    if "holds_to_Hz" in m:
        pairs.append(("Longest path is a tenth of a wavelength at (the model's end)", frequency(m["holds_to_Hz"])))
    return pairs


def _level_dB(result: Result) -> Array:
    s = result.fields["s_real"] + 1j * result.fields["s_imag"]
    return np.asarray(20.0 * np.log10(np.maximum(np.abs(s), 1e-15)))


def _spectra(result: Result) -> list[Html]:
    """Return return loss, insertion loss and crosstalk of all ports over frequency; the worst ones have names."""
    ports = [row["port"] for row in result.tables.get("ports", [])]
    if "s_real" not in result.fields or not ports:
        return []
    f_GHz, level = 1e-9 * np.asarray(result.fields["f_Hz"]), _level_dB(result)
    balls = [k for k, name in enumerate(ports) if name.startswith("ball ")]
    net_of = {f"ball {row['ball']}": row["net"] for row in result.tables["paths"]}
    die = {name.removeprefix("die "): k for k, name in enumerate(ports) if name.startswith("die ")}
    owner = {k: net_of.get(ports[k], "") for k in balls}
    at = {k: ports[k].removeprefix("ball ") for k in balls}
    names = {k: f"{at[k]} {owner[k]}" for k in balls}
    back = {names[k]: -level[:, k, k] for k in balls}
    through = {names[k]: -level[:, k, die[owner[k]]] for k in balls if owner[k] in die}
    near = {f"{at[i]} – {at[j]}": level[:, i, j] for i in balls for j in balls if i < j and owner[i] != owner[j]}
    far = {f"{at[i]} – die {net}": level[:, j, i] for i in balls for net, j in die.items() if owner[i] != net}
    made = []
    for curves, y, worst, words in (
        (back, "return loss, dB", np.min, "Return loss at the balls; more is better"),
        (through, "insertion loss, dB", lambda v: -np.max(v), "Insertion loss from ball to pads; less is better"),
        (
            near,
            "near-end crosstalk, dB",
            lambda v: -np.max(v),
            "Near-end crosstalk, from ball to ball; lower is better",
        ),
        (far, "far-end crosstalk, dB", lambda v: -np.max(v), "Far-end crosstalk, from a ball to another net's pads"),
    ):
        if curves:
            made.append(_spectrum(f_GHz, curves, (y, words), worst))
    return made


def _spectrum(f_GHz: Array, curves: dict[str, Array], words: tuple[str, str], worst: Callable[[Array], float]) -> Html:
    band = f_GHz > 0
    ranked = sorted(curves, key=lambda name: (float(worst(curves[name][band])), name))
    first = ranked[: len(COLORS)]
    drawn = [Curve(_short(name), f_GHz, np.where(band, curves[name], np.nan)) for name in first]
    drawn += [Curve("", f_GHz, np.where(band, curves[name], np.nan)) for name in ranked[len(COLORS) : 60]]
    shown = np.concatenate([curve.y[band] for curve in drawn])
    low = float(np.nanmin(shown))
    top = float(np.nanmax(shown))
    y_axis = Axis(words[0], low=max(low, top - 100.0) if top - low > 100.0 and top <= 0 else None)
    art = curves_svg(drawn, Axis("frequency, GHz", powers=True), y_axis, words[1])
    more = (
        f" The {len(first)} worst in colour, {len(drawn) - len(first)} more behind." if len(drawn) > len(first) else ""
    )
    return figure(art, f"{words[1]}.{more}")


def _short(name: str) -> str:
    """Return a curve's name as long as its place allows, cut in its middle."""
    return name if len(name) <= _LONGEST else f"{name[: _LONGEST - 9].rstrip()}…{name[-8:]}"


def _crosstalk(result: Result) -> list[Html]:
    names = [f"{row['ball']} {row['net']}" for row in result.tables["paths"]]
    made = []
    for key, words in (
        ("next_dB", "Near-end crosstalk, from ball (column) to ball (row)"),
        ("fext_dB", "Far-end crosstalk, from ball (row) to the pads of the other's net (column)"),
    ):
        levels = np.array(result.fields.get(key, np.empty((0, 0))), dtype=float)
        if len(levels) != len(names) or len(names) < 3:
            continue
        levels[levels < _SILENT_dB] = np.nan
        if not np.isfinite(levels).any():
            continue
        top = 10.0 * np.ceil(np.nanmax(levels) / 10.0)
        low = max(top - _DEEP_dB, 10.0 * np.floor(np.nanmin(levels) / 10.0))
        drawn = matrix_svg(levels, names, Scale(float(low), float(max(top, low + 10.0))), (words, "dB"))
        made.append(figure(drawn, f"{words}, highest level in the band, dB."))
    return made


def _times(result: Result) -> list[Html]:
    fields = result.fields
    names = [f"{row['ball']} {row['net']}" for row in result.tables["paths"]]
    made = []
    if "tdr_ohm" in fields:
        spread = np.abs(np.asarray(fields["tdr_ohm"]) - np.asarray(fields["tdr_ohm"])[:, -1:]).max(axis=1)
        time, seen = _moving(np.asarray(fields["tdr_ps"]), np.asarray(fields["tdr_ohm"]))
        drawn = _rows(np.asarray(fields["tdr_ps"])[seen], np.asarray(fields["tdr_ohm"])[:, seen], names, spread)
        art = curves_svg(drawn, time, Axis("seen impedance, Ω"), "Impedance a step sees from each ball")
        made.append(
            figure(
                art,
                "Impedance along the path as a step from the ball sees it, as sharp as the highest frequency allows.",
            )
        )
    if "step_V" in fields:
        step = np.asarray(fields["step_V"])
        time, seen = _moving(np.asarray(fields["step_ps"]), step)
        spread = step.max(axis=1) - step[:, -1]
        drawn = _rows(np.asarray(fields["step_ps"])[seen], step[:, seen], names, spread)
        art = curves_svg(drawn, time, Axis("voltage at the ball, V"), "Step response at each ball")
        made.append(figure(art, "Step of the source at the pads, as it comes out at each ball."))
    if "eye_V" in fields:
        traces, at = np.asarray(fields["eye_V"]), np.asarray(fields["eye_ps"])
        least = min(result.tables["eyes"], key=lambda row: row["eye_height_V"])
        drawn = [Curve("", at, trace) for trace in traces]
        words = f"Eye at ball {least['ball']} ({least['net']})"
        art = curves_svg(drawn, Axis("time, ps", low=float(at.min()), high=float(at.max())), Axis("voltage, V"), words)
        height, width = number(least["eye_height_V"], 3), number(least["eye_width_ps"], 3)
        said = f"{words}, the least of all: {height} V high, {width} ps wide, all nets sending."
        made.append(figure(art, said, class_="eye"))
    return made


def _moving(t_ps: Array, values: Array) -> tuple[Axis, slice]:
    """Return the axis of time from a little before anything moves to where all curves are at rest, and what lies on
    it."""
    still = _REST_RATIO * max(float(np.ptp(values)), 1e-12)
    moved = np.flatnonzero((np.abs(values - values[:, :1]) > still).any(axis=0))
    moving = np.flatnonzero((np.abs(values - values[:, -1:]) > still).any(axis=0))
    first, last = int(moved.min(initial=len(t_ps) - 1)), int(moving.max(initial=0))
    if last <= first:
        return Axis("time, ps"), slice(None)
    room = 1 + round(0.15 * (last - first))
    seen = slice(max(first - room, 0), last + room + 1)
    return Axis("time, ps", low=float(t_ps[seen][0]), high=float(t_ps[seen][-1])), seen


def _rows(x: Array, values: Array, names: Sequence[str], weight: Array) -> list[Curve]:
    """Return a curve per row, those of most weight with their names."""
    order = sorted(range(len(names)), key=lambda k: (-float(weight[k]), k))
    first = order[: len(COLORS)]
    return [Curve(_short(names[k]), x, values[k]) for k in first] + [
        Curve("", x, values[k]) for k in order[len(COLORS) :]
    ]


def _ball_table(result: Result, name: str, title: str, named: Sequence[tuple[str, str, str]]) -> Html | None:
    rows: list[dict[str, Any]] = result.tables.get(name, [])
    if not rows:
        return None
    columns = [Column("Ball"), Column("Net"), *(Column(words, True, hint) for _, words, hint in named)]
    shown = [[row["ball"], row["net"], *(_cell(row.get(key)) for key, _, _ in named)] for row in rows]
    caption = f"{title}, {rows[0]['inductance']}" if name == "paths" else title
    made = table(caption, columns, shown, sortable=True, tall=len(rows) > 12)
    return made if name == "paths" else tag("details", tag("summary", f"{title}: {number(len(rows))}"), made)


def _cell(value: float | None) -> Cell:
    if value is None:
        return Cell("–")
    return Cell(number(0.0 if abs(value) < _NOTHING else value, 4), value)


def _pair_table(result: Result) -> Html | None:
    rows = result.tables.get("crosstalk", [])
    if not rows:
        return None
    columns = [Column("Ball"), Column("Net"), Column("Other ball"), Column("Other net")]
    columns += [Column("Near end, dB", True), Column("Far end, dB", True)]
    names = ("ball", "net", "other_ball", "other_net")
    shown = [[*(row[key] for key in names), _cell(row["next_dB"]), _cell(row["fext_dB"])] for row in rows]
    made = table("Pairs that couple most", columns, shown, sortable=True, tall=len(rows) > 12)
    return tag("details", tag("summary", f"Pairs that couple most: {number(len(rows))}"), made)
