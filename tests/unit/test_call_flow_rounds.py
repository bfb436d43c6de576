"""A call's flow while several phones ring: whatever the order in which it hears of things, one agent has the caller."""

from __future__ import annotations

from acd.agent import AgentActivity, AgentStatus
from acd.call import CallState, EndedBy, EndReason
from acd.offer import OfferOutcome
from acd.ports import CallChange, Reservation
from tests.unit.flow_centre import AGENTS, PROCESS, opened


async def test_losers_are_cancelled_only_once_caller_and_winner_are_together() -> None:
    async with opened() as centre:
        centre.switch.may_join.clear()
        await centre.ringing(*AGENTS)
        centre.phone("ben").answer()
        await centre.until_state(CallState.CONNECTING)
        still_ringing = [centre.phone(agent).rings for agent in ("anna", "carla")]
        centre.switch.may_join.set()
        await centre.until_state(CallState.CONNECTED)
        centre.pbx.caller_hangs_up("c1")
        ended = await centre.until_ended()

        assert still_ringing == [True, True]
        assert (ended.call.end_reason, ended.call.ended_by, ended.call.agent) == ("completed", "caller", "ben")
        assert centre.outcomes() == {
            "anna": OfferOutcome.ANSWERED_ELSEWHERE,
            "carla": OfferOutcome.ANSWERED_ELSEWHERE,
        }


async def test_old_news_of_a_loser_does_not_undo_the_conversation() -> None:
    """Carla's phone stops ringing while Ben is being joined; that is heard of when he talks already."""
    async with opened() as centre:
        centre.switch.may_join.clear()
        await centre.ringing("ben", "carla")
        centre.phone("ben").answer()
        await centre.until_state(CallState.CONNECTING)
        centre.held = []
        centre.phone("carla").decline()
        centre.switch.may_join.set()
        await centre.until_state(CallState.CONNECTED)
        centre.let_go()
        centre.pbx.caller_hangs_up("c1")
        ended = await centre.until_ended()

        assert (ended.call.end_reason, ended.call.ended_by) == (EndReason.COMPLETED, EndedBy.CALLER)
        assert centre.outcomes() == {"carla": OfferOutcome.REJECTED}


async def test_news_of_another_phone_that_come_after_the_answer_do_not_undo_it() -> None:
    async with opened() as centre:
        await centre.ringing("anna")
        centre.held = []
        await centre.store.reserve(Reservation(call="c1", agents=["ben"], width=2, lease_ms=60_000))
        centre.switch.may_join.clear()
        centre.phone("anna").answer()
        await centre.until_state(CallState.CONNECTING)
        centre.let_go()
        centre.switch.may_join.set()
        await centre.until_state(CallState.CONNECTED)
        talks = await centre.call()
        centre.phone("anna").hang_up()
        ended = await centre.until_ended()

        assert talks.agent == "anna"
        assert (ended.call.end_reason, ended.call.ended_by) == ("completed", "agent")
        assert centre.outcomes() == {"ben": OfferOutcome.ANSWERED_ELSEWHERE}


async def test_whoever_answers_second_is_hung_up_and_free_before_the_bridge_and_stays_so_if_the_winner_drops() -> None:
    async with opened() as centre:
        centre.switch.joins = False  # neither is seen in the bridge
        await centre.ringing("anna", "ben")
        centre.phone("anna").answer()
        await centre.until_state(CallState.CONNECTING)
        centre.phone("ben").answer()

        async def ben_is_free() -> bool:
            return await centre.activity("ben") is AgentActivity.IDLE and not centre.phone("ben").talks

        await centre.until(ben_is_free)
        connecting = await centre.call()
        centre.phone("anna").hang_up()
        await centre.until_state(CallState.QUEUED)
        ben = await centre.store.agent("ben")
        centre.pbx.caller_hangs_up("c1")
        await centre.until_ended()

        assert (connecting.state, connecting.agent) == (CallState.CONNECTING, "anna")
        assert ben is not None
        assert (ben.missed, ben.cool_until, ben.status) == (0, 0, AgentStatus.READY)
        assert centre.outcomes() == {"ben": OfferOutcome.ANSWERED_ELSEWHERE, "anna": OfferOutcome.DROPPED}


async def test_a_winner_who_drops_leaves_the_others_ringing() -> None:
    async with opened() as centre:
        centre.switch.may_join.clear()
        await centre.ringing("anna", "ben")
        centre.phone("anna").answer()
        await centre.until_state(CallState.CONNECTING)
        centre.phone("anna").hang_up()
        centre.switch.may_join.set()
        await centre.until_state(CallState.OFFERED)
        waits = await centre.call()
        rings = centre.phone("ben").rings
        music = centre.pbx.channels["c1"].music
        centre.phone("ben").answer()
        await centre.until_state(CallState.CONNECTED)
        centre.pbx.caller_hangs_up("c1")
        ended = await centre.until_ended()

        assert list(waits.offers.values()) == ["ben"]
        assert rings
        assert music == "default"
        assert ended.call.agent == "ben"
        assert centre.outcomes() == {"anna": OfferOutcome.DROPPED}


async def test_a_caller_who_leaves_silences_every_phone() -> None:
    async with opened() as centre:
        await centre.ringing(*AGENTS)
        centre.pbx.caller_hangs_up("c1")
        ended = await centre.until_ended()

        assert ended.call.end_reason == "abandoned"
        assert not any(centre.phone(agent).rings for agent in AGENTS)
        assert set(centre.outcomes().values()) == {OfferOutcome.CALLER_LEFT}


async def test_too_many_missed_offers_put_the_agent_on_break() -> None:
    async with opened() as centre:
        await centre.ringing("anna")
        centre.phone("anna").decline()
        await centre.until_state(CallState.QUEUED)
        anna = await centre.store.agent("anna")
        centre.pbx.caller_hangs_up("c1")
        await centre.until_ended()

        assert anna is not None
        assert (anna.status, anna.break_reason) == (AgentStatus.ON_BREAK, "missed_calls")


async def test_a_change_reaches_channel_and_music() -> None:
    async with opened() as centre:
        change = CallChange(queue="billing", priority=3, requires="german", preferred_agent="anna", preferred_for_s=9)
        await centre.store.change_call("c1", change)

        async def jazz() -> bool:
            return centre.pbx.channels["c1"].music == "jazz"

        await centre.until(jazz)
        written = centre.pbx.channels["c1"].request
        centre.pbx.caller_hangs_up("c1")
        await centre.until_ended()

        assert written is not None
        assert (written.queue, written.priority, written.requires) == ("billing", 3, "german")
        assert (written.preferred_agent, written.preferred_for_s) == ("anna", 9)


async def test_a_withdrawn_caller_is_given_back_to_the_dialplan() -> None:
    async with opened() as centre:
        await centre.ringing("anna", "ben")
        await centre.store.end_call("c1", EndReason.WITHDRAWN, owner=PROCESS, by=EndedBy.SYSTEM)
        await centre.until_ended()

        assert centre.pbx.given_back == {"c1": "WITHDRAWN"}
        assert not any(centre.phone(agent).rings for agent in AGENTS)
