"""The ball map: both views side by side, and the table of all balls."""

from __future__ import annotations

from chipscale.package.types import Package
from chipscale.report.colors import FREE, class_colors, kind_word
from chipscale.report.figures.ballmap import VIEW_TEXT, View, ball_map_svg
from chipscale.report.input import ReportInput
from chipscale.report.markup import Html, tag
from chipscale.report.parts.frame import Cell, Column, Section, figure, legend, table
from chipscale.report.wording import count, fixed, number


def balls(data: ReportInput) -> Section:
    """Return the two maps and the ball list."""
    package = data.package
    colors = class_colors(package)
    per_class = {item.name: 0 for item in package.classes}
    classes = {net.name: net.net_class for net in package.nets}
    free = 0
    for ball in package.balls:
        name = classes.get(ball.net or "")
        if name is None:
            free += 1
        else:
            per_class[name] += 1
    entries = [
        (colors[item.name], f"{kind_word(item)}: {count(per_class[item.name], 'ball')}")
        for item in package.classes
        if per_class[item.name]
    ]
    if free:
        entries.append((FREE, f"not connected: {count(free, 'ball')}"))
    maps = [_map(package, "die"), _map(package, "board")]
    body = tag(
        "div",
        tag(
            "p",
            "The two views are mirror images of each other in x; the names belong to the same balls.",
            class_="lead",
        ),
        legend(entries, "Net classes"),
        tag("div", maps, class_="pair maps"),
        tag("h3", "Ball list"),
        _table(data),
    )
    return Section("balls", "Ball map", body)


def _map(package: Package, view: View) -> Html:
    title, _, words = VIEW_TEXT[view].partition(":")
    return figure(ball_map_svg(package, view), [tag("b", title), ":", words])


def _table(data: ReportInput) -> Html:
    package = data.package
    nets = {net.name: net for net in package.nets}
    renamed = any(ball.doc_name and ball.doc_name != ball.net for ball in package.balls)
    columns = [
        Column("Ball"),
        Column("Net"),
        Column("Class"),
        Column("Kind"),
        Column("x, µm", True),
        Column("y, µm", True),
    ]
    columns += [Column("Board x, µm", True, "from the package's centre, board view"), Column("Board y, µm", True)]
    if renamed:
        columns.insert(2, Column("Net on the board"))
    half_x, half_y = package.die.size_x_um / 2, package.die.size_y_um / 2
    rows = []
    for order, ball in enumerate(package.balls):
        net = nets.get(ball.net or "")
        x, y = half_x - ball.x_um, ball.y_um - half_y
        row = [
            Cell(tag("b", ball.name), order),
            _net_link(ball.net) if ball.net else "not connected",
            net.net_class if net else "–",
            net.kind if net else "–",
            *(Cell(fixed(value, 1), round(value, 4)) for value in (ball.x_um, ball.y_um, x, y)),
        ]
        if renamed:
            row.insert(2, ball.doc_name or ball.net or "–")
        rows.append(row)
    caption = f"Balls: {number(len(rows))}; x, y in the die view from the die's lower left corner"
    return table(caption, columns, rows, sortable=True, filter_="Filter by ball, net or class", tall=True)


def _net_link(net: str | None) -> Html:
    """Return a link that selects the net in the layout viewer."""
    return tag("a", net, href="#layout", data_net=net)
