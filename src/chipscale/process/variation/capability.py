"""How well a process keeps its limits: Cp, Cpk, and the share within limits with how sure that is."""

from __future__ import annotations

import math


def cp(sd: float, low: float, high: float) -> float:
    """Return the capability (high - low) / 6 sd of a quantity that varies by `sd`; infinite when it does not vary.

    >>> cp(1.0, -4.0, 4.0)
    1.3333333333333333
    """
    return (high - low) / (6.0 * sd) if sd > 0 else math.inf


def cpk(mean: float, sd: float, low: float | None, high: float | None) -> float:
    """Return the capability to the nearer limit, |limit - mean| / 3 sd, negative when the mean lies beyond it.

    With one limit it is the one-sided index (Cpu for `high`, Cpl for `low`). The fraction beyond is normal's only
    for a normal quantity; a range is skewed to the right, so take the share within the limit beside it.

    >>> cpk(1.0, 1.0, None, 5.0)
    1.3333333333333333
    """
    rooms = ([] if low is None else [mean - low]) + ([] if high is None else [high - mean])
    if not rooms:
        raise ValueError("a capability needs a limit")
    least = min(rooms)
    if sd > 0:
        return least / (3.0 * sd)
    return math.copysign(math.inf, least) if least else 0.0


def share_interval_pct(within: int, count: int) -> tuple[float, float]:
    """Return the 95 % interval in % of a share of which `within` of `count` were seen.

    E. B. Wilson, J. Am. Stat. Assoc. 22 (1927) 209: it stays between 0 and 100 % also at the ends.

    >>> tuple(round(value, 2) for value in share_interval_pct(99, 100))
    (94.55, 99.82)
    """
    z, n = 1.959963984540054, float(count)
    share = within / n
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return 100.0 * max(0.0, middle - half), 100.0 * min(1.0, middle + half)
