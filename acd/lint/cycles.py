"""Queues that borrow agents from one another: harmless, but under load each drains the others."""

from __future__ import annotations

from collections.abc import Iterator

from acd.configuration import Configuration
from acd.lint.remark import Remark


def remarks_of_cycles(configuration: Configuration) -> Iterator[Remark]:
    """One remark for each set of queues that can all borrow from one another, at the first of them."""
    borrows = {
        queue.name: {name for step in queue.steps for name in step.queues if name in configuration.queues}
        for queue in configuration.queues.values()
    }
    reachable = {name: _reachable(name, borrows) for name in borrows}
    told: set[str] = set()
    for name in borrows:
        ring = [other for other in borrows if other in reachable[name] and name in reachable[other]]
        if len(ring) < 2 or name in told:
            continue
        told.update(ring)
        yield Remark(
            place=f"queues.{name}.steps",
            sentence=f"{', '.join(ring)} borrow agents from one another: when all are busy, each drains the others",
            remedy="keep some free by a cap, or let only one of them borrow",
        )


def _reachable(start: str, borrows: dict[str, set[str]]) -> set[str]:
    found: set[str] = set()
    left = [start]
    while left:
        for name in borrows[left.pop()] - found:
            found.add(name)
            left.append(name)
    return found
