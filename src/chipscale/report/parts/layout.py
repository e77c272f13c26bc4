"""The layout viewer: layers to switch, nets to find, both views, places of violations."""

from __future__ import annotations

from chipscale.report.embed import MARKERS_MOST, layout_script, net_index
from chipscale.report.figures.masks import HIDDEN_AT_FIRST, masks_svg, used_layers
from chipscale.report.input import ReportInput
from chipscale.report.markup import Html, tag
from chipscale.report.parts.frame import Section, legend
from chipscale.report.verdict import failed
from chipscale.report.wording import count


def layout(data: ReportInput) -> Section:
    """Return the viewer with its panel; without scripts and in print it is the plain drawing."""
    layers = used_layers(data.layout)
    label = f"Masks of {data.package.name}, die view: {count(len(data.package.balls), 'ball')}"
    art = masks_svg(data.layout, net_index(data), label)
    stage = tag(
        "div",
        art,
        tag("canvas", id="mask-canvas", tabindex=0, role="application", aria_label=f"{label}. {_KEYS}", hidden=True),
        tag("div", class_="view-name", id="view-name", aria_live="polite"),
        tag("div", class_="readout", id="mask-readout", aria_hidden="true"),
        tag("div", class_="tip", id="mask-tip", hidden=True),
        class_="stage",
        id="mask-stage",
    )
    printed = legend(
        [(layer.color, f"{layer.name} {layer.title}") for layer in layers if layer.name not in HIDDEN_AT_FIRST]
    )
    body = tag(
        "div",
        tag("div", tag("div", _bar(), stage, class_="viewer-main"), _panel(data), class_="viewer", id="mask-viewer"),
        tag("div", printed, class_="print-only"),
        tag("p", _KEYS, class_="hint screen-only"),
        layout_script(data),
    )
    return Section("layout", "Layout", body)


_KEYS = (
    "Drag to move, wheel or + and − to zoom, arrows to pan, 0 to fit, B to change the view, Esc to let go of a net; "
    "click a net to select it."
)


def _bar() -> Html:
    views = tag(
        "div",
        tag("button", "Die view", type="button", data_view="die", aria_pressed="true"),
        tag("button", "Board view", type="button", data_view="board", aria_pressed="false"),
        class_="segmented",
        role="group",
        aria_label="View",
    )
    colors = tag(
        "div",
        tag("button", "By layer", type="button", data_paint="layer", aria_pressed="true"),
        tag("button", "By net class", type="button", data_paint="class", aria_pressed="false"),
        class_="segmented",
        role="group",
        aria_label="Colour of the metal",
    )
    zoom = tag(
        "div",
        tag("button", "−", type="button", data_act="out", aria_label="Zoom out"),
        tag("button", "Fit", type="button", data_act="fit", aria_label="Show all"),
        tag("button", "+", type="button", data_act="in", aria_label="Zoom in"),
        tag("button", "⤢", type="button", data_act="full", aria_label="Fill the window", title="Fill the window"),
        class_="segmented",
        role="group",
        aria_label="Zoom",
    )
    return tag("div", views, colors, zoom, class_="viewer-bar screen-only")


def _panel(data: ReportInput) -> Html:
    search = tag(
        "div",
        tag("label", "Find a net, ball or pad", for_="mask-search"),
        tag(
            "input",
            type="search",
            id="mask-search",
            list="mask-names",
            placeholder="e.g. A1",
            autocomplete="off",
            spellcheck="false",
        ),
        tag("datalist", id="mask-names"),
        tag("p", class_="said", id="mask-said", aria_live="polite"),
        class_="block",
    )
    layers = tag("fieldset", tag("legend", "Layers"), tag("div", id="mask-layers", class_="checks"), class_="block")
    net = tag("div", tag("h4", "Selected net"), tag("div", id="mask-net", aria_live="polite"), class_="block")
    return tag(
        "aside", search, _places(data), layers, net, class_="viewer-panel screen-only", aria_label="Layout panel"
    )


def _places(data: ReportInput) -> Html | None:
    """Return the list of violations with a place, each a button that shows it."""
    items: list[Html] = []
    hidden = 0
    for _, result in sorted(data.results.items()):
        placed = [check for check in failed(result) if check.where_um is not None]
        hidden += max(0, len(placed) - MARKERS_MOST)
        for check in placed[:MARKERS_MOST]:
            words = tag("button", tag("b", check.code), " ", check.message, type="button", data_mark=len(items))
            items.append(tag("li", words))
    if not items:
        return None
    more = tag("p", f"and {count(hidden, 'more place')}, counted in the tables", class_="said") if hidden else None
    title = tag("h4", f"Violations ({len(items) + hidden})")
    return tag("div", title, tag("ol", items, class_="places", id="mask-places"), more, class_="block bad")
