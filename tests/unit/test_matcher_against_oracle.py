"""Holds the matcher against the oracle after every step of random lives: of callers, agents, phones and operators."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from acd.agent import AgentStatus
from acd.call import Call, EndedBy, EndReason
from acd.configuration import Configuration
from acd.offer import OfferOutcome, OfferState
from acd.ports import CallChange
from tests.unit.matcher_rig import CALM_MS, MatcherRig, now_or_never
from tests.unit.matcher_scenery import AGENTS, QUEUES, configurations, full_configurations, requirements

pytestmark = pytest.mark.timeout(300)  # many lives, on whatever machine

COMES_TO_NOTHING = [
    OfferOutcome.NO_ANSWER,
    OfferOutcome.REJECTED,
    OfferOutcome.UNREACHABLE,
    OfferOutcome.DROPPED,
]


class MatcherAgainstOracle(RuleBasedStateMachine):
    """The world and the matcher's hearing of it go on in any order."""

    @initialize(configuration=full_configurations)
    def begin(self, configuration: Configuration) -> None:
        self.rig = MatcherRig(configuration)
        self.store = self.rig.store
        self.count = 0

    # --- callers ---------------------------------------------------------------------------------------------------

    @rule(queues=st.lists(st.sampled_from(QUEUES), min_size=1, max_size=4))
    def plain_callers_come(self, queues: list[str]) -> None:
        for queue in queues:
            self.count += 1
            call = Call(id=f"c{self.count}", queue=queue, queued_at=self.rig.now, owner="p")
            now_or_never(self.store.enqueue(call))

    @rule(
        queue=st.sampled_from(QUEUES),
        requires=requirements,
        prefers=requirements,
        priority=st.sampled_from([0.0, 0.0, 0.0, 1.0, -0.5]),
        since=st.sampled_from([0, 0, 0, 30_000, 60_000]),
        preferred=st.sampled_from([None, None, None, *AGENTS]),
        preferred_for_s=st.sampled_from([None, 0.0, 0.1, 5.0, 60.0]),
    )
    def a_caller_comes(
        self,
        queue: str,
        requires: str,
        prefers: str,
        priority: float,
        since: int,
        preferred: str | None,
        preferred_for_s: float | None,
    ) -> None:
        self.count += 1
        call = Call(
            id=f"c{self.count}",
            queue=queue,
            requires=requires,
            prefers=prefers,
            priority=priority,
            preferred_agent=preferred,
            preferred_for_s=preferred_for_s,
            queued_at=self.rig.now - since,
            owner="p",
        )
        now_or_never(self.store.enqueue(call))

    @precondition(lambda self: self.store.world.calls)
    @rule(data=st.data(), wrap_up=st.sampled_from([0, 50]))
    def a_caller_leaves(self, data: st.DataObject, wrap_up: int) -> None:
        call = data.draw(st.sampled_from(sorted(self.store.world.calls)))
        now_or_never(self.store.end_call(call, EndReason.ABANDONED, owner="p", by=EndedBy.CALLER, wrap_up_ms=wrap_up))

    @precondition(lambda self: self.store.world.calls)
    @rule(
        data=st.data(),
        priority=st.sampled_from([None, 2.0]),
        queue=st.sampled_from([None, None, *QUEUES]),
        keep_wait=st.booleans(),
        requires=st.one_of(st.none(), requirements),
        preferred=st.sampled_from([None, None, "", "amy"]),
    )
    def a_call_is_changed(
        self,
        data: st.DataObject,
        priority: float | None,
        queue: str | None,
        keep_wait: bool,
        requires: str | None,
        preferred: str | None,
    ) -> None:
        call = data.draw(st.sampled_from(sorted(self.store.world.calls)))
        self.rig.caps_may_be_over |= queue is not None
        change = CallChange(
            priority=priority, queue=queue, keep_wait=keep_wait, requires=requires, preferred_agent=preferred
        )
        now_or_never(self.store.change_call(call, change))

    # --- agents ----------------------------------------------------------------------------------------------------

    @rule(
        agent=st.sampled_from(AGENTS),
        status=st.sampled_from([AgentStatus.READY, AgentStatus.READY, AgentStatus.ON_BREAK, AgentStatus.LOGGED_OUT]),
    )
    def an_agent_changes_status(self, agent: str, status: AgentStatus) -> None:
        now_or_never(self.store.set_status(agent, status))

    @rule()
    def everybody_is_ready(self) -> None:
        for agent in AGENTS:
            now_or_never(self.store.set_reachable(agent, reachable=True, node="n"))
            now_or_never(self.store.set_status(agent, AgentStatus.READY))
            now_or_never(self.store.end_wrap_up(agent, by="agent"))

    @rule(agent=st.sampled_from(AGENTS), reachable=st.booleans())
    def a_phone_comes_or_goes(self, agent: str, reachable: bool) -> None:
        now_or_never(self.store.set_reachable(agent, reachable=reachable, node="n"))

    @rule(agent=st.sampled_from(AGENTS))
    def an_agent_ends_wrap_up(self, agent: str) -> None:
        now_or_never(self.store.end_wrap_up(agent, by="agent"))

    # --- offers ----------------------------------------------------------------------------------------------------

    @precondition(lambda self: self.store.world.offers)
    @rule(
        data=st.data(),
        outcome=st.sampled_from(COMES_TO_NOTHING),
        cool_off=st.sampled_from([0, 100]),
        break_after=st.sampled_from([0, 0, 2]),
    )
    def an_offer_comes_to_nothing(
        self, data: st.DataObject, outcome: OfferOutcome, cool_off: int, break_after: int
    ) -> None:
        offer = data.draw(st.sampled_from(sorted(self.store.world.offers)))
        now_or_never(self.store.end_offer(self.rig.ref(offer), outcome, cool_off_ms=cool_off, break_after=break_after))

    @precondition(lambda self: self.store.world.offers)
    @rule(data=st.data())
    def an_offer_goes_on(self, data: st.DataObject) -> None:
        offer = data.draw(st.sampled_from(sorted(self.store.world.offers)))
        ref = self.rig.ref(offer)
        match self.store.world.offers[offer].state:
            case OfferState.RESERVED:
                now_or_never(self.store.ring(ref))
            case OfferState.RINGING:
                now_or_never(self.store.accept(ref, lease_ms=5_000))
            case OfferState.ACCEPTED:
                now_or_never(self.store.connect(ref))
            case _:
                now_or_never(self.store.requeue(self.store.world.offers[offer].call, owner="p"))

    # --- time, operators -------------------------------------------------------------------------------------------

    @rule(by=st.sampled_from([0, 1, 50, 150]))
    def time_passes(self, by: int) -> None:
        self.rig.now += by

    @rule()
    def it_is_calm_for_long(self) -> None:
        self.rig.now += CALM_MS + 1

    @rule(queue=st.sampled_from(QUEUES), step=st.integers(0, 1), on=st.booleans())
    def a_live_figure_crosses_a_mark(self, queue: str, step: int, on: bool) -> None:
        version = self.store.world.version or 0
        configured = self.rig.versions[version].queues.get(queue)
        if configured is not None and step < len(configured.steps) and configured.steps[step].when is not None:
            now_or_never(self.store.switch_step(queue, step, on=on, version=version))

    @rule(configuration=configurations)
    def another_configuration_is_applied(self, configuration: Configuration) -> None:
        self.rig.versions.append(configuration)
        self.rig.caps_may_be_over = True
        now_or_never(self.store.configure_agents(list(configuration.agents), version=len(self.rig.versions) - 1))

    # --- what the matcher hears, and is asked ----------------------------------------------------------------------

    @rule(most=st.sampled_from([1, 2, 100]))
    def events_arrive(self, most: int) -> None:
        self.rig.hear(most)

    @precondition(lambda self: self.rig.applied)
    @rule(data=st.data())
    def an_old_event_arrives_again(self, data: st.DataObject) -> None:
        self.rig.matcher.apply(data.draw(st.sampled_from(self.rig.applied[-20:])))

    @rule(most=st.sampled_from([1, 100]))
    def events_arrive_and_are_acted_on(self, most: int) -> None:
        self.rig.hear(most)
        self.rig.propose()
        self.rig.answer_all()

    @rule()
    def it_proposes(self) -> None:
        self.rig.propose()

    @rule()
    def another_process_leads(self) -> None:
        self.rig.matcher.keep_up(self.rig.now)

    @precondition(lambda self: self.rig.asked)
    @rule(data=st.data())
    def the_store_answers(self, data: st.DataObject) -> None:
        self.rig.answer(self.rig.asked.pop(data.draw(st.integers(0, len(self.rig.asked) - 1))))

    @rule()
    def it_proposes_again_before_the_news_of_the_answers(self) -> None:
        self.rig.propose()
        self.rig.answer_all()
        self.rig.propose()

    @rule(answered=st.booleans())
    def the_stream_is_read_anew(self, answered: bool) -> None:
        self.rig.start_anew(answered=answered)

    @rule()
    def everything_comes_to_rest(self) -> None:
        self.rig.come_to_rest()

    @rule()
    def one_who_starts_now_decides_alike(self) -> None:
        self.rig.decides_like_a_new_one()

    @invariant()
    def the_store_holds_nobody_twice(self) -> None:
        if hasattr(self, "rig"):
            self.rig.check_agents()


TestMatcherAgainstOracle = MatcherAgainstOracle.TestCase
TestMatcherAgainstOracle.settings = settings(
    max_examples=150,
    stateful_step_count=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)
