"""Every key of a pool in Redis, with its type: one hash tag per pool, so that a pool lives in one slot of a cluster.

==================  ===========  =====================================================================================
``epoch``           hash         ``id``, ``ready`` (0, 1), ``run`` (of the server, when the epoch began), ``version``
                                 of the configuration, ``first`` (oldest event left once any was given up), and while
                                 a process rebuilds ``rebuilder``, ``rebuild_lease``, ``rebuild_until`` (ms)
``agents``          hash         agent id → record
``calls``           hash         call id → record, while the call lives
``offers``          hash         offer id → record, while the offer lives or its call talks
``ended:<epoch>:…`` string       call id → the record (JSON alone) with which it ended; expires after ten minutes
``deadlines``       sorted set   ``kind|subject`` by the time in ms at which it is due
``fence``           string       the number of the latest reservation
``steps``           set          ``queue|step``: steps that count by a live figure, of the version announced
``leaving``         set          agents who are no longer configured and go when they become idle
``processes``       sorted set   process by the end of its lease in ms
``leader``          string       the distributing process; expires with its lease
``events``          stream       ``kind``, ``body`` (JSON)
``consumers``       hash         consumer → id of the last event that it has kept
==================  ===========  =====================================================================================

A record is ``<id of the last event that changed it>|<JSON>``. Scripts are given ``epoch`` alone and name the others
after it.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of one pool that Python names itself."""

    pool: str

    @property
    def root(self) -> str:
        """What all of them begin with; the braces make it the part that is hashed."""
        return f"acd:{{{self.pool}}}:"

    @property
    def epoch(self) -> str:
        """Hash: see above."""
        return f"{self.root}epoch"

    @property
    def agents(self) -> str:
        """Hash of records."""
        return f"{self.root}agents"

    @property
    def calls(self) -> str:
        """Hash of records."""
        return f"{self.root}calls"

    @property
    def offers(self) -> str:
        """Hash of records."""
        return f"{self.root}offers"

    def ended(self, epoch: str, call: str) -> str:
        """The record with which a call ended in this epoch."""
        return f"{self.root}ended:{epoch}:{call}"

    @property
    def deadlines(self) -> str:
        """Sorted set of ``kind|subject``."""
        return f"{self.root}deadlines"

    @property
    def processes(self) -> str:
        """Sorted set of process names."""
        return f"{self.root}processes"

    @property
    def events(self) -> str:
        """The pool's stream."""
        return f"{self.root}events"
