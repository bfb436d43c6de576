"""The control API served for real, over the store in memory, an SQLite file, the matcher and the event feed."""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from argon2 import PasswordHasher

from acd.agent import AgentStatus
from acd.call import Call
from acd.errors import StoreUnavailable
from acd.events import AnyEvent
from acd.matcher import Matcher
from acd.memory import MemoryStore
from acd.ports import OfferRef, PhoneCredentials, Refused, Reservation
from stasis_app.agent_desk import AgentDesk
from stasis_app.app.configuration_in_force import ConfigurationInForce
from stasis_app.app.explaining import MatcherExplainer
from stasis_app.app.web_services import WebFeed
from stasis_app.clock import StoreClock
from stasis_app.database import Database, HistoryFold, Role
from stasis_app.event_feed import EventFeed
from stasis_app.plugins import strategies_for
from stasis_app.web import ControlApi, IceServer, Served, Services, WebOptions

CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
PASSWORD = "correct horse battery"
PROCESS = "acd-1"
CONFIGURATION = """
[queues.support]
title = "Technical support"
numbers = ["4000"]
ring_timeout_s = 15

[queues.billing]

[agents.ann]
name = "Ann Arbor"
queues = ["support"]

[agents.bob]
queues = ["support", "billing"]

[agents.carl]
queues = ["billing"]
phone = { kind = "endpoint", target = "PJSIP/carl" }
"""


@dataclass(slots=True, kw_only=True)
class Stage:
    """A served API, and hands on everything behind it."""

    store: MemoryStore
    database: Database
    configuration: ConfigurationInForce
    feed: EventFeed
    api: ControlApi
    served: Served
    data_folder: Path
    http: aiohttp.ClientSession
    hung_up: list[str]
    broken: dict[str, str]
    """Parts that are down now, for the health check: name to sentence."""
    sessions: list[aiohttp.ClientSession] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.served.port}"

    @property
    def key(self) -> Mapping[str, str]:
        return {"Authorization": f"Bearer {(self.data_folder / 'control.key').read_text().strip()}"}

    async def ask(
        self,
        method: str,
        path: str,
        *,
        by: aiohttp.ClientSession | None = None,
        key: bool = False,
        **more: Any,
    ) -> tuple[int, Any]:
        """Status and decoded body of one request."""
        headers = {**(self.key if key else {}), **more.pop("headers", {})}
        session = by or self.http
        async with session.request(method, f"{self.url}/api/v1{path}", headers=headers, **more) as response:
            raw = await response.read()
            return response.status, await response.json(content_type=None) if raw else None

    async def logged_in(self, name: str) -> aiohttp.ClientSession:
        """A browser of this user."""
        session = aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True))
        self.sessions.append(session)
        status, _ = await self.ask("POST", "/session", by=session, json={"name": name, "password": PASSWORD})
        assert status == 201
        return session

    async def ready(self, *agents: str) -> None:
        """Agents who could be offered a call."""
        for agent in agents:
            await self.store.set_status(agent, AgentStatus.READY)
            await self.store.set_reachable(agent, reachable=True, node="pbx")

    async def waiting(self, call: str = "c1", queue: str = "support") -> Call:
        """A caller who waits."""
        return await self.store.enqueue(
            Call(id=call, queue=queue, owner=PROCESS, node="pbx", caller_number="+4930901820", caller_name="Jonas")
        )

    async def offered(self, call: str, agent: str) -> OfferRef:
        """The agent's phone rings for the call."""
        offers = await self.store.reserve(Reservation(call=call, agents=[agent], lease_ms=60_000, why="longest idle"))
        assert not isinstance(offers, Refused)
        ref = OfferRef(id=offers[0].id, fence=offers[0].fence, owner=PROCESS)
        assert not isinstance(await self.store.ring(ref), Refused)
        return ref

    async def connected(self, call: str, agent: str) -> OfferRef:
        """Caller and agent talk."""
        ref = await self.offered(call, agent)
        assert not isinstance(await self.store.accept(ref, lease_ms=60_000), Refused)
        assert not isinstance(await self.store.connect(ref), Refused)
        return ref


async def until_the_store_is_lost(work: Coroutine[Any, Any, None]) -> None:
    with suppress(StoreUnavailable):
        await work


