"""Holds the matcher against an oracle that looks at every pair, over the store in memory with late, repeated events."""

from __future__ import annotations

from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from hypothesis import HealthCheck, settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from acd.agent import Agent, AgentActivity, AgentProfile, AgentStatus
from acd.call import Call, CallState, EndedBy, EndReason
from acd.configuration import Configuration
from acd.events import AgentRemoved, AnyEvent, OfferMade, stream_position
from acd.matcher import Matcher, Proposal
from acd.memory import MemoryStore
from acd.offer import Offer, OfferOutcome, OfferState
from acd.ports import OfferRef, Refused, Reservation
from acd.queue import Queue
from acd.skills import meets
from acd.strategies.longest_idle import LongestIdle
from acd.strategies.most_skilled import MostSkilled
from acd.strategy import Strategy

T = TypeVar("T")

SKILLS = ("english", "german")
QUEUES = ("sales", "support")
AGENTS = ("amy", "ben", "cat", "dan", "eve")
CALM_MS = 10_000
"""After this long without a refusal no block can be in force."""


def now_or_never(coroutine: Coroutine[Any, Any, T]) -> T:
    """The result of a coroutine of the store in memory, which never waits."""
    try:
        coroutine.send(None)
    except StopIteration as stop:
        result: T = stop.value
        return result
    raise AssertionError("the store in memory had to wait")


class NoWake:
    """Nobody waits for events here: they are read."""

    def set(self) -> None: ...
    def clear(self) -> None: ...
    async def wait(self) -> None: ...


@dataclass
class Asked:
    """A proposal that is out, with the agents chosen in it."""

    proposal: Proposal
    chosen: tuple[str, ...]


queues = st.builds(
    lambda width, strategy, priority: Queue(name="", offer_width=width, strategy=strategy, priority=priority),
    st.sampled_from([1, 1, 2, 3]),
    st.sampled_from(["longest_idle", "most_skilled"]),
    st.sampled_from([0, 0, 1]),
)
profiles = st.builds(
    lambda skills, member_of: AgentProfile(id="", skills=skills, queues=member_of),
    st.dictionaries(st.sampled_from(SKILLS), st.integers(1, 2)),
    st.sampled_from([{"sales": 0, "support": 0}, {"sales": 1, "support": 0}, {"sales": 0}, {"support": 1}, {}]),
)
configurations = st.builds(
    lambda by_queue, by_agent: Configuration(
        queues={name: replace(queue, name=name) for name, queue in by_queue.items()},
        agents={name: replace(profile, id=name) for name, profile in by_agent.items()},
    ),
    st.fixed_dictionaries(dict.fromkeys(QUEUES, queues)),
    st.fixed_dictionaries(dict.fromkeys(AGENTS, profiles)),
)


