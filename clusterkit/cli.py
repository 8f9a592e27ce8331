"""The command line: publish, run, sweep, verify, explain, refresh, check, data, draft-claims.

Heavy libraries are imported by the command that needs them, so that help and a mistyped parameter
answer at once.
"""

import os
import re
import select
import signal
import sys
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from contextlib import ExitStack, contextmanager
from importlib.metadata import requires
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TextIO

import typer
from typer.core import TyperGroup

import clusterkit
from clusterkit.errors import ClusterkitError, DataError, ParameterError, RunError, StaleError
from clusterkit.files import break_off
from clusterkit.runs.contract import NO_TEXT
from clusterkit.runs.workshop import DISTRIBUTION, Workshop
from clusterkit.words import nearest

if TYPE_CHECKING:
    from clusterkit.runs.many import Due, Outcome, Published

FAILED, BAD_INPUT, SIGNALLED, PIPE_CLOSED = 1, 2, 128, 141
ENDING = {"SIGINT": "Interrupted", "SIGTERM": "Ended by SIGTERM", "SIGHUP": "Ended by SIGHUP"}
SHOW_CURSOR = "\x1b[?25h"  # a progress bar hides it
SHOWN_REASONS = 3
DASK_SECONDS = 10  # until a scheduler must have answered


class _Explaining(TyperGroup):
    """Shows errors raised on purpose as their text alone, and sets the exit code."""

    def invoke(self, ctx):
        try:
            _stand_somewhere()
            return super().invoke(ctx)
        except (ClusterkitError, ModuleNotFoundError) as error:
            told = _explained(error)
            typer.echo(getattr(told, "account", str(told)), err=True)
            failed = isinstance(told, RunError | StaleError)
            raise typer.Exit(FAILED if failed else BAD_INPUT) from error

    def resolve_command(self, ctx, args):
        name, command, args = super().resolve_command(ctx, args)
        for word in filter(NO_TEXT.search, args):
            what = f"{word!r} holds bytes that are no text in this encoding."
            raise ParameterError(what, fix="Type or name it in UTF-8.")
        options = [it for it in command.params if it.param_type_name == "option"]
        for one in [it for it in options if not it.multiple]:
            words = [word.partition("=")[0] for word in args]
            if sum(word in (*one.opts, *one.secondary_opts) for word in words) > 1:
                raise ParameterError(f"{one.opts[-1]} is given twice.", fix="Leave one of them.")
        return name, command, args


def _explained(error: ClusterkitError | ModuleNotFoundError) -> ClusterkitError:
    """Return the error, or the one that names the extra which a missing library belongs to."""
    if isinstance(error, ClusterkitError):
        return error
    missing = (error.name or "").partition(".")[0].replace("_", "-")
    wanted = re.findall(r"^([\w-]+).*extra == ['\"](\w+)", "\n".join(requires(DISTRIBUTION)), re.M)
    sizes = Counter(extra for _, extra in wanted)  # a larger one may hold a smaller one
    if extras := [extra for name, extra in wanted if name == missing]:
        return RunError(
            f"This needs {missing}, which is not installed.",
            fix=f"Install it: pip install '{DISTRIBUTION}[{min(extras, key=sizes.get)}]'",
        )
    raise error


app = typer.Typer(
    cls=_Explaining,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
    help="The executable casebook of industrial clusters.",
)

Names = Annotated[
    list[str] | None, typer.Argument(metavar="[NAME]...", help="Notebooks; all unless named.")
]
Given = Annotated[
    list[str] | None,
    typer.Option("-p", "--parameter", metavar="NAME=VALUE", help="A parameter; may be repeated."),
]
Notebooks = Annotated[
    Path | None, typer.Option("--notebooks", metavar="FOLDER", help="Another notebooks folder.")
]
Out = Annotated[
    Path | None, typer.Option("--out", metavar="FOLDER", help="Where to; reports unless named.")
]
Force = Annotated[bool, typer.Option("--force", help="Run also what is up to date.")]


