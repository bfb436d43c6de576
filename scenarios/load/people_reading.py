"""The sections ``[callers.KIND]`` and ``[agents.GROUP]`` of a profile: who calls, and who answers."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

from acd.agent import AgentProfile
from acd.configuration import Configuration
from acd.configuration.wording import faults_of_known
from acd.skills import MAX_LEVEL, MIN_LEVEL, contradicts_itself, named_in
from scenarios.load.distributions import mean_of
from scenarios.load.plan import TALK_BUCKETS, AgentGroup, Audio, Change, Codec
from scenarios.load.profile import Absence, AgentKind, CallerKind
from scenarios.load.profile_section import LONGEST_S, ProfileSection

__all__ = ["MOST_AGENTS", "read_agent_kinds", "read_caller_kinds", "stand_ins"]

MOST_AGENTS = 5_000
MOST_BROWSERS = 20
LONGEST_GROUP = 57
"""Letters, so that an agent's id, the group with a number, is a name of at most 63."""
MOST_MINUTES = 1_440
MOST_WEIGHT = 1_000_000
LONGEST_RING_S = 300
USUAL_RING_S = (0.2, 0.2)
SHORTEST_EVERY_S = 1.0
ABSENCES = (
    ("breaks", Change.BREAK, Change.READY),
    ("logs_out", Change.LOG_OUT, Change.READY),
    ("unreachable", Change.UNREACHABLE, Change.REACHABLE),
)


def read_caller_kinds(root: ProfileSection, configuration: Configuration, folder: Path) -> tuple[CallerKind, ...]:
    """Every kind of callers; ``folder`` is the profile's own, from which a path counts."""
    callers = root.section("callers")
    kinds = tuple(_caller_kind(name, section, configuration, folder) for name, section in callers.values())
    queues = root.value.get("queues")
    if queues in (None, {}):
        root.fault("queues", queues, "is missing; write one queue at least, [queues.support], with numbers")
    if not kinds and callers.is_table:
        root.fault("callers", None, "is missing; write one kind of callers at least, [callers.everybody]")
    if kinds and not any(kind.share for kind in kinds):
        root.fault("callers", 0, "of no kind there is a share above 0: somebody has to call")
    if len({kind.talk for kind in kinds}) > TALK_BUCKETS // 2:
        root.fault("callers", len(kinds), f"write at most {TALK_BUCKETS // 2} different talk times")
    return kinds


def _caller_kind(name: str, section: ProfileSection, configuration: Configuration, folder: Path) -> CallerKind:
    audio = section.word_at("audio", Audio.NONE)
    kind = CallerKind(
        name=name,
        share=section.number_in("share", 0, MOST_WEIGHT, 1.0),
        queues=_weights(section, configuration),
        talk=section.needed_distribution("talk"),
        patience=section.distribution_at("patience"),
        vanishes=section.share_at("vanishes"),
        vanishes_after=section.distribution_at("vanishes_after"),
        priority=section.number_in("priority", -MOST_MINUTES, MOST_MINUTES, 0.0),
        requires=_expression(section, "requires", configuration),
        prefers=_expression(section, "prefers", configuration),
        codec=section.word_at("codec", Codec.ULAW),
        audio=audio,
        audio_file=_audio_file(section, audio, folder),
    )
    if kind.vanishes and kind.vanishes_after is None and not section.has("vanishes_after"):
        section.fault("vanishes_after", None, "is missing; say when they are gone, in seconds after they called")
    section.refuse_the_rest()
    return kind


def _weights(section: ProfileSection, configuration: Configuration) -> Mapping[str, float]:
    """Queues with weights, or a list of queues of equal weight; without either all queues."""
    value = section.value.get("queues") if section.is_table else {}
    if isinstance(value, dict):
        table = section.section("queues")
        weights = {name: table.number_in(name, 0, MOST_WEIGHT, 1.0) for name in value}
    else:
        named = section.texts_at("queues") if value is not None else tuple(configuration.queues)
        section.asked.append("queues")
        weights = dict.fromkeys(named, 1.0)
    section.faults += faults_of_known(f"{section.place}.queues", weights, "queue", configuration.queues)
    for name in weights:
        if name in configuration.queues and not configuration.queues[name].numbers:
            section.fault("queues", name, f"nobody can call it: write numbers = […] in [queues.{name}]")
    if section.is_table and configuration.queues and not any(weights.values()):
        section.fault("queues", value, "name one queue at least, with a weight above 0")
    return weights