class MatcherAgainstAllPairs(RuleBasedStateMachine):
    """The store's world runs ahead; the matcher hears of it late. The model holds what the matcher may know."""

    @initialize(configuration=configurations)
    def begin(self, configuration: Configuration) -> None:
        self.now = 1_000_000
        self.store = MemoryStore(clock=lambda: self.now, wake=NoWake)
        now_or_never(self.store.begin_epoch("p", lease_ms=1_000))
        now_or_never(self.store.open_epoch())
        now_or_never(self.store.configure_agents(AGENTS, version=1))
        for agent in AGENTS:
            now_or_never(self.store.set_reachable(agent, reachable=True, node="n"))
            now_or_never(self.store.set_status(agent, AgentStatus.READY))
        self.calls = 0
        self.asked: list[Asked] = []
        self.configuration = configuration
        self.matcher = Matcher(configuration, self.strategies())
        self.begin_with_snapshot()

    # --- the model -------------------------------------------------------------------------------------------------

    def begin_with_snapshot(self) -> None:
        snapshot = now_or_never(self.store.snapshot())
        self.matcher.reset(snapshot)
        self.seen_agents: dict[str, Agent] = dict(snapshot.agents)
        self.seen_calls: dict[str, Call] = dict(snapshot.calls)
        self.position = snapshot.position
        self.applied: list[AnyEvent] = []
        self.made_but_unheard: dict[str, Offer] = {}
        self.heard_offers: set[str] = set()
        self.refused: list[tuple[tuple[int, int], str, set[str]]] = []
        self.last_refusal = 0
        self.asked.clear()

    def strategies(self) -> dict[str, Strategy]:
        return {
            name: LongestIdle() if queue.strategy == "longest_idle" else MostSkilled()
            for name, queue in self.configuration.queues.items()
        }

    def see(self, event: AnyEvent) -> None:
        """Fold one event into what the matcher may know."""
        self.position = event.id
        self.applied.append(event)
        call: Call | None = getattr(event, "call", None)
        if call is not None:
            self.seen_calls[call.id] = call
            if call.state is CallState.ENDED:
                del self.seen_calls[call.id]
        agent: Agent | None = getattr(event, "agent", None)
        if isinstance(event, AgentRemoved):
            del self.seen_agents[event.agent.id]
        elif agent is not None:
            self.seen_agents[agent.id] = agent
        if isinstance(event, OfferMade):
            self.heard_offers.add(event.offer.id)
            self.made_but_unheard.pop(event.offer.id, None)

    def room(self, call: Call) -> int:
        unheard = sum(1 for offer in self.made_but_unheard.values() if offer.call == call.id)
        return self.configuration.queues[call.queue].offer_width - len(call.offers) - unheard

    def in_line(self) -> list[Call]:
        held = {asked.proposal.call for asked in self.asked}
        calls = [
            call
            for call in self.seen_calls.values()
            if call.state in {CallState.QUEUED, CallState.OFFERED} and call.id not in held and self.room(call) > 0
        ]
        return sorted(calls, key=self.place)

    def place(self, call: Call) -> tuple[float, int, str]:
        head_start = (call.priority + self.configuration.queues[call.queue].priority) * 60_000
        return (call.queued_at - head_start, call.queued_at, call.id)

    def free(self) -> set[str]:
        held = {agent for asked in self.asked for agent in asked.chosen}
        held |= {offer.agent for offer in self.made_but_unheard.values()}
        return {name for name, agent in self.seen_agents.items() if agent.is_available(self.now)} - held

    def can_take(self, agent: str, call: Call) -> bool:
        profile = self.configuration.agents.get(agent)
        return profile is not None and call.queue in profile.queues and meets(profile.skills, call.requires)

    def best_first(self, agents: Sequence[str], call: Call) -> list[str]:
        def by_strategy(agent: str) -> tuple[int, int, int, str]:
            profile = self.configuration.agents[agent]
            level = 0
            if self.configuration.queues[call.queue].strategy == "most_skilled":
                level = sum(profile.skills.get(skill, 0) for skill in call.requires)
            return (profile.queues[call.queue], -level, self.seen_agents[agent].idle_since, agent)

        return sorted(agents, key=by_strategy)

    def expected(self) -> list[tuple[str, tuple[str, ...]]]:
        """Each caller in order takes the best who is free: every pair is looked at."""
        free = self.free()
        result = []
        for call in self.in_line():
            able = self.best_first([agent for agent in free if self.can_take(agent, call)], call)
            chosen = tuple(able[: self.room(call)])
            if chosen:
                result.append((call.id, chosen))
                free -= set(chosen)
        return result

    # --- the world -------------------------------------------------------------------------------------------------

    @rule(
        queue=st.sampled_from(QUEUES),
        requires=st.dictionaries(st.sampled_from(SKILLS), st.integers(1, 2)),
        priority=st.sampled_from([0.0, 0.0, 0.0, 1.0, -0.5]),
        since=st.sampled_from([0, 0, 0, 30_000, 60_000]),
    )
    def a_caller_comes(self, queue: str, requires: dict[str, int], priority: float, since: int) -> None:
        self.calls += 1
        call = Call(
            id=f"c{self.calls}",
            queue=queue,
            requires=requires,
            priority=priority,
            queued_at=self.now - since,
            owner="p",
        )
        now_or_never(self.store.enqueue(call))

    @precondition(lambda self: self.store.world.calls)
    @rule(data=st.data(), wrap_up=st.sampled_from([0, 50]))
    def a_caller_leaves(self, data: st.DataObject, wrap_up: int) -> None:
        call = data.draw(st.sampled_from(sorted(self.store.world.calls)))
        now_or_never(self.store.end_call(call, EndReason.ABANDONED, owner="p", by=EndedBy.CALLER, wrap_up_ms=wrap_up))

    @rule(
        agent=st.sampled_from(AGENTS),
        status=st.sampled_from([AgentStatus.READY, AgentStatus.READY, AgentStatus.ON_BREAK, AgentStatus.LOGGED_OUT]),
    )
    def an_agent_changes_status(self, agent: str, status: AgentStatus) -> None:
        now_or_never(self.store.set_status(agent, status))

    @rule(agent=st.sampled_from(AGENTS), reachable=st.booleans())
    def a_phone_comes_or_goes(self, agent: str, reachable: bool) -> None:
        now_or_never(self.store.set_reachable(agent, reachable=reachable, node="n"))

    @rule(agent=st.sampled_from(AGENTS))
    def an_agent_ends_wrap_up(self, agent: str) -> None:
        now_or_never(self.store.end_wrap_up(agent, by="agent"))

    @precondition(lambda self: self.store.world.offers)
    @rule(
        data=st.data(),
        outcome=st.sampled_from([OfferOutcome.NO_ANSWER, OfferOutcome.UNREACHABLE]),
        cool_off=st.sampled_from([0, 100]),
    )
    def an_offer_comes_to_nothing(self, data: st.DataObject, outcome: OfferOutcome, cool_off: int) -> None:
        offer = data.draw(st.sampled_from(sorted(self.store.world.offers)))
        now_or_never(self.store.end_offer(self.ref(offer), outcome, cool_off_ms=cool_off))

    @precondition(lambda self: self.store.world.offers)
    @rule(data=st.data())
    def an_offer_goes_on(self, data: st.DataObject) -> None:
        offer = data.draw(st.sampled_from(sorted(self.store.world.offers)))
        match self.store.world.offers[offer].state:
            case OfferState.RESERVED:
                now_or_never(self.store.ring(self.ref(offer)))
            case OfferState.RINGING:
                now_or_never(self.store.accept(self.ref(offer), lease_ms=5_000))
            case OfferState.ACCEPTED:
                now_or_never(self.store.connect(self.ref(offer)))
            case _:
                now_or_never(self.store.requeue(self.store.world.offers[offer].call, owner="p"))

    def ref(self, offer: str) -> OfferRef:
        return OfferRef(id=offer, fence=self.store.world.offers[offer].fence, owner="p")

    @rule(by=st.sampled_from([0, 1, 60, 150]))
    def time_passes(self, by: int) -> None:
        self.now += by

    @rule()
    def it_is_calm_for_long(self) -> None:
        self.now += CALM_MS + 1

    # --- what the matcher hears, and is asked ----------------------------------------------------------------------

    @rule(most=st.sampled_from([1, 2, 100]))
    def events_arrive(self, most: int) -> None:
        for event in now_or_never(self.store.read_events(self.position, most)):
            self.matcher.apply(event)
            self.see(event)

    @precondition(lambda self: self.applied)
    @rule(data=st.data())
    def an_old_event_arrives_again(self, data: st.DataObject) -> None:
        self.matcher.apply(data.draw(st.sampled_from(self.applied[-20:])))

    @rule()
    def it_proposes(self) -> None:
        calm = not self.last_refusal or (
            self.now - self.last_refusal > CALM_MS
            and all(position <= stream_position(self.position) for position, _, _ in self.refused)
        )
        expected = self.expected()
        rooms = {call.id: self.room(call) for call in self.in_line()}
        free = self.free()
        got = []
        for proposal in self.matcher.propose(self.now):
            assert proposal.call in rooms, "a call that needs no offer, or has a proposal out"
            chosen = proposal.agents[: rooms.pop(proposal.call)]
            assert chosen, "a proposal names somebody"
            assert set(chosen) <= free, "only agents who are free are chosen, and each once"
            free -= set(chosen)
            call = self.seen_calls[proposal.call]
            assert all(self.can_take(agent, call) for agent in proposal.agents), "eligible, spares included"
            assert len(set(proposal.agents)) == len(proposal.agents)
            self.was_not_refused(proposal)
            got.append((proposal.call, chosen))
            self.asked.append(Asked(proposal, chosen))
        if calm:
            assert got == expected
        assert not self.matcher.troubles

    def was_not_refused(self, proposal: Proposal) -> None:
        for beaten_by, call, agents in self.refused:
            if beaten_by > stream_position(self.position) and call == proposal.call:
                assert not agents & set(proposal.agents), "before the event that beat it was heard"

    @precondition(lambda self: self.asked)
    @rule(data=st.data())
    def the_store_answers(self, data: st.DataObject) -> None:
        self.answer(self.asked.pop(data.draw(st.integers(0, len(self.asked) - 1))))

    def answer(self, asked: Asked) -> None:
        proposal = asked.proposal
        reservation = Reservation(call=proposal.call, agents=proposal.agents, width=proposal.width, lease_ms=60_000)
        result = now_or_never(self.store.reserve(reservation))
        if isinstance(result, Refused):
            self.refused.append((stream_position(result.beaten_by), proposal.call, set(proposal.agents)))
            self.last_refusal = self.now
        else:
            assert len({offer.agent for offer in result}) == len(result)
            self.made_but_unheard |= {offer.id: offer for offer in result if offer.id not in self.heard_offers}
        self.matcher.settle(proposal, result)

    @rule()
    def it_proposes_again_before_the_news_of_the_answers(self) -> None:
        self.it_proposes()
        while self.asked:
            self.answer(self.asked.pop(0))
        self.it_proposes()

    @rule(configuration=configurations)
    def another_configuration_is_applied(self, configuration: Configuration) -> None:
        self.configuration = configuration
        self.matcher.configure(configuration, self.strategies())

    @rule()
    def the_stream_is_read_anew(self) -> None:
        lost = list(self.asked)
        self.begin_with_snapshot()
        for asked in lost:
            self.matcher.settle(asked.proposal, [])

    @rule()
    def everything_comes_to_rest(self) -> None:
        """Promise 2 and 3: nobody who waits and nobody who is free are left who could be put together."""
        for _ in range(200):
            self.events_arrive(most=100)
            if not self.asked:
                self.it_proposes()
            if not self.asked:
                break
            while self.asked:
                self.answer(self.asked.pop(0))
        deadline = self.matcher.next_deadline()
        if deadline is not None and self.last_refusal:
            self.now = max(self.now, deadline)
            self.events_arrive(most=100)
            self.it_proposes()
            while self.asked:
                self.answer(self.asked.pop(0))
            self.events_arrive(most=100)
        if not self.refused or self.now - self.last_refusal > CALM_MS:
            assert self.expected() == []

    @rule()
    def one_who_starts_now_decides_alike(self) -> None:
        """Snapshot and stream lead to the same place as the whole stream did."""
        self.events_arrive(most=1_000)
        if self.asked or (self.last_refusal and self.now - self.last_refusal <= CALM_MS):
            return
        other = Matcher(self.configuration, self.strategies())
        other.reset(now_or_never(self.store.snapshot()))
        proposed = other.propose(self.now)
        assert [(proposal.call, proposal.agents) for proposal in proposed] == [
            (proposal.call, proposal.agents) for proposal in self.propose_only()
        ]

    def propose_only(self) -> Sequence[Proposal]:
        rooms = {call.id: self.room(call) for call in self.in_line()}
        proposals = self.matcher.propose(self.now)
        self.asked.extend(Asked(proposal, proposal.agents[: rooms[proposal.call]]) for proposal in proposals)
        return proposals

    @invariant()
    def the_store_never_holds_an_agent_twice(self) -> None:
        if not hasattr(self, "store"):
            return
        offers = [offer.agent for offer in self.store.world.offers.values() if offer.state is not OfferState.ENDED]
        assert len(offers) == len(set(offers))
        for agent in self.store.world.agents.values():
            assert (agent.activity in {AgentActivity.RESERVED, AgentActivity.TALKING}) == (agent.id in offers)


TestMatcherAgainstAllPairs = MatcherAgainstAllPairs.TestCase
TestMatcherAgainstAllPairs.settings = settings(
    max_examples=120,
    stateful_step_count=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)
