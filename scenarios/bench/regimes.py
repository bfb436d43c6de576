"""The two states of a centre that are measured: more callers than agents, and more agents than callers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import TypedDict

from acd.call import Call
from scenarios.bench.centre import Centre, Times, busy, ready
from scenarios.bench.population import LONGEST_WAIT_MS, NOW, SEED, Population, Scale, Spread
from scenarios.bench.scan import best_agent, first_caller
from scenarios.bench.timing import Figures, collect_as_the_service_does, figures
from stasis_app.plugins import strategies_for

IDLE_SHARE = 0.7


class Regime(TypedDict):
    """What one regime at one scale came to."""

    scale: str
    spread: str
    regime: str
    strategy: str
    classes: int
    load_s: float
    decision: Figures
    first_tenth_worst_us: float
    """Decisions of the first tenth are not in the rows: everything is met for the first time then."""
    follow_up: Figures
    rest_of_call: Figures
    no_decision: Figures
    hard: Figures
    """The agents with 50 skills and the callers for the one agent with the rare skill, alone."""
    scan_us: float
    """The plain scan of everybody, on average."""
    vs_scan: float
    """How many times quicker a decision was on average."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How much is measured."""

    decisions: int
    hard: int
    scans: int


def full_line(scale: Scale, spread: Spread, plan: Plan, *, strategy: str = "longest_idle") -> Regime:
    """Everybody is busy and the line is long; agents become free one by one, and another caller comes for each."""
    population = Population(scale, spread, strategy=strategy)
    centre = _centre(population)
    centre.load(
        [busy(agent) for agent in population.configuration.agents],
        list(population.callers(scale.waiting, now=NOW, longest_ms=LONGEST_WAIT_MS)),
    )
    collect_as_the_service_does()
    agents = list(population.configuration.agents)
    draw = Random(SEED)  # noqa: S311  # the same centre each time, no secret
    checking = strategy == "longest_idle"

    def one(agent: str, scans: list[int] | None = None) -> None:
        expected: str | None = None
        if scans is not None:
            expected, taken = first_caller(centre, agent)
            scans.append(taken)
        proposals = centre.agent_becomes_free(agent)
        if scans is not None and checking:
            got = proposals[0].call if proposals else None
            assert got == expected, f"the matcher gave {agent} {got}, the scan {expected}"
        if not proposals:
            centre.agent_takes_a_break(agent)
            return
        for proposal in proposals:
            centre.runs_its_course(proposal)
            centre.call_arrives(population.caller(centre.now))

    many = population.many_skilled
    return _measured(
        _Run(population, centre, spread, "full line", strategy, plan),
        lambda scans: one(draw.choice(agents), scans),
        lambda: one(draw.choice(many)),
    )


def idle_floor(scale: Scale, spread: Spread, plan: Plan, *, strategy: str = "longest_idle") -> Regime:
    """Seven of ten agents are free and nobody waits; calls arrive one by one, and another agent becomes free."""
    population = Population(scale, spread, strategy=strategy)
    centre = _centre(population)
    draw = Random(SEED)  # noqa: S311  # the same centre each time, no secret
    agents = list(population.configuration.agents)
    free = set(draw.sample(agents[1:], round(len(agents) * IDLE_SHARE) - 1)) | {agents[0]}
    centre.load(
        [ready(agent, NOW - draw.randint(0, LONGEST_WAIT_MS)) if agent in free else busy(agent) for agent in agents],
        [],
    )
    collect_as_the_service_does()
    working = [agent for agent in agents if agent not in free]
    draw.shuffle(working)

    def one(call: Call, scans: list[int] | None = None) -> None:
        expected: str | None = None
        if scans is not None:
            expected, taken = best_agent(centre, call)
            scans.append(taken)
        proposals = centre.call_arrives(call)
        if scans is not None and strategy == "longest_idle":
            got = proposals[0].agents[0] if proposals else None
            assert got == expected, f"the matcher gave {call.id} {got}, the scan {expected}"
        if not proposals:
            centre.caller_leaves(call)
        for proposal in proposals:
            centre.runs_its_course(proposal)
            working.append(proposal.agents[0])
            place = draw.randrange(len(working))
            working[place], working[-1] = working[-1], working[place]
            centre.agent_becomes_free(working.pop())

    def rare() -> None:
        if not centre.agents[agents[0]].is_free:
            working.remove(agents[0])
            centre.agent_becomes_free(agents[0])
        one(population.rare_call(centre.now))

    return _measured(
        _Run(population, centre, spread, "idle floor", strategy, plan),
        lambda scans: one(population.caller(centre.now), scans),
        rare,
    )


@dataclass(frozen=True)
class _Run:
    population: Population
    centre: Centre
    spread: Spread
    regime: str
    strategy: str
    plan: Plan


def _centre(population: Population) -> Centre:
    return Centre(population.configuration, strategies_for(population.configuration))


def _measured(run: _Run, step: Callable[[list[int] | None], None], hard: Callable[[], None]) -> Regime:
    centre, plan = run.centre, run.plan
    classes = centre.matcher.pool.callers.line.classes_known
    _until(centre, plan.decisions // 10, lambda: step(None))
    first = centre.times
    centre.times = Times()
    scans: list[int] = []
    for part in range(plan.scans + 1):
        _until(centre, plan.decisions * part // plan.scans, lambda: step(None))
        if part < plan.scans:
            step(scans)
    usual = centre.times
    centre.times = Times()
    _until(centre, plan.hard, hard, most=4 * plan.hard)
    decision = figures(usual.decisions)
    scan_us = sum(scans) / max(1, len(scans)) / 1000
    mean_us = sum(usual.decisions) / max(1, len(usual.decisions)) / 1000
    return Regime(
        scale=run.population.scale.name,
        spread=run.spread.value,
        regime=run.regime,
        strategy=run.strategy,
        classes=max(classes, centre.matcher.pool.callers.line.classes_known),
        load_s=round(centre.configured_s + centre.loaded_s, 3),
        decision=decision,
        first_tenth_worst_us=figures(first.decisions)["worst_us"],
        follow_up=figures(usual.follow_ups),
        rest_of_call=figures(usual.courses),
        no_decision=figures(usual.without),
        hard=figures(centre.times.decisions),
        scan_us=round(scan_us, 1),
        vs_scan=round(scan_us / mean_us, 1) if mean_us else 0.0,
    )


def _until(centre: Centre, decisions: int, step: Callable[[], None], *, most: int | None = None) -> None:
    """Go on until so many decisions were taken; a world in which nobody fits must end, too."""
    for _ in range(most or 5 * decisions + 1_000):
        if len(centre.times.decisions) >= decisions:
            return
        step()
