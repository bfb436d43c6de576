"""A small centre with everything that routing knows: three queues, skills, steps, ranks, caps, priorities."""

from __future__ import annotations

from acd.agent import AgentProfile
from acd.call import Call
from acd.configuration import Cap, Configuration, LineOrder
from acd.offer import OfferOutcome
from acd.queue import CoolOff, Crossing, Metric, Queue, Step
from acd.simulation import Callers, Habits, between, exponential
from acd.skills import requirement
from acd.strategies.longest_idle import LongestIdle
from acd.strategies.most_skilled import MostSkilled
from acd.strategies.ring_all import RingAll
from acd.strategy import Strategies

SKILLS = ("english", "german", "billing")


def centre_of(line: LineOrder) -> tuple[Configuration, Strategies]:
    queues = (
        Queue(
            name="sales",
            priority=1.0,
            requires=requirement("english"),
            ring_timeout_s=15,
            wrap_up_s=20,
            max_wait_s=600,
            steps=(Step(after_s=60, ranks=1), Step(after_s=180, queues=("support",))),
            ranks=0,
            misses_until_break=3,
        ),
        Queue(
            name="support",
            strategy="most_skilled",
            requires=requirement("english or german"),
            prefers=requirement("billing >= 50"),
            ring_timeout_s=20,
            wrap_up_s=30,
            cool_off=CoolOff(rejected_s=20, busy_s=10, no_answer_s=15, unreachable_s=30),
            steps=(
                Step(after_s=90, lower={"german": 1, "billing": 0}),
                Step(when=Crossing(metric=Metric.WAITING, at=4, back_at=2), groups=("reserve",)),
                Step(after_s=240, anyone=True),
            ),
        ),
        Queue(name="night", strategy="ring_all", offer_width=3, ring_timeout_s=12, wrap_up_s=0),
    )
    agents = [
        AgentProfile(
            id=f"a{number:02}",
            skills={
                skill: 10 + 15 * ((number + place) % 6) for place, skill in enumerate(SKILLS) if (number + place) % 3
            },
            queues={
                queue.name: (number + place) % 2 for place, queue in enumerate(queues) if (number + place) % 4 != 3
            },
            groups=("reserve",) if number % 5 == 0 else ("east",),
        )
        for number in range(12)
    ]
    configuration = Configuration(
        version=1,
        queues={queue.name: queue for queue in queues},
        agents={agent.id: agent for agent in agents},
        skills={skill: skill for skill in SKILLS},
        caps={"keep": Cap(name="keep", group="east", queue="sales", keep_free=1)},
        line=line,
    )
    return configuration, {"sales": LongestIdle(), "support": MostSkilled(), "night": RingAll()}


def callers(queue: str, *, of: str = "", per_hour: float, **call: object) -> Callers:
    return Callers(
        name=f"{queue}{of}",
        call=Call(id="", queue=queue, **call),  # type: ignore[arg-type]
        per_hour=per_hour,
        hours=(0.85, 1.4, 0.6),
        talk=exponential(150),
        patience=exponential(240),
    )


CALLERS = (
    callers("sales", per_hour=80),
    callers("sales", of="-gold", per_hour=20, priority=2.0),
    callers("support", per_hour=60),
    callers("support", of="-german", per_hour=25, requires=requirement("german >= 50")),
    callers("support", of="-bill", per_hour=25, requires=requirement("billing >= 70 and not german")),
    callers("support", of="-own", per_hour=10, preferred_agent="a03", preferred_for_s=45.0),
    callers("night", per_hour=60),
    callers("night", of="-low", per_hour=10, priority=-1.0),
)
TROUBLES = {
    OfferOutcome.NO_ANSWER: 0.05,
    OfferOutcome.REJECTED: 0.04,
    OfferOutcome.BUSY: 0.02,
    OfferOutcome.UNREACHABLE: 0.02,
    OfferOutcome.DROPPED: 0.02,
}


def habits(seconds: float) -> dict[str, Habits]:
    """Of all agents, for a day of this length: some go before its end."""
    return {
        f"a{number:02}": Habits(
            answers_after=between(0, 8),
            fails=TROUBLES,
            works_for=exponential(1500),
            rests_for=between(60, 600),
            comes_at=min(20.0 * number, seconds / 4),
            goes_at=None if number % 4 else seconds * 0.8,
        )
        for number in range(12)
    }
