from __future__ import annotations

import subprocess
import sys
import tarfile
from pathlib import Path
from types import SimpleNamespace

import pytest

from autodeploy import compiler
from autodeploy.compiler import interpreter
from autodeploy.compiler.toolchains import PythonBuilds, Store
from autodeploy.contracts import IMAGES, Runtime, RuntimeVersion, TechStack
from autodeploy.errors import RuntimeUnsupported, ToolMissing
from autodeploy.settings import Settings
from pythonkit import make_mirror

LINE = f"{sys.version_info[0]}.{sys.version_info[1]}"
# The image that has another line than this machine's Python.
IMAGE = next(name for name, one in IMAGES.items() if not one.python.startswith(f"{LINE}."))


def stack(language, declared, **more):
    version = RuntimeVersion(declared=declared, source=".python-version")
    return TechStack(language=language, runtime_version=version, **more)


@pytest.fixture(scope="session")
def mirror(tmp_path_factory):
    """A mirror with this machine's own Python, made once."""
    return make_mirror(tmp_path_factory.mktemp("mirror") / "python", sys.executable)


@pytest.fixture
def python_builds(mirror, monkeypatch):
    """That mirror is what uv asks; gives the one version that it has."""
    monkeypatch.setenv("UV_PYTHON_DOWNLOADS_JSON_URL", mirror[1])
    return mirror[0]


@pytest.fixture
def runtime(cache, log):
    def of(stack, **said):
        return compiler.runtime(stack, Settings(**said), cache, log)

    return of


@pytest.mark.parametrize(
    ("language", "declared", "expected"),
    [("python", ">=3.10", "3.11.2"), ("node", "18.x", "18.20.4"), ("python", None, "3.11.2")],
)
def test_the_distributions_own_is_taken_where_it_will_do(runtime, language, declared, expected):
    found = runtime(stack(language, declared))
    assert (found.version, found.folder, found.layer) == (expected, "/usr", None)


def test_of_the_distributions_the_host_must_have_the_line(runtime):
    assert runtime(stack("python", "3.11.9")).required == "3.11"
    assert runtime(stack("node", "18")).required == "18"


@pytest.mark.parametrize("language", ["go", "static"])
def test_a_host_without_need_of_one(runtime, language):
    found = runtime(stack(language, "1.99"))
    assert (found.version, found.required, found.layer) == (None, None, None)


def test_a_python_that_no_image_has_is_brought_along(runtime, python_builds, cache, tmp_path):
    found = runtime(stack("python", LINE), image=IMAGE)
    assert found.version == found.required == python_builds
    name = f"python-{python_builds}-{found.layer.content[:12]}"
    assert found.folder == f"/usr/local/lib/autodeploy/runtimes/{name}"
    with tarfile.open(found.layer.archive) as archive:
        archive.extractall(tmp_path / "host", filter="data")
    said = subprocess.check_output([tmp_path / "host/bin/python3", "--version"], text=True)
    assert said.split() == ["Python", python_builds]
    library = tmp_path / "host" / "lib" / f"python{LINE}"
    (configuration,) = library.glob("_sysconfigdata*.py")
    assert str(cache) not in configuration.read_text()


def test_the_same_build_is_the_same_layer_in_another_cache(python_builds, log, tmp_path):
    asked, settings = stack("python", LINE), Settings(image=IMAGE)
    caches = (tmp_path / "one", tmp_path / "another/deeper")
    one, two = (compiler.runtime(asked, settings, cache, log) for cache in caches)
    assert one.layer.digest == two.layer.digest


def test_an_archive_that_is_not_what_the_table_says_is_refused(
    runtime, cache, tmp_path, monkeypatch
):
    version, table = make_mirror(tmp_path / "bad", sys.executable, sha256="0" * 64)
    monkeypatch.setenv("UV_PYTHON_DOWNLOADS_JSON_URL", table)
    with pytest.raises(ToolMissing) as caught:
        runtime(stack("python", LINE), image=IMAGE)
    assert caught.value.message == f"Python {version} is not to be had"
    assert "Hash mismatch" in caught.value.cause
    assert "UV_PYTHON_INSTALL_MIRROR" in caught.value.remediation
    left = [path.name for path in (cache / "toolchains").iterdir()]
    assert all(name.startswith(".") and name.endswith(".lock") for name in left)


def test_what_there_is_none_of_is_an_error_that_says_what_there_is(runtime, python_builds):
    with pytest.raises(RuntimeUnsupported) as caught:
        runtime(stack("python", "==2.7.*"))
    assert "python ==2.7.*" in caught.value.message
    assert ".python-version" in caught.value.message
    assert "debian-12 has 3.11.2, debian-13 has 3.13.5" in caught.value.cause
    assert f"builds to bring along: {LINE}" in caught.value.cause


