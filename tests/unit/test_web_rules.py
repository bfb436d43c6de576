"""The table of rules and the table of routes: complete, documented, and checked against each other."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pytest

from acd.errors import AcdError, Fault, IllegalTransition, InvalidConfiguration, StoreUnavailable
from stasis_app.agent_desk import AgentUnknown
from stasis_app.database import Role
from stasis_app.web.bodies import Body, HistoryQuery, LogIn, StatusWish, decoded, from_query
from stasis_app.web.problems import Problem, problem_of
from stasis_app.web.routes import PREFIX, ROUTES
from stasis_app.web.rules import Identity, Rule, allowed

DOCS = Path(__file__).parents[2] / "docs" / "api.md"

ANN = Identity(name="ann", role=Role.AGENT, agent="ann")
SUE = Identity(name="sue", role=Role.SUPERVISOR)
ROOT = Identity(name="root", role=Role.ADMIN)
KEY = Identity(name="local", role=Role.ADMIN, by_key=True)


@pytest.mark.parametrize(
    ("rule", "those_who_may"),
    [
        (Rule.ANYONE, [None, ANN, SUE, ROOT, KEY]),
        (Rule.SIGNED_IN, [ANN, SUE, ROOT, KEY]),
        (Rule.OWN_OR_SUPERVISOR, [SUE, ROOT, KEY]),
        (Rule.SUPERVISOR, [SUE, ROOT, KEY]),
        (Rule.ADMIN, [ROOT, KEY]),
    ],
)
def test_a_rule_lets_in_exactly_these(rule: Rule, those_who_may: list[Identity | None]) -> None:
    everybody = [None, ANN, SUE, ROOT, KEY]

    assert [who for who in everybody if allowed(rule, who, agent="bob")] == those_who_may


def test_an_agent_may_what_concerns_only_itself() -> None:
    assert allowed(Rule.OWN_OR_SUPERVISOR, ANN, agent="ann")
    assert not allowed(Rule.OWN_OR_SUPERVISOR, ANN, agent="bob")
    assert not allowed(Rule.OWN_OR_SUPERVISOR, ANN, agent=None)
    assert not allowed(Rule.OWN_OR_SUPERVISOR, Identity(name="ann", role=Role.AGENT), agent="ann")


def test_only_routes_that_name_an_agent_ask_whose_it_is() -> None:
    for route in ROUTES:
        if route.rule is Rule.OWN_OR_SUPERVISOR:
            assert "{agent}" in route.path


def test_every_route_says_in_a_sentence_what_it_does() -> None:
    for route in ROUTES:
        assert re.fullmatch(r"[A-Z].+\.", route.summary), (route.method, route.path, route.summary)


def test_no_route_is_there_twice() -> None:
    places = [(route.method, route.path) for route in ROUTES]

    assert len(places) == len(set(places))


def documented() -> set[tuple[str, str, str, str]]:
    rows = re.findall(
        r"^\| `(\w+)` \| `(/\S*)` \| ([^|]+) \| ([^|]*) \|", DOCS.read_text(encoding="utf-8"), re.MULTILINE
    )
    return {(method, path, rule.strip(), body.strip()) for method, path, rule, body in rows}


def fields_of(kind: type[Body] | None) -> str:
    if kind is None:
        return ""
    return ", ".join(
        f"`{field.encode_name}`" + ("" if field.required else "?") for field in msgspec.structs.fields(kind)
    )


def test_the_documentation_has_every_route_with_its_rule_and_its_fields() -> None:
    expected = {
        (
            route.method,
            PREFIX + route.path,
            route.rule.value,
            fields_of(route.body or route.query) or (f"`{route.text_body}`" if route.text_body else ""),
        )
        for route in ROUTES
    }

    assert documented() == expected


def test_all_faults_of_a_body_are_found_at_once() -> None:
    with pytest.raises(Problem) as caught:
        decoded(b'{"name": "", "passwort": "x"}', LogIn)

    assert [fault.place for fault in caught.value.faults] == ["passwort", "name", "password"]
    assert caught.value.status == 422


def test_a_right_body_is_what_was_sent() -> None:
    assert decoded(b'{"status": "ready"}', StatusWish).status == "ready"


def test_numbers_of_a_query_are_read_and_bounded() -> None:
    assert from_query({"limit": "7"}, HistoryQuery).limit == 7
    with pytest.raises(Problem, match="limit"):
        from_query({"limit": "100000"}, HistoryQuery)
    with pytest.raises(Problem, match="no such field"):
        from_query({"page": "2"}, HistoryQuery)


def test_a_secret_is_not_shown_in_a_fault() -> None:
    problem = Problem(422, "x", "y", faults=[Fault(place="users.ann.password", value="hunter2", remedy="no")])

    assert b"hunter2" not in msgspec.json.encode(problem.view())


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (AgentUnknown("x"), 404),
        (InvalidConfiguration([Fault(place="a", value=1, remedy="b")]), 422),
        (StoreUnavailable("down"), 503),
        (IllegalTransition("call", "queued", "connect"), 500),
    ],
)
def test_each_kind_of_error_has_its_status(error: AcdError, status: int) -> None:
    assert problem_of(error).status == status


def test_a_bug_of_ours_tells_strangers_nothing() -> None:
    assert "queued" not in problem_of(IllegalTransition("call", "queued", "connect")).detail
