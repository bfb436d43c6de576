"""The product as an engine: ACD processes over Redis, configured from the plan, told about by their own events."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any, ClassVar

from acd.agent import AgentActivity
from acd.events import CallEnded, CallQueued
from acd.ports import Snapshot
from scenarios.centre import Centre, EventLog
from scenarios.lab.lab import Lab
from scenarios.lab.namespace import Child
from scenarios.load.engine import WISH_HEADERS, Engine
from scenarios.load.plan import Plan
from stasis_app.redis_store.keys import Keys

__all__ = ["Native", "NativeSettings"]

LASTING = frozenset(
    ("epoch", "agents", "deadlines", "fence", "steps", "leaving", "processes", "leader", "events", "consumers")
)
"""Keys that a pool has also when it has no call."""
EXPIRING = "ended:"
"""Beginning of keys that the store lets go by itself."""
ON_A_CALL = (AgentActivity.RESERVED, AgentActivity.TALKING)


@dataclass(frozen=True, slots=True, kw_only=True)
class NativeSettings:
    """How the product is set up."""

    processes: int = 1
    """ACD processes that share the Asterisk."""
    env: Mapping[str, str] = field(default_factory=dict)
    """Added to each process's settings."""


class Native(Engine):
    """A centre on the lab. Agents that log in are waited for until the ACD sees their phones."""

    name: ClassVar[str] = "native"

    def __init__(
        self, plan: Plan, *, settings: NativeSettings | None = None, lab: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(plan, lab=lab)
        self._settings = settings or NativeSettings()
        self.centre: Centre

    def _lab(self, **site: Any) -> AbstractAsyncContextManager[Lab]:
        extra = {"extensions.conf": "\n".join(self._entries())} if self._wishes() else {}
        return super()._lab(extra=extra, **site)

    def _entries(self) -> Iterator[str]:
        """What a caller asks for comes in headers. Only for plans with wishes: reading them costs at every call."""
        yield "\n[acd-callers]"
        for number in self._numbers():
            yield f"exten => {number},1,Set(ACD_ENTRY={number})"
            for variable, header in WISH_HEADERS.items():
                yield f" same => n,Set({variable}=${{PJSIP_HEADER(read,{header})}})"
            yield " same => n,Goto(acd-entry,s,1)"
        yield ""

    async def _start(self) -> None:
        names = [f"acd-{number}" for number in range(1, self._settings.processes + 1)]
        # A story's log tells everything, and would cost as much as a call.
        env = {"STASIS_ACD_LOG__LEVEL": "info", **self._settings.env}
        opening = Centre.open(self.lab, self.plan.configuration_text, processes=names, env=env)
        self.centre = await self._parts.enter_async_context(opening)
        self.centre.events.keeps = (CallQueued, CallEnded)  # what a verdict asks for: a day has millions of others

    @property
    def children(self) -> Mapping[str, Child]:
        acds = {name: acd.child for name, acd in self.centre.acds.items()}
        return {**super().children, "redis": self.lab.redis.child, **acds}

    @property
    def events(self) -> EventLog:
        return self.centre.events

    # --- agents -------------------------------------------------------------------------------------------------------

    async def log_in(self, *agents: str) -> None:
        await self.centre.log_in(*(agents or (agent.id for agent in self.plan.agents)))

    async def ready(self, agent: str) -> None:
        await self.centre.status(agent, "ready")

    async def take_break(self, agent: str) -> None:
        await self.centre.status(agent, "on_break", "planned")

    async def log_out(self, agent: str) -> None:
        await self.centre.status(agent, "logged_out")

    @property
    def pages(self) -> str:
        return self.centre.acd.web

    async def give_account(self, agent: str, password: str) -> None:
        await self.centre.api().ask("POST", "users", json={"name": agent, "password": password, "role": "agent"})

    async def clock_ahead_ms(self) -> float:
        before = time.clock_gettime(time.CLOCK_REALTIME)
        now = await self.centre.store.now()
        return now - 500 * (before + time.clock_gettime(time.CLOCK_REALTIME))

    # --- afterwards ---------------------------------------------------------------------------------------------------

    async def left_behind(self) -> Sequence[str]:
        root = Keys(self.centre.pool).root
        keys = [key for key in await self.lab.redis.keys() if not self._lasts(key.removeprefix(root))]
        snapshot = await self.centre.store.snapshot()
        return [*await super().left_behind(), *(f"key {key}" for key in keys), *_left_in_store(snapshot)]

    def _lasts(self, key: str) -> bool:
        return key in LASTING or key.startswith(EXPIRING)


def _left_in_store(snapshot: Snapshot) -> Iterator[str]:
    yield from (f"call {call}" for call in snapshot.calls)
    yield from (f"offer {offer}" for offer in snapshot.offers)
    for agent in snapshot.agents.values():
        if agent.offer or agent.activity in ON_A_CALL:
            yield f"reservation of {agent.id}, who is {agent.activity}"
