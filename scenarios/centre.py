"""A call centre in a lab: ACD processes, a configuration, agents at their phones, and everything that happened."""

from __future__ import annotations

import asyncio
import itertools
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

import aiohttp

from acd.events import AnyEvent, CallConnected, CallEnded, CallQueued, OfferEnded, OfferMade
from acd.offer import OfferOutcome
from acd.ports import Snapshot
from scenarios.lab.acd import Acd, notifies
from scenarios.lab.lab import Lab
from scenarios.lab.phones import Behaviour, Phone
from stasis_app.first_error import first_error
from stasis_app.redis_store import RedisStore

E = TypeVar("E")
ADDRESS = 'phone = {{ kind = "endpoint", target = "PJSIP/{}" }}'
_numbers = itertools.count(1)

GATHER_S = 0.02
"""How long events gather before they are read, so that watching costs the store little."""
PATIENCE_S = 15.0
"""How long a story waits for something that must happen."""


def agents_at(*queues: str, **phones: str) -> str:
    """TOML of agents who take these queues' calls, each with the name of a SIP phone."""
    return "".join(
        f"[agents.{agent}]\nqueues = {list(queues)}\n{ADDRESS.format(phone)}\n" for agent, phone in phones.items()
    )


class NeverHappened(AssertionError):
    """What was waited for did not come; the message has what came instead."""


