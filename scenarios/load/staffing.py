"""Who works in a run, with which skills, and when each of them is away."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from acd.agent import AgentProfile, Phone, PhoneKind
from acd.configuration import Configuration
from scenarios.load.draws import drawn, milliseconds, stream
from scenarios.load.plan import AgentChange, PlannedAgent
from scenarios.load.profile import Absence, AgentKind, Profile

__all__ = ["configured", "planned_agents", "planned_changes"]

FIRST_PHONE = 1001
SHORTEST_S = 0.1
"""No absence is shorter, and no two of one agent are closer: every change can be seen before the next."""


def planned_agents(profile: Profile, seed: int) -> Iterator[PlannedAgent]:
    """Every agent, numbered in each group; phones are numbered through all groups."""
    phone = FIRST_PHONE
    for kind in profile.agents:
        for number in range(1, kind.count + 1):
            agent = f"{kind.group.name}-{number:03}"
            yield PlannedAgent(
                id=agent,
                phone="" if kind.group.browser else str(phone),
                group=kind.group,
                queues=kind.queues,
                skills=_skills(kind, agent, seed),
                wrap_up_s=_wrap_up(kind, profile.configuration),
            )
            phone += not kind.group.browser


def _skills(kind: AgentKind, agent: str, seed: int) -> Mapping[str, int]:
    """A stream for each skill of each agent: one skill more changes nobody's level of another."""
    return {
        skill: stream(seed, f"agents:{agent}:skills:{skill}").randint(low, high)
        for skill, (low, high) in kind.skills.items()
    }


def _wrap_up(kind: AgentKind, configuration: Configuration) -> float:
    if kind.wrap_up_s is not None:
        return kind.wrap_up_s
    return max((configuration.queues[queue].wrap_up_s for queue in kind.queues), default=0.0)


def configured(profile: Profile, agents: Iterable[PlannedAgent]) -> Configuration:
    """The profile's configuration, with each agent where each group was."""
    wrap_up = {kind.group.name: kind.wrap_up_s for kind in profile.agents}
    people = {
        agent.id: AgentProfile(
            id=agent.id,
            phone=Phone(kind=PhoneKind.ENDPOINT, target=f"PJSIP/{agent.phone}") if agent.phone else Phone(),
            skills=agent.skills,
            queues=agent.queues,
            groups=(agent.group.name,),
            wrap_up_s=wrap_up[agent.group.name],
        )
        for agent in agents
    }
    return replace(profile.configuration, agents=people)


def planned_changes(profile: Profile, agents: Sequence[PlannedAgent], seed: int) -> tuple[AgentChange, ...]:
    """Every change of every agent, in order of time. Until ``duration_s`` everybody is back: who still waits then is to
    be served."""
    absences = {kind.group.name: kind.absences for kind in profile.agents}
    changes = [
        change
        for agent in agents
        for change in _changes_of(agent.id, absences[agent.group.name], seed, profile.duration_s)
    ]
    return tuple(sorted(changes, key=lambda change: (change.at, change.agent)))


@dataclass(slots=True)
class _Due:
    """When one agent's next absence of one kind begins."""

    at: float
    absence: Absence
    purpose: str


def _changes_of(agent: str, absences: Sequence[Absence], seed: int, duration_s: float) -> Iterator[AgentChange]:
    """One absence after the other: who is away already begins the next one back at work."""
    due = [_first(agent, absence, seed) for absence in absences]
    chances = {each.purpose: stream(seed, each.purpose) for each in due}
    free_at = 0.0
    while due:
        each = min(due, key=lambda one: one.at)
        chance = chances[each.purpose]
        begins = max(each.at, free_at + SHORTEST_S)
        ends = min(begins + max(drawn(each.absence.lasts, chance), SHORTEST_S), duration_s)
        if begins + SHORTEST_S > duration_s:
            return
        yield AgentChange(at=milliseconds(begins), agent=agent, change=each.absence.begins)
        yield AgentChange(at=milliseconds(ends), agent=agent, change=each.absence.ends)
        free_at = ends
        each.at = ends + max(drawn(each.absence.every, chance), SHORTEST_S)


def _first(agent: str, absence: Absence, seed: int) -> _Due:
    """Somewhere in the first interval, as if work had begun long ago: not everybody has a break at the same time."""
    purpose = f"agents:{agent}:{absence.begins}"
    chance = stream(seed, f"{purpose}:first")
    return _Due(drawn(absence.every, chance) * chance.random(), absence, purpose)
