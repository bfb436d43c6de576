"""Every event carries when and in which order this process received it, as Asterisk numbers none."""

from __future__ import annotations

import builtins

import msgspec

__all__ = ["Received", "stamp"]


class Received(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What every event has besides Asterisk's own fields.

    `sequence` counts the messages of one node from 1 in the order of their arrival;
    `received_at` is this process's monotonic clock in seconds. Both are 0 in an event that was not
    received. (The odd wire names keep a field of Asterisk's from ever landing here.)
    """

    sequence: int = msgspec.field(name="#sequence", default=0)
    received_at: float = msgspec.field(name="#received_at", default=0.0)

    @property
    def type(self) -> str:
        """Asterisk's name of the event."""
        return builtins.type(self).__name__


def stamp(event: Received, *, sequence: int, received_at: float) -> None:
    """Write the reception into an event that has just been decoded and that nobody holds yet."""
    msgspec.structs.force_setattr(event, "sequence", sequence)
    msgspec.structs.force_setattr(event, "received_at", received_at)
