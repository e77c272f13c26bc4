"""The answer first: is the design good, its headline numbers, and its figures against their targets."""

from __future__ import annotations

from typing import Any

from chipscale.report.input import ReportInput
from chipscale.report.markup import Child, Html, tag
from chipscale.report.parts.asked import asked_of
from chipscale.report.parts.electrical_nets import at_of
from chipscale.report.parts.frame import Column, Section, badge, note, table
from chipscale.report.verdict import Verdict, failed, margin_text, target_value, verdict
from chipscale.report.wording import THIN, count, fixed, number, unit_symbol, with_unit, words


def summary(data: ReportInput) -> Section:
    """Return the first section."""
    answer = verdict(data)
    body = tag("div", _banner(answer), _tiles(data), _targets(data), _warnings(data))
    return Section("summary", "Summary", body, answer.state)


_SIGNS = {"bad": ("bad", "fails"), "doubtful": ("doubtful", "open"), "noted": ("doubtful", "look")}


def _banner(answer: Verdict) -> Html:
    sign = {"good": "✓", "bad": "✕", "doubtful": "!"}[answer.state]
    reasons = [tag("li", badge(*_SIGNS[r.state]), tag("a", r.text, href=f"#{r.anchor}")) for r in answer.reasons]
    words_ = "Every analysis named below ran on the masks of this design, and no rule, connection or target is broken."
    said = tag("ul", reasons, class_="reasons") if reasons else tag("p", words_)
    return tag(
        "div",
        tag("div", sign, class_="seal", aria_hidden="true"),
        tag("div", tag("h2", answer.headline, id="verdict"), said),
        class_=f"verdict {answer.state}",
        role="status",
    )


def _tile(title: str, value: Child, more: Child = None, state: str = "") -> Html:
    return tag(
        "div",
        tag("dt", title),
        tag("dd", tag("span", value, class_="value"), tag("span", more, class_="more") if more else None),
        class_=f"tile {state}".strip(),
    )


def _tiles(data: ReportInput) -> Html:
    package = data.package
    die = package.die
    size = f"{number(die.size_x_um / 1000, 4)} × {number(die.size_y_um / 1000, 4)}"
    pitch = number(package.pitch_x_um)
    if package.pitch_x_um != package.pitch_y_um:
        pitch += f" × {number(package.pitch_y_um)}"
    connected = sum(ball.net is not None for ball in package.balls)
    free = len(package.balls) - connected
    tiles = [
        _tile("Die", [size, _unit("mm")], f"silicon {number(die.thickness_um)}{THIN}µm"),
        _tile("Balls", number(len(package.balls)), "all connected" if not free else f"{number(free)} not connected"),
        _tile("Pitch", [pitch, _unit("µm")], f"ball Ø {number(package.terminal.ball_d_um, 3)}{THIN}µm after reflow"),
        _csp_tile(data),
        *_wiring_tiles(data),
        _check_tile(data, "layout.drc", "DRC", "violation"),
        _check_tile(data, "layout.lvs", "LVS", "difference"),
        _height_tile(data),
        _wafer_tile(data),
        _steps_tile(data),
        _coplanarity_tile(data),
        _inductance_tile(data),
        _drop_tile(data),
        _theta_tile(data),
    ]
    return tag("dl", tiles, class_="tiles")


def _unit(symbol: str) -> Html:
    return tag("span", f"{THIN}{symbol}", class_="unit")


def _csp_tile(data: ReportInput) -> Html:
    """Return package area over die area; both are in the package, the limit of 1.2 is the definition of a CSP."""
    package = data.package
    result = data.results.get("package.fan_in")
    ratio = result.metrics.get("area_ratio") if result else None
    if ratio is None:
        wide, high = package.package_size_um
        area = package.die.size_x_um * package.die.size_y_um
        ratio = wide * high / area if wide and high else 1.0
    ok = ratio <= 1.2 + 1e-9
    more = "a CSP (limit 1.2)" if ok else "no CSP (limit 1.2)"
    return _tile("Package / die area", fixed(ratio, 2), more, "" if ok else "bad")