@app.callback(invoke_without_command=True)
def _root(
    version: Annotated[bool, typer.Option("--version", help="Show the version.")] = False,
) -> None:
    if version:
        typer.echo(f"clusterkit {clusterkit.__version__}")
        raise typer.Exit


@app.command()
def publish(
    names: Names = None,
    *,
    given: Given = None,
    out: Out = None,
    notebooks: Notebooks = None,
    workers: Annotated[int, typer.Option(min=1, help="Notebooks run at the same time.")] = 2,
    force: Force = False,
) -> None:
    """Run the notebooks whose report is not current; write their reports and an overview."""
    from clusterkit.runs.many import publish as publish_all

    shop, texts = Workshop.here(notebooks, reports=out), _parsed(given)
    runs = [shop.ask(one.notebook, one.parse(texts)) for one in shop.chosen(names)]
    with _Teller(reasons=True) as teller:
        done = publish_all(
            shop, runs, force=force, workers=workers, begun=teller.begun, told=teller.told
        )
    _close(done, "notebooks")


@app.command(add_help_option=False)
def run(
    ctx: typer.Context,
    name: Annotated[str | None, typer.Argument(help="The notebook; left out, all are listed.")] = (
        None
    ),
    *,
    given: Given = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help="[default: reports/runs/NAME.ipynb]"),
    ] = None,
    notebooks: Notebooks = None,
    asks: Annotated[
        bool, typer.Option("--help", help="Show this; after a name, what that notebook takes.")
    ] = False,
) -> None:
    """Run one notebook with your parameters; without a name, list what can be run."""
    if name is None and asks:
        typer.echo(ctx.get_help())
        return
    shop, lang = Workshop.here(notebooks), _shell_language()
    if name is None:
        typer.echo(shop.listing(lang))
        return
    contract = shop.contract(name)
    if asks:
        usage = nearest(lang).text("Usage")
        typer.echo(f"{usage}: clusterkit run {contract.notebook} [-p NAME=VALUE]...\n")
        typer.echo(shop.listing(lang, name))
        return
    asked = shop.ask(name, contract.parse(_parsed(given)))  # answers before papermill is imported
    from clusterkit.runs.notebook import execute_to

    target = out or shop.reports / "runs" / f"{asked.notebook}.ipynb"
    typer.echo(f"Wrote {_near(execute_to(asked, target))}")


@app.command()
def sweep(
    name: Annotated[str, typer.Argument(help="The notebook.")],
    *,
    grid: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=V1,V2,...", help="Values to try; several grids are crossed."),
    ] = None,
    scenario: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="From scenarios.toml; all unless there is a grid."),
    ] = None,
    given: Given = None,
    workers: Annotated[
        int | None, typer.Option(min=1, help="Runs at the same time.  [default: cores + 1]")
    ] = None,
    dask: Annotated[
        str | None, typer.Option(metavar="tcp://...", help="A Dask scheduler that runs them.")
    ] = None,
    force: Force = False,
    out: Out = None,
    notebooks: Notebooks = None,
    kernels: Annotated[str | None, typer.Option(metavar="forked|ordinary")] = None,
    pages: Annotated[bool, typer.Option(help="Render each run as a page, too.")] = True,
) -> None:
    """Run one notebook under many settings, side by side, and compare its answers."""
    from clusterkit.runs.many import plan
    from clusterkit.runs.many import sweep as sweep_all

    shop = Workshop.here(notebooks, reports=out)
    parse = shop.contract(name).parse
    texts = {key: text.split(",") for key, text in _parsed(grid, "--grid").items()}
    tried = {key: [parse({key: one})[key] for one in some] for key, some in texts.items()}
    fixed = parse(_parsed(given))
    reports = plan(shop, name, grid=tried, scenarios=scenario, given=fixed, pages=pages)
    with _Teller() as teller:
        executor = teller.enter_context(_dask_executor(dask)) if dask else None
        how = {"executor": executor, "kernels": kernels, "workers": workers, "force": force}
        done = sweep_all(reports, begun=teller.begun, told=teller.told, **how)
    _close(done, "runs")


