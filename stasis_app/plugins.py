"""Finds the strategies that queues name, checks each before a caller depends on it, and keeps runaways short.

A strategy is named by its entry point in the group ``stasis_acd.strategies``, or as ``module:Class``.
"""

from __future__ import annotations

import inspect
import pkgutil
from collections.abc import Iterator
from importlib.metadata import EntryPoint, entry_points
from typing import cast

from acd.agent import Agent, AgentProfile, AgentStatus
from acd.call import Call
from acd.configuration import Configuration
from acd.errors import Fault, InvalidConfiguration, StrategyFault
from acd.matcher import StrategyTrouble
from acd.matcher.ordering import Ordering
from acd.matcher.slots import AgentSlot
from acd.queue import Queue
from acd.strategy import Candidate, Strategies, Strategy
from stasis_app.runaway_guard import DECISION_LIMIT_S, cut_off_after, guarded

__all__ = ["GROUP", "guarded", "strategies_for"]

GROUP = "stasis_acd.strategies"

LOAD_LIMIT_S = 10.0
"""For importing a strategy's module."""
CHECK_LIMIT_S = 5 * DECISION_LIMIT_S
"""For its constructor, and for each answer about the tiny situation: a machine that starts up is busy."""

_TRUSTED = "acd.strategies."
_TIMES_ASKED = 5


class _Unusable(Exception):
    """A strategy cannot serve its queue; says which key of the queue is to be mended, and how."""

    def __init__(self, key: str, value: object, remedy: str) -> None:
        super().__init__(remedy)
        self.key = key
        self.value = value
        self.remedy = remedy


def strategies_for(configuration: Configuration) -> Strategies:
    """A checked and guarded strategy for each queue; raises InvalidConfiguration with the faults of all queues."""
    strategies: dict[str, Strategy] = {}
    faults: list[Fault] = []
    installed = {point.name: point for point in entry_points(group=GROUP)}
    for queue in configuration.queues.values():
        try:
            strategies[queue.name] = _strategy_of(queue, installed)
        except _Unusable as found:
            faults.append(Fault(place=f"queues.{queue.name}.{found.key}", value=found.value, remedy=found.remedy))
    if faults:
        raise InvalidConfiguration(faults)
    return strategies


def _strategy_of(queue: Queue, installed: dict[str, EntryPoint]) -> Strategy:
    strategy = _made(queue, _loaded(queue.strategy, installed))
    limited = strategy if type(strategy).__module__.startswith(_TRUSTED) else guarded(strategy, DECISION_LIMIT_S)
    _try_out(queue, guarded(strategy, CHECK_LIMIT_S))
    return limited


def _loaded(name: str, installed: dict[str, EntryPoint]) -> object:
    try:
        with cut_off_after(LOAD_LIMIT_S, name):
            if name in installed:
                return installed[name].load()
            if ":" in name:
                return pkgutil.resolve_name(name)
    except Exception as error:
        # A stranger's module: whatever it raises is its fault.
        raise _Unusable("strategy", name, f"it cannot be loaded ({_told(error)}): install or mend it") from error
    known = ", ".join(sorted(installed)) or "none"
    raise _Unusable("strategy", name, f"no such strategy; installed: {known}; others are written as module:Class")


def _made(queue: Queue, made_by: object) -> Strategy:
    if not inspect.isclass(made_by):
        raise _Unusable("strategy", queue.strategy, f"this is no class but a {type(made_by).__name__}: name the class")
    _check_form(queue, made_by)
    try:
        with cut_off_after(CHECK_LIMIT_S, queue.strategy):
            return cast("Strategy", made_by(**queue.strategy_options))
    except Exception as error:
        key = "strategy_options" if queue.strategy_options or isinstance(error, TypeError) else "strategy"
        value = dict(queue.strategy_options) if key == "strategy_options" else queue.strategy
        takes = ", ".join(_options_of(made_by)) or "none"
        remedy = f"strategy {queue.strategy!r} refuses them ({_told(error)}); options that it takes: {takes}"
        raise _Unusable(key, value, remedy) from error


def _options_of(made_by: type) -> Iterator[str]:
    """The keyword arguments of a constructor, those without a default marked."""
    try:
        parameters = inspect.signature(made_by).parameters.values()
    except (TypeError, ValueError):
        return
    for parameter in parameters:
        if parameter.kind is inspect.Parameter.VAR_KEYWORD:
            yield "any"
        elif parameter.kind in {inspect.Parameter.KEYWORD_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD}:
            yield parameter.name if parameter.default is not inspect.Parameter.empty else f"{parameter.name} (needed)"


def _check_form(queue: Queue, made_by: type) -> None:
    forms = [name for name in ("key", "rank") if callable(getattr(made_by, name, None))]
    if len(forms) == 2:
        raise _Unusable("strategy", queue.strategy, "it has both key() and rank(): a strategy has one of them")
    if not forms:
        remedy = "it has neither key(agent, queue) nor rank(situation): a strategy has one of them"
        raise _Unusable("strategy", queue.strategy, remedy)


def _try_out(queue: Queue, strategy: Strategy) -> None:
    """Let it decide a tiny situation several times; the judge is the one that will watch it at work."""
    troubles: list[StrategyTrouble] = []
    agents = [_somebody(number, queue) for number in range(1, 5)]
    call = Call(id="a-call", queue=queue.name, requires=dict(queue.requires), queued_at=1_000)
    answers = []
    for _ in range(_TIMES_ASKED):
        ordered, _reason = Ordering(queue, strategy, troubles.append).order(agents, call, 60_000)
        if troubles:
            raise _Unusable("strategy", queue.strategy, f"tried out on four agents, {troubles[0].what}: mend it")
        answers.append([slot.id for slot in ordered])
    if any(answer != answers[0] for answer in answers):
        raise _Unusable(
            "strategy",
            queue.strategy,
            "asked twice about the same agents it gave different orders: it must go by its arguments alone",
        )


def _somebody(number: int, queue: Queue) -> AgentSlot:
    skills = {skill: min(100, level + number) for skill, level in queue.requires.items()}
    profile = AgentProfile(id=f"agent-{number}", skills=skills, queues={queue.name: number % 2})
    live = Agent(
        id=profile.id,
        status=AgentStatus.READY,
        reachable=True,
        idle_since=1_000 * (9 - number),
        answered=number,
        talk_ms=60_000 * (number % 3),
    )
    return AgentSlot(profile.id, profile=profile, live=live, candidate=Candidate(profile, live))


def _told(error: Exception) -> str:
    if isinstance(error, StrategyFault):
        return error.what
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
