"""A seeded day: people who call, wait, give up, answer, let it ring, rest; the routing between them is the real one.

The same seed gives the same people with the same patience and the same things to say, whatever the routing makes of
them: what differs between two days of one seed is the routing's doing.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import replace
from itertools import count
from typing import Any

from acd.agent import AgentStatus
from acd.call import Call, EndedBy, EndReason
from acd.events import AnyEvent, CallConnected, CallEnded, OfferEnded, OfferMade
from acd.offer import Offer, OfferOutcome
from acd.ports import OfferRef, Refused
from acd.queue import CoolOff
from acd.simulation.centre import PROCESS, SimulatedCentre
from acd.simulation.chance import Dice
from acd.simulation.people import Callers, Habits
from acd.simulation.virtual_clock import Timer

_CONNECT_LEASE_MS = 6_000


class SimulatedDay:
    """Runs people through a centre. ``dice`` makes a generator for each name: that of a stream of callers, or of an
    agent. ``ended`` is told of every call that is over, as it is then."""

    def __init__(
        self,
        centre: SimulatedCentre,
        callers: Sequence[Callers],
        dice: Callable[[str], Dice],
        *,
        habits: Mapping[str, Habits] | None = None,
        ended: Callable[[Call], object] = lambda call: None,
    ) -> None:
        """``habits``: by agent; who is not named answers at once and never rests."""
        self.centre = centre
        self.began_at = centre.clock.now()
        self.arrived = 0
        """How many callers have come."""
        self.over = 0
        """How many of them have left."""
        self._dice = dice
        self._habits = {agent: (habits or {}).get(agent, Habits()) for agent in centre.configuration.agents}
        self._agents_dice = {agent: dice(f"agent {agent}") for agent in centre.configuration.agents}
        self._ended = ended
        self._talk_ms: dict[str, float] = {}
        self._call_timers: dict[str, list[Timer]] = {}
        self._offer_timers: dict[str, Timer] = {}
        self._most: int | None = None
        centre.heard_by.append(self._hear)
        for agent, habit in self._habits.items():
            self._later(habit.comes_at, self._agent_comes, agent, habit)
        for stream in callers:
            self._stream(stream)

    def run(self, *, seconds: float | None = None, calls: int | None = None) -> None:
        """Let this much time pass, or this many callers come, and then wait until every caller has left. Callers who
        would come later do not."""
        clock = self.centre.clock
        if seconds is not None:
            clock.run_until(clock.now() + round(seconds * 1000))
        self._most = self.arrived if calls is None else calls
        while (self.arrived < self._most or self.over < self.arrived) and clock.step():
            pass

    # --- callers ------------------------------------------------------------------------------------------------------

    def _stream(self, stream: Callers) -> None:
        arrivals = stream.arrivals(self._dice(f"arrivals {stream.name}"))
        dice = self._dice(f"callers {stream.name}")
        numbers = count(1)

        def come() -> None:
            if self._most is not None and self.arrived >= self._most:
                return
            self._caller_comes(stream, f"{stream.name}-{next(numbers)}", dice)
            self.centre.clock.at(self.began_at + round(next(arrivals) * 1000), come)

        self.centre.clock.at(self.began_at + round(next(arrivals) * 1000), come)

    def _caller_comes(self, stream: Callers, name: str, dice: Dice) -> None:
        centre, clock = self.centre, self.centre.clock
        self.arrived += 1
        self._talk_ms[name] = stream.talk(dice) * 1000
        timers = self._call_timers[name] = []
        if stream.patience is not None:
            patience_ms = stream.patience(dice) * 1000
            timers.append(clock.after(patience_ms, lambda: self._leaves(name, EndReason.ABANDONED, EndedBy.CALLER)))
        call = replace(stream.call, id=name, owner=PROCESS, node=centre.node)
        longest_s = centre.configuration.queues[call.queue].max_wait_s
        if longest_s:
            timers.append(
                clock.after(longest_s * 1000, lambda: self._leaves(name, EndReason.TIMED_OUT, EndedBy.SYSTEM))
            )
        centre.do(centre.store.enqueue(call))

    def _leaves(self, call: str, reason: EndReason, by: EndedBy) -> None:
        record = self.centre.store.world.calls[call]
        wrap_up_ms = self.centre.configuration.wrap_up_ms(record.queue, record.agent)
        self._do(self.centre.store.end_call(call, reason, owner=PROCESS, by=by, wrap_up_ms=wrap_up_ms))

    # --- what happens -------------------------------------------------------------------------------------------------

    def _hear(self, event: AnyEvent) -> None:
        match event:
            case OfferMade(offer=offer):
                self._offer_timers[offer.id] = self.centre.clock.after(0, lambda: self._rings(offer))
            case OfferEnded(offer=offer):
                self._cancel_offer(offer.id)
            case CallConnected(call=call, offer=offer):
                self._cancel_offer(offer.id)
                self._cancel_call(call.id)
                talk_over = self.centre.clock.after(
                    self._talk_ms[call.id], lambda: self._leaves(call.id, EndReason.COMPLETED, EndedBy.CALLER)
                )
                self._call_timers[call.id] = [talk_over]
            case CallEnded(call=call):
                self._cancel_call(call.id)
                del self._call_timers[call.id], self._talk_ms[call.id]
                self.over += 1
                self._ended(call)
            case _:
                pass

    def _cancel_offer(self, offer: str) -> None:
        timer = self._offer_timers.pop(offer, None)
        if timer is not None:
            timer.cancel()

    def _cancel_call(self, call: str) -> None:
        for timer in self._call_timers[call]:
            timer.cancel()

    # --- agents -------------------------------------------------------------------------------------------------------

    def _rings(self, offer: Offer) -> None:
        habits, dice = self._habits[offer.agent], self._agents_dice[offer.agent]
        fate = habits.fate(dice)
        if fate is not OfferOutcome.UNREACHABLE and not self._do(self.centre.store.ring(_ref(offer))):
            return
        after_s = habits.answers_after(dice)
        if fate in {OfferOutcome.BUSY, OfferOutcome.UNREACHABLE}:
            after_s = 0.0
        elif fate is OfferOutcome.NO_ANSWER:
            after_s = self.centre.configuration.queues[offer.queue].ring_timeout_s
        if after_s:
            self._offer_timers[offer.id] = self.centre.clock.after(after_s * 1000, lambda: self._meets(offer, fate))
        else:
            self._meets(offer, fate)

    def _meets(self, offer: Offer, fate: OfferOutcome) -> None:
        store, ref = self.centre.store, _ref(offer)
        if fate in {OfferOutcome.ANSWERED, OfferOutcome.DROPPED}:
            if not self._do(store.accept(ref, lease_ms=_CONNECT_LEASE_MS)):
                return
            if fate is OfferOutcome.ANSWERED:
                self._do(store.connect(ref))
                return
        queue = self.centre.configuration.queues[offer.queue]
        self._do(
            store.end_offer(
                ref,
                fate,
                cool_off_ms=round(_cool_off_s(queue.cool_off, fate) * 1000),
                break_after=queue.misses_until_break,
            )
        )

    def _agent_comes(self, agent: str, habits: Habits) -> None:
        store = self.centre.store
        self._do(store.set_reachable(agent, reachable=True, node=self.centre.node))
        self._do(store.set_status(agent, AgentStatus.READY))
        if habits.goes_at is not None:
            self._later(habits.goes_at, self._agent_goes, agent)
        if habits.works_for is not None:
            self._works(agent, habits)

    def _agent_goes(self, agent: str) -> None:
        self._do(self.centre.store.set_status(agent, AgentStatus.LOGGED_OUT))

    def _works(self, agent: str, habits: Habits) -> None:
        assert habits.works_for is not None
        self.centre.clock.after(habits.works_for(self._agents_dice[agent]) * 1000, lambda: self._rests(agent, habits))

    def _rests(self, agent: str, habits: Habits) -> None:
        if self.centre.store.world.agents[agent].status is AgentStatus.LOGGED_OUT:
            return
        self._do(self.centre.store.set_status(agent, AgentStatus.ON_BREAK, reason="rest"))
        seconds = habits.rests_for(self._agents_dice[agent])
        self.centre.clock.after(seconds * 1000, lambda: self._returns(agent, habits))

    def _returns(self, agent: str, habits: Habits) -> None:
        if self.centre.store.world.agents[agent].status is not AgentStatus.LOGGED_OUT:
            self._do(self.centre.store.set_status(agent, AgentStatus.READY))
            self._works(agent, habits)

    # --- small steps --------------------------------------------------------------------------------------------------

    def _do(self, transition: Coroutine[Any, Any, object]) -> bool:
        """Whether the store made it."""
        return not isinstance(self.centre.do(transition), Refused)

    def _later(self, seconds: float, act: Callable[..., object], *arguments: Any) -> None:
        self.centre.clock.at(self.began_at + round(seconds * 1000), lambda: act(*arguments))


def _ref(offer: Offer) -> OfferRef:
    return OfferRef(id=offer.id, fence=offer.fence, owner=offer.owner)


def _cool_off_s(cool_off: CoolOff, outcome: OfferOutcome) -> float:
    """As live: an answer that was dropped cools off like a rejection."""
    return {
        OfferOutcome.NO_ANSWER: cool_off.no_answer_s,
        OfferOutcome.REJECTED: cool_off.rejected_s,
        OfferOutcome.DROPPED: cool_off.rejected_s,
        OfferOutcome.BUSY: cool_off.busy_s,
        OfferOutcome.UNREACHABLE: cool_off.unreachable_s,
    }.get(outcome, 0.0)
