"""The store of live state in Redis: each transition is one script, which changes records and writes the event."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from types import TracebackType
from typing import Any

import msgspec

from acd.agent import Agent, AgentStatus
from acd.call import Call, EndedBy, EndReason
from acd.events import AlertKind, AnyEvent, Leg
from acd.offer import Offer, OfferOutcome
from acd.ports import CallChange, Deadline, DeadlineKind, Epoch, OfferRef, Refused, Reservation, Snapshot
from stasis_app.redis_store.codec import (
    agent_of,
    call_of,
    events_of,
    offer_of,
    stored,
    written,
)
from stasis_app.redis_store.lua import Limits
from stasis_app.redis_store.pages import read_snapshot
from stasis_app.redis_store.session import Made, Session


class RedisStore:
    """Implements ``acd.ports.Store`` on Redis 6.2 or later, or Valkey.

    Use it as an asynchronous context manager. Entering connects, and raises StoreUnavailable with one sentence that
    names the address and the remedy; so does every method when Redis does not answer within ``command_timeout_s``
    (at most twice that for a command that queued behind another). A caller may be cancelled at any time.
    """

    def __init__(
        self, url: str, *, pool: str = "default", command_timeout_s: float = 2.0, limits: Limits | None = None
    ) -> None:
        self._session = Session(url, pool=pool, command_timeout_s=command_timeout_s, limits=limits or Limits())

    async def __aenter__(self) -> RedisStore:
        await self._session.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._session.__aexit__(kind, error, traceback)

    @property
    def commands_sent(self) -> int:
        """Transitions and readings sent so far, the epoch's checks included."""
        return self._session.commands.sent + self._session.readings.sent

    # time, epoch, processes

    async def now(self) -> int:
        """The store's clock, milliseconds since 1970. Works whatever the epoch."""
        seconds, microseconds = await self._session.reading("TIME")
        return int(seconds) * 1000 + int(microseconds) // 1000

    async def join(self) -> Epoch | None:
        """Look at the store as it is now and adopt its epoch."""
        return await self._session.join()

    async def begin_epoch(self, process: str, *, lease_ms: int) -> Epoch | None:
        """Wipe calls, offers and deadlines, keep agents, and begin an epoch that is not ready.

        None while another process rebuilds, and also when another one has done it since this one joined: join again.
        """
        return await self._session.begin(process, lease_ms=lease_ms)

    async def restore_agent(self, agent: Agent) -> None:
        """Put an agent's record as it must be, while the epoch is not ready."""
        await self._session.transition("restore_agent", written(agent))

    async def restore_call(self, call: Call, offer: Offer | None = None) -> None:
        """Put a call's record (and its offer) as Asterisk shows it, while the epoch is not ready."""
        await self._session.transition("restore_call", written(call), b"" if offer is None else written(offer))

    async def open_epoch(self) -> Epoch:
        """The state is rebuilt: EpochBegun, and dispatch may go on."""
        return await self._session.open()

    async def beat(self, process: str, *, lease_ms: int) -> None:
        """This process lives until the lease ends."""
        await self._session.transition("beat", process, lease_ms)

    async def processes(self) -> Mapping[str, int]:
        """Process name to the end of its lease; those that ended over an hour ago are forgotten."""
        flat = await self._session.read("ZRANGE", self._session.keys.processes, 0, -1, "WITHSCORES")
        return {name.decode(): int(float(until)) for name, until in zip(flat[::2], flat[1::2], strict=True)}

    async def leave(self, process: str) -> None:
        """This process ends in order: its lease ends now."""
        await self._session.script("leave", process)

    async def lead(self, process: str, *, lease_ms: int) -> bool:
        """Become, or stay, the pool's one distributor."""
        answer = await self._session.transition("lead", process, lease_ms)
        return not isinstance(answer, Refused) and answer.answer == b"1"

    async def take_over(self, call: str, *, previous: str, by: str) -> Call | Refused:
        """Make ``by`` the owner of a call whose owner's lease has ended; NOT_DUE while it runs."""
        return await self._call("take_over", call, call, previous, by)

    # calls and offers

    async def enqueue(self, call: Call) -> Call:
        """A caller waits; known already: the record as it is."""
        answer = await self._call("enqueue", call.id, written(call))
        assert isinstance(answer, Call), "enqueue is never refused"
        return answer

    async def reserve(self, reservation: Reservation) -> Sequence[Offer] | Refused:
        """Claim the first free agents for the call. StaleEpoch while the epoch is not ready."""
        return await self._session.reserve(
            reservation.call,
            reservation.width,
            reservation.lease_ms,
            reservation.possible_since,
            reservation.why,
            *reservation.agents,
        )

    async def ring(self, offer: OfferRef) -> Offer | Refused:
        """The phone is about to be dialled."""
        return await self._offer("ring", offer.id, offer.id, offer.fence, offer.owner)

    async def accept(self, offer: OfferRef, *, lease_ms: int) -> Offer | Refused:
        """The agent answered; one offer of a call wins."""
        return await self._offer("accept", offer.id, offer.id, offer.fence, offer.owner, lease_ms)

    async def connect(self, offer: OfferRef) -> Offer | Refused:
        """Both legs were seen in the bridge."""
        return await self._offer("connect", offer.id, offer.id, offer.fence, offer.owner)

    async def end_offer(
        self,
        offer: OfferRef,
        outcome: OfferOutcome,
        *,
        cool_off_ms: int = 0,
        break_after: int = 0,
        sip_code: int | None = None,
    ) -> Offer | Refused:
        """An offer came to nothing; so many missed in a row and the agent goes on break."""
        code = "" if sip_code is None else sip_code
        return await self._offer(
            "end_offer",
            offer.id,
            offer.id,
            offer.fence,
            offer.owner,
            outcome,
            cool_off_ms,
            break_after,
            code,
        )

    async def end_call(
        self, call: str, reason: EndReason, *, owner: str, by: EndedBy, wrap_up_ms: int = 0
    ) -> Call | Refused:
        """The call leaves."""
        return await self._call("end_call", call, call, reason, owner, by, wrap_up_ms)

    async def end_lost(self, call: Call) -> Call | Refused:
        """Book the end of a call that the store lost, and that was over when it came back."""
        return await self._call("end_lost", call.id, written(call))

    async def requeue(self, call: str, *, owner: str) -> Call | Refused:
        """A connected caller waits again."""
        return await self._call("requeue", call, call, owner)

    async def change_call(self, call: str, change: CallChange) -> Call | Refused:
        """Change a waiting call; what is so already writes no event."""
        return await self._call("change_call", call, call, written(change))

    async def switch_step(self, queue: str, step: int, *, on: bool, version: int) -> bool:
        """Commit that a step counts (no more); False if it is so already, or of another version."""
        answer = await self._session.transition("switch_step", queue, step, int(on), version)
        return not isinstance(answer, Refused) and answer.answer == b"1"

    async def legs_ended(self, *legs: Leg) -> None:
        """Write LegEnded for each, for history."""
        await self._session.transition("append_event", "LegEnded", *(b'{"leg":' + written(leg) + b"}" for leg in legs))

    # agents

    async def set_status(self, agent: str, status: AgentStatus, *, reason: str | None = None) -> Agent | Refused:
        """What the person asked for; a reason is kept with a break only."""
        kept = reason if status is AgentStatus.ON_BREAK else None
        return await self._agent("set_status", agent, agent, status, kept or "")

    async def set_reachable(self, agent: str, *, reachable: bool, node: str) -> Agent | Refused:
        """The phone is (not) registered on this node."""
        return await self._agent("set_reachable", agent, agent, int(reachable), node)

    async def end_wrap_up(self, agent: str, *, by: str) -> Agent | Refused:
        """The agent is done: ``by`` is ``agent`` or ``time``."""
        return await self._agent("end_wrap_up", agent, agent, by)

    async def expire_offer(self, offer: str) -> Offer | Refused:
        """End an offer whose lease is over; NOT_DUE before that."""
        return await self._offer("expire_offer", offer, offer)

    async def configure_agents(self, agents: Sequence[str], *, version: int) -> None:
        """Announce a configuration; a version older than the one in force changes nothing."""
        await self._session.transition("configure_agents", version, written(Agent(id="")), *agents)

    async def raise_alert(self, alert: AlertKind, text: str) -> None:
        """Write AlertRaised."""
        words = msgspec.json.encode({"alert": alert, "text": text})
        await self._session.transition("append_event", "AlertRaised", words)

    # reading

    async def snapshot(self) -> Snapshot:
        """Everything at one instant, read in pages. Works whatever the epoch."""
        return await read_snapshot(self._session)

    async def call(self, call: str) -> Call | None:
        """One live call's record."""
        text = await self._session.read("HGET", self._session.keys.calls, call)
        return None if text is None else call_of(stored(text))

    async def agent(self, agent: str) -> Agent | None:
        """One agent's record."""
        text = await self._session.read("HGET", self._session.keys.agents, agent)
        return None if text is None else agent_of(stored(text))

    async def ended(self, call: str) -> Call | None:
        """The record with which a call ended in this epoch, for ten minutes."""
        text = await self._session.read("GET", self._session.keys.ended(self._session.joined(), call))
        return None if text is None else call_of(text)

    async def offer(self, offer: str) -> Offer | None:
        """One live offer's record."""
        text = await self._session.read("HGET", self._session.keys.offers, offer)
        return None if text is None else offer_of(stored(text))

    def events(self, after: str) -> AsyncIterator[Sequence[AnyEvent]]:
        """The stream from after this id. StaleEpoch at an epoch's end, and when events after this id were given up."""
        return self._session.events(after)

    def inbox(self, process: str) -> AsyncIterator[Sequence[AnyEvent]]:
        """The events that this process must act on. The first batch is empty: it says that from here none is missed."""
        return self._session.inbox(process)

    async def deadlines(self, limit: int = 100) -> Sequence[Deadline]:
        """The earliest entries of the agenda, earliest first."""
        flat = await self._session.read("ZRANGE", self._session.keys.deadlines, 0, limit - 1, "WITHSCORES")
        return [_deadline(member.decode(), at) for member, at in zip(flat[::2], flat[1::2], strict=True)]

    # the stream's other end

    async def read_events(self, after: str, limit: int) -> Sequence[AnyEvent]:
        """A batch without waiting, whatever the epoch: the stream outlives it."""
        first = f"({after}" if after else "-"
        entries = await self._session.reading("XRANGE", self._session.keys.events, first, "+", "COUNT", limit)
        return list(events_of(entries))

    async def consumed(self, consumer: str, position: str) -> None:
        """This consumer has kept everything up to here: what all have kept is dropped once it is ten minutes old."""
        await self._session.script("consumed", consumer, position)

    # answers

    async def _agent(self, name: str, agent: str, *words: str | bytes | int) -> Agent | Refused:
        made = await self._session.transition(name, *words)
        if isinstance(made, Refused):
            return made
        return agent_of(made.answer) if made.answer else _last(made, "agent", agent)

    async def _call(self, name: str, call: str, *words: str | bytes | int) -> Call | Refused:
        made = await self._session.transition(name, *words)
        if isinstance(made, Refused):
            return made
        return call_of(made.answer) if made.answer else _last(made, "call", call)

    async def _offer(self, name: str, offer: str, *words: str | bytes | int) -> Offer | Refused:
        made = await self._session.transition(name, *words)
        if isinstance(made, Refused):
            return made
        return offer_of(made.answer) if made.answer else _last(made, "offer", offer)


def _last(made: Made, kind: str, name: str) -> Any:
    """The record as the last event that names it has it."""
    for event in reversed(made.events):
        record = getattr(event, kind, None)
        if record is not None and record.id == name:
            return record
    raise AssertionError(f"a script that wrote the {kind} {name} says so")


def _deadline(member: str, at: bytes) -> Deadline:
    kind, _, subject = member.partition("|")
    return Deadline(at=int(float(at)), kind=DeadlineKind(kind), subject=subject)
