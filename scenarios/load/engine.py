"""What every system under load looks like to a run, so that all of them are driven, measured and judged alike."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from types import TracebackType
from typing import Any, ClassVar, Self

from scenarios.centre import EventLog
from scenarios.lab.lab import Lab
from scenarios.lab.namespace import Child
from scenarios.lab.sipp import Endpoint
from scenarios.load.plan import SILENCE, Plan

__all__ = ["WISH_HEADERS", "Engine", "NotSupported"]

WISH_HEADERS: Mapping[str, str] = {
    "ACD_REQUIRES": "X-Requires",
    "ACD_PREFERS": "X-Prefers",
    "ACD_PRIORITY": "X-Priority",
}
"""Variables of the dialplan, each with the header in which a planned caller's INVITE carries what it asks for."""
NO_MUSIC = "\nnoload => res_musiconhold.so\n"
"""In modules.conf: Asterisk plays nothing then, whoever asks for it, and complains of nothing."""


class NotSupported(Exception):
    """This engine cannot do what the plan or the run asks for; the message says what."""


class Engine(ABC):
    """One system under load on an Asterisk of its own, for one run: up while the context lasts.

    The order of things: enter; switch the phones on that the plan names, at ``lab``, until they are registered;
    ``log_in``; send callers to ``dial``. Every engine answers callers at once, lets them wait with their queue's music
    or silence, and shows the caller's number unchanged in From to the agent's phone.
    """

    name: ClassVar[str]
    shows_agents: ClassVar[bool] = True
    """Whether its agents' phones are ours; else whoever picks a caller up is taken for an agent."""
    lab: Lab

    def __init__(self, plan: Plan, *, lab: Mapping[str, Any] | None = None) -> None:
        """``lab``: further arguments of ``Lab.start``. Raises NotSupported for a plan that this engine cannot serve."""
        self.plan = plan
        self.queues = plan.configuration.queues
        self._lab_options = lab or {}
        self._parts = AsyncExitStack()
        classes = {queue.music_class for queue in self.queues.values()}
        self._silent = classes == {SILENCE}
        if SILENCE in classes and not self._silent:
            raise NotSupported("Either all queues are silent or none: an Asterisk plays music or does not.")

    async def __aenter__(self) -> Self:
        try:
            self.lab = await self._parts.enter_async_context(self._lab())
            await self._start()
        except BaseException:
            await self._parts.aclose()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._parts.__aexit__(kind, error, trace)

    def _lab(self, **site: Any) -> AbstractAsyncContextManager[Lab]:
        """The lab, not entered yet; engines add what their Asterisk is to be told."""
        phones = tuple(agent.phone for agent in self.plan.agents if agent.phone)
        chosen = {"phones": phones, **site, **self._lab_options}
        silence = {"modules.conf": NO_MUSIC} if self._silent else {}
        extras = (silence, site.get("extra", {}), self._lab_options.get("extra", {}))
        files = dict.fromkeys(name for extra in extras for name in extra)
        chosen["extra"] = {name: "".join(extra.get(name, "") for extra in extras) for name in files}
        return Lab.start(**chosen)

    @abstractmethod
    async def _start(self) -> None:
        """Start what there is besides the lab's servers."""

    @property
    def dial(self) -> Endpoint:
        """Where callers send their INVITE: address and port."""
        return self.lab.asterisk.sip_host, self.lab.asterisk.sip_port

    @property
    def children(self) -> Mapping[str, Child]:
        """By name, every program that serves calls: when one ends by itself, the run is over."""
        return {"asterisk": self.lab.asterisk.child}

    @property
    def processes(self) -> Mapping[str, int]:
        """Their names and process ids."""
        return {name: child.pid for name, child in self.children.items()}

    @property
    def events(self) -> EventLog | None:
        """What the engine told of the calls, if it tells anything."""
        return None

    async def log_in(self, *agents: str) -> None:
        """Make agents ready, all of the plan if none is named; their phones have registered. Returns when calls can
        reach them."""
        for agent in agents or [agent.id for agent in self.plan.agents]:
            await self.ready(agent)

    @abstractmethod
    async def ready(self, agent: str) -> None:
        """Come back from a break, or log in again. This and the next two raise NotSupported where agents cannot."""

    @abstractmethod
    async def take_break(self, agent: str) -> None:
        """Take no calls for a while."""

    @abstractmethod
    async def log_out(self, agent: str) -> None:
        """Go home."""

    @property
    def pages(self) -> str:
        """Where agents' pages are. Only of an engine that has some."""
        raise NotSupported(f"{self.name} has no page for agents")

    async def give_account(self, agent: str, password: str) -> None:
        """Let this agent log in at the page."""
        raise NotSupported(f"{self.name} has no account for {agent}")

    async def clock_ahead_ms(self) -> float:
        """How far the clock of ``events`` is ahead of the machine's, milliseconds."""
        return 0.0

    async def left_behind(self) -> Sequence[str]:
        """What is there now that belongs to a call, a line each: nothing, when all calls are over."""
        channels = await self.lab.asterisk.cli("core show channels concise")
        bridges = await self.lab.asterisk.cli("bridge show all")
        return [
            *(f"channel {line.partition('!')[0]}" for line in channels.splitlines() if "!" in line),
            *(f"bridge {line.split()[0]}" for line in bridges.splitlines()[1:] if line.strip()),
        ]

    # --- what engines make of a plan ----------------------------------------------------------------------------------

    def _numbers(self) -> Mapping[str, str]:
        """What can be dialled, with the queue where it leads: a queue's numbers and its name."""
        return self.plan.configuration.queue_of_number

    def _wishes(self) -> bool:
        """Whether any caller asks for more than a queue."""
        return any(call.requires or call.prefers or call.priority for call in self.plan.calls)

    def _browsers(self) -> bool:
        """Whether any agent has a browser for a phone."""
        return not all(agent.phone for agent in self.plan.agents)

    def _phone(self, agent: str) -> str:
        return next(planned.phone for planned in self.plan.agents if planned.id == agent)
