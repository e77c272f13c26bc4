"""The die with its nets coloured by resistance, inductance, capacitance and delay."""

from __future__ import annotations

from chipscale.report.embed import net_index
from chipscale.report.figures.color_scale import scale_of
from chipscale.report.figures.net_values import net_shapes, net_values
from chipscale.report.input import ReportInput
from chipscale.report.markup import Html, join, tag
from chipscale.report.parts.electrical_nets import answer, at_of, kind_of
from chipscale.report.parts.frame import figure
from chipscale.report.wording import number

# Analysis, column, what it is (with the kind of inductance), unit.
_MAPS = (
    ("electrical.rl", "r_dc_mohm", "Resistance at DC", "mΩ"),
    ("electrical.rl", "l_nH", "Inductance {at}, {kind}", "nH"),
    ("electrical.capacitance", "c_pF", "Capacitance, all other nets grounded", "pF"),
    ("electrical.delay", "delay_ps", "Delay, {kind}", "ps"),
)


def maps(data: ReportInput) -> Html | None:
    """Return one picture per value; None when no net has any."""
    numbers = net_index(data)
    size_um = (data.layout.size_x_um, data.layout.size_y_um)
    found = []
    for name, column, words, unit in _MAPS:
        result = answer(data, name)
        if result is None:
            continue
        values = {row["net"]: row[column] for row in result.tables["nets"] if row["net"] in numbers}
        if not values:
            continue
        what = words.format(kind=kind_of(result), at=at_of(result)) if "{" in words else words
        drawn = net_values(size_um, numbers, values, scale_of(values.values()), (what, unit))
        found.append(figure(drawn, f"{what}; die view. {_ends(values, unit)}"))
    if not found:
        return None
    return join(net_shapes(data.layout, numbers), tag("div", found, class_="pair maps"))


def _ends(values: dict[str, float], unit: str) -> str:
    """Return the nets with the least and the largest value in words."""
    low, high = (pick(sorted(values), key=lambda net: values[net]) for pick in (min, max))
    return f"Least {number(values[low], 3)} {unit} ({low}), largest {number(values[high], 3)} {unit} ({high})."
