"""The command line: one verb per stage of the work; nothing heavy is imported before a verb runs."""

from __future__ import annotations

import json as jsonlib
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from chipscale import __version__
from chipscale.errors import InputError, Problem, did_you_mean
from chipscale.guarded import guarded, say_json

if TYPE_CHECKING:
    from chipscale.design import Design
    from chipscale.results import Check, Result

SHOWN_PER_RULE = 4
SPEC = click.argument("spec", type=click.Path(path_type=Path))
SET = click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="KEY=VALUE",
    help="Replace a value of SPEC, e.g. rules=skywater_amkor_500; lists and blocks in YAML's flow style, "
    "e.g. 'flow.edits=[{remove: laser mark}]'.",
)
QUICK = click.option("--quick", is_flag=True, help="Leave out electrical and thermal answers that no target names.")
JSON = click.option("--json", "as_json", is_flag=True, help="Answer as JSON on standard output.")


class _Verbs(click.Group):
    """A group that answers a wrong verb with the nearest right one."""

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        if args and args[0] not in self.commands and not args[0].startswith("-"):
            ctx.fail(f"no command '{args[0]}'; {did_you_mean(args[0], self.commands)}")
        return super().resolve_command(ctx, args)


@click.group(cls=_Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="chipscale")
def cli() -> None:
    """From a row of pads to a verified chip-scale package: one package file in; masks, 3D, footprint, report out.

    Exit codes: 0 good, 1 a check failed, 2 wrong input, 3 a solver failed, 70 a bug of ours; 130 and 143 when
    interrupted or terminated.
    """


def main() -> None:
    """Run the command line; the entry point of `chipscale`."""
    cli()


def _progress() -> Callable[[float, str], None]:
    """Return a progress line on standard error; silent when that is not a terminal."""
    if not sys.stderr.isatty():
        return lambda fraction, text: None
    started = time.monotonic()

    def show(fraction: float, text: str) -> None:
        bar = "█" * round(24 * fraction)
        sys.stderr.write(f"\r\033[K{bar:·<24} {text}  {time.monotonic() - started:.0f} s")
        if fraction >= 1.0:
            sys.stderr.write("\r\033[K")
        sys.stderr.flush()

    return show


def _design(spec: Path, settings: tuple[str, ...], quick: bool = False) -> Design:
    from chipscale.design import Design
    from chipscale.spec.overrides import parse_settings

    return Design.load(spec, parse_settings(settings), progress=_progress(), quick=quick)


@cli.command()
@SPEC
@SET
@JSON
@guarded
def check(spec: Path, settings: tuple[str, ...], as_json: bool) -> int:
    """Read SPEC, say whether it is a fan-in, route it, and check rules, connectivity and targets."""
    design = _design(spec, settings)
    first = design.feasibility()
    if not first.ok:
        _finish({first.analysis: first}, as_json, design.spec.name)
        return 1
    results = design.results()
    return _finish(results, as_json, design.spec.name)


@cli.command()
@SPEC
@SET
@JSON
@click.option("--out", type=click.Path(path_type=Path), default=Path("out"), help="Parent of the output folder.")
@click.option("--write-back", is_flag=True, help="Write the nets found for the balls into SPEC.")
@click.option("--no-report", is_flag=True, help="Leave out report.html.")
@QUICK
@guarded
def build(
    spec: Path, settings: tuple[str, ...], as_json: bool, out: Path, write_back: bool, no_report: bool, quick: bool
) -> int:
    """Build SPEC: masks, wafer, 3D, footprint, symbol, drawing, results and report into OUT/<name>/."""
    from chipscale.output import fresh_folder
    from chipscale.report.publish import publish

    design = _design(spec, settings, quick)
    place = out / design.spec.name
    with fresh_folder(place, design.about()) as temporary:
        design.write_files(temporary)
        publish(design, temporary, with_html=not no_report)
    if write_back:
        from chipscale.spec.write_back import write_ball_nets

        write_ball_nets(design.source.path, {ball.name: ball.net for ball in design.package.balls})
    design.progress(1.0, "done")
    return _finish(design.results(), as_json, design.spec.name, place)


@cli.command()
@SPEC
@SET
@JSON
@click.option("--out", type=click.Path(path_type=Path), help="The HTML file; default out/<name>/report.html.")
@QUICK
@guarded
def report(spec: Path, settings: tuple[str, ...], as_json: bool, out: Path | None, quick: bool) -> int:
    """Write the report of SPEC: one self-contained HTML file that opens offline."""
    from chipscale.output import parent_of
    from chipscale.report.publish import write_html

    design = _design(spec, settings, quick)
    place = out if out is not None else Path("out") / design.spec.name / "report.html"
    if place.is_dir():
        place = place / "report.html"
    with parent_of(place):
        write_html(design, place)
    design.progress(1.0, "done")
    return _finish(design.results(), as_json, design.spec.name, place)


