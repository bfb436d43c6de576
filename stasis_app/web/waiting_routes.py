"""Changing a call while it waits: priority, queue, what it asks for; and taking it out of the line."""

from __future__ import annotations

from collections.abc import Mapping

from acd.call import Call, CallState, EndedBy, EndReason
from acd.configuration import Configuration
from acd.configuration.wording import faults_of_known
from acd.errors import Fault, InvalidRequirement
from acd.ports import CallChange, Refusal, Refused
from acd.skills import Requirement, named_in, requirement
from stasis_app.web.asked import Asked
from stasis_app.web.bodies import CallWish
from stasis_app.web.call_routes import live_call_view, no_call
from stasis_app.web.problems import Problem
from stasis_app.web.views import CallView


async def change_call(asked: Asked) -> CallView:
    """Change a waiting call: priority, queue, what it asks for; what is left out stays. In force at once."""
    call = asked.path["call"]
    change = _change(asked.sent(CallWish), asked.configuration)
    changed = await asked.services.store.change_call(call, change)
    if not isinstance(changed, Refused):
        return live_call_view(asked, changed)
    if changed.why is Refusal.WRONG_STATE and (record := await asked.services.store.call(call)) is not None:
        if record.is_waiting:
            detail = f"call {call!r} rings a phone just now, and keeps its queue until that ends: try again"
            raise Problem(409, "call-is-offered", detail)
        raise _not_waiting(record, "changed")
    raise no_call(call)


async def withdraw_call(asked: Asked) -> None:
    """Take a waiting call out of the line: the caller goes on in the dialplan, with WITHDRAWN as ACD_RESULT."""
    store = asked.services.store
    call = await store.call(asked.path["call"])
    if call is None:
        raise no_call(asked.path["call"])
    if not call.is_waiting:
        raise _not_waiting(call, "withdrawn")
    ended = await store.end_call(call.id, EndReason.WITHDRAWN, owner=call.owner, by=EndedBy.SYSTEM)
    if isinstance(ended, Refused):
        if ended.why is Refusal.UNKNOWN:
            raise no_call(call.id)
        if ended.why is Refusal.WRONG_STATE and (now := await store.call(call.id)) is not None:
            raise _not_waiting(now, "withdrawn")
        raise Problem(409, "conflict", f"call {call.id!r} was moved on just now: look at it, and try again")


def _not_waiting(call: Call, what: str) -> Problem:
    state = "talks to an agent" if call.state is CallState.CONNECTED else f"is {call.state.value}"
    return Problem(409, "call-not-waiting", f"call {call.id!r} {state}: only a call that waits can be {what}")


def _change(wish: CallWish, configuration: Configuration) -> CallChange:
    """The wish, checked against the configuration; raises Problem 422 with every fault."""
    faults: list[Fault] = []
    if wish.queue is not None:
        faults += faults_of_known("queue", [wish.queue], "queue", configuration.queues)
    if wish.preferred_agent:
        faults += faults_of_known("preferred_agent", [wish.preferred_agent], "agent", configuration.agents)
    change = CallChange(
        priority=wish.priority,
        queue=wish.queue,
        keep_wait=wish.keep_wait,
        requires=_expression("requires", wish.requires, configuration, faults),
        prefers=_expression("prefers", wish.prefers, configuration, faults),
        preferred_agent=wish.preferred_agent,
        preferred_for_s=wish.preferred_for_s,
    )
    if not faults and change == CallChange(keep_wait=wish.keep_wait):
        remedy = "name at least one of priority, queue, requires, prefers, preferred_agent, preferred_for_s"
        faults.append(Fault(place="body", value=None, remedy=remedy))
    if faults:
        more = "" if len(faults) == 1 else f" (and {len(faults) - 1} more)"
        raise Problem(422, "body-invalid", f"the call cannot be changed so: {faults[0]}{more}", faults=faults)
    return change


def _expression(
    place: str, said: str | Mapping[str, int] | None, configuration: Configuration, faults: list[Fault]
) -> Requirement | None:
    if said is None:
        return None
    try:
        asked_for = requirement(said)
    except InvalidRequirement as error:
        faults.append(Fault(place=place, value=said, remedy=str(error)))
        return None
    faults += faults_of_known(place, sorted(named_in(asked_for)), "skill", configuration.skills)
    return asked_for
