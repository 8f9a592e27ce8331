import errno
from pathlib import Path

import pytest

from clusterkit.errors import DataError, RunError
from clusterkit.files import write_whole
from clusterkit.runs.notebook import notebook_library, notebook_text, read_notebook, tidy


@pytest.fixture
def noisy():
    v4 = notebook_library().v4
    result = v4.new_output("execute_result", {"text/plain": "2"}, execution_count=9)
    stderr = v4.new_output("stream", name="stderr", text="oh")
    cells = [
        v4.new_markdown_cell("# Why?", metadata={"papermill": {"duration": 1.5}, "tags": []}),
        v4.new_code_cell("x = 1", execution_count=7, metadata={"tags": ["parameters"]}),
        v4.new_code_cell("x = 2", execution_count=8, metadata={"tags": ["injected-parameters"]}),
        v4.new_code_cell("x", execution_count=9, outputs=[stderr, result]),
        v4.new_code_cell("never ran", metadata={"execution": {"iopub.execute_input": "now"}}),
    ]
    about = {
        "papermill": {"start_time": "now"},
        "kernelspec": {"name": "mine", "display_name": "Me"},
        "author": "kept",
    }
    return v4.new_notebook(cells=cells, metadata=about)


def test_tidy_leaves_nothing_that_changes_from_run_to_run(noisy):
    clean = tidy(noisy)
    assert clean.metadata == {
        "author": "kept",
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    ids = [cell.id for cell in clean.cells]
    assert ids == ["cell-01", "cell-02", "injected-parameters", "cell-03", "cell-04"]
    metadata = [cell.metadata for cell in clean.cells]
    assert metadata == [{}, {"tags": ["parameters"]}, {"tags": ["injected-parameters"]}, {}, {}]
    assert [cell.execution_count for cell in clean.cells[1:]] == [1, 2, 3, None]
    (output,) = clean.cells[3].outputs
    assert (output.execution_count, output.data) == (3, {"text/plain": "2"})


def test_tidy_twice_is_tidy_once(noisy):
    once = notebook_text(tidy(noisy))
    assert notebook_text(tidy(noisy)) == once
    assert once.endswith("}\n")
    assert not once.endswith("\n\n")


@pytest.mark.parametrize(
    ("content", "says"),
    [(None, "There is no notebook a.ipynb"), ("<<<<<<<", "is not a notebook"), ("[]", "is not a")],
)
def test_an_unreadable_notebook_says_why(tmp_path, content, says):
    path = tmp_path / "a.ipynb"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    with pytest.raises(DataError, match=says) as caught:
        read_notebook(path)
    assert str(path) in str(caught.value)


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch):
    target = tmp_path / "new" / "report.html"
    write_whole(target, "old")

    def refuse(*args):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(RunError, match=r"report.html cannot be written: No space left") as caught:
        write_whole(target, "new")
    assert str(target) in str(caught.value)
    assert [path.name for path in target.parent.iterdir()] == ["report.html"]
    assert target.read_text(encoding="utf-8") == "old"
