"""Answers *why* for the control API from the matcher, which every process keeps hot."""

from __future__ import annotations

from collections.abc import Collection

from acd.matcher import AgentExplanation, CallExplanation, Matcher, explain_agent, explain_call
from acd.ports import Clock
from stasis_app.web.services import Explanation


class MatcherExplainer:
    """Implements the control API's Explainer."""

    def __init__(self, matcher: Matcher, clock: Clock) -> None:
        self._matcher = matcher
        self._clock = clock

    def steps_on(self, queue: str) -> Collection[int]:
        """The queue's steps that count by their live figures, from 0."""
        terms = self._matcher.pool.terms.get(queue)
        return () if terms is None else [place for place in range(terms.on.bit_length()) if terms.on >> place & 1]

    async def explain_call(self, call: str) -> Explanation | None:
        """Why this caller waits; None if the call is not known."""
        return _shown(explain_call(self._matcher, call, self._clock.now()))

    async def explain_agent(self, agent: str) -> Explanation | None:
        """Why this agent gets no call; None if the agent is not known."""
        return _shown(explain_agent(self._matcher, agent, self._clock.now()))


def _shown(found: CallExplanation | AgentExplanation | None) -> Explanation | None:
    if found is None:
        return None
    return Explanation(sentences=found.sentences, reasons=found.reasons, candidates=found.candidates)
