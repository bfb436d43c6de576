"""Changing and withdrawing a call while it waits, by the API: what is shown, what is refused, and how clearly."""

from __future__ import annotations

from typing import Any

import pytest

from acd.events import CallEnded
from acd.ports import OfferRef

SKILLED = """
[skills]
german = "German"
[queues.support]
requires = "german >= 50"
[[queues.support.steps]]
after_s = 0
lower = { german = 20 }
[[queues.support.steps]]
when = { metric = "waiting", at = 10, back_at = 5 }
anyone = true
[queues.billing]
[agents.ann]
queues = ["support"]
skills = { german = 30 }
"""


async def test_a_waiting_call_shows_what_it_asks_for_and_how_that_relaxes(open_stage: Any) -> None:
    async with open_stage() as stage:
        await stage.configuration.apply(SKILLED, "tests")
        await stage.waiting("c1")
        _, call = await stage.ask("GET", "/calls/c1", key=True)

        assert (call["requires"], call["asks_for"]) == ("", "german >= 20")
        assert [(step["does"], step["counts"]) for step in call["steps"]] == [
            ("german 20 will do", True),
            ("no skill is asked for", False),
        ]
        assert call["steps"][1]["when"] == "waiting >= 10, until <= 5"


async def test_a_waiting_call_is_changed_and_keeps_what_is_not_named(open_stage: Any) -> None:
    async with open_stage() as stage:
        await stage.configuration.apply(SKILLED, "tests")
        before = await stage.waiting("c1")
        sue = await stage.logged_in("sue")

        wish = {"priority": 5, "requires": {"german": 60}, "preferred_agent": "ann", "preferred_for_s": 20}
        _, first = await stage.ask("PATCH", "/calls/c1", by=sue, json=wish)
        status, second = await stage.ask("PATCH", "/calls/c1", by=sue, json={"queue": "billing", "preferred_agent": ""})

        assert (first["priority"], first["requires"], first["preferred_agent"]) == (5.0, "german >= 60", "ann")
        assert status == 200
        assert (second["queue"], second["queued_at"]) == ("billing", before.queued_at)
        assert (second["priority"], second["requires"], second["preferred_agent"]) == (5.0, "german >= 60", None)


@pytest.mark.parametrize(
    ("wish", "places"),
    [
        ({}, ["body"]),
        ({"keep_wait": False}, ["body"]),
        ({"priority": 2000}, ["priority"]),
        ({"priority": "high"}, ["priority"]),
        ({"prio": 1}, ["prio"]),
        ({"queue": "x", "requires": "german >=", "preferred_agent": "x"}, ["queue", "preferred_agent", "requires"]),
        ({"requires": "french", "prefers": {"german": 0}}, ["requires", "prefers"]),
        ({"preferred_for_s": 0}, ["preferred_for_s"]),
    ],
)
async def test_every_fault_of_a_change_is_told_and_nothing_is_changed(
    open_stage: Any, wish: dict[str, Any], places: list[str]
) -> None:
    async with open_stage() as stage:
        await stage.configuration.apply(SKILLED, "tests")
        before = await stage.waiting("c1")
        status, problem = await stage.ask("PATCH", "/calls/c1", key=True, json=wish)

        assert status == 422
        assert [fault["place"] for fault in problem["faults"]] == places
        assert await stage.store.call("c1") == before


async def test_only_a_call_that_waits_can_be_changed_or_withdrawn(open_stage: Any) -> None:
    async with open_stage() as stage:
        await stage.ready("ann")
        await stage.waiting("c1")
        await stage.offered("c1", "ann")
        moved = await stage.ask("PATCH", "/calls/c1", key=True, json={"queue": "billing"})
        raised = await stage.ask("PATCH", "/calls/c1", key=True, json={"priority": 1})
        [offer] = (await stage.store.call("c1")).offers
        await stage.store.accept(OfferRef(id=offer, fence=int(offer.rpartition(".")[2]), owner="acd-1"), lease_ms=9_000)
        connecting = await stage.ask("PATCH", "/calls/c1", key=True, json={"priority": 2})
        withdrawn = await stage.ask("POST", "/calls/c1/withdraw", key=True)
        unknown = await stage.ask("PATCH", "/calls/c9", key=True, json={"priority": 1})

        assert (moved[0], moved[1]["type"]) == (409, "urn:stasis-acd:problem:call-is-offered")
        assert (raised[0], raised[1]["priority"]) == (200, 1.0)
        assert (connecting[0], connecting[1]["type"]) == (409, "urn:stasis-acd:problem:call-not-waiting")
        assert (withdrawn[0], withdrawn[1]["type"]) == (409, "urn:stasis-acd:problem:call-not-waiting")
        assert unknown[0] == 404


async def test_a_withdrawn_call_leaves_with_that_reason(open_stage: Any) -> None:
    async with open_stage() as stage:
        await stage.waiting("c1")
        first = await stage.ask("POST", "/calls/c1/withdraw", key=True)
        again = await stage.ask("POST", "/calls/c1/withdraw", key=True)
        events = await stage.store.read_events("", 100)

        assert (first[0], again[0]) == (204, 404)
        assert [event.call.end_reason for event in events if isinstance(event, CallEnded)] == ["withdrawn"]
