"""What every call's flow works with, and the limits that all of them keep."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeAlias

from acd.call import EndReason
from acd.configuration import Configuration
from acd.events import AnyEvent
from acd.ports import Calls, Clock, Signal, Store

CONNECT_LEASE_MS = 6_000
"""How long an accepted offer may take until both legs are seen in the bridge."""
CONNECT_LIMIT_S = 4.0
"""How long the flow itself waits for that; ends before the lease does."""
CLOSING_LIMIT_S = 5.0
"""How long a finished flow waits for the last channel's end, to write it into history."""
RESULT_FOR_DIALPLAN = MappingProxyType({EndReason.TIMED_OUT: "TIMEOUT", EndReason.WITHDRAWN: "WITHDRAWN"})
"""Ends after which the caller goes on in the dialplan, with what ACD_RESULT says there."""
SLEPT_S = 0.5
"""A longer gap between a commit and its act means that the process was asleep: look again before acting."""


@dataclass(frozen=True, slots=True)
class PhoneDead:
    """The agent's phone could not even be called."""

    offer: str


@dataclass(frozen=True, slots=True)
class LookAgain:
    """What we hold may not be what is committed: read the record and go on from there."""


@dataclass(frozen=True, slots=True)
class TimeUp:
    """The flow's own time limit was reached."""


Item: TypeAlias = Signal | AnyEvent | PhoneDead | LookAgain | TimeUp


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowWorld:
    """The collaborators of every flow on one Asterisk."""

    process: str
    store: Store
    switch: Calls
    clock: Clock
    configuration: Callable[[], Configuration]
    store_ready: Callable[[], Awaitable[None]]
    """Returns when the store answers and its epoch is open."""
