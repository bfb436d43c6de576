"""Fills the report's templates, in which whatever comes from a run is escaped."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from scenarios.load.report_comparison import caveats, comparison_tables, labels_of, origins
from scenarios.load.report_comparison_plots import comparison_plots
from scenarios.load.report_numbers import moment
from scenarios.load.report_run import figures_of, tables_of
from scenarios.load.report_run_plots import plots_of
from scenarios.load.report_sentences import engine_of, generator_of, outcome_of, verdict_of
from scenarios.load.results import Results

__all__ = ["page_of"]

_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "report_pages"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def page_of(runs: Sequence[Results]) -> str:
    """One run's page, or the comparison of several with the first."""
    if len(runs) == 1:
        return _run_page(runs[0])
    return _comparison_page(runs)


def _run_page(results: Results) -> str:
    return _TEMPLATES.get_template("run.html").render(
        run=results,
        title=results.title or results.profile,
        engine=engine_of(results),
        began=moment(results.began),
        verdict=verdict_of(results),
        outcome=outcome_of(results),
        generator=generator_of(results),
        figures=figures_of(results),
        plots=plots_of(results),
        tables=tables_of(results),
    )


def _comparison_page(runs: Sequence[Results]) -> str:
    labels = labels_of(runs)
    return _TEMPLATES.get_template("comparison.html").render(
        title=f"{', '.join(labels[1:])} against {labels[0]}",
        runs=[
            {"label": label, "run": run, "verdict": verdict_of(run), "outcome": outcome_of(run), "place": place}
            for place, (label, run) in enumerate(zip(labels, runs, strict=True))
        ],
        digest=runs[0].digest,
        same=len({run.digest for run in runs}) == 1,
        caveats=list(caveats(runs, labels)),
        tables=[*comparison_tables(runs, labels), origins(runs, labels)],
        plots=comparison_plots(runs, labels),
    )
