"""Priorities that leave a queue's callers waiting for as long as others come."""

from __future__ import annotations

from collections.abc import Iterator

from acd.configuration import LineOrder
from acd.lint.reach import Reach
from acd.lint.remark import Remark, listed
from acd.queue import Queue


def remarks_of_line(reach: Reach) -> Iterator[Remark]:
    """Queues all of whose agents also serve queues that go before them."""
    strict = reach.configuration.line is LineOrder.STRICT_PRIORITY
    queues = reach.configuration.queues.values()
    served: dict[str, set[str]] = {}
    for queue in queues:
        for agent in reach.ever(queue.name):
            served.setdefault(agent, set()).add(queue.name)
    for queue in queues:
        first = {one.name for one in queues if _goes_before(one, queue, strict=strict)}
        before = [served[agent] & first for agent in reach.ever(queue.name)] if first else []
        if not before or not all(before):
            continue
        names = listed(_few_that_cover(before))
        if strict:
            sentence = f"all who can take its calls also serve {names}, which strict priority puts first: it may starve"
        else:
            sentence = (
                f"all who can take its calls also serve {names}, whose callers are ahead by more than its max_wait_s:"
                " its callers may leave before their turn"
            )
        yield Remark(
            place=f"queues.{queue.name}.priority",
            sentence=sentence,
            remedy="give it an agent of its own, a higher priority, or keep agents free for it by a cap",
        )


def _goes_before(one: Queue, queue: Queue, *, strict: bool) -> bool:
    """Whether a caller of the one who comes last is still before one of the other queue who waited to the end."""
    ahead = one.priority - queue.priority
    return ahead > 0 if strict else bool(queue.max_wait_s) and ahead * 60 >= queue.max_wait_s


def _few_that_cover(each: list[set[str]]) -> set[str]:
    """A small set of queues of which every agent serves at least one."""
    chosen: set[str] = set()
    left = list(each)
    while left:
        names = sorted({name for one in left for name in one})
        best = max(names, key=lambda name: sum(name in one for one in left))
        chosen.add(best)
        left = [one for one in left if best not in one]
    return chosen
