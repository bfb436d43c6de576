"""Puts what is asked for within one turn of the event loop into one run of a script: beginning a run is a fifth of what
it costs Redis to make a reservation."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

Words = Sequence[str | bytes | int]

MOST = 16
"""Requests in one run: it keeps Redis from all else for about a millisecond."""


class Bundle:
    """What waits for the next run. Each request is answered for itself, or fails with the run."""

    def __init__(self, run: Callable[[Words], asyncio.Future[Any]], read: Callable[[Any], Sequence[Any]]) -> None:
        """``read`` takes a run's answer apart, one for each request, or raises what holds for all of them."""
        self._run = run
        self._read = read
        self._loop = asyncio.get_running_loop()
        self._waiting: list[tuple[Words, asyncio.Future[Any]]] = []

    def ask(self, words: Words) -> asyncio.Future[Any]:
        """The script's answer to this request, to come."""
        if not self._waiting:
            self._loop.call_soon(self._send)
        answer: asyncio.Future[Any] = self._loop.create_future()
        self._waiting.append((words, answer))
        return answer

    def _send(self) -> None:
        waiting, self._waiting = self._waiting, []
        for first in range(0, len(waiting), MOST):
            bundle = waiting[first : first + MOST]
            run = self._run([word for words, _ in bundle for word in (len(words), *words)])
            run.add_done_callback(partial(self._hand_out, [answer for _, answer in bundle]))

    def _hand_out(self, waiting: Sequence[asyncio.Future[Any]], run: asyncio.Future[Any]) -> None:
        error = run.exception()
        answers: Sequence[Any] = [None] * len(waiting)
        if error is None:
            try:
                answers = self._read(run.result())
            except Exception as unusable:  # noqa: BLE001 - each who asked raises it
                error = unusable
        for future, answer in zip(waiting, answers, strict=True):
            if future.done():
                continue
            if error is not None:
                future.set_exception(type(error)(*error.args))
            else:
                future.set_result(answer)
