"""What a plan is likely to come to: loads, peaks and how many give up, reckoned before a call is placed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from scenarios.load.plan import Plan, PlannedCall

__all__ = ["Forecast", "QueueLoad", "forecast_of", "loads_of", "sparkline"]

BARS = "▁▂▃▄▅▆▇█"


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueLoad:
    """What one queue is to take."""

    queue: str
    calls: int
    mean_talk_s: float
    erlang: float
    """Conversations that would go on at once, on average over the run, if all callers were served."""
    agents: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """How it would go if all agents of a queue were always there, each phone were answered, and the line were plain."""

    most_waiting: int
    most_talking: int
    most_present: int
    """Waiting or talking, at the worst moment."""
    abandoned: int


def loads_of(plan: Plan) -> tuple[QueueLoad, ...]:
    """The load of each queue that somebody calls, in the order of the configuration."""
    calls = Counter(call.queue for call in plan.calls)
    talk = dict.fromkeys(calls, 0.0)
    for call in plan.calls:
        talk[call.queue] += plan.talk_s[call.talk_bucket]
    agents = Counter(queue for agent in plan.agents for queue in agent.queues)
    return tuple(
        QueueLoad(
            queue=queue,
            calls=calls[queue],
            mean_talk_s=talk[queue] / calls[queue],
            erlang=talk[queue] / plan.duration_s,
            agents=agents[queue],
        )
        for queue in plan.configuration.queues
        if calls[queue]
    )


def forecast_of(plan: Plan) -> Forecast:
    """Callers in the order of coming, each to the agent of the queue who is free first."""
    free_at = [0.0] * len(plan.agents)
    of_queue = {
        queue: [number for number, agent in enumerate(plan.agents) if queue in agent.queues]
        for queue in plan.configuration.queues
    }
    over_at = plan.duration_s + plan.drain_s
    waiting, talking, abandoned = [], [], 0
    for call in plan.calls:
        able = of_queue[call.queue]
        agent = min(able, key=free_at.__getitem__) if able else None
        served_at = over_at if agent is None else max(call.at, free_at[agent])
        gone_at = min(_gone_at(call), over_at)
        if agent is None or gone_at <= served_at:
            waiting.append((call.at, max(gone_at, call.at)))
            abandoned += gone_at < over_at
            continue
        one = plan.agents[agent]
        ends_at = served_at + sum(one.group.ring_s) / 2 + plan.talk_s[call.talk_bucket]
        free_at[agent] = ends_at + one.wrap_up_s
        waiting.append((call.at, served_at))
        talking.append((served_at, ends_at))
    return Forecast(
        most_waiting=most_at_once(waiting),
        most_talking=most_at_once(talking),
        most_present=most_at_once([*waiting, *talking]),
        abandoned=abandoned,
    )


def _gone_at(call: PlannedCall) -> float:
    """When the caller leaves, if not served before."""
    limits = [limit for limit in (call.patience_s, call.vanishes_after_s) if limit is not None]
    return call.at + min(limits) if limits else float("inf")


def most_at_once(stays: Iterable[tuple[float, float]]) -> int:
    """How many of these stays, each from one time to another, overlap at the worst moment."""
    now = most = 0
    # At one moment those who leave go first: a stay that follows another is no overlap.
    for _, step in sorted(change for start, end in stays if end > start for change in ((start, 1), (end, -1))):
        now += step
        most = max(most, now)
    return most


def sparkline(times: Sequence[float], duration_s: float, width: int = 60) -> str:
    """How many come when, as a row of bars; the highest is the busiest part."""
    counts = [0] * width
    for at in times:
        counts[min(int(at / duration_s * width), width - 1)] += 1
    most = max(counts, default=0)
    return "".join(BARS[round(count / most * (len(BARS) - 1))] if count else " " for count in counts)
