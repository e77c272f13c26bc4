"""Write the reference pages of the docs from the code, so that they can't disagree with it."""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path
from typing import Any

import click

from chipscale import catalogue, registry
from chipscale.materials.types import Value
from chipscale.package.types import FlowLine


def pages() -> dict[str, str]:
    """Return file name -> Markdown of every generated page."""
    from chipscale.cli import cli
    from chipscale.spec.schema import reference_markdown

    return {
        "package-file.md": reference_markdown(),
        "analyses.md": _analyses(),
        "rules.md": _rules(),
        "steps.md": _steps(),
        "flows.md": _flows(),
        "materials.md": _materials(),
        "command-line.md": _command_line(cli),
    }


def _analyses() -> str:
    parts = ["# Analyses\n\nGenerated from the code. Ask one with `chipscale run SPEC NAME -o option=value`.\n"]
    for name in registry.names("analyses"):
        data = catalogue.entry("analyses", name)
        parts.append(f"## `{name}`\n\n{data['help']}\n\nReads: {', '.join(data['reads'])}.\n")
        if data.get("options"):
            rows = [(f"`{key}`", text) for key, text in data["options"].items()]
            parts.append(_table(("option", "type and default"), rows))
        rows = [(f"`{name}.{key}`", text) for key, text in data["metrics"].items()]
        parts.append(_table(("metric", "meaning"), rows))
    return "\n".join(parts)


def _rules() -> str:
    from chipscale.package.rules import list_rules, load_rules

    parts = ["# Rule sets\n\nGenerated from the data. Values in µm; those ending in `_ratio` are fractions.\n"]
    for name in list_rules():
        rules = load_rules(name)
        rows = [
            (f"`{key}`", f"{value:g}", rules.meanings.get(key, ""), rules.sources.get(key, ""))
            for key, value in sorted(rules.values.items())
        ]
        same = all(row[3] in ("", rules.source) for row in rows)
        head = ("rule", "value", "meaning") if same else ("rule", "value", "meaning", "source")
        parts.append(f"## `{name}`\n\n{rules.title}. Source: {rules.source}.\n")
        parts.append(_table(head, [row[: len(head)] for row in rows]))
    return "\n".join(parts)


def _steps() -> str:
    """Return the page of the process steps: what each does, its tool, its options with range and meaning."""
    parts = ["# Process steps\n\nGenerated from the code. [What a flow is](../theory/stack.md).\n"]
    for name in registry.names("steps"):
        step = registry.find("steps", name)
        parts.append(f"## `{name}`: {step.title}\n\n{catalogue.entry('steps', name)['help']}\n\nTool: {step.tool}.\n")
        rows = [_option(item) for item in dataclasses.fields(step)]
        if rows:
            parts.append(_table(("option", "default", "range", "meaning"), rows))
    return "\n".join(parts)


def _flows() -> str:
    """Return the page of the flows: whom each suits and its steps, and the names a recipe may take values from."""
    from chipscale.process.flow_values import VALUES
    from chipscale.process.flows import list_flows, load_flow

    parts = [
        "# Process flows\n\nGenerated from the data. [How to choose and edit one](../how-to/flows.md). A step is named "
        "by its label; a value that begins with `=` is taken from the package. *Thinning* steps move together.\n"
    ]
    for name in list_flows():
        flow = load_flow(name)
        about = [" ".join(flow.about.split()), f"Source: {flow.source}." if flow.source else ""]
        about.append(f"For {', '.join(flow.suits.values())}." if flow.suits else "For every package.")
        if flow.thin_before:
            about.append(f"Thinned before bumping, the wafer is thinned before `{flow.thin_before}`.")
        parts.append(f"## `{name}`\n\n{flow.title}. {' '.join(text for text in about if text)}\n")
        rows = [_flow_row(place, line) for place, line in enumerate(flow.lines, start=1)]
        parts.append(_table(("", "label", "step", "recipe", "only when"), rows))
    keys = [(f"`{name}`", f"`{value.key}`") for name, value in VALUES.items()]
    parts.append("## Names a recipe may use\n\nWith numbers, `+ - * / ( )`, `max(a, b)` and `min(a, b)`.\n")
    parts.append(_table(("name", "set in the package file by"), keys))
    return "\n".join(parts)


def _flow_row(place: int, line: FlowLine) -> tuple[str, ...]:
    recipe = ", ".join(f"{name}: {value}" for name, value in line.step.recipe.items())
    when = [f"`{condition}`" for condition in line.when] + (["*thinning*"] if line.thinning else [])
    return str(place), line.step.title, f"`{line.step.step}`", recipe, ", ".join(when)


def _option(item: dataclasses.Field[Any]) -> tuple[str, str, str, str]:
    meta = item.metadata
    default = "**needed**" if item.default is dataclasses.MISSING else f"`{item.default}`"
    bounds = "" if meta.get("low") is None else f"{meta['low']:g} to {meta['high']:g}"
    meaning = "; ".join(text for text in (meta.get("meaning", ""), meta.get("source", "")) if text)
    return f"`{item.name}`", default, bounds, meaning


def _materials() -> str:
    """Return the page of the materials library: each value with its unit, temperature and source."""
    from chipscale.materials.library import list_materials, material, sources

    parts = [
        "# Materials\n\nGenerated from the data. Values marked *assumed* have no source; *recalled*: from the named "
        "source, not read again. A law of temperature is told by its coefficients.\n"
    ]
    for name in list_materials():
        found = material(name)
        also = f" Also called {', '.join(f'`{alias}`' for alias in found.aliases)}." if found.aliases else ""
        parts.append(f"## `{name}`\n\n{found.title}.{also}\n")
        for key, values in sorted(found.sets.items()):
            default = " (default)" if key == found.default_set else ""
            parts.append(f"Set `{key}`{default}:\n" if len(found.sets) > 1 else "")
            parts.append(_table(("value", "number", "at", "source"), [_value(item) for item in values]))
    parts.append("## Sources\n")
    parts.append(_table(("key", "what"), [(f"`{key}`", _said(entry)) for key, entry in sorted(sources().items())]))
    return "\n".join(part for part in parts if part)


def _said(entry: dict[str, str]) -> str:
    return ", ".join(str(text) for text in entry.values() if text)


def _value(item: Value) -> tuple[str, str, str, str]:
    law = "" if item.form == "constant" else f"{item.form}: "
    number = law + ", ".join(f"{value:g}" for value in item.coefficients)
    at = "" if item.t_C is None else f"{item.t_C:g} °C"
    where = ", ".join(text for text in (at, item.condition, item.direction) if text)
    source = "*assumed*" if item.assumed else item.source + (" (recalled)" if item.status == "REC" else "")
    return f"`{item.name}`", number, where, source


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join("| " + " | ".join(_cell(cell) for cell in line) + " |" for line in lines) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _command_line(group: click.Group) -> str:
    parts = ["# Command line\n\nGenerated from the code.\n"]
    said = {"terminal_width": 96, "help_option_names": group.context_settings.get("help_option_names")}
    with click.Context(group, info_name="chipscale", **said) as top:
        parts.append(f"```text\n{group.get_help(top)}\n```\n")
        for name, command in sorted(group.commands.items()):
            with click.Context(command, info_name=f"chipscale {name}", **said) as context:
                parts.append(f"## `chipscale {name}`\n\n```text\n{command.get_help(context)}\n```\n")
    return "\n".join(parts)


def main() -> None:
    """Write all pages into the folder named on the command line."""
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "docs/reference")
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in pages().items():
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