@app.command()
def verify(
    report: Annotated[Path, typer.Argument(metavar="REPORT", help="Its folder, or a file in it.")],
    notebooks: Notebooks = None,
) -> None:
    """Make a report again, and say whether bytes and facts are the same."""
    from clusterkit.runs.compare import verify as verify_one

    found = verify_one(Workshop.here(notebooks), report)
    typer.echo(str(found))
    if found.moved:
        raise typer.Exit(FAILED)


@app.command()
def explain(
    first: Annotated[Path, typer.Argument(metavar="A", help="A report.")],
    second: Annotated[Path, typer.Argument(metavar="B", help="Another, of the same notebook.")],
) -> None:
    """Say which numbers moved between two reports, and what can have moved them."""
    from clusterkit.runs.compare import explain as explain_two

    typer.echo(str(explain_two(first, second)))


@app.command()
def refresh(
    names: Names = None,
    *,
    notebooks: Notebooks = None,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; fail if something would change.")
    ] = False,
) -> None:
    """Execute the committed notebooks in place, with their defaults."""
    from clusterkit.runs.gate import refresh as refresh_all

    def told(one) -> None:
        state = "failed" if one.error else "changed" if one.changed else "same"
        typer.echo(f"{state:8} {one.name}")
        if one.error:
            typer.echo(str(one.error))

    done = refresh_all(Workshop.here(notebooks), names, check=check, told=told)
    stale = check and any(one.changed for one in done)
    if stale:
        typer.echo("Run `clusterkit refresh`, if the change was meant.")
    if stale or any(one.error for one in done):
        raise typer.Exit(FAILED)


@app.command()
def check(notebooks: Notebooks = None) -> None:
    """Check that notebooks, data and generated files are what they should be."""
    from clusterkit.runs.gate import check_all

    shop = Workshop.here(notebooks)
    found = check_all(shop)
    for finding in found:
        typer.echo(str(finding))
    if found:
        typer.echo(f"{len(found)} to mend.")
        raise typer.Exit(FAILED)
    typer.echo(f"{len(shop.contracts)} notebooks and the data are in order.")


@app.command()
def data() -> None:
    """Write the codebook, the datapackage and the page of parameters anew."""
    from clusterkit.runs.gate import write_generated

    for path in write_generated(Workshop.here()):
        typer.echo(f"Wrote {_near(Path(path))}")


@app.command()
def draft_claims(
    text_file: Annotated[Path, typer.Argument(metavar="TEXTFILE", help="An article, as text.")],
    case: Annotated[str, typer.Option(metavar="NAME", help="The case the claims are for.")],
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help="[default: beside the text, -claims.csv]"),
    ] = None,
) -> None:
    """List the figures of an article as claims to check by hand."""
    target = out or text_file.with_name(f"{text_file.stem}-claims.csv")
    from clusterkit.printed.article import read_article

    text = read_article(text_file)
    if target.exists():
        why = "It may hold claims you have worked on, so it is not overwritten."
        what, fix = f"{target.name} exists already.", "Move it away, or choose another with --out."
        raise DataError(what, where=str(target), why=why, fix=fix)
    from clusterkit.files import write_whole

    claims = clusterkit.draft_claims(text)
    claims.insert(0, "case", case)
    write_whole(target, claims.to_csv(index=False, lineterminator="\n"))
    typer.echo(f"Wrote {len(claims)} claims to check to {_near(target)}")


def main() -> None:
    """Run the command line; broken off by a signal or a closed pipe, it ends at once."""
    for name in ENDING:
        number = getattr(signal, name, None)
        if number and signal.getsignal(number) != signal.SIG_IGN:  # as under nohup
            signal.signal(number, _end)
    if sys.stdout and hasattr(select, "poll") and not sys.stdout.isatty():
        threading.Thread(target=_end_with, args=[sys.stdout], daemon=True).start()
    app()


def _end(number: int, frame: object) -> None:
    told = SHOW_CURSOR if sys.stderr and sys.stderr.isatty() else ""
    told += ENDING[signal.Signals(number).name]
    break_off(SIGNALLED + number, f"{told}. What was done is written; all else is as it was.\n")


