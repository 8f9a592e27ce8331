import ast
import gc
import os
import signal
import subprocess
import sys
import tempfile
import textwrap

import psutil
import pytest

from clusterkit.errors import ParameterError
from clusterkit.runs import kernels as kernels_module
from clusterkit.runs.kernels import ForkedProvisioner, ForkServer, Wanted, kernels
from clusterkit.runs.notebook import NotebookError, execute, notebook_text, read_notebook, tidy
from clusterkit.runs.workshop import Workshop

from .conftest import contract_toml, write_workshop
from .processes import alive, below, started, until

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")


@pytest.fixture(scope="module")
def server():
    with kernels("forked") as warm:
        yield warm


@pytest.fixture
def notebook(tmp_path):
    """Write a notebook of some cells; return a run of it."""

    def write(*cells):
        first = [("markdown", "# Does it?"), ("code", 'lang = "en"', "parameters")]
        whole = {"10-n": [*first, *(("code", cell) for cell in cells)]}
        write_workshop(tmp_path, contract_toml("10-n"), **whole)
        return Workshop.here(tmp_path).ask("10-n")

    return write


# What a notebook could see of its kernel, and of what other notebooks left; but for a variable that
# debugpy sets, which means something only to a debugger's own processes, and for the data, which
# the server has read ahead: it is known by its content, and a changed file is read anew.
SEEN = """
import gc, multiprocessing, os, random, signal, sys, threading, warnings
import clusterkit, matplotlib, numpy, pandas, seaborn
from multiprocessing import resource_tracker
import matplotlib.pyplot as plt
ours = [module for name, module in list(sys.modules.items()) if name.startswith("clusterkit")
        and not name.startswith(("clusterkit.evidence", "clusterkit.printed"))]
cached = {name: one.cache_info().currsize
          for module in ours for name, one in vars(module).items() if hasattr(one, "cache_info")}
[sys.argv[0], sys.argv[1], sys.path, sys.flags, os.getcwd(), __name__,
 sorted(set(os.environ.items()) - {('PYDEVD_USE_FRAME_EVAL', 'NO')}),
 matplotlib.get_backend(), matplotlib.is_interactive(), plt.get_fignums(),
 sorted((name, str(value)) for name, value in matplotlib.rcParams.items()),
 gc.isenabled(), threading.active_count(), signal.getsignal(signal.SIGCHLD),
 signal.getsignal(signal.SIGINT), sys.stdin.read(), sys.__stdin__.closed,
 multiprocessing.current_process().name, multiprocessing.parent_process(),
 resource_tracker._resource_tracker._fd,
 sorted(str(one) for one in warnings.filters), numpy.geterr(),
 pandas.get_option("display.max_rows"), [name for name in cached if cached[name]]]
"""


def test_a_notebook_sees_the_same_in_a_forked_kernel(server, notebook, monkeypatch):
    monkeypatch.setenv("PROBE", "now")
    plot = "import matplotlib.pyplot as plt\nplt.plot([1, 3, 2])\nplt.title('織')"
    run = notebook(SEEN, plot, "print(1)\nimport os\n_ = os.system('echo from below')")
    forked = execute(run, server=server)
    assert "'now'" in forked.cells[2].outputs[0].data["text/plain"]
    assert [out.output_type for out in forked.cells[3].outputs][-1] == "display_data"
    assert notebook_text(forked) == notebook_text(execute(run))


def test_kernels_share_nothing(server, notebook):
    run = notebook(
        "import random, numpy, clusterkit\nhere = hasattr(clusterkit, 'mark')\nclusterkit.mark = 1",
        "[here, random.random(), float(numpy.random.rand())]",
    )
    first, second = (
        ast.literal_eval(execute(run, server=server).cells[3].outputs[0].data["text/plain"])
        for _ in range(2)
    )
    assert first[0] is second[0] is False
    assert first[1] != second[1]
    assert first[2] != second[2]


def test_a_kernel_that_dies_is_noticed(server, notebook):
    run = notebook("import os, signal", "os.kill(os.getpid(), signal.SIGSEGV)")
    with pytest.raises(NotebookError, match="DeadKernelError") as caught:
        execute(run, server=server)
    assert caught.value.cell == 4


