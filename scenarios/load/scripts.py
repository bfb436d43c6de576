"""Writes what SIPp is to do in a load run: callers who come on time, and phones whose every choice can be repeated."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from scenarios.lab.callers import CUE, DTMF, PROVISIONAL, caller_xml
from scenarios.lab.phones import RINGS, TALKS
from scenarios.lab.sipp import by_variable, draws, scenario
from scenarios.load.engine import WISH_HEADERS
from scenarios.load.plan import NUMBER_PREFIX, AgentGroup, Codec, PlannedCall

__all__ = ["caller_rows", "caller_script", "phone_script"]

SHOWN = {Codec.ULAW: ("0", "PCMU/8000"), Codec.ALAW: ("8", "PCMA/8000"), Codec.G722: ("9", "G722/8000")}
REFUSALS = (400, 401, 403, 404, 408, 410, 480, 481, 484, 486, 488, 500, 502, 503, 504, 600, 603, 604, 606)
_NOT_IN_A_FIELD = frozenset(";[]\r\n")
SHORTEST_TALK_S = 0.7
"""How long an agent talks who hangs up early."""
WISHES = dict(zip(WISH_HEADERS.values(), ("[field3]", "[field4]", "[field5]"), strict=True))
"""What the call asks for, and the columns that it comes from."""

_WAIT = """<nop><action>
    <assignstr assign_to="delay" value="[field1]"/><todouble assign_to="milliseconds" variable="delay"/>
  </action></nop>
  <pause variable="milliseconds"/>"""
_TALK = """
  <nop><action>
    <assignstr assign_to="bucket" value="[field6]"/><todouble assign_to="talk" variable="bucket"/>
  </action></nop>
  <Reference variables="talk"/>"""
_ANSWERED = """
  <nop><action><log message="answered [call_id] [field0]"/></action></nop>"""
_REFUSED = """<label id="refused"/>
  <send next="done" ack_txn="invite"><![CDATA[
ACK sip:[field2]@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=z9hG4bKinv[pid]c[call_number]
[last_From:]
[last_To:]
Call-ID: [call_id]
CSeq: 1 ACK
Max-Forwards: 70
Content-Length: 0

]]></send>"""
_VANISH = CUE.replace("INFO", "MESSAGE").format(then="done")


def caller_script(*, codec: Codec, audio_file: str | None, wishes: bool, talk_s: Sequence[float] = ()) -> str:
    """Callers of one kind. Each row of the file that is fed to it is one of them: number, milliseconds until it dials,
    what it dials, what it asks for, and which of ``talk_s`` it talks for; without those the other side hangs up. An
    INFO makes one leave as callers do, a MESSAGE without a word."""
    payload, name = SHOWN[codec]
    port = "[rtpstream_audio_port]" if audio_file else "[media_port]"
    stream = f'<nop><action><exec rtp_stream="{audio_file},-1,{payload},{name}"/></action></nop>' if audio_file else ""
    refusals = [f'<recv response="{code}" optional="true" response_txn="invite" next="refused"/>' for code in REFUSALS]
    return caller_xml(
        from_user="[field0]",
        exten="[field2]",
        media_port=port,
        headers=WISHES if wishes else {},
        patience=None,
        talk=None,
        talk_times=talk_s,
        audio=f"m=audio {{media_port}} RTP/AVP {payload} 101\na=rtpmap:{payload} {name}\n{DTMF}",
        before=_WAIT + (_TALK if talk_s else ""),
        connected=stream + (_ANSWERED if talk_s else ""),
        provisional=(*PROVISIONAL, *refusals),
        cues=(_VANISH,),
        refused=_REFUSED,
    )


def caller_rows(calls: Sequence[PlannedCall], *, begins_at: float, per_s: float) -> Iterable[str]:
    """The lines of that file. SIPp makes ``per_s`` calls a second from ``begins_at`` on (seconds of the run), and each
    waits for its own time. Raises ValueError for what would be taken for another field or another caller."""
    yield "SEQUENTIAL"
    for place, call in enumerate(calls):
        wait_ms = max(0.0, call.at - begins_at - place / per_s) * 1000
        said = (call.exten, " ".join(call.requires.split()), " ".join(call.prefers.split()))
        for text in said:
            if set(text) & _NOT_IN_A_FIELD:
                raise ValueError(f"SIPp cannot be fed {text!r}: it has a semicolon, a bracket, or more than one line")
        yield ";".join((call.number, f"{wait_ms:.0f}", *said, f"{call.priority:g}", str(call.talk_bucket)))


def phone_script(group: AgentGroup, talk_s: Sequence[float]) -> str:
    """Phones of one group. How long one talks is told by the caller's number; what else it does goes by turns, evenly
    spread over a hundred offers, and not by SIPp's own draws, which nobody can repeat."""
    ring = draws(group.ring_s)
    early = f'<label id="early"/>\n  {by_variable("brief", (SHORTEST_TALK_S,), TALKS, then="hangup")}'
    return scenario(
        "phone",
        noted=_NOTED,
        connected='<nop><action><log message="answered [call_id] [$number]"/></action></nop>'
        '\n  <nop next="early" test="is_early"/>',
        over='<nop><action><log message="over [call_id] [$number]"/></action></nop>',
        media_port="[media_port]",
        refusal="603 Decline",
        decline_share=_choices(group, len(ring)),
        silence_share='<nop next="silence" test="is_silent"/>',
        ring=by_variable("ring", ring, RINGS, then="answer"),
        silence=by_variable("silence", (None,), RINGS, then="answer"),
        talk=f"{by_variable('talk', tuple(talk_s), TALKS, then='hangup')}\n  {early}",
    )


