"""The control API over real parts: what each role gets, what it is refused, and how clearly."""

from __future__ import annotations

import re
from typing import Any

import aiohttp
import pytest

from acd.call import EndedBy, EndReason
from stasis_app.web.routes import PREFIX, ROUTES
from stasis_app.web.rules import Rule

PATHS = {"{agent}": "ann", "{queue}": "support", "{call}": "c1", "{user}": "sue"}
ROLE_OF = {"ann": "agent", "carl": "agent", "sue": "supervisor", "root": "admin"}
MAY = {
    Rule.ANYONE: {"ann", "carl", "sue", "root"},
    Rule.SIGNED_IN: {"ann", "carl", "sue", "root"},
    Rule.OWN_OR_SUPERVISOR: {"ann", "sue", "root"},
    Rule.SUPERVISOR: {"sue", "root"},
    Rule.ADMIN: {"root"},
}


def path_of(path: str) -> str:
    return re.sub(r"\{\w+\}", lambda found: PATHS[found[0]], path)


async def test_every_route_lets_in_exactly_whom_its_rule_names(open_stage: Any) -> None:
    async with open_stage() as stage:
        people = {name: await stage.logged_in(name) for name in ROLE_OF}
        for route in ROUTES:
            if route.socket or (route.method, route.path) in {("DELETE", "/session"), ("DELETE", "/users/{user}")}:
                continue
            for name, session in people.items():
                # A body of the wrong type is refused after the rule was asked, so nothing is changed here.
                more = {"data": b"x", "headers": {"Content-Type": "text/plain"}} if route.method == "PUT" else {}
                status, body = await stage.ask(route.method, path_of(route.path), by=session, **more)
                refused = status == 403 and body["type"].endswith(":forbidden")

                assert refused == (name not in MAY[route.rule]), (route.method, route.path, name, status, body)


async def test_without_a_session_everything_but_health_and_log_in_is_closed(open_stage: Any) -> None:
    async with open_stage() as stage:
        for route in ROUTES:
            status, body = await stage.ask(route.method, path_of(route.path))
            expected_open = route.rule is Rule.ANYONE

            assert (status != 401) == expected_open, (route.method, route.path, status)
            if not expected_open:
                assert body["type"] == "urn:stasis-acd:problem:log-in-needed"


async def test_nothing_is_served_beside_the_table(open_stage: Any) -> None:
    async with open_stage() as stage:
        served = {
            (route.method, route.resource.canonical)
            for route in stage.api.application.router.routes()
            if route.method != "HEAD"
        }

        assert served == {(route.method, PREFIX + route.path) for route in ROUTES}


async def test_the_local_key_is_admin_and_a_wrong_key_is_nobody(open_stage: Any) -> None:
    async with open_stage() as stage:
        right, _ = await stage.ask("GET", "/users", key=True)
        wrong, body = await stage.ask("GET", "/health", headers={"Authorization": "Bearer 0000"})

        assert (right, wrong) == (200, 401)
        assert body["type"] == "urn:stasis-acd:problem:key-wrong"


async def test_the_key_is_kept_readable_by_the_owner_alone(open_stage: Any) -> None:
    async with open_stage() as stage:
        for name in ("control.key", "session.key", "control.sock"):
            assert (stage.data_folder / name).stat().st_mode & 0o077 == 0


async def test_a_session_begins_with_the_password_and_ends_with_log_out(open_stage: Any) -> None:
    async with open_stage() as stage:
        session = await stage.logged_in("ann")
        [cookie] = session.cookie_jar
        before = await stage.ask("GET", "/session", by=session)
        token = cookie.value
        await stage.ask("DELETE", "/session", by=session)
        replayed, _ = await stage.ask("GET", "/session", headers={"Cookie": f"{cookie.key}={token}"})

        assert before == (200, {"name": "ann", "role": "agent", "agent": "ann", "shown_as": "Ann Arbor"})
        assert cookie["httponly"]
        assert cookie["samesite"] == "Strict"
        assert not cookie["secure"]
        assert replayed == 401


async def test_behind_https_the_cookie_is_secure_and_bound_to_the_host(open_stage: Any) -> None:
    async with open_stage(public_origins=("https://acd.example",)) as stage:
        async with stage.http.post(
            f"{stage.url}/api/v1/session", json={"name": "ann", "password": "correct horse battery"}
        ) as response:
            header = response.headers["Set-Cookie"]

        assert header.startswith("__Host-stasis_acd_session=")
        assert "Secure" in header


