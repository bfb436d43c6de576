"""The bare Stasis application, the yardstick of a race: what call distribution over ARI costs at the very least.

Callers first come first served, the agent who has been idle longest, one originated leg, one mixing bridge. Nothing is
stored, nothing is told, nothing survives: it reads one WebSocket, sends its requests by the same, and ends with it.
Run as a program of its own, it is told what to do by the environment (``FLOOR_APP``, JSON, see ``Told``), says that it
is ready as to systemd, and takes SIGUSR1 as the word that all agents are at their phones.
"""

from __future__ import annotations

import asyncio
import heapq
import os
import signal
import socket
import sys
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count

import aiohttp
import msgspec
import uvloop

__all__ = ["APPLICATION", "CALLER", "Floor", "Told", "main"]

APPLICATION = "floor"
CALLER = "caller"
"""First argument of a caller's entry."""
LEG = "leg"
FILTER_REQUEST = "filter"
REST_S = 1.0
"""How long an agent whose phone refused, or was not answered, is left alone: as long as app_queue's shortest."""


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What the program has to know."""

    url: str
    """Of ARI, without a slash at its end."""
    user: str
    password: str
    agents: tuple[tuple[str, float], ...]
    """Endpoints, such as ``PJSIP/1001``, each with its wrap-up in seconds."""
    ring_timeout_s: int
    music_class: str
    """Empty: callers wait in silence."""
    quiet: tuple[str, ...]
    """Types of events that Asterisk shall not send: those that it does not send to the product either."""


class _Caller(msgspec.Struct, frozen=True, gc=False):
    number: str = ""


class _Channel(msgspec.Struct, gc=False):
    id: str
    caller: _Caller = _Caller()


class _Event(msgspec.Struct, gc=False):
    """The fields that are needed of any event; all others are skipped unread."""

    type: str
    channel: _Channel | None = None
    args: tuple[str, ...] = ()
    request_id: str = ""
    status_code: int = 0


class _Query(msgspec.Struct, gc=False):
    name: str
    value: str


class _Request(msgspec.Struct, tag_field="type", tag="RESTRequest", omit_defaults=True, gc=False):
    method: str
    uri: str
    request_id: str = ""
    query_strings: tuple[_Query, ...] = ()
    content_type: str = ""
    message_body: str = ""


@dataclass(slots=True, eq=False)
class _Agent:
    endpoint: str
    wrap_up_s: float


@dataclass(slots=True, eq=False)
class _Call:
    channel: str
    number: str
    place: int
    """In the line; kept when an offer comes to nothing."""
    leg: _Leg | None = None
    bridge: str = ""
    gone: bool = False


@dataclass(slots=True, eq=False)
class _Leg:
    channel: str
    agent: _Agent
    call: _Call
    cancelled: bool = False


class Floor:
    """Who waits, who is idle, who talks. ``send`` takes requests; ``heard`` is given every message."""

    def __init__(self, told: Told, send: Callable[[bytes], None]) -> None:
        self._told = told
        self._send = send
        self._idle: deque[_Agent] = deque()
        self._line: list[tuple[int, _Call]] = []
        self._calls: dict[str, _Call] = {}
        self._legs: dict[str, _Leg] = {}
        self._numbers = count(1)
        self._encode = msgspec.json.Encoder().encode
        self._decode = msgspec.json.Decoder(_Event).decode
        self.filtered = asyncio.Event()

    # --- the world ----------------------------------------------------------------------------------------------------

    def begin(self) -> None:
        """Ask for the filter; ``filtered`` is set when it is in force."""
        unwanted = {"disallowed": [{"type": kind} for kind in self._told.quiet]}
        body = self._encode(unwanted).decode()
        self._ask("PUT", f"applications/{APPLICATION}/eventFilter", request_id=FILTER_REQUEST, body=body)

    def staff(self) -> None:
        """All agents are at their phones."""
        for endpoint, wrap_up_s in self._told.agents:
            self._free(_Agent(endpoint, wrap_up_s))

    def heard(self, text: bytes | str) -> None:
        """One message of Asterisk's."""
        event = self._decode(text)
        kind, channel = event.type, event.channel
        if kind == "RESTResponse":
            self._answered(event)
        elif channel is not None and kind == "StasisStart":
            self._started(channel, event.args)
        elif channel is not None and kind in ("StasisEnd", "ChannelDestroyed"):
            self._ended(channel.id)

    def _ask(self, method: str, uri: str, request_id: str = "", body: str = "", **query: str) -> None:
        queries = tuple([_Query(name, value) for name, value in query.items()])
        kind = "application/json" if body else ""
        self._send(self._encode(_Request(method, uri, request_id, queries, kind, body)))

    # --- what happens -------------------------------------------------------------------------------------------------

    def _started(self, channel: _Channel, args: tuple[str, ...]) -> None:
        if args[:1] == (CALLER,):
            self._caller_came(_Call(channel.id, channel.caller.number, next(self._numbers)))
        elif (leg := self._legs.get(channel.id)) is not None and not leg.cancelled:
            self._connect(leg)

    def _ended(self, channel: str) -> None:
        """The first word of a channel's end counts; later ones find nothing."""
        if (call := self._calls.pop(channel, None)) is not None:
            self._caller_left(call)
        elif (leg := self._legs.pop(channel, None)) is not None:
            self._leg_over(leg)

    def _answered(self, response: _Event) -> None:
        """Refusals are told by events, too, but for two: of a leg that was never made, and of the filter."""
        if response.request_id == FILTER_REQUEST:
            if response.status_code >= 400:
                sys.exit(f"Asterisk refused the filter: {response.status_code}")
            self.filtered.set()
        elif response.request_id and response.status_code >= 400:
            self._ended(response.request_id)

    # --- callers ------------------------------------------------------------------------------------------------------

    def _caller_came(self, call: _Call) -> None:
        self._calls[call.channel] = call
        self._ask("POST", f"channels/{call.channel}/answer")
        if self._told.music_class:
            self._ask("POST", f"channels/{call.channel}/moh", mohClass=self._told.music_class)
        self._line_up(call)
        self._match()

    def _line_up(self, call: _Call) -> None:
        heapq.heappush(self._line, (call.place, call))

    def _caller_left(self, call: _Call) -> None:
        call.gone = True
        if call.leg is not None:
            call.leg.cancelled = True
            self._ask("DELETE", f"channels/{call.leg.channel}")
        if call.bridge:
            self._ask("DELETE", f"bridges/{call.bridge}")

    # --- agents -------------------------------------------------------------------------------------------------------

    def _free(self, agent: _Agent) -> None:
        self._idle.append(agent)
        self._match()

    def _match(self) -> None:
        while self._line and self._idle:
            _, call = heapq.heappop(self._line)
            if not call.gone:
                self._offer(call, self._idle.popleft())

    def _offer(self, call: _Call, agent: _Agent) -> None:
        leg = call.leg = _Leg(f"{APPLICATION}-{next(self._numbers)}", agent, call)
        self._legs[leg.channel] = leg
        self._ask(
            "POST",
            "channels",
            leg.channel,
            channelId=leg.channel,
            endpoint=agent.endpoint,
            app=APPLICATION,
            appArgs=LEG,
            originator=call.channel,
            callerId=call.number,
            timeout=str(self._told.ring_timeout_s),
        )

    def _connect(self, leg: _Leg) -> None:
        call = leg.call
        call.bridge = f"{leg.channel}-bridge"
        if self._told.music_class:  # or it would be heard instead of the agent
            self._ask("DELETE", f"channels/{call.channel}/moh")
        self._ask("POST", f"bridges/{call.bridge}", type="mixing")
        self._ask("POST", f"bridges/{call.bridge}/addChannel", channel=f"{call.channel},{leg.channel}")

    def _leg_over(self, leg: _Leg) -> None:
        call, missed = leg.call, not leg.call.bridge and not leg.cancelled
        call.leg = None
        self._rest(leg.agent, REST_S if missed else leg.agent.wrap_up_s if call.bridge else 0.0)
        if call.gone:
            return
        if missed:
            self._line_up(call)
            self._match()
        else:
            self._ask("DELETE", f"channels/{call.channel}")

    def _rest(self, agent: _Agent, seconds: float) -> None:
        if seconds:
            asyncio.get_running_loop().call_later(seconds, self._free, agent)
        else:
            self._free(agent)


