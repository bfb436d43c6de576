"""Queues, live calls and past calls."""

from __future__ import annotations

from difflib import get_close_matches

import msgspec

from acd.call import Call
from stasis_app.web.asked import Asked
from stasis_app.web.bodies import CallsQuery, HistoryQuery
from stasis_app.web.problems import Problem
from stasis_app.web.relaxation import asked_for_now, step_views
from stasis_app.web.showing import call_view, explanation_view, past_call_view, past_detail_view, queue_views
from stasis_app.web.views import CallView, ExplanationView, PastCallDetailView, PastCallView, QueueView


async def list_queues(asked: Asked) -> tuple[QueueView, ...]:
    """Every queue with its waiting callers and its agents, by name."""
    return tuple(queue_views(await asked.services.store.snapshot(), asked.configuration))


async def show_queue(asked: Asked) -> QueueView:
    """One queue."""
    name = _known_queue(asked, asked.path["queue"])
    return next(view for view in await list_queues(asked) if view.name == name)


async def list_calls(asked: Asked) -> tuple[CallView, ...]:
    """Live calls (of one queue), the longest waiting first."""
    queue = asked.wanted(CallsQuery).queue
    if queue is not None:
        _known_queue(asked, queue)
    snapshot = await asked.services.store.snapshot()
    calls = (call for call in snapshot.calls.values() if queue is None or call.queue == queue)
    return tuple(live_call_view(asked, call) for call in sorted(calls, key=lambda call: (call.queued_at, call.id)))


async def show_call(asked: Asked) -> CallView:
    """One live call."""
    call = await asked.services.store.call(asked.path["call"])
    if call is None:
        raise no_call(asked.path["call"])
    return live_call_view(asked, call)


def live_call_view(asked: Asked, call: Call) -> CallView:
    """A call as supervisors see it, with what it asks for by now."""
    view = call_view(call, asked.configuration, whole=True)
    queue = asked.configuration.queues.get(call.queue)
    if queue is None:
        return view
    on, now = asked.services.explainer.steps_on(queue.name), asked.services.clock.now()
    return msgspec.structs.replace(
        view, asks_for=asked_for_now(call, queue, on, now), steps=step_views(call, queue, on, now)
    )


async def explain_call(asked: Asked) -> ExplanationView:
    """Why this caller still waits, and who comes next."""
    explanation = await asked.services.explainer.explain_call(asked.path["call"])
    if explanation is None:
        raise no_call(asked.path["call"])
    return explanation_view(asked.path["call"], explanation)


async def hang_up(asked: Asked) -> None:
    """End a caller's call."""
    if not await asked.services.hang_up(asked.path["call"]):
        raise no_call(asked.path["call"])


async def list_past_calls(asked: Asked) -> tuple[PastCallView, ...]:
    """Calls that ended, the latest first."""
    query = asked.wanted(HistoryQuery)
    calls = await asked.services.history.calls(query.limit, queue=query.queue, agent=query.agent, until=query.before)
    return tuple(past_call_view(call.record, asked.configuration) for call in calls)


async def show_past_call(asked: Asked) -> PastCallDetailView:
    """A call that ended, with every leg and offer."""
    history = asked.services.history
    found = await history.call(asked.path["call"])
    if found is None:
        raise Problem(
            404, "call-unknown", f"history has no call {asked.path['call']!r}; it is written when a call ends"
        )
    legs, offers = await history.legs_of(found.id), await history.offers_of(found.id)
    return past_detail_view(found, legs, offers, asked.configuration)


def _known_queue(asked: Asked, queue: str) -> str:
    queues = asked.configuration.queues
    if queue not in queues:
        nearest = get_close_matches(queue, queues, n=3, cutoff=0.6)
        hint = f"; did you mean {' or '.join(nearest)}?" if nearest else ""
        raise Problem(404, "queue-unknown", f"no queue called {queue!r} is configured{hint}", nearest=nearest)
    return queue


def no_call(call: str) -> Problem:
    """No such call is live."""
    return Problem(404, "call-unknown", f"no call {call!r} is live; calls that ended are in the history")
