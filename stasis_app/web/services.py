"""What the control API needs of the rest of the process, as small protocols: the composition root hands them in."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from acd.configuration import Configuration
from acd.events import AnyEvent
from acd.lint import Remark
from acd.ports import Clock, PhoneCredentials, Snapshot, Store
from stasis_app.agent_desk import AgentDesk
from stasis_app.database import Accounts, History


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigurationVersion:
    """One entry of the list of versions. Times are milliseconds since 1970."""

    version: int
    author: str
    applied_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """The version in force now, and what deserves a second look in it."""

    version: int
    remarks: Sequence[Remark]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a text would change of the version in force, a line each, and what deserves a second look in it."""

    version: int
    changes: Sequence[str]
    remarks: Sequence[Remark]


class ConfigurationHolder(Protocol):
    """The configuration in force, and the way to replace it."""

    @property
    def current(self) -> Configuration:
        """The version that this process works by."""
        ...

    async def plan(self, toml_text: str) -> Plan:
        """What applying this text would change; raises InvalidConfiguration with every fault. Nothing is applied."""
        ...

    async def apply(self, toml_text: str, author: str) -> Applied:
        """Check, keep and announce a new version; raises InvalidConfiguration with every fault."""
        ...

    async def text(self, version: int | None = None) -> str | None:
        """A version as TOML (the one in force if none is named); None if there is no such version."""
        ...

    async def versions(self, limit: int) -> Sequence[ConfigurationVersion]:
        """The latest first."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Why a call waits, or why an agent gets none: sentences for people, counts for machines."""

    sentences: Sequence[str]
    reasons: Mapping[str, int]
    """What holds pairs back: reason to how many agents (of a call) or calls (of an agent) it holds."""
    candidates: Sequence[str] = ()
    """Who comes first now, best first: agent ids for a call, call ids for an agent."""


class Explainer(Protocol):
    """Answers ``why`` from the routing state of the pool."""

    def steps_on(self, queue: str) -> Collection[int]:
        """The queue's steps that count by their live figures, from 0."""
        ...

    async def explain_call(self, call: str) -> Explanation | None:
        """Why this caller waits; None if the call is not known."""
        ...

    async def explain_agent(self, agent: str) -> Explanation | None:
        """Why this agent gets no call; None if the agent is not known."""
        ...


class Subscription(Protocol):
    """One listener of the pool's events: the state at one instant, and everything after it."""

    @property
    def snapshot(self) -> Snapshot:
        """The state from which the batches go on."""
        ...

    def batches(self) -> AsyncIterator[Sequence[AnyEvent]]:
        """Events in order. Ends when the listener has to begin again: it was too slow, or the store was rebuilt."""
        ...


class Feed(Protocol):
    """The pool's events for many listeners over one reader."""

    def subscribe(self) -> AbstractAsyncContextManager[Subscription]:
        """Listen while the context lasts."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """Everything that the routes work with."""

    store: Store
    clock: Clock
    desk: AgentDesk
    configuration: ConfigurationHolder
    users: Accounts
    history: History
    explainer: Explainer
    feed: Feed
    phone_of: Callable[[str], Awaitable[PhoneCredentials | None]]
    """What a pushed agent's browser registers with; None while the agent's phone is not pushed to any Asterisk."""
    hang_up: Callable[[str], Awaitable[bool]]
    """End the caller's call; False if it is gone."""
    health: Callable[[], Awaitable[Mapping[str, str]]]
    """Each part this process needs (``ari:pbx``, ``store``, ``distributor``): empty if it works, else one sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IceServer:
    """A STUN or TURN server, as browsers take it."""

    urls: tuple[str, ...]
    username: str = ""
    credential: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WebOptions:
    """How the API is served."""

    data_folder: Path
    """Where ``control.key`` and ``session.key`` are kept; they are made at the first start."""
    host: str = "127.0.0.1"
    port: int = 8080
    """0 takes any free one."""
    socket: Path | None = None
    """Unix socket for the command line; none given: ``control.sock`` in the data folder."""
    public_origins: tuple[str, ...] = ()
    """``https://acd.example.org``, where a proxy stands in front; cookies are Secure when one of them is https."""
    phone_websockets: tuple[str, ...] = ()
    """The WebSocket URLs at which browsers register: pages may connect to these and to us, to nothing else."""
    ice_servers: tuple[IceServer, ...] = ()
    auto_answer: bool = False
    serve_pages: bool = True
    session_hours: float = 12.0
