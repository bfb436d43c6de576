"""What a call's flow makes of mishaps: it slept, the store answered too late, the switch refuses, it has a fault."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from structlog.testing import capture_logs

from acd.agent import AgentProfile
from acd.call import Call, CallState, EndedBy, EndReason
from acd.errors import StoreUnavailable
from acd.events import AlertKind, AlertRaised, CallEnded, CallQueued, CallTakenOver
from acd.memory import MemoryStore
from acd.offer import Offer, OfferOutcome
from acd.ports import FoundChannel, OfferRef, Refused, Reservation, SwitchRefused
from acd.simulation import SimulatedPbx
from acd.testing.stage import ref
from stasis_app.call_flow import persistence
from stasis_app.call_flow.world import SLEPT_S
from stasis_app.reconcile import Reconciler
from tests.unit.flow_centre import CONFIGURATION, PROCESS, Centre, HeldCalls, opened

OTHER = "acd-2"


async def taken_over(centre: Centre) -> Call:
    """The other process is the call's owner, and this one has not heard of it."""
    await centre.store.leave(PROCESS)
    taken = await centre.store.take_over("c1", previous=PROCESS, by=OTHER)
    assert isinstance(taken, Call)
    return taken


async def reserved(centre: Centre, agent: str) -> Offer:
    offers = await centre.store.reserve(Reservation(call="c1", agents=[agent], lease_ms=60_000))
    assert not isinstance(offers, Refused)
    return offers[0]


async def lets_go(centre: Centre, call: str = "c1") -> None:
    async def let_go() -> bool:
        return not centre.flows.drives(call)

    await centre.until(let_go)


# --- it slept ---------------------------------------------------------------------------------------------------------


def commits_late(centre: Centre, monkeypatch: pytest.MonkeyPatch) -> None:
    """The process sleeps before it commits, as well as before it makes the leg."""
    ring = centre.store.ring

    async def late(offer: OfferRef) -> Offer | Refused:
        await centre.switch.may_create.wait()
        return await ring(offer)

    monkeypatch.setattr(centre.store, "ring", late)


