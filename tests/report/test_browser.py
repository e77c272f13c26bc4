"""The report in a real browser: its scripts run, both viewers come up, nothing is reported on the console."""

import re
import shutil
import subprocess
from collections import Counter
from html.parser import HTMLParser

import pytest

from chipscale.report.html import write_report

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--disable-extensions", "--use-gl=angle",
    "--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--enable-logging=stderr", "--window-size=1280,2600",
)  # fmt: skip

pytestmark = pytest.mark.skipif(BROWSER is None, reason="no Chromium is installed")


DRAWN = re.compile(r'id="model-canvas"[^>]*data-frames="[1-9]')


def opened(place, tmp_path, fragment=""):
    """Return (the page's DOM after its scripts ran, console lines).

    Virtual time may end before software GL has drawn its first frame; then the page is opened again, for longer.
    """
    for milliseconds in (6000, 6000, 20000, 20000, 60000, 60000):
        dom, console = opened_once(place, tmp_path, fragment, milliseconds)
        if DRAWN.search(dom):
            break
    return dom, console


def opened_once(place, tmp_path, fragment, milliseconds):
    """Open the page for so many virtual milliseconds."""
    command = [BROWSER, *FLAGS, f"--user-data-dir={tmp_path / 'profile'}", f"--virtual-time-budget={milliseconds}"]
    run = subprocess.run(
        [*command, "--dump-dom", f"file://{place}{fragment}"], capture_output=True, text=True, timeout=180, check=True
    )
    lines = re.findall(r".*CONSOLE.*", run.stderr)
    return run.stdout, [line for line in lines if "GL Driver Message" not in line]  # software GL says it is slow


class Texts(HTMLParser):
    """The text of the elements with an id, by id; the names of all attributes; how many elements of each name."""

    def __init__(self, dom):
        super().__init__()
        self.by_id, self.stack, self.attributes, self.count = {}, [], set(), Counter()
        self.feed(dom)

    def handle_starttag(self, tag, attrs):
        self.count[tag] += 1
        self.attributes |= {name for name, _ in attrs}
        if tag not in ("br", "img", "input", "meta", "hr", "link"):
            self.stack.append(dict(attrs).get("id"))

    def handle_endtag(self, tag):
        self.stack.pop()

    def handle_data(self, data):
        for ident in self.stack:
            if ident:
                self.by_id[ident] = self.by_id.get(ident, "") + data


def test_viewers_come_up_without_a_word_on_the_console(report_data, tmp_path):
    place = write_report(report_data, tmp_path / "report.html")
    dom, console = opened(place, tmp_path, "#net=d%5B0%5D")
    assert console == []
    assert 'class="stage live" id="mask-stage"' in dom
    texts = Texts(dom).by_id
    assert "d[0]" in texts["mask-net"]
    assert "pad1" in texts["mask-net"]
    assert re.findall(r"PAD|RDL|UBM|BALL", texts["mask-layers"]) == ["BALL", "UBM", "RDL", "PAD"]
    assert texts["view-name"] == "Die viewlooking at the balls"
    if "offers no WebGL2" in texts.get("model-message", ""):
        pytest.skip("this Chromium has no WebGL2, the layout viewer was tested")
    assert re.search(r'class="stage dark-stage live" id="model-stage"', dom)
    assert re.findall(r"BALL|PI1|DIE", texts["model-layers"]) == ["BALL", "PI1", "DIE"]
    assert re.search(r'id="model-canvas"[^>]*data-frames="[1-9]', dom)


def test_hostile_names_run_nothing(hostile_data, tmp_path):
    place = write_report(hostile_data, tmp_path / "report.html")
    dom, console = opened(place, tmp_path, "#violation=1")
    assert console == []
    assert 'class="stage live" id="mask-stage"' in dom
    texts = Texts(dom)
    assert not texts.attributes & {"onerror", "onload", "onclick"}
    assert texts.count["script"] == 4
    assert "</script><script>alert(1)" in texts.by_id["mask-net"]


def test_flip_book_opens_at_the_step_of_the_address(report_data, tmp_path):
    page = write_report(report_data, tmp_path / "report.html")
    dom, console = opened(page, tmp_path, "#film=2")
    assert console == []
    texts = Texts(dom).by_id
    assert texts["film-said"].startswith("2 of 4Step 1 clk")
    assert "Thickness8.25" in texts["film-said"]
    assert "PI, 10 µm" in texts["film-close-labels"]
    faces = dom[dom.index('id="film-whole-faces"') :]
    faces = faces[: faces.index("</g>")]
    assert faces.count("<use") == len(report_data.film[1].pieces) + len(report_data.film[1].came)
    assert faces.count('class="came"') == len(report_data.film[1].came)
    assert 'aria-valuetext="2 of 4: Step 1 clk"' in dom


def test_flip_book_plays_and_follows_the_keys(report_data, tmp_path):
    """The page without its policy, so that a test may press a key and the play button."""
    text = write_report(report_data, tmp_path / "report.html").read_text("utf-8")
    text = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", text)
    pressed = "document.getElementById('film-stage').dispatchEvent(new KeyboardEvent('keydown', {key: 'ArrowRight'}))"
    played = "document.querySelector('[data-film=play]').click()"
    for name, action, step in (("key", pressed, "2 of 4"), ("play", played, "4 of 4")):
        page = tmp_path / f"{name}.html"
        page.write_text(
            text.replace("</body>", f"<script>addEventListener('load', () => {action})</script></body>"), "utf-8"
        )
        dom, console = opened(page, tmp_path)
        assert console == []
        assert Texts(dom).by_id["film-said"].startswith(step)
        assert ">Play</button>" in dom  # it has come to its end and stopped
