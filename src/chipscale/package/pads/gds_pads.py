"""Finds pads in a GDS or OASIS drawing: merged shapes of the pad layer, named by the labels on them."""

from __future__ import annotations

import gzip
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from chipscale.errors import InputError, Problem, did_you_mean
from chipscale.package.pads.source import FoundPad, listed
from chipscale.spec.read import SpecFile

MAX_BYTES = 1_000_000_000
_OASIS = b"%SEMI-OASIS"
_GDS = b"\x00\x06\x00\x02"  # the HEADER record: 6 bytes long, type 0, 16-bit integer


def read_gds_pads(specfile: SpecFile) -> tuple[FoundPad, ...]:
    """Return the pads drawn on `die.pads.pad_layer` of `die.pads.gds`, from the top left, row by row.

    Shapes that touch are one pad; its size is that of the box around it. A label inside a pad names its net, and
    the pad too (`vss.1`, `vss.2`, ... where several have the same label); pads without a label are called P1, P2,
    ... and have no net. Labels are read from `die.pads.text_layer`, by default from the pad layer's number with any
    datatype. Raises InputError: no drawing, truncated, no such layer or cell, two labels on one pad.
    """
    block = specfile.spec.die.pads
    path = specfile.folder / str(block.gds)
    layer = tuple(int(part) for part in str(block.pad_layer).split("/"))
    text = tuple(int(part) for part in block.text_layer.split("/")) if block.text_layer else (layer[0], None)
    _check_file(path)
    layout = _load(path, (layer, text))
    top = _top(specfile, layout, path)
    boxes = _boxes(layout, top, layer)
    if not boxes:
        remedy = f"layers of {top.name} with shapes: {listed(_layers(path, top.name), 40) or 'none'}"
        what = f"cell '{top.name}' has nothing on layer {block.pad_layer}"
        raise InputError([specfile.problem("gds.no_layer", "die.pads.pad_layer", what, remedy=remedy)])
    labels = _labels(layout, top, text)
    if not labels and block.nets is None:
        where = block.text_layer or f"{layer[0]}/*"
        what = f"no label names a net on layer {where}"
        remedy = f"set text_layer; layers with labels: {listed(_layers(path, top.name, texts=True), 40) or 'none'}"
        remedy += "; or give die.pads.nets"
        raise InputError([specfile.problem("gds.no_labels", "die.pads.text_layer", what, remedy=remedy)])
    return _named(specfile, boxes, labels)


def _check_file(path: Path) -> None:
    """Refuse what is missing or is neither GDS nor OASIS before a reader guesses its format."""
    file = str(path)
    try:
        size = path.stat().st_size
        with path.open("rb") as handle:
            start = handle.read(16)
        if start[:2] == b"\x1f\x8b":
            with gzip.open(path, "rb") as handle:
                start = handle.read(16)
    except FileNotFoundError as error:
        remedy = "check the name and the folder"
        raise InputError([Problem("file.missing", "there is no such file", file, remedy=remedy)]) from error
    except (OSError, EOFError) as error:
        why = getattr(error, "strerror", None) or "it is cut off"
        remedy = "give the drawing that holds the pads"
        raise InputError([Problem("file.unreadable", f"the file can't be read: {why}", file, remedy=remedy)]) from error
    if size > MAX_BYTES:
        limit = f"{MAX_BYTES / 1e9:g} GB"
        remedy = "write a file with the pad layer only"
        raise InputError([Problem("file.too_large", "the file is too large", file, limit=limit, remedy=remedy)])
    if not start.startswith((_OASIS, _GDS)):
        what = "the file is neither GDS nor OASIS" if start else "the file is empty"
        raise InputError([Problem("gds.wrong_file", what, file, remedy="give the drawing that holds the pads")])


def _load(path: Path, layers: Iterable[tuple[int | None, ...]] | None) -> Any:
    """Return the klayout layout of a file; only `layers` ((layer, datatype), None: any) are read unless None."""
    import klayout.db as kdb

    options = kdb.LoadLayoutOptions()
    if layers is not None:
        wanted = kdb.LayerMap()
        for number, datatype in layers:
            wanted.map(f"{number}/{'*' if datatype is None else datatype}:*/*")
        options.layer_map = wanted
        options.create_other_layers = False
    layout = kdb.Layout()
    try:
        layout.read(str(path), options)
    except Exception as error:  # klayout raises RuntimeError; its message names the place in the file
        why = str(error).replace(" in Layout.read", "").strip().splitlines()[0]
        remedy = "the file is cut off or damaged: write or copy it again"
        raise InputError(
            [Problem("gds.unreadable", f"the drawing can't be read: {why}", str(path), remedy=remedy)]
        ) from error
    return layout


