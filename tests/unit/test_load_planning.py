"""One profile and one seed are one plan; what is said of callers and agents is what the plan holds, in its shares."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from statistics import fmean
from types import MappingProxyType

import pytest

from acd.agent import PhoneKind
from acd.configuration import faults_of
from scenarios.load.bundled import bundled_profiles
from scenarios.load.digest import canonical_text, digest_of
from scenarios.load.plan import TALK_BUCKETS, Audio, Change, Codec, EngineName, Plan
from scenarios.load.planning import plan_of
from scenarios.load.profile_reading import read_profile
from stasis_app.configuration_file import read
from tests.unit.load_profiles import profile

LONG = "duration_s = 4000"
SOME = ("smoke", "office_day", "flapping_agents", "mixed_skills", "find_the_limit")


def planned(changed: Mapping[str, str] = MappingProxyType({}), *, folder: Path | None = None) -> Plan:
    return plan_of(profile(changed, folder=folder))


def times_of(plan: Plan) -> list[float]:
    return [call.at for call in plan.calls]


@pytest.mark.parametrize("name", SOME)
def test_the_same_seed_is_the_same_plan_and_another_seed_another(name: str) -> None:
    read_once, read_again = (read_profile(bundled_profiles()[name]) for _ in range(2))

    assert canonical_text(plan_of(read_once)) == canonical_text(plan_of(read_again))
    assert digest_of(plan_of(read_once)) != digest_of(plan_of(read_once, seed=2))


def test_another_process_makes_the_same_plan() -> None:
    script = (
        "from scenarios.load.bundled import load_profile\nfrom scenarios.load.digest import digest_of\n"
        "from scenarios.load.planning import plan_of\nprint(digest_of(plan_of(load_profile('flapping_agents'))))"
    )
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert told.stdout.strip() == digest_of(plan_of(read_profile(bundled_profiles()["flapping_agents"])))


@pytest.mark.parametrize("name", sorted(set(bundled_profiles()) - {"soak"}))
def test_a_bundled_plan_is_whole(name: str) -> None:
    plan = plan_of(read_profile(bundled_profiles()[name]))

    assert times_of(plan) == sorted(times_of(plan))
    assert [call.index for call in plan.calls] == list(range(len(plan.calls)))
    assert len({call.number for call in plan.calls}) == len(plan.calls)
    assert all(call.at <= plan.duration_s for call in plan.calls)
    assert all(call.exten in plan.configuration.queues[call.queue].numbers for call in plan.calls)
    assert list(plan.talk_s) == sorted(set(plan.talk_s))
    assert len(plan.talk_s) <= TALK_BUCKETS
    assert not list(faults_of(plan.configuration))
    assert set(plan.configuration.agents) == {agent.id for agent in plan.agents}
    assert read(plan.configuration_text) == plan.configuration


def test_one_number_more_or_less_changes_the_digest() -> None:
    plan = planned()
    other = replace(plan, calls=[replace(plan.calls[0], patience_s=1.0), *plan.calls[1:]])

    assert digest_of(plan) != digest_of(other)
    assert digest_of(plan) != digest_of(replace(plan, rules=replace(plan.rules, lost_at_most=1)))
    assert digest_of(plan) != digest_of(replace(plan, engine=EngineName.FLOOR))


def test_agents_do_not_shift_arrivals_and_callers_do_not_shift_agents() -> None:
    agents = "queues = ['desk']\nskills = { german = [1, 100] }\nbreaks = { every_s = 10, for_s = 2 }\n"
    few, more = (planned({"agents.desk": f"{agents}count = {count}"}) for count in (3, 4))
    patient = planned(
        {
            "agents.desk": f"{agents}count = 3",
            "callers.everybody": "talk = { kind = 'exponential', mean_s = 5 }\npatience = 9\ncodec = 'alaw'",
        }
    )

    assert few.calls == more.calls
    assert few.agents == more.agents[:3]
    assert [change for change in more.changes if change.agent != "desk-004"] == list(few.changes)
    assert times_of(patient) == times_of(few)
    assert (patient.agents, patient.changes) == (few.agents, few.changes)


def test_kinds_of_callers_come_in_their_shares_and_call_by_their_weights() -> None:
    plan = planned(
        {
            "profile": LONG,
            "queues.desk": "numbers = ['100', '101']",
            "queues.other": "numbers = ['200']",
            "callers.everybody": "share = 3\ntalk = 5\nqueues = { desk = 1, other = 4 }\npriority = 2\ncodec = 'g722'",
            "callers.rest": "share = 1\ntalk = 7\nqueues = ['desk']\nvanishes = 0.25\nvanishes_after = 3\n"
            "patience = { kind = 'exponential', mean_s = 20 }\naudio = 'tone'\nrequires = 'german'",
        }
    )
    rest = [call for call in plan.calls if call.audio is Audio.TONE]
    everybody = [call for call in plan.calls if call.audio is Audio.NONE]
    queues, numbers = Counter(call.queue for call in everybody), Counter(call.exten for call in rest)

    assert len(rest) / len(plan.calls) == pytest.approx(0.25, abs=0.02)
    assert queues["other"] / len(everybody) == pytest.approx(0.8, abs=0.02)
    assert numbers["100"] / len(rest) == pytest.approx(0.5, abs=0.04)
    assert {(call.priority, call.codec, call.requires, call.patience_s) for call in everybody} == {
        (2, Codec.G722, "", None)
    }
    assert {call.requires for call in rest} == {"german"}
    assert fmean(call.patience_s or 0 for call in rest) == pytest.approx(20, rel=0.07)
    assert sum(call.vanishes_after_s == 3 for call in rest) / len(rest) == pytest.approx(0.25, abs=0.03)
    assert {plan.talk_s[call.talk_bucket] for call in rest} == {7}
    assert {plan.talk_s[call.talk_bucket] for call in everybody} == {5}


def test_talk_times_keep_the_mean_of_their_distribution() -> None:
    talk = "talk = { kind = 'lognormal', mean_s = 30, deviation_s = 25 }"
    plan = planned({"profile": LONG, "callers.everybody": talk})

    assert len(plan.talk_s) == TALK_BUCKETS
    assert fmean(plan.talk_s[call.talk_bucket] for call in plan.calls) == pytest.approx(30, rel=0.04)


def test_a_recorded_day_goes_before_what_is_drawn(tmp_path: Path) -> None:
    (tmp_path / "day.csv").write_text(
        "at_s,queue,talk_s,patience_s,priority\n5,other,90,7,3\n1,,,,\n", encoding="utf-8"
    )
    plan = planned(
        {
            "arrivals": "kind = 'replay'\nfile = 'day.csv'",
            "queues.other": "numbers = ['200']",
            "callers.everybody": "talk = 5\nqueues = ['desk']\npatience = 60",
        },
        folder=tmp_path,
    )
    drawn, recorded = plan.calls

    assert (drawn.at, drawn.exten, plan.talk_s[drawn.talk_bucket], drawn.patience_s, drawn.priority) == (
        (1, "100", 5, 60, 0)
    )
    assert (recorded.at, recorded.exten, plan.talk_s[recorded.talk_bucket], recorded.patience_s, recorded.priority) == (
        (5, "200", 90, 7, 3)
    )


def test_agents_are_configured_with_phones_of_their_own() -> None:
    plan = planned(
        {
            "queues.desk": "numbers = ['100']\nwrap_up_s = 7",
            "agents.desk": "count = 2\nqueues = { desk = 3 }\nskills = { german = [40, 60] }",
            "agents.web": "count = 1\nqueues = ['desk']\nbrowser = true\nwrap_up_s = 0",
            "agents.last": "count = 1\nqueues = ['desk']",
        }
    )
    people = plan.configuration.agents

    assert [(agent.id, agent.phone, agent.wrap_up_s) for agent in plan.agents] == [
        ("desk-001", "1001", 7),
        ("desk-002", "1002", 7),
        ("web-001", "", 0),
        ("last-001", "1003", 7),
    ]
    assert people["desk-001"].phone.target == "PJSIP/1001"
    assert people["desk-001"].queues == {"desk": 3}
    assert people["desk-001"].groups == ("desk",)
    assert people["desk-001"].wrap_up_s is None
    assert all(40 <= agent.skills["german"] <= 60 for agent in plan.agents[:2])
    assert people["web-001"].phone.kind is PhoneKind.PUSHED


def test_each_agent_is_away_for_one_reason_at_a_time_and_back_at_the_end() -> None:
    often = "{ every_s = { kind = 'exponential', mean_s = 6 }, for_s = { kind = 'exponential', mean_s = 4 } }"
    plan = planned(
        {
            "profile": "duration_s = 600",
            "agents.desk": f"count = 5\nqueues = ['desk']\nbreaks = {often}\nlogs_out = {often}\nunreachable = {often}",
        }
    )
    back = {Change.BREAK: Change.READY, Change.LOG_OUT: Change.READY, Change.UNREACHABLE: Change.REACHABLE}

    assert [change.at for change in plan.changes] == sorted(change.at for change in plan.changes)
    for agent in plan.agents:
        mine = [change for change in plan.changes if change.agent == agent.id]
        assert {change.change for change in mine} == set(Change)
        for leaves, returns in zip(mine[::2], mine[1::2], strict=True):
            assert returns.change is back[leaves.change]
        assert all(after.at > before.at for before, after in pairwise(mine))
        assert mine[-1].at <= plan.duration_s


def test_breaks_come_as_often_and_last_as_long_as_is_said() -> None:
    breaks = "breaks = { every_s = { kind = 'exponential', mean_s = 90 }, for_s = { kind = 'fixed', mean_s = 10 } }"
    plan = planned({"profile": LONG, "agents.desk": f"count = 20\nqueues = ['desk']\n{breaks}"})
    begun = [change for change in plan.changes if change.change is Change.BREAK]

    assert len(begun) == pytest.approx(20 * 4000 / 100, rel=0.1)


def test_a_ramp_without_end_says_so_in_the_plan() -> None:
    plan = plan_of(read_profile(bundled_profiles()["find_the_limit"]))

    assert plan.until_it_breaks
    assert plan.ramp[0].per_s == 5
    assert not planned().until_it_breaks
    assert planned().ramp == ()
