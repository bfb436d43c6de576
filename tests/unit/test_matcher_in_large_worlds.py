"""Holds the matcher against the oracle where there are many: indexes that small worlds never use have to be right."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from random import Random

import pytest

from acd.agent import AgentProfile, AgentStatus
from acd.call import Call, EndedBy, EndReason
from acd.configuration import Cap, Configuration, LineOrder
from acd.matcher import free_agents
from acd.matcher.line import LEAST_EMPTY
from acd.offer import OfferOutcome, OfferState
from acd.queue import Queue, Step
from acd.skills import requirement
from tests.unit.matcher_rig import MatcherRig, now_or_never
from tests.unit.matcher_scenery import STRATEGIES

SKILLS = [f"s{number}" for number in range(6)]
QUEUES = [f"q{number}" for number in range(4)]
AGENTS = [f"a{number:02}" for number in range(40)]
STEPS = 80


def drawn_requirement(draw: Random) -> str:
    skills = draw.sample(SKILLS, draw.choice([0, 0, 1, 1, 2]))
    return requirement({skill: draw.choice([1, 1, 50]) for skill in skills})


def drawn_configuration(draw: Random, *, line: LineOrder) -> Configuration:
    def queue(name: str) -> Queue:
        steps = (
            Step(after_s=0.2, lower=dict.fromkeys(SKILLS[:3], 1)),
            Step(after_s=5.0, anyone=draw.random() < 0.5, ranks=2, groups=draw.choice([(), ("gold",)])),
        )
        return Queue(
            name=name,
            strategy=draw.choice(sorted(STRATEGIES)),
            offer_width=draw.choice([1, 1, 2, 4]),
            priority=draw.choice([0.0, 0.0, 1.0]),
            prefers=draw.choice(["", "", "s0", "s1 >= 50"]),
            ranks=draw.choice([None, 0, 1]),
            steps=steps[: draw.choice([0, 1, 2])],
        )

    def agent(name: str) -> AgentProfile:
        return AgentProfile(
            id=name,
            queues={queue: draw.choice([0, 0, 1, 2]) for queue in draw.sample(QUEUES, draw.randint(1, 4))},
            skills={skill: draw.choice([1, 50, 80]) for skill in draw.sample(SKILLS, draw.randint(0, 5))},
            groups=draw.choice([(), ("gold",)]),
        )

    caps = [
        Cap(name="few", group="gold", queue="q0", at_most=draw.choice([1, 2])),
        Cap(name="rest", group="gold", queue="q1", keep_free=draw.choice([1, 3])),
    ]
    return Configuration(
        queues={name: queue(name) for name in QUEUES},
        agents={name: agent(name) for name in AGENTS},
        caps={cap.name: cap for cap in draw.sample(caps, draw.choice([0, 1, 2]))},
        line=line,
    )


class Life:
    """What may happen, drawn again and again."""

    def __init__(self, rig: MatcherRig, draw: Random) -> None:
        self.rig, self.draw, self.count = rig, draw, 0
        self.happenings: Sequence[Callable[[], None]] = (
            *[self.callers_come] * 4,
            *[self.agents_end_their_work] * 4,
            self.agents_change_status,
            *[self.offers_go_on] * 2,
            self.callers_leave,
            self.time_passes,
        )

    def callers_come(self) -> None:
        for _ in range(self.draw.choice([1, 3, 30])):
            self.count += 1
            call = Call(
                id=f"c{self.count}",
                queue=self.draw.choice(QUEUES),
                requires=drawn_requirement(self.draw),
                priority=self.draw.choice([0.0, 0.0, 0.0, 2.0]),
                queued_at=self.rig.now - self.draw.choice([0, 0, 100, 30_000]),
                owner="p",
            )
            now_or_never(self.rig.store.enqueue(call))

    def agents_end_their_work(self) -> None:
        """Many become free at the same instant, so that their idle clocks tie."""
        talking = [offer.call for offer in self.rig.store.world.offers.values()]
        for call in self.draw.sample(talking, self.draw.randint(0, len(talking))):
            now_or_never(self.rig.store.end_call(call, EndReason.COMPLETED, owner="p", by=EndedBy.CALLER))

    def agents_change_status(self) -> None:
        status = self.draw.choice([AgentStatus.READY, AgentStatus.READY, AgentStatus.ON_BREAK])
        for agent in self.draw.sample(AGENTS, self.draw.choice([1, 5, 40])):
            now_or_never(self.rig.store.set_status(agent, status))

    def offers_go_on(self) -> None:
        store = self.rig.store
        for offer in self.draw.sample(sorted(store.world.offers), min(5, len(store.world.offers))):
            record = store.world.offers.get(offer)
            if record is None:
                continue
            ref = self.rig.ref(offer)
            if self.draw.random() < 0.3:
                now_or_never(store.end_offer(ref, OfferOutcome.NO_ANSWER, cool_off_ms=self.draw.choice([0, 100])))
            elif record.state is OfferState.RESERVED:
                now_or_never(store.ring(ref))
            elif record.state is OfferState.RINGING:
                now_or_never(store.accept(ref, lease_ms=60_000))
            elif record.state is OfferState.ACCEPTED:
                now_or_never(store.connect(ref))

    def callers_leave(self) -> None:
        waiting = sorted(call.id for call in self.rig.store.world.calls.values() if call.is_waiting)
        for call in self.draw.sample(waiting, len(waiting) // 3):
            now_or_never(self.rig.store.end_call(call, EndReason.ABANDONED, owner="p", by=EndedBy.CALLER))

    def time_passes(self) -> None:
        self.rig.now += self.draw.choice([1, 50, 150, 5_000])


BY_MANY = {"VERY_FEW": 0, "FEW": 0, "FEW_OF_ALL": 1, "LEAST_TO_TRIM": 2}
"""As if these few agents were thousands: where callers can be taken by many, agents are found in another way."""
BY_FEW = {"VERY_FEW": 2, "FEW": 8, "LEAST_TO_TRIM": 2}


@pytest.mark.timeout(240)
@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("line", LineOrder)
@pytest.mark.parametrize("found", [{}, BY_FEW, BY_MANY], ids=["as usual", "by few", "by many"])
def test_many_agents_and_many_callers(
    seed: int, line: LineOrder, found: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in found.items():
        monkeypatch.setattr(free_agents, name, value)
    draw = Random(f"{line}-{seed}")
    rig = MatcherRig(drawn_configuration(draw, line=line))
    life = Life(rig, draw)
    for _ in range(STEPS):
        draw.choice(life.happenings)()
        if draw.random() < 0.6:
            rig.hear()
            rig.propose()
            if draw.random() < 0.9:
                rig.answer_all()
    rig.come_to_rest()


@pytest.mark.timeout(240)
def test_wishes_that_come_and_go_are_forgotten_and_found_again() -> None:
    """More different requirements than are ever kept; those of callers who wait stay."""
    draw = Random("wishes")
    configuration = drawn_configuration(draw, line=LineOrder.WAIT_PLUS_PRIORITY)
    plain = {
        name: replace(queue, strategy="longest_idle", offer_width=1, steps=(), ranks=None)
        for name, queue in configuration.queues.items()
    }
    rig = MatcherRig(replace(configuration, queues=plain, caps={}))
    for agent in AGENTS:
        now_or_never(rig.store.set_status(agent, AgentStatus.ON_BREAK))
    for number in range(5_000):
        wish = requirement({SKILLS[number % 6]: 1 + number % 97, SKILLS[number // 7 % 6]: 1 + number // 11 % 89})
        call = Call(id=f"c{number}", queue=QUEUES[number % 4], requires=wish, queued_at=rig.now, owner="p")
        now_or_never(rig.store.enqueue(call))
        if number % 100:
            rig.hear()
            now_or_never(rig.store.end_call(call.id, EndReason.ABANDONED, owner="p", by=EndedBy.CALLER))
    rig.hear()
    waiting = len(rig.matcher.pool.line.classes_waiting)
    assert rig.matcher.pool.line.classes_known <= LEAST_EMPTY + waiting + 1
    for agent in AGENTS:
        now_or_never(rig.store.set_status(agent, AgentStatus.READY))
    rig.come_to_rest()