def test_the_image_that_has_it_is_named(runtime, python_builds):
    with pytest.raises(RuntimeUnsupported) as caught:
        runtime(stack("python", "!=3.11.*,>=3.13,<3.14,!=" + python_builds), image="debian-12")
    assert "image: debian-13" in caught.value.remediation


def test_a_decision_fetches_nothing(python_builds, cache, log):
    choice = compiler.choose(stack("python", LINE), Settings(image=IMAGE), cache, log)
    assert choice.version == python_builds
    assert [path.name for path in (cache / "toolchains").iterdir()] == []


def test_an_environment_is_for_the_runtime_that_is_brought_along(
    python_builds, build, source, runtime
):
    files = source(
        {"requirements.txt": "\n", "make.py": "import sys; open(sys.version.split()[0], 'w')"}
    )
    asked = stack("python", LINE)
    web, settings = {"web": "python app.py"}, Settings(image=IMAGE)
    more = {"processes": web, "build_command": "python make.py"}
    artifact = build(
        files, settings, language="python", runtime_version=asked.runtime_version, **more
    )
    home = runtime(asked, image=IMAGE).bin
    assert f'"pkg:generic/python@{python_builds}"' in artifact.sbom.read_text()
    with tarfile.open(artifact.layers[0].archive) as archive:
        names = {one.name: one for one in archive}
        configuration = archive.extractfile("pyvenv.cfg").read().decode()
    assert names["bin/python"].linkname == f"{home}/python{LINE}"
    assert f"home = {home}\n" in configuration
    assert f"lib/python{LINE}/site-packages" in names
    with tarfile.open(artifact.layers[1].archive) as archive:
        assert python_builds in archive.getnames()


def test_another_runtime_is_another_artifact(build, source):
    one = source({"app.py": ""})
    digests = {
        build(
            one, Settings(image=image), language="python", processes={"web": "python app.py"}
        ).digest
        for image in IMAGES
    }
    assert len(digests) == 2


def job_for(version, cache, log):
    """What of a job tells which interpreter it takes."""
    return SimpleNamespace(
        image=IMAGES["debian-13"],
        runtime=Runtime(language="python", version=version),
        settings=Settings(),
        toolchains=Store(cache, log),
        log=log,
    )


def test_a_python_is_fetched_to_build_with_where_this_machine_has_none(
    python_builds, cache, log, monkeypatch
):
    monkeypatch.setattr(interpreter, "installed", lambda _line: None)
    job = job_for(f"{LINE}.99", cache, log)
    assert interpreter.at_hand(job) is None
    found = interpreter.fetched(job)
    assert subprocess.check_output([found, "--version"], text=True).split()[1] == python_builds


def test_without_any_it_is_a_word_and_no_error(python_builds, cache, journal):
    assert interpreter.fetched(job_for("3.4.0", cache, journal.agent("compiler"))) is None


def test_stable_versions_alone(cache, log, monkeypatch):
    monkeypatch.delenv("UV_PYTHON_DOWNLOADS_JSON_URL", raising=False)
    versions = PythonBuilds(Store(cache, log), "amd64").versions()
    assert "3.12.1" in versions
    assert all(part.isdigit() for one in versions for part in one.split("."))


def test_a_mirror_that_gives_something_else_is_refused(runtime, mirror, monkeypatch, tmp_path):
    monkeypatch.delenv("UV_PYTHON_DOWNLOADS_JSON_URL", raising=False)
    monkeypatch.setenv("UV_PYTHON_INSTALL_MIRROR", (tmp_path / "releases").as_uri())
    address = "20240107/cpython-3.12.1+20240107-x86_64-unknown-linux-gnu-install_only.tar.gz"
    place = tmp_path / "releases" / address
    place.parent.mkdir(parents=True)
    place.symlink_to(next(Path(mirror[1]).parent.glob("*.tar.gz")))
    with pytest.raises(ToolMissing) as caught:
        runtime(stack("python", "3.12.1"))
    assert "Hash mismatch" in caught.value.cause


def test_a_table_that_is_none_is_named(runtime, monkeypatch, tmp_path):
    monkeypatch.setenv("UV_PYTHON_DOWNLOADS_JSON_URL", str(tmp_path / "missing.json"))
    with pytest.raises(ToolMissing, match="the list of Python's builds is not to be had"):
        runtime(stack("python", "3.12.1"))
