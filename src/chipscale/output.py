"""Write an output folder whole or not at all, with a manifest of what is in it."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from errno import EEXIST
from pathlib import Path
from typing import Any

MANIFEST = "manifest.json"


@contextmanager
def fresh_folder(target: Path, about: dict[str, Any] | None = None) -> Iterator[Path]:
    """Yield an empty folder that replaces `target` when the block ends well; otherwise `target` stays as it was.

    Only a folder that chipscale made (it holds a manifest) or an empty one is replaced; FileExistsError otherwise.
    The manifest lists every file with its size and sha256 and repeats `about`.
    """
    target = target.absolute()
    if target.exists() and not target.is_dir():
        raise FileExistsError(EEXIST, "is a file; the output needs a folder of that name", str(target))
    if target.is_dir() and any(target.iterdir()) and not (target / MANIFEST).is_file():
        raise FileExistsError(EEXIST, "holds files chipscale did not write; name another folder", str(target))
    for parent in target.parents:
        if parent.exists() and not parent.is_dir():
            raise FileExistsError(EEXIST, "is a file; the output needs a folder of that name", str(parent))
    with parent_of(target):
        temporary = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
        try:
            yield temporary
            write_manifest(temporary, about or {})
            temporary.chmod(0o755)
            old = None
            if target.exists():
                old = Path(tempfile.mkdtemp(prefix=f".{target.name}-old-", dir=target.parent)) / "old"
                target.rename(old)
            temporary.rename(target)
            if old is not None:
                shutil.rmtree(old.parent)
        except BaseException:
            shutil.rmtree(temporary, ignore_errors=True)
            raise


@contextmanager
def parent_of(place: Path) -> Iterator[None]:
    """Make the folders that a file or folder will be in; those that are new and empty go again when the block fails."""
    new = [folder for folder in place.absolute().parents if not folder.exists()]
    place.parent.mkdir(parents=True, exist_ok=True)
    try:
        yield
    except BaseException:
        for folder in new:  # the innermost comes first
            with suppress(OSError):
                folder.rmdir()
        raise


def write_manifest(folder: Path, about: dict[str, Any]) -> Path:
    """Write manifest.json: `about` and, for each file below `folder`, its size and sha256."""
    files = {
        path.relative_to(folder).as_posix(): file_facts(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != MANIFEST
    }
    place = folder / MANIFEST
    place.write_text(json.dumps({**about, "files": files}, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    return place


def file_facts(path: Path) -> dict[str, Any]:
    """Return {"bytes": size, "sha256": hex} of one file."""
    content = path.read_bytes()
    return {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