@pytest.mark.parametrize(
    ("folder", "code", "said"),
    [(os.curdir, 3, "goodbye"), ("/there/is/none", 1, "FileNotFoundError")],
)
def test_exit_code_and_last_words_of_a_kernel_are_told(server, tmp_path, folder, code, said):
    first = "import os; os.write(2, b'goodbye'); os._exit(3)"
    wanted = Wanted([f"--InteractiveShellApp.code_to_run={first}"], dict(os.environ), folder)
    with (tmp_path / "log").open("w+") as log:
        assert server.fork(wanted, log.fileno()).wait() == code
        log.seek(0)
        assert said in log.read()


def test_what_a_dying_notebook_leaves_running_ends_with_it(server, notebook, tmp_path):
    sign = tmp_path / "pid"
    start = (
        f"left = subprocess.Popen(['sleep', '600'])\nopen({str(sign)!r}, 'w').write(str(left.pid))"
    )
    run = notebook(f"import os, subprocess\n{start}", "os._exit(3)")
    with pytest.raises(NotebookError, match="DeadKernelError"):
        execute(run, server=server)
    left = int(sign.read_text())
    until(lambda: not psutil.pid_exists(left) or not alive(psutil.Process(left)))


def test_a_kernel_nobody_holds_any_more_is_killed(server, tmp_path):
    where = ["-f", str(tmp_path / "k.json"), "--transport=ipc", f"--ip={tmp_path / 'k'}"]
    with (tmp_path / "log").open("w") as log:
        held = server.fork(Wanted(where, {}, str(tmp_path)), log.fileno())
    until((tmp_path / "k.json").exists, held)
    (kernel,) = below(server._process.pid)
    assert held.pid == kernel.pid
    del held
    until(lambda: not alive(kernel), server._process)


def test_a_kernel_that_was_still_to_be_forked_is_killed_too(notebook, tmp_path):
    with kernels("forked") as one, (tmp_path / "log").open("w") as log:
        wanted = Wanted(["-f", str(tmp_path / "k.json")], dict(os.environ), str(tmp_path))
        early = one.fork(wanted, log.fileno())
        early.kill()
        assert early.pid is None  # the server was not even warm
        assert early.wait() == -signal.SIGKILL
        assert not below(one._process.pid)


def test_runs_leave_no_descriptor_open(server, notebook):
    run, counted = notebook("1"), []
    for _ in range(3):
        execute(run, server=server)
        gc.collect()  # earlier tests may have left something that is closed only now
        counted.append([psutil.Process(pid).num_fds() for pid in (None, server._process.pid)])
    assert all(later <= before for before, later in zip(*counted[1:], strict=True)), counted


def test_a_notebook_may_use_multiprocessing_itself(server, notebook):
    run = notebook(
        "import multiprocessing",
        "with multiprocessing.get_context('forkserver').Pool(1) as pool:\n"
        "    print(pool.map(abs, [-3]))",
    )
    done = execute(run, server=server)
    assert done.cells[3].outputs[0].text == "[3]\n"


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
    monkeypatch.setattr(kernels_module, "SERVE", fault + " #{}{}{}")
    run = notebook("import os\nos.getppid()")
    with kernels("forked") as broken:
        for _ in range(2):
            done = execute(run, server=broken)
            assert done.cells[2].outputs[0].data["text/plain"] == str(os.getpid())
    told = capsys.readouterr().err
    assert told.count("A forked kernel did not answer, so an ordinary one ran its notebook") == 1
    assert why in told
    assert "likely: \n" not in told
    assert told.endswith("--kernels ordinary, or CLUSTERKIT_KERNELS=ordinary\n")


def test_where_sockets_find_no_place_kernels_are_ordinary(notebook, tmp_path, monkeypatch, capsys):
    deep = tmp_path / ("d" * 100)
    deep.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(deep))
    with kernels("forked") as nowhere:
        execute(notebook("1"), server=nowhere)
    assert "  likely: AF_UNIX path too long\n" in capsys.readouterr().err
    assert not list(deep.iterdir())


def test_nothing_is_left_after_an_exception(notebook):
    before = below()
    with pytest.raises(ZeroDivisionError), kernels("forked") as one:
        execute(notebook("1"), server=one)
        assert not one._told
        assert len(below() - before) == 1  # no tracker of resources, and the kernel has ended
        _ = 1 / 0
    assert below() <= before


SCRIPT = """
import multiprocessing, os, psutil
from clusterkit.runs.notebook import execute
from clusterkit.runs.kernels import kernels
from clusterkit.runs.workshop import Workshop

open({count!r}, "a").write("x")
with kernels("forked") as server:
    done = execute(Workshop.here({folder!r}).ask("10-n"), server=server)
parent = done.cells[2].outputs[0].data["text/plain"]
print([int(parent) == server._process.pid, multiprocessing.get_start_method(allow_none=True),
       psutil.Process().children(recursive=True)])
"""


