"""Turns what the event socket says into events, and survives whatever it says."""

from __future__ import annotations

from collections import Counter
from functools import reduce
from operator import or_
from typing import Any, Final

import msgspec
import structlog

from stasis_app.ari.decoding import Undecodable, decode_leniently, decode_plainly
from stasis_app.ari.generated_events import MESSAGES, Message
from stasis_app.ari.reception import Received

__all__ = ["EventDecoder", "UnknownEvent"]

_EXCERPT: Final = 400  # characters of an unreadable message that go into the log
_KNOWN: Final = frozenset(message.__name__ for message in MESSAGES)

_log = structlog.get_logger(__name__)


class UnknownEvent(Received, frozen=True, kw_only=True, gc=False):
    """An event of a type that this client was not generated with."""

    name: str
    raw: dict[str, Any]

    @property
    def type(self) -> str:
        """Asterisk's name of the event."""
        return self.name


class EventDecoder:
    """Decodes, and counts what it cannot decode.

    `undecodable` counts by type (`?` where even that cannot be read); each type is logged once,
    with the beginning of the text.
    """

    def __init__(self) -> None:
        self._decoder: msgspec.json.Decoder[Message] = msgspec.json.Decoder(reduce(or_, MESSAGES))
        self.undecodable: Final[Counter[str]] = Counter()
        self.unknown: Final[Counter[str]] = Counter()

    def decode(self, text: bytes) -> Received | None:
        """The event, or None when nothing can be made of the text."""
        try:
            return decode_leniently(text, self._decoder)
        except Undecodable as reason:
            return self._salvage(text, reason)

    def _salvage(self, text: bytes, reason: Undecodable) -> UnknownEvent | None:
        try:
            raw = decode_plainly(text)
        except Undecodable:
            raw = None
        name = raw.get("type") if isinstance(raw, dict) else None
        if isinstance(raw, dict) and isinstance(name, str) and name not in _KNOWN:
            self.unknown[name] += 1
            return UnknownEvent(name=name, raw=raw)
        kind = name if isinstance(name, str) else "?"
        self.undecodable[kind] += 1
        if self.undecodable[kind] == 1:
            excerpt = text[:_EXCERPT].decode(errors="replace")
            _log.error("an event cannot be decoded", event_type=kind, reason=str(reason), text=excerpt)
        return None