def _end_with(output: TextIO) -> None:
    """End when nobody reads any more, which tells nobody until the next line is written."""
    poll = select.poll()
    poll.register(output, 0)
    if any(what & (select.POLLERR | select.POLLHUP) for _, what in poll.poll()):
        break_off(PIPE_CLOSED)


def _stand_somewhere() -> None:
    try:
        Path.cwd()
    except FileNotFoundError as error:
        what, fix = "The working folder is gone.", "Change to another (cd), and repeat."
        raise DataError(what, fix=fix) from error


class _Teller(ExitStack):
    """Tells of reports as they end, a line each; on a terminal a bar stands below the lines."""

    def __init__(self, *, reasons: bool = False) -> None:
        super().__init__()
        self._reasons, self._advance = reasons, lambda: None

    def begun(self, due: "Sequence[Due]") -> None:
        """Take note of what is to be made."""
        for report, why in due if self._reasons else ():
            more = f"; and {len(why) - SHOWN_REASONS} more" if len(why) > SHOWN_REASONS else ""
            typer.echo(f"running   {report.name:32} {'; '.join(why[:SHOWN_REASONS])}{more}")
        if sys.stdout.isatty():
            from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

            columns = (BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
            bar = self.enter_context(Progress(*columns, transient=True))
            task = bar.add_task("", total=len(due))
            self._advance = lambda: bar.advance(task)

    def told(self, outcome: "Outcome") -> None:
        """Show what is over."""
        page = _near(outcome.page) if outcome.page else ""
        line = f"{outcome.state:9} {outcome.name:32} {outcome.seconds:5.1f} s  {page}".rstrip()
        typer.secho(line, fg="red" if outcome.error else None, bold=bool(outcome.error))
        if outcome.error:
            typer.echo(str(outcome.error))
        self._advance()


def _close(done: "Published", what: str) -> None:
    """Say where to look, and how many were kept and failed."""
    kept = sum(not outcome.reasons for outcome in done.outcomes)
    if kept:
        typer.echo(f"{kept} of {len(done.outcomes)} were up to date (--force runs them again).")
    typer.echo(f"Open {_near(done.index)}")
    if done.failed:
        typer.echo(f"{len(done.failed)} of {len(done.outcomes)} {what} failed.")
        raise typer.Exit(FAILED)


def _parsed(given: list[str] | None, option: str = "-p") -> dict[str, str]:
    """Return NAME=VALUE words as a dict of text, each name once."""
    found: dict[str, str] = {}
    for name, equals, value in (word.partition("=") for word in given or []):
        if not equals or not name:
            what = f"{option} was given {name!r}, which is no NAME=VALUE."
            example = f"{option} {name or 'year_to'}=2020"
            raise ParameterError(what, fix=f"Write it as one word, e.g. {example}.")
        if name in found:
            why = f"{option} names it with {found[name]!r} and with {value!r}."
            fix = "Leave one of them; `clusterkit sweep --grid` tries several values."
            raise ParameterError(f"The parameter {name!r} is given twice.", why=why, fix=fix)
        found[name] = value
    return found


@contextmanager
def _dask_executor(address: str) -> Iterator[Executor]:
    """Provide the executor of a running Dask cluster."""
    from distributed import Client

    try:
        client = Client(address, timeout=DASK_SECONDS)
    except (OSError, ValueError) as error:
        what = f"No Dask scheduler answers at {address}."
        fix = "Start one with `dask scheduler`, and name the address that it prints."
        raise ParameterError(what, why=str(error), fix=fix) from error
    with client:
        yield client.get_executor()


def _shell_language() -> str:
    """Return the code of the shell's language where there is a catalogue for it, else 'en'."""
    named = (os.environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    return nearest(next(filter(None, named), "")).code


def _near(path: Path) -> str:
    """Return a path as short as it can be typed here."""
    try:
        return os.fspath(path.resolve().relative_to(Path.cwd()))
    except (ValueError, OSError):  # it stands elsewhere, or the working folder is gone
        return os.fspath(path)


if __name__ == "__main__":
    main()
