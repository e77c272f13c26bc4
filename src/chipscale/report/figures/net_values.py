"""Draw the die with each net's metal in the colour of a value: shapes once, then used for as many values as wanted."""

from __future__ import annotations

from collections.abc import Mapping

from chipscale.layout.types import Layout
from chipscale.report.figures.color_scale import Scale, scale_bar
from chipscale.report.markup import Html, tag
from chipscale.report.svg import area_path, disc_path, line_path, picture, rect, short, text
from chipscale.report.wording import number

_SIDE = 470.0
_LAYERS = ("PAD", "RDL", "RDL2", "UBM")
_TOP = 10.0


def net_shapes(layout: Layout, numbers: Mapping[str, int]) -> Html:
    """Return the shapes of the nets' metal in µm (y up) as things to be used by `net_values`, by the nets' numbers."""
    groups = [
        tag("g", _paths(layout, name), id=f"metal-{place}")
        for name, place in sorted(numbers.items(), key=lambda x: x[1])
    ]
    balls = "".join(disc_path(c.x_um, c.y_um, c.d_um, 1) for c in layout.circles if c.layer == "BALL")
    groups.append(tag("path", d=balls, id="metal-balls", class_="ball-rim"))
    # kept out of sight, not out of the page: what is used elsewhere has to be drawn
    return tag("svg", tag("defs", groups), width=0, height=0, class_="shapes", aria_hidden="true")


def _paths(layout: Layout, net: str) -> list[Html]:
    areas: list[str] = []
    wires: dict[float, list[str]] = {}
    for layer in _LAYERS:
        circles, polygons, traces = layout.on(layer)
        areas += [disc_path(c.x_um, c.y_um, c.d_um, 1) for c in circles if c.net == net]
        areas += [area_path(p.points, p.holes, 1) for p in polygons if p.net == net]
        for trace in traces:
            if trace.net == net:
                wires.setdefault(trace.width_um, []).append(line_path(trace.points, decimals=1))
    found = [tag("path", d=path, fill="currentColor", fill_rule="evenodd") for path in areas]
    return found + [
        tag("path", d="".join(parts), fill="none", stroke="currentColor", stroke_width=short(width), class_="wire")
        for width, parts in sorted(wires.items())
    ]


def net_values(
    size_um: tuple[float, float],
    numbers: Mapping[str, int],
    values: Mapping[str, float],
    scale: Scale,
    words: tuple[str, str],
) -> Html:
    """Return the die view, nets coloured by `values`, those without one grey; words: what, unit."""
    fit = _SIDE / max(size_um)
    wide, tall = size_um[0] * fit, size_um[1] * fit
    used = []
    for name, place in sorted(numbers.items(), key=lambda item: (item[0] in values, item[1])):
        said = f"{number(values[name], 4)} {words[1]}" if name in values else "no value"
        color = scale.color(values[name]) if name in values else "#b9c2cb"
        used.append(tag("g", tag("title", f"{name}: {said}"), tag("use", href=f"#metal-{place}"), color=color))
    turn = f"translate(6 {short(_TOP + tall)}) scale({fit:.6g} {-fit:.6g})"
    spread = f"{number(min(values.values()), 3)} to {number(max(values.values()), 3)} {words[1]}"
    return picture(
        6 + wide + 104,
        max(_TOP + tall + 26, 200),
        f"Nets of the die coloured by {words[0]}: {spread}",
        rect(6, _TOP, wide, tall, class_="map-ground"),
        tag("g", used, tag("use", href="#metal-balls"), transform=turn),
        size_bar(size_um[0], fit, _TOP + tall + 10),
        scale_bar(scale, (wide + 26, _TOP + 26, max(_TOP + tall, 190)), words[1]),
        class_="plot net-values",
    )


def size_bar(size_x_um: float, fit: float, y: float) -> Html:
    """Return a bar of a round length with its length in mm; `fit` is drawing units per µm."""
    from chipscale.report.svg import nice_step

    long_um = nice_step(size_x_um, 4)
    return tag(
        "g",
        rect(6, y, long_um * fit, 3, class_="bar"),
        text(6 + long_um * fit + 8, y + 6, f"{number(long_um / 1000)} mm", class_="tick"),
    )
