"""Lets the reason of a failed task group come out bare, where a caller acts on what it is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def first_error() -> Iterator[None]:
    """Around a TaskGroup: raises the first error of its tasks instead of the group; the group is its cause."""
    try:
        yield
    except BaseExceptionGroup as group:
        raise _first_of(group) from group


def _first_of(group: BaseExceptionGroup[BaseException]) -> BaseException:
    first = group.exceptions[0]
    return _first_of(first) if isinstance(first, BaseExceptionGroup) else first
