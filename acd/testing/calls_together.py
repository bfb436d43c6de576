"""Caller and agent in one bridge: coming together, parting, and what another process sees and takes over."""

from __future__ import annotations

from acd.ports import ChannelEnded, EnteredBridge, LeftBridge, LegAnswered, LegOutcome
from acd.testing.calls_stage import SwitchScenario, SwitchStage, switch_scenarios


async def both_are_seen_in_the_bridge(stage: SwitchStage) -> None:
    call, caller_ear, offer, leg_ear = await stage.talking()
    assert caller_ear.of(EnteredBridge) == [EnteredBridge(channel=call.id, bridge=call.bridge)]
    assert leg_ear.of(EnteredBridge) == [EnteredBridge(channel=offer.leg, bridge=call.bridge)]
    for channel in (call.id, offer.leg):
        assert (await stage.found(channel)).bridge == call.bridge
    assert dict(await stage.calls.bridges()) == {call.bridge: stage.setup.process}


async def joining_ends_the_music(stage: SwitchStage) -> None:
    call, caller_ear = await stage.caller()
    await stage.calls.start_music(call.id, "default")
    assert await stage.setup.hears_music(call)
    offer, _ = await stage.answered(call)
    await stage.calls.join(call, offer.leg)
    await stage.heard(caller_ear, EnteredBridge)
    assert not await stage.setup.hears_music(call)


async def joining_again_brings_both_in_anew(stage: SwitchStage) -> None:
    call, caller_ear, offer, leg_ear = await stage.talking()
    await stage.calls.join(call, offer.leg)
    for ear, before in ((caller_ear, []), (leg_ear, ["LegCreated", "LegRinging", "LegAnswered"])):
        await stage.setup.until(lambda ear=ear: len(ear.of(EnteredBridge)) == 2)  # type: ignore[misc]
        assert ear.kinds == [*before, "EnteredBridge", "LeftBridge", "EnteredBridge"]
    assert {(await stage.found(channel)).bridge for channel in (call.id, offer.leg)} == {call.bridge}


async def nobody_is_joined_to_a_leg_that_is_gone(stage: SwitchStage) -> None:
    call, _ = await stage.caller()
    offer, ear = await stage.answered(call)
    await stage.setup.hangs_up(offer)
    await stage.ended(ear)
    await stage.refused(lambda: stage.calls.join(call, offer.leg))


async def nobody_is_joined_to_a_caller_who_is_gone(stage: SwitchStage) -> None:
    call, ear = await stage.caller()
    offer, _ = await stage.answered(call)
    await stage.setup.caller_hangs_up(call)
    await stage.ended(ear)
    await stage.refused(lambda: stage.calls.join(call, offer.leg))


async def a_caller_who_hangs_up_leaves_the_agent_in_the_bridge(stage: SwitchStage) -> None:
    call, caller_ear, offer, leg_ear = await stage.talking()
    await stage.setup.caller_hangs_up(call)
    await stage.ended(caller_ear)
    assert caller_ear.kinds == ["EnteredBridge", "LeftBridge", "ChannelEnded"]
    seen = await stage.found(offer.leg)
    assert (seen.bridge, seen.answered) == (call.bridge, True)
    assert not leg_ear.of(ChannelEnded)
    await stage.calls.hang_up(offer.leg)
    assert (await stage.ended(leg_ear)).outcome is LegOutcome.HUNG_UP


async def an_agent_who_hangs_up_leaves_the_caller_in_the_bridge(stage: SwitchStage) -> None:
    call, caller_ear, offer, leg_ear = await stage.talking()
    await stage.setup.hangs_up(offer)
    assert (await stage.ended(leg_ear)).outcome is LegOutcome.HUNG_UP
    assert leg_ear.kinds == ["LegCreated", "LegRinging", "LegAnswered", "EnteredBridge", "LeftBridge", "ChannelEnded"]
    assert (await stage.found(call.id)).bridge == call.bridge
    assert caller_ear.kinds == ["EnteredBridge"]


async def a_caller_is_joined_to_the_next_agent(stage: SwitchStage) -> None:
    call, caller_ear, offer, leg_ear = await stage.talking()
    await stage.setup.hangs_up(offer)
    await stage.ended(leg_ear)
    second, second_ear = await stage.answered(call, stage.setup.second_agent)
    await stage.calls.join(call, second.leg)
    await stage.heard(second_ear, EnteredBridge)
    await stage.setup.until(lambda: len(caller_ear.of(EnteredBridge)) == 2)
    assert caller_ear.kinds == ["EnteredBridge", "LeftBridge", "EnteredBridge"]
    assert (await stage.found(call.id)).bridge == call.bridge


