import os
import signal
import subprocess
import sys
import textwrap
import time

import psutil
import pytest

from clusterkit.errors import ParameterError
from clusterkit.runs import forking
from clusterkit.runs.execute import NotebookError, execute
from clusterkit.runs.forking import ForkServer, kernels
from clusterkit.runs.notebook import notebook_text, read_notebook, tidy

from .conftest import contract_toml, write_workshop

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")


@pytest.fixture(scope="module")
def server():
    with kernels("forked") as warm:
        yield warm


@pytest.fixture
def notebook(tmp_path):
    """Write a notebook of some cells; return its folder."""

    def write(*cells):
        first = [("markdown", "# Does it?"), ("code", 'lang = "en"', "parameters")]
        whole = {"10-n": [*first, *(("code", cell) for cell in cells)]}
        return write_workshop(tmp_path, contract_toml("10-n"), **whole)

    return write


def below(pid: int) -> set[psutil.Process]:
    """Return what a process started, and what that started, and is still there."""
    found = psutil.Process(pid).children(recursive=True)
    return {one for one in found if one.status() != psutil.STATUS_ZOMBIE}


def alive(process: psutil.Process) -> bool:
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE


def soon(holds, seconds=20) -> bool:
    deadline = time.monotonic() + seconds
    while not (held := holds()) and time.monotonic() < deadline:
        time.sleep(0.05)
    return held


# What a notebook could see of its kernel, and of what other notebooks left.
SEEN = """
import gc, os, random, signal, sys, threading, warnings
import clusterkit, matplotlib, numpy, pandas, seaborn
import matplotlib.pyplot as plt
ours = [module for name, module in list(sys.modules.items()) if name.startswith("clusterkit")]
cached = {name: one.cache_info().currsize
          for module in ours for name, one in vars(module).items() if hasattr(one, "cache_info")}
[sys.argv[0], sys.argv[1], sys.path, sys.flags, os.getcwd(), __name__,
 os.environ.get("PROBE"), "OPENBLAS_NUM_THREADS" in os.environ, os.environ["MPLBACKEND"],
 matplotlib.get_backend(), matplotlib.is_interactive(), plt.get_fignums(),
 sorted((name, str(value)) for name, value in matplotlib.rcParams.items()),
 gc.isenabled(), threading.active_count(), signal.getsignal(signal.SIGCHLD),
 sorted(str(one) for one in warnings.filters), numpy.geterr(),
 pandas.get_option("display.max_rows"), [name for name in cached if cached[name]]]
"""


def test_a_notebook_sees_the_same_in_a_forked_kernel(server, notebook, monkeypatch):
    monkeypatch.setenv("PROBE", "now")
    plot = "import matplotlib.pyplot as plt\nplt.plot([1, 3, 2])\nplt.title('織')"
    folder = notebook(SEEN, plot, "print(1)\nimport os\n_ = os.system('echo from below')")
    forked = execute("10-n", folder=folder, server=server)
    assert "'now'" in forked.cells[2].outputs[0].data["text/plain"]
    assert [out.output_type for out in forked.cells[3].outputs][-1] == "display_data"
    assert notebook_text(forked) == notebook_text(execute("10-n", folder=folder))


def test_kernels_share_nothing(server, notebook):
    folder = notebook(
        "import random, numpy, clusterkit\nhere = hasattr(clusterkit, 'mark')\nclusterkit.mark = 1",
        "[here, random.random(), numpy.random.rand()]",
    )
    first, second = (
        eval(execute("10-n", folder=folder, server=server).cells[3].outputs[0].data["text/plain"],
             {"np": type("np", (), {"float64": float})})
        for _ in range(2)
    )  # fmt: skip
    assert first[0] is second[0] is False
    assert first[1] != second[1]
    assert first[2] != second[2]


def test_last_words_and_exit_code_of_a_forked_kernel_are_told(server, notebook):
    folder = notebook("import os\nos.write(2, b'')\nos.write(2, b'goodbye\\n'); os._exit(3)")
    with pytest.raises(NotebookError, match="DeadKernelError"):
        execute("10-n", folder=folder, server=server)
    folder = notebook("import sys\nsys.__stderr__.write('goodbye'); sys.__stderr__.flush()",
                      "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)")  # fmt: skip
    with pytest.raises(NotebookError, match="DeadKernelError"):
        execute("10-n", folder=folder, server=server)


def test_what_a_dying_notebook_leaves_running_ends_with_it(server, notebook, tmp_path):
    sign = tmp_path / "pid"
    start = (
        f"left = subprocess.Popen(['sleep', '600'])\nopen({str(sign)!r}, 'w').write(str(left.pid))"
    )
    folder = notebook(f"import os, subprocess\n{start}", "os._exit(3)")
    with pytest.raises(NotebookError, match="DeadKernelError"):
        execute("10-n", folder=folder, server=server)
    left = int(sign.read_text())
    assert soon(lambda: not psutil.pid_exists(left) or not alive(psutil.Process(left)))


