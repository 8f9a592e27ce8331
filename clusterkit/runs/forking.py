"""Kernels forked from one warm process: a run does not pay again for what all runs import.

jupyter_client's own plug-in point: a provisioner, which any of its users can name. The kernels are
those of ipykernel, and a notebook cannot tell except by speed. Linux and macOS; elsewhere, on
request, and when a forked kernel does not answer (which is said once), kernels are ordinary.
"""

import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any

from jupyter_client.provisioning import LocalProvisioner

from clusterkit.errors import ParameterError
from clusterkit.runs.forkserver import LAUNCHER

KERNELS = ("forked", "ordinary")
KERNELS_VARIABLE = "CLUSTERKIT_KERNELS"
ENDING_SECONDS = 1  # until a warm process that broke down has ended
# Without the current folder on the path, as ipykernel's launcher does it.
SERVE = "import sys; del sys.path[0]; from clusterkit.runs.forkserver import serve; serve({})"


@contextmanager
def kernels(kind: str | None = None) -> Iterator["ForkServer | None"]:
    """Provide what `execute` takes as `server`, and end it with all its kernels afterwards.

    A single run gains little (a tenth, as measured): warming up takes about as long as the imports
    it saves. Each run after it saves them whole.

    Parameters
    ----------
    kind : {'forked', 'ordinary'}, optional
        By default what the environment variable ``CLUSTERKIT_KERNELS`` says, else forked kernels
        where the system has them.

    Raises
    ------
    ParameterError
        There is no such kind, or forked kernels were asked for on a system without them.
    """
    asked = kind or os.environ.get(KERNELS_VARIABLE)
    can_fork = hasattr(os, "fork")
    if (asked and asked not in KERNELS) or (asked == "forked" and not can_fork):
        raise ParameterError(
            f"Kernels cannot be {asked!r}.",
            why="This system cannot fork processes." if asked == "forked" else None,
            fix="Choose --kernels ordinary, or --kernels forked on Linux and macOS.",
        )
    if asked == "ordinary" or not can_fork:
        yield None
        return
    server = ForkServer()
    try:
        yield server
    finally:
        server.close()


class ForkServer:
    """The warm process, started when the first kernel is asked for."""

    def __init__(self) -> None:
        self.closed = False
        self._control: socket.socket | None = None
        self._process: subprocess.Popen | None = None
        self._changing = threading.Lock()
        self._told = False

    def fork(
        self, arguments: list[str], *, environment: dict[str, str], folder: str, log: int
    ) -> "ForkedProcess":
        """Return a new kernel.

        Parameters
        ----------
        arguments : list of str
            What follows the module's name on the kernel's command line.
        environment : dict
            All environment variables of the kernel.
        folder : str
            The kernel's working directory.
        log : int
            The descriptor of a file for what the kernel says outside its notebook.
        """
        with self._changing:
            if self.closed:
                raise ConnectionError("The fork server is closed.")
            if self._process is None:
                self._start()
        request = {"arguments": arguments, "environment": environment, "folder": folder}
        text = json.dumps(request).encode()
        ours, theirs = socket.socketpair()
        try:
            with theirs:
                socket.send_fds(self._control, [b"k"], [theirs.fileno(), log])
            ours.sendall(len(text).to_bytes(4, "big") + text)
        except OSError:
            ours.close()
            raise
        return ForkedProcess(ours)

    def close(self) -> None:
        """End the server and whatever kernels it still has."""
        with self._changing:
            self.closed = True
        if self._process is not None:
            self._control.close()
            self._process.wait()
            self._said.close()

    def tell_once(self, error: Exception) -> None:
        """Say that a kernel had to be an ordinary one, and why; all others go without saying."""
        with self._changing:
            if self._told:
                return
            self._told = True
        why = self._last_words() or str(error)
        sys.stderr.write(
            "A forked kernel did not answer, so an ordinary one ran its notebook; that takes "
            f"longer, and the result is the same.\n  likely: {why}\n"
            "  next:   To do without forked kernels: --kernels ordinary, or "
            f"{KERNELS_VARIABLE}=ordinary\n"
        )

    def _last_words(self) -> str:
        """Return what the warm process said last, if that ended it."""
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(ENDING_SECONDS)
            self._said.seek(0)
            lines = self._said.read().decode(errors="replace").split("\n")
            return next((line for line in reversed(lines) if line.strip()), "")
        return ""

    def _start(self) -> None:
        self._control, theirs = socket.socketpair()
        # One thread, for threads do not survive a fork; and no backend chosen for the kernels.
        environment = os.environ | {"OPENBLAS_NUM_THREADS": "1"}
        environment.pop("MPLBACKEND", None)
        self._said = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the server
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-Xfrozen_modules=off", "-c", SERVE.format(theirs.fileno())],
                env=environment,
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self._said,
                start_new_session=True,  # Ctrl-C is for us, who then close the server
            )


class ForkedProcess:
    """A forked kernel, handled as `subprocess.Popen` is: through the server, its parent.

    Only a parent can wait for a process and be sure whose id it signals.
    """

    stdin = stdout = stderr = pid = None

    def __init__(self, channel: socket.socket) -> None:
        channel.setblocking(False)
        self._channel = channel
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """Return the exit code, None while the kernel runs."""
        if self.returncode is None:
            with suppress(BlockingIOError):
                told = self._channel.recv(16)
                # nothing told: the server is gone, and its kernels with it
                self.returncode = int(told) if told else -signal.SIGKILL
                self._channel.close()
        return self.returncode

    def wait(self) -> int:
        """Wait for the end, and return the exit code."""
        if self.returncode is None:
            select.select([self._channel], [], [])
        return self.poll()

    def send_signal(self, number: int) -> None:
        """Send a signal to the kernel and all it started."""
        if self.poll() is None:
            with suppress(OSError):
                self._channel.send(bytes([number]))

    def terminate(self) -> None:
        """Ask the kernel to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End the kernel."""
        self.send_signal(signal.SIGKILL)


class ForkedProvisioner(LocalProvisioner):
    """Provides kernels from a fork server, one for the whole process unless it is given one.

    Known to jupyter_client as ``clusterkit-forked``.
    """

    server: ForkServer | None = None

    async def launch_kernel(self, cmd: list[str], **options: Any) -> dict[str, Any]:
        """Fork a kernel; one of another interpreter or language starts in the ordinary way."""
        if LAUNCHER not in cmd or cmd[0] != sys.executable:
            return await super().launch_kernel(cmd, **options)
        log = options.get("stderr")
        self.process = (self.server or _lasting_server()).fork(
            cmd[cmd.index(LAUNCHER) + 1 :],
            environment=dict(options.get("env") or os.environ),
            folder=os.fspath(options.get("cwd") or Path.cwd()),
            log=log.fileno() if hasattr(log, "fileno") else 2,
        )
        return self.connection_info


@cache
def _lasting_server() -> ForkServer:
    """Return the server of this process; it ends when the process does."""
    return ForkServer()
