"""The life of the store's contents, its processes, and its readers: epochs, leases, the stream and the inboxes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

from acd.agent import Agent, AgentActivity, AgentStatus
from acd.call import Call, CallState
from acd.errors import StaleEpoch
from acd.events import AlertKind, AlertRaised, AnyEvent, EpochBegun, Leg, LegEnded, LegRole
from acd.offer import Offer, OfferOutcome, OfferState
from acd.ports import DeadlineKind, Reservation, Store
from acd.testing.stage import LONG_MS, OWNER, PAST_SHORT_MS, SHORT_MS, Scenario, Stage, done, ref, scenarios


async def _stale(act: Callable[[], Awaitable[object]]) -> None:
    try:
        answer = await act()
    except StaleEpoch:
        return
    raise AssertionError(f"the store was not what it was, and answered {answer}")


async def _next(stream: AsyncIterator[Sequence[AnyEvent]]) -> list[str]:
    return [type(event).__name__ for event in await anext(stream)]


def _reserve(store: Store) -> Awaitable[object]:
    return store.reserve(Reservation(call="c1", agents=["anna"], lease_ms=LONG_MS))


async def nothing_works_before_joining(stage: Stage) -> None:
    store = await stage.setup.another()
    await _stale(lambda: _reserve(store))
    await _stale(lambda: store.beat("acd-2", lease_ms=LONG_MS))
    await _stale(lambda: store.call("c1"))
    epoch = await store.join()
    assert epoch is not None
    assert epoch.ready
    await store.beat("acd-2", lease_ms=LONG_MS)


async def an_emptied_store_is_noticed_by_the_first_word(stage: Stage) -> None:
    await stage.agents("anna")
    await stage.call()
    await stage.setup.empty()
    for act in (
        lambda: _reserve(stage.store),
        lambda: stage.store.enqueue(Call(id="c2", queue="support")),
        lambda: stage.store.call("c1"),
        lambda: stage.store.deadlines(),
        lambda: stage.store.processes(),
        lambda: stage.store.lead(OWNER, lease_ms=9),
        lambda: anext(stage.store.events("")),
    ):
        await _stale(act)
    assert (await stage.store.snapshot()).epoch == ""
    assert await stage.store.join() is None
    assert await stage.store.begin_epoch(OWNER, lease_ms=LONG_MS) is not None
    await stage.store.open_epoch()
    await stage.call()


async def a_restarted_store_is_noticed(stage: Stage) -> None:
    await stage.agents("anna")
    await stage.call()
    await stage.setup.restart()
    await _stale(lambda: _reserve(stage.store))
    await _stale(lambda: stage.store.call("c1"))
    await _stale(lambda: anext(stage.store.events("")))
    assert await stage.store.join() is None, "its contents may be older than the world"
    assert await (await stage.setup.another()).join() is None
    epoch = await stage.store.begin_epoch(OWNER, lease_ms=LONG_MS)
    assert epoch is not None
    snapshot = await stage.store.snapshot()
    assert set(snapshot.agents) == {"anna"}
    assert snapshot.calls == {}


async def a_new_epoch_keeps_agents_and_stream_and_wipes_the_rest(stage: Stage) -> None:
    await stage.agents("anna", "bert", "cleo")
    for call in ("c1", "c2", "c3"):
        await stage.call(call)
    await stage.ringing("c1", "anna")
    await stage.connected("c2", "bert")
    await stage.connected("c3", "cleo")
    await stage.end("c3", wrap_up_ms=LONG_MS)
    other = await stage.setup.another()
    await other.join()
    position = await stage.position()
    epoch = await stage.store.begin_epoch(OWNER, lease_ms=LONG_MS)
    assert epoch is not None
    assert not epoch.ready
    snapshot = await stage.store.snapshot()
    assert (snapshot.calls, snapshot.offers, snapshot.epoch) == ({}, {}, epoch.id)
    assert snapshot.position == position
    assert {name: agent.activity for name, agent in snapshot.agents.items()} == {
        "anna": AgentActivity.IDLE,
        "bert": AgentActivity.IDLE,
        "cleo": AgentActivity.WRAP_UP,
    }
    assert snapshot.agents["anna"].offer is None
    assert snapshot.agents["bert"].call is None
    [deadline] = await stage.store.deadlines()
    assert (deadline.kind, deadline.subject) == (DeadlineKind.WRAP_UP, "cleo")
    await _stale(lambda: other.call("c1"))
    await stage.call()
    await _stale(lambda: _reserve(stage.store))
    opened = await stage.store.open_epoch()
    assert opened.ready
    assert opened.id == epoch.id
    await stage.store.open_epoch()
    begun = [event for event in await stage.since(position) if isinstance(event, EpochBegun)]
    assert [event.epoch for event in begun] == [epoch.id], "written once"
    assert (await other.join()) == opened
    done(await other.reserve(Reservation(call="c1", agents=["anna"], lease_ms=LONG_MS)))


async def a_rebuilt_line_goes_on_where_it_was(stage: Stage) -> None:
    await stage.agents("anna")
    old = await stage.call("c0")
    [offer] = await stage.offers("c0", "anna")
    assert await stage.store.begin_epoch(OWNER, lease_ms=LONG_MS) is not None
    ready = AgentStatus.READY
    await stage.store.restore_agent(
        Agent(id="anna", status=ready, activity=AgentActivity.TALKING, call="c1", reachable=True, node="pbx")
    )
    await stage.store.restore_agent(
        Agent(id="bert", status=ready, activity=AgentActivity.WRAP_UP, call="c9", wrap_up_until=old.queued_at + 9)
    )
    talking = Call(
        id="c1", queue="support", owner=OWNER, state=CallState.CONNECTED, queued_at=7, connected_at=8, agent="anna",
        offer="c1.1",
    )  # fmt: skip
    won = Offer(id="c1.1", call="c1", agent="anna", queue="support", fence=1, owner=OWNER, state=OfferState.CONNECTED)
    await stage.store.restore_call(talking, won)
    await stage.store.restore_call(Call(id="c2", queue="support", owner=OWNER, queued_at=5, state_since=5))
    assert await stage.store.offer("c1.1") == won
    [deadline] = await stage.store.deadlines()
    assert (deadline.subject, deadline.at) == ("bert", old.queued_at + 9)
    await stage.store.open_epoch()
    await _stale(lambda: stage.store.restore_call(talking))
    ended = await stage.end("c1")
    assert ended.agent == "anna"
    anna = await stage.store.agent("anna")
    assert anna is not None
    assert anna.activity is AgentActivity.IDLE
    assert await stage.store.offer("c1.1") is None
    [again] = await stage.offers("c2", "anna")
    assert again.fence > offer.fence, "numbers of the past never come again"


async def a_restored_call_can_end_without_its_agent(stage: Stage) -> None:
    assert await stage.store.begin_epoch(OWNER, lease_ms=LONG_MS) is not None
    await stage.store.restore_call(
        Call(id="c1", queue="support", owner=OWNER, state=CallState.CONNECTED, agent="gone", connected_at=5)
    )
    await stage.store.open_epoch()
    await stage.end("c1", wrap_up_ms=LONG_MS)
    assert await stage.store.call("c1") is None


async def one_process_rebuilds_at_a_time(stage: Stage) -> None:
    other = await stage.setup.another()
    assert await other.begin_epoch("acd-2", lease_ms=LONG_MS) is None, "it has not seen this epoch, which is in order"
    await stage.setup.empty()
    assert await stage.store.begin_epoch(OWNER, lease_ms=SHORT_MS) is not None
    assert await other.begin_epoch("acd-2", lease_ms=LONG_MS) is None
    joined = await other.join()
    assert joined is not None
    assert not joined.ready
    await stage.setup.pass_time(PAST_SHORT_MS)
    assert await other.begin_epoch("acd-2", lease_ms=LONG_MS) is not None
    await _stale(stage.store.open_epoch)
    await other.open_epoch()
    assert await stage.store.begin_epoch(OWNER, lease_ms=SHORT_MS) is None, "the other has rebuilt it meanwhile"
    assert await stage.store.join() is not None


async def one_distributor_leads(stage: Stage) -> None:
    assert await stage.store.lead(OWNER, lease_ms=SHORT_MS)
    assert await stage.store.lead(OWNER, lease_ms=SHORT_MS)
    assert not await stage.store.lead("acd-2", lease_ms=SHORT_MS)
    await stage.setup.pass_time(PAST_SHORT_MS)
    assert await stage.store.lead("acd-2", lease_ms=LONG_MS)
    assert not await stage.store.lead(OWNER, lease_ms=SHORT_MS)
    await stage.store.leave("acd-2")
    assert await stage.store.lead(OWNER, lease_ms=SHORT_MS)


async def processes_live_until_their_lease_ends(stage: Stage) -> None:
    before = await stage.store.now()
    await stage.store.beat(OWNER, lease_ms=1000)
    await stage.store.beat("acd-2", lease_ms=2000)
    processes = await stage.store.processes()
    assert set(processes) == {OWNER, "acd-2"}
    assert before + 1000 <= processes[OWNER] <= processes["acd-2"] - 1000
    await stage.store.leave(OWNER)
    assert (await stage.store.processes())[OWNER] <= await stage.store.now()


async def the_stream_can_be_followed_from_anywhere(stage: Stage) -> None:
    position = await stage.position()
    await stage.call()
    stream = stage.store.events(position)
    assert await _next(stream) == ["CallQueued"]
    answers = await stage.setup.together([_next(stream), _second(stage)])
    assert answers[0] == ["CallQueued"]
    everything = [event.id for event in await stage.store.read_events("", 100)]
    assert len(everything) == len(set(everything))
    assert [event.id for event in await stage.store.read_events(everything[0], 2)] == everything[1:3]
    begins = await anext(stage.store.events(""))
    assert [event.id for event in begins] == everything


async def _second(stage: Stage) -> list[str]:
    await stage.call("c2")
    return []


async def readers_hear_of_the_end_of_their_epoch(stage: Stage) -> None:
    stream, inbox = stage.store.events(await stage.position()), stage.store.inbox(OWNER)
    assert await _next(inbox) == []
    reader = await stage.setup.another()
    await reader.join()

    async def rebuild() -> None:
        assert await stage.store.begin_epoch(OWNER, lease_ms=LONG_MS) is not None
        await stage.store.open_epoch()

    await stage.setup.together([_stale(lambda: anext(stream)), _stale(lambda: anext(inbox)), rebuild()])


async def an_inbox_holds_what_its_process_must_act_on(stage: Stage) -> None:
    await stage.agents("anna", "bert")
    inbox = stage.store.inbox(OWNER)
    assert await _next(inbox) == [], "an empty batch says that it listens"
    await stage.call()
    await stage.call("c2", owner="acd-2")
    await stage.offers("c2", "bert")
    position = await stage.position()
    [offer] = await stage.ringing("c1", "anna")
    done(await stage.store.end_offer(ref(offer), OfferOutcome.NO_ANSWER))
    await stage.end("c1")
    await stage.store.take_over("c2", previous="acd-2", by=OWNER)
    heard: list[AnyEvent] = []
    while len(heard) < 4:
        heard += await anext(inbox)
    assert [type(event).__name__ for event in heard] == ["OfferMade", "OfferEnded", "CallEnded", "CallTakenOver"]
    written = {event.id: event for event in await stage.since(position)}
    assert all(written[event.id] == event for event in heard), "with the ids of the stream"


async def what_all_have_kept_is_dropped_but_not_what_is_young(stage: Stage) -> None:
    first = await stage.store.read_events("", 1)
    await stage.call()
    await stage.store.consumed("history", await stage.position())
    assert (await stage.store.read_events("", 1))[0] == first[0]


async def history_and_alerts_are_written_down(stage: Stage) -> None:
    leg = Leg(channel="chan-1", call="c1", role=LegRole.CALLER, node="pbx", started_at=1, ended_at=2, cause=16)
    before = await stage.position()
    await stage.store.legs_ended(leg)
    await stage.store.raise_alert(AlertKind.NODE_LOST, 'pbx "eins" is gone: look at it, ü')
    ended, alert = await stage.since(before)
    assert isinstance(ended, LegEnded)
    assert ended.leg == leg
    assert isinstance(alert, AlertRaised)
    assert (alert.alert, alert.text) == (AlertKind.NODE_LOST, 'pbx "eins" is gone: look at it, ü')


EPOCH_SCENARIOS: tuple[Scenario, ...] = scenarios(
    nothing_works_before_joining,
    an_emptied_store_is_noticed_by_the_first_word,
    a_restarted_store_is_noticed,
    a_new_epoch_keeps_agents_and_stream_and_wipes_the_rest,
    a_rebuilt_line_goes_on_where_it_was,
    a_restored_call_can_end_without_its_agent,
    one_process_rebuilds_at_a_time,
    one_distributor_leads,
    processes_live_until_their_lease_ends,
    the_stream_can_be_followed_from_anywhere,
    readers_hear_of_the_end_of_their_epoch,
    an_inbox_holds_what_its_process_must_act_on,
    what_all_have_kept_is_dropped_but_not_what_is_young,
    history_and_alerts_are_written_down,
)