def _top(specfile: SpecFile, layout: Any, path: Path) -> Any:
    block = specfile.spec.die.pads
    names = sorted(cell.name for cell in layout.top_cells())
    if block.top is not None:
        cell = layout.cell(block.top)
        if cell is not None:
            return cell
        every = sorted(cell.name for cell in layout.each_cell())
        near = did_you_mean(block.top, every)
        remedy = near if near.startswith("did") else f"top cells: {listed(names)}"
        raise InputError([specfile.problem("gds.no_cell", "die.pads.top", "no such cell", block.top, remedy=remedy)])
    if len(names) != 1:
        what = f"the drawing has {len(names)} top cells" if names else "the drawing has no cells"
        remedy = f"set die.pads.top to one of: {listed(names)}" if names else "give the drawing that holds the pads"
        raise InputError([specfile.problem("gds.top_cells", "die.pads.gds", what, path.name, remedy=remedy)])
    return layout.cell(names[0])


def _boxes(layout: Any, top: Any, layer: tuple[int | None, ...]) -> list[tuple[float, float, float, float]]:
    """Return the boxes in µm around merged shapes, top row first, each row from the left."""
    import klayout.db as kdb

    index = layout.find_layer(kdb.LayerInfo(*layer))
    if index is None:
        return []
    region = kdb.Region(top.begin_shapes_rec(index)).merged()
    boxes = [polygon.bbox() for polygon in region.each()]
    boxes.sort(key=lambda box: (-box.center().y, box.center().x))
    dbu = layout.dbu
    return [(box.left * dbu, box.bottom * dbu, box.right * dbu, box.top * dbu) for box in boxes]


def _labels(layout: Any, top: Any, layer: tuple[int | None, ...]) -> list[tuple[float, float, str]]:
    """Return (x, y, text) in µm of all labels on a layer (datatype None: any), in order."""
    import klayout.db as kdb

    found = []
    for index in layout.layer_indexes():
        info = layout.get_info(index)
        if info.layer != layer[0] or layer[1] not in (None, info.datatype):
            continue
        shapes = top.begin_shapes_rec(index)
        shapes.shape_flags = kdb.Shapes.STexts
        while not shapes.at_end():
            text = shapes.shape().text.transformed(shapes.trans())
            if text.string.strip():
                found.append((text.x * layout.dbu, text.y * layout.dbu, text.string.strip()))
            shapes.next()
    return sorted(found)


def _layers(path: Path, top: str, texts: bool = False) -> list[str]:
    """Return the layers of a cell that hold shapes (or labels), as layer/datatype."""
    import klayout.db as kdb

    layout = _load(path, None)
    cell = layout.cell(top)
    if cell is None:
        return []
    found = []
    for index in layout.layer_indexes():
        shapes = cell.begin_shapes_rec(index)
        if texts:
            shapes.shape_flags = kdb.Shapes.STexts
        if not shapes.at_end():
            info = layout.get_info(index)
            found.append((info.layer, info.datatype))
    return [f"{layer}/{datatype}" for layer, datatype in sorted(found)]


def _named(
    specfile: SpecFile,
    boxes: list[tuple[float, float, float, float]],
    labels: list[tuple[float, float, str]],
) -> tuple[FoundPad, ...]:
    from shapely import STRtree, box, points

    on: list[set[str]] = [set() for _ in boxes]
    if labels:
        tree = STRtree([box(*corners) for corners in boxes])
        pairs = tree.query(points([(x, y) for x, y, _ in labels]), predicate="intersects").T
        for label, pad in pairs.tolist():
            on[pad].add(labels[label][2])
    problems = []
    for texts, (x0, y0, x1, y1) in zip(on, boxes, strict=True):
        if len(texts) > 1:
            what = f"the pad at ({(x0 + x1) / 2:g}, {(y0 + y1) / 2:g}) µm carries {len(texts)} labels"
            remedy = "set text_layer to the layer that holds only net names"
            key = "die.pads.text_layer"
            problems.append(specfile.problem("gds.two_labels", key, what, listed(sorted(texts)), remedy=remedy))
    if problems:
        raise InputError(problems[:12])
    nets = [next(iter(texts), None) for texts in on]
    names = _unique(nets)
    return tuple(
        FoundPad(name, (x0 + x1) / 2, (y0 + y1) / 2, x1 - x0, y1 - y0, net)
        for name, net, (x0, y0, x1, y1) in zip(names, nets, boxes, strict=True)
    )


def _unique(nets: list[str | None]) -> list[str]:
    """Return a name for each pad: its label, counted where the label is on several; P1, P2, ... without one.

    >>> _unique(["a", None, "vss", "vss"])
    ['a', 'P1', 'vss.1', 'vss.2']
    """
    times = Counter(nets)
    taken = {net for net in nets if net is not None and times[net] == 1}
    counts: dict[str, int] = {}
    names = []
    for net in nets:
        if net is not None and net in taken:
            names.append(net)
            continue
        stem = "P" if net is None else f"{net}."
        while True:
            counts[stem] = counts.get(stem, 0) + 1
            name = f"{stem}{counts[stem]}"
            if name not in taken:
                break
        taken.add(name)
        names.append(name)
    return names
