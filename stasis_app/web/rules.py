"""Who may do what: the roles, the rules, and the one function that decides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from stasis_app.database import Role


class Rule(StrEnum):
    """Who may use a route."""

    ANYONE = "anyone"
    SIGNED_IN = "signed in"
    OWN_OR_SUPERVISOR = "the agent, or a supervisor"
    """The route's ``{agent}`` is the one that the user is, or the user is a supervisor."""
    SUPERVISOR = "supervisor"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who asks."""

    name: str
    role: Role
    agent: str | None = None
    """The agent that this person is, if any."""
    by_key: bool = False
    """Proved by the local key, not by a session: no browser is involved."""


_RANK: Mapping[Role, int] = MappingProxyType({Role.AGENT: 1, Role.SUPERVISOR: 2, Role.ADMIN: 3})

_LEAST: Mapping[Rule, Role] = MappingProxyType(
    {
        Rule.SIGNED_IN: Role.AGENT,
        Rule.OWN_OR_SUPERVISOR: Role.SUPERVISOR,
        Rule.SUPERVISOR: Role.SUPERVISOR,
        Rule.ADMIN: Role.ADMIN,
    }
)


def allowed(rule: Rule, identity: Identity | None, *, agent: str | None = None) -> bool:
    """Whether this person may use a route under this rule, on this agent where the route names one."""
    if rule is Rule.ANYONE:
        return True
    if identity is None:
        return False
    if rule is Rule.OWN_OR_SUPERVISOR and agent is not None and agent == identity.agent:
        return True
    return at_least(identity, _LEAST[rule])


def at_least(identity: Identity, role: Role) -> bool:
    """Whether this person has this role or one above it."""
    return _RANK[identity.role] >= _RANK[role]
