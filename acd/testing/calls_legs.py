"""What becomes of an agent's leg: made, dialled, answered, refused, left to ring, taken back."""

from __future__ import annotations

from acd.errors import PhoneUnreachable
from acd.ports import ChannelEnded, LegAnswered, LegCreated, LegOutcome, LegRinging
from acd.testing.calls_stage import SwitchScenario, SwitchStage, switch_scenarios


async def a_leg_is_there_before_its_phone_rings(stage: SwitchStage) -> None:
    call, _ = await stage.caller()
    offer, ear = await stage.leg(call)
    assert ear.signals == [LegCreated(channel=offer.leg, offer=offer.id)], "heard of before the act returns"
    seen = await stage.found(offer.leg)
    assert (seen.application, seen.agent, seen.offer) == (stage.setup.process, offer.agent, offer.id)
    assert (seen.answered, seen.dialled, seen.bridge, seen.request) == (False, False, None, None)


async def a_leg_that_was_never_dialled_can_be_taken_back(stage: SwitchStage) -> None:
    call, _ = await stage.caller()
    offer, ear = await stage.leg(call)
    await stage.calls.hang_up(offer.leg)
    assert (await stage.ended(ear)).outcome is LegOutcome.CANCELLED
    assert ear.kinds == ["LegCreated", "ChannelEnded"]


async def a_phone_that_is_nowhere_is_unreachable_and_leaves_no_leg(stage: SwitchStage) -> None:
    call, _ = await stage.caller()
    offer = stage.offer(call, stage.setup.absent_agent)
    ear = stage.ear(offer.leg)
    try:
        await stage.calls.create_leg(offer, call, stage.setup.absent_agent)
    except PhoneUnreachable:
        pass
    else:
        raise AssertionError("a leg to nowhere was made")
    assert await stage.calls.look_at(offer.leg) is None
    assert ear.signals == []


async def a_dialled_phone_rings(stage: SwitchStage) -> None:
    call, _ = await stage.caller()
    offer, ear = await stage.ringing(call)
    seen = await stage.found(offer.leg)
    assert (seen.answered, seen.dialled) == (False, True)
    assert ear.kinds == ["LegCreated", "LegRinging"]


async def an_answer_is_told_of(stage: SwitchStage) -> None:
    call, _ = await stage.caller()
    offer, ear = await stage.answered(call)
    assert (await stage.found(offer.leg)).answered
    assert ear.kinds == ["LegCreated", "LegRinging", "LegAnswered"]


async def a_refusal_is_told_of_with_its_code(stage: SwitchStage) -> None:
    call, _ = await stage.caller()
    offer, ear = await stage.ringing(call)
    await stage.setup.declines(offer)
    ended = await stage.ended(ear)
    assert (ended.outcome, ended.cause, ended.sip_code) == (LegOutcome.REJECTED, 21, 603)
    assert await stage.calls.look_at(offer.leg) is None


async def a_busy_phone_is_told_of_as_busy(stage: SwitchStage) -> None:
    call, _ = await stage.caller()
    offer, ear = await stage.leg(call, stage.setup.busy_agent)
    await stage.calls.dial_leg(offer, call, timeout_s=30)
    ended = await stage.ended(ear)
    assert (ended.outcome, ended.cause, ended.sip_code) == (LegOutcome.BUSY, 17, 486)


async def a_phone_that_nobody_answers_ends_by_the_time_out(stage: SwitchStage) -> None:
    call, _ = await stage.caller()
    offer, ear = await stage.leg(call)
    await stage.calls.dial_leg(offer, call, timeout_s=1)
    ended = await stage.ended(ear)
    assert (ended.outcome, ended.cause) == (LegOutcome.NO_ANSWER, 19)
    assert ear.kinds == ["LegCreated", "LegRinging", "ChannelEnded"]
    assert await stage.calls.look_at(offer.leg) is None


async def a_ringing_phone_can_be_taken_back(stage: SwitchStage) -> None:
    call, _ = await stage.caller()
    for answered_elsewhere in (False, True):
        offer, ear = await stage.ringing(call)
        await stage.calls.hang_up(offer.leg, answered_elsewhere=answered_elsewhere)
        await stage.calls.hang_up(offer.leg)
        assert (await stage.ended(ear)).outcome is LegOutcome.CANCELLED
        assert len(ear.of(ChannelEnded)) == 1
        ear.stop()


async def an_agent_who_hangs_up_had_answered(stage: SwitchStage) -> None:
    call, caller_ear = await stage.caller()
    offer, ear = await stage.answered(call)
    await stage.setup.hangs_up(offer)
    assert (await stage.ended(ear)).outcome is LegOutcome.HUNG_UP
    assert caller_ear.signals == [], "they had not been brought together"


async def hanging_up_on_an_agent_who_answered_is_no_cancelling(stage: SwitchStage) -> None:
    call, _ = await stage.caller()
    offer, ear = await stage.answered(call)
    await stage.calls.hang_up(offer.leg)
    assert (await stage.ended(ear)).outcome is LegOutcome.HUNG_UP


