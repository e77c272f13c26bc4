"""The report's structure: everything in one file, nothing loaded, every text escaped, same input same bytes."""

import base64
import gzip
import hashlib
import json
import random
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from chipscale.layout.types import OpenNet
from chipscale.report.embed import model_script
from chipscale.report.html import report_html, write_report
from chipscale.report.input import ReportInput
from chipscale.report.verdict import verdict
from chipscale.results import Check, Result

_VOID = {"br", "img", "input", "meta", "hr", "link"}
_LOADS = {"src", "href", "srcset", "data", "action", "poster", "background", "xlink:href"}


class Page(HTMLParser):
    """The elements of a page with their attributes, and whether every element is closed in order."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.texts: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in _VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data)

    def ids(self):
        return [attrs["id"] for _, attrs in self.elements if "id" in attrs]


@pytest.fixture(scope="module")
def text(report_data):
    return report_html(report_data)


@pytest.fixture(scope="module")
def page(text):
    return Page(text)


def test_page_is_well_formed_and_ids_are_unique(page):
    assert page.open == []
    ids = page.ids()
    assert len(ids) == len(set(ids))


def test_sections_stand_in_order_and_contents_lead_to_them(page):
    parts = [attrs["id"] for tag, attrs in page.elements if tag == "section" and attrs.get("class") == "part"]
    assert parts == [
        "summary", "layout", "model", "section", "film", "balls", "wires", "checks", "board", "analyses", "assumptions",
        "files", "method",
    ]  # fmt: skip
    links = [attrs["href"] for tag, attrs in page.elements if tag == "a" and (attrs.get("href") or "").startswith("#")]
    assert {link[1:] for link in links} <= set(page.ids())
    assert [f"#{part}" for part in parts] == links[1 : len(parts) + 1]


def test_nothing_is_loaded_from_anywhere(page, text):
    for tag, attrs in page.elements:
        for name in _LOADS & set(attrs):
            assert (attrs[name] or "").startswith(("#", "data:")), (tag, name)
        assert not any(name.startswith("on") for name in attrs), tag
    style = text[text.index("<style>") : text.index("</style>")]
    assert "url(" not in style
    assert "@import" not in style
    assert re.search(r"https?://", text) is None


def test_policy_allows_only_the_pages_own_script(text):
    script = re.search(r"<script>(.*)</script></body>", text, re.S).group(1)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', text).group(1)
    assert f"script-src &#x27;sha256-{digest}&#x27;" in policy
    assert "default-src &#x27;none&#x27;" in policy
    assert text.count("<script") == 4  # the layout's data, the model's, the film's, the program


def test_same_input_gives_same_bytes(report_data, text, tmp_path):
    assert report_html(report_data) == text
    place = write_report(report_data, tmp_path / "report.html")
    assert place.read_bytes() == text.encode()
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]


def test_model_unpacks_to_the_glb(report_data, text):
    packed = re.search(r'id="model-data">([^<]*)<', text).group(1)
    assert gzip.decompress(base64.b64decode(packed)) == report_data.glb


def test_a_model_that_is_too_large_is_named_instead(report_data):
    noise = random.Random(1).randbytes(6_000_000)
    assert model_script(noise) is None
    text = report_html(replace(report_data, glb=noise))
    assert "too large for this page" in text
    assert len(text) < 1_000_000


def test_hostile_names_stay_text(hostile_data):
    text = report_html(hostile_data)
    page = Page(text)
    assert page.open == []
    assert text.count("<script") == 4
    assert "<script>alert" not in text
    assert "onerror" not in {name for _, attrs in page.elements for name in attrs}
    assert not [attrs for tag, attrs in page.elements if tag == "img" and not (attrs["src"] or "").startswith("data:")]
    shown = "".join(page.texts)
    assert "</script><script>alert(1)</script><img src=x onerror=alert(2)>\"'`{{7*7}}&amp;\ufffd" in shown
    assert "\x07" not in text


def test_layout_data_is_json_with_every_name(hostile_data):
    text = report_html(hostile_data)
    raw = re.search(r'id="layout-data">(.*?)</script>', text, re.S).group(1)
    assert "<" not in raw
    data = json.loads(raw)
    assert [net["name"] for net in data["nets"]] == [net.name for net in hostile_data.package.nets]
    assert data["balls"][0][:3] == ["A1", 450.0, 950.0]
    assert data["open"][0][1:3] == [[60.0, 950.0], [450.0, 950.0]]
    assert data["marks"][0]["x"] == 450.0


def test_drawing_holds_every_shape(report_data, text):
    art = text[text.index('id="mask-art"') :]
    art = art[: art.index("</svg>")]
    layout = report_data.layout
    assert art.count("a135 135") == 2 * sum(c.layer == "RDL" for c in layout.circles)
    assert art.count('data-w="40"') == len({t.net for t in layout.traces})
    assert list(re.findall(r'data-layer="(\w+)"', art)) == ["PAD", "RDL", "UBM", "BALL"]


def test_good_design_is_called_good(report_data, text):
    assert verdict(report_data).state == "good"
    assert "Good: 1 of 1 checks hold" in text.replace("\u202f", " ")
    for value in ("1.4 × 1.4", "4 / 4", "1.57", "1.004 × octilinear bound", "0.44"):
        assert value in text, value


@pytest.mark.parametrize("name", ["package.fan_in", "layout.wiring", "layout.drc", "layout.lvs"])
def test_missing_proof_is_not_called_good(report_data, name):
    results = {key: value for key, value in report_data.results.items() if key != name}
    answer = verdict(replace(report_data, results=results))
    assert answer.state == "doubtful"
    assert any("not run" in reason.text for reason in answer.reasons)


def test_broken_check_is_named_first(report_data):
    broken = Check("lvs.short", "shorts_count", 1.0, 0.0, False, "clk and vss are joined", (450.0, 950.0), "RDL", "clk")
    results = report_data.results | {"layout.lvs": Result("layout.lvs", {"shorts_count": 1.0}, (broken,))}
    data = replace(report_data, results=results)
    answer = verdict(data)
    assert answer.state == "bad"
    assert "clk and vss are joined" in answer.reasons[0].text
    text = report_html(data)
    assert "Not good: 1" in text
    assert 'data-mark="0"' in text


def test_missed_target_without_result_is_doubtful(report_data):
    targets = {"mechanical.life.cycles_count": {"min": 500.0, "why": "customer"}}
    answer = verdict(replace(report_data, package=replace(report_data.package, targets=targets)))
    assert answer.state == "doubtful"
    assert "mechanical.life.cycles_count" in answer.reasons[0].text


def test_open_net_is_bad_even_without_wiring_result(report_data):
    gap = OpenNet("clk", ("pad0", "A1"), ("A1", "A2"), 10.0, 40.0, (500.0, 500.0), "too narrow")
    results = {key: value for key, value in report_data.results.items() if key != "layout.wiring"}
    data = replace(report_data, results=results, layout=replace(report_data.layout, unrouted=(gap,)))
    assert verdict(data).state == "bad"
    assert "too narrow" in report_html(data)


def test_bare_package_and_layout_are_enough(report_data):
    text = report_html(ReportInput(report_data.package, report_data.layout))
    assert Page(text).open == []
    assert "not run" in text


def test_both_views_are_mirror_images(text):
    views = {}
    for view in ("die", "board"):
        drawing = text[text.index(f'class="ballmap" data-view="{view}"') :]
        drawing = drawing[: drawing.index("</svg>")]
        views[view] = {
            ball: (float(x), float(y))
            for ball, x, y in re.findall(r'<g data-ball="(\w+)".*?<circle cx="([\d.]+)" cy="([\d.]+)"', drawing)
        }
    width = views["die"]["A1"][0] + views["board"]["A1"][0]
    for ball, (x, y) in views["die"].items():
        assert views["board"][ball] == pytest.approx((width - x, y), abs=0.02)
    assert views["die"]["A1"][0] < views["die"]["A2"][0]
    assert views["board"]["A1"][0] > views["board"]["A2"][0]
