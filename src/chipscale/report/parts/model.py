"""The 3D viewer: orbit, layers, explode, heights enlarged, a cut."""

from __future__ import annotations

from chipscale.report.embed import model_script
from chipscale.report.input import ReportInput
from chipscale.report.markup import Html, tag
from chipscale.report.parts.frame import Section, missing
from chipscale.report.wording import file_size


def model(data: ReportInput) -> Section | None:
    """Return the viewer; None when no model was made."""
    if data.glb is None:
        return None
    script = model_script(data.glb)
    if script is None:
        size = file_size(len(data.glb))
        said = missing(f"The model of {size} is too large for this page;", "open package.glb in any glTF viewer.")
        return Section("model", "3D model", said)
    stage = tag(
        "div",
        tag(
            "canvas",
            id="model-canvas",
            tabindex=0,
            role="application",
            aria_label=f"3D model of {data.package.name}. {_KEYS}",
        ),
        tag("div", "Loading the model …", class_="stage-message", id="model-message"),
        tag("div", class_="view-name", id="model-view-name"),
        tag("div", class_="tip", id="model-tip", hidden=True),
        class_="stage dark-stage",
        id="model-stage",
    )
    main = tag("div", _bar(), stage, class_="viewer-main")
    body = tag(
        "div",
        tag("div", main, _panel(), class_="viewer", id="model-viewer"),
        tag("p", _KEYS, class_="hint screen-only"),
        tag("p", "The 3D model is shown on screen only; see the sections and drawings.", class_="print-only"),
        script,
    )
    return Section("model", "3D model", body)


_KEYS = "Drag to turn, Shift and drag to move, wheel or + and − to zoom; arrow keys turn, 0 fits."


def _bar() -> Html:
    names = (("iso", "Iso"), ("top", "Ball side"), ("bottom", "Back"), ("front", "Front"), ("side", "Side"))
    views = tag(
        "div",
        [tag("button", words, type="button", data_view=name) for name, words in names],
        class_="segmented",
        role="group",
        aria_label="Look from",
    )
    zoom = tag(
        "div",
        tag("button", "−", type="button", data_act="out", aria_label="Zoom out"),
        tag("button", "Reset", type="button", data_act="reset"),
        tag("button", "+", type="button", data_act="in", aria_label="Zoom in"),
        tag("button", "⤢", type="button", data_act="full", aria_label="Fill the window", title="Fill the window"),
        class_="segmented",
        role="group",
        aria_label="Zoom",
    )
    return tag("div", views, zoom, class_="viewer-bar screen-only")


def _slider(ident: str, words: str, limits: tuple[float, float, float, float]) -> Html:
    low, high, step, value = limits
    return tag(
        "div",
        tag("label", words, for_=ident),
        tag("output", for_=ident, id=f"{ident}-out"),
        tag("input", type="range", id=ident, min=low, max=high, step=step, value=value),
        class_="slider",
    )


def _panel() -> Html:
    shape = tag(
        "fieldset",
        tag("legend", "Shape"),
        _slider("model-explode", "Explode", (0, 1, 0.01, 0)),
        _slider("model-z", "Heights enlarged", (1, 8, 0.5, 1)),
        class_="block",
    )
    cut = tag(
        "fieldset",
        tag("legend", "Cut"),
        tag(
            "div",
            [
                tag("button", words, type="button", data_cut=name, aria_pressed="true" if name == "none" else "false")
                for name, words in (("none", "None"), ("x", "Across x"), ("y", "Across y"))
            ],
            class_="segmented",
            role="group",
            aria_label="Direction of the cut",
        ),
        _slider("model-cut", "Position", (0, 1, 0.002, 0.5)),
        tag("label", tag("input", type="checkbox", id="model-flip"), " other half", class_="check"),
        class_="block",
    )
    look = tag(
        "fieldset",
        tag("legend", "Look"),
        tag(
            "label",
            tag("input", type="checkbox", id="model-clear", checked=True),
            " dielectrics translucent",
            class_="check",
        ),
        tag("label", tag("input", type="checkbox", id="model-edges", checked=True), " edges", class_="check"),
        class_="block",
    )
    layers = tag("fieldset", tag("legend", "Bodies"), tag("div", id="model-layers", class_="checks"), class_="block")
    return tag("aside", shape, cut, look, layers, class_="viewer-panel screen-only", aria_label="3D panel")
