"""From a profile that a person wrote to its record, or to every fault in it at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path

from acd.agent import AgentProfile
from acd.configuration import faults_of
from acd.configuration.wording import faults_of_texts
from acd.errors import Fault, InvalidConfiguration
from scenarios.load.arrivals_reading import read_arrivals
from scenarios.load.people_reading import read_agent_kinds, read_caller_kinds, stand_ins
from scenarios.load.plan import EngineName
from scenarios.load.profile import AgentKind, Profile
from scenarios.load.profile_section import LONGEST_S, ProfileSection
from scenarios.load.rules import Rules
from stasis_app.configuration_file import configuration_of, document_of

__all__ = ["read_profile"]

LONGEST_DRAIN_S = 3_600.0
USUAL_DRAIN_S = 60.0
MOST_SEED = 2**63 - 1
RULE_RANGES: Mapping[str, tuple[float, float]] = {
    "answered_share_at_least": (0, 1),
    "answered_within_s": (0, LONGEST_S),
    "abandoned_share_at_most": (0, 1),
    "late_after_ms": (1, 60_000),
    "offer_p99_ms_at_most": (1, 60_000),
    "memory_growth_mib_per_h_at_most": (0, 100_000),
}
WHOLE_RULES = ("lost_at_most", "late_offers_at_most")
MOST_COUNTED = 1_000_000


def read_profile(source: Path | str, *, folder: Path | None = None, name: str = "") -> Profile:
    """The profile in this file (a Path) or in this text (a str), with what its paths name.

    Paths in it count from ``folder``, which is the file's own if it is not said. ``name`` is the profile's where it
    says none, else the file's. Raises InvalidConfiguration with every fault found.
    """
    if isinstance(source, Path):
        folder, name = folder or source.parent, name or source.stem
    faults: list[Fault] = []
    profile = _profile(ProfileSection("", document_of(source), faults), folder or Path(), name)
    if faults:
        raise InvalidConfiguration(faults)
    return profile


def _profile(root: ProfileSection, folder: Path, name: str) -> Profile:
    heading = root.section("profile")
    duration_s = heading.needed_number("duration_s", 1, LONGEST_S)
    agents: list[AgentKind] = []

    def agents_of(section: ProfileSection) -> Mapping[str, AgentProfile]:
        agents.extend(read_agent_kinds(section))
        return stand_ins(agents)

    configuration = configuration_of(root, agents_of)
    root.faults += faults_of(configuration)
    arrivals = root.section("arrivals")
    profile = Profile(
        name=heading.text_at("name", name),
        title=heading.text_at("title", ""),
        seed=heading.whole_in("seed", 0, MOST_SEED, 1),
        engine=heading.word_at("engine", EngineName.NATIVE),
        duration_s=duration_s,
        drain_s=heading.number_in("drain_s", 0, LONGEST_DRAIN_S, USUAL_DRAIN_S),
        arrivals=read_arrivals(arrivals, duration_s=duration_s, queues=configuration.queues, folder=folder),
        callers=read_caller_kinds(root, configuration, folder),
        agents=tuple(agents),
        configuration=configuration,
        rules=_rules(root.section("rules")),
    )
    root.faults += faults_of_texts("profile", {"name": profile.name, "title": profile.title})
    heading.refuse_the_rest()
    root.refuse_the_rest()
    return profile


def _rules(section: ProfileSection) -> Rules:
    usual = Rules()
    numbers = {
        each.name: section.number_in(each.name, *RULE_RANGES[each.name], getattr(usual, each.name))
        for each in fields(Rules)
        if each.name in RULE_RANGES
    }
    wholes = {name: section.whole_in(name, 0, MOST_COUNTED, getattr(usual, name)) for name in WHOLE_RULES}
    for mark, rule in (("answered_within_s", "answered_share_at_least"), ("late_after_ms", "late_offers_at_most")):
        if section.has(mark) and not section.has(rule):
            section.fault(mark, section.value[mark], f"it says nothing without {rule}: write both or none")
    section.refuse_the_rest()
    return Rules(**numbers, **wholes)
