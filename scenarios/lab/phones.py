"""Agents' SIP phones that SIPp plays: one that a story directs, and many at once for load."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from scenarios.lab.callers import BYE, CUE, REINVITE
from scenarios.lab.namespace import PartFailed
from scenarios.lab.rtp import RtpPort
from scenarios.lab.sip_trace import PATIENCE_S, SipMessage, SipTrace
from scenarios.lab.sipp import Endpoint, Sipp, Wait, scenario, timed

__all__ = ["RINGS", "TALKS", "Behaviour", "Phone", "Phones", "Script"]

REGISTRATION_S = 3600
REGISTRATIONS_PER_S = 200
RINGS = (
    CUE.format(then="answer"),
    CUE.replace("INFO", "MESSAGE").format(then="decline"),
    '<recv request="CANCEL" next="cancelled"/>',
)
TALKS = (CUE.format(then="hangup"), REINVITE, BYE)
_numbers = itertools.count(1)


class Script(Protocol):
    """What a phone does with a call, as SIPp is told it."""

    def xml(self, media_port: str) -> str: ...


@dataclass(frozen=True, kw_only=True)
class Behaviour:
    """What a phone does with a call. Times are in seconds, fixed or drawn between two bounds.

    `ring` None: it rings until the caller or the PBX gives up, or the story answers. `talk` None:
    it talks until it is hung up on, or the story hangs up. `declines` and `never_answers` are shares
    of all calls (0..1); a declined call gets the code and reason in `refusal`.
    """

    ring: Wait = 0.2
    talk: Wait = None
    declines: float = 0.0
    never_answers: float = 0.0
    refusal: str = "603 Decline"

    @classmethod
    def declining(cls) -> Behaviour:
        return cls(declines=1.0)

    @classmethod
    def busy(cls) -> Behaviour:
        return cls(declines=1.0, refusal="486 Busy Here")

    @classmethod
    def not_answering(cls) -> Behaviour:
        return cls(ring=None)

    def xml(self, media_port: str) -> str:
        return scenario(
            "phone",
            noted="",
            connected="",
            over="",
            media_port=media_port,
            refusal=self.refusal,
            decline_share=share("decline", self.declines),
            silence_share=share("silence", self.never_answers),
            ring=timed("ring", self.ring, RINGS, then="answer"),
            silence=timed("silence", None, RINGS, then="answer"),
            talk=timed("talk", self.talk, TALKS, then="hangup"),
        )


def share(label: str, part: float) -> str:
    return f'<nop next="{label}" chance="{part}"/>' if part else ""


class Phones:
    """Phones of one or many accounts, answering at one address in one SIPp process."""

    def __init__(
        self,
        names: Sequence[str],
        *,
        password: str,
        folder: Path,
        local: Endpoint,
        asterisk: Endpoint,
        limit_s: float = 900,
    ) -> None:
        self.names = tuple(names)
        self.local = local
        self.media: RtpPort | None = None
        self._password = password
        self._folder = folder
        self._asterisk = asterisk
        self._limit_s = limit_s
        self._sipp: Sipp | None = None

    @property
    def sipp(self) -> Sipp:
        if self._sipp is None:
            raise PartFailed(f"The phone of {', '.join(self.names[:3])} is not switched on.")
        return self._sipp

    @property
    def trace(self) -> SipTrace:
        """Every message since the phone was last switched on, unless it was switched on untraced."""
        return self.sipp.trace

    async def switch_on(
        self, behaviour: Script, *, traced: bool = True, rtp: bool = False, register: bool = True, **more: Any
    ) -> None:
        """Starts answering calls and registers; returns when Asterisk has confirmed it.

        `more` is what Sipp.start takes.
        """
        number = next(_numbers)
        if rtp and self.media is None:
            self.media = await RtpPort.open(self.local[0], mark=0x80 | number % 0x7E)
        self._sipp = await Sipp.start(
            f"phone-{self.names[0]}",
            behaviour.xml(str(self.media.address[1]) if self.media else "[media_port]"),
            folder=self._folder,
            local=self.local,
            remote=self._asterisk,
            limit_s=self._limit_s,
            flags=["-aa"],  # answers Asterisk's OPTIONS, by which it sees that the phone is there
            traced=traced,
            **more,
        )
        self._sipp.trace.listeners.append(self._hear)
        if register:
            await self.register()

    def _hear(self, message: SipMessage) -> None:
        if self.media and not message.sent and message.method == "INVITE" and message.media:
            self.media.send_to(message.media)
        if self.media and message.method == "BYE" and not message.status:
            self.media.mute()

    async def register(self, expires_s: int = REGISTRATION_S, *, names: Sequence[str] = ()) -> None:
        """Registers every account, or these. `expires_s` 0 unregisters; the phone goes on answering."""
        names = names or self.names
        accounts = self._folder / f"accounts-{names[0]}-{next(_numbers)}.csv"
        lines = [f"{name};[authentication username={name} password={self._password}]" for name in names]
        accounts.parent.mkdir(parents=True, exist_ok=True)
        accounts.write_text("\n".join(["SEQUENTIAL", *lines, ""]))
        host, port = self.local
        sipp = await Sipp.start(
            f"register-{names[0]}",
            scenario("register", contact=f"{host}:{port}", expires=str(expires_s)),
            folder=self._folder,
            local=(host, 0),
            remote=self._asterisk,
            limit_s=30,
            options={"inf": accounts, "m": len(names), "r": REGISTRATIONS_PER_S},
        )
        if await sipp.wait():
            refused = sipp.trace.seen(lambda m: m.status >= 300 and m.status != 401)
            why = refused.first_line if refused else "nothing was answered"
            raise PartFailed(f"Asterisk did not take the phone {names[0]} in: {why}.")

    async def unregister(self) -> None:
        await self.register(expires_s=0)

    async def behave(self, behaviour: Script) -> None:
        """Behaves otherwise from now on; a call in progress is dropped without a word."""
        traced = len(self.sipp.pipes) > 1
        await self.vanish(keep_media=True)
        await self.switch_on(behaviour, traced=traced, register=False)

    async def switch_off(self) -> None:
        """Unregisters, and ends."""
        await self.unregister()
        await self.vanish()

    async def vanish(self, *, keep_media: bool = False) -> None:
        """Is gone without a word and still registered, as a phone whose cable was cut."""
        if self._sipp:
            await self._sipp.kill()
        if self.media and not keep_media:
            self.media.close()
            self.media = None


class Phone(Phones):
    """One agent's phone, which a story directs. It has at most one call at a time."""

    def __init__(self, name: str, **where: object) -> None:
        super().__init__([name], **where)  # type: ignore[arg-type]
        self.name = name

    async def rung(self, *, times: int = 1, patience_s: float = PATIENCE_S) -> SipMessage:
        """The INVITE that rang it, the first or the n-th since it was switched on."""
        what = f"an INVITE (number {times})"
        return await self.trace.find(lambda m: self._invites(m) >= times, what, patience_s=patience_s)

    def _invites(self, upto: SipMessage) -> int:
        if not is_offer(upto):
            return 0
        messages = self.trace.messages
        return len({m.call_id for m in messages[: messages.index(upto) + 1] if is_offer(m)})

    @property
    def offers(self) -> list[SipMessage]:
        """Every INVITE that rang it, oldest first."""
        first: dict[str, SipMessage] = {}
        for message in self.trace.messages:
            if is_offer(message):
                first.setdefault(message.call_id, message)
        return list(first.values())

    def answer(self, call_id: str | None = None) -> None:
        """Answers the call that rings, or one that may have stopped ringing meanwhile."""
        self._cue("INFO", call_id)

    def decline(self) -> None:
        """Declines the call that rings."""
        self._cue("MESSAGE")

    def hang_up(self) -> None:
        """Ends the call that talks."""
        self._cue("INFO")

    def _cue(self, method: str, call_id: str | None = None) -> None:
        offers = self.offers
        if not offers:
            raise PartFailed(f"The phone {self.name} has no call yet.")
        self.sipp.nudge(call_id or offers[-1].call_id, method)

    async def hung_up(self, call_id: str, *, patience_s: float = PATIENCE_S) -> SipMessage:
        """The BYE or CANCEL that ended a call of this phone."""
        return await self.trace.find(
            lambda m: m.call_id == call_id and not m.status and m.method in {"BYE", "CANCEL"},
            f"a BYE or CANCEL of call {call_id}",
            patience_s=patience_s,
        )


def is_offer(message: SipMessage) -> bool:
    """Whether it is the first INVITE of a call: only a later one names the phone's own tag."""
    begins = message.method == "INVITE" and not message.status and not message.sent
    return begins and ";tag=" not in (message.header("To") or "")
