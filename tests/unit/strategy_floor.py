"""A floor of agents on a virtual clock, played by hand: the real matcher and store, with one queue's strategy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from acd.agent import AgentProfile, AgentStatus
from acd.call import Call, EndedBy, EndReason
from acd.configuration import Configuration
from acd.offer import Offer, OfferOutcome
from acd.ports import OfferRef, Refused
from acd.queue import CoolOff, Queue
from acd.simulation import PROCESS, SimulatedCentre, VirtualClock
from stasis_app.plugins import strategies_for

NO_COOL_OFF = CoolOff(no_answer_s=0, rejected_s=0, busy_s=0, unreachable_s=0)


class Floor:
    """Queues ``q`` and ``other`` with one strategy, and agents who log in a second apart as they are named."""

    def __init__(
        self,
        strategy: str,
        agents: str,
        *,
        absent: str = "",
        options: Mapping[str, object] | None = None,
        rank_of: Mapping[str, int] | None = None,
        **queue: Any,
    ) -> None:
        """``absent``: who does not log in yet. ``queue``: fields of both queues."""
        of_queue: dict[str, Any] = {"wrap_up_s": 0, "cool_off": NO_COOL_OFF, **queue}
        queues = {
            name: Queue(name=name, strategy=strategy, strategy_options=options or {}, **of_queue)
            for name in ("q", "other")
        }
        self.configuration = Configuration(
            version=1,
            queues=queues,
            agents={
                name: AgentProfile(id=name, queues={"q": (rank_of or {}).get(name, 0), "other": 0})
                for name in sorted([*agents.split(), *absent.split()])
            },
        )
        self.clock = VirtualClock()
        self.centre = SimulatedCentre(self.configuration, strategies_for(self.configuration), self.clock)
        for name in agents.split():
            self.log_in(name)

    def pass_s(self, seconds: float) -> None:
        """Let time pass, and whatever is due in it happen."""
        self.clock.run_until(self.clock.now() + round(seconds * 1000))

    def do(self, transition: Any) -> Any:
        """A transition of the store, and all that follows from it; a second later."""
        result = self.centre.do(transition)
        assert not isinstance(result, Refused), result
        self.pass_s(1)
        return result

    # --- agents ------------------------------------------------------------------------------------------------------

    def log_in(self, agent: str) -> None:
        self.centre.do(self.centre.store.set_reachable(agent, reachable=True, node=self.centre.node))
        self.do(self.centre.store.set_status(agent, AgentStatus.READY))

    def log_out(self, agent: str) -> None:
        self.do(self.centre.store.set_status(agent, AgentStatus.LOGGED_OUT))

    def takes_break(self, agent: str) -> None:
        """Goes, and comes back after a minute."""
        self.goes(agent)
        self.pass_s(60)
        self.comes_back(agent)

    def goes(self, agent: str) -> None:
        self.do(self.centre.store.set_status(agent, AgentStatus.ON_BREAK, reason="tea"))

    def comes_back(self, agent: str) -> None:
        self.do(self.centre.store.set_status(agent, AgentStatus.READY))

    # --- calls -------------------------------------------------------------------------------------------------------

    def call(self, name: str, queue: str = "q") -> list[str]:
        """A caller comes; whose phones ring then, in the order in which they were asked."""
        call = Call(id=name, queue=queue, owner=PROCESS, node=self.centre.node)
        self.do(self.centre.store.enqueue(call))
        return self.rung(name)

    def rung(self, call: str) -> list[str]:
        """Whose phones ring for this caller now, in the order in which they were asked."""
        return [offer.agent for offer in self._offers(call)]

    def answer(self, call: str) -> str:
        """The first of the phones that ring is answered."""
        offer = self._offers(call)[0]
        ref = _ref(offer)
        store = self.centre.store
        for transition in (store.ring(ref), store.accept(ref, lease_ms=6_000), store.connect(ref)):
            assert not isinstance(self.centre.do(transition), Refused)
        self.pass_s(1)
        return offer.agent

    def miss(self, call: str, how: OfferOutcome = OfferOutcome.NO_ANSWER) -> list[str]:
        """The first of the phones that ring rings out; whose ring then."""
        self.do(self.centre.store.end_offer(_ref(self._offers(call)[0]), how, cool_off_ms=0))
        return self.rung(call)

    def hang_up(self, call: str, *, then_s: float = 1) -> None:
        """The caller does, waiting or talking."""
        talking = self.centre.store.world.calls[call].connected_at is not None
        reason = EndReason.COMPLETED if talking else EndReason.ABANDONED
        end = self.centre.store.end_call(call, reason, owner=PROCESS, by=EndedBy.CALLER, wrap_up_ms=0)
        assert not isinstance(self.centre.do(end), Refused)
        self.pass_s(then_s)

    def serve(self, name: str, queue: str = "q", *, talk_s: float = 30) -> str:
        """A whole call: who took it."""
        self.call(name, queue)
        agent = self.answer(name)
        self.pass_s(talk_s)
        self.hang_up(name)
        return agent

    def reconfigure(self, **queue: Any) -> None:
        """A new version, with strategies made anew, and these fields of the queues changed."""
        before = self.configuration
        queues = {name: replace(each, **queue) for name, each in before.queues.items()}
        self.configuration = replace(before, version=before.version + 1, queues=queues)
        self.centre.configure(self.configuration, strategies_for(self.configuration))
        self.pass_s(1)

    def _offers(self, call: str) -> list[Offer]:
        world = self.centre.store.world
        return sorted((world.offers[offer] for offer in world.calls[call].offers), key=lambda offer: offer.fence)


def _ref(offer: Offer) -> OfferRef:
    return OfferRef(id=offer.id, fence=offer.fence, owner=offer.owner)
