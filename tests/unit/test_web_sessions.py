"""Sessions, the throttle and the key files: what keeps strangers out."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from stasis_app.web.keys import KeyFileUnsafe, load_or_make
from stasis_app.web.sessions import Sessions
from stasis_app.web.throttle import MAX_KEYS, Throttle

HOUR_MS = 3_600_000
NOW = 1_700_000_000_000


def test_a_token_says_who_it_was_issued_to_until_it_runs_out() -> None:
    sessions = Sessions("k" * 64, hours=12)
    token = sessions.issue("ann", "stamp", now=NOW)
    read = sessions.read(token, now=NOW + 12 * HOUR_MS - 1)

    assert read is not None
    assert (read.user, read.stamp) == ("ann", "stamp")
    assert sessions.read(token, now=NOW + 12 * HOUR_MS) is None


def test_a_token_of_another_key_is_worth_nothing() -> None:
    token = Sessions("a" * 64, hours=12).issue("ann", "stamp", now=NOW)

    assert Sessions("b" * 64, hours=12).read(token, now=NOW) is None


def test_a_token_whose_payload_was_edited_is_worth_nothing() -> None:
    sessions = Sessions("k" * 64, hours=12)
    payload, _, signature = sessions.issue("ann", "stamp", now=NOW).partition(".")
    content = json.loads(base64.urlsafe_b64decode(payload + "=="))
    edited = base64.urlsafe_b64encode(json.dumps({**content, "user": "root"}).encode()).rstrip(b"=").decode()

    assert sessions.read(f"{edited}.{signature}", now=NOW) is None


@given(st.text(max_size=200))
def test_no_text_that_we_did_not_issue_is_a_session(token: str) -> None:
    assert Sessions("k" * 64, hours=12).read(token, now=NOW) is None


def test_an_ended_session_stays_ended_and_others_go_on() -> None:
    sessions = Sessions("k" * 64, hours=12)
    first, second = sessions.issue("ann", "s", now=NOW), sessions.issue("ann", "s", now=NOW)
    ended = sessions.read(first, now=NOW)
    assert ended is not None
    sessions.end(ended, now=NOW)

    assert sessions.read(first, now=NOW) is None
    assert sessions.read(second, now=NOW) is not None


def test_the_throttle_admits_five_in_any_minute() -> None:
    throttle = Throttle(tries=5, window_s=60)

    assert [throttle.admit("ann", now) for now in (0, 10, 20, 30, 40)] == [0] * 5
    assert throttle.admit("ann", 50) == 10
    assert throttle.admit("bob", 50) == 0
    assert throttle.admit("ann", 60) == 0
    assert throttle.admit("ann", 60) == 10


def test_a_right_try_wipes_the_slate() -> None:
    throttle = Throttle(tries=2, window_s=60)
    throttle.admit("ann", 0)
    throttle.admit("ann", 0)
    throttle.forget("ann")

    assert throttle.admit("ann", 1) == 0


def test_the_throttle_remembers_a_bounded_number() -> None:
    throttle = Throttle(tries=1, window_s=60)
    for number in range(MAX_KEYS + 1):
        throttle.admit(number, 0)

    assert throttle.admit(0, 1) == 0
    assert throttle.admit(MAX_KEYS, 1) > 0


def test_a_key_is_made_once_and_read_again(tmp_path: Path) -> None:
    file = tmp_path / "data" / "control.key"
    made = load_or_make(file)

    assert len(made) == 64
    assert load_or_make(file) == made
    assert file.stat().st_mode & 0o777 == 0o600
    assert [entry.name for entry in file.parent.iterdir()] == ["control.key"]


def test_a_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "control.key"
    load_or_make(file)
    file.chmod(0o640)

    with pytest.raises(KeyFileUnsafe, match="can be read by others"):
        load_or_make(file)


def test_a_short_key_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "control.key"
    file.touch(mode=0o600)

    with pytest.raises(KeyFileUnsafe, match="holds no key"):
        load_or_make(file)
