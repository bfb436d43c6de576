"""One request after it was authenticated, authorised and checked: what every route's function is given."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from aiohttp import web

from acd.configuration import Configuration
from stasis_app.web.bodies import Body
from stasis_app.web.problems import Problem
from stasis_app.web.rules import Identity
from stasis_app.web.services import Services, WebOptions
from stasis_app.web.sessions import Session, Sessions
from stasis_app.web.throttle import Throttle

B = TypeVar("B", bound=Body)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What the API keeps between requests."""

    sessions: Sessions
    local_key: str = field(repr=False)
    log_ins: Throttle = field(default_factory=Throttle)
    sockets: set[web.WebSocketResponse] = field(default_factory=set)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request that may go ahead."""

    services: Services
    options: WebOptions
    kept: Kept
    request: web.Request
    path: Mapping[str, str]
    """The values of the path's ``{names}``."""
    identity: Identity | None = None
    session: Session | None = None
    """The session that proved the identity; None for the local key."""
    body: Body | None = None
    query: Body | None = None

    @property
    def configuration(self) -> Configuration:
        """The version in force."""
        return self.services.configuration.current

    @property
    def who(self) -> Identity:
        """The identity, on routes that need one."""
        assert self.identity is not None
        return self.identity

    @property
    def own_agent(self) -> str:
        """The agent that the user is; raises Problem 404 if the user is none."""
        agent = self.who.agent
        if agent is None:
            raise Problem(404, "no-desk", f"{self.who.name} is no agent, and only agents have a desk")
        if agent not in self.configuration.agents:
            raise Problem(404, "no-desk", f"agent {agent!r} is not configured (any more): ask your supervisor")
        return agent

    def sent(self, kind: type[B]) -> B:
        """The body, of the type that the route names."""
        assert isinstance(self.body, kind)
        return self.body

    def wanted(self, kind: type[B]) -> B:
        """The query, of the type that the route names."""
        assert isinstance(self.query, kind)
        return self.query


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """An answer that is more than 200 and a body."""

    content: object = None
    status: int = 200
    set_session: str | None = None
    """A token to keep in the cookie; empty to forget it."""


Handler = Callable[[Asked], Awaitable[Any]]
"""Answers a View, a tuple of Views, None (204), a Reply, or a finished response."""
