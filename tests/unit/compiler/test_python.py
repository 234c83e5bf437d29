from __future__ import annotations

import subprocess
import sys
import tarfile
import zipfile

import pytest

from autodeploy.compiler import interpreter
from autodeploy.compiler.python import SERVERS, PythonBuilder
from autodeploy.compiler.wanted import wanted
from autodeploy.errors import BuildError, BuildFailed
from autodeploy.settings import Settings

WEB = {"web": "gunicorn app:app"}
WHEEL = "greet-1.0-py3-none-any.whl"


def make_wheel(folder):
    """A wheel with a console script."""
    info = "greet-1.0.dist-info"
    files = {
        "greet.py": "def main():\n    print('hello from', __file__)\n",
        f"{info}/METADATA": "Metadata-Version: 2.1\nName: greet\nVersion: 1.0\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/entry_points.txt": "[console_scripts]\ngreet = greet:main\n",
    }
    record = "".join(f"{name},,\n" for name in [*files, f"{info}/RECORD"])
    with zipfile.ZipFile(folder / WHEEL, "w") as wheel:
        for name, text in {**files, f"{info}/RECORD": record}.items():
            wheel.writestr(name, text)


@pytest.fixture
def greeter(source, tmp_path):
    one = source({"requirements.txt": f"./{WHEEL}\n", "app.py": "x = 1\n"})
    make_wheel(one.checkout)
    return one


def steps_of(open_job, files, image="debian-12", **stack):
    stack = {"language": "python", "processes": WEB, **stack}
    with open_job(files, Settings(image=image), **stack) as job:
        return PythonBuilder(job).steps()


def test_the_environment_is_one_for_the_host_and_can_be_moved(build, greeter, tmp_path):
    artifact = build(greeter, language="python", processes={"web": "python app.py"})
    dependencies, source = artifact.layers
    assert dependencies.links == {".venv": "."}
    assert artifact.path == (".venv/bin",)
    home = tmp_path / "srv" / "layer"
    with tarfile.open(dependencies.archive) as archive:
        archive.extractall(home, filter="fully_trusted")
    assert str((home / "bin/python").readlink()) == "/usr/bin/python3.11"
    assert (home / "lib/python3.11/site-packages/greet.py").is_file()
    assert "home = /usr/bin" in (home / "pyvenv.cfg").read_text()
    assert not list(home.rglob("direct_url.json"))
    (home / "bin/python").unlink()
    (home / "bin/python").symlink_to(sys.executable)
    text = (home / "lib/python3.11/site-packages/greet.py").read_text()
    script = (home / "bin/greet").read_text()
    assert script.startswith("#!/bin/sh\n")
    assert str(tmp_path) not in script + text
    environ = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(home / "lib/python3.11/site-packages")}
    said = subprocess.check_output([home / "bin/greet"], env=environ, text=True)
    assert said.startswith(f"hello from {home}")
    with tarfile.open(source.archive) as archive:
        assert "app.py" in archive.getnames()


def test_a_change_of_source_alone_keeps_the_dependencies(build, source):
    files = {"requirements.txt": "\n", "app.py": "x = 1\n"}
    stack = {"language": "python", "processes": {"web": "python app.py"}}
    one = build(source(files), **stack)
    two = build(source({**files, "app.py": "x = 2\n"}), **stack)
    assert one.layers[0] == two.layers[0]
    assert one.layers[1].digest != two.layers[1].digest
    assert one.digest != two.digest


def test_commands_and_release_command_are_part_of_the_digest(build, source):
    one = source({"app.py": ""})
    digests = {
        build(one, language="python", processes={"web": web}, release_command=release).digest
        for web in ("python app.py", "python -u app.py")
        for release in (None, "true")
    }
    assert len(digests) == 4


def test_no_process_at_all_is_refused(build, source):
    with pytest.raises(BuildError) as caught:
        build(source({"app.py": ""}), language="python", processes={})
    assert "Procfile" in caught.value.remediation


def test_a_package_that_cannot_be_had_fails_with_uvs_words(build, source):
    one = source({"requirements.txt": "./missing-1.0-py3-none-any.whl\n"})
    with pytest.raises(BuildFailed) as caught:
        build(one, language="python", processes=WEB)
    assert "uv pip install" in caught.value.command
    assert "missing" in caught.value.output


