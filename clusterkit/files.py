"""Files written in one stroke, told apart by hash, folders kept to one writer; no litter.

Whatever is begun is noted in `LEFT` until it is done, so that a process that is broken off can
leave nothing behind, in any phase and from any thread.
"""

import errno
import hashlib
import os
import re
import secrets
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path, PurePosixPath
from typing import NoReturn

from clusterkit.errors import RunError

# What editors, Office and file managers leave behind, and whatever is hidden, counts for nothing.
FOREIGN = re.compile(r"[.~#]|.*[~#]$")
OURS = "ck-"  # how temporary folders begin; the number of their process comes next
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
ENDING = threading.RLock()  # held while something is begun; whoever breaks off keeps it for good
ENDING_SECONDS = 1  # until it is taken as free, for a disk may hang
LEFT: dict[object, Callable[[], object]] = {}  # how to put away what is begun, the latest last


def write_whole(path: Path, content: str | bytes) -> None:
    """Write a file completely or not at all: a reader never sees half of it.

    The content goes to a temporary file in the same folder, which is moved onto the target.
    """
    make_folder(path.parent)
    data = content.encode("utf-8") if isinstance(content, str) else content
    temporary = path.with_name(f".{secrets.token_hex(8)}.part")
    try:
        with ENDING, putting_away(lambda: temporary.unlink(missing_ok=True)):
            with temporary.open("xb") as file:
                file.write(data)
            temporary.replace(path)
    except OSError as error:
        raise _unwritable(path, error) from error


def try_writing(path: Path) -> None:
    """Refuse at once what could not be written in the end; nothing is left there."""
    there = next(folder for folder in path.parents if folder.exists())
    trial = there / f".{secrets.token_hex(8)}.part"
    try:
        with putting_away(lambda: trial.unlink(missing_ok=True)):
            if path.is_dir():
                raise IsADirectoryError(errno.EISDIR, "it is a folder")
            trial.touch(exist_ok=False)
    except OSError as error:
        raise _unwritable(path, error) from error


@contextmanager
def putting_away(how: Callable[[], object]) -> Iterator[None]:
    """Have something put away at the end of a block, and also where the process is broken off."""
    key = object()
    with ENDING:
        LEFT[key] = how
    try:
        yield
    finally:
        with ENDING:
            LEFT.pop(key)
        with suppress(OSError):
            how()


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """Provide a folder, and sweep up those of processes that were killed."""
    import psutil

    root = Path(tempfile.gettempdir())
    for old in root.glob(f"{OURS}*-*"):
        number = old.name.split("-")[1]
        if number.isdecimal() and not psutil.pid_exists(int(number)):
            with suppress(RunError), alone(old):  # held, where its process cannot be seen from here
                shutil.rmtree(old, ignore_errors=True)
    folder = root / f"{OURS}{os.getpid()}-{secrets.token_hex(4)}"
    with putting_away(lambda: _remove(folder)):
        with ENDING:
            folder.mkdir(mode=0o700)
        with alone(folder):
            yield folder


def _remove(folder: Path) -> None:
    for _ in range(20):  # who was just killed may still write there
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            return
        time.sleep(0.05)


def break_off(code: int, message: str = "") -> NoReturn:
    """End this process at once, whatever its threads are at, and put away what is begun."""
    ENDING.acquire(timeout=ENDING_SECONDS)
    for how in reversed(list(LEFT.values())):
        with suppress(Exception):
            how()
    with suppress(OSError):
        os.write(2, message.encode())
    os._exit(code)


def hash_file(path: Path) -> str:
    """Return the sha256 of a file, in hexadecimal."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def hash_files(folder: Path, wanted: Callable[[PurePosixPath], bool]) -> dict[str, str]:
    """Return the sha256 of each wanted file below a folder by its path, in the order of paths."""
    names = (PurePosixPath(path.relative_to(folder).as_posix()) for path in _below(folder))
    return {str(name): hash_file(folder / name) for name in names if wanted(name)}


def _below(folder: Path) -> list[Path]:
    """Return the files below a folder in order, those behind links too; foreign ones left out."""
    found = []
    for place, folders, names in os.walk(folder, followlinks=True):
        here = Path(place)
        above = {it.resolve() for it in (here, *here.parents)}  # a link there would never end
        folders[:] = [
            name
            for name in folders
            if not FOREIGN.match(name) and (here / name).resolve() not in above
        ]
        found += [here / name for name in names if not FOREIGN.match(name)]
    return sorted(path for path in found if path.is_file())


def listed(folder: Path, pattern: str) -> list[Path]:
    """Return what a folder holds of a pattern, in order; foreign files and folders left out."""
    found = sorted(folder.glob(pattern))
    return [it for it in found if not any(map(FOREIGN.match, it.relative_to(folder).parts))]


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
    no such locks (Windows, some network folders), two runs at once go unnoticed.
    """
    make_folder(folder)
    if sys.platform == "win32":
        yield
        return
    import fcntl

    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(handle)
        raise RunError(
            f"Another run is at work in {folder.name}.",
            where=str(folder),
            fix="Wait until it has ended, then repeat.",
        ) from error
    except OSError as error:
        _tell_of_locks(error.strerror)
    try:
        yield
    finally:
        with suppress(OSError):  # a process just starting may hold the handle for longer
            fcntl.flock(handle, fcntl.LOCK_UN)
        os.close(handle)


@cache
def _tell_of_locks(why: str) -> None:
    told = f"Folders cannot be locked here ({why}): see to it that no two runs share one."
    sys.stderr.write(f"{told}\n")


def _unwritable(path: Path, error: OSError) -> RunError:
    make_room = "Free some space, or name" if error.errno in FULL else "Name"
    return RunError(
        f"{path.name} cannot be written: {error.strerror}.",
        where=str(path),
        fix=f"{make_room} another place (on the command line with --out).",
    )
