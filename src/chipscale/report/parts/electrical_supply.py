"""The supply network: where its nets drop, what each ball carries, and how dense the current is against limits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from chipscale.report.figures.bars import Bar, bars_svg
from chipscale.report.figures.color_scale import scale_of
from chipscale.report.figures.film_values import Dot, film_values
from chipscale.report.input import ReportInput
from chipscale.report.markup import Child, Html, tag
from chipscale.report.parts.asked import asked_of
from chipscale.report.parts.checks import check_table, metrics_block
from chipscale.report.parts.electrical_refusal import doubts, refused
from chipscale.report.parts.frame import Cell, Column, badge, figure, table
from chipscale.report.verdict import anchor_of
from chipscale.report.wording import THIN, count, number
from chipscale.results import Result

NAME = "electrical.supply"
_MOST_BARS = 24
_PLACES = {
    "wire": "wire, or film on a wall",
    "via": "opening to the redistribution metal",
    "ubm": "opening under the under-bump metal",
    "ball": "foot of the ball",
}
_DENSE = 3.0  # powers of ten the picture of current density reaches down


def supply(data: ReportInput) -> Html | None:
    """Return the drop, the balls' currents and the densities of the supply nets; None when nobody asked."""
    result = data.results.get(NAME)
    if result is None:
        return None
    title = "Supply network"
    if result.state == "failed" or not result.tables.get("nets"):
        remarks = refused(data, (NAME,))
        return tag("section", tag("h3", title, " ", badge("", "no answer")), remarks, id=anchor_of(NAME))
    return tag(
        "section",
        tag("h3", title, " ", _badge(result)),
        _lead(result),
        doubts(data, (NAME,)),
        _net_table(result),
        tag("div", _maps(data, result), class_="pair maps"),
        _films(result),
        _worst(result),
        _balls(result),
        check_table(result),
        _folded(result),
        id=anchor_of(NAME),
    )


def _badge(result: Result) -> Html:
    if not result.ok:
        return badge("bad", "a limit or a path fails")
    if result.state == "doubtful":
        return badge("doubtful", "doubtful")
    limited = [check for check in result.checks if check.source == "given by the user"]
    return badge("good", "limits kept") if limited else badge("", "no limit given")


def _lead(result: Result) -> Html:
    drawn = sorted({row["current_mA"] for row in result.tables["nets"]})
    each = f"{number(drawn[0], 4)}{THIN}mA" if drawn[-1] - drawn[0] < 1e-6 * drawn[-1] else "the current in the table"
    at = asked_of(result, "t_C")
    warm = f" at {number(at)}{THIN}°C" if at is not None else ""
    return tag(
        "p",
        f"The pads of each power and ground net draw {each} in all, shared equally, from balls that an ideal board "
        f"holds at one potential; resistance of films, openings and balls{warm}. A drop is from the balls' board side "
        "to the pad and proportional to the current. Limits are the user's: none is built in.",
        class_="lead",
    )


def _net_table(result: Result) -> Html:
    columns = [
        Column("Net"),
        Column("Kind"),
        Column("Current, mA", True),
        Column("Worst drop, mV", True, "from the balls' board side to the pad beside"),
        Column("At pad"),
        Column("R, mΩ", True, "power over current squared"),
        Column("Lost, mW", True, "power lost in the net's metal"),
        Column("Worst ball, mA", True, "largest current of one of its balls"),
        Column("Pads, balls", False, "how many the net has"),
        Column("Mesh, %", True, "estimate of the resistance's error that comes from the triangles"),
    ]
    most: dict[str, float] = {}
    for ball in result.tables.get("balls", []):
        most[ball["net"]] = max(most.get(ball["net"], 0.0), ball["current_mA"])
    rows = [
        [
            tag("a", row["net"], href="#layout", data_net=row["net"]),
            row["kind"],
            _cell(row["current_mA"]),
            _cell(row["drop_worst_mV"]),
            row["worst_pad"] or "–",
            _cell(row["r_mohm"]),
            _cell(row["power_mW"]),
            _cell(most.get(row["net"])),
            f"{row['pads_count']}, {row['balls_count']}",
            _cell(row["mesh_error_pct"], 2),
        ]
        for row in result.tables["nets"]
    ]
    return table("Supply nets", columns, rows, sortable=True, tall=len(rows) > 12)


