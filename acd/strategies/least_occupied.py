"""Whoever was busy for the smallest part of the shift is asked first: load is shared out, whenever people came."""

from __future__ import annotations

from acd.strategy import Candidate, Ranking, Situation


class LeastOccupied:
    """Lower ranks first; within a rank the smallest share of the time since log-in spent on calls; then longest idle.

    Ringing, talking and wrap-up are time on calls; a break is not, yet it is part of the shift.
    """

    def rank(self, situation: Situation) -> Ranking:
        """By rank, busy share of the shift, start of the idle clock, the last offer, id."""
        queue, now = situation.queue, situation.now

        def place(agent: Candidate) -> tuple[int, float, int, int, str]:
            live = agent.live
            return (
                agent.rank_in(queue.name),
                live.shift_busy_ms / max(1, now - live.shift_since),
                agent.idle_start(queue),
                live.offered_at,
                agent.id,
            )

        ordered = sorted(situation.candidates, key=place)
        if not ordered:
            return Ranking(())
        share = place(ordered[0])[1]
        return Ranking([agent.id for agent in ordered], f"busy for {share:.0%} of the shift")
