"""The parts of transitions that several share: the ends of offers and of conversations, and what they do to agents."""

from __future__ import annotations

from dataclasses import replace

from acd.agent import Agent, AgentActivity, AgentStatus, AgentTrigger, ImposedBreak, next_activity
from acd.call import Call, CallState, CallTrigger, next_state
from acd.events import AgentRemoved, AgentStatusChanged, OfferEnded
from acd.memory.world import World
from acd.offer import MISSED, NOT_TRIED, Offer, OfferOutcome, OfferTrigger, next_offer_state
from acd.ports import DeadlineKind


def moved_call(call: Call, trigger: CallTrigger, now: int) -> Call:
    """The call after this trigger; raises IllegalTransition."""
    after = next_state(call.state, trigger)
    return call if after is call.state else replace(call, state=after, state_since=now)


def moved_agent(agent: Agent, trigger: AgentTrigger, now: int) -> Agent:
    """The agent after this trigger; raises IllegalTransition."""
    activity = next_activity(agent.activity, trigger)
    return replace(agent, activity=activity, activity_since=now, shift_busy_ms=agent.busy_ms(now))


def with_status(agent: Agent, status: AgentStatus, reason: str | None, now: int) -> Agent:
    """The agent with this status: becoming ready starts the idle clock and ends a cool-off, logging in begins a
    shift."""
    after = replace(agent, status=status, break_reason=reason, status_since=now)
    if status is AgentStatus.READY and agent.status is not AgentStatus.READY:
        idle = agent.activity is AgentActivity.IDLE
        after = replace(after, ready_at=now, cool_until=0, idle_since=now if idle else agent.idle_since)
    if agent.status is AgentStatus.LOGGED_OUT and status is not AgentStatus.LOGGED_OUT:
        after = replace(after, shift_since=now, shift_answered=0, shift_talk_ms=0, shift_busy_ms=0)
    return after


class Transition:
    """One transition under way: it remembers which agents became idle, since those who are to leave go at its end."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.now = world.clock()
        self._freed: list[str] = []

    def release(self, agent: Agent, trigger: AgentTrigger) -> Agent:
        """The agent without its offer, and once idle without its call."""
        after = replace(moved_agent(agent, trigger, self.now), offer=None)
        if after.activity is not AgentActivity.IDLE:
            return after
        self._freed.append(agent.id)
        return replace(after, call=None, busy_for=None)

    def retire_freed(self) -> None:
        """Agents that are idle now and no longer configured leave."""
        for agent_id in self._freed:
            agent = self.world.agents.get(agent_id)
            if agent is not None and agent.activity is AgentActivity.IDLE and agent_id in self.world.leaving:
                self.world.leaving.discard(agent_id)
                self.world.emit(AgentRemoved, agent=agent)

    def end_offer(
        self,
        offer: Offer,
        outcome: OfferOutcome,
        *,
        cool_off_ms: int = 0,
        break_after: int = 0,
        sip_code: int | None = None,
        call: Call | None = None,
    ) -> Offer:
        """End a live offer: free the agent, send the call back, tell the owner, and give an agent who misses too many
        a break. A call that is given is over or talks, and stays so."""
        world, now = self.world, self.now
        ended = replace(
            offer,
            state=next_offer_state(offer.state, OfferTrigger.END),
            outcome=outcome,
            ended_at=now,
            sip_code=sip_code,
        )
        world.deadlines.pop((DeadlineKind.OFFER_LEASE, offer.id), None)
        world.deadlines.pop((DeadlineKind.ACCEPTED_LEASE, offer.id), None)
        after = _without(call or world.calls[offer.call], offer.id)
        if outcome not in NOT_TRIED:
            after = replace(after, tried={**after.tried, offer.agent: after.tried.get(offer.agent, 0) + 1})
        if after.state in {CallState.OFFERED, CallState.CONNECTING}:
            after = self._sent_back(after, offer)
        agent = self.release(world.agents[offer.agent], AgentTrigger.RELEASE)
        if outcome in MISSED:
            agent = replace(agent, missed=agent.missed + 1, idle_since=now, missed_at=now)
        if cool_off_ms > 0:
            agent = replace(agent, cool_until=now + cool_off_ms)
        world.emit(OfferEnded, tell=offer.owner, call=after, agent=agent, offer=ended)
        if outcome in MISSED and 0 < break_after <= agent.missed and agent.status is AgentStatus.READY:
            resting = with_status(agent, AgentStatus.ON_BREAK, ImposedBreak.MISSED_CALLS.value, now)
            resting = replace(resting, missed=0)
            world.emit(AgentStatusChanged, agent=resting, previous=agent.status.value)
        return ended

    def _sent_back(self, call: Call, offer: Offer) -> Call:
        if call.offer == offer.id:
            trigger = CallTrigger.WINNER_LOST_OTHERS_RING if call.offers else CallTrigger.WINNER_LOST
            return replace(moved_call(call, trigger, self.now), offer=None, agent=None)
        return call if call.offers else moved_call(call, CallTrigger.LAST_OFFER_ENDED, self.now)

    def offers_of(self, call: Call) -> list[Offer]:
        """The call's offers, oldest first."""
        return sorted((self.world.offers[offer] for offer in call.offers), key=lambda offer: offer.fence)

    def hang_up(self, call: Call, wrap_up_ms: int) -> Agent | None:
        """The agent of a call that talked: free, or wrapping up. None if that agent does not talk in this call, as
        can be when the records were restored from what Asterisk showed."""
        world, now = self.world, self.now
        world.forget_offer(call.offer)
        agent = world.agents.get(call.agent or "")
        if agent is None or agent.activity is not AgentActivity.TALKING or agent.call != call.id:
            return None
        began = now if call.connected_at is None else call.connected_at
        agent = replace(
            agent,
            talk_ms=agent.talk_ms + max(0, now - began),
            shift_talk_ms=agent.shift_talk_ms + max(0, now - max(began, agent.shift_since)),
            call_ended_at=now,
        )
        if wrap_up_ms > 0:
            world.deadlines[DeadlineKind.WRAP_UP, agent.id] = now + wrap_up_ms
            return replace(self.release(agent, AgentTrigger.HANG_UP), wrap_up_until=now + wrap_up_ms)
        return replace(self.release(agent, AgentTrigger.HANG_UP_WITHOUT_WRAP_UP), idle_since=now)


def _without(call: Call, offer: str) -> Call:
    return replace(call, offers={known: agent for known, agent in call.offers.items() if known != offer})
