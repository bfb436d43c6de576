"""Any configuration that can be applied: what is written, kept and compared is tried on these."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from acd.agent import AgentProfile, Phone, PhoneKind
from acd.configuration import CONTROL, LONGEST_TEXT, Cap, Configuration, LineOrder
from acd.queue import CoolOff, Crossing, IdleClock, Metric, Queue, Step, WaitCountsFrom
from acd.skills import ANYBODY, RESERVED_WORDS, contradicts_itself, requirement

names = st.from_regex(r"[a-z0-9][a-z0-9_-]{0,8}", fullmatch=True)
skill_names = names.filter(lambda name: name not in RESERVED_WORDS)
texts = st.text(max_size=LONGEST_TEXT).filter(lambda text: not CONTROL.search(text))
levels = st.integers(1, 100)
day = st.floats(0, 86_400)
ranks = st.none() | st.integers(0, 99)
plain = st.recursive(
    st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8")),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(st.characters(codec="utf-8")), inner, max_size=3)
    ),
    max_leaves=5,
)
options = st.dictionaries(st.text(st.characters(codec="utf-8"), max_size=10), plain, max_size=3)
phones = st.just(Phone()) | st.builds(
    Phone,
    kind=st.sampled_from([PhoneKind.ENDPOINT, PhoneKind.DIAL]),
    target=st.from_regex(r"PJSIP/[a-z0-9@.+]{1,20}", fullmatch=True),
)
crossings = st.builds(
    Crossing,
    metric=st.sampled_from([Metric.WAITING, Metric.AVAILABLE]),
    at=st.integers(0, 50).map(float),
    back_at=st.integers(51, 100).map(float) | st.floats(50.5, 100),
) | st.builds(Crossing, metric=st.just(Metric.LONGEST_WAIT_S), at=st.floats(20, 86_400), back_at=st.floats(0, 19))


def some_of(names: list[str]) -> st.SearchStrategy[tuple[str, ...]]:
    """Some of these names, in any order."""
    return st.lists(st.sampled_from(names), unique=True, max_size=3).map(tuple) if names else st.just(())


def expressions(skills: list[str]) -> st.SearchStrategy[str]:
    """What can be asked of agents with these skills."""
    if not skills:
        return st.just(ANYBODY)
    holds = st.builds(lambda skill, level: f"{skill} >= {level}", st.sampled_from(skills), levels)
    said = st.recursive(
        holds,
        lambda inner: (
            inner.map(lambda one: f"not ({one})")
            | st.builds(
                lambda one, other, word: f"({one}) {word} ({other})", inner, inner, st.sampled_from(["and", "or"])
            )
        ),
        max_leaves=4,
    )
    return st.just(ANYBODY) | said.map(requirement).filter(lambda kept: not contradicts_itself(kept))


@st.composite
def steps(draw: st.DrawFn, skills: list[str], queues: list[str], groups: list[str]) -> Step:
    """A step of a queue, which may borrow from these others."""
    timed = draw(st.booleans())
    return Step(
        after_s=draw(day) if timed else None,
        when=None if timed else draw(crossings),
        lower=draw(st.dictionaries(st.sampled_from(skills), st.integers(0, 100), max_size=2)) if skills else {},
        anyone=draw(st.booleans()),
        ranks=draw(ranks),
        queues=draw(some_of(queues)),
        groups=draw(some_of(groups)),
    )


@st.composite
def configurations(draw: st.DrawFn) -> Configuration:
    """A configuration without a fault, most options away from their defaults."""
    skills = draw(st.dictionaries(skill_names, texts, max_size=4))
    queue_names = draw(st.lists(names, unique=True, max_size=3))
    known: Any = st.dictionaries(st.sampled_from(sorted(skills)), levels, max_size=3) if skills else st.just({})
    places: Any = st.dictionaries(st.sampled_from(queue_names), st.integers(0, 99)) if queue_names else st.just({})
    agents = {
        name: AgentProfile(
            id=name,
            name=draw(texts),
            phone=draw(phones),
            skills=draw(known),
            queues=draw(places),
            groups=draw(some_of(["team-a", "team-b"])),
            wrap_up_s=draw(st.none() | day),
        )
        for name in draw(st.lists(names, unique=True, max_size=3))
    }
    groups = sorted({group for agent in agents.values() for group in agent.groups})
    free = draw(st.lists(st.from_regex(r"\+?[0-9*#]{1,6}", fullmatch=True), unique=True, max_size=6))
    queues: dict[str, Queue] = {}
    for name in queue_names:
        others = [other for other in queue_names if other != name]
        queues[name] = Queue(
            name=name,
            title=draw(texts),
            numbers=tuple(free.pop() for _ in range(draw(st.integers(0, len(free))))),
            strategy=draw(texts),
            strategy_options=draw(options),
            idle_clock=draw(st.sampled_from(IdleClock)),
            breaks_restart_idle_clock=draw(st.booleans()),
            requires=draw(expressions(sorted(skills))),
            prefers=draw(expressions(sorted(skills))),
            ranks=draw(ranks),
            steps=tuple(draw(st.lists(steps(sorted(skills), others, groups), max_size=3))),
            wait_counts_from=draw(st.sampled_from(WaitCountsFrom)),
            priority=draw(st.floats(-1440, 1440)),
            ring_timeout_s=draw(st.floats(1, 300)),
            offer_width=draw(st.integers(1, 20)),
            wrap_up_s=draw(day),
            max_wait_s=draw(day),
            service_level_s=draw(day),
            music_class=draw(texts),
            cool_off=draw(st.builds(CoolOff, no_answer_s=day, rejected_s=day, busy_s=day, unreachable_s=day)),
            misses_until_break=draw(st.integers(0, 100)),
        )
    caps: dict[str, Cap] = {}
    for name in draw(st.lists(names, unique=True, max_size=2)) if groups and queues else []:
        number, at_most = draw(st.integers(0, 9)), draw(st.booleans())
        caps[name] = Cap(
            name=name,
            group=draw(st.sampled_from(groups)),
            queue=draw(st.sampled_from(queue_names)),
            at_most=number if at_most else None,
            keep_free=None if at_most else number,
        )
    return Configuration(queues=queues, agents=agents, skills=skills, caps=caps, line=draw(st.sampled_from(LineOrder)))
