"""Call control on one Asterisk: ``acd.ports.Calls`` in ARI's words, with its traps kept inside."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import TypeVar

import structlog

from acd.agent import AgentProfile
from acd.call import Call
from acd.errors import PhoneUnreachable
from acd.offer import Offer
from acd.ports import ChannelEnded, FoundChannel, LegCreated, LegInTheWay, Signal, SwitchRefused
from stasis_app.ari import Ari
from stasis_app.ari.errors import (
    AriError,
    AriRefused,
    AriTimeout,
    AriUnavailable,
    Conflict,
    NotFound,
    ServerError,
    UnreadableReply,
)
from stasis_app.ari.generated_models import Channel
from stasis_app.ari.generated_operations import Operations
from stasis_app.asterisk.phones import endpoint_of
from stasis_app.asterisk.signals import SignalBoard
from stasis_app.asterisk.whereabouts import Whereabouts
from stasis_app.asterisk.words import (
    ADOPTED,
    BRIDGE_PREFIX,
    ENTRY,
    FALLBACK_CONTEXT,
    LEG_PREFIX,
    NEXT_EVENT,
    OFFER,
    OFFER_HEADER,
    OFFER_VARIABLE,
    REQUEST_VARIABLE,
    RESULT_VARIABLE,
    request_of,
    request_text,
)
from stasis_app.first_error import first_error

log = structlog.get_logger(__name__)
T = TypeVar("T")

LEG_START_LIMIT_S = 3.0
"""How long a new leg may take to enter our application."""
OLD_LEG_LIMIT_S = 2.0
"""How long an agent's earlier leg may take to be gone."""
AWAY_RETRY_S = 0.2
LOOKS_AT_ONCE = 20


