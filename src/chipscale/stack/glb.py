"""Write a Stack as binary glTF 2.0 (GLB): one named node per body, grouped by layer, in metres.

Format: Khronos glTF 2.0 specification, sections 4 (GLB container) and 5 (properties).
"""

from __future__ import annotations

import json
import os
import struct
from pathlib import Path
from typing import Any

import numpy as np

from chipscale.stack.detail import Detail, detail
from chipscale.stack.look import Paint, linear, paint
from chipscale.stack.mesh import Drawing, drawing
from chipscale.stack.placing import Place, Placing, placing
from chipscale.stack.types import Body, Stack

_FLOAT, _USHORT, _UINT = 5126, 5123, 5125
_ARRAY, _ELEMENTS = 34962, 34963


def write_glb(stack: Stack, path: Path, simplify_um: float = 0.2, place: Place = "die") -> Path:
    """Write the stack to `path` and return it; see `glb_bytes`."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{os.getpid()}.{path.name}")
    try:
        draft.write_bytes(glb_bytes(stack, simplify_um, place))
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    return path


def glb_bytes(stack: Stack, simplify_um: float = 0.2, place: Place = "die") -> bytes:
    """Return the stack as GLB: same stack, same bytes.

    The root node scales µm to metres and turns z up into glTF's y up. Below it is one node per layer, below that
    one per body with `extras` name, layer, material, net and part; equal bodies (balls, under-bump metal) share one
    mesh. Outlines lose vertices within `simplify_um`, more in packages of many balls (see `detail`); each body is
    closed and its volume is kept within 1e-3.
    """
    writer = _Writer()
    fineness = detail(stack, simplify_um)
    move = placing(stack, place)
    layers: dict[str, list[int]] = {}
    for body in stack.bodies:
        layers.setdefault(body.layer, []).append(writer.body(body, fineness, move))
    groups = [writer.node({"name": f"layer {layer}", "children": nodes}) for layer, nodes in layers.items()]
    half = 0.5**0.5
    root = writer.node(
        {"name": stack.name, "children": groups, "rotation": [-half, 0.0, 0.0, half], "scale": [1e-6, 1e-6, 1e-6]}
    )
    return writer.finished(root, {"unit": "metre", "place": place})


class _Writer:
    """Collects nodes, meshes, materials and the binary buffer of one file."""

    def __init__(self) -> None:
        self.json: dict[str, list[Any]] = {
            name: [] for name in ("nodes", "meshes", "materials", "accessors", "bufferViews")
        }
        self.binary = bytearray()
        self._meshes: dict[Any, int] = {}
        self._paints: dict[tuple[str, Paint], int] = {}

    def node(self, entry: dict[str, Any]) -> int:
        return self._add("nodes", entry)

    def body(self, body: Body, fineness: Detail, move: Placing) -> int:
        """Add the body's node, and its mesh unless an equal one is there."""
        drawn = drawing(body, fineness)
        flip = np.array([move.flip, 1, move.flip], dtype=np.float64)
        origin = (drawn.origin - [move.x_um, move.y_um, move.z_um]) * flip
        extras = {
            key: value
            for key, value in (
                ("body", body.name),
                ("layer", body.layer),
                ("material", body.material),
                ("net", body.net),
                ("part", body.part),
            )
            if value
        }
        entry = {"name": body.name, "mesh": self._mesh(body, drawn, flip), "extras": extras}
        entry["translation"] = [round(float(value), 6) for value in origin]
        return self.node(entry)

    def _mesh(self, body: Body, drawn: Drawing, flip: np.ndarray) -> int:
        key = (body.material, body.layer, drawn.key)
        if key not in self._meshes:
            mesh = drawn.mesh()
            primitive = {
                "attributes": {
                    "POSITION": self._vectors(mesh.points * flip, bounds=True),
                    "NORMAL": self._vectors(mesh.normals * flip, bounds=False),
                },
                "indices": self._indices(mesh.triangles),
                "material": self._material(body),
            }
            self._meshes[key] = self._add("meshes", {"name": body.name, "primitives": [primitive]})
        return self._meshes[key]

    def _material(self, body: Body) -> int:
        look = paint(body)
        if (body.material, look) not in self._paints:
            entry: dict[str, Any] = {
                "name": body.material,
                "pbrMetallicRoughness": {
                    "baseColorFactor": [*(round(linear(share), 5) for share in look.rgb), look.alpha],
                    "metallicFactor": look.metalness,
                    "roughnessFactor": look.roughness,
                },
            }
            if look.alpha < 1:
                entry["alphaMode"] = "BLEND"
            self._paints[body.material, look] = self._add("materials", entry)
        return self._paints[body.material, look]

    def _vectors(self, values: np.ndarray, bounds: bool) -> int:
        data = np.ascontiguousarray(values, dtype="<f4")
        entry: dict[str, Any] = {"componentType": _FLOAT, "count": len(data), "type": "VEC3"}
        if bounds:
            entry |= {"min": data.min(axis=0).tolist(), "max": data.max(axis=0).tolist()}
        return self._accessor(data.tobytes(), _ARRAY, entry)

    def _indices(self, faces: np.ndarray) -> int:
        small = int(faces.max()) < 65535
        data = np.ascontiguousarray(faces, dtype="<u2" if small else "<u4").reshape(-1)
        entry = {"componentType": _USHORT if small else _UINT, "count": len(data), "type": "SCALAR"}
        return self._accessor(data.tobytes(), _ELEMENTS, entry)

    def _accessor(self, data: bytes, target: int, entry: dict[str, Any]) -> int:
        view = {"buffer": 0, "byteOffset": len(self.binary), "byteLength": len(data), "target": target}
        self.binary += data + b"\0" * (-len(data) % 4)
        return self._add("accessors", {"bufferView": self._add("bufferViews", view), **entry})

    def _add(self, kind: str, entry: Any) -> int:
        self.json[kind].append(entry)
        return len(self.json[kind]) - 1

    def finished(self, root: int, extras: dict[str, str]) -> bytes:
        """Return the container: header, JSON chunk, binary chunk."""
        document = {
            "asset": {"version": "2.0", "generator": "chipscale", "extras": extras},
            "scene": 0,
            "scenes": [{"nodes": [root]}],
            **self.json,
            "buffers": [{"byteLength": len(self.binary)}],
        }
        text = json.dumps(document, separators=(",", ":"), ensure_ascii=False).encode()
        text += b" " * (-len(text) % 4)
        total = 12 + 8 + len(text) + 8 + len(self.binary)
        head = struct.pack("<4sII", b"glTF", 2, total)
        chunks = struct.pack("<I4s", len(text), b"JSON") + text
        return head + chunks + struct.pack("<I4s", len(self.binary), b"BIN\0") + bytes(self.binary)
