"""Let a film that a step has made hold the stress its recipe gives, or its material's own."""

from __future__ import annotations

from chipscale.process.models.film_stress import held_stress
from chipscale.process.work import Work

OWN_STRESS = "its stress at room temperature (tension positive); 0: its material's own, as the library has it"


def stressed(work: Work, layer: str, material_name: str, stress_MPa: float = 0.0, share: float = 1.0) -> Work:
    """Return the workpiece whose films of `layer` and material hold `stress_MPa`, at 0 what the library says.

    Nothing is added where the library says nothing. `share` of the drawn thickness holds stress: the whole is given
    the mean.
    """
    found = held_stress(material_name, stress_MPa)
    if found is None:
        return work
    source = found.source
    if share < 1.0:
        source += f"; {found.stress_MPa:g} MPa in {share:.3g} of the drawn thickness"
    return work.strained(layer, found.stress_MPa * share, source, material_name)
