"""Each strategy of app_queue and mod_callcenter by its own name: what is kept of it, and each difference we claim.

The names and claims are those of the tables in docs/strategies.md. Everything runs through the matcher and a store,
since most of the differences are in what is remembered.
"""

from __future__ import annotations

from collections import Counter

import pytest

from acd.configuration import Configuration
from acd.errors import InvalidConfiguration
from acd.offer import OfferOutcome
from acd.queue import IdleClock, Queue, Step
from acd.strategies.fixed_order import FixedOrder
from stasis_app.plugins import strategies_for
from tests.unit.strategy_floor import Floor
from tests.unit.strategy_people import agent, order

LONGEST_IDLE = ["leastrecent", "longest-idle-agent"]
FEWEST = ["fewestcalls", "agent-with-fewest-calls"]
COUNTED = [*FEWEST, "agent-with-least-talk-time"]
TURNS = ["rrmemory", "rrordered", "round-robin"]
FIXED = ["linear", "top-down", "sequentially-by-agent-order"]
ALL_AT_ONCE = ["ringall", "ring-all"]

# --- all of them -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("strategy", [*LONGEST_IDLE, *COUNTED, *TURNS, *FIXED, "random"])
def test_kept_a_lower_penalty_or_tier_goes_first(strategy: str) -> None:
    assert Floor(strategy, "anna ben carl", rank_of={"anna": 1, "ben": 1}).call("c") == ["carl"]


@pytest.mark.parametrize("strategy", [*LONGEST_IDLE, *COUNTED, *TURNS])
def test_differs_ties_in_the_morning_are_not_always_the_same_agent(strategy: str) -> None:
    """Nobody has had a call yet, and callers hang up before anybody answers."""
    floor = Floor(strategy, "anna ben carl", idle_clock=IdleClock.CALL_END, breaks_restart_idle_clock=False)
    asked: list[str] = []
    for number in range(6):
        asked += floor.call(f"c{number}")
        floor.hang_up(f"c{number}")

    assert Counter(asked) == {"anna": 2, "ben": 2, "carl": 2}


@pytest.mark.parametrize("strategy", [*LONGEST_IDLE, *COUNTED, *TURNS])
@pytest.mark.parametrize("how", [OfferOutcome.NO_ANSWER, OfferOutcome.REJECTED, OfferOutcome.BUSY])
def test_differs_an_unanswered_offer_moves_the_agent_back(strategy: str, how: OfferOutcome) -> None:
    floor = Floor(strategy, "anna ben carl", idle_clock=IdleClock.CALL_END, breaks_restart_idle_clock=False)
    asked = floor.call("c")
    for _ in range(3):
        asked += floor.miss("c", how)

    assert sorted(asked[:3]) == ["anna", "ben", "carl"]
    assert asked[3] == asked[0]


@pytest.mark.parametrize("strategy", [*LONGEST_IDLE, *COUNTED, *TURNS])
def test_differs_a_new_configuration_and_a_restart_of_the_matcher_reset_nothing(strategy: str) -> None:
    floor = Floor(strategy, "anna ben")
    served = floor.serve("c1")
    floor.reconfigure()

    assert floor.call("c2") != [served]


def test_differs_an_unknown_name_is_refused() -> None:
    queues = {"q": Queue(name="q", strategy="top-dwon")}

    with pytest.raises(InvalidConfiguration, match="did you mean top-down"):
        strategies_for(Configuration(queues=queues))


# --- ringall, ring-all -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("strategy", ALL_AT_ONCE)
def test_kept_all_phones_ring_at_once(strategy: str) -> None:
    assert Floor(strategy, "anna ben carl").call("c") == ["anna", "ben", "carl"]


def test_differs_all_ranks_ring_unless_a_window_keeps_the_groups_apart() -> None:
    together = Floor("ringall", "anna ben carl", rank_of={"anna": 1})
    apart = Floor("ringall", "anna ben carl", rank_of={"anna": 1}, ranks=0, steps=(Step(after_s=5, ranks=1),))

    assert together.call("c") == ["ben", "carl", "anna"]
    assert apart.call("c") == ["ben", "carl"]
    apart.pass_s(5)
    assert apart.rung("c") == ["ben", "carl", "anna"]


@pytest.mark.parametrize("strategy", ALL_AT_ONCE)
def test_differs_every_caller_gets_a_phone_before_one_gets_many(strategy: str) -> None:
    floor = Floor(strategy, "", absent="anna ben carl")
    assert floor.call("c1") == floor.call("c2") == []
    for name in ("anna", "ben", "carl"):
        floor.log_in(name)

    assert floor.rung("c1") == ["anna", "carl"]
    assert floor.rung("c2") == ["ben"]


@pytest.mark.parametrize("strategy", ALL_AT_ONCE)
def test_differs_no_more_than_most_ring(strategy: str) -> None:
    agents = " ".join(f"agent-{number:02}" for number in range(25))

    assert len(Floor(strategy, agents).call("c")) == 20
    assert len(Floor(strategy, agents, options={"most": 25}).call("c")) == 25


