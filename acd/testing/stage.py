"""Where a scenario of the store plays: an open epoch, helpers that bring things about, and the check at the end."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol, TypeVar

from acd.agent import AgentStatus
from acd.call import Call, EndedBy, EndReason
from acd.events import AnyEvent
from acd.fold import folded
from acd.offer import Offer
from acd.ports import OfferRef, Refusal, Refused, Reservation, Snapshot, Store

Answer = TypeVar("Answer")

OWNER = "acd-1"
LONG_MS = 600_000
SHORT_MS = 300
"""Long enough for what has to happen before it is over, on a busy machine."""
PAST_SHORT_MS = SHORT_MS + 20


class StoreSetup(Protocol):
    """What an adapter's author provides: one new and empty store, and what may befall it."""

    async def another(self) -> Store:
        """A handle of a further process; it has joined nothing yet."""
        ...

    async def empty(self) -> None:
        """Lose all contents."""
        ...

    async def restart(self) -> None:
        """End the server and start it again, with its contents."""
        ...

    async def pass_time(self, ms: int) -> None:
        """Return when at least so much of the store's time has passed."""
        ...

    async def together(self, acts: Sequence[Coroutine[Any, Any, Answer]]) -> list[Answer]:
        """Run these at once and answer what they answered, in order."""
        ...


@dataclass(slots=True)
class Stage:
    """One scenario's store, with an open epoch, and what has been asked of it so far."""

    setup: StoreSetup
    store: Store
    start: Snapshot

    async def agents(self, *names: str) -> None:
        """Agents who are ready, idle and reachable."""
        known = (await self.store.snapshot()).agents
        await self.store.configure_agents([*known, *names], version=len(known) + 1)
        for name in names:
            await self.store.set_status(name, AgentStatus.READY)
            await self.store.set_reachable(name, reachable=True, node="pbx")

    async def call(self, call: str = "c1", *, owner: str = OWNER) -> Call:
        """A caller who waits."""
        return await self.store.enqueue(Call(id=call, queue="support", owner=owner))

    async def offers(self, call: str, *agents: str, lease_ms: int = LONG_MS) -> list[Offer]:
        """Offers of this call to these agents, all of them."""
        known = await self.store.call(call)
        assert known is not None
        reservation = Reservation(
            call=call, agents=agents, width=len(known.offers) + len(agents), lease_ms=lease_ms, why="because"
        )
        return list(done(await self.store.reserve(reservation)))

    async def ringing(self, call: str, *agents: str, lease_ms: int = LONG_MS) -> list[Offer]:
        """The same, with the phones ringing."""
        return [
            done(await self.store.ring(ref(offer))) for offer in await self.offers(call, *agents, lease_ms=lease_ms)
        ]

    async def accepted(self, call: str, agent: str) -> Offer:
        """The agent has answered."""
        [offer] = await self.ringing(call, agent)
        return done(await self.store.accept(ref(offer), lease_ms=LONG_MS))

    async def connected(self, call: str, agent: str) -> Offer:
        """Caller and agent talk."""
        return done(await self.store.connect(ref(await self.accepted(call, agent))))

    async def end(self, call: str, *, wrap_up_ms: int = 0) -> Call:
        """The call leaves."""
        return done(
            await self.store.end_call(call, EndReason.COMPLETED, owner=OWNER, by=EndedBy.CALLER, wrap_up_ms=wrap_up_ms)
        )

    async def position(self) -> str:
        """Where the stream is now."""
        return (await self.store.snapshot()).position

    async def since(self, position: str) -> Sequence[AnyEvent]:
        """The events from there."""
        return await self.store.read_events(position, 10_000)

    async def kinds_since(self, position: str) -> list[str]:
        """The names of the events from there."""
        return [type(event).__name__ for event in await self.since(position)]

    async def unchanged(self, act: Callable[[], Awaitable[Answer]]) -> Answer:
        """Do something that must change nothing."""
        before = await self.store.snapshot()
        answer = await act()
        after = await self.store.snapshot()
        assert replace(before, at=0) == replace(after, at=0)
        return answer

    async def refusal(self, act: Callable[[], Awaitable[object]]) -> Refused:
        """Do something that must be refused, and change nothing."""
        answer = await self.unchanged(act)
        assert isinstance(answer, Refused), f"not refused: {answer}"
        return answer

    async def refuses(self, why: Refusal, act: Callable[[], Awaitable[object]]) -> None:
        """The same, for this reason."""
        assert (await self.refusal(act)).why is why


@dataclass(frozen=True, slots=True)
class Scenario:
    """One rule of the contract, and how to see it kept."""

    name: str
    run: Callable[[Stage], Awaitable[None]]

    def __str__(self) -> str:
        return self.name


def scenarios(*runs: Callable[[Stage], Awaitable[None]]) -> tuple[Scenario, ...]:
    """Functions as scenarios of the same names."""
    return tuple(Scenario(getattr(run, "__name__", str(run)), run) for run in runs)


async def play(scenario: Scenario, setup: StoreSetup) -> None:
    """Run a scenario; at its end the first snapshot, carried forward by the stream, must equal the last one.

    Raises AssertionError where the contract is broken.
    """
    store = await setup.another()
    assert await store.join() is None, "a new store holds no epoch"
    assert await store.begin_epoch(OWNER, lease_ms=LONG_MS) is not None
    await store.open_epoch()
    start = await store.snapshot()
    await scenario.run(Stage(setup, store, start))
    end = await store.snapshot()
    if end.epoch == start.epoch:
        events = await store.read_events(start.position, 10_000)
        assert replace(folded(start, events), at=0) == replace(end, at=0), "the stream does not tell the whole truth"


def ref(offer: Offer) -> OfferRef:
    """What proves that the holder may act on this offer."""
    return OfferRef(id=offer.id, fence=offer.fence, owner=offer.owner)


def done(answer: Answer | Refused) -> Answer:
    """The answer of a transition that must not be refused."""
    assert not isinstance(answer, Refused), f"refused: {answer}"
    return answer
