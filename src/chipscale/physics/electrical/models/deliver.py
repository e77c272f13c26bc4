"""Write every model file of a package into one folder."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from chipscale.errors import SolverError
from chipscale.physics.electrical.extraction import extraction
from chipscale.physics.electrical.frequency_words import plain
from chipscale.physics.electrical.models import ibis, kicad_lengths, matrices_files
from chipscale.physics.electrical.models.ibis_package import partial_matrices, pins
from chipscale.physics.electrical.models.ibis_rules import ibis_problems
from chipscale.physics.electrical.models.macromodel import macromodel
from chipscale.physics.electrical.models.macromodel_spice import macromodel_text
from chipscale.physics.electrical.models.model_options import Asked, asked, model_options, named
from chipscale.physics.electrical.models.spice import Spice, spice_text, within
from chipscale.physics.electrical.models.spice_names import node_names
from chipscale.physics.electrical.models.touchstone import Touchstone, suffix, write_touchstone
from chipscale.physics.electrical.network import Network
from chipscale.physics.electrical.scattering import scattering
from chipscale.results import Progress

BAND_RATIO = 1e-3  # S of the circuit at one frequency off by more than this somewhere: a macromodel is written too
MOST_PORTS = 24  # of a macromodel: its sources grow with the square


def write_model_files(
    view: Mapping[str, Any],
    folder: Path,
    wanted: Asked,
    footprint: str = "",
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Write the files into an existing folder; return what `models.json` there says of them.

    `view` holds package, layout, stack and materials, and the answer of `electrical.capacitance` where there is one;
    `wanted` comes from `model_options.asked(view)`. `footprint`: the text of a KiCad footprint, written again with the
    package's lengths in its pads.
    """
    tell = progress or (lambda fraction, text: None)
    drawn = wanted.drawn or extraction(view, ",".join(wanted.nets), wanted.return_net, progress)
    found, rl = drawn.solved(wanted.to_Hz, lambda part, text: tell(0.6 * part, text))
    tell(0.6, "IBIS")
    matrices = partial_matrices(rl, drawn.capacitance, wanted.f_Hz)
    package = view["package"]
    ibis_facts = _write_ibis(package, found, matrices, folder, wanted)
    tell(0.7, "S-parameters")
    facts = write_network_files(found, wanted, package.name, folder, footprint)
    facts["ibis"] = ibis_facts
    facts["holds_to_Hz"] = drawn.end_Hz
    facts["cut_error_ratio"] = found.cut_error_ratio
    facts["warnings"] = list(found.warnings)
    facts["files"] = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    text = json.dumps(facts, indent=2, sort_keys=True, ensure_ascii=False)
    (folder / "models.json").write_text(text + "\n", encoding="utf-8")
    tell(1.0, "model files")
    return facts


def write_network_files(found: Network, wanted: Asked, name: str, folder: Path, footprint: str = "") -> dict[str, Any]:
    """Write what follows from the network alone: Touchstone, SPICE, matrices, lengths; return what is in it."""
    base = ibis.file_name(name, "x")[:-2]
    stem = node_names([base])[0]
    about = (
        f"{name}: values of loops with return {found.return_net}",
        "Ports: balls, then the joined pads of each net",
    )
    options = wanted.options
    f_Hz = wanted.band_Hz()
    sections = found.sections(wanted.to_Hz)
    s = scattering(found, f_Hz, options.z0_ohm, sections)
    data = Touchstone(s.ports, f_Hz, s.s, np.full(len(s.ports), options.z0_ohm), about)
    touchstone = [folder / f"{base}{suffix(data, version)}" for version in ("1.1", "2.0")]
    if len(s.ports) <= options.most_ports:
        for path, version in zip(touchstone, ("1.1", "2.0"), strict=True):
            write_touchstone(data, path, version)
    circuit = within(found, wanted.f_Hz, sections, options.within_ratio)
    (folder / f"{base}.sp").write_text(spice_text(circuit, stem, about), encoding="ascii", newline="\n")
    off = float(np.abs(scattering(circuit.network, f_Hz, options.z0_ohm, sections).s - s.s).max())
    facts: dict[str, Any] = {
        "return_net": found.return_net,
        "nets": list(found.nets),
        "ports": list(s.ports),
        "band_Hz": [float(f_Hz[0]), float(f_Hz[-1])],
        "circuit": _circuit_facts(circuit, off),
        "largest_singular_value": float(s.largest_gain.max()),
        "macromodel": _write_macromodel(data, off, folder / f"{base}_macromodel.sp", f"{stem}_macromodel"),
    }
    facts["left_out"] = list(_left_out([path.name for path in touchstone], facts, options.most_ports, base))
    at = sorted({0.0, wanted.f_Hz, wanted.to_Hz})
    matrices = folder / "matrices"
    matrices.mkdir()
    (matrices / "matrices.json").write_text(matrices_files.matrices_json(found, at), encoding="utf-8")
    for file, text in matrices_files.matrices_csv(found, at).items():
        (matrices / file).write_text(text, encoding="utf-8", newline="\n")
    (folder / "package_lengths.csv").write_text(kicad_lengths.lengths_csv(found), encoding="utf-8", newline="\n")
    if footprint:
        longer = kicad_lengths.with_lengths(footprint, kicad_lengths.lengths_mm(found))
        (folder / "footprint_with_lengths.kicad_mod").write_text(longer, encoding="utf-8", newline="\n")
    return facts