_NOTED = f"""<ereg regexp="sip:({NUMBER_PREFIX}[0-9]+)@" search_in="hdr" header="From:" assign_to="whole,number"/>
      <ereg regexp="[0-9]([0-9][0-9])@" search_in="hdr" header="From:" assign_to="part,bucket"/>
      <todouble assign_to="talk" variable="bucket"/>
      <log message="rung [call_id] [$number]"/>"""


def _choices(group: AgentGroup, ring_times: int) -> str:
    rejects = group.rejects * 100
    busy = rejects + group.busy * 100
    silent = busy + group.no_answer * 100
    early = 100 - group.hangs_up_early * 100
    return f"""<nop><action>
    <assignstr assign_to="count" value="00[call_number]"/>
    <ereg regexp="([0-9][0-9])$" search_in="var" variable="count" assign_to="last,digits"/>
    {_turn("turn", 37)}
    {_turn("spin", 61)}
    <assign assign_to="ring" variable="spin"/><multiply assign_to="ring" value="{ring_times / 100}"/>
    <test assign_to="is_rejected" variable="turn" compare="less_than" value="{rejects:g}"/>
    <test assign_to="is_busy" variable="turn" compare="less_than" value="{busy:g}"/>
    <test assign_to="is_silent" variable="turn" compare="less_than" value="{silent:g}"/>
    <test assign_to="is_early" variable="turn" compare="greater_than_equal" value="{early:g}"/>
  </action></nop>
  <nop next="decline" test="is_rejected"/>
  <nop next="busy" test="is_busy"/>
  <Reference variables="whole,part,talk,ring,last,turn_whole,spin_whole"/>"""


def _turn(name: str, stride: int) -> str:
    """The number of this offer, so many times, without its hundreds: SIPp has no remainder, but texts."""
    return f"""<todouble assign_to="{name}" variable="digits"/><multiply assign_to="{name}" value="{stride}"/>
    <add assign_to="{name}" value="100"/><assignstr assign_to="{name}_text" value="[${name}]"/>
    <ereg regexp="([0-9][0-9])[.]" search_in="var" variable="{name}_text" assign_to="{name}_whole,{name}_part"/>
    <todouble assign_to="{name}" variable="{name}_part"/>"""