class EventLog:
    """The pool's stream as it was written, from the centre's opening on."""

    def __init__(self) -> None:
        self.all: list[AnyEvent] = []
        self.keeps: tuple[type[AnyEvent], ...] | None = None
        """The kinds that are kept from now on; None for all. Listeners hear of every event."""
        self.listeners: list[Callable[[AnyEvent], None]] = []
        self._news = asyncio.Event()

    def put(self, events: Sequence[AnyEvent]) -> None:
        """Append."""
        self.all.extend(event for event in events if self.keeps is None or isinstance(event, self.keeps))
        for listener in self.listeners:
            for event in events:
                listener(event)
        self._news.set()

    def of(self, kind: type[E], matches: Callable[[E], bool] = lambda _event: True) -> list[E]:
        """All of one kind so far."""
        return [event for event in self.all if isinstance(event, kind) and matches(event)]

    def kinds(self, *without: type[AnyEvent]) -> list[str]:
        """The names of everything about calls, offers and legs so far, in order."""
        about = [e for e in self.all if hasattr(e, "offer") or hasattr(e, "call") or hasattr(e, "leg")]
        return [type(e).__name__ for e in about if type(e) not in without]

    async def until(self, kind: type[E], matches: Callable[[E], bool] = lambda _event: True, *, count: int = 1) -> E:
        """Wait for the ``count``-th event of a kind; it may have happened already."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                while len(found := self.of(kind, matches)) < count:
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            raise NeverHappened(f"no {kind.__name__} (number {count}) among:\n{self.told()}") from None
        return found[count - 1]

    def told(self) -> str:
        """The whole log, a line each, for failures."""
        return "\n".join(f"  {e.at} {type(e).__name__} {_short(e)}" for e in self.all)


def _short(event: AnyEvent) -> str:
    words = []
    for name in ("call", "agent", "offer"):
        record: Any = getattr(event, name, None)
        if record is not None:
            state = getattr(record, "state", None) or getattr(record, "activity", "")
            words.append(f"{name}={record.id}({state})")
    if isinstance(event, OfferEnded):
        words.append(str(event.offer.outcome))
    if isinstance(event, CallEnded):
        words.append(str(event.call.end_reason))
    return " ".join(words)


class Api:
    """The control API by its unix socket and local key, as the command line uses it."""

    def __init__(self, acd: Acd) -> None:
        self._data = Path(acd.env["STASIS_ACD_PROCESS__DATA_FOLDER"])

    async def ask(self, method: str, path: str, **more: Any) -> Any:
        """The decoded answer; raises AssertionError with the problem if it is one."""
        async with self._session() as http:
            return await self._ask(http, method, path, **more)

    async def ask_in_turn(self, method: str, paths: Iterable[str], **more: Any) -> None:
        """The same for one path after the other, by one connection."""
        async with self._session() as http:
            for path in paths:
                await self._ask(http, method, path, **more)

    def _session(self) -> aiohttp.ClientSession:
        key = (self._data / "control.key").read_text().strip()
        connector = aiohttp.UnixConnector(path=str(self._data / "control.sock"))
        return aiohttp.ClientSession(connector=connector, headers={"Authorization": f"Bearer {key}"})

    async def _ask(self, http: aiohttp.ClientSession, method: str, path: str, **more: Any) -> Any:
        async with http.request(method, f"http://acd/api/v1/{path}", **more) as answer:
            body = await answer.json(content_type=None) if answer.content_length != 0 else None
            assert answer.ok, f"{method} {path}: {answer.status} {body}"
            return body


class Centre:
    """Made by ``open``; ends with its context."""

    def __init__(self, lab: Lab, number: int, parts: AsyncExitStack) -> None:
        self.lab = lab
        self.pool = f"pool-{number}"
        self.folder = lab.folder / f"centre-{number}"
        self.folder.mkdir()
        self.acds: dict[str, Acd] = {}
        self.phones: dict[str, Phone] = {}
        self.events = EventLog()
        self._parts = parts
        self.store = RedisStore(lab.redis.url, pool=self.pool)

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        lab: Lab,
        configuration: str,
        *,
        processes: Sequence[str] = ("acd-1",),
        env: Mapping[str, str] | None = None,
    ) -> AsyncIterator[Centre]:
        """ACD processes with this configuration (TOML) in force; every event is kept from here on."""
        async with AsyncExitStack() as parts:
            centre = cls(lab, next(_numbers), parts)
            for process in processes:
                await centre.start(process, env=env or {})
            await centre.configure(configuration)
            await parts.enter_async_context(centre.store)
            await centre._listen()
            try:
                yield centre
            except BaseException as error:
                error.add_note(centre.story())
                raise
            finally:  # a story that failed half-way leaves nobody behind to be served in the next
                await lab.clear()

    def settings(self, process: str) -> dict[str, str]:
        """The environment of one process of this centre."""
        return {
            **self.lab.acd_settings(process),
            "STASIS_ACD_PROCESS__DATA_FOLDER": str(self.folder / process),
            "STASIS_ACD_DATABASE__URL": f"sqlite:///{self.folder / 'acd.sqlite3'}",
            "STASIS_ACD_REDIS__POOL": self.pool,
            "STASIS_ACD_LOG__LEVEL": "debug",
        }

    async def start(self, process: str, *, env: Mapping[str, str] | None = None) -> Acd:
        """One more ACD process, ready for calls."""
        acd = await self.lab.acd(process, env={**self.settings(process), **(env or {})}, ready=notifies)
        self.acds[process] = acd
        self._parts.push_async_callback(acd.stop)
        return acd

    @property
    def acd(self) -> Acd:
        """The first, or only, process."""
        return next(iter(self.acds.values()))

    def api(self, process: str | None = None) -> Api:
        """The control API of one process."""
        return Api(self.acds[process] if process else self.acd)

    async def configure(self, configuration: str) -> None:
        """Apply a configuration; it is in force when this returns."""
        await self.api().ask("PUT", "configuration", data=configuration, headers={"Content-Type": "application/toml"})

    async def _listen(self) -> None:
        """Keep every event from now on, through restarts of the store as well."""
        task = await self._parts.enter_async_context(_running(self._follow()))
        assert not task.done()

    async def _follow(self) -> None:
        position = ""
        while True:
            try:
                await self.store.join()
                async for events in self.store.events(position):
                    self.events.put(events)
                    position = events[-1].id or position if events else position
                    await asyncio.sleep(GATHER_S)
            except Exception:  # noqa: BLE001  # the store comes back: that is what the stories are about
                await asyncio.sleep(0.1)

    # --- people -------------------------------------------------------------------------------------------------------

    async def phone(self, name: str, behaviour: Behaviour, **more: Any) -> Phone:
        """Switch a SIP phone on; returns when Asterisk has confirmed the registration."""
        phone = self.lab.phone(name)
        await phone.switch_on(behaviour, **more)
        self.phones[name] = phone
        self._parts.push_async_callback(phone.switch_off)
        return phone

    async def log_in(self, *agents: str, process: str | None = None) -> None:
        """Make agents ready one after the other, and wait until the ACD sees their phones."""
        paths = (f"agents/{agent}/status" for agent in agents)
        await self.api(process).ask_in_turn("PUT", paths, json={"status": "ready"})
        wanted = set(agents)
        await self.until(lambda s: wanted <= {a.id for a in s.agents.values() if a.reachable}, f"{wanted} reachable")

    async def status(self, agent: str, status: str, reason: str | None = None) -> None:
        """What an agent asks for."""
        body = {"status": status} | ({"reason": reason} if reason else {})
        await self.api().ask("PUT", f"agents/{agent}/status", json=body)

    async def talk(self, caller_number: str, *, exten: str = "100") -> CallConnected:
        """A whole call: dials, is connected, hangs up, and is gone. No two calls of a story have one caller number."""
        caller = await self.lab.caller(exten, from_user=caller_number)
        connected = await self.connected(caller_number)
        await caller.hang_up()
        await self.call_ended(caller_number)
        return connected

    async def command(self, *words: str) -> str:
        """What ``stasis-acd`` prints for these words; raises AssertionError with its complaint if it fails."""
        data = self.acd.env["STASIS_ACD_PROCESS__DATA_FOLDER"]
        program = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "stasis_app", "--data", data, *words, stdout=PIPE, stderr=PIPE
        )
        said, complaint = await program.communicate()
        assert program.returncode == 0, f"stasis-acd {' '.join(words)}: {complaint.decode()}"
        return said.decode()

    # --- looking ------------------------------------------------------------------------------------------------------

    async def queued(self, caller_number: str) -> CallQueued:
        """Wait until this caller waits."""
        return await self.events.until(CallQueued, lambda e: e.call.caller_number == caller_number)

    async def connected(self, caller_number: str) -> CallConnected:
        """Wait until this caller talks."""
        return await self.events.until(CallConnected, lambda e: e.call.caller_number == caller_number)

    async def call_ended(self, caller_number: str) -> CallEnded:
        """Wait until this caller's call has left."""
        return await self.events.until(CallEnded, lambda e: e.call.caller_number == caller_number)

    async def offer_ended(self, agent: str, outcome: OfferOutcome, *, count: int = 1) -> OfferEnded:
        """Wait until an offer to this agent came to nothing in this way."""
        return await self.events.until(
            OfferEnded, lambda e: e.offer.agent == agent and e.offer.outcome is outcome, count=count
        )

    def offered(self) -> list[str]:
        """The agents to whom offers were made so far, in order."""
        return [event.offer.agent for event in self.events.of(OfferMade)]

    async def why(self, kind: str, subject: str) -> Any:
        """What ``explain`` says of a call or an agent (``calls`` or ``agents``).

        Who reads the stream may hear of a call a moment before the process that committed it has read the answer to its
        own command: so this asks again.
        """
        gives_up_at = asyncio.get_running_loop().time() + PATIENCE_S
        while True:
            try:
                return await self.api().ask("GET", f"{kind}/{subject}/explain")
            except AssertionError as refused:
                if ": 404 " not in str(refused) or asyncio.get_running_loop().time() > gives_up_at:
                    raise
            await asyncio.sleep(0.05)

    async def until(self, holds: Callable[[Snapshot], bool], what: str) -> Snapshot:
        """Wait for a state of the pool. Looks after every event, and asks again as the store may not send one."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                # A state may come about by time alone, and Asterisk's side has no stream here: so this asks again.
                while not holds(snapshot := await self.store.snapshot()):  # noqa: ASYNC110
                    await asyncio.sleep(0.05)
        except TimeoutError:
            raise NeverHappened(f"never: {what}\n{self.events.told()}") from None
        return snapshot

    async def nothing_left(self) -> None:
        """No call, offer, deadline, reserved agent, channel or bridge is left anywhere."""

        def quiet(snapshot: Snapshot) -> bool:
            busy = [a for a in snapshot.agents.values() if a.offer or a.activity in {"reserved", "talking"}]
            return not snapshot.calls and not snapshot.offers and not busy

        await self.until(quiet, "a quiet pool")
        left: list[str] = []
        try:
            async with asyncio.timeout(PATIENCE_S):
                while left := await self.left_in_asterisk():  # noqa: ASYNC110
                    await asyncio.sleep(0.05)
        except TimeoutError:
            raise NeverHappened(f"left in Asterisk: {left}") from None

    async def left_in_asterisk(self) -> list[str]:
        """Channels and bridges of ours that are there now."""
        channels = await self.lab.asterisk.cli("core show channels concise")
        bridges = await self.lab.asterisk.cli("bridge show all")
        found = [line.partition("!")[0] for line in channels.splitlines() if "!" in line]
        return found + [line.split()[0] for line in bridges.splitlines() if line.startswith("acd-bridge-")]

    def story(self) -> str:
        """What happened, for whoever has to understand a failure."""
        logs = "\n".join(f"--- {name}\n{acd.log[-6000:]}" for name, acd in self.acds.items())
        traces = [*self.lab.callers_traces, *(phone.trace for phone in self.phones.values())]
        people = "\n".join(f"--- {trace.name}: {trace.told()}" for trace in traces)
        console = self.lab.asterisk.child.log.read_text(errors="replace")[-2000:]
        return f"--- events\n{self.events.told()}\n{logs}\n{people}\n--- console\n{console}"


@asynccontextmanager
async def _running(work: Any) -> AsyncIterator[asyncio.Task[None]]:
    with first_error():
        async with asyncio.TaskGroup() as tasks:
            task = tasks.create_task(work)
            try:
                yield task
            finally:
                task.cancel()


__all__ = ["PATIENCE_S", "Api", "Centre", "EventLog", "NeverHappened", "agents_at"]
