"""SIPp's short lines become calls and offers, whatever is said twice, too late, by halves, or of nobody."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

from scenarios.load.messages import Message, cut_short, joined, read, seen_calls, seen_offers
from scenarios.load.seen import CallerEnd, OfferEnd, SeenCall, SeenOffer

NUMBER = "900000000"
IDS = {"caller-1-1": NUMBER, "phone-1": NUMBER}


def lines(*said: str, sip_id: str) -> str:
    """``1.5 S INVITE`` and ``2 R 200 INVITE``, as SIPp writes them."""
    rows = []
    for each in said:
        at, direction, *words = each.split()
        if words[0].isdigit():
            first, cseq = f"SIP/2.0 {words[0]} Some Reason", f"CSeq:1 {words[1]}"
        else:
            first, cseq = f"{words[0]} sip:1001@127.0.0.1:5060 SIP/2.0", f"CSeq:1 {words[0]}"
        rows.append(f"2026-01-01\t00:00:00.000000\t{at}\t{direction}\t{sip_id}\t{cseq}\t{first}\n")
    return "".join(rows)


def messages(tmp_path: Path, text: str) -> Iterable[Message]:
    path = tmp_path / "messages"
    path.write_text(text)
    return list(read(path))


def one_call(tmp_path: Path, *said: str) -> SeenCall:
    (call,) = seen_calls(messages(tmp_path, lines(*said, sip_id="caller-1-1")), IDS).values()
    return call


def one_offer(tmp_path: Path, *said: str) -> SeenOffer:
    (offer,) = seen_offers(messages(tmp_path, lines(*said, sip_id="phone-1")), IDS)
    return offer


ANSWERED = ("1 S INVITE", "1.1 R 100 INVITE", "1.2 R 180 INVITE", "2 R 200 INVITE", "2.1 S ACK")


@pytest.mark.parametrize(
    ("said", "end", "ended_at", "code"),
    [
        ((*ANSWERED, "5 R BYE", "5.1 S 200 BYE"), CallerEnd.HUNG_UP_ON, 5, 0),
        ((*ANSWERED, "5 S BYE", "5.1 R 200 BYE"), CallerEnd.HUNG_UP, 5, 0),
        ((*ANSWERED, "5 S BYE", "5.01 R BYE"), CallerEnd.HUNG_UP, 5, 0),
        (("1 S INVITE", "3 S CANCEL", "3.1 R 200 CANCEL", "3.2 R 487 INVITE"), CallerEnd.GAVE_UP, 3, 0),
        (("1 S INVITE", "3 S CANCEL", "3.1 R 200 INVITE", "3.2 S ACK", "3.3 S BYE"), CallerEnd.GAVE_UP, 3, 0),
        (("1 S INVITE", "1.5 R 486 INVITE", "1.6 S ACK"), CallerEnd.REFUSED, 1.5, 486),
        (("1 S INVITE", "1.5 R 503 INVITE", "2 R 503 INVITE"), CallerEnd.REFUSED, 1.5, 503),
        (ANSWERED, CallerEnd.UNFINISHED, None, 0),
        (("1 S INVITE",), CallerEnd.UNFINISHED, None, 0),
    ],
)
def test_how_a_caller_ended(
    tmp_path: Path, said: tuple[str, ...], end: CallerEnd, ended_at: float | None, code: int
) -> None:
    call = one_call(tmp_path, *said)

    assert (call.end, call.ended_at, call.code) == (end, ended_at, code)


def test_retransmissions_change_nothing(tmp_path: Path) -> None:
    call = one_call(
        tmp_path,
        *("1 S INVITE", "1.5 S INVITE", "1.6 R 183 INVITE", "1.7 R 180 INVITE", "2 R 200 INVITE", "2.5 R 200 INVITE"),
        *("5 R BYE", "5.5 R BYE"),
    )

    assert (call.invited_at, call.progress_at, call.picked_up_at, call.ended_at) == (1, 1.6, 2, 5)


def test_a_hundred_is_no_progress(tmp_path: Path) -> None:
    assert one_call(tmp_path, "1 S INVITE", "1.1 R 100 INVITE").progress_at is None


@pytest.mark.parametrize(
    ("said", "end", "answered_at", "ended_at"),
    [
        (("1 R INVITE", "1.1 S 180 INVITE", "2 S 200 INVITE", "5 S BYE", "5.1 R 200 BYE"), OfferEnd.HUNG_UP, 2, 5),
        (("1 R INVITE", "2 S 200 INVITE", "2.5 S 200 INVITE", "5 R BYE", "6 R BYE"), OfferEnd.HUNG_UP_ON, 2, 5),
        (("1 R INVITE", "3 R CANCEL", "3.1 S 200 CANCEL", "3.2 S 487 INVITE"), OfferEnd.CANCELLED, None, 3),
        (("1 R INVITE", "3 S 200 INVITE", "3.1 R CANCEL", "3.2 R ACK", "3.3 R BYE"), OfferEnd.CANCELLED, 3, 3.1),
        (("1 R INVITE", "1.2 S 486 INVITE", "1.3 R ACK"), OfferEnd.REFUSED, None, 1.2),
        (("1 R INVITE", "1.2 S 603 INVITE", "1.7 S 603 INVITE"), OfferEnd.REFUSED, None, 1.2),
        (("1 R INVITE", "1.5 R INVITE", "2 S 200 INVITE", "3 R INVITE"), OfferEnd.UNFINISHED, 2, None),
    ],
)
def test_how_an_offer_ended(
    tmp_path: Path, said: tuple[str, ...], end: OfferEnd, answered_at: float | None, ended_at: float | None
) -> None:
    offer = one_offer(tmp_path, *said)

    assert (offer.phone, offer.number, offer.invited_at) == ("1001", NUMBER, 1)
    assert (offer.end, offer.answered_at, offer.ended_at) == (end, answered_at, ended_at)


@pytest.mark.parametrize(
    ("said", "many"),
    [
        (("1 R INVITE", "1.1 S 180 INVITE", "3 R CANCEL", "3.1 S 200 CANCEL"), 1),
        (("1 R INVITE", "2 S 200 INVITE", "2.1 R ACK", "2.2 R BYE", "2.3 S 200 BYE", "2.9 R BYE"), 1),
        (("1 R INVITE", "2 S 200 INVITE", "2.1 R ACK", "3 S BYE", "3.1 R 481 BYE"), 0),
        (("1 R INVITE", "2 S 200 INVITE", "2.1 R ACK", "3 R UPDATE"), 0),
    ],
)
def test_who_is_cut_short_between_two_steps_of_a_scenario_made_no_mistake(
    tmp_path: Path, said: tuple[str, ...], many: int
) -> None:
    seen = list(messages(tmp_path, lines(*said, sip_id="phone-1") + lines(*said, sip_id="phone-2")))

    assert cut_short(seen, {"phone-1"}) == many
    assert cut_short(seen, set()) == 0


def test_what_begins_without_an_invite_is_no_call_and_no_offer(tmp_path: Path) -> None:
    options = lines("1 R OPTIONS", "1.1 S 200 OPTIONS", sip_id="phone-1")
    middle = lines("1 R 200 INVITE", "2 R BYE", sip_id="caller-1-1")
    unknown = lines("1 S INVITE", sip_id="caller-9-9")

    assert seen_offers(messages(tmp_path, options), IDS) == []
    assert seen_calls(messages(tmp_path, middle + unknown), IDS) == {}


def test_a_line_that_was_cut_off_is_left_out(tmp_path: Path) -> None:
    whole = lines("1 S INVITE", "2 R 200 INVITE", "5 R BYE", sip_id="caller-1-1")
    count = len(list(messages(tmp_path, whole)))

    for cut in range(1, len(lines("5 R BYE", sip_id="caller-1-1"))):
        assert len(list(messages(tmp_path, whole[:-cut]))) == count - 1
    assert list(messages(tmp_path, "")) == []


# --- callers and phones together --------------------------------------------------------------------------------------


def caller(end: CallerEnd, ended_at: float | None) -> dict[str, SeenCall]:
    return {NUMBER: SeenCall(number=NUMBER, invited_at=1, picked_up_at=1.1, end=end, ended_at=ended_at)}


def phone(number: str = NUMBER, *, invited_at: float = 2, answered_at: float | None = None) -> SeenOffer:
    sip_id = f"{number}-{invited_at}"
    return SeenOffer(sip_id=sip_id, phone="1001", number=number, invited_at=invited_at, answered_at=answered_at)


@pytest.mark.parametrize(
    ("end", "answered", "becomes"),
    [
        (CallerEnd.HUNG_UP, None, CallerEnd.GAVE_UP),
        (CallerEnd.HUNG_UP, 3, CallerEnd.HUNG_UP),
        (CallerEnd.HUNG_UP, 5.01, CallerEnd.GAVE_UP),
        (CallerEnd.HUNG_UP_ON, None, CallerEnd.HUNG_UP_ON),
        (CallerEnd.REFUSED, None, CallerEnd.REFUSED),
    ],
)
def test_who_hangs_up_before_an_agent_answers_gives_up(
    end: CallerEnd, answered: float | None, becomes: CallerEnd
) -> None:
    calls = caller(end, 5)
    joined(calls, [phone(answered_at=answered)], vanished={})

    assert calls[NUMBER].end is becomes
    assert (calls[NUMBER].agent_at is not None) == (becomes is CallerEnd.HUNG_UP)


def test_an_agent_who_answered_when_the_caller_had_gone_took_nothing() -> None:
    calls = caller(CallerEnd.HUNG_UP_ON, 5)
    joined(calls, [phone(answered_at=5.01)], vanished={})

    assert calls[NUMBER].answer is None


def test_of_two_agents_the_one_who_answered_first_has_the_caller() -> None:
    calls = caller(CallerEnd.HUNG_UP_ON, 9)
    joined(calls, [phone(invited_at=2, answered_at=4), phone(invited_at=2.5, answered_at=3)], vanished={})

    assert calls[NUMBER].agent_at == 3


@pytest.mark.parametrize(
    ("end", "ended_at", "becomes"),
    [
        (CallerEnd.UNFINISHED, None, CallerEnd.VANISHED),
        (CallerEnd.HUNG_UP_ON, 12, CallerEnd.VANISHED),
        (CallerEnd.HUNG_UP_ON, 3, CallerEnd.HUNG_UP_ON),
        (CallerEnd.REFUSED, 3, CallerEnd.REFUSED),
    ],
)
def test_who_vanished_was_not_there_any_more_for_what_came_later(
    end: CallerEnd, ended_at: float | None, becomes: CallerEnd
) -> None:
    calls = caller(end, ended_at)
    joined(calls, [], vanished={NUMBER: 4, "nobody": 4})

    assert calls[NUMBER].end is becomes


def test_who_is_sent_away_has_no_end_of_its_own() -> None:
    for ended_at, becomes in ((5, CallerEnd.GAVE_UP), (8, CallerEnd.UNFINISHED)):
        calls = caller(CallerEnd.HUNG_UP, ended_at)
        joined(calls, [], vanished={}, sent_away_at=7)
        assert calls[NUMBER].end is becomes
    talking = caller(CallerEnd.HUNG_UP, 8)
    joined(talking, [phone(answered_at=3)], vanished={}, sent_away_at=7)
    assert talking[NUMBER].end is CallerEnd.HUNG_UP


def test_offers_of_nobody_are_strays_and_others_are_in_order() -> None:
    calls = caller(CallerEnd.HUNG_UP_ON, 9)
    later, earlier, stray = phone(invited_at=6), phone(invited_at=3), phone("955555500")
    traffic = joined(calls, [later, stray, earlier], vanished={})

    assert calls[NUMBER].offers == [earlier, later]
    assert list(traffic.strays) == [stray]
    assert list(traffic.phones["1001"]) == [stray, earlier, later]