async def test_who_slept_before_making_the_leg_does_not_end_the_one_of_the_new_owner(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with opened() as centre, asyncio.TaskGroup() as tasks:
        commits_late(centre, monkeypatch)
        centre.switch.may_create.clear()
        await reserved(centre, "anna")
        await centre.switch.asked_to_create.wait()
        others = await centre.another(OTHER, tasks)
        others.start(await taken_over(centre))

        async def rings() -> bool:
            return centre.phone("anna").rings

        await centre.until(rings)
        centre.phone("anna").answer()
        await centre.until_state(CallState.CONNECTED)
        centre.switch.may_create.set()
        await lets_go(centre)
        talks = centre.phone("anna").talks
        centre.pbx.caller_hangs_up("c1")
        ended = await centre.until_ended()

        assert talks
        assert (ended.call.owner, ended.call.end_reason, ended.call.ended_by) == (OTHER, "completed", "caller")
        assert len([event for event in centre.events if isinstance(event, CallQueued)]) == 1


async def test_who_slept_between_commit_and_making_the_leg_rings_nobody() -> None:
    async with opened() as centre, asyncio.TaskGroup() as tasks:
        centre.switch.may_create.clear()
        offer = await reserved(centre, "anna")
        await centre.switch.asked_to_create.wait()
        others = await centre.another(OTHER, tasks)
        others.start(await taken_over(centre))  # nobody knows whether it rang: the offer is over

        async def over() -> bool:
            return await centre.store.offer(offer.id) is None

        await centre.until(over)
        await asyncio.sleep(SLEPT_S)
        centre.switch.may_create.set()
        await lets_go(centre)
        rings, legs = centre.phone("anna").rings, centre.pbx.channels.keys() - {"c1"}
        centre.pbx.caller_hangs_up("c1")
        await centre.until_ended()

        assert not rings
        assert not legs, "what it made was hung up"


async def test_who_slept_before_making_the_leg_does_not_end_that_of_whoever_holds_the_agent_now() -> None:
    async with opened() as centre, asyncio.TaskGroup() as tasks:
        centre.switch.may_create.clear()
        first = await reserved(centre, "anna")
        await centre.switch.asked_to_create.wait()
        call = await taken_over(centre)
        await centre.store.end_offer(replace(ref(first), owner=OTHER), OfferOutcome.EXPIRED)
        others = await centre.another(OTHER, tasks)
        others.start(replace(call, offers={}))
        second = await reserved(centre, "anna")
        others.hear(next(e for e in centre.store.world.events if getattr(e, "offer", None) == second))

        async def rings() -> bool:
            return centre.phone("anna").rings

        await centre.until(rings)
        centre.switch.may_create.set()
        await lets_go(centre)
        still_rings = centre.phone("anna").rings
        centre.pbx.caller_hangs_up("c1")
        await centre.until_ended()

        assert still_rings


class SleepsAfterMaking(HeldCalls):
    """Its process sleeps once it has made a leg."""

    async def create_leg(self, offer: Offer, call: Call, agent: AgentProfile) -> None:
        await super(HeldCalls, self).create_leg(offer, call, agent)
        self.asked_to_create.set()
        await self.may_create.wait()


async def test_who_slept_after_making_the_leg_does_not_hang_up_the_one_that_took_its_place() -> None:
    async with opened(switch_kind=SleepsAfterMaking) as centre, asyncio.TaskGroup() as tasks:
        centre.switch.may_create.clear()
        await reserved(centre, "anna")
        await centre.switch.asked_to_create.wait()
        others = await centre.another(OTHER, tasks)
        others.start(await taken_over(centre))  # finds a leg that was never dialled: it is ended, and so is the offer

        async def waits() -> bool:
            return not centre.pbx.channels.keys() - {"c1"}

        await centre.until(waits)
        await centre.until_state(CallState.QUEUED)
        again = await reserved(centre, "anna")
        others.hear(next(e for e in centre.store.world.events if getattr(e, "offer", None) == again))

        async def rings() -> bool:
            return centre.phone("anna").rings

        await centre.until(rings)
        centre.switch.may_create.set()
        await lets_go(centre)
        still_rings = centre.phone("anna").rings
        centre.pbx.caller_hangs_up("c1")
        await centre.until_ended()

        assert still_rings


async def test_a_call_that_another_process_has_ended_does_not_come_back() -> None:
    """Its channel is still seen: whoever ended it is about to hang it up."""
    async with opened() as centre:
        await taken_over(centre)
        await centre.store.end_call("c1", EndReason.TIMED_OUT, owner=OTHER, by=EndedBy.SYSTEM)
        centre.flows.look_again()
        await lets_go(centre)
        seen, live = "c1" in centre.pbx.channels, await centre.store.call("c1")
        centre.pbx.caller_hangs_up("c1")
        await centre.until_ended()

        assert seen
        assert live is None
        assert len([event for event in centre.events if isinstance(event, CallQueued)]) == 1


async def test_an_end_of_ours_that_nobody_carried_out_is_carried_out_instead_of_begun_anew() -> None:
    async with opened() as centre:
        centre.held = []  # what the store says of it is missed
        await centre.store.end_call("c1", EndReason.WITHDRAWN, owner=PROCESS, by=EndedBy.SYSTEM)
        centre.flows.look_again()
        await centre.until_ended()

        assert centre.pbx.given_back == {"c1": "WITHDRAWN"}
        assert len([event for event in centre.events if isinstance(event, CallQueued)]) == 1


async def test_a_call_that_comes_back_while_it_is_let_go_is_driven_again() -> None:
    class SlowToGreet(HeldCalls):
        def __init__(self, pbx: SimulatedPbx, process: str) -> None:
            super().__init__(pbx, process)
            self.may_join.clear()

        async def start_music(self, channel: str, music_class: str) -> None:
            await self.may_join.wait()
            await super().start_music(channel, music_class)

    async with opened(switch_kind=SlowToGreet) as centre:
        await taken_over(centre)
        centre.flows.look_again()
        await asyncio.sleep(0.01)
        await centre.store.leave(OTHER)
        await centre.store.take_over("c1", previous=OTHER, by=PROCESS)
        await asyncio.sleep(0.01)
        centre.switch.may_join.set()
        await asyncio.sleep(0.01)
        drives = centre.flows.drives("c1")
        centre.pbx.caller_hangs_up("c1")
        ended = await centre.until_ended()

        assert drives
        assert ended.call.end_reason == "abandoned"


async def test_a_phone_that_was_called_and_does_not_say_yet_that_it_rings_is_not_given_up_by_a_second_look() -> None:
    class BeforeTheRinging(HeldCalls):
        """Asterisk shows a leg as it was before it was dialled until its phone says that it rings."""

        async def look_at(self, channel: str) -> FoundChannel | None:
            seen = await super().look_at(channel)
            return None if seen is None else replace(seen, dialled=seen.answered)

    async with opened(switch_kind=BeforeTheRinging) as centre:
        await centre.ringing("anna")
        await asyncio.sleep(0.01)
        centre.flows.look_again()
        await asyncio.sleep(0.01)
        rings = centre.phone("anna").rings
        centre.pbx.caller_hangs_up("c1")
        await centre.until_ended()

        assert rings
        assert centre.outcomes() == {"anna": OfferOutcome.CALLER_LEFT}


async def test_the_news_of_a_takeover_do_not_disturb_the_flow_that_was_begun_with_it() -> None:
    async with opened() as centre, asyncio.TaskGroup() as tasks:
        others = await centre.another(OTHER, tasks)
        taken = await taken_over(centre)
        others.start(taken)
        flow = others._flows["c1"]
        others.hear(next(event for event in centre.store.world.events if isinstance(event, CallTakenOver)))
        undisturbed = flow._course.inbox.empty()
        centre.flows.look_again()
        await lets_go(centre)
        centre.pbx.caller_hangs_up("c1")
        await centre.until_ended()

        assert undisturbed


# --- the store --------------------------------------------------------------------------------------------------------


class ConnectsUnheard(MemoryStore):
    """It commits the conversation, and is lost before its answer is read; what it knew may be lost with it."""

    forgets = True

    async def connect(self, offer: OfferRef) -> Offer | Refused:
        if self.forgets:
            await super().connect(offer)
            self.world.flush()
        raise StoreUnavailable("killed")


def rebuilt_by(centre: Centre) -> Reconciler:
    async def journal() -> dict[str, Any]:
        return {}

    return Reconciler(
        process=PROCESS,
        store=centre.store,
        switches={"pbx": centre.switch},
        configuration=lambda: CONFIGURATION,
        journal=journal,
        known=dict,
        driven=centre.flows.records,
        start=centre.flows.start,
    )


async def parted(centre: Centre) -> None:
    """Caller and agent talk, the store is away, and the agent hangs up."""
    centre.store_is_ready.clear()
    await centre.ringing("anna")
    centre.phone("anna").answer()

    async def together() -> bool:
        return all(channel.bridge for channel in centre.pbx.channels.values())

    await centre.until(together)
    centre.phone("anna").hang_up()

    async def nobody_alone() -> bool:
        return not centre.pbx.channels

    await centre.until(nobody_alone)


async def test_a_talk_whose_commit_was_not_answered_is_one_after_the_store_was_rebuilt() -> None:
    async with opened(ConnectsUnheard) as centre:
        await parted(centre)
        await rebuilt_by(centre).ready_epoch()
        centre.store_is_ready.set()
        await lets_go(centre)
        [ended] = [event.call for event in centre.store.world.events if isinstance(event, CallEnded)]

        assert (ended.end_reason, ended.agent, ended.ended_by) == ("completed", "anna", "agent")
        assert ended.connected_at is not None


async def test_a_talk_is_booked_with_its_agent_even_if_another_process_rebuilt_the_store_without_it() -> None:
    async with opened(ConnectsUnheard) as centre:
        await parted(centre)
        await replace(rebuilt_by(centre), driven=dict).ready_epoch()
        centre.store_is_ready.set()
        await lets_go(centre)
        told = [type(event).__name__ for event in centre.store.world.events]
        [ended] = [event.call for event in centre.store.world.events if isinstance(event, CallEnded)]

        assert (ended.end_reason, ended.agent, ended.ended_by) == ("completed", "anna", "agent")
        assert ended.connected_at is not None
        assert "CallQueued" not in told, "nobody may be offered a caller who is gone"


async def test_a_talk_whose_commit_did_not_reach_the_store_is_committed_before_its_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ConnectsUnheard, "forgets", False)
    async with opened(ConnectsUnheard) as centre:
        await parted(centre)
        monkeypatch.setattr(ConnectsUnheard, "connect", MemoryStore.connect)
        centre.store_is_ready.set()
        ended = (await centre.until_ended()).call

        assert (ended.end_reason, ended.agent, ended.ended_by) == ("completed", "anna", "agent")
        assert ended.connected_at is not None


