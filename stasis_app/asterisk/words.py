"""The few names that our process, the dialplan and the channels of an Asterisk agree on."""

from __future__ import annotations

from dataclasses import replace

import msgspec

from acd.call import Call
from acd.errors import InvalidRequirement
from acd.offer import leg_of
from acd.skills import requirement

ENTRY = "entry"
"""First argument of a caller's StasisStart; the second is the number or queue that the dialplan gave, the others are
what the call asks for (``wishes``)."""
AGENT_DIALS = "agent"
"""First argument when an agent's phone dials; outbound calls are not served yet, so it is hung up."""
OFFER = "offer"
"""First argument of an agent leg's StasisStart; the second is the offer's id."""
ADOPTED = "adopted"
"""First argument of a channel that moved here from another process."""

REQUEST_VARIABLE = "ACD_REQUEST"
"""On the caller's channel: the call's record as JSON."""
OFFER_VARIABLE = "ACD_OFFER"
"""On the agent's channel: the id of the offer that it was made for."""
RESULT_VARIABLE = "ACD_RESULT"
"""On a caller's channel that we give back to the dialplan: how the ACD was left."""
OFFER_HEADER = "X-Acd-Offer"
"""In the INVITE to the agent's phone."""

FALLBACK_CONTEXT = "acd-fallback"
"""Where the dialplan serves callers by app_queue."""

NEXT_EVENT = "acd-next"
"""Name of the event that we ask Asterisk for to hear that it is done with those before."""

LEG_PREFIX = leg_of("")
BRIDGE_PREFIX = Call(id="", queue="").bridge

_records = msgspec.json.Decoder(Call)


def request_text(call: Call) -> str:
    """The record as it is left on the caller's channel."""
    return msgspec.json.encode(call).decode()


def request_of(text: str) -> Call | None:
    """The record from a channel's variable; None if it is not one (the dialplan may write there, too), or one whose
    requirements cannot be read."""
    try:
        record = _records.decode(text)
        return replace(record, requires=requirement(record.requires), prefers=requirement(record.prefers))
    except (msgspec.MsgspecError, InvalidRequirement):
        return None
