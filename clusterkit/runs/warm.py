"""The warm process that kernels are forked from; `clusterkit.runs.kernels` starts and ends it."""

import atexit
import gc
import os
import shutil
import signal
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from multiprocessing import connection, forkserver, resource_tracker

import psutil

LAUNCHER = "ipykernel_launcher"
INLINE = "module://matplotlib_inline.backend_inline"
# What kernels and notebooks load at their first use.
USED = (
    *("ipykernel.kernelapp", "ipykernel.debugger", "pdb", "sqlite3", "pandas.io.formats.html"),
    *("IPython.core.completerlib", "IPython.core.debugger", "IPython.core.oinspect"),
    *("babel.numbers", "cn2an", "pint"),
)


def serve(door: int, alive: int, home: str) -> None:
    """Fork a kernel for whoever asks at `door`, until nobody holds the other end of `alive`.

    The process has imported what notebooks import, and keeps to one thread: threads do not survive
    a fork.
    """
    _warm_up()
    try:
        forkserver.main(door, alive, [])
    finally:
        kernels = psutil.Process().children()
        for kernel in kernels:  # even one too busy to notice by itself
            signal_group(kernel.pid, signal.SIGKILL)
            kernel.kill()  # one just forked has no group of its own yet
        psutil.wait_procs(kernels)
        shutil.rmtree(home, ignore_errors=True)  # whoever asked may have been killed


def _warm_up() -> None:
    """Import what notebooks import and draw once, leaving no setting and no cache behind."""
    gc.disable()
    for module in USED:
        import_module(module)
    import pandas as pd
    import pandera.pandas as pa

    import clusterkit
    from clusterkit.views import theme

    for name in clusterkit.__all__:
        getattr(clusterkit, name)
    theme.warm_up()
    # pandera loads most of itself when it first validates
    pa.DataFrameSchema({"year": pa.Column(int)}).validate(pd.DataFrame({"year": [2024]}))
    gc.collect()
    gc.freeze()  # a collection in a kernel would otherwise copy all of this memory


@dataclass(frozen=True)
class Wanted:
    """A kernel that is asked for: its command line, its whole environment, its working folder."""

    arguments: list[str]
    environment: dict[str, str]
    folder: str

    def _bootstrap(self, asked: int) -> None:
        """Become that kernel, until it ends; the fork server calls this in a process of its own."""
        import numpy as np
        from ipykernel.kernelapp import IPKernelApp

        from clusterkit.views import theme

        os.setsid()
        _settle()
        threading.Thread(target=_end_with, args=[asked], daemon=True).start()
        os.environ.clear()
        os.environ.update(self.environment)
        time.tzset()
        os.chdir(self.folder)
        # from the system, as in a new interpreter; Python's own random does so by itself
        np.random.seed()  # noqa: NPY002
        os.environ.setdefault("MPLBACKEND", INLINE)
        theme.set_backend(os.environ["MPLBACKEND"])
        sys.argv = [find_spec(LAUNCHER).origin, *self.arguments]
        gc.enable()
        IPKernelApp.launch_instance(self.arguments, parent_handle=1)  # no parent to be watched
        # End as an interpreter does, except that it does not take the memory apart: half the cost.
        threading._shutdown()
        atexit._run_exitfuncs()
        os._exit(0)


def _settle() -> None:
    """Read from nowhere, write to the log, and have multiprocessing know nothing of the server."""
    server, tracker = forkserver._forkserver, resource_tracker._resource_tracker
    logs = [server._forkserver_alive_fd, tracker._fd, *server._inherited_fds]
    for source, target in zip((sys.stdin.fileno(), *logs), (0, 1, 2, 2), strict=True):
        os.dup2(source, target)
        os.close(source)
    sys.stdin = sys.__stdin__ = os.fdopen(0)
    server.__init__()
    tracker.__init__()


def _end_with(asked: int) -> None:
    """End this kernel and all it started when nobody holds it any more."""
    connection.wait([asked])
    os.killpg(0, signal.SIGKILL)


def signal_group(pid: int, number: int) -> None:
    """Send a signal to a kernel and all it started, if anything is left of them."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, number)