@cli.command()
@SPEC
@click.argument("analyses", nargs=-1)
@click.option("-o", "--option", "options", multiple=True, metavar="NAME=VALUE", help="Option of the analyses.")
@SET
@JSON
@guarded
def run(
    spec: Path, analyses: tuple[str, ...], options: tuple[str, ...], settings: tuple[str, ...], as_json: bool
) -> int:
    """Ask questions of SPEC; without ANALYSES all that every design is checked by.

    Of ANALYSES figures and tables are shown, of a long table the first rows; --json tells all.
    """
    from chipscale.options import analysis_options, spec_first

    spec_first(spec, analyses)
    design = _design(spec, settings)
    if not analyses:
        return _finish(design.results(), as_json, design.spec.name)
    results = {name: design.run(name, **analysis_options(name, options)) for name in analyses}
    return _finish(results, as_json, design.spec.name, tables=True)


@cli.command()
@SPEC
@SET
@JSON
@click.option("--nets", default="*", show_default=True, help="Nets by name, * and commas.")
@click.option("--return-net", default="", help="Net all loops close through; default the ground with most balls.")
@click.option("--to-hz", default=0.0, help="End of the band; default the model's end, 20 GHz at most.")
@click.option("--at-hz", default=0.0, help="Frequency of the SPICE circuit and the IBIS values; default 1 GHz.")
@click.option("--z0", default=50.0, show_default=True, help="Reference resistance of the S-parameters in ohm.")
@click.option("--points", default=101, show_default=True, help="Frequencies of the S-parameters.")
@click.option("--within", default=1e-6, show_default=True, help="What couplings left out may change S by.")
@click.option("--most-ports", default=60, show_default=True, help="Touchstone files of no more ports.")
@click.option("--heat", is_flag=True, help="Also the thermal networks, Foster and Cauer, for SPICE.")
@click.option("--out", type=click.Path(path_type=Path), help="The folder; default out/<name>-models.")
@guarded
def models(spec: Path, settings: tuple[str, ...], as_json: bool, heat: bool, out: Path | None, **words: Any) -> int:
    """Write SPEC's package for other tools: Touchstone, SPICE, IBIS, matrices, lengths for KiCad, heat."""
    from chipscale.assembly.kicad_footprint import footprint_text
    from chipscale.assembly.land_pattern import land_pattern
    from chipscale.output import fresh_folder
    from chipscale.physics.electrical.models.deliver import asked, model_options, named, write_model_files

    options, design = model_options(words), _design(spec, settings)
    named(design.package, options)
    view = {part: getattr(design, part) for part in ("package", "layout", "stack", "materials")}
    view["electrical.capacitance"] = design.run("electrical.capacitance")
    wanted = asked(view, options, design.progress)
    footprint = footprint_text(design.package, land_pattern(design.package, design.spec.board))
    place = out if out is not None else Path("out") / f"{design.spec.name}-models"
    with fresh_folder(place, design.about()) as temporary:
        facts = write_model_files(view, temporary, wanted, footprint, design.progress)
        if heat:
            from chipscale.physics.thermal.network_spice import write_networks

            written = write_networks(design.run("thermal.transient"), temporary, design.spec.name)
            facts["files"] = sorted({*facts["files"], *(path.name for path in written)})
    if as_json:
        say_json({"ok": True, "name": design.spec.name, "out": str(place), "models": facts})
    else:
        told = [f"  ! doubtful: {warning}" for warning in facts["warnings"]]
        told += [f"  ! left out: {item['file']}: {item['why']}; {item['remedy']}" for item in facts["left_out"]]
        click.echo("\n".join([*facts["files"], *told, f"written to {place}"]))
    return 0


@cli.command()
@SPEC
@click.argument("values", nargs=-1, required=True, metavar="KEY=VALUES... METRIC...")
@click.option("-o", "--option", "options", multiple=True, metavar="NAME=VALUE", help="Option of the analyses.")
@SET
@JSON
@click.option("--jobs", default=0, help="Points worked on at a time; 0: as many as there are cores.")
@click.option("--out", type=click.Path(path_type=Path), help="The folder; default out/<name>-sweep.")
@guarded
def sweep(
    spec: Path,
    values: tuple[str, ...],
    options: tuple[str, ...],
    settings: tuple[str, ...],
    as_json: bool,
    jobs: int,
    out: Path | None,
) -> int:
    """Ask METRICs of SPEC while one or two KEYs run over values: table and plot.

    KEY is a value of the package file or an option of the analyses; VALUES are from:to:count or a list, a,b,c.

    chipscale sweep chip.yaml films.rdl_um=3:12:4 thermal.theta.theta_ja_K_W -o power_W=0.2
    """
    from chipscale.report.sweep_files import table_text, write_sweep
    from chipscale.spec.overrides import parse_settings
    from chipscale.sweep import asked, swept

    wanted = asked(spec, values, options, parse_settings(settings))
    answer = swept(wanted, jobs, _progress())
    place = out if out is not None else Path("out") / f"{wanted.name}-sweep"
    write_sweep(answer, place)
    if as_json:
        say_json({"ok": answer.ok, "name": wanted.name, "out": str(place), **answer.as_dict()})
    else:
        click.echo("\n".join([*table_text(answer), f"written to {place}"]))
    return 0 if answer.ok else 1