def _cell(value: float | None, digits: int = 4) -> Cell:
    return Cell("–") if value is None else Cell(number(value, digits), value)


def _maps(data: ReportInput, result: Result) -> list[Html]:
    """Return the drop and the current density on the films as pictures."""
    fields = result.fields
    if "triangles" not in fields:
        return []
    size_um = (data.layout.size_x_um, data.layout.size_y_um)
    places = {ball.name: ball for ball in data.package.balls}
    d_um = data.package.terminal.ubm_d_um
    dots: list[Dot] = [
        (row["ball"], places[row["ball"]].x_um, places[row["ball"]].y_um, d_um)
        for row in result.tables.get("balls", [])
        if row["ball"] in places
    ]
    drop, density = np.asarray(fields["drop_mV"]), np.asarray(fields["j_A_cm2"])
    most = float(np.quantile(density, 0.9995))
    top = scale_of([most]).high if most > 0 else 1.0
    scale = scale_of((max(top, most) * 10.0**-_DENSE, max(top, most)), powers=True)
    return [
        figure(
            film_values(size_um, fields, drop, scale_of((0.0, float(drop.max()))), ("Drop", "mV"), dots),
            "Drop from the balls' board side along each supply net, mV; die view, balls of these nets outlined. Every "
            "net has its own zero at its balls.",
        ),
        figure(
            film_values(size_um, fields, density, scale, ("Current density", "A/cm²"), dots),
            f"Current density in the films, by powers of ten from {number(scale.low, 2)} A/cm² (palest, and all below) "
            f"to {number(scale.high, 2)} A/cm² (darkest); die view. At edges and corners it depends on the triangles; "
            "what is held against limits are means of sections.",
        ),
    ]


def _films(result: Result) -> Html | None:
    """Return the films the current spreads in, with their thickness as built."""
    rows = [row for row in result.tables.get("layers", []) if "thick_um" in row]
    if not rows:
        return None
    columns = [Column("Film"), Column("Metal"), Column("Thickness as built, µm", True)]
    columns += [Column("Of a square, mΩ", True, "resistance of a square of the film at the temperature")]
    shown = [[row["layer"], row["metal"], _cell(row["thick_um"]), _cell(row["r_square_mohm"])] for row in rows]
    said = (
        "A film is as thick as built, seed layer included. The section of a wire is a little less than its width times "
        "this where the seed layer is undercut; densities are over the section. On walls of openings and grooves the "
        "metal is thinner."
    )
    return tag("div", table("Films that carry supply current", columns, shown), tag("p", said, class_="fine"))


def _balls(result: Result) -> Html | None:
    rows = sorted(result.tables.get("balls", []), key=lambda row: (-row["current_mA"], row["net"], row["ball"]))
    if not rows:
        return None
    bars = [
        Bar(
            row["ball"],
            row["net"],
            row["current_mA"],
            note=f"{row['ball']}: {100 * row['share_ratio']:.3g} % of its net",
        )
        for row in rows[:_MOST_BARS]
    ]
    more = f" The {_MOST_BARS} most loaded of {count(len(rows), 'ball')}." if len(rows) > _MOST_BARS else ""
    drawn = bars_svg(bars, "current, mA", "mA", "Current per ball")
    return figure(drawn, f"Current of each supply ball, with its net.{more}", class_="half")


