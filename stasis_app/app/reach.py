"""Carries what the switches say about phones to the store: the last word per phone counts, also across an outage."""

from __future__ import annotations

import asyncio

import structlog

from acd.ports import Refused, Store

log = structlog.get_logger(__name__)


class ReachReports:
    """Keeps the last word per agent and node; ``carry`` delivers those that the store has not heard."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._word: dict[tuple[str, str], bool] = {}
        self._unheard: set[tuple[str, str]] = set()
        self._news = asyncio.Event()

    def tell(self, node: str, agent: str, reachable: bool) -> None:
        """A phone was seen, or seen gone. What was said before is not said again: Asterisk reports an endpoint at each
        change of its channels, too."""
        if self._word.get((node, agent)) is reachable:
            return
        self._word[node, agent] = reachable
        self._unheard.add((node, agent))
        self._news.set()

    def repeat_all(self) -> None:
        """The store may have forgotten: tell it everything again."""
        self._unheard.update(self._word)
        self._news.set()

    async def carry(self) -> None:
        """Deliver for ever; raises StoreUnavailable, after which nothing is lost: call it again."""
        while True:
            await self._news.wait()
            self._news.clear()
            for key in sorted(self._unheard):
                node, agent = key
                told = self._word[key]
                answer = await self._store.set_reachable(agent, reachable=told, node=node)
                if isinstance(answer, Refused):
                    log.debug("reachability of an agent without a record", agent=agent, why=answer.why)
                if self._word[key] is told:
                    self._unheard.discard(key)
