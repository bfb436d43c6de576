"""A system of one's own is named by an address, spared unless it is owned, and never rung faster than was said."""

from __future__ import annotations

import itertools

import pytest

from scenarios.load.engine import NotSupported
from scenarios.load.engines.target import Target, TargetRefused, endpoint_of, within
from tests.load_plans import callers, small_plan


@pytest.mark.parametrize(
    ("said", "owned", "found"),
    [
        ("sip:127.0.0.1", False, ("127.0.0.1", 5060)),
        ("sip:127.9.8.7:5070", False, ("127.9.8.7", 5070)),
        ("sip:192.0.2.10:5061", True, ("192.0.2.10", 5061)),
    ],
)
def test_an_address_is_a_target(said: str, owned: bool, found: tuple[str, int]) -> None:
    assert endpoint_of(said, owned=owned) == found


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("sip:192.0.2.10", "--i-own-this-system"),
        ("sip:pbx.example", "no name"),
        ("127.0.0.1", "write sip:"),
        ("sip:127.0.0.1:0", "1 to 65535"),
        ("sip:127.0.0.1:65536", "1 to 65535"),
        ("sip:300.0.0.1", "no IPv4 address"),
    ],
)
def test_anything_else_is_refused_with_the_remedy(said: str, why: str) -> None:
    with pytest.raises(TargetRefused, match=why) as refused:
        endpoint_of(said, owned=False)
    assert said in str(refused.value)


def test_callers_come_no_faster_than_so_many_a_second_and_none_is_left_out() -> None:
    plan = small_plan(callers(20, every_s=0.01), agents=1)

    slower = within(plan, 10)
    times = [call.at for call in slower.calls]

    assert [call.number for call in slower.calls] == [call.number for call in plan.calls]
    assert all(later - earlier >= 0.099 for earlier, later in itertools.pairwise(times))
    assert slower.duration_s - times[-1] == pytest.approx(plan.duration_s - plan.calls[-1].at)


def test_callers_who_come_slowly_keep_their_times() -> None:
    plan = small_plan(callers(5, every_s=1.0), agents=1)

    assert within(plan, 10).calls == list(plan.calls)


def test_a_target_has_callers_and_no_agents_of_ours() -> None:
    target = Target(small_plan(callers(2, every_s=1.0), agents=3), ("127.0.0.1", 5060))

    assert (len(target.plan.calls), len(target.plan.agents)) == (2, 0)
    with pytest.raises(NotSupported, match="no callers"):
        Target(small_plan([], agents=1), ("127.0.0.1", 5060))
