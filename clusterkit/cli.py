"""The command line: publish, run, sweep, verify, explain, refresh, check, data, draft-claims.

Heavy libraries are imported by the command that needs them, so that help and a mistyped parameter
answer at once.
"""

import os
import signal
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import Executor
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from typer.core import TyperGroup

import clusterkit
from clusterkit.errors import ClusterkitError, DataError, ParameterError, RunError, StaleError
from clusterkit.runs.contract import Contract, Settings, contract, load_contracts
from clusterkit.runs.places import reports_folder
from clusterkit.words import nearest

FAILED, BAD_INPUT, INTERRUPTED, TERMINATED = 1, 2, 130, 143
SHOWN_REASONS = 3
DASK_SECONDS = 10  # until a scheduler must have answered


class _Terminated(KeyboardInterrupt):
    """SIGTERM came: all ends as on Ctrl-C."""


@contextmanager
def _ended_by_sigterm() -> Iterator[None]:
    """Turn the first SIGTERM into an exception, so that what is begun is put away."""

    def end(number, frame):
        signal.signal(number, signal.SIG_IGN)  # a second one would disturb the putting away
        raise _Terminated

    ours = threading.current_thread() is threading.main_thread()
    if not ours or signal.getsignal(signal.SIGTERM) != signal.SIG_DFL:  # someone else sees to it
        yield
        return
    signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


class _Explaining(TyperGroup):
    """Shows errors raised on purpose as their text alone, and sets the exit code."""

    def invoke(self, ctx):
        try:
            with _ended_by_sigterm():
                return super().invoke(ctx)
        except KeyboardInterrupt as error:
            terminated = isinstance(error, _Terminated)
            told = "Ended by SIGTERM" if terminated else "Interrupted"
            typer.echo(f"{told}. What was done is written; all else is as it was.", err=True)
            raise typer.Exit(TERMINATED if terminated else INTERRUPTED) from None
        except ClusterkitError as error:
            typer.echo(str(error), err=True)
            failed = isinstance(error, RunError | StaleError)
            raise typer.Exit(FAILED if failed else BAD_INPUT) from error


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
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FOLDER", help="Where to; reports unless named.")
    ] = None,
    notebooks: Notebooks = None,
    workers: Annotated[int, typer.Option(min=1, help="Notebooks run at the same time.")] = 2,
    force: Annotated[bool, typer.Option("--force", help="Run reports that are current, too.")] = (
        False
    ),
) -> None:
    """Run the notebooks whose report is not current; write their reports and an overview."""
    from clusterkit.runs.publish import Outcome
    from clusterkit.runs.publish import publish as publish_all

    def begun(name: str, why: tuple[str, ...]) -> None:
        more = f"; and {len(why) - SHOWN_REASONS} more" if len(why) > SHOWN_REASONS else ""
        typer.echo(f"running   {name:32} {'; '.join(why[:SHOWN_REASONS])}{more}")

    def told(outcome: Outcome) -> None:
        page = _near(outcome.page) if outcome.page else ""
        line = f"{outcome.state:9} {outcome.name:32} {outcome.seconds:5.1f} s  {page}".rstrip()
        typer.secho(line, fg="red" if outcome.error else None, bold=bool(outcome.error))
        if outcome.error:
            typer.echo(str(outcome.error))

    done = publish_all(
        names,
        out=out,
        parameters=_parsed(given),
        folder=notebooks,
        as_text=True,
        force=force,
        workers=workers,
        begun=begun,
        told=told,
    )
    typer.echo(f"Open {_near(done.index)}")
    if done.failed:
        typer.echo(f"{len(done.failed)} of {len(done.outcomes)} notebooks failed.")
        raise typer.Exit(FAILED)


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
    if name is None:
        typer.echo(ctx.get_help() if asks else _listed(load_contracts(notebooks)))
        return
    terms = contract(name, notebooks)
    if asks:
        usage = nearest(_shell_language()).text("Usage")
        typer.echo(f"{usage}: clusterkit run {terms.notebook} [-p NAME=VALUE]...\n")
        typer.echo(_listed({name: terms}))
        return
    values = _parsed(given)
    terms.check(values, as_text=True)  # answers before papermill is imported
    from clusterkit.runs.execute import run as run_one

    target = out or reports_folder() / "runs" / f"{terms.notebook}.ipynb"
    written = run_one(terms.notebook, target, values, folder=notebooks, as_text=True)
    typer.echo(f"Wrote {_near(written)}")


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
    force: Annotated[bool, typer.Option("--force", help="Run also what is up to date.")] = False,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FOLDER", help="Where to; reports unless named.")
    ] = None,
    notebooks: Notebooks = None,
    kernels: Annotated[str | None, typer.Option(metavar="forked|ordinary")] = None,
    pages: Annotated[bool, typer.Option(help="Render each run as a page, too.")] = True,
) -> None:
    """Run one notebook under many settings, side by side, and compare its answers."""
    from contextlib import ExitStack

    from clusterkit.runs.sweep import KEPT
    from clusterkit.runs.sweep import sweep as sweep_all
    from clusterkit.runs.sweep_progress import Progress

    with ExitStack() as stack:
        executor = stack.enter_context(_dask_executor(dask)) if dask else None
        progress = stack.enter_context(Progress())
        done = sweep_all(
            name,
            grid={key: text.split(",") for key, text in _parsed(grid, "--grid").items()},
            scenarios=scenario,
            parameters=_parsed(given),
            folder=notebooks,
            out=out,
            as_text=True,
            workers=workers,
            kernels=kernels,
            executor=executor,
            pages=pages,
            force=force,
            planned=progress.planned,
            told=progress.told,
        )
    kept = sum(run.state == KEPT for run in done.runs)
    if kept:
        typer.echo(f"{kept} of {len(done.runs)} were up to date (--force runs them again).")
    typer.echo(f"Open {_near(done.index)}")
    if done.failed:
        typer.echo(f"{len(done.failed)} of {len(done.runs)} runs failed.")
        raise typer.Exit(FAILED)


