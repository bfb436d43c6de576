"""Asks a queue's strategy and believes nothing: whatever it does, every decision gets a full, sound order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import isnan

from acd.call import Call
from acd.matcher.slots import AgentSlot, StrategyTrouble
from acd.queue import Queue
from acd.skills import Requirement
from acd.strategies.longest_idle import LongestIdle
from acd.strategy import Candidate, KeyStrategy, Ranking, RankStrategy, Situation, SortKey, Strategy

FAULTS_UNTIL_OFF = 3
"""At this many failures a strategy is switched off for its queue."""

_LONGEST_IDLE = LongestIdle()


class Ordering:
    """The strategy of one queue, with longest idle behind it."""

    def __init__(self, queue: Queue, strategy: Strategy | None, report: Callable[[StrategyTrouble], None]) -> None:
        self.queue = queue
        self.faults = 0
        self._report = report
        self._own: Strategy = strategy or _LONGEST_IDLE
        self.strategy: Strategy = self._own
        """The one that decides: the queue's own, or longest idle once that was switched off."""
        self.by_key = _as_key_strategy(self._own)
        """The strategy if it orders by key; None if it ranks."""

    @property
    def name(self) -> str:
        """How the deciding strategy is named in reasons."""
        return self.queue.strategy if self.strategy is self._own else f"longest_idle for {self.queue.strategy}"

    def continue_from(self, other: Ordering) -> None:
        """Keep the count of faults over a change of configuration that left the queue as it was."""
        if other.queue == self.queue:
            self.faults = other.faults
            if self.faults >= FAULTS_UNTIL_OFF:
                self._switch_off()

    def key(self, agent: Candidate) -> SortKey | None:
        """The agent's sort key; None after a fault."""
        strategy = self.by_key
        assert strategy is not None, "only asked of a strategy that orders by key"
        try:
            key = strategy.key(agent, self.queue)
        except Exception as error:  # noqa: BLE001  a stranger's code: whatever it raises is its fault
            self.fail(f"key({agent.id!r}) raised {_told(error)}")
            return None
        # Nearly all keys are tuples of integers and texts, and one is asked for whenever an agent becomes free, in each
        # queue: so this is looked at here, without another call.
        if type(key) is tuple:
            for part in key:
                kind = type(part)
                if kind is not int and kind is not str:
                    break
            else:
                return key
        if _is_sort_key(key):
            return key
        self.fail(f"key({agent.id!r}) answered {_shown(key)}: a number, a string or a tuple of them was due")
        return None

    def order(
        self, agents: Sequence[AgentSlot], call: Call, requires: Requirement, now: int
    ) -> tuple[list[AgentSlot], str]:
        """All of these, best first, and the strategy's reason; ``requires``: what is asked for at this time."""
        if self.by_key is None:
            return self._ranked(agents, call, requires, now)
        if len(agents) == 1:
            return list(agents), ""
        return self.by_keys(agents), ""

    def fail(self, what: str) -> None:
        """Count a fault against the strategy, and report it."""
        self.faults += 1
        off = self.faults == FAULTS_UNTIL_OFF
        if off:
            self._switch_off()
        self._report(StrategyTrouble(queue=self.queue.name, strategy=self.queue.strategy, what=what, switched_off=off))

    def by_longest_idle(self, agents: Sequence[AgentSlot]) -> list[AgentSlot]:
        """What is done when the strategy gives no usable answer."""
        return sorted(agents, key=lambda slot: (_LONGEST_IDLE.key(slot.candidate, self.queue), slot.id))

    def by_keys(self, agents: Sequence[AgentSlot]) -> list[AgentSlot]:
        """All of these in the order of their keys; by longest idle after a fault."""
        keyed: list[tuple[SortKey, str, AgentSlot]] = []
        for slot in agents:
            key = self.key(slot.candidate)
            if key is None:
                return self.by_longest_idle(agents)
            keyed.append((key, slot.id, slot))
        try:
            keyed.sort()
        except TypeError as error:
            self.fail(f"its keys cannot be compared: {error}")
            return self.by_longest_idle(agents)
        return [slot for _, _, slot in keyed]

    def _switch_off(self) -> None:
        self.strategy = self.by_key = _LONGEST_IDLE

    def _ranked(
        self, agents: Sequence[AgentSlot], call: Call, requires: Requirement, now: int
    ) -> tuple[list[AgentSlot], str]:
        strategy = self.strategy
        assert isinstance(strategy, RankStrategy), "a strategy has key or rank"
        candidates = [slot.shown or slot.candidate for slot in agents]
        try:
            ranking = strategy.rank(
                Situation(call=call, queue=self.queue, requires=requires, candidates=candidates, now=now)
            )
            ids, reason = _read(ranking)
        except _Nonsense as nonsense:
            self.fail(f"rank() answered {nonsense}: a Ranking of agent ids was due")
            return self.by_longest_idle(agents), ""
        except Exception as error:  # noqa: BLE001  a stranger's code: whatever it raises is its fault
            self.fail(f"rank() raised {_told(error)}")
            return self.by_longest_idle(agents), ""
        by_id = {slot.id: slot for slot in agents}
        ordered = [by_id[agent] for agent in dict.fromkeys(ids) if agent in by_id]
        if len(ordered) < len(by_id):
            named = set(ids)
            ordered += self.by_longest_idle([slot for slot in agents if slot.id not in named])
        return ordered, reason


class _Nonsense(Exception):
    """The answer is not of the agreed kind."""


def _read(ranking: object) -> tuple[list[str], str]:
    if not isinstance(ranking, Ranking):
        raise _Nonsense(_shown(ranking))
    if isinstance(ranking.agents, str):
        raise _Nonsense(_shown(ranking.agents))
    ids: list[str] = list(ranking.agents)
    if set(map(type, ids)) - {str}:  # at C's speed, as there may be thousands
        for agent in ids:
            if not isinstance(agent, str):
                raise _Nonsense(_shown(agent))
        ids = [str(agent) for agent in ids]
    reason: object = ranking.reason
    return ids, reason if isinstance(reason, str) else ""


def _as_key_strategy(strategy: Strategy) -> KeyStrategy | None:
    return strategy if isinstance(strategy, KeyStrategy) else None


def _is_sort_key(key: object) -> bool:
    for part in key if type(key) is tuple else (key,):
        if not isinstance(part, (int, str)) and not (isinstance(part, float) and not isnan(part)):
            return False
    return True


def _told(error: Exception) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__


def _shown(value: object) -> str:
    try:
        text = repr(value)
    except Exception:  # noqa: BLE001  a stranger's __repr__
        text = f"a {type(value).__name__} that cannot be shown"
    return text if len(text) <= 80 else f"{text[:77]}..."
