"""Wrong acts and wrong figures: bugs in the flow of a call, the distributor, strategies and reports."""

from __future__ import annotations

from tests.planted_bugs import Bug, Suite

FLOW_BUGS = (
    Bug(
        name="release before BYE: the agent is freed while the leg still rings",
        path="stasis_app/call_flow/course.py",
        was="            await self.channels.give_up(winner)\n            await self.end_offer(winner.offer",
        becomes="            await self.end_offer(winner.offer",
        near=Suite.LIVES,
    ),
    Bug(
        name="a phone is dialled without the commit",
        path="stasis_app/call_flow/ringing.py",
        was="                committing = tasks.create_task(_commit(world, offer))\n",
        becomes="                committing = tasks.create_task(asyncio.sleep(0, offer))\n",
        near=Suite.LIVES,
    ),
    Bug(
        name="no cool-off is asked for",
        path="stasis_app/call_flow/course.py",
        was="            cool_off_ms=round(seconds * 1000),",
        becomes="            cool_off_ms=0,",
        near=Suite.LIVES,
    ),
    Bug(
        name="one seen in the bridge is enough",
        path="stasis_app/call_flow/course.py",
        was="not (winner.in_bridge and self.channels.caller.in_bridge):\n            return\n",
        becomes="not (winner.in_bridge or self.channels.caller.in_bridge):\n            return\n",
        near=Suite.LIVES,
    ),
    Bug(
        name="the losers of a round are not hung up",
        path="stasis_app/call_flow/course.py",
        was="        if leg is not None and leg.offer is not None and leg.offer.id == event.offer.id:\n"
        "            await self.channels.give_up",
        becomes="        if leg is not None and leg.offer is None:\n            await self.channels.give_up",
        near=Suite.LIVES,
    ),
    Bug(
        name="a distributor without the lead decides",
        path="stasis_app/distributor.py",
        was="            if self._may_act():",
        becomes="            if self._began.is_set():",
    ),
    Bug(
        name="the distributor sleeps through deadlines",
        path="stasis_app/distributor.py",
        was="        deadline = self._matcher.next_deadline()\n",
        becomes="        deadline: int | None = None\n",
    ),
    Bug(
        name="lower ranks are asked last",
        path="acd/strategies/longest_idle.py",
        was="agent.rank_in(queue.name)",
        becomes="-agent.rank_in(queue.name)",
    ),
    Bug(
        name="double-count a caller who gave up",
        path="acd/reports.py",
        was="        abandoned=len(abandoned),",
        becomes="        abandoned=len(abandoned) + len(answered),",
    ),
    Bug(
        name="breaks do not restart the idle clock",
        path="acd/strategy.py",
        was="return max(start, live.ready_at) if queue.breaks_restart_idle_clock else start",
        becomes="return start",
    ),
)