@cli.command()
@click.argument("family")
@click.argument("file", required=False, type=click.Path(path_type=Path))
@JSON
@guarded
def new(family: str, file: Path | None, as_json: bool) -> int:
    """Write a commented starter file for FAMILY (default chip.yaml)."""
    from chipscale import registry
    from chipscale.spec.starter import starter

    registry.find("families", family)
    place = file if file is not None else Path("chip.yaml")
    if place.exists():
        problem = Problem("file.exists", "the file exists already", str(place), remedy="name another file")
        raise InputError([problem])
    if not place.absolute().parent.is_dir():
        problem = Problem("file.no_folder", "there is no such folder", str(place.parent), remedy="make it first")
        raise InputError([problem])
    place.write_text(starter(family), encoding="utf-8")
    if as_json:
        say_json({"ok": True, "file": str(place)})
    else:
        click.echo(f"wrote {place}; next: chipscale check {place}")
    return 0


@cli.command(name="list")
@click.argument("kind", type=click.Choice(["families", "steps", "flows", "analyses", "materials", "rules"]))
@click.argument("name", required=False)
@JSON
@guarded
def list_(kind: str, name: str | None, as_json: bool) -> int:
    """List families, steps, flows, analyses, materials or rule sets; with NAME, say what it is."""
    from chipscale.catalogue import entries, entry

    if name is None:
        found = entries(kind)
        if as_json:
            say_json(found)
        else:
            width = max((len(key) for key in found), default=0)
            for key, line in found.items():
                click.echo(f"{key:<{width}}  {line}")
        return 0
    from chipscale.results import finite

    data = entry(kind, name)
    if kind == "steps" and not as_json:
        from chipscale.answer_text import step_text

        click.echo("\n".join(step_text(data)))
    else:
        click.echo(jsonlib.dumps(finite(data, []), indent=2, ensure_ascii=False, allow_nan=False))
    return 0


@cli.command()
@click.argument("topic", required=False)
@JSON
@guarded
def validate(topic: str | None, as_json: bool) -> int:
    """Run the published cases (of TOPIC) and print value, expected value and tolerance side by side."""
    from chipscale.validation import run_cases

    rows = run_cases(topic)
    if as_json:
        say_json([row.as_dict() for row in rows])
    else:
        for row in rows:
            click.echo(str(row))
    return 0 if all(row.ok for row in rows) else 1


def _finish(
    results: dict[str, Result], as_json: bool, title: str, place: Path | None = None, tables: bool = False
) -> int:
    """Print the answer, with its tables if asked, and return the exit code: 0 when every check holds, else 1."""
    good = all(result.ok for result in results.values())
    if as_json:
        data: dict[str, object] = {"ok": good, "name": title}
        data["results"] = {name: result.as_dict() for name, result in results.items()}
        if place is not None:
            data["out"] = str(place)
        say_json(data)
        return 0 if good else 1
    sys.stderr.write("\r\033[K" if sys.stderr.isatty() else "")
    click.echo(f"{title}: {'good' if good else 'NOT GOOD'}")
    for name, result in results.items():
        _say_result(name, result)
        if tables:
            from chipscale.answer_text import tables_text

            for line in tables_text(result.tables):
                click.echo(line)
    if place is not None:
        click.echo(f"written to {place}")
    return 0 if good else 1


def _say_result(name: str, result: Result) -> None:
    failed = [item for item in result.checks if not item.ok]
    state = "ok" if result.ok else f"{len(failed)} failed"
    click.echo(f"\n{name}  [{state if result.state == 'ok' else result.state}]")
    for row in result.tables.get("answer", []):
        click.echo(f"  {row.get('verdict', '')}")
    for metric, value in sorted(result.metrics.items()):
        digits = ",.0f" if 1e6 <= abs(value) < 1e13 else ",.6g"  # no exponent where digits can be read
        click.echo(f"  {metric:<32} {value:>14{digits}}")
    shown: dict[str, int] = {}
    for item in failed:
        shown[item.code] = shown.get(item.code, 0) + 1
        if shown[item.code] <= SHOWN_PER_RULE:
            click.echo(f"  ✗ {_line(item)}")
    for code, count in shown.items():
        if count > SHOWN_PER_RULE:
            click.echo(f"    … and {count - SHOWN_PER_RULE} more of {code}")
    for warning in result.warnings:
        click.echo(f"  ! {warning}")


def _line(item: Check) -> str:
    place = f"at ({item.where_um[0]:.1f}, {item.where_um[1]:.1f})" if item.where_um else ""
    return f"{item.code}: {item.message}" + (f" {place} µm" if place and place not in item.message else "")