@app.command()
def verify(
    report: Annotated[Path, typer.Argument(metavar="REPORT", help="Its folder, or a file in it.")],
    notebooks: Notebooks = None,
) -> None:
    """Make a report again, and say whether bytes and facts are the same."""
    from clusterkit.runs.verify import verify as verify_one

    found = verify_one(report, folder=notebooks)
    typer.echo(str(found))
    if found.moved:
        raise typer.Exit(FAILED)


@app.command()
def explain(
    first: Annotated[Path, typer.Argument(metavar="A", help="A report.")],
    second: Annotated[Path, typer.Argument(metavar="B", help="Another, of the same notebook.")],
) -> None:
    """Say which numbers moved between two reports, and what can have moved them."""
    from clusterkit.runs.verify import explain as explain_two

    typer.echo(str(explain_two(first, second)))


@app.command()
def refresh(names: Names = None, notebooks: Notebooks = None) -> None:
    """Execute the committed notebooks in place, with their defaults."""
    from clusterkit.runs.refresh import refresh as refresh_all

    def told(refreshed) -> None:
        typer.echo(f"{'changed' if refreshed.changed else 'same':8} {refreshed.name}")

    refresh_all(names, folder=notebooks, told=told)


@app.command()
def check(notebooks: Notebooks = None) -> None:
    """Check that notebooks, data and generated files are what they should be."""
    from clusterkit.runs.gate import check_data, check_docs, check_notebooks

    found = [*check_notebooks(notebooks), *check_data(), *check_docs()]
    for finding in found:
        typer.echo(str(finding))
    if found:
        typer.echo(f"{len(found)} to mend.")
        raise typer.Exit(FAILED)
    typer.echo(f"{len(load_contracts(notebooks))} notebooks and the data are in order.")


@app.command()
def data() -> None:
    """Write the registry, the codebook, the datapackage and the page of parameters anew."""
    from clusterkit.evidence.descriptor import write
    from clusterkit.runs.reference import write_parameters_page

    for path in [*write(), *write_parameters_page()]:
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
    text = _article(text_file)
    if target.exists():
        raise DataError(
            f"{target.name} exists already.",
            where=str(target),
            why="It may hold claims you have worked on, so it is not overwritten.",
            fix="Move it away, or choose another file with --out.",
        )
    from clusterkit.files import write_whole
    from clusterkit.printed.drafting import draft_claims as drafted

    claims = drafted(text)
    claims.insert(0, "case", case)
    write_whole(target, claims.to_csv(index=False, lineterminator="\n"))
    typer.echo(f"Wrote {len(claims)} claims to check to {_near(target)}")


def main() -> None:
    """Run the command line."""
    app()


def _parsed(given: list[str] | None, option: str = "-p") -> dict[str, str]:
    """Return NAME=VALUE words as a dict of text."""
    pairs = [word.partition("=") for word in given or []]
    for name, equals, _ in pairs:
        if not equals or not name:
            raise ParameterError(
                f"{option} was given {name!r}, which is no NAME=VALUE.",
                fix=f"Write it as one word, e.g. {option} {name or 'year_to'}=2020.",
            )
    return {name: value for name, _, value in pairs}


@contextmanager
def _dask_executor(address: str) -> Iterator[Executor]:
    """Provide the executor of a running Dask cluster."""
    try:
        from distributed import Client
    except ModuleNotFoundError as error:
        raise ParameterError(
            "--dask needs dask.distributed, which is not installed.",
            fix="Install it: pip install 'clusterkit-casebook[dask]'.",
        ) from error
    try:
        client = Client(address, timeout=DASK_SECONDS)
    except (OSError, ValueError) as error:
        raise ParameterError(
            f"No Dask scheduler answers at {address}.",
            why=str(error),
            fix="Start one with `dask scheduler`, and name the address that it prints.",
        ) from error
    with client:
        yield client.get_executor()


def _article(path: Path) -> str:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(
            f"{path.name} cannot be read: {type(error).__name__}.",
            where=str(path),
            fix="Name a text file, saved as UTF-8.",
        ) from error
    if not text.strip():
        raise DataError(
            f"{path.name} is empty.",
            where=str(path),
            fix="Paste the article into it, save, repeat.",
        )
    return text


def _listed(contracts: Mapping[str, Contract]) -> str:
    """Return what notebooks may be asked, in the language of the shell."""
    parts = []
    for terms in contracts.values():
        table = str(Settings(terms, None, _shell_language())).replace("\n", "\n  ")
        parts.append(f"{terms.notebook}: {terms.question}\n  {table}\n")
    return "\n".join(parts)


def _shell_language() -> str:
    """Return the code of the shell's language where there is a catalogue for it, else 'en'."""
    named = (os.environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    return nearest(next(filter(None, named), "")).code


def _near(path: Path) -> str:
    """Return a path as short as it can be typed here."""
    try:
        return os.fspath(path.resolve().relative_to(Path.cwd()))
    except ValueError:
        return os.fspath(path)


if __name__ == "__main__":
    main()
