"""Strategies that behave while they are tried out, and break when callers depend on them."""

from __future__ import annotations

from acd.strategy import Ranking, Situation

AGENTS = {"anna", "ben"}


def tried_out(situation: Situation) -> bool:
    return not AGENTS & {agent.id for agent in situation.candidates}


class Raises:
    def rank(self, situation: Situation) -> Ranking:
        if not tried_out(situation):
            raise RuntimeError("out of ideas")
        return Ranking(())


class NeverReturns:
    def rank(self, situation: Situation) -> Ranking:
        while not tried_out(situation):
            pass
        return Ranking(())