def _expression(section: ProfileSection, key: str, configuration: Configuration) -> str:
    kept = section.requirement_at(key)
    place = f"{section.place}.{key}"
    section.faults += faults_of_known(place, sorted(named_in(kept)), "skill", configuration.skills)
    if kept and contradicts_itself(kept):
        section.fault(key, kept, "no agent whatever can meet this: it contradicts itself")
    return kept


def _audio_file(section: ProfileSection, audio: Audio, folder: Path) -> Path | None:
    said = section.text_at("audio_file", "")
    if audio is not Audio.FILE:
        if said:
            section.fault("audio_file", said, 'write audio = "file" besides, or leave it out')
        return None
    path = folder / said
    if not said:
        section.fault("audio_file", None, "is missing; write the path of what is played, as seen from the profile")
    elif not path.is_file():
        section.fault("audio_file", said, f"there is no file {path}; name one that can be read")
    return path


def read_agent_kinds(root: ProfileSection) -> tuple[AgentKind, ...]:
    """Every group of agents; its queues and skills are checked with the configuration."""
    kinds = tuple(_agent_kind(name, section) for name, section in root.section("agents").values())
    total = sum(kind.count for kind in kinds)
    if total > MOST_AGENTS:
        root.fault("agents", total, f"write at most {MOST_AGENTS} agents in all")
    browsers = sum(kind.count for kind in kinds if kind.group.browser)
    if browsers > MOST_BROWSERS:
        root.fault("agents", browsers, f"write at most {MOST_BROWSERS} agents with a browser: each is a Chromium")
    return kinds


def _agent_kind(name: str, section: ProfileSection) -> AgentKind:
    if len(name) > LONGEST_GROUP:
        section.fault("", name, f"a group's name has at most {LONGEST_GROUP} characters")
    kind = AgentKind(
        group=_group(name, section),
        count=section.whole_in("count", 0, MOST_AGENTS, 1),
        queues=section.ranks_at("queues"),
        skills=_levels(section),
        wrap_up_s=section.number_in("wrap_up_s", 0, LONGEST_S, None),
        absences=tuple(
            absence for key, begins, ends in ABSENCES if (absence := _absence(section, key, begins, ends)) is not None
        ),
    )
    section.refuse_the_rest()
    return kind


def _group(name: str, section: ProfileSection) -> AgentGroup:
    shares = {key: section.share_at(key) for key in ("rejects", "busy", "no_answer", "hangs_up_early")}
    refused = shares["rejects"] + shares["busy"] + shares["no_answer"]
    if refused > 1:
        section.fault("rejects", refused, "rejects, busy and no_answer are together 1 at most")
    return AgentGroup(
        name=name,
        ring_s=section.span_at("ring_s", 0, LONGEST_RING_S, USUAL_RING_S),
        browser=section.flag_at("browser", usual=False),
        **shares,
    )


def _levels(section: ProfileSection) -> Mapping[str, tuple[int, int]]:
    table = section.section("skills")
    levels = {}
    for name in table.value:
        low, high = table.span_at(name, MIN_LEVEL, MAX_LEVEL, (MIN_LEVEL, MIN_LEVEL))
        if low != int(low) or high != int(high):
            table.fault(name, table.value[name], "a level is a whole number")
        levels[name] = (int(low), int(high))
    return levels


def _absence(section: ProfileSection, key: str, begins: Change, ends: Change) -> Absence | None:
    table = section.table(key)
    if table is None:
        return None
    every, lasts = table.needed_distribution("every_s"), table.needed_distribution("for_s")
    table.refuse_the_rest()
    if table.has("every_s") and mean_of(every) < SHORTEST_EVERY_S:
        table.fault("every_s", table.value["every_s"], f"write at least {SHORTEST_EVERY_S:g} s on average")
    return Absence(begins=begins, ends=ends, every=every, lasts=lasts)


def stand_ins(kinds: Collection[AgentKind]) -> Mapping[str, AgentProfile]:
    """One agent for each group, under its name: what the configuration has to say against it, it says at its place."""
    return {
        kind.group.name: AgentProfile(
            id=kind.group.name,
            skills={skill: low for skill, (low, _) in kind.skills.items()},
            queues=kind.queues,
            groups=(kind.group.name,),
            wrap_up_s=kind.wrap_up_s,
        )
        for kind in kinds
    }