async def test_a_changed_password_ends_every_session_of_the_user(open_stage: Any) -> None:
    async with open_stage() as stage:
        session = await stage.logged_in("ann")
        changed, _ = await stage.ask("PUT", "/users/ann/password", key=True, json={"password": "another long one"})
        status, _ = await stage.ask("GET", "/session", by=session)

        assert (changed, status) == (204, 401)


async def test_a_removed_user_is_out_at_once(open_stage: Any) -> None:
    async with open_stage() as stage:
        session = await stage.logged_in("ann")
        removed, _ = await stage.ask("DELETE", "/users/ann", key=True)
        status, _ = await stage.ask("GET", "/session", by=session)
        again, problem = await stage.ask("DELETE", "/users/ann", key=True)

        assert (removed, status, again) == (204, 401, 404)
        assert "ann" in problem["detail"]


async def test_the_sixth_wrong_password_in_a_minute_has_to_wait(open_stage: Any) -> None:
    async with open_stage() as stage:
        wrong = {"name": "ann", "password": "wrong"}
        statuses = [(await stage.ask("POST", "/session", json=wrong))[0] for _ in range(5)]
        async with stage.http.post(f"{stage.url}/api/v1/session", json=wrong) as response:
            refused, retry = response.status, int(response.headers["Retry-After"])
        other, _ = await stage.ask("POST", "/session", json={"name": "bob", "password": "correct horse battery"})

        assert statuses == [401] * 5
        assert refused == 429
        assert 0 < retry <= 60
        assert other == 201


async def test_pages_of_other_origins_are_refused_even_with_a_session(open_stage: Any) -> None:
    async with open_stage() as stage:
        session = await stage.logged_in("ann")
        foreign = {"Origin": "https://evil.example"}
        status, body = await stage.ask("PUT", "/me/status", by=session, json={"status": "ready"}, headers=foreign)
        own, _ = await stage.ask(
            "PUT", "/me/status", by=session, json={"status": "ready"}, headers={"Origin": stage.url}
        )

        assert (status, own) == (403, 200)
        assert "evil.example" in body["detail"]
        for origin in (foreign, {}):
            with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
                await session.ws_connect(f"{stage.url}/api/v1/events", headers=origin)
            assert refused.value.status == 403


async def test_every_answer_carries_the_headers_that_tie_a_browser_down(open_stage: Any) -> None:
    async with open_stage() as stage:
        for path in ("/api/v1/health", "/api/v1/agents", "/nothing"):
            async with stage.http.get(stage.url + path) as response:
                policy = response.headers["Content-Security-Policy"]

                assert "unsafe-inline" not in policy
                assert "default-src 'none'" in policy
                assert "frame-ancestors 'none'" in policy
                assert "connect-src 'self' wss://pbx.example:8089;" in policy
                assert response.headers["X-Content-Type-Options"] == "nosniff"
                assert response.headers["Cache-Control"] == "no-store"


async def test_all_faults_of_a_body_come_at_once(open_stage: Any) -> None:
    async with open_stage() as stage:
        sent = {"status": "redy", "reason": 5, "mood": "fine"}
        status, body = await stage.ask("PUT", "/agents/ann/status", key=True, json=sent)

        assert status == 422
        assert [fault["place"] for fault in body["faults"]] == ["mood", "status", "reason"]
        assert "write one of logged_out, ready, on_break" in body["faults"][1]["remedy"]


@pytest.mark.parametrize(
    ("data", "content_type", "status"),
    [(b"{", "application/json", 400), (b"[]", "application/json", 400), (b"{}", "text/plain", 415)],
)
async def test_a_body_that_cannot_be_read_is_refused_in_a_sentence(
    open_stage: Any, data: bytes, content_type: str, status: int
) -> None:
    async with open_stage() as stage:
        answered, body = await stage.ask(
            "PUT", "/agents/ann/status", key=True, data=data, headers={"Content-Type": content_type}
        )

        assert answered == body["status"] == status
        assert body["detail"]


async def test_passwords_are_never_echoed(open_stage: Any) -> None:
    async with open_stage() as stage:
        sent = {"name": "New Man", "password": "hunter2", "role": "agent"}
        _, poor = await stage.ask("POST", "/users", key=True, json=sent)
        _, wrong_type = await stage.ask("POST", "/users", key=True, json={**sent, "password": ["hunter2"]})

        assert len(poor["faults"]) == 2
        assert "hunter2" not in f"{poor}{wrong_type}"


