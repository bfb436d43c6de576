"""Watches the live figures on which steps depend; a crossing is committed before it counts, so that replay sees it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from acd.call import Call
from acd.configuration import Configuration
from acd.matcher.slots import StepChange
from acd.matcher.terms import QueueTerms
from acd.queue import Metric

SAMPLE_MS = 1_000
"""How often the figures are looked at, where some step depends on one."""


@dataclass(slots=True)
class _Watched:
    terms: QueueTerms
    waiting: dict[str, int] = field(default_factory=dict)
    """Waiting callers of the queue, each with ``queued_at``."""


class Figures:
    """The queues whose steps depend on a live figure."""

    def __init__(self, configuration: Configuration, terms: Mapping[str, QueueTerms]) -> None:
        self._queues = {
            name: _Watched(terms[name])
            for name, queue in configuration.queues.items()
            if any(step.when is not None for step in queue.steps)
        }
        self.next_sample: int | None = 0 if self._queues else None
        """When to look next, store's milliseconds; None where no step depends on a figure."""

    def see(self, call: Call) -> None:
        """A call is like this now."""
        if not self._queues:
            return
        for name, watched in self._queues.items():
            if name == call.queue and call.is_waiting:
                watched.waiting[call.id] = call.queued_at
            else:
                watched.waiting.pop(call.id, None)

    def sample(self, now: int, available: Callable[[str], int]) -> list[StepChange]:
        """The crossings since the last look; ``available`` tells a queue's free agents."""
        if self.next_sample is None or now < self.next_sample:
            return []
        self.next_sample = now + SAMPLE_MS
        return [change for watched in self._queues.values() for change in self._crossed(watched, now, available)]

    def pass_over(self, now: int) -> None:
        """Somebody else looks at the figures."""
        if self.next_sample is not None and self.next_sample <= now:
            self.next_sample = now + SAMPLE_MS

    def _crossed(self, watched: _Watched, now: int, available: Callable[[str], int]) -> Iterator[StepChange]:
        queue = watched.terms.queue
        for place, step in enumerate(queue.steps):
            if step.when is None:
                continue
            was_on = bool(watched.terms.on >> place & 1)
            on = step.when.is_on(self._value(step.when.metric, watched, now, available), was_on=was_on)
            if on is not was_on:
                yield StepChange(queue=queue.name, step=place, on=on)

    def _value(self, metric: Metric, watched: _Watched, now: int, available: Callable[[str], int]) -> float:
        match metric:
            case Metric.WAITING:
                return len(watched.waiting)
            case Metric.LONGEST_WAIT_S:
                return (now - min(watched.waiting.values())) / 1000 if watched.waiting else 0.0
            case Metric.AVAILABLE:
                return available(watched.terms.queue.name)
