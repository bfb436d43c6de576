"""Asterisk is killed (-9) while one caller waits and one talks, and started again: its calls are over, and service is
not. They end in the books, the agents are free, and the next caller is served."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing

import aiohttp
import pytest

from acd.agent import AgentActivity, AgentStatus
from acd.events import CallEnded, OfferDialled, OfferEnded, OfferMade
from acd.offer import OfferOutcome
from scenarios.centre import PATIENCE_S, Centre, agents_at
from scenarios.lab.lab import HEALTH, Lab
from scenarios.lab.phones import Behaviour
from scenarios.stories.browser_agent_taken_away.websocket_registration import register, registration_of

QUEUE = """
[queues.support]
numbers = ["100"]
wrap_up_s = 0.5
"""
CONFIGURATION = QUEUE + agents_at("support", anna="1001") + "[agents.mia]\nqueues = []\n"
PASSWORD = "correct horse battery"
SERVED_AGAIN_WITHIN_S = 5.0
"""From Asterisk's being up: reconnecting, seeing the phone, and the call itself."""


async def written(lab: Lab, *keys: str) -> None:
    """Wait until Asterisk has these on its disk: it writes its database once a second.

    The file is read without a lock: one of ours would make Asterisk's commit fail, and it does not try again.
    """
    database = f"file:{lab.asterisk.folder / 'db' / 'astdb.sqlite3'}?mode=ro&immutable=1"

    def found(key: str) -> bool:
        try:
            with closing(sqlite3.connect(database, uri=True)) as rows:
                return bool(rows.execute("select 1 from astdb where key like ?", (f"{key}%",)).fetchone())
        except sqlite3.DatabaseError:  # caught in the middle of a write
            return False

    async with asyncio.timeout(PATIENCE_S):
        while not all(found(key) for key in keys):  # noqa: ASYNC110  # nothing tells when a file was written
            await asyncio.sleep(0.05)


async def health(centre: Centre, *, well: bool) -> None:
    """Wait until the ACD says that it has Asterisk, or has it not: nothing but asking tells."""
    async with asyncio.timeout(PATIENCE_S), aiohttp.ClientSession() as http:
        while True:
            async with http.get(centre.acd.web + HEALTH) as answer:
                if answer.ok is well:
                    return
            await asyncio.sleep(0.05)


@pytest.mark.smoke
async def test_while_one_waits_and_one_talks(lab: Lab) -> None:
    async with Centre.open(lab, CONFIGURATION) as centre:
        await centre.api().ask("POST", "users", json={"name": "mia", "password": PASSWORD, "role": "agent"})
        pushed = await registration_of(centre.acd.web, "mia", PASSWORD)
        phone = await centre.phone("1001", Behaviour(ring=0.1))
        await centre.log_in("anna")
        talking = await lab.caller("100", from_user="1")
        await centre.connected("1")
        waiting = await lab.caller("100", from_user="2")
        await centre.queued("2")
        assert await register(pushed, expires_s=60) == 200
        await written(lab, "/registrar/contact/1001;", "/ps_endpoints/endpoint/acd-phone-mia")

        await lab.asterisk.kill()
        await lab.asterisk.start()
        up_at = asyncio.get_running_loop().time()
        await talking.vanish()
        await waiting.vanish()
        talk, wait = await centre.call_ended("1"), await centre.call_ended("2")
        next_caller = await lab.caller("100", from_user="3")
        served = await centre.connected("3")
        took_s = asyncio.get_running_loop().time() - up_at
        await next_caller.hang_up()
        await centre.call_ended("3")
        await centre.nothing_left()
        quiet = await centre.until(lambda s: s.agents["anna"].activity is AgentActivity.IDLE, "anna is free")
        identity_kept = await register(pushed, expires_s=60)

        print(f"served {took_s:.1f} s after Asterisk was up")  # noqa: T201
        assert (talk.call.end_reason, talk.call.agent) == ("completed", "anna")
        assert wait.call.end_reason == "failed"
        assert {talk.call.ended_by, wait.call.ended_by} == {"system"}
        assert served.agent.id == "anna"
        assert quiet.agents["anna"].status is AgentStatus.READY
        assert took_s < SERVED_AGAIN_WITHIN_S
        assert identity_kept == 200
        assert len(phone.offers) == 2
        assert len(centre.events.of(CallEnded)) == 3


async def test_while_a_phone_rings(lab: Lab) -> None:
    async with Centre.open(lab, QUEUE + agents_at("support", anna="1001")) as centre:
        phone = await centre.phone("1001", Behaviour.not_answering())
        await centre.log_in("anna")
        ringing = await lab.caller("100", from_user="1")
        await centre.events.until(OfferDialled)
        await phone.rung()
        await written(lab, "/registrar/contact/1001;")

        await lab.asterisk.kill()
        await lab.asterisk.start()
        await ringing.vanish()
        lost = await centre.call_ended("1")
        next_caller = await lab.caller("100", from_user="2")
        await phone.rung(times=2)
        phone.answer()
        served = await centre.connected("2")
        await next_caller.hang_up()
        await centre.call_ended("2")
        await centre.nothing_left()

        assert lost.call.end_reason == "failed"
        assert [event.offer.outcome for event in centre.events.of(OfferEnded)] == [OfferOutcome.CALLER_LEFT]
        assert served.agent.id == "anna"
        assert served.agent.missed == 0
        assert len(centre.events.of(OfferMade)) == 2


async def test_a_phone_whose_registration_was_lost_with_it_is_not_called(lab: Lab) -> None:
    """The caller waits for it to register again, and is not offered to it meanwhile."""
    async with Centre.open(lab, QUEUE + agents_at("support", anna="1001")) as centre:
        phone = await centre.phone("1001", Behaviour(ring=0.1))
        await centre.log_in("anna")
        await written(lab, "/registrar/contact/1001;")

        await lab.asterisk.kill()
        await health(centre, well=False)
        with closing(sqlite3.connect(lab.asterisk.folder / "db" / "astdb.sqlite3")) as rows, rows:
            rows.execute("delete from astdb where key like '/registrar/contact/1001;%'")
        await lab.asterisk.start()
        await health(centre, well=True)  # it has found Asterisk again
        caller = await lab.caller("100", from_user="1")
        await centre.offer_ended("anna", OfferOutcome.UNREACHABLE)
        gone = await centre.until(lambda s: not s.agents["anna"].reachable, "anna is known to be gone")
        await phone.register()
        await centre.connected("1")
        await caller.hang_up()
        await centre.call_ended("1")
        await centre.nothing_left()

        assert len(gone.calls) == 1
        assert len(centre.events.of(OfferMade)) == 2
        assert len(phone.offers) == 1
