"""The page of a run: it says what the results say, escapes what it is given, and needs nothing but itself."""

from __future__ import annotations

import random
import re
from collections import Counter

import pytest

from scenarios.load.report import report_of
from scenarios.load.results import Cost, Generator, Results
from scenarios.load.verdict import Finding
from tests.unit.load_results import nobody_called, results
from tests.unit.page_as_read import Page

EVIL = "</style><script>alert('x')</script><img src=x onerror=alert(1)>\"' {{ 7 * 7 }} $x^2$ -->"


@pytest.fixture(scope="module")
def html() -> str:
    return report_of([results()])


@pytest.fixture(scope="module")
def page(html: str) -> Page:
    return Page(html)


def evil_run() -> Results:
    return results(
        profile=EVIL,
        title=EVIL,
        engine=EVIL,
        digest=EVIL,
        began=EVIL,
        broken_off=EVIL,
        machine={EVIL: EVIL},
        verdict=[Finding(name=EVIL, promise=EVIL, kept=False, count=1, examples=(EVIL,))],
        callers=results().callers.__class__(
            planned=1, dialled=1, answered=0, gave_up=0, refused=1, dropped=0, vanished=0, unfinished=0,
            refused_by_code={EVIL: 1},
        ),
        costs={EVIL: Cost(cpu_ms_a_call=1, cpu_share=1, rss_mib=1, growth_mib_per_h=None)},
        series={**results().series, f"cpu_{EVIL}": [1, 1, 1, 1], f"rss_{EVIL}": [1, 1, 1, 1]},
    )  # fmt: skip


def test_verdict_and_big_figures_come_first(page: Page) -> None:
    head = page.text.partition("What was promised")[0]

    assert "A small help desk" in head
    assert "this ACD (native), 28 November 2026, 11:30 UTC, 31.5 s, seed 7" in head
    assert "Failed: 1 of 3 promises was broken." in head
    assert "Of 1,200 callers 1,100 spoke to an agent, 60 gave up waiting, 30 got a code that refused them" in head
    assert "5 vanished, as planned; 5 were lost." in head
    for figure in ("Calls 1,200 of 1,300 planned", "Answered 1,100 91.7%, 38.75 a second", "Service level 91.7%",
                   "Wait, median 1.25 s 95 of 100 within 2.50 s", "rings 10.0 ms 99 of 100 within 30.0 ms", "Lost 5 ",
                   "Held 5/s"):  # fmt: skip
        assert figure in head


def test_findings_are_told_with_their_examples_the_broken_ones_first(page: Page) -> None:
    told = page.text.partition("What was promised")[2].partition("How it went")[0]

    assert told.index("Broken: First come, first offered") < told.index("Kept: No caller was dropped")
    assert "9 times not so B before A D, C and 7 more" in told
    assert "70% in time : it was 91.7%" in told


def test_what_passed_says_so() -> None:
    kept = [Finding(name="lost", promise="No caller was dropped", kept=True)]

    assert "Passed: the one promise was kept." in Page(report_of([results(passed=True, verdict=kept)])).text


def test_tables_have_every_figure(page: Page) -> None:
    assert page.row("had an agent") == ["1,100", "84.6%"]
    assert page.row("refused with a code") == ["30 30 with 503", "2.3%"]
    assert page.row("planned and never dialled") == ["100", "7.7%"]
    assert page.row("wait for an agent, s") == ["40", "1.25", "2.50", "3.75", "5.00", "1.25"]
    assert page.row("agent free → phone rings, ms") == ["40", "10.00", "20.00", "30.00", "40.00", "10.00"]
    assert page.row("event written → read, ms")[:2] == ["40", "0.50"]
    assert page.row("offer missed → next rings, ms")[0] == "0"
    assert page.row("acd-1") == ["2.00 ms", "12.0%", "105.0 MiB", "1.5 MiB"]
    assert page.row("timers late, p99") == ["2.5 ms"]
    assert page.row("digest of the plan") == ["abcdef0123456789"]
    assert page.row("processor") == ["A processor"]


def test_each_plot_can_be_read_aloud_and_as_a_table(page: Page) -> None:
    drawn = [given["aria-label"] for tag, given in page.elements if tag == "svg" and given.get("role") == "img"]
    titles = ("Faster, step by step", "Callers arriving", "Waiting and talking", "How long callers waited",
              "Each hand-over", "How soon phones rang", "CPU", "Memory")  # fmt: skip

    assert [next(label for label in drawn if label.startswith(title)) for title in titles]
    assert len(drawn) == len(titles)
    assert "waiting for an agent: 1 on average, 3 at most, after 1 s" in " ".join(drawn)
    assert page.row("10") == ["100", "98", "no", "900 ms"]
    assert page.text.count("The same as a table") == len(titles)


def test_a_run_in_which_nothing_happened_has_a_page() -> None:
    page = Page(report_of([nobody_called()]))

    assert "Nobody called." in page.text
    assert not [tag for tag, given in page.elements if given.get("role") == "img"]


def test_a_generator_that_could_not_keep_up_is_told_at_the_top() -> None:
    slow = Generator(cpu_share=0.9, timer_lag_p99_ms=70, dialled_late_p99_ms=4, valid=False)
    head = Page(report_of([results(generator=slow)])).text.partition("What was promised")[0]

    assert "The generator was the bottleneck, so this run says nothing about speed: 90.0% of a core" in head


def test_whatever_a_file_says_is_text() -> None:
    for runs in ([evil_run()], [results(), evil_run()]):
        page = Page(report_of(runs))

        assert not {"script", "img", "iframe", "object", "base", "form"} & {tag for tag, _ in page.elements}
        assert not [name for _, given in page.elements for name in given if name.startswith("on")]
        assert EVIL in page.text
        assert all(re.fullmatch(r"[\w-]+", name) for name in page.ids)


def test_it_needs_nothing_but_itself(html: str, page: Page) -> None:
    reached = [given.get(name, "") for _, given in page.elements for name in ("src", "href", "xlink:href", "action")]

    assert all(place == "" or place.startswith(("#", "data:")) for place in reached)
    assert not re.search(r"url\((?!#)|@import|https?:", html)
    assert "default-src 'none'" in html
    assert page.elements[0][0] == "html"


def test_colours_are_the_pages_and_ids_are_not_given_twice(html: str, page: Page) -> None:
    assert "var(--line-0)" in html
    assert not re.search(r"#0[12]0[12]", html)
    assert [name for name, often in Counter(page.ids).items() if often > 1] == []


def test_the_same_results_are_the_same_page(html: str) -> None:
    assert report_of([results()]) == html


def test_a_long_run_is_no_large_file() -> None:
    draw = random.Random(1)
    at = [float(48 * place) for place in range(600)]
    names = ("asterisk", "redis", *(f"acd-{number}" for number in range(1, 5)), "sipp")
    series = {"at": at, "arrivals_per_s": [draw.random() * 9 for _ in at], "waiting": [draw.random() * 90 for _ in at]}
    series |= {f"{kind}_{name}": [draw.random() * 80 for _ in at] for kind in ("cpu", "rss") for name in names}
    offers = [(draw.random() * 28800, 10 ** (draw.random() * 4)) for _ in range(30_000)]

    assert len(report_of([results(series=series, offers=offers, lasted_s=28800)])) < 900_000
