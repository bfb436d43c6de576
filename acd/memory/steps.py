"""The parts of transitions that several share: the ends of offers and of conversations, and what they do to agents."""

from __future__ import annotations

from dataclasses import replace

from acd.agent import Agent, AgentActivity, AgentTrigger, next_activity
from acd.call import Call, CallState, CallTrigger, next_state
from acd.events import AgentRemoved, OfferEnded
from acd.memory.world import World
from acd.offer import MISSED, Offer, OfferOutcome, OfferTrigger, next_offer_state
from acd.ports import DeadlineKind


def moved_call(call: Call, trigger: CallTrigger, now: int) -> Call:
    """The call after this trigger; raises IllegalTransition."""
    after = next_state(call.state, trigger)
    return call if after is call.state else replace(call, state=after, state_since=now)


def moved_agent(agent: Agent, trigger: AgentTrigger, now: int) -> Agent:
    """The agent after this trigger; raises IllegalTransition."""
    return replace(agent, activity=next_activity(agent.activity, trigger), activity_since=now)


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
        return replace(after, call=None)

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
        sip_code: int | None = None,
        call: Call | None = None,
    ) -> Offer:
        """End a live offer: free the agent, send the call back, tell the owner. A call that is given is over or
        talks, and stays so."""
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
        if after.state in {CallState.OFFERED, CallState.CONNECTING}:
            after = self._sent_back(after, offer)
        agent = self.release(world.agents[offer.agent], AgentTrigger.RELEASE)
        if outcome in MISSED:
            agent = replace(agent, missed=agent.missed + 1, idle_since=now)
        if cool_off_ms > 0:
            agent = replace(agent, cool_until=now + cool_off_ms)
        world.emit(OfferEnded, tell=offer.owner, call=after, agent=agent, offer=ended)
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
        talked_ms = now - (now if call.connected_at is None else call.connected_at)
        agent = replace(agent, talk_ms=agent.talk_ms + talked_ms)
        if wrap_up_ms > 0:
            world.deadlines[DeadlineKind.WRAP_UP, agent.id] = now + wrap_up_ms
            return replace(self.release(agent, AgentTrigger.HANG_UP), wrap_up_until=now + wrap_up_ms)
        return replace(self.release(agent, AgentTrigger.HANG_UP_WITHOUT_WRAP_UP), idle_since=now)


def _without(call: Call, offer: str) -> Call:
    return replace(call, offers={known: agent for known, agent in call.offers.items() if known != offer})
