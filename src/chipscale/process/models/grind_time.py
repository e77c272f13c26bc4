"""How long grinding takes: what is removed over the feed of the wheel, and the spark-out without feed."""

from __future__ import annotations


def removal_s(from_um: float, to_um: float, feed_um_s: float, spark_out_s: float = 0.0) -> float:
    """Return the time in s to grind a wafer from one thickness to another with one wheel.

    >>> removal_s(775.0, 290.0, 5.0)
    97.0
    """
    return max(0.0, from_um - to_um) / feed_um_s + spark_out_s


def two_wheels_s(
    from_um: float, to_um: float, fine_um: float, *, coarse_um_s: float, fine_um_s: float, spark_out_s: float
) -> float:
    """Return the time in s with two wheels, the fine one taking the last `fine_um`.

    >>> two_wheels_s(775.0, 250.0, 40.0, coarse_um_s=5.0, fine_um_s=0.5, spark_out_s=20.0)
    197.0
    """
    coarse = removal_s(from_um, to_um + fine_um, coarse_um_s)
    return coarse + removal_s(to_um + fine_um, to_um, fine_um_s, spark_out_s)
