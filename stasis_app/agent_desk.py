"""What an agent can ask for, checked against the configuration before the store is asked to make the transition."""

from __future__ import annotations

from collections.abc import Callable
from difflib import get_close_matches

from acd.agent import Agent, AgentActivity, AgentStatus
from acd.configuration import Configuration
from acd.errors import AcdError
from acd.ports import Refusal, Refused, Store

MAX_REASON = 40
"""A break's reason is shown in tables and buttons."""


class AgentUnknown(AcdError):
    """No such agent is configured."""

    def __init__(self, agent: str, nearest: tuple[str, ...] = ()) -> None:
        hint = f"; did you mean {' or '.join(nearest)}?" if nearest else ""
        super().__init__(f"no agent called {agent!r} is configured{hint}")
        self.agent = agent
        self.nearest = nearest


class BreakReasonInvalid(AcdError):
    """A break needs a reason that reports can show."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"a break's reason is 1 to {MAX_REASON} characters without line breaks; this one has {len(reason)}"
        )
        self.reason = reason


class NotInWrapUp(AcdError):
    """The agent is not in wrap-up, so there is none to end."""

    def __init__(self, agent: str, activity: AgentActivity) -> None:
        super().__init__(f"{agent} is {activity.value.replace('_', ' ')}, not in wrap-up: there is nothing to end")
        self.agent = agent
        self.activity = activity


class DeskUnavailable(AcdError):
    """The store refused for a cause that the agent cannot mend, only try again."""

    def __init__(self, agent: str, why: Refusal) -> None:
        super().__init__(
            f"the status of {agent} could not be changed just now ({why.value.replace('_', ' ')}): try again"
        )
        self.agent = agent
        self.why = why


class AgentDesk:
    """One agent's wishes. Every method raises AgentUnknown, and passes on what the store raises."""

    def __init__(self, store: Store, configuration: Callable[[], Configuration]) -> None:
        self._store = store
        self._configuration = configuration

    async def log_in(self, agent: str, status: AgentStatus = AgentStatus.READY) -> Agent:
        """Begin to work. An agent who is logged in already keeps working, with the status asked for."""
        if status is AgentStatus.LOGGED_OUT:
            raise ValueError("logging in as logged out is log_out")
        return await self._set(agent, status, reason="log-in" if status is AgentStatus.ON_BREAK else None)

    async def log_out(self, agent: str) -> Agent:
        """Stop working. On a call this takes effect for the next one: the call goes on."""
        return await self._set(agent, AgentStatus.LOGGED_OUT)

    async def ready(self, agent: str) -> Agent:
        """Take calls."""
        return await self._set(agent, AgentStatus.READY)

    async def take_break(self, agent: str, reason: str) -> Agent:
        """Take no further calls; raises BreakReasonInvalid unless the reason is 1 to 40 characters."""
        wanted = reason.strip()
        if not 1 <= len(wanted) <= MAX_REASON or not wanted.isprintable():
            raise BreakReasonInvalid(reason)
        return await self._set(agent, AgentStatus.ON_BREAK, reason=wanted)

    async def end_wrap_up(self, agent: str) -> Agent:
        """The work after the call is done; raises NotInWrapUp if the agent is not at it."""
        self._known(agent)
        result = await self._store.end_wrap_up(agent, by="agent")
        if not isinstance(result, Refused):
            return result
        live = await self._store.agent(agent)
        if live is None:
            raise AgentUnknown(agent)
        raise NotInWrapUp(agent, live.activity)

    async def _set(self, agent: str, status: AgentStatus, *, reason: str | None = None) -> Agent:
        self._known(agent)
        result = await self._store.set_status(agent, status, reason=reason)
        if not isinstance(result, Refused):
            return result
        if result.why is Refusal.UNKNOWN:
            raise AgentUnknown(agent)
        raise DeskUnavailable(agent, result.why)

    def _known(self, agent: str) -> None:
        agents = self._configuration().agents
        if agent not in agents:
            raise AgentUnknown(agent, tuple(get_close_matches(agent, agents, n=3, cutoff=0.6)))
