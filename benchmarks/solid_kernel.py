"""Volumes of bodies as an independent solid kernel (OCCT through OCP, where it is installed) finds them in our STEP."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from pathlib import Path
from typing import Any


def installed() -> bool:
    """Tell whether the kernel is there."""
    return importlib.util.find_spec("OCP") is not None


def volumes_um3(step_file: Path) -> dict[str, float]:
    """Return name of the body -> volume in µm³, from a STEP file in mm."""
    from OCP.BRepGProp import BRepGProp
    from OCP.GProp import GProp_GProps

    found = {}
    for name, shape in _parts(step_file):
        props = GProp_GProps()
        BRepGProp.VolumeProperties_s(shape, props)
        found[name] = props.Mass() * 1e9
    return found


def _parts(step_file: Path) -> Iterator[tuple[str, Any]]:
    """Yield (name, shape) of the parts of the file's one assembly."""
    from OCP.collections import Sequence_TDF_Label
    from OCP.IFSelect import IFSelect_ReturnStatus
    from OCP.STEPCAFControl import STEPCAFControl_Reader
    from OCP.TCollection import TCollection_ExtendedString
    from OCP.TDataStd import TDataStd_Name
    from OCP.TDocStd import TDocStd_Document
    from OCP.XCAFDoc import XCAFDoc_DocumentTool, XCAFDoc_ShapeTool

    reader = STEPCAFControl_Reader()
    reader.SetNameMode(True)
    document = TDocStd_Document(TCollection_ExtendedString("parts"))
    if reader.ReadFile(str(step_file)) != IFSelect_ReturnStatus.IFSelect_RetDone or not reader.Transfer(document):
        raise ValueError(f"the kernel can't read {step_file}")
    roots, parts = Sequence_TDF_Label(), Sequence_TDF_Label()
    XCAFDoc_DocumentTool.ShapeTool_s(document.Main()).GetFreeShapes(roots)
    XCAFDoc_ShapeTool.GetComponents_s(roots.Value(1), parts)
    for index in range(1, parts.Length() + 1):
        label, name = parts.Value(index), TDataStd_Name()
        label.FindAttribute(TDataStd_Name.GetID_s(), name)
        yield name.Get().ToExtString(), XCAFDoc_ShapeTool.GetShape_s(label)
