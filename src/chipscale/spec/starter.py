"""Hands out the commented starter file of a family."""

from __future__ import annotations

from importlib import resources

from chipscale.errors import InputError, Problem, did_you_mean


def starters() -> tuple[str, ...]:
    """Return the families that have a starter file, sorted."""
    folder = resources.files("chipscale.spec") / "starters"
    return tuple(sorted(item.name.removesuffix(".yaml") for item in folder.iterdir() if item.name.endswith(".yaml")))


def starter(family: str) -> str:
    """Return the text of a commented package file of this family that builds as it stands.

    Raises InputError with the families there are.
    """
    known = starters()
    if family not in known:
        what = f"there is no starter file for family '{family}'"
        raise InputError([Problem("spec.no_starter", what, remedy=did_you_mean(family, known))])
    return (resources.files("chipscale.spec") / "starters" / f"{family}.yaml").read_text(encoding="utf-8")
