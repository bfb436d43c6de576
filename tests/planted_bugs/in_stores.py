"""Wrong commits: bugs in the store in memory, and in the scripts of the one in Redis."""

from __future__ import annotations

from tests.planted_bugs import Bug, Suite

_SCRIPTS = "stasis_app/redis_store/scripts"

STORE_BUGS = (
    Bug(
        name="drop the fence check (memory)",
        path="acd/memory/calls.py",
        was="        if offer.fence != ref.fence:",
        becomes="        if offer.fence < 0:",
        near=Suite.STORES,
    ),
    Bug(
        name="drop the fence check (Redis)",
        path=f"{_SCRIPTS}/include/offers.lua",
        was="  if offer.fence ~= tonumber(fence) then",
        becomes="  if offer.fence ~= tonumber(fence) and offer.fence < 0 then",
        near=Suite.STORES,
    ),
    Bug(
        name="an agent is reserved whatever the agent does (Redis)",
        path=f"{_SCRIPTS}/reserve.lua",
        was="agent.activity == AgentActivity.IDLE and agent.reachable",
        becomes="agent.reachable",
        near=Suite.STORES,
    ),
    Bug(
        name="an agent in a cool-off is reserved (memory)",
        path="acd/agent.py",
        was="        return self.is_free and self.cool_until <= now",
        becomes="        return self.is_free",
        near=Suite.STORES,
    ),
    Bug(
        name="forget to requeue: a call whose winner was lost stays connecting",
        path="acd/memory/steps.py",
        was="        if after.state in {CallState.OFFERED, CallState.CONNECTING}:",
        becomes="        if after.state is CallState.OFFERED:",
        near=Suite.STORES,
    ),
    Bug(
        name="forget to requeue (Redis)",
        path=f"{_SCRIPTS}/include/offers.lua",
        was="    step(CALL_TRANSITIONS, call, 'state', CallTrigger.LAST_OFFER_ENDED)",
        becomes="    call.state_since = now",
        near=Suite.STORES,
    ),
    Bug(
        name="skip wrap-up",
        path="acd/memory/steps.py",
        was="        if wrap_up_ms > 0:",
        becomes="        if wrap_up_ms > 86_400_000:",
        near=Suite.STORES,
    ),
    Bug(
        name="double-count an answered call (Redis)",
        path=f"{_SCRIPTS}/connect.lua",
        was="nil, 0, agent.answered + 1",
        becomes="nil, 0, agent.answered + 2",
        near=Suite.STORES,
    ),
    Bug(
        name="losers ring on when a winner is connected",
        path="acd/memory/calls.py",
        was="            change.end_offer(loser, OfferOutcome.ANSWERED_ELSEWHERE)",
        becomes="            assert loser.call == call.id",
        near=Suite.STORES,
    ),
    Bug(
        name="two offers of one call win",
        path=f"{_SCRIPTS}/accept.lua",
        was="if not step(CALL_TRANSITIONS, call, 'state', CallTrigger.ACCEPT) then",
        becomes="if not step(CALL_TRANSITIONS, call, 'state', CallTrigger.ACCEPT) and call.state ~= 'connecting' then",
        near=Suite.STORES,
    ),
    Bug(
        name="an answer after the lease wins",
        path=f"{_SCRIPTS}/accept.lua",
        was="if offer.lease_until <= now then",
        becomes="if offer.lease_until <= 0 then",
        near=Suite.STORES,
    ),
    Bug(
        name="a missed offer leaves the idle clock alone",
        path="acd/memory/steps.py",
        was="            agent = replace(agent, missed=agent.missed + 1, idle_since=now, missed_at=now)",
        becomes="            agent = replace(agent, missed=agent.missed + 1)",
        near=Suite.STORES,
    ),
    Bug(
        name="a call that waits again loses its place",
        path="acd/memory/steps.py",
        was="        return call if call.offers else moved_call(call, CallTrigger.LAST_OFFER_ENDED, self.now)",
        becomes="        return call if call.offers else replace(\n"
        "            moved_call(call, CallTrigger.LAST_OFFER_ENDED, self.now), queued_at=self.now\n        )",
        near=Suite.STORES,
    ),
    Bug(
        name="the offer round's beginning is not kept",
        path="acd/memory/calls.py",
        was="            round_at=call.round_at if call.offers else now,",
        becomes="            round_at=now,",
        near=Suite.STORES,
    ),
    Bug(
        name="misses are counted for ever",
        path="acd/memory/calls.py",
        was="            missed=0,\n",
        becomes="",
        near=Suite.STORES,
    ),
    Bug(
        name="two processes lead",
        path=f"{_SCRIPTS}/lead.lua",
        was="if leader and leader ~= ARGV[2] then",
        becomes="if leader and leader == '' then",
        near=Suite.STORES,
    ),
    Bug(
        name="a call is taken from a process that lives",
        path="acd/memory/calls.py",
        was="        if self.world.processes.get(previous, 0) > self.world.clock():",
        becomes="        if self.world.processes.get(previous, 0) > 2 * self.world.clock():",
        near=Suite.STORES,
    ),
)
