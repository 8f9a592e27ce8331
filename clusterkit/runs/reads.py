"""What a kernel reads: the files and folders it looks into, noted as it does so.

Python tells audit hooks of every file it opens and every folder it lists. Only files that native
code opens by itself, as Arrow and DuckDB do, go unseen; a notebook loads its data through
clusterkit, which opens files in Python.
"""

import os
import sys
from pathlib import Path

from clusterkit.evidence.tables import data_folder
from clusterkit.runs.places import notebooks_folder

READS_VARIABLE = "CLUSTERKIT_READS"
EXTENSION = "--InteractiveShellApp.extra_extensions=clusterkit.runs.reads"  # for a kernel's command
EVENTS = ("open", "os.listdir", "os.scandir")


def load_ipython_extension(shell: object) -> None:
    """Begin to record when a kernel starts, into the file that ``CLUSTERKIT_READS`` names."""
    if into := os.environ.get(READS_VARIABLE):
        record_reads(into)


def record_reads(into: str | os.PathLike[str]) -> None:
    """Note from now on what this process reads of the data and beside the notebooks.

    An audit hook cannot be taken off again, so this is for a process that serves one notebook.

    Parameters
    ----------
    into : path
        Each name is added to this file at once, so that nothing is lost with a kernel.
    """
    roots = {f"{data_folder()}{os.sep}": "", f"{notebooks_folder()}{os.sep}": "notebooks/"}
    log = os.open(into, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    seen = set()

    def note(event: str, arguments: tuple) -> None:
        if event not in EVENTS or not isinstance(arguments[0], str | bytes | os.PathLike):
            return
        path = os.path.realpath(os.fsdecode(arguments[0]))
        if event != "open":
            path += os.sep
        for root, prefix in roots.items():
            if path.startswith(root) and path not in seen:
                seen.add(path)
                name = prefix + Path(path[len(root) :]).as_posix()
                os.write(log, f"{name}{'' if event == 'open' else '/'}\n".encode())

    sys.addaudithook(note)


def recorded_reads(file: Path) -> list[str] | None:
    """Return the names of what was read, sorted; None where nobody recorded.

    A name is relative to the data folder; that of a folder ends in a slash. Files beside the
    notebooks have names that begin with ``notebooks/``.
    """
    return sorted(set(file.read_text(encoding="utf-8").splitlines())) if file.is_file() else None
