"""The product as an engine: ACD processes over Redis, configured from the plan, told about by their own events."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

from acd.agent import AgentActivity, AgentProfile, Phone, PhoneKind
from acd.configuration import Configuration
from acd.ports import Snapshot
from acd.queue import Queue
from acd.skills import named_in, requirement
from scenarios.centre import Centre, EventLog
from scenarios.lab.lab import Lab
from scenarios.load.engine import WISH_HEADERS, Conditions, Engine
from scenarios.load.plan import Plan
from stasis_app.configuration_file import write
from stasis_app.redis_store.keys import Keys

__all__ = ["Native", "NativeSettings"]

LASTING = frozenset(
    ("epoch", "agents", "deadlines", "fence", "steps", "leaving", "processes", "leader", "events", "consumers")
)
"""Keys that a pool has also when it has no call."""
ON_A_CALL = (AgentActivity.RESERVED, AgentActivity.TALKING)


@dataclass(frozen=True, slots=True, kw_only=True)
class NativeSettings:
    """How the product is set up."""

    processes: int = 1
    """ACD processes that share the Asterisk."""
    queue: Queue = field(default_factory=lambda: Queue(name="", wrap_up_s=0))
    """Every queue of the plan is like this, but for its name, its numbers and what the conditions say."""
    env: Mapping[str, str] = field(default_factory=dict)
    """Added to each process's settings."""


class Native(Engine):
    """A centre on the lab. Agents that log in are waited for until the ACD sees their phones."""

    name: ClassVar[str] = "native"

    def __init__(
        self, plan: Plan, conditions: Conditions | None = None, settings: NativeSettings | None = None
    ) -> None:
        super().__init__(plan, conditions)
        self._settings = settings or NativeSettings()
        self.centre: Centre

    def _lab(self, **site: Any) -> AbstractAsyncContextManager[Lab]:
        extra = {"extensions.conf": "\n".join(self._entries())} if self._wishes() else {}
        return super()._lab(extra=extra, **site)

    def _entries(self) -> Iterator[str]:
        """What a caller asks for comes in headers. Only for plans with wishes: reading them costs at every call."""
        yield "\n[acd-callers]"
        for number in {call.exten for call in self.plan.calls}:
            yield f"exten => {number},1,Set(ACD_ENTRY={number})"
            for variable, header in WISH_HEADERS.items():
                yield f" same => n,Set({variable}=${{PJSIP_HEADER(read,{header})}})"
            yield " same => n,Goto(acd-entry,s,1)"
        yield ""

    async def _start(self) -> None:
        names = [f"acd-{number}" for number in range(1, self._settings.processes + 1)]
        # A story's log tells everything, and would cost as much as a call.
        env = {"STASIS_ACD_LOG__LEVEL": "info", **self._settings.env}
        opening = Centre.open(self.lab, write(self.configuration()), processes=names, env=env)
        self.centre = await self._parts.enter_async_context(opening)

    def configuration(self) -> Configuration:
        """The plan's own, or what its queues and agents come to."""
        if self.plan.configuration.queues:
            return self.plan.configuration
        queues = {
            queue: replace(
                self._settings.queue,
                name=queue,
                numbers=tuple(numbers),
                ring_timeout_s=float(self.conditions.ring_timeout_s),
                music_class=self.conditions.music_class or "default",
            )
            for queue, numbers in self._numbers().items()
        }
        agents = {
            agent.id: AgentProfile(
                id=agent.id,
                phone=Phone(kind=PhoneKind.ENDPOINT, target=f"PJSIP/{agent.phone}"),
                skills=agent.skills,
                queues=agent.queues,
                wrap_up_s=agent.wrap_up_s,
            )
            for agent in self.plan.agents
        }
        return Configuration(queues=queues, agents=agents, skills={skill: skill for skill in sorted(self._skills())})

    def _skills(self) -> set[str]:
        """All that agents have or somebody asks for."""
        plan, queue = self.plan, self._settings.queue
        asked = {queue.requires, queue.prefers}.union(*((call.requires, call.prefers) for call in plan.calls))
        return {skill for agent in plan.agents for skill in agent.skills}.union(
            *(named_in(requirement(each)) for each in asked)
        )

    @property
    def processes(self) -> Mapping[str, int]:
        acds = {name: acd.child.pid for name, acd in self.centre.acds.items()}
        return {**super().processes, "redis": self.lab.redis.child.pid, **acds}

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
        return key in LASTING


def _left_in_store(snapshot: Snapshot) -> Iterator[str]:
    yield from (f"call {call}" for call in snapshot.calls)
    yield from (f"offer {offer}" for offer in snapshot.offers)
    for agent in snapshot.agents.values():
        if agent.offer or agent.activity in ON_A_CALL:
            yield f"reservation of {agent.id}, who is {agent.activity}"
