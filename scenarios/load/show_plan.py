"""A plan on the terminal: what comes when, who is there to take it, by what the run passes; or each call as CSV."""

from __future__ import annotations

import csv
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import fields

from scenarios.load.arrivals import busiest
from scenarios.load.digest import digest_of
from scenarios.load.forecast import forecast_of, loads_of, sparkline
from scenarios.load.plan import AgentGroup, Change, Plan, PlannedCall
from stasis_app.cli.show import duration, print_table, say, text

__all__ = ["show_calls", "show_plan"]

WINDOW_S = 5.0
DERIVED = ("number", "talk_s")
SHARES = (("rejects", "decline"), ("busy", "busy"), ("no_answer", "not answered"), ("hangs_up_early", "hung up early"))


def show_calls(plan: Plan) -> None:
    """Every call on standard output, a line each."""
    names = [each.name for each in fields(PlannedCall)]
    rows = csv.writer(sys.stdout, lineterminator="\n")
    rows.writerow([*names, *DERIVED])
    for call in plan.calls:
        values = [getattr(call, name) for name in names]
        rows.writerow(["" if value is None else value for value in values] + [call.number, _talk(plan, call)])


def _talk(plan: Plan, call: PlannedCall) -> float:
    return plan.talk_s[call.talk_bucket]


def show_plan(plan: Plan) -> None:
    """All of it on one page."""
    for line in _heading(plan):
        say(line)
    loads = [
        {
            "queue": load.queue,
            "calls": load.calls,
            "a_minute": f"{load.calls / plan.duration_s * 60:.1f}",
            "talk": f"{load.mean_talk_s:.1f}",
            "erlang": f"{load.erlang:.1f}",
            "agents": load.agents,
        }
        for load in loads_of(plan)
    ]
    columns = [("Queue", "queue"), ("Calls #", "calls"), ("A minute #", "a_minute"), ("Talk s #", "talk")]
    columns += [("Erlang #", "erlang"), ("Agents #", "agents")]
    print_table("Expected load", [(head, text(key)) for head, key in columns], loads, empty="nobody calls")
    people = [("Agents", "group"), ("#", "count"), ("Ring s", "ring"), ("Wrap-up s #", "wrap_up"), ("Phones", "phones")]
    people.append(("Away", "away"))
    print_table("Who answers", [(head, text(key)) for head, key in people], list(_groups(plan)), empty="nobody answers")
    say("The run passes if")
    for sentence in plan.rules.sentences():
        say(f"  {sentence}")
    say(f"Seed {plan.seed}, digest {digest_of(plan)}")


def _heading(plan: Plan) -> Iterator[str]:
    times, forecast = [call.at for call in plan.calls], forecast_of(plan)
    yield f"{plan.name}: {plan.title}" if plan.title else plan.name
    rate, most = len(times) / plan.duration_s, busiest(times, WINDOW_S)
    lasts = duration(round(plan.duration_s * 1000))
    yield f"{len(times)} calls in {lasts}: {rate:.2f} a second, {most:.1f} a second in the busiest {WINDOW_S:g} s"
    yield sparkline(times, plan.duration_s)
    yield (
        f"Expected: {forecast.most_present} callers at once at most ({forecast.most_waiting} waiting, "
        f"{forecast.most_talking} talking), {forecast.abandoned} who give up or vanish waiting"
    )
    if plan.until_it_breaks:
        held = plan.ramp[0], plan.ramp[-1]
        yield f"From {held[0].per_s:g} to {held[1].per_s:g} calls a second, until a caller is lost"


def _groups(plan: Plan) -> Iterator[Mapping[str, object]]:
    counts = Counter(agent.group.name for agent in plan.agents)
    first = {agent.group.name: agent for agent in reversed(plan.agents)}
    group_of = {agent.id: agent.group.name for agent in plan.agents}
    away = Counter((group_of[change.agent], change.change) for change in plan.changes)
    for name, count in counts.items():
        agent = first[name]
        yield {
            "group": name,
            "count": count,
            "ring": " to ".join(f"{bound:g}" for bound in dict.fromkeys(agent.group.ring_s)),
            "wrap_up": f"{agent.wrap_up_s:g}",
            "phones": _phones(agent.group),
            "away": ", ".join(
                f"{away[name, change]} {change.value.replace('_', ' ')}"
                for change in (Change.BREAK, Change.LOG_OUT, Change.UNREACHABLE)
                if away[name, change]
            ),
        }


def _phones(group: AgentGroup) -> str:
    said = [f"{getattr(group, key):.0%} {word}" for key, word in SHARES if getattr(group, key)]
    return ", ".join((["in a browser"] if group.browser else []) + (said or ["always answered"]))
