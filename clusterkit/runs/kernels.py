"""Kernels of the interpreter that runs this code, forked from one warm process where that can be.

So a run does not pay again for what all runs import. A forked kernel is one of ipykernel's, and a
notebook cannot tell except by speed. Linux and macOS; elsewhere, on request, and when a forked
kernel does not answer (which is said once), kernels are ordinary.
"""

import atexit
import gc
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from multiprocessing import Pipe, connection, forkserver, reduction, resource_tracker
from pathlib import Path
from typing import Any, TextIO

import psutil
from jupyter_client import AsyncKernelClient, AsyncKernelManager
from jupyter_client.channels import AsyncZMQSocketChannel
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.provisioning import LocalProvisioner

from clusterkit.errors import ClusterkitError, ParameterError
from clusterkit.files import putting_away, temporary_folder

KERNELS_VARIABLE = "CLUSTERKIT_KERNELS"
LONGEST_SOCKET = 90  # bytes; the system refuses socket paths of about 104
ENDING_SECONDS = 10  # until a warm process that broke down has ended
CLOSING_SECONDS = 0.5  # until one that is to end has noticed
LAUNCHER = "ipykernel_launcher"
# Without the current folder on the path, as that launcher does it.
SERVE = (
    "import sys; sys.flags.safe_path or sys.path.pop(0); "
    "import clusterkit.runs.kernels as k; k.serve({}, {}, {!r})"
)
# Waits beside an ordinary kernel until we are gone, and ends it with all it started.
GUARD = ("/bin/sh", "-c", "read gone; kill -s KILL -- -$0 2>/dev/null")
MOST_OUTPUT = 50_000_000  # bytes that a notebook may show; it all comes to lie in our memory
INLINE = "module://matplotlib_inline.backend_inline"
# What kernels and notebooks load at their first use.
USED = (
    *("ipykernel.kernelapp", "ipykernel.debugger", "pdb", "sqlite3", "pandas.io.formats.html"),
    *("IPython.core.completerlib", "IPython.core.debugger", "IPython.core.oinspect"),
    *("babel.numbers", "cn2an", "pint"),
)
STARTED: set["type[OwnKernel]"] = set()  # the kernels that this process is running


@contextmanager
def kernels(kind: str | None = None) -> Iterator["ForkServer | None"]:
    """Provide what `execute` takes as `server`, and end it with all its kernels afterwards.

    A single run gains little (a tenth, as measured): warming up takes about as long as the imports
    it saves. Each run after it saves them whole.
    """
    known = ("forked", "ordinary") if hasattr(os, "fork") else ("ordinary",)
    kind = kind or os.environ.get(KERNELS_VARIABLE) or known[0]
    if kind not in known:
        raise ParameterError(
            f"Kernels cannot be {kind!r}.",
            why="This system cannot fork processes." if kind == "forked" else None,
            fix="Choose --kernels ordinary, or --kernels forked on Linux and macOS.",
        )
    server = ForkServer() if kind == "forked" else None
    try:
        yield server
    finally:
        if server:
            server.close()


def kill_kernels() -> None:
    """Kill every kernel that this process has started."""
    for kernel in list(STARTED):
        kernel.kill()


