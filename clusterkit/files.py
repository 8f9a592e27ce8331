"""Files written in one stroke, told apart by hash, and folders kept to one writer."""

import hashlib
import os
import re
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from clusterkit.errors import RunError

FOREIGN = re.compile(r"[.~#]|.*[~#]$")


def write_whole(path: Path, content: str | bytes) -> None:
    """Write a file completely or not at all: a reader never sees half of it.

    The content goes to a temporary file in the same folder, which is moved onto the target.
    """
    make_folder(path.parent)
    data = content.encode("utf-8") if isinstance(content, str) else content
    temporary = None
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
        temporary = Path(name)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        temporary.chmod(0o644)  # mkstemp keeps files to their owner; a report is to be read
        temporary.replace(path)
    except BaseException as error:
        if temporary:
            temporary.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise _unwritable(path, error) from error
        raise


def hash_file(path: Path) -> str:
    """Return the sha256 of a file, in hexadecimal."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def hash_files(folder: Path, wanted: Callable[[PurePosixPath], bool]) -> dict[str, str]:
    """Return the sha256 of each wanted file of a folder by its path, in the order of paths.

    Hidden files and what editors, Office and file managers leave behind do not count.
    """
    found = (path for path in sorted(folder.rglob("*")) if path.is_file())
    names = (PurePosixPath(path.relative_to(folder).as_posix()) for path in found)
    return {
        str(name): hash_file(folder / name)
        for name in names
        if wanted(name) and not any(FOREIGN.match(part) for part in name.parts)
    }


def make_folder(folder: Path) -> None:
    """Make a folder, unless it is there."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _unwritable(folder, error) from error
    if not os.access(folder, os.W_OK):
        raise _unwritable(folder, PermissionError(None, "permission denied"))


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Keep a folder, made where needed, to one run at a time.

    The lock lies on the folder itself: it leaves no file and dies with its owner. Where there are
    no such locks (Windows), two runs at once go unnoticed.
    """
    make_folder(folder)
    if sys.platform == "win32":
        yield
        return
    import fcntl

    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
        fcntl.flock(handle, fcntl.LOCK_UN)  # a forked kernel may hold the handle for longer
    except BlockingIOError as error:
        raise RunError(
            f"Another run is at work in {folder.name}.",
            where=str(folder),
            fix="Wait until it has ended, then repeat.",
        ) from error
    finally:
        os.close(handle)


def _unwritable(path: Path, error: OSError) -> RunError:
    return RunError(
        f"{path.name} cannot be written: {error.strerror}.",
        where=str(path),
        fix="Free some space, or name another place (on the command line with --out).",
    )
