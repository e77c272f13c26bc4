"""Build HTML and SVG text in which everything that is not markup by type is escaped."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from html import escape
from typing import Any

_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_VOID = {"br", "img", "input", "meta", "hr", "link"}


class Html(str):
    """Text that is markup already; any other text is escaped before it enters the page."""

    __slots__ = ()


Child = Any  # Html, text, number, None, or an iterable of these


def esc(text: object) -> Html:
    """Return `text` with the five characters HTML gives a meaning replaced; Html passes unchanged.

    >>> esc('<b onclick="x">')
    '&lt;b onclick=&quot;x&quot;&gt;'
    """
    return text if isinstance(text, Html) else Html(escape(_printable(str(text)), quote=True))


def _printable(text: str) -> str:
    """Return `text` without control characters, which no HTML document may hold."""
    return _CONTROL.sub("\ufffd", text)


def join(*children: Child) -> Html:
    """Return all children one after another as markup; None is nothing, iterables are flattened."""
    parts: list[str] = []
    for child in children:
        if child is None or child is False:
            continue
        if isinstance(child, str) or not isinstance(child, Iterable):
            parts.append(esc(child))
        else:
            parts.append(join(*child))
    return Html("".join(parts))


def tag(name: str, /, *children: Child, **attributes: Any) -> Html:
    """Return one element; `class_` becomes class, `data_net` data-net; None and False leave an attribute out.

    >>> tag("td", "a < b", class_="num", data_value=3)
    '<td class="num" data-value="3">a &lt; b</td>'
    """
    head = name
    for key, value in attributes.items():
        if value is None or value is False:
            continue
        label = key.rstrip("_").replace("_", "-")
        head += f" {label}" if value is True else f' {label}="{esc(value)}"'
    if name in _VOID:
        return Html(f"<{head}>")
    return Html(f"<{head}>{join(*children)}</{name}>")


def script_json(data: Any) -> Html:
    """Return compact JSON that is safe between script tags: `<`, `>` and `&` are written as escapes."""
    text = json.dumps(data, ensure_ascii=True, separators=(",", ":"), allow_nan=False)
    return Html(text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e"))
