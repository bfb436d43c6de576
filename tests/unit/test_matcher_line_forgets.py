"""What callers asked for is forgotten when nobody asks for it any more, and known again when somebody does."""

from __future__ import annotations

from dataclasses import replace

import pytest

from acd.call import Call, CallState
from acd.events import CallEnded
from acd.matcher import line
from acd.ports import Refusal, Refused
from tests.unit.matcher_pool import NOW, Pool, caller, profile, ready


@pytest.mark.parametrize("most_empty", [1, 2, 3, 100])
@pytest.mark.parametrize("order", ["a b c a b c", "a a b b a a", "a b a c a d a", "a b c d d c b a"])
def test_callers_who_ask_for_what_was_forgotten_find_whoever_can_take_them(
    order: str, most_empty: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(line, "LEAST_EMPTY", most_empty)
    monkeypatch.setattr(line, "EMPTY_PER_QUEUE", 0)
    pool = Pool(*[replace(profile(f"knows-{skill}"), skills={skill: 1}) for skill in "abcd"])
    for number, skill in enumerate(order.split()):
        call = replace(caller(f"c{number}"), requires=skill)
        assert pool.calls(call).pairs() == [], "nobody is there: the caller has to wait"
        pool.agents(ready(f"knows-{skill}"))
        [proposal] = pool.propose()
        assert proposal.agents == (f"knows-{skill}",)
        leaves(pool, call)
        pool.matcher.settle(proposal, Refused(why=Refusal.UNKNOWN))
        pool.agents(replace(ready(f"knows-{skill}"), reachable=False))

    assert pool.matcher.pool.line.classes_known <= max(most_empty, 2)


def leaves(pool: Pool, call: Call) -> None:
    pool.apply(CallEnded(at=NOW, call=replace(call, state=CallState.ENDED)))
