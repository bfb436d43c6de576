"""The promises that hold after every step of a simulated day, looked at from outside the matcher."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import islice

from acd.agent import AgentActivity
from acd.call import Call, CallState
from acd.events import AnyEvent, CallConnected, CallEnded, CallQueued, OfferAccepted, OfferEnded, OfferMade
from acd.matcher import Proposal
from acd.offer import OfferState
from acd.simulation import SimulatedCentre
from acd.strategy import Strategies
from tests.oracle import Decision, Oracle


class Promises:
    """Watches a centre; any step after which one of them does not hold fails the test there and then."""

    def __init__(self, centre: SimulatedCentre, strategies: Strategies) -> None:
        self.counted: Counter[str] = Counter()
        """What happened, and what was looked at."""
        self._centre = centre
        self._strategies = strategies
        self._open_offers: set[str] = set()
        self._open_calls: set[str] = set()
        self._ended: set[str] = set()
        self._winner: dict[str, str] = {}
        centre.heard_by.append(self._hear)
        centre.decided.append(self._decided)
        centre.after_step.append(self._after_step)

    def oracle(self) -> Oracle:
        """Everything that is so, by the store's own records."""
        world = self._centre.store.world
        on: dict[str, set[int]] = {}
        for queue, step in world.steps_on:
            on.setdefault(queue, set()).add(step)
        return Oracle(
            configuration=self._centre.configuration,
            strategies=self._strategies,
            agents=world.agents,
            calls=world.calls,
            steps_on=on,
            now=self._centre.clock.now(),
        )

    # --- 1: one reservation for an agent, one winner of a call, and every reservation ends ----------------------------

    def _hear(self, event: AnyEvent) -> None:
        self.counted[type(event).__name__] += 1
        match event:
            case CallQueued(call=call):
                assert call.id not in self._open_calls | self._ended
                self._open_calls.add(call.id)
            case OfferMade(offer=offer, call=call):
                assert offer.id not in self._open_offers
                self._open_offers.add(offer.id)
                self._nobody_was_passed_over(call)
            case OfferAccepted(offer=offer):
                assert self._winner.setdefault(offer.call, offer.id) == offer.id, "one offer wins"
            case OfferEnded(offer=offer):
                self._open_offers.remove(offer.id)
                self.counted[f"offer {offer.outcome}"] += 1
                if self._winner.get(offer.call) == offer.id:
                    del self._winner[offer.call]
            case CallConnected(offer=offer):
                assert self._winner[offer.call] == offer.id
                self._open_offers.remove(offer.id)
            case CallEnded(call=call):
                assert call.id not in self._ended, "a call ends once"
                self._open_calls.remove(call.id)
                self._ended.add(call.id)
                self.counted[f"call {call.end_reason}"] += 1
            case _:
                pass

    def _nobody_twice(self) -> None:
        world = self._centre.store.world
        live = [offer for offer in world.offers.values() if offer.state is not OfferState.ENDED]
        assert len({offer.agent for offer in live}) == len(live), "an agent has one reservation at most"
        holding = {offer.agent: offer for offer in live}
        for agent in world.agents.values():
            busy = agent.activity in {AgentActivity.RESERVED, AgentActivity.TALKING}
            assert busy == (agent.id in holding), "held if and only if by an offer"
            if busy:
                assert agent.call == holding[agent.id].call

    # --- 2 and 3: no pair is left, and nobody is passed over ----------------------------------------------------------

    def _decided(self, proposals: Sequence[Proposal]) -> None:
        oracle = self.oracle()
        calls = self._centre.store.world.calls
        got: list[Decision] = [
            (proposal.call, tuple(islice(proposal.agents, oracle.room(calls[proposal.call])))) for proposal in proposals
        ]
        assert got == oracle.decisions(), "who gets whom, first in line first"
        self.counted["decisions compared"] += len(got)

    def _after_step(self) -> None:
        self._nobody_twice()
        assert self.oracle().decisions() == [], "nobody who could be put together is left"
        self.counted["steps looked at"] += 1

    def _nobody_was_passed_over(self, call: Call) -> None:
        """Without any oracle: of two alike who both ring no phone, the one who came first is served first."""
        for other in self._centre.store.world.calls.values():
            if other.state is CallState.QUEUED and other.id != call.id and _alike(other, call):
                assert (other.queued_at, other.id) > (call.queued_at, call.id), f"{other.id} came before {call.id}"
                self.counted["callers behind, alike"] += 1

    def at_the_end(self) -> None:
        """Everybody has left: nothing may be held any more."""
        world = self._centre.store.world
        assert not self._open_calls
        assert not self._open_offers, "every reservation ends"
        assert (world.calls, world.offers) == ({}, {})


def _alike(one: Call, other: Call) -> bool:
    return all(
        getattr(one, part) == getattr(other, part)
        for part in ("queue", "priority", "requires", "prefers", "preferred_agent", "preferred_for_s")
    )