def _wiring_tiles(data: ReportInput) -> list[Html]:
    result = data.results.get("layout.wiring")
    if result is None:
        open_nets = len({item.net for item in data.layout.unrouted})
        total = sum(len(net.pads) + len(net.balls) > 1 for net in data.package.nets)
        state = "bad" if open_nets else ""
        return [_tile("Nets routed", f"{number(total - open_nets)} / {number(total)}", None, state)]
    metrics = result.metrics
    total, routed = int(metrics["nets_count"]), int(metrics["routed_count"])
    ratio = metrics.get("wire_to_bound_ratio")
    told = f"{fixed(ratio, 3)} × octilinear bound" if ratio is not None and routed == total else "of the nets joined"
    open_word = "complete" if routed == total else f"{count(total - routed, 'net')} open"
    return [
        _tile("Nets routed", f"{number(routed)} / {number(total)}", open_word, "good" if routed == total else "bad"),
        _tile("Wire", [fixed(metrics["wire_um"] / 1000, 2), _unit("mm")], told),
    ]


def _check_tile(data: ReportInput, name: str, title: str, noun: str) -> Html:
    result = data.results.get(name)
    if result is None:
        return _tile(title, "not run", None, "doubtful")
    broken = int(result.metrics.get("violations_count", 0.0)) or len(failed(result))
    if result.state == "failed" and not broken:
        return _tile(title, "failed", "; ".join(result.warnings)[:60] or None, "bad")
    rules = result.metrics.get("rules_checked_count")
    left = int(result.metrics.get("rules_not_checked_count", 0.0))
    held = f"{count(rules, 'rule')} checked, {left} not in the set" if rules is not None else "netlist equals masks"
    if broken:
        return _tile(title, number(broken), noun if broken == 1 else noun + "s", "bad")
    return _tile(title, "clean", held, "good")


def _height_tile(data: ReportInput) -> Html:
    if data.stack is None:
        return _tile("Height", "–", "no stack was built")
    low, high = data.stack.extent_z_um()
    return _tile("Height", [number((high - low) / 1000, 3), _unit("mm")], "nominal, back to ball top")


def _wafer_tile(data: ReportInput) -> Html | None:
    if data.wafer is None:
        return None
    return _tile("Gross dies", number(data.wafer.gross_dies), f"on a {number(data.wafer.diameter_mm)}{THIN}mm wafer")


def _steps_tile(data: ReportInput) -> Html | None:
    result = data.results.get("process.flow")
    if result is None:
        return None
    hours = f"{number(result.metrics['time_s'] / 3600, 2)}{THIN}h in the tools, one wafer"
    return _tile("Process steps", number(result.metrics["steps_count"]), hours)


def _coplanarity_tile(data: ReportInput) -> Html | None:
    """Return how flat 99 of 100 dies are, and how many keep the limit."""
    result = data.results.get("process.variation")
    if result is None:
        return None
    limit = asked_of(result, "limit_um")
    within = f"{number(result.metrics['within_limit_pct'], 3)}{THIN}% of dies within"
    said = f"{within} {number(limit)}{THIN}µm" if limit is not None else f"{within} the limit"
    value = [number(result.metrics["coplanarity_p99_um"], 3), _unit("µm")]
    return _tile("Coplanarity, 99 of 100 dies", value, said, "" if result.ok else "doubtful")


def _inductance_tile(data: ReportInput) -> Html | None:
    """Return the largest inductance of a net, with what kind it is."""
    rows = _rows(data, "electrical.rl")
    if not rows:
        return None
    row = max(rows, key=lambda item: item["l_nH"])
    return _tile(
        "Largest inductance of a net",
        [number(row["l_nH"], 3), _unit("nH")],
        f"{row['inductance']}, {at_of(data.results['electrical.rl'])}",
    )