# --- leastrecent, longest-idle-agent ---------------------------------------------------------------------------------


@pytest.mark.parametrize("strategy", LONGEST_IDLE)
def test_kept_whose_last_call_ended_longest_ago_and_before_them_who_had_none(strategy: str) -> None:
    floor = Floor(strategy, "anna ben carl", idle_clock=IdleClock.CALL_END, breaks_restart_idle_clock=False)
    floor.call("long")
    assert [floor.answer("long"), floor.serve("short")] == ["anna", "ben"]
    floor.hang_up("long")

    assert [floor.call(name) for name in ("x", "y", "z")] == [["carl"], ["ben"], ["anna"]]


@pytest.mark.parametrize("strategy", LONGEST_IDLE)
@pytest.mark.parametrize(
    ("clock", "breaks_restart", "first"),
    [(IdleClock.READY, True, "ben"), (IdleClock.CALL_END, True, "ben"), (IdleClock.CALL_END, False, "anna")],
)
def test_differs_a_break_is_no_idling_unless_the_queue_says_so(
    strategy: str, clock: IdleClock, breaks_restart: bool, first: str
) -> None:
    floor = Floor(strategy, "anna ben", idle_clock=clock, breaks_restart_idle_clock=breaks_restart)
    assert [floor.serve("c1"), floor.serve("c2")] == ["anna", "ben"]
    floor.takes_break("anna")

    assert floor.call("c3") == [first]


@pytest.mark.parametrize("strategy", LONGEST_IDLE)
def test_differs_two_weeks_of_idleness_leave_penalties_apart(strategy: str) -> None:
    floor = Floor(strategy, "anna ben", rank_of={"anna": 1})
    floor.pass_s(14 * 86_400)
    assert floor.serve("c1") == "ben"

    assert floor.call("c2") == ["ben"]


@pytest.mark.parametrize("strategy", LONGEST_IDLE)
def test_differs_milliseconds_count(strategy: str) -> None:
    floor = Floor(strategy, "anna ben")
    floor.call("c1")
    floor.call("c2")
    assert [floor.answer("c1"), floor.answer("c2")] == ["anna", "ben"]
    floor.hang_up("c2", then_s=0.002)
    floor.hang_up("c1")

    assert floor.call("c3") == ["ben"]


# --- fewestcalls, agent-with-fewest-calls, agent-with-least-talk-time ------------------------------------------------


@pytest.mark.parametrize("strategy", FEWEST)
def test_kept_whoever_took_fewest_calls_and_so_a_newcomer_takes_several(strategy: str) -> None:
    floor = Floor(strategy, "anna", absent="ben")
    assert [floor.serve("c1"), floor.serve("c2")] == ["anna", "anna"]
    floor.log_in("ben")

    assert [floor.serve("c3"), floor.serve("c4"), floor.serve("c5")] == ["ben", "ben", "anna"]


def test_kept_whoever_talked_least_however_many_calls_that_were() -> None:
    floor = Floor("agent-with-least-talk-time", "anna ben")
    assert floor.serve("c1", talk_s=300) == "anna"

    assert [floor.serve(f"c{number}", talk_s=60) for number in range(2, 6)] == ["ben"] * 4


def test_least_occupied_is_the_remedy_for_the_newcomers_burst() -> None:
    floor = Floor("least_occupied", "anna", absent="ben")
    assert [floor.serve("c1"), floor.serve("c2")] == ["anna", "anna"]
    floor.pass_s(600)
    floor.log_in("ben")

    assert [floor.serve("c3"), floor.serve("c4")] == ["ben", "anna"]


@pytest.mark.parametrize("strategy", COUNTED)
def test_differs_a_break_makes_nobody_first_again(strategy: str) -> None:
    floor = Floor(strategy, "anna", absent="ben")
    assert [floor.serve("c1"), floor.serve("c2")] == ["anna", "anna"]
    floor.log_in("ben")
    assert floor.serve("c3") == "ben"
    floor.takes_break("anna")

    assert floor.call("c4") == ["ben"]


@pytest.mark.parametrize("strategy", COUNTED)
@pytest.mark.parametrize(("since", "first"), [("login", "anna"), ("ever", "ben")])
def test_differs_the_count_begins_at_log_in_or_never(strategy: str, since: str, first: str) -> None:
    floor = Floor(strategy, "anna", absent="ben", options={"since": since})
    assert [floor.serve("c1"), floor.serve("c2")] == ["anna", "anna"]
    floor.log_in("ben")
    assert floor.serve("c3") == "ben"
    floor.log_out("anna")
    floor.log_in("anna")

    assert floor.call("c4") == [first]


# --- rrmemory, rrordered, round-robin --------------------------------------------------------------------------------


@pytest.mark.parametrize("strategy", TURNS)
def test_kept_everybody_in_turn_however_long_the_calls_are(strategy: str) -> None:
    floor = Floor(strategy, "anna ben carl")
    served = [floor.serve(f"c{number}", talk_s=number * 77 % 200) for number in range(6)]

    assert served == ["anna", "ben", "carl"] * 2