@pytest.mark.parametrize(
    ("required", "command", "added"),
    [
        ("flask\n", "gunicorn app:app", ["gunicorn"]),
        ("flask\nGunicorn==20.1\n", "gunicorn app:app", []),
        ("flask\n", "gunicorn -k uvicorn.workers.UvicornWorker app:app", ["gunicorn", "uvicorn"]),
        ("uvicorn[standard]>=0.30\n", "uvicorn app:app", []),
        ("flask\n", "python app.py", []),
        ("-r more.txt\n", "gunicorn app:app", []),
    ],
)
def test_a_server_that_nobody_requires_is_added(open_job, required, command, added):
    files = {"requirements.txt": required, "more.txt": "gunicorn\n"}
    steps = steps_of(open_job, files, processes={"web": command})
    assert steps[0].inputs["servers"] == [SERVERS[name] for name in added]


def test_the_layers_key_is_lock_file_and_runtime(open_job):
    def inputs(files, **more):
        return steps_of(open_job, files, **more)[0].inputs

    base = {"requirements.txt": "flask==3\n-c limits.txt\n", "limits.txt": "a<2\n", "app.py": "1"}
    before = inputs(base)
    assert inputs({**base, "app.py": "2"}) == before
    assert inputs({**base, "requirements.txt": "flask==4\n-c limits.txt\n"}) != before
    assert inputs({**base, "limits.txt": "a<3\n"}) != before
    assert inputs({**base, "limits.txt": "a<2\n"}, image="debian-13") != before


def test_a_requirement_that_lies_in_the_repository_makes_the_source_part_of_the_key(open_job):
    files = {"requirements.txt": "-e .\n", "pyproject.toml": "[project]\nname='x'\n", "a.py": "1"}
    before = steps_of(open_job, files)[0].inputs
    assert steps_of(open_job, {**files, "a.py": "2"})[0].inputs != before


def test_a_src_layout_is_on_the_path(build, source):
    one = source({"src/shop/__init__.py": "", "src/shop/app.py": ""})
    artifact = build(one, language="python", processes={"web": "python -m shop.app"})
    assert artifact.environment["PYTHONPATH"] == "src"


def test_a_lock_that_is_missing_is_named(build, source):
    with pytest.raises(BuildError) as caught:
        build(source({"a.py": ""}), language="python", package_manager="poetry", processes=WEB)
    assert "poetry lock" in caught.value.remediation


@pytest.mark.parametrize(
    ("lock", "text"),
    [
        ("poetry.lock", '[[package]]\nname = "x"\n'),
        ("poetry.lock", "package = [1]\n"),
        ("pdm.lock", 'metadata = "x"\n'),
        ("uv.lock", "package = [1]\n"),
        ("Pipfile.lock", '{"default": ["x"]}'),
    ],
)
def test_a_lock_that_no_tool_has_written_is_an_error_of_ours(build, source, lock, text):
    with pytest.raises(BuildError, match=lock):
        build(source({lock: text, "a.py": ""}), language="python", processes=WEB)


@pytest.mark.parametrize(
    ("project", "expected"),
    [
        ('[project]\nname = "x"\ndependencies = ["flask"]\n', ["-r", "pyproject.toml"]),
        ('[build-system]\nrequires = ["flit_core"]\n', ["-r", "pyproject.toml"]),
        ("[tool.ruff]\n", []),
    ],
)
def test_what_a_project_file_wants(open_job, project, expected):
    with open_job({"pyproject.toml": project}, language="python", processes=WEB) as job:
        assert wanted(job).write(job.work) == expected


def test_poetry_without_its_lock_is_not_taken_for_nothing(build, source):
    one = source({"pyproject.toml": "[tool.poetry.dependencies]\nflask = '*'\n"})
    with pytest.raises(BuildError, match="poetry"):
        build(one, language="python", package_manager="pip", processes=WEB)


@pytest.mark.skipif(
    interpreter.installed("3.11") is None,
    reason="needs Python 3.11",
)
def test_a_build_command_runs_with_the_dependencies_and_its_output_is_shipped(build, greeter):
    script = "import greet, sys; open('made', 'w').write(sys.prefix); print(greet)"
    (greeter.checkout / "make.py").write_text(script)
    web = {"web": "python app.py"}
    artifact = build(greeter, language="python", processes=web, build_command="python make.py")
    with tarfile.open(artifact.layers[1].archive) as archive:
        assert b"/run" in archive.extractfile("made").read()
    assert not (greeter.checkout / "made").exists()
    assert "python make.py" in artifact.commands
