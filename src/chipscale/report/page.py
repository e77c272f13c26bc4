"""Put the sections into one page: head, navigation, styles and scripts, all inside the file."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from importlib.resources import files

from chipscale.report.input import ReportInput
from chipscale.report.markup import Html, tag
from chipscale.report.parts.frame import STATE_WORD, Section

STYLES = (
    "base.css",
    "parts.css",
    "figures.css",
    "viewer.css",
    "film.css",
    "process.css",
    "electrical.css",
    "print.css",
)
SCRIPTS = (
    "theme.js",
    "tables.js",
    "gestures.js",
    "layout_model.js",
    "layout_paint.js",
    "layout_view.js",
    "layout_panel.js",
    "matrix.js",
    "glb.js",
    "model_mesh.js",
    "model_heat.js",
    "model_paint.js",
    "model_view.js",
    "film.js",
    "start.js",
)


def asset(folder: str, name: str) -> str:
    """Return the text of one of the report's own style or script files."""
    return files("chipscale.report").joinpath("assets", folder, name).read_text(encoding="utf-8")


def page(data: ReportInput, sections: Sequence[Section]) -> str:
    """Return the whole document."""
    style = "\n".join(asset("css", name) for name in STYLES)
    script = "\n".join(asset("js", name) for name in SCRIPTS)
    title = data.package.title or data.package.name
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=_policy(script)),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("title", f"{title}: package report"),
        tag("link", rel="icon", href="data:,"),
        tag("style", Html(style)),
    )
    main = tag("main", _header(data), [_section(item) for item in sections], _footer(data), id="content")
    skip = tag("a", "Skip to the report", href="#content", class_="skip")
    body = tag("body", skip, tag("div", _side(data, sections), main, class_="frame"), tag("script", Html(script)))
    return "<!DOCTYPE html>\n" + tag("html", head, body, lang="en") + "\n"


def _policy(script: str) -> str:
    """Return the policy that lets the page run its own script, and load nothing at all."""
    digest = base64.b64encode(hashlib.sha256(script.encode("utf-8")).digest()).decode("ascii")
    allowed = f"default-src 'none'; script-src 'sha256-{digest}'; style-src 'unsafe-inline'; img-src data:"
    return f"{allowed}; base-uri 'none'; form-action 'none'"


def _header(data: ReportInput) -> Html:
    package = data.package
    version = data.versions.get("chipscale", "")
    return tag(
        "header",
        tag("p", "Package report", class_="kicker"),
        tag("h1", package.title or package.name),
        tag(
            "p",
            tag("span", tag("code", package.name)),
            tag("span", package.family.replace("_", " ")),
            tag("span", f"rules {package.rules.name}"),
            tag("span", f"chipscale {version}") if version else None,
            class_="subline",
        ),
        class_="page-head",
    )


def _section(item: Section) -> Html:
    if item.ident == "summary":
        return tag("section", item.body, id=item.ident, class_="part", aria_labelledby="verdict")
    head = tag("h2", item.title, id=f"{item.ident}-title")
    return tag("section", head, item.body, id=item.ident, class_="part", aria_labelledby=f"{item.ident}-title")


def _side(data: ReportInput, sections: Sequence[Section]) -> Html:
    links = [
        tag(
            "li",
            tag(
                "a",
                item.title,
                tag("span", class_=f"dot {item.state}", role="img", aria_label=STATE_WORD[item.state])
                if item.state
                else None,
                href=f"#{item.ident}",
            ),
        )
        for item in sections
    ]
    mark = tag(
        "svg",
        [tag("circle", cx=x, cy=y, r=3) for y in (5, 14, 23) for x in (5, 14, 23)],
        viewBox="0 0 28 28",
        aria_hidden="true",
        class_="mark",
    )
    tools = tag(
        "div",
        tag("button", "Dark or light", type="button", id="theme-toggle", aria_label="Switch between dark and light"),
        tag("button", "Print", type="button", id="print-button"),
        class_="tools",
    )
    menu = tag("button", "Contents", type="button", id="menu-button", aria_expanded="false", aria_controls="contents")
    brand = tag("div", mark, tag("span", "chipscale"), class_="brand")
    nav = tag(
        "nav", tag("p", data.package.name, class_="nav-name"), tag("ol", links), aria_label="Contents", id="contents"
    )
    return tag("div", tag("div", brand, menu, class_="side-head"), nav, tools, class_="side screen-only")


def _footer(data: ReportInput) -> Html:
    said = "Lengths in µm unless named otherwise; die view: origin at the die's lower left corner, y up."
    return tag(
        "footer",
        tag("p", said),
        tag("p", f"{data.package.name}, made with chipscale {data.versions.get('chipscale', '')}".strip()),
    )
