"""The ACD is killed (-9) at each state of a call and started again: nobody is cut off, overtaken or rung twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from acd.agent import AgentActivity
from acd.events import CallConnected, CallEnded, CallQueued, OfferDialled, OfferMade, WrapUpEnded
from scenarios.centre import Centre
from scenarios.lab.callers import CallEnd
from scenarios.lab.lab import Lab
from scenarios.lab.phones import Behaviour
from scenarios.lab.rtp import RtpPort

CRASH = Path(__file__).parent / "crash"
CONFIGURATION = """
[queues.support]
numbers = ["100"]
wrap_up_s = 1.5
ring_timeout_s = 15
[agents.anna]
queues = ["support"]
phone = { kind = "endpoint", target = "PJSIP/1001" }
"""


async def hears(media: RtpPort, mark: int | None) -> None:
    """Half a second more of the other's audio (None: of music)."""
    enough = media.heard[mark] + 25
    await media.until(lambda: media.heard[mark] >= enough)


async def test_while_callers_wait_they_keep_music_and_order(lab: Lab) -> None:
    async with Centre.open(lab, CONFIGURATION) as centre:
        first = await lab.caller("100", from_user="1", rtp=True)
        await centre.events.until(CallQueued)
        second = await lab.caller("100", from_user="2", rtp=True)
        await centre.events.until(CallQueued, count=2)
        assert first.media is not None

        await centre.acd.kill()
        await hears(first.media, None)
        await centre.acd.start()
        phone = await centre.phone("1001", Behaviour(ring=0.1))
        await centre.log_in("anna")
        served = await centre.events.until(CallConnected)
        await first.hang_up()
        served_next = await centre.events.until(CallConnected, count=2)
        await second.hang_up()
        await centre.nothing_left()

        assert [q.call.caller_number for q in centre.events.of(CallQueued)] == ["1", "2"]
        assert [served.call.caller_number, served_next.call.caller_number] == ["1", "2"]
        assert served.call.queued_at == centre.events.of(CallQueued)[0].call.queued_at
        assert len(phone.offers) == 2


@pytest.mark.smoke
async def test_while_the_phone_rings_it_rings_on_and_the_answer_counts(lab: Lab) -> None:
    async with Centre.open(lab, CONFIGURATION) as centre:
        phone = await centre.phone("1001", Behaviour.not_answering())
        await centre.log_in("anna")
        caller = await lab.caller("100")
        await centre.events.until(OfferDialled)
        await phone.rung()

        await centre.acd.kill()
        await centre.acd.start()
        phone.answer()
        connected = await centre.events.until(CallConnected)
        await caller.hang_up()
        await centre.events.until(CallEnded)
        await centre.nothing_left()

        assert connected.agent.id == "anna"
        assert len(phone.offers) == 1
        assert len(centre.events.of(OfferMade)) == 1


async def test_while_the_phone_rings_an_answer_given_meanwhile_is_accepted(lab: Lab) -> None:
    async with Centre.open(lab, CONFIGURATION) as centre:
        phone = await centre.phone("1001", Behaviour.not_answering())
        await centre.log_in("anna")
        caller = await lab.caller("100")
        await centre.events.until(OfferDialled)
        await phone.rung()

        await centre.acd.kill()
        phone.answer()
        await phone.trace.find(lambda m: m.method == "ACK", "an ACK")
        await centre.acd.start()
        await centre.events.until(CallConnected)
        await caller.hang_up()
        await centre.nothing_left()

        assert len(phone.offers) == 1


@pytest.mark.parametrize("point", ["join", "dial_leg", "create_leg"])
async def test_between_a_commit_and_its_act(lab: Lab, point: str, tmp_path: Path) -> None:
    """Connecting (before the bridge), and offered before the phone was dialled or its leg made."""
    struck = {"STORY_SIGNAL_AT": f"{point}:KILL", "STORY_FLAG": str(tmp_path / "struck"), "PYTHONPATH": str(CRASH)}
    async with Centre.open(lab, CONFIGURATION, env=struck) as centre:
        phone = await centre.phone("1001", Behaviour(ring=0.2))
        await centre.log_in("anna")
        caller = await lab.caller("100", rtp=True)
        await centre.acd.child.wait()
        await centre.acd.start()
        await centre.events.until(CallConnected)
        await phone.trace.find(lambda m: m.method == "ACK", "an ACK")
        await caller.hang_up()
        ended = await centre.events.until(CallEnded)
        await centre.nothing_left()

        assert ended.call.end_reason == "completed"
        assert len(phone.offers) == 1
        assert len(centre.events.of(CallQueued)) == 1


@pytest.mark.parametrize("who", ["caller", "agent"])
async def test_while_they_talk_they_talk_on(lab: Lab, who: str) -> None:
    async with Centre.open(lab, CONFIGURATION) as centre:
        phone = await centre.phone("1001", Behaviour(ring=0.1), rtp=True)
        await centre.log_in("anna")
        caller = await lab.caller("100", rtp=True)
        await centre.events.until(CallConnected)
        assert caller.media is not None
        assert phone.media is not None

        await centre.acd.kill()
        await hears(caller.media, phone.media.mark)
        await centre.acd.start()
        await hears(caller.media, phone.media.mark)
        if who == "caller":
            assert await caller.hang_up() is CallEnd.HUNG_UP
        else:
            phone.hang_up()
            assert await caller.ended() is CallEnd.HUNG_UP_ON
        ended = await centre.events.until(CallEnded)
        await centre.nothing_left()

        assert (ended.call.end_reason, ended.call.ended_by) == ("completed", who)
        assert ended.agent is not None
        assert ended.agent.activity is AgentActivity.WRAP_UP
        assert len(phone.offers) == 1


async def test_while_they_talk_an_end_meanwhile_is_noticed(lab: Lab) -> None:
    async with Centre.open(lab, CONFIGURATION) as centre:
        phone = await centre.phone("1001", Behaviour(ring=0.1))
        await centre.log_in("anna")
        caller = await lab.caller("100")
        await centre.events.until(CallConnected)

        await centre.acd.kill()
        phone.hang_up()
        await phone.trace.find(lambda m: m.method == "BYE" and m.status == 200, "the answer to a BYE")
        await centre.acd.start()
        ended = await centre.events.until(CallEnded)
        assert await caller.ended() is CallEnd.HUNG_UP_ON
        await centre.nothing_left()

        assert (ended.call.end_reason, ended.call.ended_by) == ("completed", "agent")


async def test_in_wrap_up_it_ends_in_its_time(lab: Lab) -> None:
    async with Centre.open(lab, CONFIGURATION) as centre:
        await centre.phone("1001", Behaviour(ring=0.1))
        await centre.log_in("anna")
        caller = await lab.caller("100")
        await centre.events.until(CallConnected)
        await caller.hang_up()
        ended = await centre.events.until(CallEnded)

        await centre.acd.kill()
        await centre.acd.start()
        free = await centre.events.until(WrapUpEnded)
        await centre.nothing_left()

        assert ended.agent is not None
        assert free.by == "time"
        assert free.at >= (ended.agent.wrap_up_until or 0)
        assert free.agent.activity is AgentActivity.IDLE
