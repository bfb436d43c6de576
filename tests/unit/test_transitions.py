"""Every state against every trigger of the three machines."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any

import pytest

from acd.agent import AGENT_TRANSITIONS, AgentActivity, AgentTrigger, next_activity
from acd.call import CALL_TRANSITIONS, CallState, CallTrigger, next_state
from acd.errors import IllegalTransition
from acd.offer import OFFER_TRANSITIONS, OfferState, OfferTrigger, next_offer_state

Table = Mapping[tuple[Any, Any], Any]
Step = Callable[[Any, Any], Any]

MACHINES: list[tuple[str, type[StrEnum], type[StrEnum], Table, Step]] = [
    ("agent", AgentActivity, AgentTrigger, AGENT_TRANSITIONS, next_activity),
    ("call", CallState, CallTrigger, CALL_TRANSITIONS, next_state),
    ("offer", OfferState, OfferTrigger, OFFER_TRANSITIONS, next_offer_state),
]
LEGAL = [
    pytest.param(step, state, trigger, after, id=f"{name}-{state}-{trigger}")
    for name, _, _, table, step in MACHINES
    for (state, trigger), after in table.items()
]
ILLEGAL = [
    pytest.param(name, step, state, trigger, id=f"{name}-{state}-{trigger}")
    for name, states, triggers, table, step in MACHINES
    for state in states
    for trigger in triggers
    if (state, trigger) not in table
]


@pytest.mark.parametrize(("step", "state", "trigger", "after"), LEGAL)
def test_a_legal_trigger_leads_where_the_table_says(
    step: Step, state: StrEnum, trigger: StrEnum, after: StrEnum
) -> None:
    assert step(state, trigger) is after


@pytest.mark.parametrize(("name", "step", "state", "trigger"), ILLEGAL)
def test_an_illegal_trigger_is_an_error_that_names_machine_state_and_trigger(
    name: str, step: Step, state: StrEnum, trigger: StrEnum
) -> None:
    with pytest.raises(IllegalTransition) as caught:
        step(state, trigger)

    assert (caught.value.machine, caught.value.state, caught.value.trigger) == (name, state, trigger)
    assert str(caught.value).startswith(f"{name}: no transition from ")
    assert repr(state.value) in str(caught.value)
    assert repr(trigger.value) in str(caught.value)


@pytest.mark.parametrize(
    ("states", "table", "start"),
    [
        (AgentActivity, AGENT_TRANSITIONS, AgentActivity.IDLE),
        (CallState, CALL_TRANSITIONS, CallState.QUEUED),
        (OfferState, OFFER_TRANSITIONS, OfferState.RESERVED),
    ],
)
def test_every_state_can_be_reached(states: type[StrEnum], table: Table, start: StrEnum) -> None:
    reached = {start}
    while further := {after for (state, _), after in table.items() if state in reached} - reached:
        reached |= further

    assert reached == set(states)


@pytest.mark.parametrize(
    ("triggers", "table"),
    [(AgentTrigger, AGENT_TRANSITIONS), (CallTrigger, CALL_TRANSITIONS), (OfferTrigger, OFFER_TRANSITIONS)],
)
def test_every_trigger_does_something(triggers: type[StrEnum], table: Table) -> None:
    assert {trigger for _, trigger in table} == set(triggers)


def test_the_end_is_the_end_and_is_reached_from_every_live_state() -> None:
    assert not [state for state, _ in CALL_TRANSITIONS if state is CallState.ENDED]
    assert not [state for state, _ in OFFER_TRANSITIONS if state in {OfferState.ENDED, OfferState.CONNECTED}]
    assert {state for state, trigger in CALL_TRANSITIONS if trigger is CallTrigger.END} == set(CallState) - {
        CallState.ENDED
    }


@pytest.mark.parametrize("table", [AGENT_TRANSITIONS, CALL_TRANSITIONS, OFFER_TRANSITIONS])
def test_the_tables_cannot_be_changed(table: dict[Any, Any]) -> None:
    with pytest.raises(TypeError):
        table["x", "y"] = "z"
