"""Records and events as the scripts write them: JSON that leaves out what is None, decoded straight into the domain.

Records and events of an earlier version decode, too: what came later has its default, and a requirement that was a
table becomes the text that means the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from typing import Any, TypeVar

import msgspec

from acd.agent import Agent
from acd.call import Call
from acd.events import EVENT_TYPES, AnyEvent
from acd.offer import Offer
from acd.skills import requirement

Record = TypeVar("Record", Agent, Call, Offer)

Kind = TypeVar("Kind")

_encoder = msgspec.json.Encoder()
_agents = msgspec.json.Decoder(Agent)
_calls = msgspec.json.Decoder(Call)
_offers = msgspec.json.Decoder(Offer)
_events: Mapping[bytes, msgspec.json.Decoder[Any]] = {
    name.encode(): msgspec.json.Decoder(kind) for name, kind in EVENT_TYPES.items()
}


def _decoded(decoder: msgspec.json.Decoder[Kind], text: bytes) -> Kind:
    try:
        return decoder.decode(text)
    except msgspec.ValidationError:
        fields = msgspec.json.decode(text)
        for call in (fields, fields.get("call")):
            if isinstance(call, dict) and isinstance(call.get("requires"), dict):
                call["requires"] = requirement(call["requires"])
        return decoder.decode(_encoder.encode(fields))


def written(record: Any) -> bytes:
    """A record as JSON, without the fields that are None: cjson's null is true."""
    return _encoder.encode(
        {field.name: value for field in fields(record) if (value := getattr(record, field.name)) is not None}
    )


def agent_of(text: bytes) -> Agent:
    """An agent as the scripts answer it."""
    return _decoded(_agents, text)


def call_of(text: bytes) -> Call:
    """A call as the scripts answer it."""
    return _decoded(_calls, text)


def offer_of(text: bytes) -> Offer:
    """An offer as the scripts answer it."""
    return _decoded(_offers, text)


def stored(text: bytes) -> bytes:
    """The JSON of a record as it is kept: ``<event id>|<JSON>``."""
    return text.partition(b"|")[2]


def by_id(decoder: msgspec.json.Decoder[Record], flat: Iterable[bytes]) -> dict[str, Record]:
    """A hash of kept records, given as field, value, field, value."""
    pairs = iter(flat)
    return {name.decode(): _decoded(decoder, stored(text)) for name, text in zip(pairs, pairs, strict=True)}


def agents_by_id(flat: Iterable[bytes]) -> dict[str, Agent]:
    """All agents."""
    return by_id(_agents, flat)


def calls_by_id(flat: Iterable[bytes]) -> dict[str, Call]:
    """All calls."""
    return by_id(_calls, flat)


def offers_by_id(flat: Iterable[bytes]) -> dict[str, Offer]:
    """All offers."""
    return by_id(_offers, flat)


def steps_by_queue(members: Iterable[bytes]) -> dict[str, frozenset[int]]:
    """The steps that count by a live figure."""
    steps: dict[str, set[int]] = {}
    for member in members:
        queue, _, step = member.decode().partition("|")
        steps.setdefault(queue, set()).add(int(step))
    return {queue: frozenset(numbers) for queue, numbers in steps.items()}


def event_of(event_id: bytes, kind: bytes, body: bytes) -> AnyEvent:
    """One event, with its position as its id."""
    event: AnyEvent = _decoded(_events[kind], b'{"id":"' + event_id + b'",' + body[1:])
    return event


def events_of(entries: Iterable[Any]) -> Iterator[AnyEvent]:
    """Entries of the pool's stream as events."""
    for entry_id, (_, kind, _, body) in entries:
        yield event_of(entry_id, kind, body)