async def test_a_user_can_be_added_and_listed(open_stage: Any) -> None:
    async with open_stage() as stage:
        sent = {"name": "dora", "password": "long enough it is", "role": "agent"}
        added = await stage.ask("POST", "/users", key=True, json=sent)
        again, taken = await stage.ask("POST", "/users", key=True, json=sent)
        _, users = await stage.ask("GET", "/users", key=True)

        assert added == (201, {"name": "dora", "role": "agent", "agent": "dora"})
        assert again == 422
        assert "dora" in taken["detail"]
        assert {"name": "dora", "role": "agent", "agent": "dora"} in users


async def test_an_agent_goes_ready_on_break_and_out(open_stage: Any) -> None:
    async with open_stage() as stage:
        ann = await stage.logged_in("ann")
        _, ready = await stage.ask("PUT", "/me/status", by=ann, json={"status": "ready"})
        _, paused = await stage.ask(
            "PUT", "/agents/ann/status", by=ann, json={"status": "on_break", "reason": " Lunch "}
        )
        unreasoned, problem = await stage.ask("PUT", "/me/status", by=ann, json={"status": "on_break"})
        _, out = await stage.ask("PUT", "/me/status", by=ann, json={"status": "logged_out"})

        assert ready["status"] == "ready"
        assert (paused["status"], paused["break_reason"]) == ("on_break", "Lunch")
        assert unreasoned == 422
        assert "1 to 40 characters" in problem["detail"]
        assert out["status"] == "logged_out"


async def test_an_unknown_agent_gets_the_nearest_names(open_stage: Any) -> None:
    async with open_stage() as stage:
        for method, path in (("PUT", "/agents/an/status"), ("GET", "/agents/an"), ("GET", "/agents/an/explain")):
            more = {"json": {"status": "ready"}} if method == "PUT" else {}
            status, body = await stage.ask(method, path, key=True, **more)

            assert status == 404
            assert body["nearest"] == ["ann"]
            assert "did you mean ann?" in body["detail"]


async def test_a_desk_shows_the_offer_and_hides_other_agents(open_stage: Any) -> None:
    async with open_stage() as stage:
        await stage.ready("ann", "bob")
        await stage.waiting("c1")
        await stage.offered("c1", "ann")
        ann = await stage.logged_in("ann")
        _, desk = await stage.ask("GET", "/me/desk", by=ann)
        _, whole = await stage.ask("GET", "/calls/c1", key=True)

        assert desk["call"]["queue_title"] == "Technical support"
        assert desk["call"]["caller_name"] == "Jonas"
        assert desk["offer"]["why"] == "longest idle"
        assert desk["offer"]["ring_until"] == desk["offer"]["dialled_at"] + 15_000
        assert desk["call"]["offered_to"] == []
        assert whole["offered_to"] == ["ann"]
        assert whole["owner"] == "acd-1"


async def test_wrap_up_ends_on_word_and_only_once(open_stage: Any) -> None:
    async with open_stage() as stage:
        await stage.ready("ann")
        await stage.waiting("c1")
        await stage.connected("c1", "ann")
        early, problem = await stage.ask("POST", "/agents/ann/wrap-up/end", key=True)
        await stage.store.end_call("c1", EndReason.COMPLETED, owner="acd-1", by=EndedBy.CALLER, wrap_up_ms=60_000)
        done, agent = await stage.ask("POST", "/agents/ann/wrap-up/end", key=True)
        again, _ = await stage.ask("POST", "/agents/ann/wrap-up/end", key=True)

        assert (early, done, again) == (409, 200, 409)
        assert "talking" in problem["detail"]
        assert agent["activity"] == "idle"


async def test_a_phone_is_told_to_its_own_agent_only(open_stage: Any) -> None:
    async with open_stage() as stage:
        _, mine = await stage.ask("GET", "/me/phone", by=await stage.logged_in("ann"))
        _, desk_phone = await stage.ask("GET", "/me/phone", by=await stage.logged_in("carl"))
        none, problem = await stage.ask("GET", "/me/phone", by=await stage.logged_in("sue"))

        assert mine["registration"]["identity"] == "acd-ann"
        assert mine["ice_servers"] == [{"urls": ["stun:stun.example"]}]
        assert mine["auto_answer"] is False
        assert (desk_phone["kind"], desk_phone["target"], desk_phone["registration"]) == (
            "endpoint",
            "PJSIP/carl",
            None,
        )
        assert none == 404
        assert problem["detail"].startswith("sue is no agent")


