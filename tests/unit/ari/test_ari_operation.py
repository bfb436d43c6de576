"""How an operation turns into a request, and an answer into its type."""

from __future__ import annotations

from typing import Any, Literal

import pytest
from hypothesis import given, strategies as st
from yarl import URL

from stasis_app.ari import generated_operations
from stasis_app.ari.errors import (
    AriRefused,
    AriUnauthorised,
    Conflict,
    NotFound,
    ServerError,
    Unprocessable,
    UnreadableReply,
    refusal,
)
from stasis_app.ari.generated_models import Channel
from stasis_app.ari.http_pool import Reply
from stasis_app.ari.operation import Operation

DIAL = Operation("channels.dial", "POST", "channels/{}/dial", type(None))
GET = Operation("channels.get", "GET", "channels/{}", Channel)
FILE = Operation("recordings.getStoredFile", "GET", "recordings/stored/{}/file", bytes, http_only=True)
FILTER = Operation("applications.filter", "PUT", "applications/{}/eventFilter", type(None), body="whole")


def test_numbers_and_lists_stay_what_they_are() -> None:
    request = DIAL.request(("c1",), {"timeout": 20, "mute": True, "channel": ["a", "b"], "caller": None})

    assert request.body == {"timeout": 20, "mute": True, "channel": ["a", "b"]}
    assert request.query_pairs() == []


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_reading_and_deleting_take_their_parameters_in_the_query(method: Literal["GET", "DELETE"]) -> None:
    request = Operation("any", method, "channels/{}", type(None)).request(
        ("c1",), {"only": ["build", "system"], "flag": False, "count": 3}
    )

    assert request.query_pairs() == [("only", "build,system"), ("flag", "false"), ("count", "3")]
    assert request.body is None


def test_nothing_given_means_no_body() -> None:
    assert DIAL.request(("c1",), {"timeout": None}).body is None


def test_a_body_parameter_can_be_the_whole_body() -> None:
    request = FILTER.request(("acd",), {"filter": {"disallowed": []}})

    assert request.body == {"disallowed": []}
    assert FILTER.request(("acd",), {"filter": {}}).body == {}


@given(st.text(min_size=1))
def test_a_name_in_the_path_stays_one_segment(name: str) -> None:
    uri = GET.request((name,), {}).uri

    assert uri.count("/") == 1
    assert "?" not in uri
    assert URL(f"http://x/{uri}", encoded=True).raw_path == f"/{uri}"


def test_an_answer_becomes_its_type() -> None:
    assert GET.read(b'{"id": "c1", "state": "Up", "new": 1}') == Channel(id="c1", state="Up")
    assert GET.read('{"id": "c1", "state": null}') == Channel(id="c1")
    assert FILE.read(b"RIFF") == b"RIFF"
    assert DIAL.read(b"anything") is None


def test_an_answer_of_another_type_is_told_as_such() -> None:
    with pytest.raises(UnreadableReply, match=r"channels\.get: the answer cannot be read"):
        GET.read(b"[]")


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, Unprocessable),
        (401, AriUnauthorised),
        (403, AriUnauthorised),
        (404, NotFound),
        (405, AriRefused),
        (409, Conflict),
        (412, Unprocessable),
        (422, Unprocessable),
        (500, ServerError),
        (503, ServerError),
    ],
)
def test_each_refusal_has_its_class(status: int, kind: type[AriRefused]) -> None:
    error = refusal(status, "no", "channels.dial", user="acd")

    assert type(error) is kind
    assert (error.status, error.message, error.operation) == (status, "no", "channels.dial")
    assert "channels.dial" in str(error)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b'{"message": "Channel not found"}', "Channel not found"),
        (b'{"error": "Allocation failed"}', "Allocation failed"),
        (b"<html>", "Not Found"),
        (b"", "Not Found"),
    ],
)
def test_a_refusal_carries_asterisks_words(body: bytes, words: str) -> None:
    with pytest.raises(NotFound) as refused:
        Reply(404, "Not Found", body).accept(GET, user="acd")

    assert refused.value.message == words


def test_every_answer_that_may_grow_goes_by_http_alone() -> None:
    operations: dict[str, Operation[Any]] = {
        one.name: one for one in vars(generated_operations).values() if isinstance(one, Operation)
    }
    by_http = {name for name, one in operations.items() if one.http_only}

    assert len(operations) == 108
    assert {
        name for name in operations if name.endswith((".list", "listByTech", "listStored", "listModules"))
    } < by_http
    assert {"applications.get", "applications.filter", "bridges.get", "endpoints.get"} < by_http
    assert "recordings.getStoredFile" in by_http
    assert not {"channels.create", "channels.get", "bridges.createWithId", "bridges.addChannel"} & by_http
