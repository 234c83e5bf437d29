"""Locked packages from a registry on loopback: exactly those, or an error."""

from __future__ import annotations

import functools
import hashlib
import http.server
import json
import tarfile
import threading
import zipfile

import pytest

from autodeploy.compiler import interpreter
from autodeploy.errors import BuildFailed

WEB = {"web": "python app.py"}
QUIET = type("Quiet", (http.server.SimpleHTTPRequestHandler,), {"log_message": lambda *_: None})


def publish(folder, name, requires=None):
    """Put a wheel into a registry's folder; its SHA-256."""
    place = folder / "simple" / name
    place.mkdir(parents=True)
    wheel, info = f"{name}-1.0-py3-none-any.whl", f"{name}-1.0.dist-info"
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n"
    files = {
        f"{name}.py": "",
        f"{info}/METADATA": metadata + (f"Requires-Dist: {requires}\n" if requires else ""),
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/RECORD": "",
    }
    with zipfile.ZipFile(place / wheel, "w") as archive:
        for path, text in files.items():
            archive.writestr(path, text)
    (place / "index.html").write_text(f'<a href="{wheel}">{wheel}</a>')
    return hashlib.sha256((place / wheel).read_bytes()).hexdigest()


@pytest.fixture
def registry(tmp_path, monkeypatch):
    """The folder of a registry that is the only one there is."""
    folder = tmp_path / "registry"
    folder.mkdir()
    handler = functools.partial(QUIET, directory=str(folder))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    for name in ("UV_INDEX", "UV_INDEX_URL", "UV_EXTRA_INDEX_URL", "UV_FIND_LINKS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("UV_DEFAULT_INDEX", f"http://127.0.0.1:{server.server_port}/simple/")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    yield folder
    server.shutdown()


def locked(source, packages):
    default = {
        name: {"version": "==1.0", "hashes": [f"sha256:{digest}"]}
        for name, digest in packages.items()
    }
    return source({"Pipfile.lock": json.dumps({"default": default}), "app.py": ""})


def test_what_is_locked_is_installed_and_nothing_else(registry, build, source):
    digest = publish(registry, "greet", requires="unlocked")
    publish(registry, "unlocked")
    artifact = build(locked(source, {"greet": digest}), language="python", processes=WEB)
    with tarfile.open(artifact.layers[0].archive) as archive:
        names = {name.rsplit("/", 1)[-1] for name in archive.getnames()}
    assert "greet.py" in names
    assert "unlocked.py" not in names


def test_a_package_that_was_tampered_with_is_refused(registry, build, source, cache):
    publish(registry, "greet")
    with pytest.raises(BuildFailed) as caught:
        build(locked(source, {"greet": "0" * 64}), language="python", processes=WEB)
    assert "ash" in caught.value.output
    assert not list((cache / "layers").iterdir())


@pytest.mark.skipif(
    interpreter.installed("3.11") is None,
    reason="needs Python 3.11 and Debian 12's glibc",
)
def test_a_folder_of_the_repository_is_installed_from_it(registry, build, source):
    lock = {"default": {"mine": {"path": "./libs/mine"}}}
    files = {
        "Pipfile.lock": json.dumps(lock),
        "app.py": "",
        "libs/mine/mine.py": "x = 1\n",
        "libs/mine/pyproject.toml": '[build-system]\nrequires = []\nbuild-backend = "backend"\n'
        'backend-path = ["."]\n',
        "libs/mine/backend.py": BACKEND,
    }
    artifact = build(source(files), language="python", processes=WEB)
    with tarfile.open(artifact.layers[0].archive) as archive:
        assert "lib/python3.11/site-packages/mine.py" in archive.getnames()
    files["libs/mine/mine.py"] = "x = 2\n"
    changed = build(source(files), language="python", processes=WEB)
    assert changed.layers[0].digest != artifact.layers[0].digest


BACKEND = """
import zipfile, os
def build_wheel(folder, config_settings=None, metadata_directory=None):
    name, info = "mine-1.0-py3-none-any.whl", "mine-1.0.dist-info"
    with zipfile.ZipFile(os.path.join(folder, name), "w") as wheel:
        wheel.write("mine.py")
        wheel.writestr(info + "/METADATA", "Metadata-Version: 2.1\\nName: mine\\nVersion: 1.0\\n")
        wheel.writestr(info + "/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\n")
        wheel.writestr(info + "/RECORD", "")
    return name
"""
