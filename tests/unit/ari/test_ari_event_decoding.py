"""Whatever the event socket says, reading goes on."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given, strategies as st
from structlog.testing import capture_logs

from stasis_app.ari.event_decoding import EventDecoder, UnknownEvent
from stasis_app.ari.generated_events import MESSAGES, ChannelDestroyed, Dial, StasisEnd, StasisStart
from stasis_app.ari.reception import Received

CHANNEL = {"id": "c1", "name": "PJSIP/a-1", "state": "Up"}


def decode(decoder: EventDecoder | None = None, /, **fields: Any) -> Received | None:
    return (decoder or EventDecoder()).decode(json.dumps(fields).encode())


def test_an_event_becomes_its_own_class() -> None:
    event = decode(type="StasisStart", application="acd", args=["a", "b"], channel=CHANNEL)

    assert isinstance(event, StasisStart)
    assert (event.type, event.application, event.args, event.channel.id) == ("StasisStart", "acd", ("a", "b"), "c1")


def test_fields_of_a_later_asterisk_are_ignored() -> None:
    event = decode(type="StasisStart", args=[], channel={**CHANNEL, "colour": "red"}, mood={"a": 1})

    assert isinstance(event, StasisStart)


def test_fields_that_are_left_out_have_a_plain_value() -> None:
    event = decode(type="ChannelDestroyed", channel={"id": "c1"})

    assert isinstance(event, ChannelDestroyed)
    assert (event.cause, event.tech_cause, event.channel.caller.number) == (0, None, "")


@pytest.mark.parametrize(("sent", "read"), [(None, 0), ("17", 17), (17, 17)])
def test_null_and_numbers_in_quotation_marks_are_forgiven(sent: object, read: int) -> None:
    event = decode(type="ChannelDestroyed", cause=sent, channel={**CHANNEL, "language": None})

    assert isinstance(event, ChannelDestroyed)
    assert event.cause == read


def test_bad_utf8_in_a_name_does_not_lose_the_event() -> None:
    event = EventDecoder().decode(b'{"type": "StasisEnd", "channel": {"id": "c1", "caller": {"name": "J\xf6rg"}}}')

    assert isinstance(event, StasisEnd)
    assert (event.channel.id, event.channel.caller.name) == ("c1", "J\N{REPLACEMENT CHARACTER}rg")


def test_an_unknown_type_is_handed_on_as_it_is() -> None:
    decoder = EventDecoder()

    event = decode(decoder, type="CallSang", song="la")

    assert isinstance(event, UnknownEvent)
    assert (event.type, event.raw["song"]) == ("CallSang", "la")
    assert decoder.unknown == {"CallSang": 1}
    assert not decoder.undecodable


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (b"{", "?"),
        (b"\xff\xfe", "?"),
        (b"[]", "?"),
        (b"[" * 100_000, "?"),
        (b"[" * 950 + b"]" * 950, "?"),
        (b'{"no": "type"}', "?"),
        (b'{"type": 7}', "?"),
        (b'{"type": "StasisStart"}', "StasisStart"),
        (b'{"type": "StasisStart", "channel": 3}', "StasisStart"),
    ],
)
def test_what_cannot_be_decoded_is_counted_and_logged_once(text: bytes, kind: str) -> None:
    decoder = EventDecoder()

    with capture_logs() as logs:
        assert decoder.decode(text) is None
        assert decoder.decode(text) is None

    assert decoder.undecodable == {kind: 2}
    assert [entry["event_type"] for entry in logs] == [kind]


def test_only_the_beginning_of_an_unreadable_text_is_logged() -> None:
    with capture_logs() as logs:
        EventDecoder().decode(b"x" * 100_000)

    assert len(logs[0]["text"]) == 400


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_no_text_breaks_the_decoder(text: bytes) -> None:
    EventDecoder().decode(text)


@given(st.sampled_from(MESSAGES), st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists))
def test_no_value_of_a_field_breaks_the_decoder(message: type[Received], value: object) -> None:
    decoder = EventDecoder()
    for name in message.__struct_fields__:
        decode(decoder, type=message.__name__, **{name: value})


def test_asterisk_cannot_write_the_stamp_of_our_reception() -> None:
    event = decode(type="Dial", sequence=5, received_at=7.0, peer=CHANNEL)

    assert isinstance(event, Dial)
    assert (event.sequence, event.received_at) == (0, 0.0)


def test_events_are_frozen() -> None:
    event = decode(type="StasisEnd", channel=CHANNEL)

    with pytest.raises(AttributeError):
        event.application = "x"  # type: ignore[union-attr]
    assert isinstance(event, msgspec.Struct)
