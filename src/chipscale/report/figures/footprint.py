"""Draw the land pattern on the board: copper, mask and paste apertures, body and courtyard."""

from __future__ import annotations

from collections.abc import Sequence

from chipscale.report.markup import Html, tag
from chipscale.report.svg import disc_path, nice_step, picture, rect, text
from chipscale.report.wording import count, number


def footprint_svg(
    pads: Sequence[tuple[str, float, float]],
    sizes_um: dict[str, float],
    frames_um: tuple[tuple[float, float], tuple[float, float]],
    a1: tuple[float, float],
) -> Html:
    """Return the board's top view. `pads` holds (name, x_um, y_um) about the body's centre, y up.

    `sizes_um` holds pad, mask and paste (diameters); `frames_um` the sizes of body and courtyard; `a1` is the A1
    corner's direction, (-1, 1) for upper left.
    """
    body_um, courtyard_um = frames_um
    half_x, half_y = courtyard_um[0] / 2, courtyard_um[1] / 2
    scale = 480 / (2 * max(half_x, half_y * 0.9))
    edge = 14.0
    width, height = 2 * half_x * scale + 2 * edge, 2 * half_y * scale + 2 * edge + 20

    def place(x: float, y: float) -> tuple[float, float]:
        return edge + (x + half_x) * scale, edge + (half_y - y) * scale

    layers = []
    for name in ("mask", "pad", "paste"):
        d = sizes_um.get(name, 0.0)
        if d:
            path = "".join(disc_path(*place(x, y), d * scale) for _, x, y in pads)
            layers.append(tag("path", d=path, class_=f"fp-{name}"))
    left, top = place(-half_x, half_y)
    frame = rect(left, top, 2 * half_x * scale, 2 * half_y * scale, class_="fp-courtyard")
    left, top = place(-body_um[0] / 2, body_um[1] / 2)
    body = rect(left, top, body_um[0] * scale, body_um[1] * scale, class_="fp-body")
    corner = place(
        a1[0] * (0.65 * body_um[0] + 0.35 * courtyard_um[0]) / 2,
        a1[1] * (0.65 * body_um[1] + 0.35 * courtyard_um[1]) / 2,
    )
    mark = tag("path", d=disc_path(*corner, 9), class_="fp-mark")
    bar_um = nice_step(2 * half_x, 4)
    bar = [
        rect(edge, height - 10, bar_um * scale, 4, class_="bar"),
        text(edge + bar_um * scale + 8, height - 4, f"{number(bar_um / 1000)} mm", class_="tick"),
    ]
    label = f"Land pattern, top view of the board: {count(len(pads), 'pad')}"
    return picture(width, height, label, frame, body, layers, mark, bar, class_="footprint")
