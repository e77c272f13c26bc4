"""Flows are listed and shown like everything else."""

import json

from click.testing import CliRunner

from chipscale.catalogue import entries, entry
from chipscale.cli import cli
from chipscale.process.flows import list_flows


def test_flows_are_listed_with_their_titles():
    assert set(entries("flows")) == set(list_flows())
    done = CliRunner().invoke(cli, ["list", "flows"])
    assert done.exit_code == 0
    assert "plated_gold" in done.output


def test_a_flow_is_shown_step_by_step():
    done = CliRunner().invoke(cli, ["list", "flows", "thin_film"])
    shown = json.loads(done.output)
    assert shown == json.loads(json.dumps(entry("flows", "thin_film")))
    plate = next(step for step in shown["steps"] if step["label"] == "plate RDL")
    assert plate["recipe"]["thickness_um"] == "=layers.rdl_um"
    assert next(step for step in shown["steps"] if step["label"] == "plate RDL2")["when"] == ["rdl_layers == 2"]
    assert [step["label"] for step in shown["steps"] if step.get("thinning")] == [
        "coarse grind", "fine grind", "polish",
    ]  # fmt: skip


def test_an_unknown_flow_names_the_nearest():
    done = CliRunner().invoke(cli, ["list", "flows", "thin_flim"])
    assert done.exit_code == 2
    assert "did you mean 'thin_film'" in done.output + (done.stderr if done.stderr_bytes else "")
