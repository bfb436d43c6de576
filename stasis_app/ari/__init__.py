"""A typed client of Asterisk's REST interface (ARI), from 22.10.1 on; it knows calls, not queues."""

from __future__ import annotations

from stasis_app.ari.errors import (
    AriError,
    AriRefused,
    AriTimeout,
    AriUnauthorised,
    AriUnavailable,
    AsteriskTooOld,
    Conflict,
    NotFound,
    RefusedOnWebSocket,
    ServerError,
    Unprocessable,
    UnreadableReply,
)
from stasis_app.ari.event_decoding import UnknownEvent
from stasis_app.ari.event_stream import QUIET, EventStream
from stasis_app.ari.generated_operations import Operations
from stasis_app.ari.listeners import Inbox, Subscription
from stasis_app.ari.reception import Received
from stasis_app.ari.session import FLOOR, Ari

__all__ = [
    "FLOOR",
    "QUIET",
    "Ari",
    "AriError",
    "AriRefused",
    "AriTimeout",
    "AriUnauthorised",
    "AriUnavailable",
    "AsteriskTooOld",
    "Conflict",
    "EventStream",
    "Inbox",
    "NotFound",
    "Operations",
    "Received",
    "RefusedOnWebSocket",
    "ServerError",
    "Subscription",
    "UnknownEvent",
    "UnreadableReply",
    "Unprocessable",
]