async def test_queues_count_who_waits_and_who_is_there(open_stage: Any) -> None:
    async with open_stage() as stage:
        await stage.ready("ann", "bob")
        for call in ("c1", "c2", "c3"):
            await stage.waiting(call)
        await stage.connected("c1", "bob")
        _, queue = await stage.ask("GET", "/queues/support", key=True)
        _, queues = await stage.ask("GET", "/queues", key=True)
        _, calls = await stage.ask("GET", "/calls?queue=support", key=True)
        unknown, problem = await stage.ask("GET", "/queues/suport", key=True)

        assert (queue["waiting"], queue["talking"], queue["agents"], queue["available"]) == (2, 1, 2, 1)
        assert [each["name"] for each in queues] == ["billing", "support"]
        assert [call["id"] for call in calls] == ["c1", "c2", "c3"]
        assert unknown == 404
        assert problem["nearest"] == ["support"]


async def test_it_says_why(open_stage: Any) -> None:
    async with open_stage() as stage:
        await stage.waiting("c1")
        async with stage.http.ws_connect(f"{stage.url}/api/v1/events", headers=stage.key) as live:
            # The matcher hears of the call by the same feed, before this listener does.
            snapshot = await live.receive_json()
            assert [call["id"] for call in snapshot["calls"]] == ["c1"]
        status, call = await stage.ask("GET", "/calls/c1/explain", key=True)
        _, agent = await stage.ask("GET", "/agents/ann/explain", key=True)
        unknown, _ = await stage.ask("GET", "/calls/nope/explain", key=True)

        assert status == 200
        assert call["subject"] == "c1"
        assert call["sentences"]
        assert agent["sentences"]
        assert unknown == 404


async def test_a_supervisor_can_end_a_call_that_is_live(open_stage: Any) -> None:
    async with open_stage() as stage:
        await stage.waiting("c1")
        sue = await stage.logged_in("sue")
        ended, _ = await stage.ask("DELETE", "/calls/c1", by=sue)
        unknown, problem = await stage.ask("DELETE", "/calls/c9", by=sue)

        assert (ended, stage.hung_up) == (204, ["c1"])
        assert unknown == 404
        assert "c9" in problem["detail"]


async def test_a_configuration_is_applied_whole_or_not_at_all(open_stage: Any) -> None:
    async with open_stage() as stage:
        toml = {"Content-Type": "application/toml"}
        bad = b"[queues.x]\nring_timeout_s = 900\noffer_width = 99\n[agents.Y]\n"
        status, problem = await stage.ask("PUT", "/configuration", key=True, data=bad, headers=toml)
        good = b"[queues.x]\n[agents.y]\nqueues = ['x']\n"
        applied, version = await stage.ask("PUT", "/configuration", key=True, data=good, headers=toml)
        _, versions = await stage.ask("GET", "/configuration/versions", key=True)
        _, old = await stage.ask("GET", "/configuration?version=1", key=True)
        unknown, _ = await stage.ask("GET", "/configuration?version=77", key=True)

        assert status == 422
        assert len(problem["faults"]) == 3
        assert (applied, version) == (200, {"version": 2, "remarks": []})
        assert [(each["version"], each["author"]) for each in versions] == [(2, "local"), (1, "tests")]
        assert "Technical support" in old["toml"]
        assert unknown == 404


async def test_health_needs_nobody_and_names_what_is_missing(open_stage: Any) -> None:
    async with open_stage() as stage:
        good, _ = await stage.ask("GET", "/health")
        stage.broken["ari:pbx"] = "no connection to this Asterisk"
        bad, body = await stage.ask("GET", "/health")

        assert (good, bad) == (200, 503)
        assert body["ready"] is False
        assert body["checks"]["ari:pbx"] == "no connection to this Asterisk"


async def test_a_lost_store_is_told_as_such(open_stage: Any) -> None:
    async with open_stage() as stage:
        stage.store.world.flush()
        status, body = await stage.ask("PUT", "/agents/ann/status", key=True, json={"status": "ready"})

        assert status == 503
        assert body["type"] == "urn:stasis-acd:problem:store-unavailable"


async def test_paths_and_methods_that_do_not_exist_are_problems_too(open_stage: Any) -> None:
    async with open_stage() as stage:
        missing, body = await stage.ask("GET", "/nothing")
        method, other = await stage.ask("POST", "/agents")

        assert (missing, body["type"]) == (404, "urn:stasis-acd:problem:no-such-path")
        assert method == 405
        assert "possible: GET" in other["detail"]


async def test_another_process_with_the_same_key_accepts_the_session(open_stage: Any) -> None:
    async with open_stage() as stage:
        session = await stage.logged_in("ann")
        [cookie] = session.cookie_jar
    async with open_stage() as restarted:
        # The same data folder; the users are the same, the process is another one.
        status, body = await restarted.ask("GET", "/session", headers={"Cookie": f"{cookie.key}={cookie.value}"})

        assert (status, body["name"]) == (200, "ann")
