"""A system of the user's own under load: its callers are ours, its agents are not, and nothing is started for it."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from typing import Any, ClassVar

from scenarios.lab.lab import Lab
from scenarios.lab.namespace import Child
from scenarios.lab.sipp import Endpoint
from scenarios.load.engine import Engine, NotSupported
from scenarios.load.plan import Plan

__all__ = ["MOST_PER_S", "Target", "TargetRefused", "endpoint_of", "within"]

MOST_PER_S = 10.0
"""Calls a second at somebody's system, unless more is asked for in so many words."""
DEFAULT_PORT = 5060
_ADDRESS = re.compile(r"sip:(?P<host>[0-9.]+)(:(?P<port>[0-9]{1,5}))?", re.ASCII)


class TargetRefused(Exception):
    """No call was placed; the message says why and what to do."""


def endpoint_of(text: str, *, owned: bool) -> Endpoint:
    """The address in ``sip:HOST[:PORT]``; only one of this machine, unless the user says that the system is theirs.

    Raises TargetRefused.
    """
    found = _ADDRESS.fullmatch(text)
    if found is None:
        raise TargetRefused(f"--target {text}: write sip:ADDRESS or sip:ADDRESS:PORT, an IPv4 address and no name")
    try:
        address = ipaddress.IPv4Address(found["host"])
    except ValueError:
        raise TargetRefused(f"--target {text}: {found['host']} is no IPv4 address") from None
    port = int(found["port"] or DEFAULT_PORT)
    if not 0 < port < 1 << 16:
        raise TargetRefused(f"--target {text}: a port is 1 to 65535")
    if not address.is_loopback and not owned:
        raise TargetRefused(
            f"--target {text} is not on this machine: load can take a system down, so it is only sent there with "
            "--i-own-this-system"
        )
    return str(address), port


def within(plan: Plan, most_per_s: float) -> Plan:
    """The same calls, no closer together than so many a second."""
    calls, free_at = [], 0.0
    for call in plan.calls:
        at = max(call.at, free_at)
        free_at = at + 1 / most_per_s
        calls.append(replace(call, at=round(at, 3)))
    later = calls[-1].at - plan.calls[-1].at if calls else 0.0
    return replace(plan, calls=calls, duration_s=plan.duration_s + later)


class Target(Engine):
    """Callers hang up by themselves after the talk time; patience is how long they let it ring."""

    name: ClassVar[str] = "target"
    shows_agents: ClassVar[bool] = False

    def __init__(self, plan: Plan, endpoint: Endpoint) -> None:
        if not plan.calls:
            raise NotSupported(f"{plan.name} has no callers, and a target needs nothing else.")
        super().__init__(replace(plan, agents=(), changes=()))
        self._endpoint = endpoint

    def _lab(self, **site: Any) -> AbstractAsyncContextManager[Lab]:
        return Lab.start(asterisks=0, redis=False, phones=(), **site)

    async def _start(self) -> None:
        """It is there, or it is not: callers will tell."""

    @property
    def dial(self) -> Endpoint:
        return self._endpoint

    @property
    def children(self) -> Mapping[str, Child]:
        return {}

    async def log_in(self, *agents: str) -> None:
        """Its agents are its own."""

    async def ready(self, agent: str) -> None:
        raise NotSupported(f"{agent} is no agent of ours")

    take_break = log_out = ready

    async def left_behind(self) -> Sequence[str]:
        """Nobody can look."""
        return ()
