"""The docs say what is true: YAML and commands are valid, links lead somewhere, generated pages are up to date."""

import re
import shlex
import textwrap
import tomllib
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from chipscale import reference
from chipscale.cli import cli
from chipscale.errors import InputError
from chipscale.package.ballmap import ball_map
from chipscale.package.flow_file import parse_flow
from chipscale.package.rules import load_rules
from chipscale.process.flow_problems import flow_problems
from chipscale.process.flows import list_flows
from chipscale.process.steps import find as find_step
from chipscale.registry import find
from chipscale.spec.model import Spec
from chipscale.spec.read import read_spec
from chipscale.validation import case_folder, run_cases

ROOT = Path(__file__).parents[1]
PAGES = sorted([ROOT / "README.md", *(ROOT / "examples").rglob("*.md"), *(ROOT / "docs").rglob("*.md")])
FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
BASE = {
    "chipscale": 1,
    "name": "sample",
    "die": {"size_x_um": 6000, "size_y_um": 6000, "pads": {"per_side": {"left": 4}}},
    "balls": {"rows": 4, "cols": 4, "pitch_um": 400, "sphere_d_um": 250},
}


def _fences(kind: str) -> list[tuple[str, str]]:
    found = []
    for page in PAGES:
        blocks = [text for language, text in FENCE.findall(page.read_text("utf-8")) if language == kind]
        found += [(f"{page.relative_to(ROOT)}#{number}", text) for number, text in enumerate(blocks, start=1)]
    return found


def _whole(text: str) -> dict:
    """Return a snippet as a package file: what it leaves out is taken from BASE."""
    data = YAML(typ="safe").load(textwrap.dedent(text))
    if "pads" in data:
        data = {"die": data}
    whole = BASE | data
    whole["die"] = BASE["die"] | data.get("die", {})
    return whole


def _commands() -> list[tuple[str, str]]:
    """Return every command line `chipscale ...` of a page: in fences and in running text."""
    found = []
    for page in PAGES:
        if page.parent.name == "reference":
            continue
        text = page.read_text("utf-8")
        fenced = [body for language, body in FENCE.findall(text) if language in ("console", "")]
        lines = [line.removeprefix("$ ").strip() for body in fenced for line in body.splitlines()]
        lines += re.findall(r"(?<!`)`(chipscale [^`\n]+)`(?!`)", FENCE.sub("", text))
        found += [(f"{page.relative_to(ROOT)}", line) for line in lines if line.startswith("chipscale ")]
    return sorted(set(found))


