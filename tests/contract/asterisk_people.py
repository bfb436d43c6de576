"""A real Asterisk with SIPp's callers and phones, as the scenarios of the switch ask for them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

from acd.agent import AgentProfile, Phone as AgentPhone, PhoneKind
from acd.call import Call
from acd.configuration import Configuration
from acd.offer import Offer
from acd.ports import Calls
from acd.queue import Queue
from scenarios.lab.callers import Caller
from scenarios.lab.lab import Lab
from scenarios.lab.phones import Behaviour, Phone, is_offer
from stasis_app.asterisk.node import AsteriskNode, NodeAddress, NodeEars
from stasis_app.asterisk.words import OFFER_HEADER

LIMIT_S = 15.0
MUSIC_LIMIT_S = 0.5
ACCOUNTS = ("anna", "bert", "cleo", "dora")
RESULT = "CONFORMANCE"
DIALPLAN = f"""
[acd-left]
exten => {RESULT},1,Set(GLOBAL(LEFT_$[${{EPOCH}} * 0])=${{CHANNEL(uniqueid)}} ${{ACD_RESULT}})
 same => n,Hangup()
"""


def agent(name: str) -> AgentProfile:
    return AgentProfile(id=name, phone=AgentPhone(kind=PhoneKind.ENDPOINT, target=f"PJSIP/{name}"))


class People:
    """The phones of one lab: two that wait for the story, one that is busy, and one that is switched off."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self.phones = {name: lab.phone(name) for name in ACCOUNTS[:3]}

    @classmethod
    @asynccontextmanager
    async def at_work(cls) -> AsyncIterator[People]:
        async with Lab.start(redis=False, phones=ACCOUNTS, extra={"extensions.conf": DIALPLAN}) as lab:
            people = cls(lab)
            for phone in people.phones.values():
                await phone.switch_on(Behaviour.busy() if phone.name == "cleo" else Behaviour.not_answering())
            yield people


class AsteriskSetup:
    """Two processes on the lab's Asterisk: implements ``acd.testing.calls.SwitchSetup``."""

    process, other_process = "acd-1", "acd-2"
    agent, second_agent, busy_agent, absent_agent = (agent(name) for name in ACCOUNTS)

    def __init__(self, people: People) -> None:
        self._people = people
        self._lab = people.lab
        self._claimed: asyncio.Queue[Call] = asyncio.Queue()
        self._callers: dict[str, Caller] = {}
        self._news = asyncio.Event()
        self._node = self._make_node(self.process, accepts=True)
        self._other_node = self._make_node(self.other_process, accepts=False)

    def _make_node(self, process: str, *, accepts: bool) -> AsteriskNode:
        asterisk = self._lab.asterisk

        async def ignore(*_what: object) -> None:
            """Of no concern to a scenario."""

        address = NodeAddress(name="pbx", url=asterisk.ari_url, user=asterisk.ari_user, password=asterisk.ari_password)
        ears = NodeEars(
            on_caller=lambda call, _age_ms: self._claimed.put_nowait(call),
            on_bad_wishes=ignore,
            on_unknown_queue=ignore,
            on_reached=lambda _agent, _reachable: None,
            on_connected=ignore,
            accepts=lambda: accepts,
        )
        configuration = Configuration(queues={"support": Queue(name="support")})
        return AsteriskNode(address, process, lambda: configuration, ears)

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[AsteriskSetup]:
        async with self._node.serving(), self._other_node.serving():
            yield self
            for caller in self._callers.values():
                await caller.vanish()

    @property
    def calls(self) -> Calls:
        return self._node.calls

    @property
    def other(self) -> Calls:
        return self._other_node.calls

    # --- callers ------------------------------------------------------------------------------------------------------

    async def caller(self) -> Call:
        caller = await self._lab.caller("support", rtp=True)
        async with asyncio.timeout(LIMIT_S):
            call = await self._claimed.get()
        self._callers[call.id] = caller
        return call

    async def caller_hangs_up(self, call: Call) -> None:
        seen = await self.calls.look_at(call.id)
        if seen is not None and seen.answered:
            await self._callers[call.id].answered()
        await self._callers[call.id].hang_up()

    async def hears_music(self, call: Call) -> bool:
        media = self._callers[call.id].media
        assert media is not None
        with suppress(TimeoutError):
            async with asyncio.timeout(MUSIC_LIMIT_S):
                enough = media.heard[None] + 8  # what was under way when it was stopped may still come
                await media.until(lambda: media.heard[None] >= enough)
                return True
        return False

    async def back_in_dialplan(self, call: Call) -> str:
        await self.quiet()
        left = await self._node.ari.asterisk.getGlobalVar(variable="LEFT_0")
        channel, result = left.value.split()
        assert channel == call.id
        return result

    # --- agents -------------------------------------------------------------------------------------------------------

    async def answers(self, offer: Offer) -> None:
        await self._cue(offer, "INFO", after=lambda text: text.startswith("SIP/2.0 180"))

    async def declines(self, offer: Offer) -> None:
        await self._cue(offer, "MESSAGE", after=lambda text: text.startswith("SIP/2.0 180"))

    async def hangs_up(self, offer: Offer) -> None:
        await self._cue(offer, "INFO", after=lambda text: text.startswith("ACK "))

    async def _cue(self, offer: Offer, method: str, *, after: Callable[[str], bool]) -> None:
        phone: Phone = self._people.phones[offer.agent]
        async with asyncio.timeout(LIMIT_S):
            invite = await phone.trace.find(
                lambda m: is_offer(m) and m.header(OFFER_HEADER) == offer.id, f"the offer {offer.id}"
            )
            await phone.trace.find(lambda m: m.call_id == invite.call_id and after(m.text.lstrip()), "the cue")
        phone.sipp.nudge(invite.call_id, method)

    # --- waiting ------------------------------------------------------------------------------------------------------

    def news(self) -> None:
        self._news.set()

    async def until(self, holds: Callable[[], bool]) -> None:
        try:
            async with asyncio.timeout(LIMIT_S):
                while not holds():
                    await self._news.wait()
                    self._news.clear()
        except TimeoutError:
            raise AssertionError("that took too long") from None

    async def quiet(self) -> None:
        await self._lab.asterisk.idle(LIMIT_S)
