"""Say what a step of the film changed and told, in words."""

from __future__ import annotations

from chipscale.process.questions.film import Frame
from chipscale.report.wording import with_unit, words


def change_words(before: Frame | None, frame: Frame) -> list[str]:
    """Return what a step changed in the picture; one line per kind of change."""
    if frame.turned:
        return ["The wafer is turned over: what lay below is now above."]
    old = {piece.layer for piece in before.pieces} if before else set()
    now = {piece.layer for piece in frame.pieces}
    came, went = ({piece.layer: piece.material for piece in part} for part in (frame.came, frame.went))
    groups = (
        ("New", sorted(set(came) - old)),
        ("Reshaped", sorted(set(came) & set(went) & old & now)),
        ("Added to", sorted((set(came) & old) - set(went))),
        ("Taken off", sorted((set(went) & now) - set(came))),
        ("Removed", sorted(set(went) - now)),
    )
    materials = went | came
    lines = [
        f"{word}: " + ", ".join(f"{layer} ({materials[layer]})" for layer in layers)
        for word, layers in groups
        if layers
    ]
    return lines or ["Nothing changes in the picture."]


def fact_words(frame: Frame) -> list[tuple[str, str]]:
    """Return the figures a step told as (words, value with unit), sorted by name."""
    return [
        (words(name), with_unit(value if abs(value) > 1e-9 else 0.0, name))
        for name, value in sorted(frame.figures.items())
    ]
