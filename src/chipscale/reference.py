"""Write the reference pages of the docs from the code, so that they can't disagree with it."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from chipscale import catalogue, registry


def pages() -> dict[str, str]:
    """Return file name -> Markdown of every generated page."""
    from chipscale.cli import cli
    from chipscale.spec.schema import reference_markdown

    return {
        "package-file.md": reference_markdown(),
        "analyses.md": _analyses(),
        "rules.md": _rules(),
        "command-line.md": _command_line(cli),
    }


def _analyses() -> str:
    parts = ["# Analyses\n\nGenerated from the code. Ask one with `chipscale run SPEC NAME -o option=value`.\n"]
    for name in registry.names("analyses"):
        data = catalogue.entry("analyses", name)
        parts.append(f"## `{name}`\n\n{data['help']}\n\nReads: {', '.join(data['reads'])}.\n")
        if data.get("options"):
            rows = "\n".join(f"| `{key}` | {text} |" for key, text in data["options"].items())
            parts.append(f"| option | type and default |\n|---|---|\n{rows}\n")
        rows = "\n".join(f"| `{name}.{key}` | {text} |" for key, text in data["metrics"].items())
        parts.append(f"| metric | meaning |\n|---|---|\n{rows}\n")
    return "\n".join(parts)


def _rules() -> str:
    from chipscale.package.rules import list_rules, load_rules

    parts = ["# Rule sets\n\nGenerated from the data. Values in µm.\n"]
    for name in list_rules():
        rules = load_rules(name)
        rows = "\n".join(f"| `{key}` | {value:g} |" for key, value in sorted(rules.values.items()))
        parts.append(f"## `{name}`\n\n{rules.title}. Source: {rules.source}.\n\n| rule | value |\n|---|---|\n{rows}\n")
    return "\n".join(parts)


def _command_line(group: click.Group) -> str:
    parts = ["# Command line\n\nGenerated from the code.\n"]
    with click.Context(group, info_name="chipscale", terminal_width=96) as top:
        parts.append(f"```\n{group.get_help(top)}\n```\n")
        for name, command in sorted(group.commands.items()):
            with click.Context(command, info_name=f"chipscale {name}", terminal_width=96) as context:
                parts.append(f"## `chipscale {name}`\n\n```\n{command.get_help(context)}\n```\n")
    return "\n".join(parts)


def main() -> None:
    """Write all pages into the folder named on the command line."""
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "docs/reference")
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in pages().items():
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
