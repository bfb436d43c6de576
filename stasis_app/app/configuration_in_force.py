"""The version of the configuration that this process works by, and the one way to replace it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import structlog

from acd.configuration import Configuration
from acd.lint import Remark, remarks_of
from acd.ports import Store
from stasis_app import configuration_file
from stasis_app.database import Database, VersionUnknown
from stasis_app.plugins import strategies_for
from stasis_app.web.services import Applied, ConfigurationVersion, Plan

log = structlog.get_logger(__name__)

Changed = Callable[[Configuration], Awaitable[None]]


class ConfigurationInForce:
    """Holds one numbered version; implements the control API's ConfigurationHolder."""

    def __init__(self, database: Database, store: Store) -> None:
        self._database = database
        self._store = store
        self._changed: list[Changed] = []
        self._one_at_a_time = asyncio.Lock()
        self.current = Configuration()

    def on_change(self, changed: Changed) -> None:
        """Call this after each change, with the version now in force."""
        self._changed.append(changed)

    async def begin(self) -> None:
        """Take the newest version; raises InvalidConfiguration if a strategy of it cannot be used here."""
        configuration = await self._database.configuration.load()
        strategies_for(configuration)
        self.current = configuration

    async def announce(self) -> None:
        """Tell the pool which version is in force; harmless if it knows."""
        await self._store.configure_agents(sorted(self.current.agents), version=self.current.version)

    async def plan(self, toml_text: str) -> Plan:
        """What applying this text would change; raises InvalidConfiguration with every fault, strategies' too."""
        current = self.current
        configuration = await asyncio.to_thread(configuration_file.read, toml_text)
        strategies_for(configuration)
        return Plan(
            version=current.version,
            changes=await asyncio.to_thread(configuration_file.difference, current, configuration),
            remarks=await asyncio.to_thread(_remarks, configuration),
        )

    async def apply(self, toml_text: str, author: str) -> Applied:
        """Check, keep and announce a new version, in force here when this returns; raises InvalidConfiguration with
        every fault, changing nothing."""
        # In a thread of its own: reading and looking through ten thousand agents takes longer than a call may wait.
        configuration = await asyncio.to_thread(configuration_file.read, toml_text)
        strategies_for(configuration)
        version = await self._database.configuration.apply(configuration, author, at=await self._store.now())
        await self._store.configure_agents(sorted(configuration.agents), version=version)
        await self.follow(version)
        return Applied(version=version, remarks=await asyncio.to_thread(_remarks, configuration))

    async def follow(self, version: int) -> None:
        """A version was announced: load exactly that one. One that this process holds, or has left behind, changes
        nothing."""
        async with self._one_at_a_time:
            if version <= self.current.version:
                return
            self.current = await self._database.configuration.load(version)
            log.info("configuration in force", version=version)
            for changed in self._changed:
                await changed(self.current)

    async def text(self, version: int | None = None) -> str | None:
        """A version as TOML; None if there is no such version."""
        if version is None or version == self.current.version:
            return configuration_file.write(self.current)
        try:
            return configuration_file.write(await self._database.configuration.load(version))
        except VersionUnknown:
            return None

    async def versions(self, limit: int) -> Sequence[ConfigurationVersion]:
        """The latest first."""
        return [
            ConfigurationVersion(version=one.number, author=one.author, applied_at=one.applied_at)
            for one in await self._database.configuration.versions(limit)
        ]


def _remarks(configuration: Configuration) -> Sequence[Remark]:
    return tuple(remarks_of(configuration))
