"""Is it a chip-scale package: the area of the package against the die's, and what to call it."""

from __future__ import annotations

CSP_LIMIT_RATIO = 1.2  # package area at most 1.2 times the die area (IPC/JEDEC J-STD-012 definition of a CSP)


def area_ratio(package_um: tuple[float, float], die_um: tuple[float, float]) -> float:
    """Return package area over die area from (x, y) sizes in µm.

    >>> area_ratio((3600.0, 5200.0), (3600.0, 5200.0))
    1.0
    """
    return (package_um[0] * package_um[1]) / (die_um[0] * die_um[1])


def is_csp(ratio: float) -> bool:
    """Return whether a package of this area ratio may be called a CSP.

    >>> is_csp(1.2), is_csp(1.21)
    (True, False)
    """
    return ratio <= CSP_LIMIT_RATIO * (1 + 1e-12)


def package_class(ratio: float) -> str:
    """Return what a package of this area ratio is called.

    >>> package_class(1.0)
    'wafer-level CSP (fan-in, die size)'
    """
    if ratio <= 1.0 + 1e-9:
        return "wafer-level CSP (fan-in, die size)"
    if is_csp(ratio):
        return "chip-scale package"
    return "not a CSP: fan-out package or BGA"