def _worst(result: Result) -> Html | None:
    """Return the densest place of each kind against the limit the user gave for it."""
    rows = []
    for place, words in _PLACES.items():
        here = [row for name in ("wires", "openings") for row in result.tables.get(name, []) if row["place"] == place]
        if not here:
            continue
        row = max(here, key=lambda item: item["j_A_cm2"])
        check = next((c for c in result.checks if c.code == f"supply.density_{place}"), None)
        rows.append([words, f"{row['net']}, {row['name']}", _cell(row["current_mA"]), _cell(row["j_A_cm2"])])
        rows[-1] += _limit(check.limit if check else None, check.ok if check else None)
        rows[-1] += [_least(here, "life_h"), _least(here, "fuse_A")]
    if not rows:
        return None
    columns = [Column("Place"), Column("Where"), Column("Current, mA", True), Column("Density, A/cm²", True)]
    columns += [Column("Limit, A/cm²", True), Column("")]
    columns += [Column("Least life, h", True, "median life by Black's equation with the user's constants")]
    columns += [Column("Fuse, A", True, "least current that melts such a wire; steady, unless a pulse is given")]
    made = table("Densest places, mean of the section", columns, rows)
    said = (
        "Life is told where the constants of Black's equation are given (black_a_h, black_n_ratio, black_ea_eV), a "
        "limit where limit_wire_A_cm2, limit_via_A_cm2, limit_ubm_A_cm2 or limit_ball_A_cm2 is."
    )
    return tag("div", made, tag("p", said, class_="fine"))


def _limit(limit: Any, ok: bool | None) -> list[Child]:
    if limit is None or ok is None:
        return ["no limit given", ""]
    return [_cell(float(limit)), badge("good", "kept") if ok else badge("bad", "beyond")]


def _least(rows: Sequence[dict[str, Any]], name: str) -> Cell:
    values = [row[name] for row in rows if row.get(name) is not None]
    return _cell(min(values)) if values else Cell("–")


_FOLDED: tuple[tuple[str, str, tuple[tuple[str, str, str], ...]], ...] = (
    ("Pads", "pads", (
        ("pad", "Pad", ""), ("net", "Net", ""), ("current_mA", "Current, mA", ""),
        ("drop_mV", "Drop, mV", "from the balls' board side to this pad"),
    )),
    ("Balls", "balls", (
        ("ball", "Ball", ""), ("net", "Net", ""), ("current_mA", "Current, mA", ""),
        ("share_pct", "Share, %", "of its net's current"),
    )),
    ("Wires", "wires", (
        ("name", "Stretch", "straight wire, or film that climbs a wall"), ("net", "Net", ""), ("layer", "Layer", ""),
        ("at", "At x, y, µm", "its middle, die view"), ("width_um", "Width, µm", "as built, the widest of the section"),
        ("thick_um", "Thick, µm", "as built, seed layer included; on a wall across it"),
        ("area_um2", "Section, µm²", "of the metal as built"), ("current_mA", "Current, mA", ""),
        ("j_A_cm2", "j, A/cm²", "current density, mean of the section"),
        ("fuse_A", "Fuse, A", "current that melts such a wire"),
    )),
    ("Openings and feet of balls", "openings", (
        ("name", "Pad or ball", ""), ("net", "Net", ""), ("where", "Place", ""), ("area_um2", "Area, µm²", ""),
        ("r_mohm", "R, mΩ", "of the metal in the opening, or of the ball"), ("current_mA", "Current, mA", ""),
        ("j_A_cm2", "Mean density, A/cm²", "current over area"),
        ("j_peak_A_cm2", "Peak, A/cm²", "where the films' model crowds it most; not told for balls"),
    )),
)  # fmt: skip
_WORDS = ("pad", "ball", "name", "net", "layer", "at", "where")


def _folded(result: Result) -> list[Html]:
    made = []
    for title, name, named in _FOLDED:
        rows = [_told(row) for row in result.tables.get(name, [])]
        if not rows:
            continue
        columns = [Column(said, key not in _WORDS, hint) for key, said, hint in named]
        shown = [[row.get(key) if key in _WORDS else _cell(row.get(key)) for key, _, _ in named] for row in rows]
        box = table(f"{title} of the supply nets", columns, shown, sortable=True, tall=len(rows) > 12)
        made.append(tag("details", tag("summary", f"{title}: {number(len(rows))}"), box))
    made.append(tag("details", tag("summary", "All figures"), metrics_block(result)))
    return made


def _told(row: dict[str, Any]) -> dict[str, Any]:
    """Return the row with its place in words and its share in percent."""
    found = dict(row)
    if row.get("x_um") is not None and row.get("y_um") is not None:
        found["at"] = f"{row['x_um']:.0f}, {row['y_um']:.0f}"
    if "share_ratio" in row:
        found["share_pct"] = 100.0 * row["share_ratio"]
    if "place" in row:
        found["where"] = _PLACES[row["place"]]
    return found
