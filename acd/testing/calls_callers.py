"""What a caller's channel lets be done to it, and what is told of it."""

from __future__ import annotations

from dataclasses import replace

from acd.ports import ChannelEnded, LegOutcome
from acd.testing.calls_stage import SwitchScenario, SwitchStage, switch_scenarios


async def a_caller_comes_with_what_the_dialplan_knows(stage: SwitchStage) -> None:
    call = await stage.setup.caller()
    seen = await stage.found(call.id)
    assert (seen.channel, seen.application) == (call.id, stage.setup.process)
    assert (seen.agent, seen.offer, seen.bridge) == (None, None, None)
    assert not seen.answered
    assert seen.request is not None
    assert (seen.request.id, seen.request.queue) == (call.id, call.queue)


async def looking_again_sees_the_same_life_of_the_switch(stage: SwitchStage) -> None:
    call = await stage.setup.caller()
    await stage.found(call.id)
    life = stage.calls.life
    await stage.calls.hang_up(call.id)
    await stage.calls.survey()
    await stage.setup.other.survey()
    assert stage.calls.life == stage.setup.other.life == life


async def a_caller_can_be_answered_more_than_once(stage: SwitchStage) -> None:
    call = await stage.setup.caller()
    await stage.calls.answer(call.id)
    await stage.calls.answer(call.id)
    assert (await stage.found(call.id)).answered


async def the_request_that_was_written_last_is_read(stage: SwitchStage) -> None:
    call, _ = await stage.caller()
    await stage.calls.write_request(call)
    changed = replace(
        call,
        priority=2.5,
        requires="english >= 50 and not trainee",
        attributes={"customer": 'Zoë, "the first"; 50 %', "tier": "gold"},
        queued_at=1_700_000_000_123,
        preferred_agent="anna",
    )
    await stage.calls.write_request(changed)
    assert (await stage.found(call.id)).request == changed


async def music_plays_until_it_is_stopped(stage: SwitchStage) -> None:
    call, _ = await stage.caller()
    assert not await stage.setup.hears_music(call)
    await stage.calls.start_music(call.id, "default")
    await stage.calls.start_music(call.id, "default")
    assert await stage.setup.hears_music(call)
    await stage.calls.stop_music(call.id)
    await stage.calls.stop_music(call.id)
    assert not await stage.setup.hears_music(call)


async def a_caller_who_hangs_up_is_told_of_once_and_gone(stage: SwitchStage) -> None:
    call, ear = await stage.caller()
    await stage.calls.start_music(call.id, "default")
    await stage.setup.caller_hangs_up(call)
    ended = await stage.ended(ear)
    assert (ended.channel, ended.outcome) == (call.id, LegOutcome.HUNG_UP)
    await stage.setup.quiet()
    assert await stage.calls.look_at(call.id) is None
    assert ear.kinds == ["ChannelEnded"]


async def a_caller_who_hangs_up_before_the_answer_is_told_of(stage: SwitchStage) -> None:
    call = await stage.setup.caller()
    ear = stage.ear(call.id)
    await stage.setup.caller_hangs_up(call)
    assert (await stage.ended(ear)).outcome is LegOutcome.HUNG_UP


async def nothing_can_be_begun_with_a_caller_who_is_gone(stage: SwitchStage) -> None:
    call, ear = await stage.caller()
    await stage.setup.caller_hangs_up(call)
    await stage.ended(ear)
    await stage.setup.quiet()
    await stage.refused(lambda: stage.calls.answer(call.id))
    await stage.refused(lambda: stage.calls.write_request(call))
    await stage.refused(lambda: stage.calls.start_music(call.id, "default"))
    await stage.refused(lambda: stage.calls.adopt(call.id))


async def everything_can_be_ended_with_a_caller_who_is_gone(stage: SwitchStage) -> None:
    call, ear = await stage.caller()
    await stage.setup.caller_hangs_up(call)
    await stage.ended(ear)
    await stage.setup.quiet()
    await stage.calls.stop_music(call.id)
    await stage.calls.leave(call.id, "CONFORMANCE")
    await stage.calls.destroy_bridge(call.bridge)
    await stage.calls.hang_up(call.id)
    await stage.calls.hang_up(call.id, answered_elsewhere=True)


async def hanging_up_on_a_caller_is_told_of_once(stage: SwitchStage) -> None:
    call, ear = await stage.caller()
    await stage.calls.hang_up(call.id)
    assert (await stage.ended(ear)).outcome is LegOutcome.HUNG_UP
    await stage.calls.hang_up(call.id)
    await stage.setup.quiet()
    assert await stage.calls.look_at(call.id) is None
    assert ear.kinds == ["ChannelEnded"]


async def a_caller_who_is_given_back_goes_on_with_the_result(stage: SwitchStage) -> None:
    call, ear = await stage.caller()
    await stage.calls.start_music(call.id, "default")
    await stage.calls.leave(call.id, "CONFORMANCE")
    assert (await stage.ended(ear)).outcome is LegOutcome.HUNG_UP
    assert await stage.setup.back_in_dialplan(call) == "CONFORMANCE"
    assert ear.kinds == ["ChannelEnded"]


async def whoever_listens_hears_until_stopping(stage: SwitchStage) -> None:
    call = await stage.setup.caller()
    first, second, third = (stage.ear(call.id) for _ in range(3))
    stranger = stage.ear(f"{call.id}-not")
    second.stop()
    second.stop()
    await stage.calls.hang_up(call.id)
    await stage.ended(first)
    await stage.ended(third)
    assert (second.signals, stranger.signals) == ([], [])


async def one_who_stops_while_hearing_takes_nobody_elses_word(stage: SwitchStage) -> None:
    call = await stage.setup.caller()
    hasty = stage.ear(call.id)
    patient = stage.ear(call.id)
    stop = stage.calls.listen(call.id, lambda _signal: hasty.stop())
    await stage.calls.hang_up(call.id)
    await stage.ended(patient)
    stop()
    assert len(patient.of(ChannelEnded)) == 1


CALLER_SCENARIOS: tuple[SwitchScenario, ...] = switch_scenarios(
    a_caller_comes_with_what_the_dialplan_knows,
    looking_again_sees_the_same_life_of_the_switch,
    a_caller_can_be_answered_more_than_once,
    the_request_that_was_written_last_is_read,
    music_plays_until_it_is_stopped,
    a_caller_who_hangs_up_is_told_of_once_and_gone,
    a_caller_who_hangs_up_before_the_answer_is_told_of,
    nothing_can_be_begun_with_a_caller_who_is_gone,
    everything_can_be_ended_with_a_caller_who_is_gone,
    hanging_up_on_a_caller_is_told_of_once,
    a_caller_who_is_given_back_goes_on_with_the_result,
    whoever_listens_hears_until_stopping,
    one_who_stops_while_hearing_takes_nobody_elses_word,
)
