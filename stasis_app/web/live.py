"""The event stream for pages: what the viewer may see now, then everything that changes it, as it happens."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Mapping

import msgspec
from aiohttp import WSCloseCode, web

from acd.agent import Agent
from acd.call import Call
from acd.configuration import Configuration
from acd.events import (
    AgentStatusChanged,
    AlertRaised,
    AnyEvent,
    ConfigurationAnnounced,
    LegEnded,
    WrapUpEnded,
)
from acd.offer import Offer
from acd.ports import Snapshot
from stasis_app.database import Role
from stasis_app.web.asked import Asked
from stasis_app.web.problems import Problem
from stasis_app.web.rules import Identity, at_least
from stasis_app.web.showing import agent_view, call_view, offer_view
from stasis_app.web.views import AgentView, CallView, OfferView

TICK_S = 15.0
"""A page that hears nothing for three of these takes the connection for dead."""


class SnapshotMessage(msgspec.Struct, frozen=True, kw_only=True, tag="snapshot", tag_field="type"):
    """The first message: all that the viewer may see at one instant."""

    id: str
    """The position in the stream from which the events go on."""
    at: int
    agents: tuple[AgentView, ...]
    calls: tuple[CallView, ...]
    offers: tuple[OfferView, ...]


class EventMessage(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="event", tag_field="type"):
    """One event, with the records that it changed as they are after it."""

    name: str
    """``CallQueued``, ``OfferMade`` …"""
    id: str
    at: int
    agent: AgentView | None = None
    call: CallView | None = None
    offer: OfferView | None = None
    detail: str = ""
    """Previous status, who ended the wrap-up, an alert's sentence, a configuration's number."""


class TickMessage(msgspec.Struct, frozen=True, kw_only=True, tag="tick", tag_field="type"):
    """The connection lives, and this is the store's time."""

    at: int


async def events(asked: Asked) -> web.StreamResponse:
    """A WebSocket: a snapshot, then events. Agents see what concerns themselves, supervisors everything."""
    if not at_least(asked.who, Role.SUPERVISOR) and asked.who.agent is None:
        raise Problem(403, "forbidden", f"{asked.who.name} is neither an agent nor a supervisor")
    socket = web.WebSocketResponse(heartbeat=TICK_S, max_msg_size=4096)
    await socket.prepare(asked.request)
    asked.kept.sockets.add(socket)
    try:
        async with asyncio.TaskGroup() as tasks:
            sender = tasks.create_task(_send(asked, socket))
            ticker = tasks.create_task(_tick(asked, socket))
            async for _ in socket:
                pass  # nothing is expected from the page: reading only notices that it left
            sender.cancel()
            ticker.cancel()
    finally:
        asked.kept.sockets.discard(socket)
    return socket


async def _send(asked: Asked, socket: web.WebSocketResponse) -> None:
    # aclosing: a page that is gone must not stay subscribed until the garbage collector comes by.
    async with contextlib.aclosing(_messages(asked)) as messages:
        with contextlib.suppress(ConnectionError):
            async for message in messages:
                await socket.send_str(msgspec.json.encode(message).decode())
    # The feed ended: we were too slow for it, or the store was rebuilt. The page connects again for a new snapshot.
    await socket.close(code=WSCloseCode.TRY_AGAIN_LATER, message=b"begin again")


async def _tick(asked: Asked, socket: web.WebSocketResponse) -> None:
    with contextlib.suppress(ConnectionError):
        while await _session_stands(asked):
            await asyncio.sleep(TICK_S)
            await socket.send_str(msgspec.json.encode(TickMessage(at=asked.services.clock.now())).decode())
    await socket.close(code=WSCloseCode.POLICY_VIOLATION, message=b"the session is over")


async def _session_stands(asked: Asked) -> bool:
    if asked.session is None:
        return True
    if not asked.kept.sessions.stands(asked.session, now=asked.services.clock.now()):
        return False
    user = await asked.services.users.user(asked.session.user)
    return user is not None and user.stamp == asked.session.stamp


async def _messages(asked: Asked) -> AsyncGenerator[SnapshotMessage | EventMessage, None]:
    async with asked.services.feed.subscribe() as subscription:
        yield snapshot_message(subscription.snapshot, asked.who, asked.configuration)
        async for batch in subscription.batches():
            for event in batch:
                message = event_message(event, asked.who, asked.configuration)
                if message is not None:
                    yield message


def snapshot_message(snapshot: Snapshot, viewer: Identity, configuration: Configuration) -> SnapshotMessage:
    """The state, as far as this viewer may see it."""
    agents: Mapping[str, Agent] = snapshot.agents
    calls: Mapping[str, Call] = snapshot.calls
    offers: Mapping[str, Offer] = snapshot.offers
    whole = at_least(viewer, Role.SUPERVISOR)
    if not whole:
        own = snapshot.agents.get(viewer.agent or "") or Agent(id=viewer.agent or "")
        agents = {own.id: own}
        calls = {own.call: call} if own.call and (call := snapshot.calls.get(own.call)) else {}
        offers = {own.offer: offer} if own.offer and (offer := snapshot.offers.get(own.offer)) else {}
    return SnapshotMessage(
        id=snapshot.position,
        at=snapshot.at,
        agents=tuple(agent_view(agent, configuration) for agent in agents.values()),
        calls=tuple(call_view(call, configuration, whole=whole) for call in calls.values()),
        offers=tuple(offer_view(offer, configuration) for offer in offers.values()),
    )


def event_message(event: AnyEvent, viewer: Identity, configuration: Configuration) -> EventMessage | None:
    """The event, if this viewer may see it."""
    agent: Agent | None = getattr(event, "agent", None)
    call: Call | None = getattr(event, "call", None)
    offer: Offer | None = getattr(event, "offer", None)
    whole = at_least(viewer, Role.SUPERVISOR)
    if not whole and not _concerns(viewer.agent, agent, call, offer):
        return None
    return EventMessage(
        name=type(event).__name__,
        id=event.id,
        at=event.at,
        agent=agent_view(agent, configuration) if agent else None,
        call=call_view(call, configuration, whole=whole) if call else None,
        offer=offer_view(offer, configuration) if offer else None,
        detail=_detail(event),
    )


def _concerns(own: str | None, agent: Agent | None, call: Call | None, offer: Offer | None) -> bool:
    # An event tells of at most one agent; the call's own field is the winner, who may hear of it when it ends.
    if agent is not None:
        return agent.id == own
    if offer is not None:
        return offer.agent == own
    return call is not None and call.agent is not None and call.agent == own


def _detail(event: AnyEvent) -> str:
    match event:
        case AgentStatusChanged():
            return event.previous
        case WrapUpEnded():
            return event.by
        case AlertRaised():
            return f"{event.alert.value}: {event.text}"
        case ConfigurationAnnounced():
            return str(event.version)
        case LegEnded():
            return event.leg.channel
        case _:
            return ""
