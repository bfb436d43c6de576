"""Caps while news is under way: what ``make soak`` taught, as small as it gets."""

from __future__ import annotations

from acd.agent import AgentProfile, AgentStatus
from acd.call import Call
from acd.configuration import Cap, Configuration
from acd.ports import CallChange, Reservation
from acd.queue import Queue
from tests.unit.matcher_rig import LEASE_MS, MatcherRig, now_or_never


def rig_with_one_of_gold_for_vip() -> MatcherRig:
    """Two agents of one group, of whom calls of vip may have one at a time; the second is not ready yet."""
    rig = MatcherRig(
        Configuration(
            queues={name: Queue(name=name) for name in ("vip", "sales")},
            agents={
                name: AgentProfile(id=name, queues={"vip": 0, "sales": 0}, groups=("gold",)) for name in ("amy", "ben")
            },
            caps={"vip": Cap(name="vip", group="gold", queue="vip", at_most=1)},
        )
    )
    now_or_never(rig.store.set_status("ben", AgentStatus.ON_BREAK))
    now_or_never(rig.store.enqueue(Call(id="c1", queue="sales", owner="p")))
    now_or_never(rig.store.enqueue(Call(id="c2", queue="vip", owner="p")))
    rig.hear()
    assert rig.propose() == [("c1", ("amy",))]
    return rig


def test_a_call_that_was_moved_before_it_was_reserved_counts_for_the_queue_it_is_in() -> None:
    rig = rig_with_one_of_gold_for_vip()
    now_or_never(rig.store.set_status("ben", AgentStatus.READY))
    now_or_never(rig.store.change_call("c1", CallChange(queue="vip")))
    rig.hear(1)
    rig.answer_all()
    assert [offer.queue for offer in rig.unheard.values()] == ["vip"]
    assert rig.propose() == []


def test_an_agent_whom_another_process_reserved_counts_for_that_queue() -> None:
    rig = rig_with_one_of_gold_for_vip()
    now_or_never(rig.store.enqueue(Call(id="c3", queue="vip", owner="p")))
    now_or_never(rig.store.reserve(Reservation(call="c3", agents=["amy"], lease_ms=LEASE_MS)))
    now_or_never(rig.store.set_status("ben", AgentStatus.READY))
    rig.hear()
    assert rig.asked, "the proposal for amy is still out"
    assert rig.propose() == []