# --- the switch, and faults of ours -----------------------------------------------------------------------------------


async def test_a_caller_who_goes_while_being_adopted_has_left() -> None:
    class ShowsWhoIsGone(HeldCalls):
        """Its first look shows a caller, in another's hands, who is gone before the next word."""

        async def look_at(self, channel: str) -> FoundChannel | None:
            seen = await super().look_at(channel)
            if seen is not None and channel == "c1":
                self._pbx.cut(PROCESS)  # the end is not heard of
                self._pbx.caller_hangs_up(channel)
                self._pbx.mend(PROCESS)
                return replace(seen, application=OTHER)
            return seen

    with capture_logs() as logs:
        async with opened(switch_kind=ShowsWhoIsGone) as centre:
            centre.flows.look_again()
            ended = await centre.until_ended()

    assert ended.call.end_reason == "abandoned"
    assert [entry["event"] for entry in logs if entry["log_level"] == "error"] == []


class Faulty(MemoryStore):
    """Reading a call's record fails so many times."""

    faults = 0

    async def call(self, call: str) -> Call | None:
        if self.faults:
            self.faults -= 1
            raise RuntimeError("a fault of ours")
        return await super().call(call)


@pytest.fixture
def hurry(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Faults follow one another at once, and their traces are not drawn."""
    monkeypatch.setattr(persistence, "PAUSES_S", (0.001,) * len(persistence.PAUSES_S))
    with capture_logs():
        yield


async def test_a_flow_that_failed_is_begun_again(hurry: None) -> None:
    async with opened(Faulty) as centre:
        assert isinstance(centre.store, Faulty)
        [offer] = await centre.ringing("anna")
        centre.store.faults = len(persistence.PAUSES_S)
        centre.flows.look_again()

        async def tried() -> bool:
            assert isinstance(centre.store, Faulty)
            return not centre.store.faults

        await centre.until(tried)
        centre.phone("anna").answer()
        await centre.until_state(CallState.CONNECTED)
        talks = await centre.call()
        centre.pbx.caller_hangs_up("c1")
        ended = await centre.until_ended()

        assert talks.offer == offer.id
        assert ended.call.end_reason == "completed"


class NeverAgain(HeldCalls):
    """Looking at the caller fails for good, once it was told to."""

    fails = False

    async def look_at(self, channel: str) -> FoundChannel | None:
        if self.fails:
            raise SwitchRefused("it is not in the mood")
        return await super().look_at(channel)


async def test_a_flow_that_fails_for_good_ends_its_call_and_gives_the_caller_to_the_fallback(hurry: None) -> None:
    async with opened(switch_kind=NeverAgain) as centre:
        assert isinstance(centre.switch, NeverAgain)
        await centre.ringing("anna")
        centre.switch.fails = True
        centre.flows.look_again()
        ended = await centre.until_ended()
        await lets_go(centre)
        alerts = [event for event in centre.store.world.events if isinstance(event, AlertRaised)]

        assert (ended.call.end_reason, ended.call.ended_by) == (EndReason.FAILED, EndedBy.SYSTEM)
        assert centre.pbx.given_back == {"c1": "FAILED"}
        assert not centre.phone("anna").rings
        assert [alert.alert for alert in alerts] == [AlertKind.CALL_FAILED]
        assert "c1" in alerts[0].text
        assert "not in the mood" in alerts[0].text


async def test_who_talks_is_not_cut_off_by_a_fault(hurry: None) -> None:
    async with opened(switch_kind=NeverAgain) as centre:
        assert isinstance(centre.switch, NeverAgain)
        await centre.ringing("anna")
        centre.phone("anna").answer()
        await centre.until_state(CallState.CONNECTED)
        centre.switch.fails = True
        centre.flows.look_again()

        async def alerted() -> bool:
            return any(isinstance(event, AlertRaised) for event in centre.store.world.events)

        await centre.until(alerted)
        await asyncio.sleep(0.05)
        talks, alerts = centre.phone("anna").talks, [e for e in centre.events if isinstance(e, AlertRaised)]
        centre.switch.fails = False
        centre.pbx.caller_hangs_up("c1")
        ended = await centre.until_ended()

        assert talks
        assert len(alerts) == 1
        assert ended.call.end_reason == "completed"
