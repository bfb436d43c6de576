"""Runs the SIPp processes of a load run: callers in slices of time, phones in banks, and what phones say meanwhile."""

from __future__ import annotations

import itertools
import math
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from scenarios.lab.lab import Lab
from scenarios.lab.phones import Phones
from scenarios.lab.sipp import Endpoint, Sipp
from scenarios.load.messages import cut_short, read, seen_calls, seen_offers
from scenarios.load.plan import AgentGroup, Audio, Codec, Plan, PlannedAgent, PlannedCall
from scenarios.load.scripts import caller_rows, caller_script, phone_script
from scenarios.load.seen import SeenCall, SeenOffer

__all__ = ["CallerSlice", "PhoneBank", "Said", "seen_by", "slices", "write_tone"]

MOST_CALLS = 4_000
"""In one SIPp process: those who have not dialled yet are there already, and each takes memory."""
LONGEST_SLICE_S = 600.0
CREATED_PER_S = 1_000
MOST_PHONES = 250
"""In one SIPp process."""
LEAD_S = 1.0
"""A slice is started so long before its first caller dials."""

Said = Callable[[str, str, str], None]
"""Called with what happened at a phone (``rung``, ``answered``), the dialog's Call-ID, and the caller's number."""


@dataclass(kw_only=True)
class CallerSlice:
    """Callers of one kind who dial within one stretch of time; one SIPp process."""

    number: int
    calls: Sequence[PlannedCall]
    sipp: Sipp | None = None

    @property
    def begins_at(self) -> float:
        """When its SIPp is to be started, seconds of the run."""
        return self.calls[0].at - LEAD_S

    def sip_id(self, place: int) -> str:
        """The Call-ID of the call at this place."""
        return f"caller-{self.number}-{place + 1}"

    async def start(
        self,
        lab: Lab,
        *,
        audio: Mapping[Audio, Path],
        now: float,
        limit_s: float,
        remote: Endpoint,
        talk_s: Sequence[float] = (),
        said: Said | None = None,
    ) -> Sipp:
        """``now``: seconds of the run. For a system whose agents nobody sees: given ``talk_s``, callers hang up by
        themselves, and ``said`` is told of each who was answered."""
        first = self.calls[0]
        file = first.audio_file if first.audio is Audio.FILE else audio.get(first.audio)
        script = caller_script(
            codec=first.codec, audio_file=str(file) if file else None, wishes=_has_wishes(first), talk_s=talk_s
        )
        rows = lab.folder / "sip" / f"callers-{self.number}.csv"
        rows.parent.mkdir(exist_ok=True)
        rows.write_text("\n".join((*caller_rows(self.calls, begins_at=now, per_s=CREATED_PER_S), "")))
        self.sipp = await lab.sipp_callers(
            f"callers-{self.number}",
            script,
            rtp=file is not None,
            remote=remote,
            limit_s=limit_s,
            on_log=Hearing(said) if said else None,
            options={
                "inf": rows,
                "m": len(self.calls),
                "l": len(self.calls),
                "r": CREATED_PER_S,
                "cid_str": f"caller-{self.number}-%u",
            },
            traced=False,
            summarized=True,
        )
        return self.sipp

    @property
    def ended(self) -> int:
        """Callers whose call is over, as of a second ago."""
        return 0 if self.sipp is None else _counted(self.sipp, "SuccessfulCall(C)") + self.failed

    @property
    def failed(self) -> int:
        """Those of them whose call went as no scenario foresees."""
        return 0 if self.sipp is None else _counted(self.sipp, "FailedCall(C)")

    @property
    def complaint(self) -> str:
        """What its SIPp says went wrong; empty if nothing did."""
        return "" if self.sipp is None else _complaint(self.sipp)

    def leave(self, place: int) -> None:
        """This caller gives up."""
        if self.sipp is not None:
            self.sipp.nudge(self.sip_id(place))

    def vanish(self, place: int) -> None:
        """This caller is gone without a word."""
        if self.sipp is not None:
            self.sipp.nudge(self.sip_id(place), "MESSAGE")


class Hearing:
    """Takes what scenarios log, and tells it word by word."""

    def __init__(self, said: Said) -> None:
        self._said = said
        self._rest = b""

    def __call__(self, data: bytes) -> None:
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            words = line.decode(errors="replace").split(" ")
            if len(words) == 3:
                self._said(words[0], words[1], words[2])


def _counted(sipp: Sipp, name: str) -> int:
    return int(sipp.statistics().get(name) or 0)


def _complaint(sipp: Sipp, *, excused: int = 0) -> str:
    failed = max(0, _counted(sipp, "FailedCall(C)") - excused)
    if not failed and not sipp.child.status:
        return ""
    said = sipp.child.log.read_text(errors="replace").splitlines()
    words = next((line for line in said if "unexpected" in line or "rror" in line), "it does not say why")
    return f"{sipp.child.name}: {failed} calls went wrong, status {sipp.child.status}: {words.strip()}"


