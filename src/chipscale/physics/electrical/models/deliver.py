"""Write every model file of a package into one folder."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from chipscale.errors import SolverError
from chipscale.physics.electrical.capacitance import Capacitance
from chipscale.physics.electrical.models import ibis, kicad_lengths, matrices_files
from chipscale.physics.electrical.models.ibis_package import partial_matrices, pins
from chipscale.physics.electrical.models.ibis_rules import ibis_problems
from chipscale.physics.electrical.models.macromodel import macromodel
from chipscale.physics.electrical.models.macromodel_spice import macromodel_text
from chipscale.physics.electrical.models.model_options import Asked, asked, model_options
from chipscale.physics.electrical.models.spice import Spice, spice_text, within
from chipscale.physics.electrical.models.spice_names import node_names
from chipscale.physics.electrical.models.touchstone import Touchstone, suffix, write_touchstone
from chipscale.physics.electrical.network import Network, network
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
    capacitance = view.get("electrical.capacitance")
    if capacitance is None:
        capacitance = Capacitance().run(view, lambda fraction, text: tell(0.05 + 0.25 * fraction, text))
    whole = {**view, "electrical.capacitance": capacitance}
    names = ",".join(wanted.nets)
    found = network(whole, names, wanted.return_net, wanted.to_Hz, lambda part, text: tell(0.3 + 0.3 * part, text))
    tell(0.6, "IBIS")
    matrices = partial_matrices(view, found, capacitance, wanted.f_Hz)
    package = view["package"]
    ibis_facts = _write_ibis(package, found, matrices, folder, wanted)
    tell(0.7, "S-parameters")
    facts = write_network_files(found, wanted, package.name, folder, footprint)
    facts["ibis"] = ibis_facts
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
    for version in ("1.1", "2.0"):
        write_touchstone(data, folder / f"{base}{suffix(data, version)}", version)
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
        return {"written": False, "why": f"the circuit of one frequency is within {off:.2g} over the band"}
    if len(data.ports) > MOST_PORTS:
        return {"written": False, "why": f"{len(data.ports)} ports, {MOST_PORTS} at most: name fewer nets"}
    try:
        made = macromodel(data)
    except SolverError as error:
        return {"written": False, "why": str(error)}
    path.write_text(macromodel_text(made, name), encoding="ascii", newline="\n")
    return {
        "written": True,
        "order": made.model.order,
        "s_error": made.largest_error_ratio,
        "largest_singular_value_before": made.before_ratio,
    }


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


__all__ = ["asked", "model_options", "write_model_files", "write_network_files"]
