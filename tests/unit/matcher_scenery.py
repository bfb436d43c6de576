"""What the matcher is tried on: small worlds full of ties, with every rule that can hold a pair back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from hypothesis import strategies as st

from acd.agent import AgentProfile
from acd.configuration import Cap, Configuration, LineOrder
from acd.queue import Crossing, Metric, Queue, Step
from acd.skills import requirement
from acd.strategies.longest_idle import LongestIdle
from acd.strategies.most_skilled import MostSkilled
from acd.strategy import Candidate, Ranking, Situation, SortKey, Strategy, Width

SKILLS = ("english", "german")
QUEUES = ("sales", "support", "night")
GROUPS = ("east", "gold")
AGENTS = ("amy", "ben", "cat", "dan", "eve")


class FewestCalls:
    """Orders by a key in which most agents tie."""

    def key(self, agent: Candidate, queue: Queue) -> SortKey:
        return agent.live.answered


class LeavesSomeOut:
    """Ranks only those whose id is in the second half of the alphabet, and who have not missed this call yet."""

    def rank(self, situation: Situation) -> Ranking:
        late = [agent.id for agent in situation.candidates if agent.id > "c" and agent.id not in situation.call.tried]
        return Ranking(sorted(late, reverse=True), "late in the alphabet")


class OneMoreEachTime:
    """Rings one phone, after a while two, and later three: by idleness."""

    def key(self, agent: Candidate, queue: Queue) -> SortKey:
        return agent.idle_start(queue)

    def widths(self, queue: Queue) -> Sequence[Width]:
        return (Width(0, 1), Width(0.1, 2), Width(5, 3))


STRATEGIES: Mapping[str, Callable[[], Strategy]] = {
    "longest_idle": LongestIdle,
    "most_skilled": MostSkilled,
    "fewest_calls": FewestCalls,
    "leaves_some_out": LeavesSomeOut,
    "one_more_each_time": OneMoreEachTime,
}


def strategies_of(configuration: Configuration) -> Mapping[str, Strategy]:
    return {name: STRATEGIES[queue.strategy]() for name, queue in configuration.queues.items()}


requirements = st.sampled_from(
    [
        requirement(text)
        for text in (
            "",
            "",
            "",
            "",
            "",
            "english",
            "german >= 50",
            "english and german",
            "english >= 50 or german",
            "not german",
            "english and not (german >= 50)",
        )
    ]
)


def _step(kind: int, at: float | None, what: int) -> Step:
    crossing = Crossing(metric=Metric.WAITING, at=2, back_at=1)
    base = Step(after_s=at, when=None if at is not None and kind else crossing)
    return [
        replace(base, lower={"german": 1}),
        replace(base, lower={"german": 0, "english": 1}),
        replace(base, anyone=True),
        replace(base, ranks=1),
        replace(base, ranks=2),
        replace(base, queues=("support",)),
        replace(base, queues=("night", "sales"), lower={"english": 0}),
        replace(base, groups=("gold",)),
    ][what]


steps = st.builds(
    _step, st.sampled_from([0, 1, 1]), st.sampled_from([None, 0.0, 0.05, 0.2, 5.0, 60.0]), st.integers(0, 7)
)
queues = st.builds(
    Queue,
    name=st.just(""),
    offer_width=st.sampled_from([1, 1, 2, 3]),
    strategy=st.sampled_from(sorted(STRATEGIES)),
    priority=st.sampled_from([0.0, 0.0, 1.0]),
    requires=requirements,
    prefers=requirements,
    ranks=st.sampled_from([None, None, 0, 1]),
    steps=st.lists(steps, max_size=2).map(tuple),
)
profiles = st.builds(
    AgentProfile,
    id=st.just(""),
    skills=st.sampled_from([{"english": 50, "german": 50}, {"english": 1}, {"german": 49}, {"german": 100}, {}]),
    queues=st.one_of(
        st.fixed_dictionaries(dict.fromkeys(QUEUES, st.sampled_from([0, 0, 1, 2]))),
        st.dictionaries(st.sampled_from(QUEUES), st.sampled_from([0, 1])),
    ),
    groups=st.sampled_from([(), (), ("east",), ("gold",), ("east", "gold")]),
)
caps = st.builds(
    lambda group, queue, count, keeps: Cap(
        name="", group=group, queue=queue, at_most=None if keeps else count, keep_free=count if keeps else None
    ),
    st.sampled_from(GROUPS),
    st.sampled_from(QUEUES),
    st.sampled_from([1, 1, 2]),
    st.booleans(),
)


def _configuration(
    by_queue: Mapping[str, Queue], by_agent: Mapping[str, AgentProfile], limits: Sequence[Cap], line: LineOrder
) -> Configuration:
    return Configuration(
        queues={name: replace(queue, name=name) for name, queue in by_queue.items()},
        agents={name: replace(profile, id=name) for name, profile in by_agent.items()},
        caps={f"cap{number}": replace(cap, name=f"cap{number}") for number, cap in enumerate(limits)},
        line=line,
    )


full_configurations = st.builds(
    _configuration,
    st.fixed_dictionaries(dict.fromkeys(QUEUES, queues)),
    st.fixed_dictionaries(dict.fromkeys(AGENTS, profiles)),
    st.one_of(st.just(()), st.lists(caps, max_size=2)),
    st.sampled_from(LineOrder),
)
configurations = st.one_of(
    full_configurations,
    st.builds(
        _configuration,
        st.fixed_dictionaries({"sales": queues}, optional=dict.fromkeys(QUEUES[1:], queues)),
        st.fixed_dictionaries({"amy": profiles}, optional=dict.fromkeys(AGENTS[1:], profiles)),
        st.lists(caps, max_size=1),
        st.sampled_from(LineOrder),
    ),
)