async def a_bridge_that_is_destroyed_lets_both_go(stage: SwitchStage) -> None:
    call, caller_ear, offer, leg_ear = await stage.talking()
    await stage.calls.destroy_bridge(call.bridge)
    for ear in (caller_ear, leg_ear):
        await stage.heard(ear, LeftBridge)
    for channel in (call.id, offer.leg):
        seen = await stage.found(channel)
        assert (seen.bridge, seen.application, seen.answered) == (None, stage.setup.process, True)
    assert dict(await stage.calls.bridges()) == {}
    await stage.calls.destroy_bridge(call.bridge)


async def a_bridge_that_never_was_can_be_destroyed(stage: SwitchStage) -> None:
    call, _ = await stage.caller()
    await stage.calls.destroy_bridge(call.bridge)
    assert dict(await stage.calls.bridges()) == {}


async def a_survey_shows_the_channels_of_all_processes(stage: SwitchStage) -> None:
    call, _, offer, _ = await stage.talking()
    other = stage.setup.other
    adopted, _ = await stage.caller()
    await other.adopt(adopted.id)
    theirs = stage.offer(adopted, stage.setup.second_agent)
    await other.create_leg(theirs, adopted, stage.setup.second_agent)
    for calls in (stage.calls, other):
        found = {seen.channel: seen for seen in await calls.survey()}
        assert {name: (seen.application, seen.offer) for name, seen in found.items()} == {
            call.id: (stage.setup.process, None),
            offer.leg: (stage.setup.process, offer.id),
            adopted.id: (stage.setup.other_process, None),
            theirs.leg: (stage.setup.other_process, theirs.id),
        }
        assert found[offer.leg].bridge == found[call.id].bridge == call.bridge
        assert found[theirs.leg].bridge is found[adopted.id].bridge is None
        assert dict(await calls.bridges()) == {call.bridge: stage.setup.process}


async def a_waiting_caller_is_adopted(stage: SwitchStage) -> None:
    call, ear = await stage.caller()
    await stage.calls.write_request(call)
    other = stage.setup.other
    await other.survey()
    theirs = stage.ear(call.id, of=other)
    await other.adopt(call.id)
    assert (await stage.ended(ear)).outcome is LegOutcome.HUNG_UP, "for the process that had it, it is gone"
    seen = await stage.found(call.id, by=other)
    assert (seen.application, seen.request) == (stage.setup.other_process, call)
    assert theirs.signals == []
    await other.start_music(call.id, "default")
    await stage.setup.caller_hangs_up(call)
    assert (await stage.ended(theirs)).outcome is LegOutcome.HUNG_UP


async def a_ringing_leg_is_adopted(stage: SwitchStage) -> None:
    call, _ = await stage.caller()
    offer, _ = await stage.ringing(call)
    other = stage.setup.other
    await other.survey()
    theirs = stage.ear(offer.leg, of=other)
    await other.adopt(offer.leg)
    await stage.setup.answers(offer)
    await stage.heard(theirs, LegAnswered)
    assert (await stage.found(offer.leg, by=other)).application == stage.setup.other_process


async def a_conversation_is_adopted_and_its_end_heard_of(stage: SwitchStage) -> None:
    call, _, offer, _ = await stage.talking()
    other = stage.setup.other
    await other.survey()
    ears = [stage.ear(channel, of=other) for channel in (call.id, offer.leg)]
    for channel in (call.id, offer.leg):
        await other.adopt(channel)
    found = [await stage.found(channel, by=other) for channel in (call.id, offer.leg)]
    assert [(seen.application, seen.bridge) for seen in found] == [(stage.setup.other_process, call.bridge)] * 2
    await stage.setup.hangs_up(offer)
    assert (await stage.ended(ears[1])).outcome is LegOutcome.HUNG_UP, "it had been answered, if not before our eyes"
    assert not ears[0].of(ChannelEnded)
    await other.hang_up(call.id)
    await stage.ended(ears[0])


TOGETHER_SCENARIOS: tuple[SwitchScenario, ...] = switch_scenarios(
    both_are_seen_in_the_bridge,
    joining_ends_the_music,
    joining_again_brings_both_in_anew,
    nobody_is_joined_to_a_leg_that_is_gone,
    nobody_is_joined_to_a_caller_who_is_gone,
    a_caller_who_hangs_up_leaves_the_agent_in_the_bridge,
    an_agent_who_hangs_up_leaves_the_caller_in_the_bridge,
    a_caller_is_joined_to_the_next_agent,
    a_bridge_that_is_destroyed_lets_both_go,
    a_bridge_that_never_was_can_be_destroyed,
    a_survey_shows_the_channels_of_all_processes,
    a_waiting_caller_is_adopted,
    a_ringing_leg_is_adopted,
    a_conversation_is_adopted_and_its_end_heard_of,
)
