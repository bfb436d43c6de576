"""Whatever can be configured can be written as a file, and reads back the same."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import HealthCheck, given, settings, strategies as st

from acd.agent import AgentProfile, Phone, PhoneKind
from acd.configuration import CONTROL, LONGEST_TEXT, Configuration, faults_of
from acd.queue import CoolOff, Queue
from stasis_app.configuration_file import difference, read, write

patient = settings(deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow])
"""Other work on the machine must not decide whether these pass."""

names = st.from_regex(r"[a-z0-9][a-z0-9_-]{0,8}", fullmatch=True)
texts = st.text(max_size=LONGEST_TEXT).filter(lambda text: not CONTROL.search(text))
levels = st.integers(1, 100)
day = st.floats(0, 86_400)
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


@st.composite
def configurations(draw: st.DrawFn) -> Configuration:
    skills = draw(st.dictionaries(names, texts, max_size=4))
    known = st.dictionaries(st.sampled_from(sorted(skills)), levels, max_size=3) if skills else st.just({})
    numbers = st.lists(st.from_regex(r"\+?[0-9*#]{1,6}", fullmatch=True), unique=True, max_size=6)
    free = draw(numbers)
    queues: dict[str, Queue] = {}
    for name in draw(st.lists(names, unique=True, max_size=3)):
        queues[name] = Queue(
            name=name,
            title=draw(texts),
            numbers=tuple(free.pop() for _ in range(draw(st.integers(0, len(free))))),
            strategy=draw(texts),
            strategy_options=draw(options),
            requires=draw(known),
            priority=draw(st.floats(-1440, 1440)),
            ring_timeout_s=draw(st.floats(1, 300)),
            offer_width=draw(st.integers(1, 20)),
            wrap_up_s=draw(day),
            max_wait_s=draw(day),
            service_level_s=draw(day),
            music_class=draw(texts),
            cool_off=draw(st.builds(CoolOff, no_answer_s=day, rejected_s=day, busy_s=day, unreachable_s=day)),
        )
    ranks: Any = st.dictionaries(st.sampled_from(sorted(queues)), st.integers(0, 99)) if queues else st.just({})
    agents = {
        name: AgentProfile(
            id=name,
            name=draw(texts),
            phone=draw(phones),
            skills=draw(known),
            queues=draw(ranks),
            wrap_up_s=draw(st.none() | day),
        )
        for name in draw(st.lists(names, unique=True, max_size=3))
    }
    return Configuration(queues=queues, agents=agents, skills=skills)


@patient
@given(configurations())
def test_what_is_written_reads_back_the_same(configuration: Configuration) -> None:
    assert not list(faults_of(configuration))
    assert read(write(configuration)) == configuration


@patient
@given(configurations(), configurations())
def test_there_is_a_difference_exactly_where_two_differ(old: Configuration, new: Configuration) -> None:
    assert bool(difference(old, new)) == (old != new)
    assert not difference(old, replace(old, version=old.version + 1))
