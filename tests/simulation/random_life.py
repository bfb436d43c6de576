"""One random life of a pool: callers, agents, phones and operators do as they like, and the matcher hears of it late.

After every step the store holds nobody twice; every decision is compared with the oracle's.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable
from random import Random

from acd.agent import AgentStatus
from acd.call import Call, EndedBy, EndReason
from acd.offer import MISSED, OfferOutcome, OfferState
from acd.ports import CallChange, Refused, Reservation
from tests.simulation.random_worlds import AGENTS, QUEUES, drawn_configuration, drawn_requirement
from tests.unit.matcher_rig import CALM_MS, LEASE_MS, MatcherRig, now_or_never

MOST_CALLS = 25
FAILURES = (*sorted(MISSED), OfferOutcome.UNREACHABLE, OfferOutcome.DROPPED, OfferOutcome.INTERRUPTED)


class RandomLife:
    """``step`` does one thing of all that can happen. Raises AssertionError where a promise is broken."""

    def __init__(self, dice: Random, counted: Counter[str]) -> None:
        self.counted = counted
        self.latest: deque[str] = deque(maxlen=30)
        """What was done last, for whoever looks into a failure."""
        self._dice = dice
        self._rig = MatcherRig(drawn_configuration(dice))
        self._store = self._rig.store
        self._calls = 0
        self._names = list(AGENTS)
        self._seen = ""
        self._acts: list[Callable[[], None]] = [act for act, weight in self._weights().items() for _ in range(weight)]

    def _weights(self) -> dict[Callable[[], None], int]:
        return {
            self.a_caller_comes: 18,
            self.a_caller_leaves: 5,
            self.a_call_is_changed: 3,
            self.an_agent_changes_status: 3,
            self.a_phone_comes_or_goes: 2,
            self.an_agent_ends_wrap_up: 4,
            self.everybody_is_ready: 6,
            self.an_offer_goes_on: 26,
            self.an_offer_comes_to_nothing: 6,
            self.a_conversation_ends: 12,
            self.a_lease_runs_out: 1,
            self.time_passes: 10,
            self.it_is_calm_for_long: 1,
            self.a_live_figure_crosses_a_mark: 2,
            self.another_configuration_is_applied: 1,
            self.events_arrive: 20,
            self.an_old_event_arrives_again: 3,
            self.it_proposes: 18,
            self.the_store_answers: 18,
            self.another_process_reserves: 3,
            self.the_stream_is_read_anew: 1,
            self.everything_comes_to_rest: 2,
            self.one_who_starts_now_decides_alike: 1,
        }

    def step(self) -> None:
        """One thing happens."""
        act = self._dice.choice(self._acts)
        name = getattr(act, "__name__", "")
        self.latest.append(name)
        self.counted[f"step: {name.replace('_', ' ')}"] += 1
        act()
        self._rig.check_agents()
        self.counted["invariant: nobody held twice, busy if and only if held"] += 1
        self._count_events()

    def end(self) -> None:
        """At the end of a life, everything comes to rest once more."""
        self.everything_comes_to_rest()
        self._count_events()

    def _count_events(self) -> None:
        for event in now_or_never(self._store.read_events(self._seen, 1_000)):
            self._seen = event.id
            self.counted[f"event: {type(event).__name__}"] += 1
            offer = getattr(event, "offer", None)
            if offer is not None and offer.outcome is not None:
                self.counted[f"offer ended: {offer.outcome}"] += 1

    # --- callers ------------------------------------------------------------------------------------------------------

    def a_caller_comes(self) -> None:
        dice = self._dice
        if len(self._store.world.calls) >= MOST_CALLS:
            return
        self._calls += 1
        call = Call(
            id=f"c{self._calls}",
            queue=dice.choice(QUEUES),
            requires=drawn_requirement(dice),
            prefers=drawn_requirement(dice),
            priority=dice.choice([0.0, 0.0, 0.0, 1.0, -0.5]),
            preferred_agent=dice.choice([None, None, None, None, dice.choice(AGENTS)]),
            preferred_for_s=dice.choice([None, 0.0, 0.1, 5.0, 60.0]),
            queued_at=self._rig.now - dice.choice([0, 0, 0, 30_000, 60_000]),
            owner="p",
        )
        now_or_never(self._store.enqueue(call))

    def a_caller_leaves(self) -> None:
        if call := self._some(self._store.world.calls):
            reason = self._dice.choice([EndReason.ABANDONED, EndReason.TIMED_OUT, EndReason.WITHDRAWN])
            now_or_never(self._store.end_call(call, reason, owner="p", by=EndedBy.CALLER))

    def a_call_is_changed(self) -> None:
        dice = self._dice
        if call := self._some(self._store.world.calls):
            queue = dice.choice([None, None, dice.choice(QUEUES)])
            self._rig.caps_may_be_over |= queue is not None
            change = CallChange(
                priority=dice.choice([None, 2.0]),
                queue=queue,
                keep_wait=dice.random() < 0.5,
                requires=dice.choice([None, drawn_requirement(dice)]),
                preferred_agent=dice.choice([None, None, "", dice.choice(AGENTS)]),
            )
            self._may_be_refused(now_or_never(self._store.change_call(call, change)))

    # --- agents -------------------------------------------------------------------------------------------------------

    def an_agent_changes_status(self) -> None:
        wishes = [AgentStatus.READY, AgentStatus.READY, AgentStatus.ON_BREAK, AgentStatus.LOGGED_OUT]
        self._may_be_refused(now_or_never(self._store.set_status(self._dice.choice(AGENTS), self._dice.choice(wishes))))

    def a_phone_comes_or_goes(self) -> None:
        reachable = self._dice.random() < 0.7
        agent = self._dice.choice(AGENTS)
        self._may_be_refused(now_or_never(self._store.set_reachable(agent, reachable=reachable, node="n")))

    def an_agent_ends_wrap_up(self) -> None:
        by = self._dice.choice(["agent", "agent", "time"])
        self._may_be_refused(now_or_never(self._store.end_wrap_up(self._dice.choice(AGENTS), by=by)))

    def everybody_is_ready(self) -> None:
        for agent in AGENTS:
            now_or_never(self._store.set_reachable(agent, reachable=True, node="n"))
            now_or_never(self._store.set_status(agent, AgentStatus.READY))
            now_or_never(self._store.end_wrap_up(agent, by="agent"))

    # --- offers -------------------------------------------------------------------------------------------------------

    def an_offer_goes_on(self) -> None:
        if offer := self._some(self._store.world.offers):
            ref = self._rig.ref(offer)
            match self._store.world.offers[offer].state:
                case OfferState.RESERVED:
                    self._may_be_refused(now_or_never(self._store.ring(ref)))
                case OfferState.RINGING:
                    self._may_be_refused(now_or_never(self._store.accept(ref, lease_ms=5_000)))
                case OfferState.ACCEPTED:
                    self._may_be_refused(now_or_never(self._store.connect(ref)))
                case _:
                    pass

    def an_offer_comes_to_nothing(self) -> None:
        if offer := self._some(self._store.world.offers):
            ended = self._store.end_offer(
                self._rig.ref(offer),
                self._dice.choice(FAILURES),
                cool_off_ms=self._dice.choice([0, 100]),
                break_after=self._dice.choice([0, 0, 2]),
            )
            self._may_be_refused(now_or_never(ended))

    def a_conversation_ends(self) -> None:
        talking = {call for call, record in self._store.world.calls.items() if record.connected_at is not None}
        if call := self._some(talking):
            if self._dice.random() < 0.1:
                now_or_never(self._store.requeue(call, owner="p"))
            else:
                wrap_up_ms = self._dice.choice([0, 50])
                end = self._store.end_call(
                    call, EndReason.COMPLETED, owner="p", by=EndedBy.AGENT, wrap_up_ms=wrap_up_ms
                )
                now_or_never(end)

    def a_lease_runs_out(self) -> None:
        if offer := self._some(self._store.world.offers):
            if self._store.world.offers[offer].state is not OfferState.CONNECTED:
                self._rig.now = max(self._rig.now, self._store.world.offers[offer].lease_until)
            self._may_be_refused(now_or_never(self._store.expire_offer(offer)))

    # --- time, operators ----------------------------------------------------------------------------------------------

    def time_passes(self) -> None:
        self._rig.now += self._dice.choice([0, 1, 50, 150, 1_000])

    def it_is_calm_for_long(self) -> None:
        self._rig.now += CALM_MS + 1

    def a_live_figure_crosses_a_mark(self) -> None:
        version = self._store.world.version or 0
        queues = self._rig.versions[version].queues
        name = self._dice.choice(sorted(queues))
        steps = [place for place, step in enumerate(queues[name].steps) if step.when is not None]
        if steps:
            on = self._dice.random() < 0.5
            now_or_never(self._store.switch_step(name, self._dice.choice(steps), on=on, version=version))

    def another_configuration_is_applied(self) -> None:
        """Who was taken out does not come back in this life: the matcher may still have a proposal out for that name,
        and would take the newcomer for somebody else."""
        before = self._rig.versions[-1].agents
        configuration = drawn_configuration(self._dice, self._names)
        self._names = [name for name in self._names if name in configuration.agents or name not in before]
        self._rig.versions.append(configuration)
        self._rig.caps_may_be_over = True
        version = len(self._rig.versions) - 1
        now_or_never(self._store.configure_agents(list(configuration.agents), version=version))

    # --- what the matcher hears, and is asked -------------------------------------------------------------------------

    def events_arrive(self) -> None:
        self._rig.hear(self._dice.choice([1, 2, 100, 100]))

    def an_old_event_arrives_again(self) -> None:
        if self._rig.applied:
            self._rig.matcher.apply(self._dice.choice(self._rig.applied[-20:]))

    def it_proposes(self) -> None:
        if self._rig.is_calm():
            self.counted["invariant: decisions equal to the oracle's"] += 1
        else:
            self.counted["invariant: decisions allowed by the oracle, after refusals"] += 1
        self.counted["proposals"] += len(self._rig.propose())

    def the_store_answers(self) -> None:
        if self._rig.asked:
            asked = self._rig.asked.pop(self._dice.randrange(len(self._rig.asked)))
            self._may_be_refused(self._rig.answer(asked))

    def another_process_reserves(self) -> None:
        """One that knows everything already is faster: what is under way here will be refused."""
        world = self._store.world
        call = self._some({call for call, record in world.calls.items() if record.is_waiting and not record.offers})
        free = [agent for agent, record in world.agents.items() if record.is_available(self._rig.now)]
        queues = self._rig.configuration.queues
        if call and free and world.calls[call].queue in queues and not self._rig.configuration.caps:
            self.counted["reserved by another process"] += 1
            reservation = Reservation(call=call, agents=[self._dice.choice(free)], lease_ms=LEASE_MS)
            self._may_be_refused(now_or_never(self._store.reserve(reservation)))

    def the_stream_is_read_anew(self) -> None:
        self._rig.start_anew(answered=self._dice.random() < 0.5)

    def everything_comes_to_rest(self) -> None:
        self._rig.come_to_rest()
        self.counted["invariant: at rest, nobody left who could be put together"] += 1

    def one_who_starts_now_decides_alike(self) -> None:
        self._rig.decides_like_a_new_one()
        self.counted["invariant: a new process decides alike"] += 1

    # --- small steps --------------------------------------------------------------------------------------------------

    def _some(self, among: Iterable[str]) -> str | None:
        names = sorted(among)
        return self._dice.choice(names) if names else None

    def _may_be_refused(self, answer: object) -> None:
        if isinstance(answer, Refused):
            self.counted[f"refused: {answer.why}"] += 1
