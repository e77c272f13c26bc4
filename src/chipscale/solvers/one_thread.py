"""Linear algebra of many small matrices on one thread: a library's own threads cost more there than they bring."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def one_thread() -> Iterator[None]:
    """Hold BLAS to one thread inside: matrices of some tens of rows are done before its threads have met."""
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1, "blas"):
        yield