def test_a_kernel_nobody_holds_any_more_is_killed(server, tmp_path):
    where = ["-f", str(tmp_path / "k.json"), "--transport=ipc", f"--ip={tmp_path / 'k'}"]
    with (tmp_path / "log").open("w") as log:
        held = server.fork(where, environment={}, folder=str(tmp_path), log=log.fileno())
    assert soon((tmp_path / "k.json").exists, 60)
    assert held.poll() is None
    assert len(below(server._process.pid)) == 1
    held._channel.close()
    assert soon(lambda: not below(server._process.pid))


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        ("raise ImportError('not today')", "  likely: ImportError: not today\n"),
        ("import os; os._exit(1)", "  likely: "),
    ],
)
def test_where_forking_fails_the_kernel_is_an_ordinary_one_and_that_is_said_once(
    fault, why, notebook, monkeypatch, capsys
):
    monkeypatch.setattr(forking, "SERVE", fault + " #{}")
    folder = notebook("import os\nos.getppid()")
    with kernels("forked") as broken:
        for _ in range(2):
            done = execute("10-n", folder=folder, server=broken)
            assert done.cells[2].outputs[0].data["text/plain"] == str(os.getpid())
    told = capsys.readouterr().err
    assert told.count("A forked kernel did not answer, so an ordinary one ran its notebook") == 1
    assert why in told
    assert "likely: \n" not in told
    assert told.endswith("--kernels ordinary, or CLUSTERKIT_KERNELS=ordinary\n")


def test_nothing_is_left_after_an_exception(notebook):
    folder = notebook("import time; time.sleep(1)")
    before = below(os.getpid())
    with pytest.raises(ZeroDivisionError), kernels("forked") as one:
        execute("10-n", folder=folder, server=one)
        assert not one._told
        assert below(os.getpid()) > before
        _ = 1 / 0
    assert below(os.getpid()) <= before


@pytest.mark.parametrize("victim", ["user", "server"])
def test_nothing_outlives_a_killed(victim, notebook, tmp_path):
    sign = tmp_path / "running"
    folder = notebook(f"open({str(sign)!r}, 'w').close()\nimport time; time.sleep(600)")
    script = textwrap.dedent(
        f"""
        from clusterkit.runs.execute import execute
        from clusterkit.runs.forking import kernels
        with kernels("forked") as server:
            execute("10-n", folder={str(folder)!r}, server=server)
        """
    )
    user = subprocess.Popen([sys.executable, "-c", script], stderr=subprocess.DEVNULL)
    assert soon(sign.exists, 60)
    (server,) = psutil.Process(user.pid).children()
    running = {server, *below(server.pid)}
    assert len(running) == 2  # and the kernel
    os.kill(user.pid if victim == "user" else server.pid, signal.SIGKILL)
    user.wait()
    assert soon(lambda: not any(map(alive, running)))


def test_a_closed_server_does_not_start_again(notebook):
    with kernels("forked") as server:
        pass
    with pytest.raises(NotebookError, match="The fork server is closed"):
        execute("10-n", folder=notebook("1"), server=server)
    assert server._process is None


def test_the_kind_of_kernels_can_be_asked_for(monkeypatch):
    with kernels("ordinary") as server:
        assert server is None
    monkeypatch.setenv("CLUSTERKIT_KERNELS", "ordinary")
    with kernels() as server:
        assert server is None
    with kernels("forked") as server:  # the argument wins
        assert isinstance(server, ForkServer)
    monkeypatch.setenv("CLUSTERKIT_KERNELS", "knifed")
    with pytest.raises(ParameterError, match="Kernels cannot be 'knifed'"), kernels():
        pass
    monkeypatch.delattr(os, "fork")
    with pytest.raises(ParameterError, match="cannot fork processes"), kernels("forked"):
        pass


def test_jupyter_finds_the_provisioner():
    from jupyter_client.provisioning import KernelProvisionerFactory

    found = KernelProvisionerFactory.instance().provisioners["clusterkit-forked"]
    assert found.load() is forking.ForkedProvisioner


def test_outputs_are_those_of_stock_papermill_byte_for_byte(server, root, tmp_path):
    out = tmp_path / "out.ipynb"
    source = root / "notebooks" / "00-start-here.ipynb"
    command = [sys.executable, "-m", "papermill", source, out, "-p", "case", "pingxiang"]
    subprocess.run(command, check=True, capture_output=True)
    ours = execute("00-start-here", {"case": "pingxiang"}, server=server)
    stock = tidy(read_notebook(out))
    for notebook in (ours, stock):  # what was read
        notebook.metadata.pop("clusterkit", None)
    assert notebook_text(ours) == notebook_text(stock)