async def a_leg_made_again_takes_the_place_of_the_one_before(stage: SwitchStage) -> None:
    call, _ = await stage.caller()
    first, ear = await stage.ringing(call)
    second = stage.offer(call, stage.setup.agent)
    assert first.leg == second.leg
    assert (await stage.in_the_way(second, call)).made_for == first.id
    assert not ear.of(ChannelEnded), "it is named, and left alone"
    await stage.calls.make_way(second, first.id)
    await stage.calls.create_leg(second, call, stage.setup.agent)
    assert ear.kinds == ["LegCreated", "LegRinging", "ChannelEnded", "LegCreated"]
    assert ear.of(LegCreated)[-1].offer == second.id
    seen = await stage.found(second.leg)
    assert (seen.offer, seen.dialled) == (second.id, False)
    await stage.calls.dial_leg(second, call, timeout_s=30)
    await stage.setup.until(lambda: len(ear.of(LegRinging)) == 2)
    await stage.setup.answers(second)
    await stage.heard(ear, LegAnswered)


async def a_leg_of_another_process_makes_room_for_ours(stage: SwitchStage) -> None:
    call, _ = await stage.caller()
    first = stage.offer(call, stage.setup.agent)
    theirs = stage.ear(first.leg, of=stage.setup.other)
    await stage.setup.other.create_leg(first, call, stage.setup.agent)
    second = stage.offer(call, stage.setup.agent)
    ours = stage.ear(second.leg)
    assert (await stage.in_the_way(second, call)).made_for == first.id
    await stage.calls.make_way(second, first.id)
    await stage.calls.create_leg(second, call, stage.setup.agent)
    assert ours.of(LegCreated) == [LegCreated(channel=second.leg, offer=second.id)]
    await stage.ended(theirs)
    seen = await stage.found(second.leg)
    assert (seen.offer, seen.application) == (second.id, stage.setup.process)


async def a_leg_that_another_process_made_for_the_very_offer_is_not_ended(stage: SwitchStage) -> None:
    call, _ = await stage.caller()
    offer = stage.offer(call, stage.setup.agent)
    theirs = stage.ear(offer.leg, of=stage.setup.other)
    await stage.setup.other.create_leg(offer, call, stage.setup.agent)
    await stage.setup.other.dial_leg(offer, call, timeout_s=30)
    await stage.heard(theirs, LegRinging)
    earlier = await stage.in_the_way(offer, call)
    assert earlier.made_for == offer.id
    await stage.refused(lambda: stage.calls.make_way(offer, earlier.made_for))
    await stage.setup.answers(offer)
    await stage.heard(theirs, LegAnswered)


async def a_leg_is_ended_for_its_own_offer_only(stage: SwitchStage) -> None:
    call, _ = await stage.caller()
    late = stage.offer(call, stage.setup.agent)
    offer, ear = await stage.ringing(call)
    await stage.calls.hang_up(offer.leg, offer=late.id)
    assert (await stage.found(offer.leg)).offer == offer.id
    await stage.calls.hang_up(offer.leg, offer=offer.id)
    assert (await stage.ended(ear)).outcome is LegOutcome.CANCELLED
    await stage.calls.hang_up(offer.leg, offer=offer.id)


async def an_agent_can_be_called_again_at_once_after_each_end(stage: SwitchStage) -> None:
    call, _ = await stage.caller()
    for _ in range(5):
        offer, ear = await stage.ringing(call)
        await stage.setup.declines(offer)
        await stage.ended(ear)
        assert ear.kinds == ["LegCreated", "LegRinging", "ChannelEnded"]
        ear.stop()


async def a_leg_that_is_gone_cannot_be_dialled(stage: SwitchStage) -> None:
    call, _ = await stage.caller()
    offer, ear = await stage.leg(call)
    await stage.calls.hang_up(offer.leg)
    await stage.ended(ear)
    await stage.refused(lambda: stage.calls.dial_leg(offer, call, timeout_s=5))


async def two_phones_ring_at_once_and_each_tells_its_own(stage: SwitchStage) -> None:
    call, _ = await stage.caller()
    first, first_ear = await stage.ringing(call)
    second, second_ear = await stage.ringing(call, stage.setup.second_agent)
    await stage.setup.answers(second)
    await stage.heard(second_ear, LegAnswered)
    await stage.calls.hang_up(first.leg, answered_elsewhere=True)
    assert (await stage.ended(first_ear)).outcome is LegOutcome.CANCELLED
    assert (await stage.found(second.leg)).answered
    assert not second_ear.of(ChannelEnded)


LEG_SCENARIOS: tuple[SwitchScenario, ...] = switch_scenarios(
    a_leg_is_there_before_its_phone_rings,
    a_leg_that_was_never_dialled_can_be_taken_back,
    a_phone_that_is_nowhere_is_unreachable_and_leaves_no_leg,
    a_dialled_phone_rings,
    an_answer_is_told_of,
    a_refusal_is_told_of_with_its_code,
    a_busy_phone_is_told_of_as_busy,
    a_phone_that_nobody_answers_ends_by_the_time_out,
    a_ringing_phone_can_be_taken_back,
    an_agent_who_hangs_up_had_answered,
    hanging_up_on_an_agent_who_answered_is_no_cancelling,
    a_leg_made_again_takes_the_place_of_the_one_before,
    a_leg_of_another_process_makes_room_for_ours,
    a_leg_that_another_process_made_for_the_very_offer_is_not_ended,
    a_leg_is_ended_for_its_own_offer_only,
    an_agent_can_be_called_again_at_once_after_each_end,
    a_leg_that_is_gone_cannot_be_dialled,
    two_phones_ring_at_once_and_each_tells_its_own,
)
