"""The 3D viewer: orbit, layers, explode, heights enlarged, a cut, colours of materials or of temperature."""

from __future__ import annotations

from chipscale.report.embed import model_script
from chipscale.report.input import ReportInput
from chipscale.report.markup import Html, join, tag
from chipscale.report.model_temperature import temperature_script
from chipscale.report.parts.asked import asked_of
from chipscale.report.parts.electrical_refusal import given
from chipscale.report.parts.frame import Section, missing
from chipscale.report.verdict import anchor_of
from chipscale.report.wording import THIN, file_size, number
from chipscale.results import Result


def model(data: ReportInput) -> Section | None:
    """Return the viewer; None when no model was made."""
    if data.glb is None:
        return None
    script = model_script(data.glb)
    if script is None:
        size = file_size(len(data.glb))
        said = missing(f"The model of {size} is too large for this page;", "open package.glb in any glTF viewer.")
        return Section("model", "3D model", said)
    steady = given(data, "thermal.steady")
    heat = temperature_script(steady, data.stack)
    stage = _stage(data.package.name, heat is not None)
    main = tag("div", _bar(heat is not None), stage, class_="viewer-main")
    body = tag(
        "div",
        tag("div", main, _panel(), class_="viewer", id="model-viewer"),
        tag("p", _KEYS, class_="hint screen-only"),
        tag("p", _heat_words(steady), class_="hint screen-only") if heat and steady else None,
        tag("p", "The 3D model is shown on screen only; see the sections and drawings.", class_="print-only"),
        heat,
        script,
    )
    return Section("model", "3D model", body)


_KEYS = "Drag to turn, Shift and drag to move, wheel or + and − to zoom; arrow keys turn, 0 fits."


def _stage(name: str, with_heat: bool) -> Html:
    return tag(
        "div",
        tag(
            "canvas",
            id="model-canvas",
            tabindex=0,
            role="application",
            aria_label=f"3D model of {name}. {_KEYS}",
        ),
        tag("div", "Loading the model …", class_="stage-message", id="model-message"),
        tag("div", class_="view-name", id="model-view-name"),
        tag("div", class_="tip", id="model-tip", hidden=True),
        tag("div", class_="heat-bar", id="model-scale", hidden=True) if with_heat else None,
        class_="stage dark-stage",
        id="model-stage",
    )


def _heat_words(steady: Result) -> Html:
    """Return what the temperatures are of, and how the model differs from what was solved."""
    given_rows = {row["what"]: row["value"] for row in steady.tables.get("given", [])}
    power = number(sum(row["heat_W"] for row in steady.tables.get("heat", [])), 3)
    room = asked_of(steady, "t_room_C")
    where = f", room at {number(room, 3)}{THIN}°C" if room is not None else ""
    board = given_rows.get("board")
    return join(
        tag("b", "Temperature: "),
        f"at {power}{THIN}W{where}" + (f", on {board}" if board else "") + ", from the cells of ",
        tag("a", "the steady answer", href=f"#{anchor_of(steady.analysis)}"),
        ". The balls are drawn as before mounting, the joints' temperatures stretched to their height; the board near "
        "the package is a body of its own, hidden at first.",
    )


def _bar(with_heat: bool) -> Html:
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
    colours = tag(
        "div",
        tag("button", "Materials", type="button", data_colours="material", aria_pressed="true"),
        tag("button", "Temperature", type="button", data_colours="temperature", aria_pressed="false"),
        class_="segmented",
        role="group",
        aria_label="Colours",
    )
    return tag("div", views, colours if with_heat else None, zoom, class_="viewer-bar screen-only")


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
