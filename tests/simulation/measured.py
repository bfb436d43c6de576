"""Figures of a simulated run with their standard errors, from batches long enough to know little of one another."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import sqrt
from random import Random

import pytest

from acd.agent import AgentProfile
from acd.call import Call, EndReason
from acd.configuration import Configuration
from acd.queue import Queue
from acd.simulation import Callers, SimulatedCentre, SimulatedDay, VirtualClock, exponential
from acd.strategies.longest_idle import LongestIdle
from acd.strategy import Strategies

BATCHES = 20
STANDARD_ERRORS = 3
LONG = int(os.environ.get("SIMULATION_CALLS", "0"))
"""Calls per run where more than a quick look is wanted: 1000000 takes up to half an hour a test."""

only_long = pytest.mark.skipif(not LONG, reason="set SIMULATION_CALLS=1000000: too slow to settle for every run")


@dataclass(frozen=True)
class Figure:
    """A mean, and by how much such a mean is off, as a rule."""

    mean: float
    error: float

    @classmethod
    def of(cls, batches: Sequence[float]) -> Figure:
        mean = sum(batches) / len(batches)
        spread = sum((batch - mean) ** 2 for batch in batches) / (len(batches) - 1)
        return cls(mean, sqrt(spread / len(batches)))

    def off_by(self, expected: float) -> float:
        """The distance from what was expected, in standard errors."""
        return abs(self.mean - expected) / self.error

    def __str__(self) -> str:
        return f"{self.mean:.6g} ± {self.error:.2g}"


@dataclass(frozen=True, slots=True)
class Served:
    """One call that is over. Times are seconds."""

    kind: str
    queued_at: float
    waited: float
    agent: str | None
    talked: float

    @classmethod
    def from_record(cls, call: Call) -> Served:
        assert call.ended_at is not None
        answered = call.end_reason is EndReason.COMPLETED
        return cls(
            call.queue,
            call.queued_at / 1000,
            call.waited_ms(call.ended_at) / 1000,
            call.agent if answered else None,
            (call.ended_at - (call.connected_at or 0)) / 1000 if answered else 0.0,
        )

    @property
    def answered_at(self) -> float:
        return self.queued_at + self.waited

    def talks_between(self, since: float, until: float) -> float:
        """Seconds of the conversation that lie between these."""
        return max(0.0, min(until, self.answered_at + self.talked) - max(since, self.answered_at))


class Run:
    """All calls of a run but those that came while the line was still filling up, in batches of as many calls."""

    def __init__(self, calls: Sequence[Served]) -> None:
        by_arrival = sorted(calls, key=lambda call: call.queued_at)
        size = len(by_arrival) // (BATCHES + 2)
        self.batches = [by_arrival[number * size : (number + 1) * size] for number in range(1, BATCHES + 1)]
        self.bounds = [by_arrival[number * size].queued_at for number in range(1, BATCHES + 2)]
        self._all = by_arrival

    def share(self, holds: Callable[[Served], bool], *, of: str | None = None) -> Figure:
        """The share of calls, or of one queue's calls, of which this is true."""
        return self.mean(lambda call: float(holds(call)), of=of)

    def mean(self, value: Callable[[Served], float], *, of: str | None = None) -> Figure:
        """The mean over calls, or over one queue's calls."""
        kept = [[value(call) for call in batch if of in {None, call.kind}] for batch in self.batches]
        return Figure.of([sum(values) / len(values) for values in kept])

    def flow(self, queue: str, agent: str) -> Figure:
        """How many of the queue's calls go to this agent in a second."""
        spans = [until - since for since, until in zip(self.bounds, self.bounds[1:], strict=False)]
        counted = [sum((call.kind, call.agent) == (queue, agent) for call in batch) for batch in self.batches]
        return Figure.of([count / span for count, span in zip(counted, spans, strict=True)])

    def at_work(self, agents: int, *, only: str | None = None) -> Figure:
        """The share of their time that agents, or one of them, talk."""
        shares = []
        for since, until in zip(self.bounds, self.bounds[1:], strict=False):
            talking = sum(call.talks_between(since, until) for call in self._all if only in {None, call.agent})
            shares.append(talking / (agents * (until - since)))
        return Figure.of(shares)


def agree(figures: dict[str, tuple[Figure, float]]) -> None:
    """Every figure is as expected, within three standard errors; shows all of them if one is not."""
    table = [
        f"{name}: {figure} against {expected:.6g}, off by {figure.off_by(expected):.2f} standard errors"
        for name, (figure, expected) in figures.items()
    ]
    print("\n".join(table))  # noqa: T201  # pytest shows it with the failure, or with -s
    assert all(figure.off_by(expected) <= STANDARD_ERRORS for figure, expected in figures.values()), "\n".join(table)


def pool(agents: int, *queues: str) -> Configuration:
    """Agents who all take all these queues, without wrap-up."""
    return Configuration(
        queues={name: Queue(name=name, wrap_up_s=0) for name in queues},
        agents={f"a{n:04}": AgentProfile(id=f"a{n:04}", queues=dict.fromkeys(queues, 0)) for n in range(agents)},
    )


def simulated(
    configuration: Configuration,
    callers: Sequence[Callers],
    calls: int,
    *,
    seed: int = 1,
    strategies: Strategies | None = None,
) -> Run:
    """So many calls through the production matcher, all agents ready all the time."""
    strategies = strategies or {queue: LongestIdle() for queue in configuration.queues}
    centre = SimulatedCentre(configuration, strategies, VirtualClock())
    served: list[Served] = []
    day = SimulatedDay(
        centre,
        callers,
        lambda name: Random(f"{seed}/{name}"),
        ended=lambda call: served.append(Served.from_record(call)),
    )
    day.run(calls=calls)
    assert len(served) == calls
    assert not centre.matcher.troubles
    return Run(served)


def callers(queue: str, *, load: float, talk_s: float, patience_s: float | None = None) -> Callers:
    """A stream that would keep ``load`` agents busy on the average if nobody gave up."""
    return Callers(
        name=queue,
        call=Call(id="", queue=queue),
        per_hour=load * 3600 / talk_s,
        talk=exponential(talk_s),
        patience=None if patience_s is None else exponential(patience_s),
    )
