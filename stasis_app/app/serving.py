"""One ACD process from its settings to its end: connects the parts, introduces them to each other, and takes leave."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import signal
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import TypeVar

import structlog
import uvloop

from acd.call import Call
from acd.errors import Fault, StoreUnavailable
from stasis_app import logs
from stasis_app.app.configuration_in_force import ConfigurationInForce
from stasis_app.app.parts import Parts
from stasis_app.app.reach import ReachReports
from stasis_app.app.service import Service
from stasis_app.ari import AriError
from stasis_app.asterisk.node import AsteriskNode, NodeAddress, NodeEars
from stasis_app.database import Database
from stasis_app.redis_store import RedisStore
from stasis_app.settings import AsteriskSettings, Settings

log = structlog.get_logger(__name__)
T = TypeVar("T")

RETRY_FIRST_S = 0.5
RETRY_LONGEST_S = 5.0
COLLECT_AFTER = (1_000, 400, 50)
"""Thousands of live records make a full collection dear, and calls leave few cycles: all but the youngest objects are
looked at seldom, and those a few at a time, since nothing is decided meanwhile."""


def serve(settings: Settings, *, once: bool = False) -> None:
    """Run until SIGTERM or SIGINT. With ``once`` a part that is not there at the start is an error, not a wait.

    Raises AcdError, AriError, DatabaseRefused or OSError, each with one sentence, when the process cannot go on.
    """
    logs.configure(level=settings.log.level, json_lines=settings.log.json_lines)
    settings.process.data_folder.mkdir(parents=True, exist_ok=True)
    uvloop.run(_Process(settings, once=once).run())


class _Process:
    """Opens the world's parts in the order in which they need each other, then runs the service on them."""

    def __init__(self, settings: Settings, *, once: bool) -> None:
        self._settings = settings
        self._once = once
        self._stopping = asyncio.Event()
        self._service: Service | None = None

    async def run(self) -> None:
        """Connect, serve, leave in order."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stopping.set)
        async with AsyncExitStack() as opened:
            database = await opened.enter_async_context(Database.open(self._settings.database_url))
            store = await self._persistently(opened, "Redis", self._open_store)
            configuration = ConfigurationInForce(database, store)
            await configuration.begin()
            reach = ReachReports(store)
            nodes = {}
            for asterisk in self._settings.asterisk:
                nodes[asterisk.name] = await self._persistently(
                    opened,
                    f"Asterisk {asterisk.name!r}",
                    lambda one=asterisk: self._open_node(one, configuration, reach),  # type: ignore[misc]
                )
            parts = Parts(
                settings=self._settings,
                database=database,
                store=store,
                configuration=configuration,
                reach=reach,
                nodes=nodes,
            )
            self._service = Service(parts)
            gc.freeze()
            gc.set_threshold(*COLLECT_AFTER)
            await self._service.run(self._stopping)
        log.info("stopped", process=self._settings.process.name)

    async def _persistently(
        self, opened: AsyncExitStack, what: str, opening: Callable[[], AbstractAsyncContextManager[T]]
    ) -> T:
        """Open a part of the world; where it is not there yet, say so once and wait for it."""
        said, pause = "", RETRY_FIRST_S
        while True:
            try:
                return await opened.enter_async_context(opening())
            except (StoreUnavailable, AriError) as away:
                if self._once or self._stopping.is_set():
                    raise
                if str(away) != said:
                    log.warning("not there yet; trying again", part=what, reason=str(away))
                said = str(away)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._stopping.wait()
            pause = min(pause * 2, RETRY_LONGEST_S)

    def _open_store(self) -> AbstractAsyncContextManager[RedisStore]:
        redis = self._settings.redis
        return RedisStore(redis.url, pool=redis.pool, command_timeout_s=redis.command_timeout_s)

    @asynccontextmanager
    async def _open_node(
        self, asterisk: AsteriskSettings, configuration: ConfigurationInForce, reach: ReachReports
    ) -> AsyncIterator[AsteriskNode]:
        address = NodeAddress(
            name=asterisk.name,
            url=asterisk.url,
            user=asterisk.user,
            password=asterisk.password.get_secret_value(),
            phone_options=asterisk.phone_options,
        )
        ears = NodeEars(
            on_caller=self._caller_entered,
            on_bad_wishes=self._bad_wishes,
            on_unknown_queue=self._unknown_queue,
            on_reached=lambda agent, reachable: reach.tell(asterisk.name, agent, reachable),
            on_connected=self._node_is_back,
            accepts=lambda: self._service is not None and self._service.accepts_callers,
        )
        node = AsteriskNode(address, self._settings.process.name, lambda: configuration.current, ears)
        async with node.serving():
            yield node

    def _caller_entered(self, call: Call, age_ms: int) -> None:
        assert self._service is not None  # callers are claimed only when it accepts them
        self._service.caller_entered(call, age_ms)

    async def _bad_wishes(self, call: Call, faults: Sequence[Fault]) -> None:
        assert self._service is not None
        await self._service.bad_wishes(call, faults)

    async def _unknown_queue(self, channel: str, entry: str) -> None:
        assert self._service is not None
        await self._service.unknown_queue(channel, entry)

    async def _node_is_back(self, node: str) -> None:
        if self._service is not None:
            await self._service.node_is_back(node)
