"""The warm process that kernels are forked from; `clusterkit.runs.forking` starts and ends it.

It has imported what notebooks import, keeps to one thread (threads do not survive a fork), and does
three things: fork a kernel, pass on signals, tell how a kernel ended. Whoever asked for a kernel
holds one end of a socket; when that end closes, for whatever reason, the kernel is killed with all
it started. When the server itself goes, its kernels notice within a second: ipykernel watches its
parent.
"""

import atexit
import gc
import json
import os
import selectors
import signal
import socket
import sys
import threading
import time
from contextlib import suppress
from importlib import import_module
from importlib.util import find_spec

INLINE = "module://matplotlib_inline.backend_inline"
LAUNCHER = "ipykernel_launcher"
# What kernels and notebooks load at their first use.
USED = (
    *("ipykernel.kernelapp", "ipykernel.debugger", "pdb", "sqlite3", "pandas.io.formats.html"),
    *("IPython.core.completerlib", "IPython.core.debugger", "IPython.core.oinspect"),
    *("babel.numbers", "cn2an", "pint"),
)


def serve(control: int) -> None:
    """Fork kernels until nobody asks any more.

    Parameters
    ----------
    control : int
        The descriptor of a socket. Each request is one byte that brings two descriptors with it:
        a socket for this kernel, and the file for what the kernel says outside its notebook.
    """
    _warm()
    request = _fork_on_request(socket.socket(fileno=control))
    if request:
        _become_kernel(**request)
        _leave()


def _warm() -> None:
    """Import what notebooks import and draw once, leaving no setting and no cache behind."""
    gc.disable()
    for module in USED:
        import_module(module)
    import pandas as pd
    import pandera.pandas as pa

    import clusterkit
    from clusterkit.views.warming import draw_once

    for name in clusterkit.__all__:
        getattr(clusterkit, name)
    draw_once()
    # pandera loads most of itself when it first validates
    pa.DataFrameSchema({"year": pa.Column(int)}).validate(pd.DataFrame({"year": [2024]}))
    gc.collect()
    gc.freeze()  # a collection in a kernel would otherwise copy all of this memory


def _fork_on_request(control: socket.socket) -> dict | None:
    """Return the request in each kernel, and None in the server when `control` has closed."""
    kernels: dict[int, socket.socket] = {}
    woken, wake = socket.socketpair()
    wake.setblocking(False)
    signal.signal(signal.SIGCHLD, lambda *_: None)  # a signal that is ignored wakes nobody
    signal.set_wakeup_fd(wake.fileno())
    selector = selectors.PollSelector()  # unlike others, nothing that a fork would share
    for source in (control, woken):
        selector.register(source, selectors.EVENT_READ)
    while True:
        for key, _ in selector.select():
            source = key.fileobj
            if source is woken:
                woken.recv(4096)
                _reap(kernels, selector)
            elif source is control:
                message, descriptors, *_ = socket.recv_fds(control, 1, 2)
                if not message:
                    _end(kernels)
                    return None
                channel, log = socket.socket(fileno=descriptors[0]), descriptors[1]
                request = _read_request(channel)
                pid = os.fork() if request else None
                if pid == 0:
                    signal.set_wakeup_fd(-1)
                    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                    for open_here in (control, woken, wake, channel, *kernels.values()):
                        open_here.close()
                    return {**request, "log": log}
                os.close(log)
                if pid:
                    kernels[pid] = channel
                    selector.register(channel, selectors.EVENT_READ, data=pid)
            elif key.data in kernels:
                signals = source.recv(64) or [signal.SIGKILL]
                for number in signals:
                    _signal(key.data, number)
                if signals == [signal.SIGKILL]:  # nobody holds the other end any more
                    selector.unregister(source)


def _read_request(channel: socket.socket) -> dict | None:
    """Return what to fork; None when whoever asked has gone meanwhile."""
    length = int.from_bytes(channel.recv(4, socket.MSG_WAITALL), "big")
    text = channel.recv(length, socket.MSG_WAITALL)
    return json.loads(text) if text and len(text) == length else None


def _reap(kernels: dict[int, socket.socket], selector: selectors.BaseSelector) -> None:
    """Tell of each kernel that has ended how it did, and end what it left running."""
    with suppress(ChildProcessError):
        while True:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return
            _signal(pid, signal.SIGKILL)
            channel = kernels.pop(pid)
            with suppress(KeyError):
                selector.unregister(channel)
            with suppress(OSError), channel:
                channel.sendall(str(os.waitstatus_to_exitcode(status)).encode())


def _end(kernels: dict[int, socket.socket]) -> None:
    for pid in kernels:
        _signal(pid, signal.SIGKILL)
    for pid in kernels:
        os.waitpid(pid, 0)


def _signal(pid: int, number: int) -> None:
    """Send a signal to a kernel and all it started."""
    for send in (os.killpg, os.kill):  # a kernel just forked has no group of its own yet
        with suppress(ProcessLookupError, PermissionError):
            return send(pid, number)
    return None


def _become_kernel(
    *, arguments: list[str], environment: dict[str, str], folder: str, log: int
) -> None:
    """Turn this process into the kernel that an interpreter of its own would have become."""
    import numpy as np
    from ipykernel.kernelapp import IPKernelApp

    from clusterkit.views.warming import set_backend

    os.setsid()
    nothing = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((nothing, 0), (log, 1), (log, 2)):
        os.dup2(source, target)
    os.close(nothing)
    os.close(log)
    os.environ.clear()
    os.environ.update(environment | {"JPY_PARENT_PID": str(os.getppid())})
    time.tzset()
    os.chdir(folder)
    # from the system, as in a new interpreter; Python's own random does so by itself
    np.random.seed()  # noqa: NPY002
    os.environ.setdefault("MPLBACKEND", INLINE)
    set_backend(os.environ["MPLBACKEND"])
    sys.argv = [find_spec(LAUNCHER).origin, *arguments]
    gc.enable()
    IPKernelApp.launch_instance(arguments, parent_handle=os.getppid())


def _leave() -> None:
    """End as an interpreter does, except that it does not take the memory apart: half the cost."""
    threading._shutdown()
    atexit._run_exitfuncs()
    os._exit(0)
