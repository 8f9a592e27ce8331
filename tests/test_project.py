"""The project's own files say the same thing."""

import re
import subprocess
import sys
import sysconfig
import tomllib
import venv

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from rattler import MatchSpec, PackageRecord, Version, VersionSpec  # noqa: F401

CONDA_NAMES = {"matplotlib-base": "matplotlib", "jupyter_client": "jupyter-client"}


@pytest.fixture(scope="module")
def project(root):
    return tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]


@pytest.fixture(scope="module")
def wanted(project):
    extras = {**project["optional-dependencies"]}
    del extras["spark"]
    found = [
        Requirement(line) for lines in [project["dependencies"], *extras.values()] for line in lines
    ]
    return {
        canonicalize_name(one.name): str(one.specifier)
        for one in found
        if one.name != project["name"]
    }


@pytest.fixture(scope="module")
def conda(root):
    listed = yaml.safe_load((root / "environment.yml").read_text(encoding="utf-8"))["dependencies"]
    plain = [line for line in listed if isinstance(line, str)]
    return plain, next(line["pip"] for line in listed if isinstance(line, dict))


@pytest.fixture(scope="module")
def locked(root):
    text = (root / "requirements.lock").read_text(encoding="utf-8")
    found: dict[str, list[str]] = {}
    for name, version in re.findall(r"^([a-z0-9._-]+)==([^\s;]+)", text, re.M):
        found.setdefault(canonicalize_name(name), []).append(version)
    return found


def test_environment_and_pyproject_name_the_same(wanted, conda):
    plain, [*piped, own] = conda
    assert own == "-e ."
    found = {}
    for line in [*plain, *piped]:
        name, bound = re.fullmatch(r"([A-Za-z0-9_-]+)(.*)", line).groups()
        found[canonicalize_name(CONDA_NAMES.get(name, name))] = bound
    assert found.pop("python") == ">=3.11"
    found.pop("pip")
    assert found == wanted


def test_every_conda_bound_admits_the_locked_version(conda, locked):
    for line in conda[0]:
        spec = MatchSpec(line)
        name = canonicalize_name(CONDA_NAMES.get(spec.name.normalized, spec.name.normalized))
        if name in ("python", "pip") or spec.version is None:
            continue
        for version in locked[name]:
            assert VersionSpec(str(spec.version)).matches(Version(version)), (line, version)


def test_pip_takes_what_conda_leaves_to_it(root, conda, tmp_path):
    # conda writes the pip section into a requirements file, whose lines know fewer options. Here
    # all but the package itself is there already, so that nothing is fetched.
    (tmp_path / "left.txt").write_text("\n".join(conda[1]), encoding="utf-8")
    venv.create(tmp_path / "env", with_pip=True)
    python = tmp_path / "env" / "bin" / "python"
    place = f"lib/python{sys.version_info[0]}.{sys.version_info[1]}/site-packages/there.pth"
    (tmp_path / "env" / place).write_text(sysconfig.get_path("purelib"), encoding="utf-8")
    options = ["--no-index", "--no-build-isolation", "--disable-pip-version-check", "--quiet"]
    installed = subprocess.run(
        [python, "-m", "pip", "install", *options, "-r", tmp_path / "left.txt"],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    assert installed.returncode == 0, installed.stderr
    assert list((tmp_path / "env" / place).parent.glob("clusterkit_casebook-*.dist-info"))


def test_a_missing_library_is_an_error_that_names_its_extra(monkeypatch):
    from typer.testing import CliRunner

    from clusterkit.cli import app

    monkeypatch.setitem(sys.modules, "nbformat", None)
    result = CliRunner().invoke(app, ["run", "00-start-here"])
    assert result.exit_code == 1
    assert result.output == (
        "This needs nbformat, which is not installed.\n"
        "  next:   Install it: pip install 'clusterkit-casebook[reports]'\n"
    )


def test_what_no_extra_holds_is_missed_as_python_says_it(monkeypatch):
    from typer.testing import CliRunner

    from clusterkit.cli import app

    monkeypatch.setitem(sys.modules, "clusterkit.runs.notebook", None)
    result = CliRunner().invoke(app, ["run", "00-start-here"])
    assert isinstance(result.exception, ModuleNotFoundError)


def test_the_core_needs_none_of_the_extras(project):
    names = [line for lines in project["optional-dependencies"].values() for line in lines]
    modules = {Requirement(line).name.replace("-", "_") for line in names} - {"packaging"}
    code = (
        f"import sys; sys.modules.update(dict.fromkeys({sorted(modules)}))\n"
        "import clusterkit\n"
        "for name in clusterkit.__all__: getattr(clusterkit, name)\n"
        "page = clusterkit.Page(clusterkit.load_case('zhili'))\n"
        "page.draw(clusterkit.Trend(page.case.series('sales')), 'Sales')._repr_mimebundle_()\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_lock_covers_what_is_wanted_with_hashes_and_no_address(root, wanted, locked):
    text = (root / "requirements.lock").read_text(encoding="utf-8")
    assert wanted.keys() <= locked.keys()
    assert "://" not in text
    pinned = re.findall(
        r"^[a-z0-9._-]+==[^\n]*\\\n(?:    --hash=sha256:[0-9a-f]{64}[^\n]*\n?)+", text, re.M
    )
    assert len(pinned) == sum(len(versions) for versions in locked.values())


def test_version_is_written_once(root, project):
    import clusterkit

    assert project["dynamic"] == ["version"]
    cff = yaml.safe_load((root / "CITATION.cff").read_text(encoding="utf-8"))
    assert cff["version"] == clusterkit.__version__
    assert f"## {clusterkit.__version__}" in (root / "CHANGELOG.md").read_text(encoding="utf-8")


def test_readme_commands_exist(root):
    readme = (root / "README.md").read_text(encoding="utf-8")
    makefile = (root / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"(?:^|`)make ([a-z]+)", readme, re.M):
        assert re.search(rf"^{target}:.*##", makefile, re.M), target
    for path in re.findall(r"\]\(([^)#:]+)\)", readme):
        assert (root / path).exists(), path
