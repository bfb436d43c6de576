"""Callers are cut into slices that SIPp can play, and its files say exactly what the plan says."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest

from scenarios.load import senders
from scenarios.load.plan import AgentGroup, Audio, Codec, PlannedCall
from scenarios.load.scripts import caller_rows, caller_script, phone_script
from scenarios.load.senders import LEAD_S, LONGEST_SLICE_S, slices
from tests.load_plans import caller, callers


def test_every_caller_is_in_one_slice_and_slices_begin_in_order() -> None:
    kinds: list[Mapping[str, object]] = [
        {},
        {"codec": Codec.ALAW},
        {"audio": Audio.TONE},
        {"audio": Audio.FILE, "audio_file": Path("a.raw")},
        {"audio": Audio.FILE, "audio_file": Path("b.raw")},
        {"requires": "german"},
    ]
    calls = [caller(n, n * 0.5, **kinds[n % len(kinds)]) for n in range(60)]
    parts = list(slices(calls))

    assert sorted(call.index for part in parts for call in part.calls) == list(range(60))
    assert len(parts) == len(kinds)
    assert [part.number for part in parts] == list(range(1, len(parts) + 1))
    assert all(first.begins_at <= second.begins_at for first, second in pairwise(parts))
    for part in parts:
        assert len({(call.codec, call.audio, call.audio_file, bool(call.requires)) for call in part.calls}) == 1
        assert [call.at for call in part.calls] == sorted(call.at for call in part.calls)


@pytest.mark.parametrize("wish", [{"requires": "german"}, {"prefers": "german"}, {"priority": 2.0}])
def test_who_asks_for_something_is_in_another_slice(wish: Mapping[str, object]) -> None:
    assert len(list(slices([caller(0, 0.0), caller(1, 1.0, **wish), caller(2, 2.0)]))) == 2


def test_a_slice_has_so_many_callers_and_lasts_so_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(senders, "MOST_CALLS", 10)
    many = list(slices(callers(25, every_s=1.0)))
    long = list(slices(callers(9, every_s=LONGEST_SLICE_S / 3)))

    assert [len(part.calls) for part in many] == [10, 10, 5]
    assert [len(part.calls) for part in long] == [4, 4, 1]
    assert all(part.calls[-1].at - part.calls[0].at <= LONGEST_SLICE_S for part in long)


def test_a_slice_starts_before_its_first_caller_and_counts_its_calls_from_one() -> None:
    (part,) = slices([caller(0, 5.0), caller(1, 6.0)])

    assert part.begins_at == 5.0 - LEAD_S
    assert [part.sip_id(place) for place in (0, 1)] == ["caller-1-1", "caller-1-2"]
    assert (part.ended, part.failed, part.complaint) == (0, 0, "")
    part.leave(0)
    part.vanish(1)  # nothing is there yet that could


def test_without_callers_there_is_no_slice() -> None:
    assert list(slices([])) == []


# --- what SIPp is fed -------------------------------------------------------------------------------------------------


def test_a_row_for_each_caller_with_its_wait_from_when_sipp_makes_it() -> None:
    calls = [caller(0, 2.0), caller(1, 2.5, talk_bucket=7, requires="german >= 50", priority=1.5), caller(2, 2.5)]
    head, *rows = caller_rows(calls, begins_at=1.0, per_s=100)

    assert head == "SEQUENTIAL"
    assert rows == [
        "900000000;1000;100;;;0;0",
        "900000107;1490;100;german >= 50;;1.5;7",
        "900000200;1480;100;;;0;0",
    ]


def test_who_is_late_already_dials_at_once() -> None:
    assert list(caller_rows([caller(0, 2.0)], begins_at=9.0, per_s=100))[1].split(";")[1] == "0"


def test_an_expression_of_several_lines_is_one_field() -> None:
    (_, row) = caller_rows([caller(0, 0.0, requires="german\n  and\tbilling\r\n")], begins_at=0, per_s=1)

    assert row.split(";")[3] == "german and billing"


@pytest.mark.parametrize("text", ["german; billing", "[field0]", "a]"])
@pytest.mark.parametrize("field", ["requires", "prefers"])
def test_what_would_be_another_field_is_refused(field: str, text: str) -> None:
    with pytest.raises(ValueError, match="SIPp cannot be fed"):
        list(caller_rows([caller(0, 0.0, **{field: text})], begins_at=0, per_s=1))


def test_what_is_dialled_cannot_break_a_row_either() -> None:
    odd = PlannedCall(index=0, at=0, exten="1;2", queue="desk", talk_bucket=0)

    with pytest.raises(ValueError, match="1;2"):
        list(caller_rows([odd], begins_at=0, per_s=1))


@pytest.mark.parametrize("codec", list(Codec))
@pytest.mark.parametrize("audio_file", [None, "/tmp/tone.ulaw"])
@pytest.mark.parametrize("wishes", [False, True])
def test_a_callers_script_is_xml_and_offers_its_codec(codec: Codec, audio_file: str | None, wishes: bool) -> None:
    script = caller_script(codec=codec, audio_file=audio_file, wishes=wishes)
    invite = next(each.text or "" for each in ElementTree.fromstring(script).iter("send"))

    assert {"ulaw": "PCMU", "alaw": "PCMA", "g722": "G722"}[codec] in invite
    assert ("X-Requires: [field3]" in invite) == wishes
    assert ("rtp_stream" in script) == (audio_file is not None)


@pytest.mark.parametrize(
    "group",
    [
        AgentGroup(name="plain"),
        AgentGroup(name="odd", ring_s=(0.1, 5), rejects=0.3, busy=0.2, no_answer=0.5, hangs_up_early=1.0),
    ],
)
def test_a_phones_script_is_xml_with_a_branch_for_each_talk_time(group: AgentGroup) -> None:
    root = ElementTree.fromstring(phone_script(group, [0.5, 1.5, 2.5]))
    limits = [each.get("timeout") for each in root.iter("recv")]

    assert {"500", "1500", "2500"} <= set(limits)
    labels = {each.get("id") for each in root.iter("label")}
    assert {each.get("next") for each in root.iter() if each.get("next")} <= labels
    assert {each.get("ontimeout") for each in root.iter("recv") if each.get("ontimeout")} <= labels
