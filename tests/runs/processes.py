"""Processes that tests start: awaited by what they do, not by the clock, and ended in any case."""

import subprocess
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress

import psutil

FOR_EVER = 1800  # seconds; not how long anything takes, but after which it will never come


def alive(process: psutil.Process) -> bool:
    with suppress(psutil.NoSuchProcess):
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    return False


def below(pid: int | None = None) -> set[psutil.Process]:
    """Return what a process started, and what that started, and is still there."""
    with suppress(psutil.NoSuchProcess):
        return set(filter(alive, psutil.Process(pid).children(recursive=True)))
    return set()


def until(holds: Callable, process: subprocess.Popen | None = None):
    """Wait for something to hold, as long as a process is there to bring it about."""
    deadline = time.monotonic() + FOR_EVER
    while not (held := holds()):
        assert process is None or process.poll() is None, "it ended before"
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return held


def gone(processes: Iterable[psutil.Process]) -> bool:
    return not any(map(alive, processes))


@contextmanager
def started(command: list, **options) -> Iterator[tuple[subprocess.Popen, Callable]]:
    """Start a command, and end it with all that was ever seen below it."""
    seen = set()
    process = subprocess.Popen(command, **options)

    def family() -> set[psutil.Process]:
        seen.update(below(process.pid))
        return set(filter(alive, seen))

    try:
        yield process, family
    finally:
        family()
        process.kill()
        process.communicate()
        for one in seen:
            with suppress(psutil.NoSuchProcess):
                one.kill()
