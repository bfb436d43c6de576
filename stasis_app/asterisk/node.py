"""One Asterisk as this process serves it: its sessions, its callers' entry, its calls and its phones."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime

import structlog

from acd.agent import AgentProfile
from acd.call import Call
from acd.configuration import Configuration
from acd.errors import Fault
from stasis_app.ari import QUIET, Ari, AriError, Conflict, NotFound, Received
from stasis_app.ari.generated_events import CallBroadcast, StasisStart
from stasis_app.ari.generated_models import Channel
from stasis_app.asterisk.calls import AsteriskCalls
from stasis_app.asterisk.phones import AsteriskPhones, Reachability, Reached
from stasis_app.asterisk.signals import SignalBoard
from stasis_app.asterisk.whereabouts import Whereabouts
from stasis_app.asterisk.wishes import Wishes, wishes_of
from stasis_app.asterisk.words import AGENT_DIALS, ENTRY

log = structlog.get_logger(__name__)

UNHEARD = (*QUIET, "Dial")
"""Event types that Asterisk need not send: of a phone that rings the channel's state tells as well, and in order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeAddress:
    """Where an Asterisk is, and how to prove ourselves to it."""

    name: str
    url: str
    user: str
    password: str = field(repr=False)
    phone_options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeEars:
    """What the rest of the process does about what happens on a node."""

    on_caller: Callable[[Call, int], None]
    """A caller was claimed by us and is in our application, so many milliseconds after reaching this Asterisk."""
    on_bad_wishes: Callable[[Call, Sequence[Fault]], Coroutine[None, None, None]]
    """What the dialplan asks for on behalf of this caller cannot all be used; the call goes on without it."""
    on_unknown_queue: Callable[[str, str], Awaitable[None]]
    """Channel and dialled word of a caller for whom no queue is configured; still in our application."""
    on_reached: Reached
    on_connected: Callable[[str], Awaitable[None]]
    """Events may have been missed on this node: look again."""
    accepts: Callable[[], bool]
    """Whether this process may claim new callers now."""


class AsteriskNode:
    """Holds together what one Asterisk is to us. Made by ``serving``."""

    def __init__(
        self, address: NodeAddress, process: str, configuration: Callable[[], Configuration], ears: NodeEars
    ) -> None:
        self.name = address.name
        self._address = address
        self._process = process
        self._configuration = configuration
        self._ears = ears
        self._whereabouts = Whereabouts()
        self._claims: asyncio.TaskGroup | None = None
        self.reachability = Reachability(address.name, self._agents, ears.on_reached)
        self.calls: AsteriskCalls
        self.phones: AsteriskPhones
        self.ari: Ari

    def _agents(self) -> Iterable[AgentProfile]:
        return self._configuration().agents.values()

    @property
    def connected(self) -> bool:
        """Whether events come and commands go."""
        return self.ari.connected

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[None]:
        """Connect, and stay connected while the context lasts. Raises AriError if the first connection fails."""
        address = self._address
        login = (address.url, address.user, address.password)
        started = asyncio.Event()

        async def connected(_ari: Ari) -> None:
            if started.is_set():  # the first connection has nobody yet who could have missed anything
                await self._ears.on_connected(self.name)

        async with Ari.connect(*login, app=self._process, quiet=UNHEARD, on_connected=connected) as ari:
            self.ari = ari
            self._whereabouts.follow(ari)
            board = SignalBoard(ari.events.listeners)
            self.calls = AsteriskCalls(
                self.name, ari, board, self._whereabouts, self._record_of, self.reachability.doubt
            )
            self.phones = AsteriskPhones(self.name, ari, address.phone_options)
            await self._whereabouts.read(ari)
            await self.calls.see_life()
            async with asyncio.TaskGroup() as self._claims:
                ari.events.on(CallBroadcast, self._broadcast)
                ari.events.on(StasisStart, self._started)
                async with self.reachability.watching(*login, app=f"phones-{self._process}"):
                    started.set()
                    log.info("serving asterisk", node=self.name, version=ari.version, application=ari.app)
                    yield

    # --- callers come in ----------------------------------------------------------------------------------------------

    def _broadcast(self, event: Received) -> None:
        assert isinstance(event, CallBroadcast)
        if self._claims is not None and self._ears.accepts():
            self._claims.create_task(self._claim(event.channel.id))

    async def _claim(self, channel: str) -> None:
        try:
            await self.ari.events.claimChannel(channelId=channel, application=self.ari.app)
        except (Conflict, NotFound):
            log.debug("claimed by another process, or gone", channel=channel)
        except AriError as error:
            log.warning("a caller could not be claimed", channel=channel, error=str(error))

    def _started(self, event: Received) -> None:
        assert isinstance(event, StasisStart)
        if event.args[:1] == (AGENT_DIALS,) and self._claims is not None:
            self._claims.create_task(self.calls.hang_up(event.channel.id))
        if event.args[:1] != (ENTRY,):
            return
        # Asterisk splits at colons but not within brackets, which may be open; no word has a colon of its own.
        entry, *more = ":".join(event.args[1:]).split(":")
        wishes = wishes_of(more, self._configuration())
        call = self._call(event.channel, entry, wishes)
        if call is None:
            if self._claims is not None:
                self._claims.create_task(self._unknown(event.channel.id, entry))
            return
        if wishes.faults and self._claims is not None:
            self._claims.create_task(self._ears.on_bad_wishes(call, wishes.faults))
        self._ears.on_caller(call, _age_ms(event))

    async def _unknown(self, channel: str, entry: str) -> None:
        await self._ears.on_unknown_queue(channel, entry)
        await self.calls.give_to_fallback(channel, "UNKNOWN_QUEUE")

    def _record_of(self, channel: Channel, words: Sequence[str]) -> Call | None:
        """A caller's record from the words of its entry; None if they name no queue."""
        return self._call(channel, words[0], wishes_of(words[1:], self._configuration()))

    def _call(self, channel: Channel, entry: str, wishes: Wishes) -> Call | None:
        """The default call flow: the dialled word names a queue, by number or by name; None if it names none."""
        configuration = self._configuration()
        queue = configuration.queues.get(configuration.queue_of_number.get(entry, ""))
        if queue is None:
            return None
        return Call(
            id=channel.id,
            queue=queue.name,
            node=self.name,
            owner=self._process,
            caller_number=channel.caller.number,
            caller_name=channel.caller.name,
            called_number=entry,
            priority=wishes.priority,
            requires=wishes.requires,
            prefers=wishes.prefers,
            preferred_agent=wishes.preferred_agent,
            preferred_for_s=wishes.preferred_for_s,
        )


def _age_ms(event: StasisStart) -> int:
    """How long ago the channel came about when it entered, both by Asterisk's clock; 0 if Asterisk does not say."""
    try:
        born, entered = datetime.fromisoformat(event.channel.creationtime), datetime.fromisoformat(event.timestamp)
    except ValueError:
        return 0
    return max(0, round((entered - born).total_seconds() * 1000))