# --- the program ------------------------------------------------------------------------------------------------------


async def serve(told: Told) -> None:
    """Until the socket is closed, or for ever."""
    login = {"Authorization": aiohttp.encode_basic_auth(told.user, told.password)}
    requests: list[bytes] = []
    news = asyncio.Event()

    def send(request: bytes) -> None:
        requests.append(request)
        news.set()

    floor = Floor(told, send)
    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, floor.staff)
    async with (
        aiohttp.ClientSession(headers=login) as http,
        http.ws_connect(f"{told.url}/events", params={"app": APPLICATION}, max_msg_size=0, decode_text=False) as events,
        asyncio.TaskGroup() as tasks,
    ):
        tasks.create_task(_write(events, requests, news))
        tasks.create_task(_say_ready(floor))
        floor.begin()
        async for message in events:
            floor.heard(message.data)
        sys.exit("Asterisk closed the socket")


async def _write(events: aiohttp.ClientWebSocketResponse[bool], requests: list[bytes], news: asyncio.Event) -> None:
    while await news.wait():
        news.clear()
        batch = requests.copy()
        requests.clear()
        for request in batch:
            await events.send_frame(request, aiohttp.WSMsgType.TEXT)


async def _say_ready(floor: Floor) -> None:
    await floor.filtered.wait()
    if address := os.environ.get("NOTIFY_SOCKET"):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
            channel.sendto(b"READY=1", address.replace("@", "\0", 1))


def main() -> None:
    """Run as told by the environment."""
    told = msgspec.json.decode(os.environ["FLOOR_APP"], type=Told)
    uvloop.run(serve(told))


if __name__ == "__main__":
    main()
