"""The content cache: what was computed once from the same input, code and options is not computed again.

An entry is a folder `<kind>/<key>/` with `data.json` and `arrays.npz` (never pickle), written under a temporary
name and renamed, so that an interrupted run leaves nothing half-written.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import logging
import os
import re
import shutil
import tempfile
import types
import typing
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

log = logging.getLogger(__name__)
_SOURCE = Path(__file__).parent
_PLUGIN = re.compile(r'"(chipscale[\w.]*):\w+"')  # a plugin named in a table, imported when it is asked for
_IMPORT = re.compile(
    r"^\s*(?:from\s+(chipscale[\w.]*)\s+import\s+(\([^)]*\)|[\w, ]+)|import\s+(chipscale[\w.]*))", re.M
)


def default_folder() -> Path:
    """Return the user's cache folder (`CHIPSCALE_CACHE` overrides it)."""
    given = os.environ.get("CHIPSCALE_CACHE")
    if given:
        return Path(given)
    import platformdirs

    return Path(platformdirs.user_cache_dir("chipscale"))


def digest(value: Any) -> str:
    """Return the sha256 of plain data, dataclasses and numpy arrays; the same content gives the same digest."""
    hasher = hashlib.sha256()
    _feed(hasher, value)
    return hasher.hexdigest()


def _feed(hasher: Any, value: Any) -> None:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        hasher.update(f"<{type(value).__name__}".encode())
        for item in dataclasses.fields(value):
            hasher.update(item.name.encode())
            _feed(hasher, getattr(value, item.name))
    elif isinstance(value, np.ndarray):
        hasher.update(f"[{value.dtype}{value.shape}".encode())
        hasher.update(np.ascontiguousarray(value).tobytes())
    elif isinstance(value, Mapping):
        hasher.update(b"{")
        for key in sorted(value, key=str):
            _feed(hasher, key)
            _feed(hasher, value[key])
    elif isinstance(value, list | tuple | set | frozenset):
        hasher.update(b"(")
        for item in sorted(value, key=str) if isinstance(value, set | frozenset) else value:
            _feed(hasher, item)
        hasher.update(b")")
    else:
        hasher.update(f"{type(value).__name__}:{value!r};".encode())


@lru_cache(maxsize=64)
def code_digest(module: str) -> str:
    """Return the sha256 over the sources of `module` and of all chipscale modules it imports, however deep.

    Plugins that a module names in a table count as imported; the data files (.toml) of its room count as source.
    """
    seen: dict[str, str] = {}
    waiting = [module]
    while waiting:
        name = waiting.pop()
        path = _source_of(name)
        if name in seen or path is None:
            continue
        text = path.read_text(encoding="utf-8")
        seen[name] = hashlib.sha256(text.encode()).hexdigest()
        seen.update(_data_files(name.split(".")[1] if "." in name else ""))
        waiting.extend(_PLUGIN.findall(text))
        for source, imported, plain in _IMPORT.findall(text):
            waiting.append(source or plain)
            parts = [part.split() for part in imported.strip("()").split(",")]  # "x as y" is x
            waiting.extend(f"{source}.{part[0]}" for part in parts if source and part)
    return digest(seen)


@lru_cache(maxsize=32)
def _data_files(room: str) -> dict[str, str]:
    """Return the digest of every data file of a room."""
    place = _SOURCE / room
    if not room or not place.is_dir():
        return {}
    return {
        path.relative_to(_SOURCE).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(place.rglob("*.toml"))
    }


def _source_of(name: str) -> Path | None:
    parts = name.split(".")
    if parts[0] != "chipscale":
        return None
    base = _SOURCE.joinpath(*parts[1:])
    for candidate in (base.with_suffix(".py"), base / "__init__.py"):
        if candidate.is_file():
            return candidate
    return None


class Store:
    """A folder of entries by kind and key; any trouble with it costs time, never the run."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder if folder is not None else default_folder()

    def load(self, kind: str, key: str, cls: type) -> Any | None:
        """Return the stored object of type `cls`, or None when there is none or it can't be read."""
        place = self.folder / kind / key
        try:
            data = json.loads((place / "data.json").read_text(encoding="utf-8"))
            with np.load(place / "arrays.npz", allow_pickle=False) as arrays:
                return _unpack(cls, data, arrays)
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError) as error:
            log.info("cache entry %s/%s is not readable and is made anew: %s", kind, key, error)
            return None

    def save(self, kind: str, key: str, value: Any) -> None:
        """Store a dataclass of plain data and arrays; a full or read-only disk is logged and otherwise ignored."""
        try:
            parent = self.folder / kind
            parent.mkdir(parents=True, exist_ok=True)
            temporary = Path(tempfile.mkdtemp(prefix=f".{key[:12]}-", dir=parent))
            arrays: dict[str, Any] = {}
            data = _pack(value, arrays)
            (temporary / "data.json").write_text(json.dumps(data), encoding="utf-8")
            np.savez_compressed(temporary / "arrays.npz", **arrays)
            place = parent / key
            if place.exists():
                shutil.rmtree(place)
            temporary.rename(place)
        except OSError as error:
            log.info("nothing cached: %s", error)


def _pack(value: Any, arrays: dict[str, Any]) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {item.name: _pack(getattr(value, item.name), arrays) for item in dataclasses.fields(value)}
    if isinstance(value, np.ndarray):
        name = f"a{len(arrays)}"
        arrays[name] = value
        return {"__array__": name}
    if isinstance(value, Mapping):
        return {str(key): _pack(item, arrays) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_pack(item, arrays) for item in value]
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, np.generic):
        return value.item()
    return value


def _unpack(hint: Any, data: Any, arrays: Mapping[str, Any]) -> Any:
    """Rebuild what `hint` describes; unknown shapes come back as plain data."""
    if isinstance(data, dict) and "__array__" in data:
        return arrays[data["__array__"]]
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        if data is None:
            return None
        return _unpack(next(arg for arg in args if arg is not type(None)), data, arrays)
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        hints = typing.get_type_hints(hint)
        return hint(**{name: _unpack(hints[name], item, arrays) for name, item in data.items()})
    if origin is tuple:
        if len(args) == 2 and args[1] is Ellipsis:
            return tuple(_unpack(args[0], item, arrays) for item in data)
        return tuple(_unpack(arg, item, arrays) for arg, item in zip(args, data, strict=True))
    if origin is list:
        return [_unpack(args[0], item, arrays) for item in data]
    if origin is dict:
        return {key: _unpack(args[1], item, arrays) for key, item in data.items()}
    if hint is Path:
        return Path(data)
    return data