class AsteriskCalls:
    """Implements ``acd.ports.Calls``, where each is explained. Commands of one channel keep their order."""

    def __init__(
        self,
        node: str,
        ari: Ari,
        board: SignalBoard,
        whereabouts: Whereabouts,
        entered: Callable[[Channel, Sequence[str]], Call | None],
        uncallable: Callable[[AgentProfile], None],
    ) -> None:
        """``entered`` makes a record of a channel and the word it dialled; ``uncallable`` is told of a phone that has
        no contact."""
        self.node = node
        self._ari = ari
        self._board = board
        self._whereabouts = whereabouts
        self._entered = entered
        self._uncallable = uncallable
        self._life = ""
        self._life_seen_on = 0
        """The connection on which the life was asked for."""

    @property
    def life(self) -> str:
        """Asterisk's time of start, as of the last look."""
        return self._life

    async def see_life(self) -> None:
        """Ask, once a connection, whether Asterisk was started anew: its channels ended without a word then, and nobody
        need wait for their ends. Raises AriError."""
        connection = self._ari.events.connections
        if self._life_seen_on == connection:
            return
        status = (await self._ari.asterisk.getInfo(only=("status",))).status
        life = status.startup_time if status else ""
        if self._life not in ("", life):
            log.warning("asterisk was started anew; its calls are over", node=self.node, started=life)
            self._board.legs.clear()
        self._life, self._life_seen_on = life, connection

    def listen(self, channel: str, hear: Callable[[Signal], None]) -> Callable[[], None]:
        """Hear of this channel until the returned function is called."""
        return self._board.listen(channel, hear)

    def _in_order(self, channel: str) -> Operations:
        """Operations that keep the order of this channel's commands. A leg's do not queue behind the caller's: Asterisk
        carries a command out when the channel's thread comes round to it, and answering takes a while."""
        return self._ari.bound(channel)

    # --- the caller ---------------------------------------------------------------------------------------------------

    async def answer(self, channel: str) -> None:
        """Pick up the caller; one that is up already is fine."""
        with _refusals():
            await self._in_order(channel).channels.answer(channelId=channel)

    async def write_request(self, call: Call) -> None:
        """Leave the call's record on the caller's channel."""
        with _refusals():
            await self._in_order(call.id).channels.setChannelVars(
                channelId=call.id, variables={REQUEST_VARIABLE: request_text(call)}
            )

    async def start_music(self, channel: str, music_class: str) -> None:
        """Play music until ``stop_music`` or ``join``."""
        with _refusals():
            await self._in_order(channel).channels.startMoh(channelId=channel, mohClass=music_class)

    async def stop_music(self, channel: str) -> None:
        """Stop it; a channel without music, or gone, is fine."""
        with _refusals(tolerated=(AriError,)):
            await self._in_order(channel).channels.stopMoh(channelId=channel)

    async def leave(self, channel: str, result: str) -> None:
        """Give the caller back to the dialplan, after the line that brought it here; one that is gone is fine."""
        await self._continue(channel, result, context=None, extension=None)

    async def give_to_fallback(self, channel: str, result: str) -> None:
        """Give the caller to the dialplan's net: app_queue, as if no ACD had claimed the call."""
        await self._continue(channel, result, context=FALLBACK_CONTEXT, extension="s")

    async def _continue(self, channel: str, result: str, *, context: str | None, extension: str | None) -> None:
        with _refusals(tolerated=(AriError,)):
            operations = self._in_order(channel)
            await operations.channels.setChannelVars(channelId=channel, variables={RESULT_VARIABLE: result})
            await operations.channels.continueInDialplan(
                channelId=channel, context=context, extension=extension, priority=1 if context else None
            )

    # --- the agent's leg ----------------------------------------------------------------------------------------------

    async def create_leg(self, offer: Offer, call: Call, agent: AgentProfile) -> None:
        """Make the agent's leg, and wait until it is in our application: a dial before that is refused.

        Asterisk keeps books by channel id, and closes them some time after it lets the id be used again: a leg that is
        made in between loses its events, and is told the end of the earlier one. So one whose end has not been heard
        of is in the way even if Asterisk would make another.
        """
        if offer.leg in self._board.legs:
            raise await self._in_the_way(offer)
        await self._books_closed(offer.leg)
        started = asyncio.Event()

        def hear(signal: Signal) -> None:
            if isinstance(signal, LegCreated) and signal.offer == offer.id:
                started.set()

        stop = self.listen(offer.leg, hear)
        try:
            with _refusals(unreachable=f"{endpoint_of(agent)} has no contact"):
                await self._create(offer, call, agent)
            async with asyncio.timeout(LEG_START_LIMIT_S):
                await started.wait()
        except PhoneUnreachable:
            self._uncallable(agent)
            raise
        except TimeoutError:
            await self.hang_up(offer.leg, offer=offer.id)
            raise SwitchRefused(f"leg {offer.leg} did not enter the application") from None
        finally:
            stop()

    async def _books_closed(self, leg: str) -> None:
        """Wait until Asterisk has done with this agent's earlier leg: see ``SignalBoard.is_closing``. Under load its
        next event has come by now, and says so; where all is quiet it is asked for one."""
        if not self._board.is_closing(leg):
            return
        with suppress(AriError, TimeoutError):
            async with asyncio.timeout(OLD_LEG_LIMIT_S):
                await self._ari.events.userEvent(eventName=NEXT_EVENT, application=self._ari.app)
                await self._board.closed(leg)

    async def _create(self, offer: Offer, call: Call, agent: AgentProfile) -> None:
        # Asterisk describes channels from a cache by id. While an earlier leg of the same id is just ending, the new
        # one's entry may go with it: the answer is empty, the leg is there, and its entry tells.
        try:
            with suppress(UnreadableReply):
                await self._in_order(offer.leg).channels.create(
                    endpoint=endpoint_of(agent),
                    app=self._ari.app,
                    appArgs=f"{OFFER},{offer.id}",
                    channelId=offer.leg,
                    originator=call.id,
                    variables={OFFER_VARIABLE: offer.id, f"PJSIP_HEADER(add,{OFFER_HEADER})": offer.id},
                )
        except Conflict:
            raise await self._in_the_way(offer) from None

    async def _in_the_way(self, offer: Offer) -> LegInTheWay:
        return LegInTheWay(offer.leg, await self._variable(self._in_order(offer.leg), offer.leg, OFFER_VARIABLE))

    async def make_way(self, offer: Offer, made_for: str | None) -> None:
        """End the earlier leg, and wait until its end was heard of, or cannot be."""
        if made_for == offer.id:
            raise SwitchRefused(f"{offer.leg} was made for {offer.id} already, by another process")
        leg, ended = offer.leg, asyncio.Event()
        ours = leg in self._board.legs
        stop = self.listen(leg, lambda signal: ended.set() if isinstance(signal, ChannelEnded) else None)
        try:
            if not ours:
                with suppress(AriRefused):  # gone already; of another process's leg we would not hear otherwise
                    source = [f"channel:{leg}"]
                    await self._ari.applications.subscribe(applicationName=self._ari.app, eventSource=source)
            async with asyncio.timeout(OLD_LEG_LIMIT_S):
                if made_for is not None:
                    await self.hang_up(leg, offer=made_for)
                if ours or await self.look_at(leg) is not None:
                    await ended.wait()
        except TimeoutError:  # its end was missed while events did not come, or creating will say that it is there
            self._board.legs.discard(leg)
        finally:
            stop()

    async def dial_leg(self, offer: Offer, call: Call, *, timeout_s: int) -> None:
        """Call the phone; Asterisk ends it after ``timeout_s`` by itself."""
        with _refusals():
            await self._in_order(offer.leg).channels.dial(channelId=offer.leg, caller=call.id, timeout=timeout_s)

    # --- together -----------------------------------------------------------------------------------------------------

    async def join(self, call: Call, leg: str) -> None:
        """Stop the music first: music that plays on in a bridge drowns the agent. The three commands are sent at once,
        and carried out in this order."""
        with first_error():
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self.stop_music(call.id))
                tasks.create_task(self._make_bridge(call))
                tasks.create_task(self._add_both(call, leg))

    async def _make_bridge(self, call: Call) -> None:
        with _refusals(tolerated=(Conflict,)):  # it is there after a crash, or if the call was with an agent before
            await self._in_order(call.id).bridges.createWithId(bridgeId=call.bridge, type="mixing", name=self._ari.app)

    async def _add_both(self, call: Call, leg: str) -> None:
        with _refusals():
            await self._in_order(call.id).bridges.addChannel(bridgeId=call.bridge, channel=[call.id, leg])

    async def hang_up(self, channel: str, *, offer: str | None = None, answered_elsewhere: bool = False) -> None:
        """End a channel, or only the leg of this offer; one that is gone is fine."""
        reason = "answered_elsewhere" if answered_elsewhere else "normal"
        with _refusals(tolerated=(AriError,)):
            operations = self._in_order(channel)
            if offer is not None and await self._variable(operations, channel, OFFER_VARIABLE) != offer:
                return
            await operations.channels.hangup(channelId=channel, reason=reason)

    async def destroy_bridge(self, bridge: str) -> None:
        """Remove a call's bridge; one that is gone, or was never made, is fine."""
        with _refusals(tolerated=(AriError,)):
            await self._in_order(bridge.removeprefix(BRIDGE_PREFIX)).bridges.destroy(bridgeId=bridge)

    async def adopt(self, channel: str) -> None:
        """Move a channel into our application. What it takes to hear of its end and of its bridge is asked for first: a
        channel that moved is no more subscribed than one that was never ours."""
        bridge = self._whereabouts.bridge.get(channel)
        sources = [f"channel:{channel}", *([f"bridge:{bridge}"] if bridge else [])]
        with _refusals():
            await self._ari.applications.subscribe(applicationName=self._ari.app, eventSource=sources)
            await self._in_order(channel).channels.move(channelId=channel, app=self._ari.app, appArgs=ADOPTED)

    # --- looking ------------------------------------------------------------------------------------------------------

    async def look_at(self, channel: str) -> FoundChannel | None:
        """The channel now; None if it is gone. Waits while Asterisk is away."""
        return await self._patiently(lambda: self._look_at(channel))

    async def survey(self) -> Sequence[FoundChannel]:
        """Every channel in the hands of any ACD process. Waits while Asterisk is away."""
        return await self._patiently(self._survey)

    async def bridges(self) -> Mapping[str, str]:
        """The calls' bridges: id to the process that made it. Waits while Asterisk is away."""
        bridges = await self._patiently(self._ari.bridges.list)
        return {one.id: one.name for one in bridges if one.id.startswith(BRIDGE_PREFIX)}

    async def _survey(self) -> Sequence[FoundChannel]:
        channels = sorted(await self._whereabouts.read(self._ari))
        found: list[FoundChannel] = []
        room = asyncio.Semaphore(LOOKS_AT_ONCE)

        async def look(channel: str) -> None:
            async with room:
                if (seen := await self._look_at(channel)) is not None:
                    found.append(seen)

        async with asyncio.TaskGroup() as tasks:
            for channel in channels:
                tasks.create_task(look(channel))
        return sorted(found, key=lambda channel: channel.channel)

    async def _look_at(self, channel: str) -> FoundChannel | None:
        operations, ended = self._in_order(channel), asyncio.Event()
        stop = self.listen(channel, lambda signal: ended.set() if isinstance(signal, ChannelEnded) else None)
        try:
            record = await operations.channels.get(channelId=channel)
        except NotFound:
            return None
        finally:
            stop()
        is_leg = channel.startswith(LEG_PREFIX)
        application = self._whereabouts.application.get(channel, "")
        if is_leg and application == self._ari.app and not ended.is_set():
            # Made by this process before it was started anew: its end will be heard of, and the agent's next leg has
            # to wait for that as for the end of any other.
            self._board.legs.add(channel)
        offer = await self._variable(operations, channel, OFFER_VARIABLE) if is_leg else None
        return FoundChannel(
            channel=channel,
            application=application,
            answered=record.state == "Up",
            dialled=record.state != "Down",
            agent=channel.removeprefix(LEG_PREFIX) if is_leg else None,
            bridge=self._whereabouts.bridge.get(channel),
            offer=offer,
            request=None if is_leg else await self._request(operations, record),
        )

    async def _request(self, operations: Operations, record: Channel) -> Call | None:
        written = request_of(await self._variable(operations, record.id, REQUEST_VARIABLE) or "")
        if written is not None and written.id == record.id:
            return written
        _, colon, words = record.dialplan.app_data.rpartition(f"{ENTRY}:")
        return self._entered(record, words.split(":")) if colon else None

    async def _variable(self, operations: Operations, channel: str, name: str) -> str | None:
        try:
            return (await operations.channels.getChannelVar(channelId=channel, variable=name)).value
        except AriRefused:
            return None  # not set, or the channel is gone

    async def _patiently(self, ask: Callable[[], Awaitable[T]]) -> T:
        """Ask until Asterisk answers: nothing can be decided without knowing what is there."""
        while True:
            await self._ari.events.connected.wait()
            try:
                await self.see_life()
                return await ask()
            except* (AriUnavailable, AriTimeout) as away:
                log.info("asterisk is away", node=self.node, reason=str(away.exceptions[0]))
            await asyncio.sleep(AWAY_RETRY_S)


@contextmanager
def _refusals(*, tolerated: tuple[type[AriError], ...] = (), unreachable: str | None = None) -> Iterator[None]:
    """Asterisk's answers in the port's words. Being away counts as a refusal of an act, but not where an act may
    find its object gone: ``tolerated`` names what is fine."""
    try:
        yield
    except tolerated:
        pass
    except ServerError as error:
        if unreachable is not None:
            raise PhoneUnreachable(unreachable) from error
        raise SwitchRefused(str(error)) from error
    except AriError as error:
        raise SwitchRefused(str(error)) from error
