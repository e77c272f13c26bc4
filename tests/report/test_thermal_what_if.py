"""The section on cooling measures: bars in order, what is open, what can't be done."""

from dataclasses import replace
from types import SimpleNamespace

from chipscale.report.parts.thermal_what_if import NAME, what_if
from chipscale.results import Result


def _row(measure, change, moved, note=""):
    numbers = {"theta_ja_K_W": 40.0 + change, "psi_jt_K_W": 0.5, "psi_jb_K_W": 14.0, "t_junction_C": 65.0 + change}
    told = {"measure": measure, "changed": "" if measure == "as it is" else f"{measure} & more", "note": note}
    return told | numbers | {"change_K_W": change, "change_pct": 2.5 * change, "change_K": change, "mesh_K_W": moved}


ROWS = [
    _row("as it is", 0.0, 0.0),
    _row("columns", 0.1, 0.4, "open"),
    _row("vias", -7.5, 0.5),
    _row("plate", -3.0, 0.1),
]
RESULT = Result(
    NAME,
    {"theta_ja_K_W": 40.0, "t_junction_C": 65.0, "best_K_W": 7.5},
    tables={"measures": ROWS, "refused": [{"measure": "thinner die", "why": "can't be held"}], "given": []},
)


def _html(result):
    found = {} if result is None else {NAME: result}
    return what_if(SimpleNamespace(results=found, only_shown=set(), package=SimpleNamespace(targets={})))


def test_bars_come_in_order_with_what_is_open():
    shown = _html(RESULT)
    picture = shown[shown.index("<svg") : shown.index("</svg>")]
    assert picture.index(">vias<") < picture.index(">plate<") < picture.index(">columns<")
    assert picture.count('class="bar-within"') == 3
    assert "columns &amp; more. open" in picture  # on hover
    assert 'id="thermal-what-if"' in shown


def test_the_table_says_what_was_changed_and_what_cannot_be():
    shown = _html(RESULT)
    assert "vias &amp; more" in shown
    assert "can&#x27;t be held" in shown or "can't be held" in shown
    assert "What can" not in _html(replace(RESULT, tables={**RESULT.tables, "refused": []}))


def test_nothing_is_shown_without_an_answer():
    assert _html(None) is None
    assert _html(Result(NAME, state="failed", warnings=("no board",))) is None