def _anchors(page: Path) -> set[str]:
    titles = re.findall(r"^#+ (.+)$", FENCE.sub("", page.read_text("utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).strip().replace(" ", "-") for title in titles}


@pytest.mark.parametrize(("where", "text"), _fences("yaml"), ids=lambda value: value if "#" in value[:60] else "")
def test_yaml_is_a_valid_package_file(where, text, tmp_path):
    file = tmp_path / "chip.yaml"
    with file.open("w", encoding="utf-8") as handle:
        YAML().dump(_whole(text), handle)
    spec = read_spec(file).spec
    if "flow" in text:
        specfile = read_spec(file)
        package = find("families", spec.family)().sketch(specfile)
        assert package is not None
        assert flow_problems(specfile, package) == []
    if spec.balls.csv is None:
        assert ball_map(spec.balls, spec.die.size_x_um, spec.die.size_y_um, tmp_path)


def test_a_wrong_snippet_would_be_found(tmp_path):
    file = tmp_path / "chip.yaml"
    with file.open("w", encoding="utf-8") as handle:
        YAML().dump(_whole("balls: {rows: 4, columns: 4, pitch_um: 400, sphere_d_um: 250}\n"), handle)
    with pytest.raises(InputError, match="columns"):
        read_spec(file)


@pytest.mark.parametrize(("where", "text"), _fences("toml"), ids=lambda value: value if "#" in value[:60] else "")
def test_toml_is_a_rule_set_or_a_flow(where, text, tmp_path):
    if "step" in tomllib.loads(text):
        flow = parse_flow(text, "house")
        assert all(find_step(line.step.step) for line in flow.lines)
        return
    file = tmp_path / "house.toml"
    file.write_text(text, encoding="utf-8")
    assert set(tomllib.loads(text)["rules"]) <= set(load_rules(str(file)).values)


@pytest.mark.parametrize(("where", "text"), _fences("python"), ids=lambda value: value if "#" in value[:60] else "")
def test_python_compiles_and_its_imports_exist(where, text):
    compile(text, where, "exec")
    for line in text.splitlines():
        if re.match(r"(from|import) chipscale", line):
            exec(line, {})


@pytest.mark.parametrize(("where", "line"), _commands())
def test_commands_are_understood(where, line):
    words = shlex.split(line, comments=True)[1:]
    if words[0].startswith("-"):
        assert any(words[0] in option.opts for option in cli.params) or words[0] in ("-h", "--help")
        return
    assert words[0] in cli.commands, f"{where}: no verb in '{line}'"
    verb = cli.commands[words[0]]
    known = {name for option in verb.params for name in option.opts}
    options = [word.partition("=")[0] for word in words[1:] if word.startswith("-")]
    assert set(options) <= known, f"{where}: {line}"
    for flag, word in pairwise(words):
        if flag == "--set":
            _key_exists(word.partition("=")[0])
    for word in words[1:]:
        if word.endswith("chip.yaml") and "/" in word:
            assert (ROOT / word).is_file(), f"{where}: {word}"


def _key_exists(key: str) -> None:
    from chipscale.spec.fields import at

    assert at(Spec, tuple(key.split("."))), f"no key '{key}'"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page):
    for link in LINK.findall(FENCE.sub("", page.read_text("utf-8"))):
        if re.match(r"https?:", link):
            continue
        file, _, anchor = link.partition("#")
        target = (page.parent / file).resolve() if file else page
        assert target.is_file(), f"{link} of {page.name}"
        if anchor:
            assert anchor in _anchors(target), f"{link} of {page.name}"


def test_every_page_is_reached_from_the_index():
    index = ROOT / "docs" / "index.md"
    linked = {(index.parent / link).resolve() for link in LINK.findall(index.read_text("utf-8"))}
    missing = set((ROOT / "docs").rglob("*.md")) - linked - {index}
    assert not missing, sorted(str(page) for page in missing)


@cache
def _generated() -> dict[str, str]:
    return reference.pages()


def test_reference_pages_are_up_to_date():
    kept = {page.name: page.read_text("utf-8") for page in (ROOT / "docs" / "reference").glob("*.md")}
    stale = sorted(name for name in kept.keys() | _generated().keys() if kept.get(name) != _generated().get(name))
    assert not stale, f"run `make docs`: {', '.join(stale)}"


def test_every_rule_step_and_material_has_its_place_in_the_reference():
    from chipscale import registry
    from chipscale.materials.library import list_materials
    from chipscale.package.rules import list_rules

    for page, names in (
        ("rules.md", list_rules()),
        ("steps.md", registry.names("steps")),
        ("flows.md", list_flows()),
        ("materials.md", list_materials()),
        ("analyses.md", registry.names("analyses")),
    ):
        for name in names:
            assert f"## `{name}`" in _generated()[page]


def test_published_cases_hold_and_say_why():
    slow = {"theta"}  # a whole package on its board: `make validate` runs it
    topics = sorted({folder.name for folder in case_folder().iterdir() if folder.is_dir()} - slow)
    rows = [row for topic in topics for row in run_cases(topic)]
    assert len(rows) >= 10
    for row in rows:
        assert row.ok, str(row)
        assert row.source
        assert row.why
        assert row.kind in ("analytic", "code", "measured", "datasheet")
    assert {row.case.split("/")[0] for row in rows} >= {"joint", "wafer", "csp", "ball_names", "wiring"}


def test_a_case_that_is_wrong_is_red(tmp_path):
    case = (case_folder() / "joint" / "ball_250_on_215" / "case.toml").read_text("utf-8")
    place = tmp_path / "joint" / "wrong"
    place.mkdir(parents=True)
    (place / "case.toml").write_text(case.replace("expected = 261.0", "expected = 281.0"), encoding="utf-8")
    (row,) = run_cases(folder=tmp_path)
    assert not row.ok
