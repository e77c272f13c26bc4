"""Names of the land pattern: the IPC-7351 style name and the one the KiCad library would give.

IPC-7351 names a ball grid array
    BGA + pin count + C or N + pitch P + columns X rows _ body x X body y X height
with lengths in hundredths of a millimetre, no decimal point, no leading zeros. C says that the balls collapse
in reflow, N that they do not (copper pillars, high-lead balls). The scheme has no word of its own for
wafer-level packages: they are named as ball grid arrays. A second pitch follows the first after an X
(`50X60P`). IPC-7351 sorts neither by vendor nor by missing balls: the pin count tells those that are there.

KiCad's library names
    WLCSP-<pins>_<x>x<y>mm_Layout<columns>x<rows>_P<pitch>mm[_Stagger][_Offcenter]
with lengths in millimetres.
"""

from __future__ import annotations

from chipscale.assembly.array import array_facts, board_view_um, body_size_um
from chipscale.assembly.heights import heights
from chipscale.package.types import Package

_NON_COLLAPSING = ("Cu", "Au", "Pb95", "pillar")


def name(package: Package) -> str:
    """Return the IPC-7351 style name, e.g. `BGA60C50P6X10_320X530X70`."""
    facts = array_facts(package)
    size_x, size_y = body_size_um(package)
    pitch = _hundredths(facts.pitch_um)
    if _two_pitches(package):
        pitch = f"{_hundredths(package.pitch_x_um)}X{_hundredths(package.pitch_y_um)}"
    alloy = package.layers.materials.get("ball", "")
    collapse = "N" if alloy.startswith(_NON_COLLAPSING) else "C"
    body = "X".join(_hundredths(value) for value in (size_x, size_y, heights(package).total_um))
    return f"BGA{len(package.balls)}{collapse}{pitch}P{facts.cols}X{facts.rows}_{body}"


def kicad_name(package: Package) -> str:
    """Return the name after KiCad's library convention, e.g. `WLCSP-49_3.14x3.14mm_Layout7x7_P0.4mm`."""
    facts = array_facts(package)
    size_x, size_y = body_size_um(package)
    parts = [
        f"WLCSP-{len(package.balls)}",
        f"{_mm(size_x)}x{_mm(size_y)}mm",
        f"Layout{facts.cols}x{facts.rows}",
        f"P{_mm(package.pitch_x_um)}x{_mm(package.pitch_y_um)}mm"
        if _two_pitches(package)
        else f"P{_mm(facts.pitch_um)}mm",
    ]
    if facts.staggered:
        parts.append("Stagger")
    if _off_centre(package):
        parts.append("Offcenter")
    return "_".join(parts)


def _two_pitches(package: Package) -> bool:
    """Tell whether x and y differ and both are distances of balls (not of a staggered grid's sites)."""
    smaller = min(package.pitch_x_um, package.pitch_y_um)
    return abs(package.pitch_x_um - package.pitch_y_um) > 0.5 and package.min_ball_distance_um <= smaller + 0.5


def _off_centre(package: Package) -> bool:
    """Tell whether the array's centre is not the body's."""
    places = [board_view_um(package, ball) for ball in package.balls]
    middle = [(min(values) + max(values)) / 2 for values in zip(*places, strict=True)]
    return any(abs(value) > 0.5 for value in middle)


def _hundredths(value_um: float) -> str:
    return str(round(value_um / 10))


def _mm(value_um: float) -> str:
    return f"{value_um / 1000:.3f}".rstrip("0").rstrip(".")
