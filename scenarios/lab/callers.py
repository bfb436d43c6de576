"""Callers that SIPp plays: one that a story directs, and many at once for load."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from scenarios.lab.rtp import RtpPort
from scenarios.lab.sip_trace import PATIENCE_S, SipMessage, SipTrace, TraceEnded
from scenarios.lab.sipp import Endpoint, Sipp, Wait, by_variable, scenario, timed

__all__ = ["CallEnd", "Caller", "Callers", "CallersResult"]

CUE = (
    '<recv request="INFO" optional="true" next="{then}"><action>'
    '<setdest host="[remote_ip]" port="[remote_port]" protocol="udp"/></action></recv>'
)
REINVITE = '<recv request="INVITE" optional="true" next="reinvite"/>'
BYE = '<recv request="BYE" next="ended"/>'
ANSWER = (
    '<recv response="200" rrs="true" response_txn="invite" next="answered">'
    '<action><ereg regexp=".*" search_in="hdr" header="To:" assign_to="remote"/></action></recv>'
)
PROVISIONAL = tuple(
    f'<recv response="{code}" optional="true" response_txn="invite"/>' for code in (100, 180, 181, 182, 183)
)
DTMF = "a=rtpmap:101 telephone-event/8000\na=fmtp:101 0-16"
ULAW = f"m=audio {{media_port}} RTP/AVP 0 101\na=rtpmap:0 PCMU/8000\n{DTMF}"
_numbers = itertools.count(1)


class CallEnd(StrEnum):
    """How a call ended for the one who placed it."""

    HUNG_UP = "hung up by the caller"
    HUNG_UP_ON = "hung up by the other side"
    CANCELLED = "given up before an answer"
    REFUSED = "refused before an answer"
    LOST = "lost: SIPp was killed, or nobody answered its messages"


def caller_xml(
    *,
    from_user: str,
    media_port: str,
    headers: Mapping[str, str],
    patience: Wait,
    talk: Wait,
    talk_times: Sequence[float] = (),
    exten: str = "[service]",
    audio: str = ULAW,
    before: str = "",
    connected: str = "",
    provisional: Sequence[str] = PROVISIONAL,
    cues: Sequence[str] = (),
    refused: str = "",
) -> str:
    """The scenario of a caller. What is said beyond times and headers is SIPp's own XML: `before` the INVITE, once
    `connected`, further messages that are taken while it waits for the answer, further `cues` at any time, and what a
    branch named `refused` does. With `talk_times` a variable named talk says which of them it is."""
    return scenario(
        "caller",
        from_user=from_user,
        exten=exten,
        audio=audio.format(media_port=media_port),
        headers="".join(f"{name}: {value}\n" for name, value in headers.items()),
        before=before,
        connected=connected,
        refused=refused,
        wait_for_answer=timed(
            "patience",
            patience,
            [*provisional, CUE.format(then="cancel"), *cues, ANSWER],
            then="cancel",
        ),
        talk=by_variable("talk", talk_times, [CUE.format(then="hangup"), *cues, REINVITE, BYE], then="hangup")
        if talk_times
        else timed("talk", talk, [CUE.format(then="hangup"), *cues, REINVITE, BYE], then="hangup"),
    )


class Caller:
    """One caller, whom the story directs and who tells what the phone saw.

    All times are seconds of the machine's clock, so that callers and agents can be compared.
    """

    def __init__(self, sipp: Sipp, call_id: str, media: RtpPort | None) -> None:
        self.call_id = call_id
        self.media = media
        self._sipp = sipp
        self._vanished = False
        sipp.trace.listeners.append(self._hear)

    @classmethod
    async def dial(
        cls,
        exten: str,
        *,
        from_user: str,
        folder: Path,
        local: Endpoint,
        asterisk: Endpoint,
        patience_s: float | None = None,
        talk_s: float | None = None,
        rtp: bool = False,
        headers: Mapping[str, str] | None = None,
        limit_s: float = 120,
    ) -> Caller:
        number = next(_numbers)
        media = await RtpPort.open(local[0], mark=number % 0xFE + 1) if rtp else None
        call_id = f"caller-{local[1]}-{number}"
        xml = caller_xml(
            from_user=from_user,
            media_port=str(media.address[1]) if media else "[media_port]",
            headers=headers or {},
            patience=patience_s,
            talk=talk_s,
        )
        sipp = await Sipp.start(
            f"caller-{from_user}",
            xml,
            folder=folder,
            local=local,
            remote=asterisk,
            limit_s=limit_s,
            options={"s": exten, "m": 1, "cid_str": call_id},
        )
        return cls(sipp, call_id, media)

    def _hear(self, message: SipMessage) -> None:
        if self.media and not message.sent and message.media and message.method == "INVITE":
            self.media.send_to(message.media)

    @property
    def trace(self) -> SipTrace:
        """Every message so far."""
        return self._sipp.trace

    async def ringing(self, *, patience_s: float = PATIENCE_S) -> float:
        """When the first ringing arrived. Raises TraceEnded when the call ends without."""
        return (await self.trace.find(lambda m: m.status in {180, 183}, "ringing", patience_s=patience_s)).at

    async def answered(self, *, patience_s: float = PATIENCE_S) -> float:
        """When the answer arrived. Raises TraceEnded when the call ends without."""
        return (await self.trace.find(is_answer, "the answer", patience_s=patience_s)).at

    async def ended(self) -> CallEnd:
        """Returns when the call is over and SIPp has ended."""
        await self._sipp.wait()
        if self.media:
            self.media.close()
        return self._end()

    def _end(self) -> CallEnd:
        seen = self.trace.seen
        if self._vanished:
            return CallEnd.LOST
        if bye := seen(lambda m: m.method == "BYE" and not m.status):
            return CallEnd.HUNG_UP if bye.sent else CallEnd.HUNG_UP_ON
        if seen(lambda m: m.sent and m.method == "CANCEL"):
            return CallEnd.CANCELLED
        return CallEnd.REFUSED if self.refused_with else CallEnd.LOST

    @property
    def refused_with(self) -> int:
        """The SIP code that refused the call; 0 when there was none."""
        last = self.trace.seen(lambda m: m.method == "INVITE" and m.status >= 300 and not m.sent)
        return last.status if last else 0

    @property
    def answered_at(self) -> float | None:
        answer = self.trace.seen(is_answer)
        return answer.at if answer else None

    @property
    def ended_at(self) -> float | None:
        """When the first message that ended the call was sent or received."""
        last = self.trace.seen(
            lambda m: (m.method in {"BYE", "CANCEL"} and not m.status) or (m.method == "INVITE" and m.status >= 300)
        )
        return last.at if last else None

    async def hang_up(self) -> CallEnd:
        """Leaves now: by CANCEL before the answer, by BYE after it."""
        try:
            await self.trace.find(lambda m: m.sent, "the INVITE that it sends")
            self._sipp.nudge(self.call_id)
        except TraceEnded:
            pass
        return await self.ended()

    async def vanish(self) -> None:
        """Is gone without a word, as a phone whose battery died."""
        self._vanished = True
        if self.media:
            self.media.close()
        await self._sipp.kill()


def is_answer(message: SipMessage) -> bool:
    return message.status == 200 and message.method == "INVITE" and not message.sent


@dataclass(frozen=True)
class CallersResult:
    """What became of many calls. One has failed when it went as its scenario did not foresee."""

    placed: int
    successful: int
    failed: int


class Callers:
    """Many callers in one SIPp process."""

    def __init__(self, sipp: Sipp) -> None:
        self._sipp = sipp

    @classmethod
    async def dial(
        cls,
        exten: str,
        *,
        calls: int,
        rate: float,
        folder: Path,
        local: Endpoint,
        asterisk: Endpoint,
        from_user: str = "5550[call_number]",
        patience: Wait = None,
        talk: Wait = None,
        most_at_once: int = 10_000,
        traced: bool = False,
        limit_s: float = 600,
    ) -> Callers:
        """Places `calls` calls at `rate` a second.

        `patience` is the time before the answer, `talk` the time after it. With `traced`, `trace`
        holds every message, at a cost: leave it off when the rate is what is measured.
        """
        xml = caller_xml(
            from_user=from_user,
            media_port="[media_port]",
            headers={},
            patience=patience,
            talk=talk,
        )
        sipp = await Sipp.start(
            f"callers-{exten}",
            xml,
            folder=folder,
            local=local,
            remote=asterisk,
            limit_s=limit_s,
            # Over a period of ten seconds, so that the rate may have one decimal.
            options={"s": exten, "m": calls, "l": most_at_once, "r": round(rate * 10), "rp": 10_000},
            traced=traced,
        )
        return cls(sipp)

    @property
    def trace(self) -> SipTrace:
        return self._sipp.trace

    @property
    def result(self) -> CallersResult:
        """As of a second ago, or of the end."""
        figures = self._sipp.statistics()
        return CallersResult(
            placed=int(figures.get("TotalCallCreated", 0)),
            successful=int(figures.get("SuccessfulCall(C)", 0)),
            failed=int(figures.get("FailedCall(C)", 0)),
        )

    async def ended(self) -> CallersResult:
        """Returns when every call is over."""
        await self._sipp.wait()
        return self.result

    async def vanish(self) -> None:
        """All of them are gone without a word."""
        await self._sipp.kill()
