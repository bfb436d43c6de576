"""The product's own word for a run is checked against the wire: an event too few or too many is caught."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from functools import partial

import pytest
import pytest_asyncio

from acd.call import EndReason
from acd.events import AnyEvent, CallEnded, CallQueued
from scenarios.load import verdict as judging
from scenarios.load.conductor import Conductor
from scenarios.load.engines import Native
from scenarios.load.run import Run
from scenarios.load.verdict import Finding, verdict
from stasis_app.redis_store.keys import Keys
from tests.load_plans import callers, small_plan

pytestmark = [
    pytest.mark.asterisk,
    pytest.mark.redis,
    pytest.mark.timeout(120),
    pytest.mark.asyncio(loop_scope="module"),
]


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A full machine has long moments."""
    monkeypatch.setattr(judging, "SAME_MOMENT_S", 0.25)


def broken(run: Run) -> dict[str, Finding]:
    return {finding.name: finding for finding in verdict(run) if not finding.kept}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def native() -> AsyncIterator[tuple[Native, Run]]:
    """The product after a run, still up."""
    plan = small_plan(callers(8, every_s=0.25), talk_s=(0.8,), agents=5)
    async with Native(plan) as engine:
        yield engine, await Conductor(plan, engine).run()


async def test_the_product_passes_everything(native: tuple[Native, Run]) -> None:
    _, run = native

    assert broken(run) == {}
    assert run.events is not None
    assert {type(event) for event in run.events} == {CallQueued, CallEnded}, "a long run keeps nothing else"
    assert len(run.event_lags_ms) > len(run.events), "but every event is timed"


def without(events: Sequence[AnyEvent], kind: type[AnyEvent]) -> Sequence[AnyEvent]:
    first = next(event for event in events if isinstance(event, kind))
    return [event for event in events if event is not first]


def twice(events: Sequence[AnyEvent], kind: type[AnyEvent]) -> Sequence[AnyEvent]:
    return [*events, next(event for event in events if isinstance(event, kind))]


def of_nobody(events: Sequence[AnyEvent]) -> Sequence[AnyEvent]:
    queued = next(event for event in events if isinstance(event, CallQueued))
    return [*events, replace(queued, call=replace(queued.call, caller_number="999999900"))]


def abandoned(events: Sequence[AnyEvent]) -> Sequence[AnyEvent]:
    ended = next(event for event in events if isinstance(event, CallEnded))
    other = replace(ended, call=replace(ended.call, end_reason=EndReason.ABANDONED))
    return [other if event is ended else event for event in events]


@pytest.mark.parametrize(
    ("altered", "words"),
    [
        (partial(without, kind=CallEnded), "queued 1 times and ended 0 times"),
        (partial(twice, kind=CallEnded), "queued 1 times and ended 2 times"),
        (partial(without, kind=CallQueued), "never known to the engine"),
        (partial(twice, kind=CallQueued), "queued 2 times and ended 1 times"),
        (of_nobody, "999999900, who never dialled"),
        (abandoned, "talked to an agent by SIP"),
    ],
)
async def test_an_event_too_few_or_too_many_is_caught(
    native: tuple[Native, Run], altered: Callable[[Sequence[AnyEvent]], Sequence[AnyEvent]], words: str
) -> None:
    _, run = native
    assert run.events is not None
    found = broken(replace(run, events=altered(run.events)))

    assert found.keys() == {"accounted"}
    assert found["accounted"].count == 1
    assert words in found["accounted"].sentence


async def test_what_is_left_in_the_store_is_found(native: tuple[Native, Run]) -> None:
    engine, _ = native
    assert await engine.left_behind() == []
    root = Keys(engine.centre.pool).root
    await engine.lab.redis.command("SET", f"{root}call:leaked", "1")

    assert await engine.left_behind() == [f"key {root}call:leaked"]
    await engine.lab.redis.command("DEL", f"{root}call:leaked")