OpenStage = Callable[..., AbstractAsyncContextManager[Stage]]


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with its tables and its people, made once and copied: migrations take longer than a test."""
    file = tmp_path_factory.mktemp("web") / "acd.sqlite3"

    async def make() -> None:
        async with Database.open(f"sqlite:///{file}", hasher=CHEAP) as database:
            await people(database)

    asyncio.run(make())
    return file


@pytest.fixture
def open_stage(tmp_path: Path, migrated: Path) -> OpenStage:
    """Opens a stage within the test's own task."""

    @asynccontextmanager
    async def opened(**options: Any) -> AsyncIterator[Stage]:
        if not (tmp_path / "acd.sqlite3").exists():
            shutil.copy(migrated, tmp_path / "acd.sqlite3")
        url = f"sqlite:///{tmp_path / 'acd.sqlite3'}"
        async with Database.open(url, hasher=CHEAP) as database, asyncio.TaskGroup() as tasks:
            store = MemoryStore(clock=lambda: time.monotonic_ns() // 1_000_000 + 1_700_000_000_000, wake=asyncio.Event)
            await store.begin_epoch(PROCESS, lease_ms=5_000)
            await store.open_epoch()
            configuration = ConfigurationInForce(database, store)
            await configuration.apply(CONFIGURATION, "tests")
            await configuration.begin()
            feed = EventFeed(store)
            matcher = Matcher(configuration.current, strategies_for(configuration.current))

            def apply(events: Sequence[AnyEvent]) -> None:
                for event in events:
                    matcher.apply(event)

            feed.subscribe(matcher.reset, apply)
            clock = StoreClock()
            clock.set(await store.now())
            running = [
                tasks.create_task(until_the_store_is_lost(feed.run())),
                tasks.create_task(until_the_store_is_lost(HistoryFold(store, database).run())),
            ]
            hung_up: list[str] = []
            broken: dict[str, str] = {}
            services = services_of(store, database, configuration, feed, matcher, clock, hung_up, broken)
            defaults = WebOptions(
                data_folder=tmp_path,
                port=0,
                phone_websockets=("wss://pbx.example:8089/ws",),
                ice_servers=(IceServer(urls=("stun:stun.example",)),),
                serve_pages=False,
            )
            api = ControlApi(services, replace(defaults, **options))
            async with api.serving() as served, aiohttp.ClientSession() as http:
                stage = Stage(
                    store=store,
                    database=database,
                    configuration=configuration,
                    feed=feed,
                    api=api,
                    served=served,
                    data_folder=tmp_path,
                    http=http,
                    hung_up=hung_up,
                    broken=broken,
                )
                try:
                    yield stage
                finally:
                    for session in stage.sessions:
                        await session.close()
            for task in running:
                task.cancel()

    return opened


async def people(database: Database) -> None:
    accounts = database.accounts
    await accounts.create_user("ann", PASSWORD, Role.AGENT, "ann")
    await accounts.create_user("carl", PASSWORD, Role.AGENT, "carl")
    await accounts.create_user("sue", PASSWORD, Role.SUPERVISOR)
    await accounts.create_user("bob", PASSWORD, Role.SUPERVISOR, "bob")
    await accounts.create_user("root", PASSWORD, Role.ADMIN)


def services_of(
    store: MemoryStore,
    database: Database,
    configuration: ConfigurationInForce,
    feed: EventFeed,
    matcher: Matcher,
    clock: StoreClock,
    hung_up: list[str],
    broken: dict[str, str],
) -> Services:
    async def phone_of(agent: str) -> PhoneCredentials | None:
        if agent == "carl":
            return None
        return PhoneCredentials(
            identity=f"acd-{agent}",
            secret="s3cret",
            node="pbx",
            websocket_url="wss://pbx.example:8089/ws",
            sip_domain="pbx.example",
        )

    async def hang_up(call: str) -> bool:
        known = await store.call(call) is not None
        if known:
            hung_up.append(call)
        return known

    async def health() -> Mapping[str, str]:
        return {"ari:pbx": "", "store": "", "distributor": ""} | broken

    return Services(
        store=store,
        clock=clock,
        desk=AgentDesk(store, lambda: configuration.current),
        configuration=configuration,
        users=database.accounts,
        history=database.history,
        explainer=MatcherExplainer(matcher, clock),
        feed=WebFeed(feed),
        phone_of=phone_of,
        hang_up=hang_up,
        health=health,
    )