class ForkServer:
    """The warm process, started when the first kernel is asked for.

    It is multiprocessing's fork server, but asked without multiprocessing, which would start a
    tracker of resources, settle how this program is to start its own processes, and import its
    ``__main__`` once more.
    """

    def __init__(self) -> None:
        self.closed = self._told = False
        self._changing = threading.Lock()
        self._open = ExitStack()
        self._process: subprocess.Popen | None = None

    def fork(self, wanted: "Wanted", log: int) -> "ForkedProcess":
        """Return a new kernel; what it says outside its notebook goes to the file `log`."""
        with self._changing:
            if self.closed:
                raise ConnectionError("The fork server is closed.")
            if self._process is None:
                self._start()
        asked, held = Pipe(duplex=False)
        status, telling = Pipe(duplex=False)
        with socket.socket(socket.AF_UNIX) as door, asked, telling:
            door.connect(self._door)
            # The log three times: twice in place of what multiprocessing's own processes are given.
            reduction.sendfds(door, [asked.fileno(), telling.fileno(), log, log, log])
        with os.fdopen(held.fileno(), "wb", closefd=False) as request:
            for part in ({}, wanted):  # of this program itself, a kernel is to know nothing
                reduction.dump(part, request)
        return ForkedProcess(status, held)

    def close(self) -> None:
        """End the server and whatever kernels it still has."""
        with self._changing:
            self.closed = True
        self._open.close()

    def tell_once(self, error: Exception) -> None:
        """Say that a kernel had to be an ordinary one, and why; all others go without saying."""
        with self._changing:
            if self._told:
                return
            self._told = True
        sys.stderr.write(
            "A forked kernel did not answer, so an ordinary one ran its notebook; that takes "
            f"longer, and the result is the same.\n  likely: {self._last_words() or error}\n"
            "  next:   To do without forked kernels: --kernels ordinary, or "
            f"{KERNELS_VARIABLE}=ordinary\n"
        )

    def _last_words(self) -> str:
        """Return what the warm process said last, if that ended it."""
        if self._process is None:
            return ""
        try:
            self._process.wait(ENDING_SECONDS)
        except subprocess.TimeoutExpired:
            return ""
        self._said.seek(0)
        return self._said.read().strip().rpartition("\n")[2]

    def _start(self) -> None:
        home = self._open.enter_context(temporary_folder())
        self._said = self._open.enter_context((home / "said").open("w+", errors="replace"))
        self._door = str(home / "door")  # in a folder that no other user may enter
        alive, held = Pipe(duplex=False)
        # One thread, for threads do not survive a fork; and no backend chosen for the kernels.
        environment = os.environ | {"OPENBLAS_NUM_THREADS": "1"}
        environment.pop("MPLBACKEND", None)
        with socket.socket(socket.AF_UNIX) as door, alive:
            door.bind(self._door)
            door.listen()
            given = door.fileno(), alive.fileno()
            self._process = subprocess.Popen(
                [sys.executable, "-Xfrozen_modules=off", "-c", SERVE.format(*given, str(home))],
                env=environment,
                pass_fds=given,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self._said,
                start_new_session=True,  # Ctrl-C is for us, who then close the server
            )
        self._open.enter_context(putting_away(self._end))
        self._held = held

    def _end(self) -> None:
        """End the warm process; one that is still warming up would not notice for long."""
        self._held.close()
        try:
            self._process.wait(CLOSING_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


class ForkedProcess:
    """A forked kernel, handled as `subprocess.Popen` is. When nobody holds it any more, it ends."""

    stdin = stdout = stderr = pid = returncode = None

    def __init__(self, status: connection.Connection, held: connection.Connection) -> None:
        self._status, self._held = status, held
        self._listening = threading.RLock()  # whoever breaks off may be listening just now

    def poll(self) -> int | None:
        """Return the exit code, None while the kernel runs."""
        with self._listening:
            while self.returncode is None and connection.wait([self._status], 0):
                self._listen()
            return self.returncode

    def wait(self) -> int:
        """Wait for the end, and return the exit code."""
        while self.poll() is None:
            connection.wait([self._status])
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send a signal to the kernel and all it started."""
        if number == signal.SIGKILL:
            self._held.close()  # which also ends one that is still to be forked
        if self.poll() is None and self.pid:
            _signal_group(self.pid, number)

    def kill(self) -> None:
        """End the kernel and all it started."""
        self.send_signal(signal.SIGKILL)

    def _listen(self) -> None:
        """Hear who the kernel is, and later how it ended; then end what it left running."""
        try:
            told = forkserver.read_signed(self._status.fileno())
        except EOFError:  # the server is gone
            told = -signal.SIGKILL
        if told > 0 and self.pid is None:
            self.pid = told
        else:
            self.returncode = told
            if self.pid:
                _signal_group(self.pid, signal.SIGKILL)


class ForkedProvisioner(LocalProvisioner):
    """Provides kernels from a fork server, one for the whole process unless it is given one.

    Known to jupyter_client as ``clusterkit-forked``.
    """

    server = ForkServer()

    async def launch_kernel(self, cmd: list[str], **options: Any) -> dict[str, Any]:
        """Fork a kernel; one of another interpreter or language starts in the ordinary way."""
        if LAUNCHER not in cmd or cmd[0] != sys.executable:
            return await super().launch_kernel(cmd, **options)
        arguments = cmd[cmd.index(LAUNCHER) + 1 :]
        environment = {**(options.get("env") or os.environ), "JPY_PARENT_PID": str(os.getpid())}
        folder = os.fspath(options.get("cwd") or Path.cwd())
        log = options.get("stderr")
        log = log.fileno() if hasattr(log, "fileno") else 2
        self.process = self.server.fork(Wanted(arguments, environment, folder), log)
        return self.connection_info


class OwnKernel(AsyncKernelManager):
    """Starts the very interpreter that runs this code; each run makes a class of its own of it.

    The kernel listens at files in a folder of its own, which no other kernel can take; ports can
    be taken by another kernel between choosing and binding them. Where files will not do
    (Windows, or a very deep temporary folder), ports it is.
    """

    folder: Path
    environment: dict[str, str]
    said: TextIO
    server: ForkServer | None
    started: LocalProvisioner | None = None
    process: "subprocess.Popen | ForkedProcess | None" = None
    guard: subprocess.Popen | None = None
    heard = 0  # bytes of output

    @classmethod
    @contextmanager
    def of(
        cls, folder: Path, environment: dict, said: TextIO, server: ForkServer | None
    ) -> "Iterator[type[OwnKernel]]":
        """Provide the class for a run: its private folder, its log, and where it is forked."""
        own = {"environment": environment, "said": said, "server": server}
        kernel = type("Kernel", (cls,), {"folder": folder.resolve(), **own})
        STARTED.add(kernel)
        try:
            with putting_away(kernel.kill):
                yield kernel
        finally:
            STARTED.discard(kernel)

    def __init__(self, **options: Any) -> None:
        socket_name = os.fsencode(self.folder / "k-ipc-5")
        files = sys.platform != "win32" and len(socket_name) < LONGEST_SOCKET
        super().__init__(
            transport="ipc" if files else "tcp",
            connection_file=str(self.folder / "k.json"),
            # with no folder to look in, "python3" is ipykernel run by sys.executable
            kernel_spec_manager=KernelSpecManager(kernel_dirs=[]),
            **options,
        )

    async def start_kernel(self, **options: Any) -> None:
        """Start the kernel, forked if there is a server, else with a guard beside it."""
        kernel = type(self)
        kind = ForkedProvisioner if self.server else LocalProvisioner
        kernel.started = self.provisioner = kind(parent=self, kernel_spec=self.kernel_spec)
        if self.server:
            self.provisioner.server = self.server
        await super().start_kernel(env=self.environment, stderr=self.said, **options)
        kernel.process = self.provisioner.process
        if not self.server and sys.platform != "win32":
            words = (*GUARD, str(kernel.process.pid))
            kernel.guard = subprocess.Popen(words, stdin=subprocess.PIPE, start_new_session=True)

    def client(self, **options: Any) -> AsyncKernelClient:
        """Return a client that takes no more than a notebook may show."""
        client = super().client(**options)
        client.iopub_channel_class = type("Shown", (_Shown,), {"kernel": type(self)})
        return client

    @classmethod
    def kill(cls) -> None:
        """End the kernel, however far it has come, and all it started."""
        process = cls.process or (cls.started and cls.started.process)
        if process:
            process.kill()
        if cls.started and cls.started.pgid:
            _signal_group(cls.started.pgid, signal.SIGKILL)
        if cls.guard:
            cls.guard.stdin.close()
            cls.guard.wait()

    @classmethod
    def ending(cls) -> str:
        """Return how the kernel ended, empty where it has not."""
        code = cls.process and cls.process.poll()
        if code is None or code >= 0:
            return "" if code is None else f"exit code {code}"
        return signal.Signals(-code).name


class _Shown(AsyncZMQSocketChannel):
    """What a notebook shows, as it comes; one that never stops is ended with its kernel."""

    kernel: type[OwnKernel]

    async def _recv(self, **options: Any) -> dict[str, Any]:
        parts = await self.socket.recv_multipart(**options)
        self.kernel.heard += sum(map(len, parts))
        if self.kernel.heard > MOST_OUTPUT:
            self.kernel.kill()
        return self.session.deserialize(self.session.feed_identities(parts)[1])


def serve(door: int, alive: int, home: str) -> None:
    """Fork a kernel for whoever asks at `door`, until nobody holds the other end of `alive`."""
    _warm_up()
    try:
        forkserver.main(door, alive, [])
    finally:
        kernels = psutil.Process().children()
        for kernel in kernels:  # even one too busy to notice by itself
            _signal_group(kernel.pid, signal.SIGKILL)
            kernel.kill()  # one just forked has no group of its own yet
        psutil.wait_procs(kernels)
        shutil.rmtree(home, ignore_errors=True)  # whoever asked may have been killed


def _warm_up() -> None:
    """Import what notebooks import, read the data and draw once, leaving no setting behind."""
    gc.disable()
    for module in USED:
        import_module(module)
    import clusterkit
    from clusterkit.views import frame

    for name in clusterkit.__all__:
        getattr(clusterkit, name)
    frame.warm_up()
    with suppress(ClusterkitError, OSError):  # a fault is told by who needs it
        clusterkit.load_panel()
        for name in clusterkit.list_regions():
            clusterkit.load_regions(name)
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

        from clusterkit.views import frame

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
        frame.set_backend(os.environ["MPLBACKEND"])
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


def _signal_group(pid: int, number: int) -> None:
    """Send a signal to a kernel and all it started, if anything is left of them."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, number)
