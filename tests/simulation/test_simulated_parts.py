"""The small parts on which simulated days stand: clock, chance, coroutines without a loop, pushed phones."""

from __future__ import annotations

from random import Random

import pytest

from acd.agent import AgentProfile
from acd.call import Call
from acd.offer import Offer
from acd.ports import ChannelEnded, LegOutcome
from acd.simulation import (
    Callers,
    HadToWait,
    NobodyWaits,
    SimulatedCalls,
    SimulatedPbx,
    SimulatedPhones,
    VirtualClock,
    always,
    at_once,
    between,
    exponential,
)


def test_things_are_done_at_their_time_and_in_the_order_asked_for() -> None:
    clock, done = VirtualClock(1_000), []
    clock.at(1_500, lambda: done.append(("late", clock.now())))
    clock.after(200, lambda: done.append(("first", clock.now())))
    clock.after(200, lambda: clock.after(0, lambda: done.append(("follows", clock.now()))))
    clock.at(1_200, lambda: done.append(("second", clock.now())))
    clock.at(3, lambda: done.append(("overdue", clock.now())))
    never = clock.after(100, lambda: done.append(("never", clock.now())))
    never.cancel()
    assert [clock.next_at] == [1_000], "what is overdue is done now"

    clock.run_until(1_300)
    assert done == [("overdue", 1_000), ("first", 1_200), ("second", 1_200), ("follows", 1_200)]
    assert clock.now() == 1_300
    assert clock.step()
    never.cancel()
    assert not clock.step()
    assert clock.next_at is None
    assert clock.now() == 1_500


def test_durations_are_what_they_say() -> None:
    dice = Random(1)
    assert always(7.5)(dice) == 7.5
    assert all(2 <= between(2, 3)(dice) < 3 for _ in range(1_000))
    drawn = [exponential(10)(dice) for _ in range(20_000)]
    assert sum(drawn) / len(drawn) == pytest.approx(10, rel=0.03)
    assert sum(value > 10 for value in drawn) / len(drawn) == pytest.approx(0.3679, rel=0.03)


def test_callers_come_by_the_hour() -> None:
    stream = Callers(name="q", call=Call(id="", queue="q"), per_hour=1_000, hours=(0.5, 2.0))
    times = []
    for at in stream.arrivals(Random(2)):
        if at > 4 * 3600:
            break
        times.append(at)
    by_hour = [sum(int(at / 3600) == hour for at in times) for hour in range(4)]
    assert times == sorted(times)
    assert by_hour == pytest.approx([500, 2_000, 500, 2_000], rel=0.1)


def test_what_waits_cannot_be_done_at_once() -> None:
    async def waits() -> None:
        await NobodyWaits().wait()

    with pytest.raises(HadToWait):
        at_once(waits())


def test_a_pushed_phone_that_is_taken_away_loses_its_call() -> None:
    clock = VirtualClock()
    pbx = SimulatedPbx("pbx", clock, NobodyWaits)
    phones, calls = SimulatedPhones(pbx), SimulatedCalls(pbx, "acd-1")
    at_once(phones.push({"anna": "secret", "bert": "secret"}))
    assert dict(at_once(phones.registered())) == {"PJSIP/anna": True, "PJSIP/bert": True}

    call = Call(id="c1", queue="q", owner="acd-1")
    pbx.caller_enters(call)
    offer = Offer(id="c1.1", call="c1", agent="anna", queue="q", fence=1)
    heard: list[object] = []
    calls.listen(offer.leg, heard.append)
    at_once(calls.create_leg(offer, call, AgentProfile(id="anna")))
    at_once(calls.dial_leg(offer, call, timeout_s=20))
    pbx.phones["PJSIP/anna"].answer()
    at_once(phones.push({"bert": "secret"}))
    while clock.step():
        pass

    assert heard[-1] == ChannelEnded(channel=offer.leg, outcome=LegOutcome.HUNG_UP, cause=16)
    assert dict(at_once(phones.registered())) == {"PJSIP/bert": True}
    assert offer.leg not in pbx.channels
