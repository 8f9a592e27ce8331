"""How a sweep is going: a bar on a terminal, plain lines elsewhere."""

from collections.abc import Sequence

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

from clusterkit.runs.sweep import FAILED, Ran, Setting


class Progress:
    """Shows each run as it ends; used as a context, its methods are what `sweep` reports to."""

    def __init__(self) -> None:
        self.console = Console(highlight=False, markup=False, soft_wrap=True)
        self._bar = Bar(
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            console=self.console,
            transient=True,
            disable=not self.console.is_terminal,
        )

    def __enter__(self) -> "Progress":
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def planned(self, settings: Sequence[Setting]) -> None:
        """Take note of how many runs there will be."""
        self._task = self._bar.add_task("", total=len(settings))

    def told(self, run: Ran) -> None:
        """Show a run that is over."""
        line = f"{run.state:7} {run.setting.name:40} {run.seconds:5.1f} s"
        failed = run.state == FAILED
        self.console.print(line, style="bold red" if failed else None)
        if failed:
            self.console.print(run.error)
        self._bar.advance(self._task)
