"""Asks a strategy once and takes its answer apart: what it may not answer is told in a clause."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite, isnan

from acd.errors import StrategyFault
from acd.queue import Queue
from acd.strategy import (
    MOST_PHONES,
    Candidate,
    KeyStrategy,
    Ranking,
    RankStrategy,
    Situation,
    SortKey,
    Strategy,
    WideStrategy,
    Width,
)
from acd.testing.strategy_trials import Trial


class Raised(Exception):
    """It raised; a clause that says what."""


class Unsound(Exception):
    """It answered what the contract does not allow; a clause that says what, and the remedy."""


def forms_of(strategy: object) -> list[str]:
    """Which of the two methods it has."""
    return [name for name in ("key", "rank") if callable(getattr(strategy, name, None))]


def answered(strategy: Strategy, trial: Trial, *, check: bool = True) -> Sequence[str]:
    """The agents best first, as the matcher would take them: those left out are not in it."""
    asked = trial.situation
    if isinstance(strategy, KeyStrategy):
        keys = [(_raw_key(strategy, agent, asked.queue), agent.id) for agent in asked.candidates]
        if check:
            for key, agent in keys:
                _check_key(key, agent)
        return [agent for _, agent in _in_order(keys)]
    given = list(asked.candidates)
    ranking = _ranking(strategy, Situation(asked.call, asked.queue, asked.requires, given, asked.now))
    if check:
        if given != list(asked.candidates):
            raise Unsound("it changed the list of candidates: use sorted(), which makes a new one")
        _check_ranking(ranking, {agent.id for agent in given})
    return list(ranking.agents)


def key_of(strategy: Strategy, agent: Candidate, queue: Queue) -> SortKey:
    """One agent's key."""
    assert isinstance(strategy, KeyStrategy)
    return _raw_key(strategy, agent, queue)


def wrong_widths(strategy: Strategy, queue: Queue) -> str:
    """What is wrong with the widths that it says, in a sentence; empty if nothing is, or if it says none."""
    if not isinstance(strategy, WideStrategy):
        return ""
    try:
        widths = list(strategy.widths(queue))
    except StrategyFault:
        raise
    except Exception as error:  # noqa: BLE001  a stranger's code: whatever it raises is its fault
        return f"widths() raised {_told(error)}: give a list of Width"
    for width in widths:
        if not _is_width(width):
            return (
                f"widths() answered {_shown(width)}: each is a Width(after_s, phones) of a time from 0 on and 1 to "
                f"{MOST_PHONES} phones"
            )
    times, phones = [width.after_s for width in widths], [width.phones for width in widths]
    if not widths or times[0] != 0:
        return "widths() has no first width at 0 s: begin with Width(after_s=0, phones=…)"
    if times != sorted(set(times)) or phones != sorted(phones):
        return "widths() must go up: each later than the one before, and with no fewer phones"
    return ""


def _is_width(width: object) -> bool:
    if not isinstance(width, Width):
        return False
    after_s: object = width.after_s
    phones: object = width.phones
    if isinstance(after_s, bool) or not isinstance(after_s, (int, float)):
        return False
    if isinstance(phones, bool) or not isinstance(phones, int):
        return False
    return isfinite(after_s) and after_s >= 0 and 1 <= phones <= MOST_PHONES


def _raw_key(strategy: KeyStrategy, agent: Candidate, queue: Queue) -> SortKey:
    try:
        return strategy.key(agent, queue)
    except (StrategyFault, KeyboardInterrupt):
        raise
    except (Exception, SystemExit) as error:
        raise Raised(f"key() raised {_told(error)}") from error


def _ranking(strategy: Strategy, situation: Situation) -> Ranking:
    assert isinstance(strategy, RankStrategy)
    try:
        ranking: object = strategy.rank(situation)
    except (StrategyFault, KeyboardInterrupt):
        raise
    except (Exception, SystemExit) as error:
        raise Raised(f"rank() raised {_told(error)}") from error
    if not isinstance(ranking, Ranking):
        raise Unsound(f"rank() answered {_shown(ranking)}: return a Ranking of agent ids")
    return ranking


def _check_key(key: object, agent: str) -> None:
    parts: tuple[object, ...] = key if isinstance(key, tuple) else (key,)
    for part in parts:
        if not isinstance(part, (int, float, str)) or (isinstance(part, float) and isnan(part)):
            raise Unsound(
                f"key() of {agent} answered {_shown(key)}: give a number, a text, or a tuple of them (not NaN)"
            )


def _in_order(keys: list[tuple[SortKey, str]]) -> list[tuple[SortKey, str]]:
    try:
        return sorted(keys)
    except TypeError as error:
        raise Unsound(f"the keys cannot be compared ({error}): give the same types in the same places") from error


def _check_ranking(ranking: Ranking, candidates: set[str]) -> None:
    agents: object = ranking.agents
    if isinstance(agents, str) or not isinstance(agents, Sequence):
        raise Unsound(f"rank() answered {_shown(agents)} for the agents: give a list of their ids")
    seen: set[object] = set()
    for agent in agents:
        if not isinstance(agent, str):
            raise Unsound(f"rank() answered {_shown(agent)} for an agent: give agents' ids, which are texts")
        if agent not in candidates:
            raise Unsound(f"rank() answered {agent!r}, who is no candidate: choose among situation.candidates")
        if agent in seen:
            raise Unsound(f"rank() answered {agent!r} twice: name each candidate once")
        seen.add(agent)
    if not isinstance(ranking.reason, str):
        raise Unsound(f"rank() answered {_shown(ranking.reason)} for the reason: give one short sentence")


def _told(error: BaseException) -> str:
    if isinstance(error, SystemExit):
        return "SystemExit, which tried to end the process"
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__


def _shown(value: object) -> str:
    try:
        text = repr(value)
    except Exception:  # noqa: BLE001  a stranger's __repr__
        text = f"a {type(value).__name__} that cannot be shown"
    return text if len(text) <= 80 else f"{text[:77]}..."