@pytest.mark.parametrize("way", ["script", "stdin"])
def test_the_users_own_program_is_left_alone(way, notebook, tmp_path):
    folder = notebook("import os\nos.getppid()").shop.notebooks
    count, script = tmp_path / "n", tmp_path / "s.py"
    script.write_text(SCRIPT.format(count=str(count), folder=str(folder)))  # without any guard
    with script.open() as text:
        command = [sys.executable, script if way == "script" else "-"]
        done = subprocess.run(command, stdin=text, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("[True, None, []]\n", "")
    assert count.read_text() == "x"


ASLEEP = "import time; time.sleep(600)"
BUSY = (
    "import re; re.match('(a+)+$', 64 * 'a' + 'b')"  # no other thread of the kernel comes to work
)


@pytest.mark.parametrize(
    ("victims", "cell"),
    [(["user"], BUSY), (["server"], BUSY), (["user", "server"], ASLEEP)],
    ids=["user", "server", "both"],
)
def test_nothing_outlives_a_killed(victims, cell, notebook, tmp_path, tmp_path_factory):
    sign, home = tmp_path / "running", tmp_path_factory.mktemp("t")
    run = notebook(
        f"import subprocess\nsubprocess.Popen(['sleep', '600'])\nopen({str(sign)!r}, 'w').close()",
        cell,
    )
    script = textwrap.dedent(
        f"""
        from clusterkit.runs.notebook import execute
        from clusterkit.runs.kernels import kernels
        from clusterkit.runs.workshop import Workshop
        with kernels("forked") as server:
            execute(Workshop.here({str(run.shop.notebooks)!r}).ask("10-n"), server=server)
        """
    )
    options = {"stderr": subprocess.DEVNULL, "env": os.environ | {"TMPDIR": str(home)}}
    with started([sys.executable, "-c", script], **options) as (user, family):
        until(sign.exists, user)
        (server,) = psutil.Process(user.pid).children()
        assert len(family()) == 3  # with the kernel and what it started
        for victim in victims:
            os.kill({"user": user.pid, "server": server.pid}[victim], signal.SIGKILL)
        user.wait()
        until(lambda: not family())
    if len(victims) == 1:  # whoever is left puts away
        assert not list(home.glob("ck-*/door"))


def test_an_interrupt_reaches_the_kernel_jupyter_asked_for(monkeypatch, tmp_path):
    from jupyter_client import KernelManager

    with kernels("forked") as server:
        monkeypatch.setattr(ForkedProvisioner, "server", server)
        manager = KernelManager(connection_file=str(tmp_path / "k.json"))
        about = {"provisioner_name": "clusterkit-forked"}
        manager.kernel_spec.metadata["kernel_provisioner"] = about
        manager.start_kernel()
        client = manager.client()
        try:
            client.start_channels()
            client.wait_for_ready()
            assert isinstance(manager.provisioner, ForkedProvisioner)
            asked = client.execute("import time; print('begun')\ntime.sleep(600)")
            until(lambda: client.get_iopub_msg()["content"].get("text") == "begun\n")
            manager.interrupt_kernel()
            while (reply := client.get_shell_msg())["parent_header"]["msg_id"] != asked:
                pass  # an answer to how it was found to be ready
            assert reply["content"]["ename"] == "KeyboardInterrupt"
        finally:
            client.stop_channels()
            manager.shutdown_kernel(now=True)
    assert manager.provisioner is None or not manager.provisioner.has_process


def test_a_closed_server_does_not_start_again(notebook):
    with kernels("forked") as server:
        pass
    with pytest.raises(NotebookError, match="The fork server is closed"):
        execute(notebook("1"), server=server)
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


def test_outputs_are_those_of_stock_papermill_byte_for_byte(server, root, tmp_path):
    out = tmp_path / "out.ipynb"
    source = root / "notebooks" / "00-start-here.ipynb"
    command = [sys.executable, "-m", "papermill", source, out, "-p", "case", "pingxiang"]
    subprocess.run(command, check=True, capture_output=True)
    ours = execute(Workshop.here().ask("00-start-here", {"case": "pingxiang"}), server=server)
    assert notebook_text(ours) == notebook_text(tidy(read_notebook(out)))
