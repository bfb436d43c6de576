"""Remembers what the store refused, so that nothing is proposed again before we know what it knew."""

from __future__ import annotations

from heapq import heappop, heappush

from acd.matcher.slots import AgentSlot, Block, CallSlot

LONGEST_BLOCK_MS = 5_000
"""A block ends after this even if the event that it waits for never came."""
FIRST_PAUSE_MS = 50
LONGEST_PAUSE_MS = 1_000


class Refusals:
    """The blocks in force, by the event and by the time that ends them."""

    def __init__(self) -> None:
        self._by_position: list[tuple[tuple[int, int], int, AgentSlot | CallSlot, Block]] = []
        self._by_time: list[tuple[int, int, AgentSlot | CallSlot, Block]] = []
        self._count = 0

    def refuse(
        self, slot: AgentSlot | CallSlot, beaten_by: tuple[int, int] | None, applied: tuple[int, int], now: int
    ) -> None:
        """The store would not have this agent or call.

        If the event that beat us is still to come, nothing is proposed before it. If it has been applied, our
        knowledge may be complete by now, so one further try is free; after that, and where no event was named, each
        try waits longer, until an event of that agent or call tells more.
        """
        slot.strikes += 1
        if beaten_by is not None and beaten_by > applied:
            self._block(slot, Block(position=beaten_by, until=now + LONGEST_BLOCK_MS))
        elif beaten_by is None or slot.strikes > 1:
            pause = min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS << min(slot.strikes - 1, 10))
            self._block(slot, Block(position=None, until=now + pause))

    @property
    def waits_for_events(self) -> bool:
        """Whether some block is in force until an event."""
        return bool(self._by_position)

    @property
    def waits_for_time(self) -> bool:
        """Whether some block may be in force until a time."""
        return bool(self._by_time)

    def over_at_position(self, applied: tuple[int, int]) -> list[AgentSlot | CallSlot]:
        """Those that were blocked until an event that has been applied now; their blocks are taken off."""
        freed = []
        while self._by_position and self._by_position[0][0] <= applied:
            _, _, slot, block = heappop(self._by_position)
            if slot.block is block:
                slot.block = None
                freed.append(slot)
        return freed

    def over_at_time(self, now: int) -> list[AgentSlot | CallSlot]:
        """Those whose block has lasted long enough; their blocks are taken off."""
        freed = []
        while self._by_time and self._by_time[0][0] <= now:
            _, _, slot, block = heappop(self._by_time)
            if slot.block is block:
                slot.block = None
                freed.append(slot)
        return freed

    @property
    def next_time(self) -> int | None:
        """When the next block ends by time."""
        while self._by_time and self._by_time[0][2].block is not self._by_time[0][3]:
            heappop(self._by_time)
        return self._by_time[0][0] if self._by_time else None

    def _block(self, slot: AgentSlot | CallSlot, block: Block) -> None:
        slot.block = block
        self._count += 1
        if block.position is not None:
            heappush(self._by_position, (block.position, self._count, slot, block))
        heappush(self._by_time, (block.until, self._count, slot, block))