def slices(calls: Sequence[PlannedCall]) -> Iterator[CallerSlice]:
    """All callers, in slices by kind; in order of their beginning."""
    kinds: dict[tuple[Codec, Audio, Path | None, bool], list[PlannedCall]] = defaultdict(list)
    for call in calls:
        kinds[call.codec, call.audio, call.audio_file, _has_wishes(call)].append(call)
    parts = [part for of_kind in kinds.values() for part in _parted(of_kind)]
    for number, part in enumerate(sorted(parts, key=lambda part: part[0].at), 1):
        yield CallerSlice(number=number, calls=part)


def _parted(calls: Sequence[PlannedCall]) -> Iterator[Sequence[PlannedCall]]:
    part: list[PlannedCall] = []
    for call in calls:
        if part and (len(part) == MOST_CALLS or call.at - part[0].at > LONGEST_SLICE_S):
            yield part
            part = []
        part.append(call)
    if part:
        yield part


def _has_wishes(call: PlannedCall) -> bool:
    return bool(call.requires or call.prefers or call.priority)


class PhoneBank:
    """Phones of agents who behave alike; one SIPp process."""

    def __init__(self, phones: Phones, group: AgentGroup, said: Said) -> None:
        self.phones = phones
        self.group = group
        self._said = said
        self._unfinished: set[str] = set()
        """Dialogs whose scenario has not come to its end."""
        self._hear = Hearing(self._note)

    @classmethod
    def all_of(cls, lab: Lab, plan: Plan, said: Said, *, limit_s: float) -> list[PhoneBank]:
        """The banks that the plan's SIP phones make; none is switched on yet."""
        groups: dict[str, list[PlannedAgent]] = defaultdict(list)
        for agent in plan.agents:
            if not agent.group.browser:
                groups[agent.group.name].append(agent)
        return [
            cls(lab.phones([agent.phone for agent in bank], limit_s=limit_s), bank[0].group, said)
            for agents in groups.values()
            for bank in _banks(agents)
        ]

    async def switch_on(self, talk_s: Sequence[float]) -> None:
        """Returns when every account is registered."""
        script = _Written(phone_script(self.group, talk_s))
        await self.phones.switch_on(script, traced=False, summarized=True, on_log=self._hear)

    @property
    def sipp(self) -> Sipp:
        """Its process."""
        return self.phones.sipp

    @property
    def complaint(self) -> str:
        """What its SIPp says went wrong; empty if nothing did."""
        failed = _counted(self.sipp, "FailedCall(C)")
        return _complaint(self.sipp, excused=cut_short(read(self.sipp.summary), self._unfinished) if failed else 0)

    def _note(self, what: str, sip_id: str, number: str) -> None:
        (self._unfinished.discard if what == "over" else self._unfinished.add)(sip_id)
        self._said(what, sip_id, number)


@dataclass(frozen=True)
class _Written:
    script: str

    def xml(self, media_port: str) -> str:
        """Load phones have no audio of their own."""
        assert media_port == "[media_port]", "load phones send no audio"
        return self.script


def _banks(agents: Sequence[PlannedAgent]) -> Iterator[Sequence[PlannedAgent]]:
    left = iter(agents)
    while bank := list(itertools.islice(left, MOST_PHONES)):
        yield bank


def seen_by(
    parts: Sequence[CallerSlice], banks: Sequence[PhoneBank], number_of: Mapping[str, str]
) -> tuple[dict[str, SeenCall], list[SeenOffer]]:
    """What all of them saw. ``number_of``: the caller's number by the Call-ID of a phone's dialog."""
    ids = {part.sip_id(place): call.number for part in parts for place, call in enumerate(part.calls)}
    calls: dict[str, SeenCall] = {}
    for part in parts:
        if part.sipp is not None:
            calls |= seen_calls(read(part.sipp.summary), ids)
    return calls, [offer for bank in banks for offer in seen_offers(read(bank.sipp.summary), number_of)]


def write_tone(path: Path, *, seconds: float = 1.0, hertz: float = 425.0) -> Path:
    """A tone as 8 kHz G.711 u-law, for callers who send audio."""
    count = round(8000 * seconds)
    path.write_bytes(bytes(_ulaw(round(8000 * math.sin(2 * math.pi * hertz * n / 8000))) for n in range(count)))
    return path


def _ulaw(sample: int) -> int:
    """One sample by ITU-T G.711, table 2a."""
    sign, magnitude = (0x80, -sample) if sample < 0 else (0, sample)
    magnitude = min(magnitude, 32635) + 132
    exponent = magnitude.bit_length() - 8
    return ~(sign | exponent << 4 | magnitude >> exponent + 3 & 0x0F) & 0xFF