def _drop_tile(data: ReportInput) -> Html | None:
    rows = [row for row in _rows(data, "electrical.supply") if row["drop_worst_mV"] is not None]
    if not rows:
        return None
    row = max(rows, key=lambda item: item["drop_worst_mV"])
    said = f"{row['net']}, {number(row['current_mA'], 3)}{THIN}mA in all"
    return _tile("Largest supply drop", [number(row["drop_worst_mV"], 3), _unit("mV")], said)


def _theta_tile(data: ReportInput) -> Html | None:
    """Return how well the package is cooled, with the board and the power that the figure holds for."""
    result = data.results.get("thermal.theta")
    if result is None or "theta_ja_K_W" not in result.metrics:
        return None
    value = [number(result.metrics["theta_ja_K_W"], 3), _unit("K/W")]
    given = {row["what"]: row["value"] for row in result.tables.get("given", [])}
    return _tile("Junction to air, θJA", value, given.get("board"), "doubtful" if result.state == "doubtful" else "")


def _rows(data: ReportInput, name: str) -> list[dict[str, Any]]:
    result = data.results.get(name)
    return result.tables.get("nets", []) if result is not None else []


def _targets(data: ReportInput) -> Html | None:
    """Return the table of targets: value, limit, margin."""
    rows = []
    for name, limits in sorted(data.package.targets.items()):
        value = target_value(data, name)
        for sign, key in (("≥", "min"), ("≤", "max")):
            limit = limits.get(key)
            if not isinstance(limit, int | float):
                continue
            rows.append(_target_row(name, value, (sign, float(limit)), str(limits.get("why", ""))))
    if not rows:
        result = data.results.get("targets")
        rows = [_check_row(check) for check in result.checks] if result else []
    if not rows:
        return None
    columns = [
        Column("Target"),
        Column("Value", True),
        Column("Limit", True),
        Column("Margin", True),
        Column(""),
        Column("Why"),
    ]
    return tag(
        "div", tag("h3", "Figures against targets", id="targets"), table("Targets of the package file", columns, rows)
    )


def _target_row(name: str, value: float | None, limit: tuple[str, float], why: str) -> list[Child]:
    sign, bound = limit
    shown = [words(name), tag("code", name, class_="under")]
    limit_text = f"{sign} {number(bound, 6)}{unit_symbol(name)}"
    if value is None:
        return [shown, "–", limit_text, "–", badge("doubtful", "no figure"), why]
    ok = value >= bound if sign == "≥" else value <= bound
    margin = (value - bound) / abs(bound) * 100 if bound else None
    margin_text_ = "–" if margin is None else f"{'+' if margin >= 0 else '−'}{abs(margin):.1f}{THIN}%"
    return [
        shown,
        with_unit(value, name, 6),
        limit_text,
        margin_text_,
        badge("good" if ok else "bad", "met" if ok else "missed"),
        why,
    ]


def _check_row(check: Child) -> list[Child]:
    state = badge("good", "met") if check.ok else badge("bad", "missed")
    value, limit = with_unit(check.value, check.metric, 6), with_unit(check.limit, check.metric, 6)
    return [
        [words(check.metric), tag("code", check.metric, class_="under")],
        value,
        limit,
        margin_text(check),
        state,
        check.message,
    ]


def _warnings(data: ReportInput) -> Html | None:
    """Return what the analyses warn of, once each with all that say it."""
    said: dict[str, list[str]] = {}
    for name, result in sorted(data.results.items()):
        for text in result.warnings:
            said.setdefault(text, []).append(name)
    lines = [
        tag("li", [piece for name in dict.fromkeys(names) for piece in (tag("code", name), " ")], text)
        for text, names in said.items()
    ]
    return tag("div", tag("h3", "Warnings"), note(tag("ul", lines), "doubtful")) if lines else None
