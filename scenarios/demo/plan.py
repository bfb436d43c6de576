"""Who works and who calls in the demo: drawn from a seed, so that a run can be repeated."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from acd.agent import AgentProfile, Phone, PhoneKind
from acd.configuration import Configuration
from acd.queue import CoolOff, Queue, Step
from acd.skills import requirement
from scenarios.lab.phones import Behaviour
from stasis_app.configuration_file import write

BROWSER_AGENT = "mia"
"""Her phone is the agent's page in a headless Chromium."""
VISITOR = "you"
CYCLE_S = 90.0
LEAST_PATIENCE_S = 4.0
LONGEST_STAY_S = 45.0
"""Nobody waits longer, and nobody talks longer."""

_COOL_OFF = CoolOff(no_answer_s=3, rejected_s=3, busy_s=2, unreachable_s=2)
_SHARED = {"ring_timeout_s": 8.0, "wrap_up_s": 2.0, "service_level_s": 5.0, "cool_off": _COOL_OFF}
QUEUES: Mapping[str, Queue] = {
    queue.name: queue
    for queue in (
        Queue(name="support", title="Support", numbers=("100",), **_SHARED),  # type: ignore[arg-type]
        Queue(name="sales", title="Sales", numbers=("200",), **_SHARED),  # type: ignore[arg-type]
        Queue(
            name="billing",
            title="Billing",
            numbers=("300",),
            strategy="most_skilled",
            requires=requirement("billing >= 60"),
            steps=(Step(after_s=5, lower={"billing": 40}),),  # then Leo will do, too
            **_SHARED,  # type: ignore[arg-type]
        ),
    )
}
SHARES = {"support": 0.5, "sales": 0.3, "billing": 0.2}


@dataclass(frozen=True, kw_only=True)
class Cast:
    """One agent of the demo; `behaviour` is that of a SIPp phone, if it is one."""

    name: str
    queues: Mapping[str, int]
    phone: str = ""
    billing: int = 0
    behaviour: Behaviour = field(default_factory=lambda: Behaviour(ring=(0.5, 3.0), talk=(3.0, 9.0)))
    wrap_up_s: float | None = None

    @property
    def id(self) -> str:
        return self.name.lower()

    @property
    def profile(self) -> AgentProfile:
        """As it is configured."""
        target = Phone(kind=PhoneKind.ENDPOINT, target=f"PJSIP/{self.phone}") if self.phone else Phone()
        return AgentProfile(
            id=self.id,
            name=self.name,
            phone=target,
            skills={"billing": self.billing} if self.billing else {},
            queues=self.queues,
            wrap_up_s=self.wrap_up_s,
        )


def _answers(**otherwise: float) -> Behaviour:
    return Behaviour(ring=(0.5, 3.0), talk=(3.0, 9.0), **otherwise)  # type: ignore[arg-type]


_ALL = {"support": 0, "sales": 0}
CAST: tuple[Cast, ...] = (
    Cast(name="Anna", phone="1001", queues=_ALL),
    Cast(name="Ben", phone="1002", queues=_ALL),
    Cast(name="Clara", phone="1003", queues=_ALL, behaviour=_answers(declines=0.12)),
    Cast(name="David", phone="1004", queues={"support": 0}),
    Cast(name="Emma", phone="1005", queues={"support": 0}),
    Cast(name="Felix", phone="1006", queues={"support": 0}, behaviour=_answers(never_answers=0.12)),
    Cast(name="Greta", phone="1007", queues={"sales": 0}),
    Cast(name="Hugo", phone="1008", queues={"sales": 0}, behaviour=_answers(never_answers=0.12)),
    Cast(name="Ida", phone="1009", queues={"sales": 0, "support": 1}),
    Cast(name="Jonas", phone="1010", queues={"billing": 0}, billing=90),
    Cast(name="Karin", phone="1011", queues={"billing": 0, "support": 1}, billing=60),
    Cast(name="Leo", phone="1012", queues={"billing": 0, "sales": 1}, billing=40, behaviour=_answers(declines=0.12)),
    Cast(name="Mia", queues=_ALL),
    Cast(name="You", queues=_ALL, wrap_up_s=10),
)
PHONES = tuple(agent.phone for agent in CAST if agent.phone)
PROFILES = {agent.id: agent.profile for agent in CAST}


def configuration() -> str:
    """The same as a file, as an operator would apply it."""
    return write(Configuration(queues=QUEUES, agents=PROFILES, skills={"billing": "Billing questions"}))


# --- callers ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class PlannedCaller:
    """One caller. Times are in seconds: `at` since the first second of the demo, the others of the caller's own."""

    number: str
    """Unique in the run: the demo's name for the call."""
    name: str
    queue: str
    at: float
    patience_s: float
    talk_s: float | None
    """None: the agent hangs up."""
    audible: bool


FIRST = (
    "Ada",
    "Alan",
    "Barbara",
    "Carl",
    "Dorothy",
    "Edsger",
    "Emmy",
    "Grace",
    "Hedy",
    "Ivan",
    "Joan",
    "Linus",
    "Radia",
)
LAST = ("Adler", "Baker", "Castro", "Dubois", "Engel", "Fischer", "Garcia", "Hansen", "Ito", "Keller", "Novak", "Olsen")
PHASES = ((0.22, 0.6, "steady"), (0.42, 2.0, "burst"), (0.72, 0.45, "calm"), (1.0, 0.0, "draining"))
"""Until which part of a cycle, how many callers a second, what it is called."""


def phase_at(at: float, cycle_s: float) -> tuple[float, str]:
    """Callers a second, and the phase's name."""
    part = (at % cycle_s) / cycle_s
    return next((rate, name) for until, rate, name in PHASES if part < until)


def callers(seed: int, *, seconds: float | None) -> Iterator[PlannedCaller]:
    """Everybody who calls, in the order of calling; without `seconds` there is no end.

    Arrivals are a Poisson process whose rate changes with the phase: made at the highest rate, and thinned.
    """
    chance = random.Random(seed)  # noqa: S311  # a plan that can be repeated, no secret
    cycle = min(CYCLE_S, seconds or CYCLE_S)
    highest = max(rate for _, rate, _ in PHASES)
    at, number = 0.0, 0
    while True:
        at += chance.expovariate(highest)
        if seconds is not None and at >= seconds - cycle * (1 - PHASES[-2][0]):
            return
        if chance.random() >= phase_at(at, cycle)[0] / highest:
            continue
        number += 1
        yield _caller(chance, number, at)


def _caller(chance: random.Random, number: int, at: float) -> PlannedCaller:
    impatient = chance.random() < 0.25
    return PlannedCaller(
        number=f"555{number:05}",
        name=f"{chance.choice(FIRST)} {chance.choice(LAST)}",
        queue=chance.choices(list(SHARES), list(SHARES.values()))[0],
        at=at,
        patience_s=LEAST_PATIENCE_S + chance.expovariate(1 / 6.0) if impatient else LONGEST_STAY_S,
        talk_s=chance.uniform(3.0, 9.0) if chance.random() < 0.4 else None,
        audible=chance.random() < 0.35,
    )
