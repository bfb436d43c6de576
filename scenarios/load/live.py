"""What a run shows while it lasts: one line that changes in a terminal, a line every ten seconds elsewhere."""

from __future__ import annotations

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn

from scenarios.load.plan import Plan
from scenarios.load.run import Moment

__all__ = ["Live"]

PLAIN_EVERY_S = 10.0


class Live:
    """A context; call it with each moment."""

    def __init__(self, console: Console, plan: Plan) -> None:
        self._console = console
        self._total = plan.duration_s
        columns = (
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            TextColumn("{task.fields[figures]}"),
        )
        self._progress = Progress(*columns, console=console, transient=True)
        self._task: TaskID | None = None
        self._told_at = float("-inf")
        self._doing = ""
        self._cpu: dict[str, float] = {}
        self._before: Moment | None = None

    def __enter__(self) -> Live:
        if self._console.is_terminal:
            self._progress.start()
            self._task = self._progress.add_task("", total=self._total, figures="")
        return self

    def __exit__(self, *_error: object) -> None:
        if self._task is not None:
            self._progress.stop()

    def __call__(self, moment: Moment) -> None:
        if moment.sample is not None:
            self._take(moment)
        figures = self._figures(moment)
        if self._task is not None:
            at = max(0.0, min(moment.at, self._total))
            self._progress.update(self._task, description=moment.doing, completed=at, figures=figures)
        elif moment.doing != self._doing or moment.at >= self._told_at + PLAIN_EVERY_S:
            self._told_at, self._doing = moment.at, moment.doing
            self._console.print(f"{moment.doing}: {figures}" if figures else moment.doing)

    def _take(self, moment: Moment) -> None:
        before, sample = self._before, moment.sample
        if before is not None and before.sample is not None and sample is not None and sample.at > before.sample.at:
            passed = sample.at - before.sample.at
            old = before.sample.use
            self._cpu = {
                name: (use.cpu_s - old[name].cpu_s) / passed for name, use in sample.use.items() if name in old
            }
        self._before = moment

    def _figures(self, moment: Moment) -> str:
        if moment.at < 0:
            return ""
        cpu = ", ".join(f"{name} {share:.0%}" for name, share in self._cpu.items())
        return (
            f"{moment.at:5.0f} of {self._total:.0f} s  dialled {moment.dialled}  waiting {moment.waiting}  "
            f"talking {moment.talking}  ended {moment.ended}  {cpu}"
        )
