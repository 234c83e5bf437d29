from __future__ import annotations

import hashlib
import io
import json
import subprocess
import tarfile

import pytest

from autodeploy import compiler
from autodeploy.compiler import toolchains
from autodeploy.compiler.node import NodeBuilder
from autodeploy.compiler.toolchains import NodeBuilds, Store
from autodeploy.contracts import RuntimeVersion, TechStack
from autodeploy.errors import ToolMissing
from autodeploy.settings import Settings

SCRIPT = b"#!/bin/sh\necho v22.1.0\n"
STACK = TechStack(language="node", runtime_version=RuntimeVersion(declared="22", source=".nvmrc"))


def member(tar, name, content, mode=0o644):
    one = tarfile.TarInfo(f"node-v22.1.0-linux-x64/{name}")
    one.size, one.mode = len(content), mode
    tar.addfile(one, io.BytesIO(content))


@pytest.fixture
def mirror(tmp_path, monkeypatch):
    """What nodejs.org has of one version, in a folder; gives it."""
    folder = tmp_path / "dist"
    place = folder / "v22.1.0"
    place.mkdir(parents=True)
    archive = place / "node-v22.1.0-linux-x64.tar.gz"
    with tarfile.open(archive, "w:gz") as tar:
        member(tar, "bin/node", SCRIPT, 0o755)
        member(tar, "include/node/node.h", b"")
        member(tar, "lib/node_modules/npm/package.json", b'{"version": "10.7.0"}')
        member(tar, "lib/node_modules/npm/bin/npm-cli.js", b"")
    digest = hashlib.sha256(archive.read_bytes()).hexdigest()
    sums = f"{'0' * 64}  node-v22.1.0.tar.gz\n{digest}  {archive.name}\n"
    (place / "SHASUMS256.txt").write_text(sums)
    index = [
        {"version": "v23.0.0", "files": ["win-x64-zip"]},
        {"version": "v22.1.0", "files": ["linux-x64", "src"]},
    ]
    (folder / "index.json").write_text(json.dumps(index))
    monkeypatch.setenv("NODEJS_ORG_MIRROR", folder.as_uri() + "/")
    return folder


@pytest.fixture
def runtime(cache, log):
    return lambda stack=STACK: compiler.runtime(stack, Settings(), cache, log)


def test_a_mirror_of_nodejs_org(mirror, runtime, cache, log):
    found = runtime()
    assert found.version == found.required == "22.1.0"
    with tarfile.open(found.layer.archive) as archive:
        assert [one.name for one in archive if one.isreg()] == ["bin/node"]
        assert archive.extractfile("bin/node").read() == SCRIPT
    tools = toolchains.node(Store(cache, log), found)
    assert tools.version == "v22.1.0 npm 10.7.0"
    said = subprocess.check_output(["sh", "-c", "node; npm x"], env=tools.variables, text=True)
    assert said == "v22.1.0\nv22.1.0\n"


def test_an_archive_that_is_not_what_shasums_says(mirror, runtime, cache):
    archive = mirror / "v22.1.0" / "node-v22.1.0-linux-x64.tar.gz"
    archive.write_bytes(archive.read_bytes() + b"!")
    with pytest.raises(ToolMissing) as caught:
        runtime()
    assert "SHA-256" in caught.value.cause
    assert [one.name for one in (cache / "toolchains").iterdir() if one.is_dir()] == []
    assert list((cache / "index").iterdir()) == []


@pytest.mark.parametrize("damage", ["index.json", "v22.1.0/SHASUMS256.txt"])
def test_a_mirror_that_lacks_something_is_named(mirror, runtime, damage):
    (mirror / damage).write_text("nothing\n")
    with pytest.raises(ToolMissing) as caught:
        runtime()
    assert "NODEJS_ORG_MIRROR" in caught.value.remediation


def test_a_mirror_that_does_not_answer(runtime, monkeypatch):
    monkeypatch.setenv("NODEJS_ORG_MIRROR", "http://127.0.0.1:9/dist")
    with pytest.raises(ToolMissing, match=r"index\.json of the mirror at 127\.0\.0\.1"):
        runtime()


def test_a_node_that_is_brought_along_is_before_all_others_on_the_path(mirror, open_job):
    asked = {"language": "node", "runtime_version": STACK.runtime_version}
    with open_job({"package.json": "{}"}, **asked) as job:
        assert NodeBuilder(job).path[:2] == (job.runtime.bin, "node_modules/.bin")
        assert job.runtime.bin.startswith("/usr/local/lib/autodeploy/runtimes/node-22.1.0-")


def test_which_versions_there_are_is_asked_once_a_day(cache, log):
    store, asked = Store(cache, log), []
    for _ in range(2):
        assert store.remembered("x", lambda: asked.append(1) or ["1.0.0"]) == ["1.0.0"]
    assert len(asked) == 1


def test_an_answer_that_was_cut_off_is_asked_for_again(cache, log):
    store = Store(cache, log)
    (store.folder / "x.json").write_text('["1.0')
    assert store.remembered("x", lambda: ["2.0.0"]) == ["2.0.0"]


@pytest.mark.slow
def test_the_npm_registry_has_it(cache, log):
    builds = NodeBuilds(Store(cache, log), "amd64", {})
    assert {"16.20.2", "18.20.4", "22.1.0"} <= set(builds.versions())
    folder = builds.fetch("16.20.2")
    said = subprocess.check_output(
        [folder / "bin" / "npm", "--version"], env={"PATH": "/bin"}, text=True
    )
    assert said.startswith("8.")
    host = [path.relative_to(folder / "host") for path in (folder / "host").rglob("*")]
    assert [str(path) for path in host] == ["bin", "bin/node"]
