"""What queues must do by the book: Erlang B and C, Erlang A, and one network of queues worked out exactly."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import exp


@dataclass(frozen=True, kw_only=True)
class ErlangC:
    """Calls come at random, talk for exponential times, wait for ever: ``agents`` serve a load in Erlang."""

    agents: int
    load: float
    talk_s: float

    @property
    def blocked(self) -> float:
        """Erlang B: the share of calls that would be lost if nobody could wait."""
        share = 1.0
        for servers in range(1, self.agents + 1):
            share = self.load * share / (servers + self.load * share)
        return share

    @property
    def waits(self) -> float:
        """The share of calls that wait."""
        return self.agents * self.blocked / (self.agents - self.load * (1 - self.blocked))

    @property
    def mean_wait_s(self) -> float:
        """Mean of all waits, those of no length included."""
        return self.waits * self.talk_s / (self.agents - self.load)

    def answered_within(self, seconds: float) -> float:
        """The share of calls that wait no longer than this."""
        return 1 - self.waits * exp(-(self.agents - self.load) * seconds / self.talk_s)


@dataclass(frozen=True, kw_only=True)
class ErlangA:
    """The same, with callers whose patience is exponential, too: a birth-and-death process, summed up."""

    agents: int
    load: float
    talk_s: float
    patience_s: float

    def _states(self) -> list[float]:
        """The probability of each number of callers in the system."""
        weights, theta = [1.0], self.talk_s / self.patience_s
        while len(weights) <= self.agents or weights[-1] > 1e-18:
            there = len(weights)
            weights.append(weights[-1] * self.load / (min(there, self.agents) + max(0, there - self.agents) * theta))
            if weights[-1] > 1:  # with a thousand agents they would grow beyond all numbers
                weights = [weight / weights[-1] for weight in weights]
        total = sum(weights)
        return [weight / total for weight in weights]

    @property
    def waits(self) -> float:
        """The share of calls that wait, for whatever comes of it."""
        return sum(self._states()[self.agents :])

    @property
    def mean_line(self) -> float:
        """The mean number of callers who wait."""
        return sum((there - self.agents) * share for there, share in enumerate(self._states()) if there > self.agents)

    @property
    def mean_wait_s(self) -> float:
        """Mean of all waits, also of those who gave up, by Little's law."""
        return self.mean_line * self.talk_s / self.load

    @property
    def gives_up(self) -> float:
        """The share of callers who hang up before they are answered."""
        return self.mean_wait_s / self.patience_s

    @property
    def occupancy(self) -> float:
        """The share of their time that agents talk."""
        return self.load * (1 - self.gives_up) / self.agents


@dataclass(frozen=True, kw_only=True)
class NGraph:
    """First come first served, and the agent who has been idle longest: agent 1 takes A alone, agent 2 takes A and B.

    The exact chain: the agents who are idle, in the order of their idling, and the line, caller by caller, cut at a
    length that is hardly ever reached. Rates are per mean talk time.
    """

    rate_a: float
    rate_b: float
    longest_line: int = 10

    def solve(self) -> Mapping[str, float]:
        """Rates of A to agent 1 (``a1``), A to 2 (``a2``), B to 2 (``b2``), and mean lines (``line_a``, ``line_b``)."""
        chain = _Chain(self.rate_a, self.rate_b, self.longest_line)
        return chain.figures(chain.settled())


_State = tuple[tuple[int, ...], str]
"""Idle agents, longest idle first, and the line, first come first."""
_TAKES = {1: "a", 2: "ab"}


class _Chain:
    def __init__(self, rate_a: float, rate_b: float, longest_line: int) -> None:
        self.rates = {"a": rate_a, "b": rate_b}
        self.longest_line = longest_line
        self.moves: dict[_State, list[tuple[float, _State, str]]] = {}
        unseen: list[_State] = [((1, 2), "")]
        while unseen:
            state = unseen.pop()
            if state not in self.moves:
                self.moves[state] = self._moves(*state)
                unseen += [after for _, after, _ in self.moves[state]]

    def _moves(self, idle: tuple[int, ...], line: str) -> list[tuple[float, _State, str]]:
        moves: list[tuple[float, _State, str]] = []
        for kind, rate in self.rates.items():
            agent = next((agent for agent in idle if kind in _TAKES[agent]), None)
            if agent is not None:
                left = tuple(other for other in idle if other != agent)
                moves.append((rate, (left, line), f"{kind}{agent}"))
            elif len(line) < self.longest_line:
                moves.append((rate, (idle, line + kind), ""))
        for agent in {1, 2} - set(idle):
            place = next((place for place, kind in enumerate(line) if kind in _TAKES[agent]), None)
            if place is None:
                moves.append((1.0, ((*idle, agent), line), ""))
            else:
                moves.append((1.0, (idle, line[:place] + line[place + 1 :]), f"{line[place]}{agent}"))
        return moves

    def settled(self) -> dict[_State, float]:
        """The share of time in each state, by going round until nothing changes any more."""
        into: dict[_State, list[tuple[float, _State]]] = {state: [] for state in self.moves}
        for state, moves in self.moves.items():
            for rate, after, _ in moves:
                into[after].append((rate, state))
        out = {state: sum(rate for rate, _, _ in moves) for state, moves in self.moves.items()}
        share = dict.fromkeys(self.moves, 1 / len(self.moves))
        change = 1.0
        while change > 1e-10:
            change = 0.0
            for state, sources in into.items():
                flow = sum(rate * share[source] for rate, source in sources) / out[state]
                change = max(change, abs(flow - share[state]))
                share[state] = flow
            total = sum(share.values())
            share = {state: part / total for state, part in share.items()}
        return share

    def figures(self, share: Mapping[_State, float]) -> Mapping[str, float]:
        found = dict.fromkeys(("a1", "a2", "b2", "line_a", "line_b"), 0.0)
        for state, moves in self.moves.items():
            for rate, _, who in moves:
                if who:
                    found[who] += share[state] * rate
            for kind in "ab":
                found[f"line_{kind}"] += share[state] * state[1].count(kind)
        return found
