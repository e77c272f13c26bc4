"""The electrical section: every path's R, L, C and delay, the supply network, signals, radiation, other packages."""

from __future__ import annotations

from chipscale.report.input import ReportInput
from chipscale.report.markup import Child, Html, tag
from chipscale.report.parts.checks import check_table, metrics_block
from chipscale.report.parts.electrical_compare import compare
from chipscale.report.parts.electrical_emission import emission
from chipscale.report.parts.electrical_maps import maps
from chipscale.report.parts.electrical_matrices import matrices
from chipscale.report.parts.electrical_nets import RETURN, at_of, kind_of, net_table
from chipscale.report.parts.electrical_refusal import doubts, given, refused
from chipscale.report.parts.electrical_signals import signals
from chipscale.report.parts.electrical_supply import supply
from chipscale.report.parts.frame import Section, badge, facts
from chipscale.report.verdict import anchor_of, title_of
from chipscale.report.wording import THIN, number
from chipscale.results import Result

PATHS = ("electrical.rl", "electrical.capacitance", "electrical.delay")
NAMES = (*PATHS, "electrical.supply", "electrical.signals", "electrical.emission", "electrical.compare")


def electrical(data: ReportInput) -> Section | None:
    """Return what the electrical analyses found; None when none of them ran."""
    asked = [name for name in NAMES if name in data.results]
    made = (_paths(data), supply(data), signals(data), emission(data), compare(data))
    blocks = [block for block in made if block is not None]
    if not asked or not blocks:
        return None
    results = {name: data.results[name] for name in asked}
    failing = {name for name, result in results.items() if not result.ok}
    doubtful = any(result.state == "doubtful" for result in results.values())
    state = "bad" if failing - data.only_shown else "doubtful" if failing or doubtful else "good"
    return Section("electrical", "Electrical", tag("div", _headline(data), blocks), state)


def _headline(data: ReportInput) -> Html | None:
    """Return the figures asked for first; each says what it is and of what."""
    pairs: list[tuple[Child, Child]] = []
    rl, c = given(data, "electrical.rl"), given(data, "electrical.capacitance")
    if rl is not None:
        pairs.append(_most(rl, ("r_dc_mohm", "mΩ"), "Largest resistance of a net at DC"))
        pairs.append(_most(rl, ("r_mohm", "mΩ"), f"Largest resistance of a net {at_of(rl)}"))
        pairs.append(_most(rl, ("l_nH", "nH"), f"Largest inductance of a net {at_of(rl)}, {kind_of(rl)}"))
    if c is not None:
        pairs.append(_most(c, ("c_pF", "pF"), "Largest capacitance of a net, all others grounded"))
    lines = given(data, "electrical.delay")
    if lines is not None:
        back = RETURN.sub("", kind_of(lines))
        pairs.append(_most(lines, ("l_loop_nH", "nH"), f"Largest loop inductance of a net, return {back}"))
        pairs.append(_most(lines, ("delay_ps", "ps"), f"Longest delay of a net, return {back}"))
    drop = given(data, "electrical.supply")
    if drop is not None and drop.tables.get("nets"):
        row = max(drop.tables["nets"], key=lambda row: row["drop_worst_mV"] or 0.0)
        value = f"{number(row['drop_worst_mV'], 4)}{THIN}mV"
        pairs.append((f"Largest supply drop, {number(row['current_mA'], 4)} mA per net", [value, _of(row["net"])]))
    return facts(pairs) if pairs else None


def _most(result: Result, column: tuple[str, str], words: str) -> tuple[Child, Child]:
    name, unit = column
    row = max(result.tables["nets"], key=lambda row: row[name])
    return words, [f"{number(row[name], 4)}{THIN}{unit}", _of(row["net"])]


def _of(net: str) -> Html:
    return tag("small", " ", net)


def _paths(data: ReportInput) -> Html | None:
    """Return resistance, inductance, capacitance and delay of every net: table, maps, matrices."""
    if not any(name in data.results for name in PATHS):
        return None
    results = [data.results[name] for name in PATHS if name in data.results]
    pill = badge("good", "answered")
    if any(not result.ok for result in results):
        pill = badge("bad", "a check fails") if any(r.checks and not r.ok for r in results) else badge("", "in part")
    elif any(result.state == "doubtful" for result in results):
        pill = badge("doubtful", "doubtful")
    folded = [
        tag("details", tag("summary", f"All figures and checks: {title_of(name)}"), metrics_block(r), check_table(r))
        for name in PATHS
        if (r := given(data, name)) is not None
    ]
    return tag(
        "section",
        tag("h3", "Paths from ball to pad: R, L, C, delay ", pill),
        refused(data, PATHS),
        doubts(data, PATHS),
        net_table(data),
        tag("h4", "Nets coloured by their values", id="electrical-maps"),
        maps(data),
        tag("h4", "Matrices", id="electrical-matrices"),
        matrices(data),
        folded,
        id=anchor_of("electrical.rl"),
    )