@pytest.mark.parametrize("strategy", TURNS)
def test_differs_callers_who_come_together_go_on_from_one_another(strategy: str) -> None:
    floor = Floor(strategy, "anna ben carl")

    assert [floor.call(name) for name in ("c1", "c2", "c3")] == [["anna"], ["ben"], ["carl"]]


@pytest.mark.parametrize("strategy", TURNS)
def test_differs_each_queue_has_a_round_of_its_own(strategy: str) -> None:
    floor = Floor(strategy, "anna ben carl")
    assert [floor.serve("c1"), floor.serve("c2"), floor.serve("c3", "other")] == ["anna", "ben", "carl"]

    assert floor.call("c4") == ["carl"]


@pytest.mark.parametrize("strategy", TURNS)
def test_differs_whoever_was_away_for_a_turn_is_asked_next(strategy: str) -> None:
    floor = Floor(strategy, "anna ben carl")
    assert [floor.serve("c1"), floor.serve("c2"), floor.serve("c3")] == ["anna", "ben", "carl"]
    floor.goes("ben")
    assert [floor.serve("c4"), floor.serve("c5")] == ["anna", "carl"]
    floor.comes_back("ben")

    assert [floor.serve("c6"), floor.serve("c7"), floor.serve("c8")] == ["ben", "anna", "carl"]


@pytest.mark.parametrize("strategy", TURNS)
def test_differs_the_first_round_goes_by_idleness_and_newcomers_come_first(strategy: str) -> None:
    floor = Floor(strategy, "carl anna", absent="ben")
    first = floor.serve("c1")
    floor.log_in("ben")

    assert [first, floor.serve("c2"), floor.serve("c3"), floor.serve("c4")] == ["carl", "anna", "ben", "carl"]


# --- linear, top-down, sequentially-by-agent-order -------------------------------------------------------------------


@pytest.mark.parametrize("strategy", FIXED)
def test_kept_each_caller_goes_down_the_list(strategy: str) -> None:
    floor = Floor(strategy, "anna ben carl", options={"order": ["carl", "anna", "ben"]})

    assert [floor.call("c1"), floor.miss("c1"), floor.miss("c1")] == [["carl"], ["anna"], ["ben"]]
    floor.hang_up("c1")
    assert floor.call("c2") == ["carl"]


@pytest.mark.parametrize("strategy", FIXED)
def test_differs_after_the_last_the_list_begins_again(strategy: str) -> None:
    floor = Floor(strategy, "anna ben")
    floor.call("c")

    assert [floor.miss("c"), floor.miss("c"), floor.miss("c")] == [["ben"], ["anna"], ["ben"]]


@pytest.mark.parametrize("strategy", FIXED)
def test_differs_a_queue_can_be_changed_to_it_and_its_order_while_callers_come(strategy: str) -> None:
    floor = Floor("ringall", "anna ben carl")
    for first in ("carl", "ben"):
        floor.reconfigure(strategy=strategy, strategy_options={"order": [first]})
        assert floor.serve(f"for {first}") == first


def test_differs_more_than_a_thousand_agents_leave_penalties_apart() -> None:
    names = [f"agent-{number:04}" for number in range(1_500)]
    agents = [agent(name) for name in names]
    tried = dict.fromkeys(names[:1_499], 1)
    listed = order(FixedOrder(order=names), *agents, agent("second", rank=1), tried=tried).split()

    assert listed[0] == "agent-1499"
    assert listed[-2:] == ["agent-1498", "second"]


# --- random, wrandom, ring-progressively -----------------------------------------------------------------------------


def test_kept_random_asks_anybody_and_differs_a_replay_asks_the_same() -> None:
    floors = [Floor("random", "anna ben carl") for _ in range(2)]
    served = [[floor.serve(f"c{number}") for number in range(60)] for floor in floors]

    assert min(Counter(served[0]).values()) > 8
    assert served[0] == served[1]


def test_kept_a_penalty_is_a_weight_for_wrandom_and_no_group() -> None:
    floor = Floor("wrandom", "anna ben", rank_of={"ben": 2})
    served = Counter(floor.serve(f"c{number}") for number in range(200))

    assert 110 < served["anna"] < 160  # three quarters of them, within four standard errors


def test_kept_one_more_phone_each_ten_seconds_and_the_earlier_ring_on() -> None:
    floor = Floor("ring-progressively", "carl anna ben", ring_timeout_s=120)
    began = [floor.call("c")]
    for _ in range(3):
        floor.pass_s(10)
        began.append(floor.rung("c"))

    assert began == [["carl"], ["carl", "anna"], ["carl", "anna", "ben"], ["carl", "anna", "ben"]]


def test_differs_a_phone_rings_for_the_queues_ring_time_only() -> None:
    floor = Floor("ring-progressively", "carl anna ben", options={"every_s": 4})
    floor.call("c")
    floor.pass_s(4)
    assert floor.rung("c") == ["carl", "anna"]

    assert floor.miss("c") == ["anna", "ben"]
