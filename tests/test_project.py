"""The project's own files say the same thing."""

import re
import tomllib

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
    lines = project["dependencies"] + project["optional-dependencies"]["test"]
    found = [Requirement(line) for line in lines]
    return {canonicalize_name(one.name): str(one.specifier) for one in found}


@pytest.fixture(scope="module")
def conda(root):
    listed = yaml.safe_load((root / "environment.yml").read_text(encoding="utf-8"))["dependencies"]
    plain = [line for line in listed if isinstance(line, str)]
    piped = next(line["pip"] for line in listed if isinstance(line, dict))
    return plain, [line for line in piped if not line.startswith("--")]


@pytest.fixture(scope="module")
def locked(root):
    text = (root / "requirements.lock").read_text(encoding="utf-8")
    found: dict[str, list[str]] = {}
    for name, version in re.findall(r"^([a-z0-9._-]+)==([^\s;]+)", text, re.M):
        found.setdefault(canonicalize_name(name), []).append(version)
    return found


def test_environment_and_pyproject_name_the_same(wanted, conda):
    plain, piped = conda
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