def _circuit_facts(circuit: Spice, off: float) -> dict[str, Any]:
    return {
        "f_Hz": circuit.f_Hz,
        "sections_count": circuit.sections_count,
        "s_error_by_truncation": circuit.s_error_ratio,
        "s_error_over_the_band": off,
        "couplings_left_out": {kind: [part.left_out_count, part.pairs_count] for kind, part in circuit.parts},
    }


def _write_macromodel(data: Touchstone, off: float, path: Path, name: str) -> dict[str, Any]:
    """Write a macromodel where the circuit of one frequency isn't good enough over the band; say why not otherwise."""
    if off <= BAND_RATIO:
        why = f"the circuit of one frequency is within {plain(off, 2)} over the band"
        return {"written": False, "wanted": False, "why": why}
    if len(data.ports) > MOST_PORTS:
        why = (
            f"{len(data.ports)} ports, {MOST_PORTS} at most, and the circuit of one frequency is off by {plain(off, 2)}"
        )
        return {"written": False, "wanted": True, "why": why, "remedy": "name fewer nets (--nets)"}
    try:
        made = macromodel(data)
    except SolverError as error:
        remedy = "a narrower band (--to-hz) or fewer nets (--nets)"
        return {"written": False, "wanted": True, "why": str(error), "remedy": remedy}
    path.write_text(macromodel_text(made, name), encoding="ascii", newline="\n")
    return {
        "written": True,
        "wanted": True,
        "order": made.model.order,
        "s_error": made.largest_error_ratio,
        "largest_singular_value_before": made.before_ratio,
    }


def _left_out(touchstone: list[str], facts: Mapping[str, Any], most_ports: int, base: str) -> Iterator[dict[str, str]]:
    """Yield the files a user could look for in vain, each with the reason and what to do."""
    count = len(facts["ports"])
    if count > most_ports:
        for name in touchstone:
            why = f"{count} ports, {most_ports} unless asked for"
            yield {"file": name, "why": why, "remedy": f"name fewer nets (--nets), or --most-ports {count}"}
    if facts["macromodel"]["wanted"] and not facts["macromodel"]["written"]:
        told = {key: facts["macromodel"][key] for key in ("why", "remedy")}
        yield {"file": f"{base}_macromodel.sp", **told}


def _write_ibis(package: Any, found: Network, matrices: ibis.Matrices, folder: Path, wanted: Asked) -> dict[str, Any]:
    note = f"R_pin, L_pin and C_pin at {wanted.f_Hz:g} Hz: loops with return {found.return_net} (its pins have 0)"
    about = ibis.About(package.name, package.title or package.name, notes=(note, matrices.meaning))
    texts = {
        ibis.file_name(package.name, "ibs"): ibis.ibs_text(
            about, pins(package, found, wanted.f_Hz), package.name, wanted.options.corners
        ),
        ibis.file_name(package.name, "pkg"): ibis.pkg_text(about, matrices),
    }
    problems = []
    for file, text in texts.items():
        (folder / file).write_text(text, encoding="utf-8", newline="\n")
        problems += [f"{file}: {problem}" for problem in ibis_problems(folder / file)]
    return {"files": sorted(texts), "rule_problems": problems, "matrices": matrices.meaning}


__all__ = ["asked", "model_options", "named", "write_model_files", "write_network_files"]
