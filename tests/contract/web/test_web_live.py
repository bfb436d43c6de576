"""The event stream: a snapshot, then events in order, and to each viewer only what it may see."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
import pytest

from acd.call import EndedBy, EndReason
from stasis_app.web import live


async def next_event(socket: aiohttp.ClientWebSocketResponse, *names: str) -> dict[str, Any]:
    """The next event, or the next one of these names."""
    while True:
        message: dict[str, Any] = await socket.receive_json(timeout=5)
        if message["type"] == "event" and (not names or message["name"] in names):
            return message


async def test_an_agent_sees_the_whole_of_its_own_call_and_nothing_else(open_stage: Any) -> None:
    async with open_stage() as stage:
        await stage.ready("ann", "bob")
        ann = await stage.logged_in("ann")
        async with ann.ws_connect(f"{stage.url}/api/v1/events", headers={"Origin": stage.url}) as socket:
            snapshot = await socket.receive_json()
            await stage.waiting("c0")
            await stage.connected("c0", "bob")
            await stage.waiting("c1")
            await stage.connected("c1", "ann")
            await stage.store.end_call("c0", EndReason.COMPLETED, owner="acd-1", by=EndedBy.CALLER)
            await stage.store.end_call("c1", EndReason.COMPLETED, owner="acd-1", by=EndedBy.CALLER, wrap_up_ms=9_000)
            await stage.store.end_wrap_up("ann", by="agent")
            events = [await next_event(socket)]
            while events[-1]["name"] != "WrapUpEnded":
                events.append(await next_event(socket))

        assert [agent["id"] for agent in snapshot["agents"]] == ["ann"]
        assert [event["name"] for event in events] == [
            "OfferMade",
            "OfferDialled",
            "OfferAccepted",
            "CallConnected",
            "CallEnded",
            "WrapUpEnded",
        ]
        assert all("bob" not in str(event) and "c0" not in str(event) for event in events)
        assert events[0]["offer"]["why"] == "longest idle"
        assert events[0]["call"]["caller_name"] == "Jonas"
        assert events[3]["agent"]["activity"] == "talking"
        assert events[4]["agent"]["wrap_up_until"] is not None
        assert events[5]["detail"] == "agent"


async def test_a_supervisor_sees_everything(open_stage: Any) -> None:
    async with open_stage() as stage:
        sue = await stage.logged_in("sue")
        async with sue.ws_connect(f"{stage.url}/api/v1/events", headers={"Origin": stage.url}) as socket:
            snapshot = await socket.receive_json()
            await stage.ready("bob")
            changed = await next_event(socket, "AgentStatusChanged")
            await stage.waiting("c1")
            queued = await next_event(socket, "CallQueued")

        assert {agent["id"] for agent in snapshot["agents"]} == {"ann", "bob", "carl"}
        assert (changed["agent"]["id"], changed["detail"]) == ("bob", "logged_out")
        assert queued["call"]["owner"] == "acd-1"


async def test_a_lost_store_makes_the_listener_begin_again(open_stage: Any) -> None:
    async with open_stage() as stage:
        sue = await stage.logged_in("sue")
        async with sue.ws_connect(f"{stage.url}/api/v1/events", headers={"Origin": stage.url}) as socket:
            await socket.receive_json()
            again = asyncio.Event()
            stage.feed.subscribe(lambda _snapshot: again.set(), lambda _events: None)
            await again.wait()
            # What a new epoch does to the feed: every subscriber is handed a fresh snapshot.
            for subscriber in stage.feed._subscribers:
                subscriber.take_snapshot(await stage.store.snapshot())
            closed = await socket.receive(timeout=5)

        assert closed.type is aiohttp.WSMsgType.CLOSE
        assert closed.data == aiohttp.WSCloseCode.TRY_AGAIN_LATER


async def test_the_stream_ends_with_the_session(open_stage: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "TICK_S", 0.05)
    async with open_stage() as stage:
        ann = await stage.logged_in("ann")
        async with ann.ws_connect(f"{stage.url}/api/v1/events", headers={"Origin": stage.url}) as socket:
            await socket.receive_json()
            ticked = await socket.receive_json(timeout=5)
            await stage.ask("DELETE", "/session", by=ann)
            message = await socket.receive(timeout=5)
            while message.type is aiohttp.WSMsgType.TEXT:
                message = await socket.receive(timeout=5)

        assert ticked["type"] == "tick"
        assert message.data == aiohttp.WSCloseCode.POLICY_VIOLATION


async def test_live_listeners_do_not_keep_the_process_from_ending(open_stage: Any) -> None:
    async with open_stage() as stage:
        session = aiohttp.ClientSession()
        socket = await session.ws_connect(f"{stage.url}/api/v1/events", headers=stage.key)
        await socket.receive_json()
        listeners = len(stage.feed._subscribers)
        begun = asyncio.get_running_loop().time()
    ended = asyncio.get_running_loop().time()
    closed = await socket.receive(timeout=5)
    await session.close()

    assert ended - begun < 1.5
    assert (listeners, len(stage.feed._subscribers)) == (2, 1)
    assert closed.data == aiohttp.WSCloseCode.GOING_AWAY
