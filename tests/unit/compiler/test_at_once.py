"""Builds in processes of their own: many at once, and killed at any moment."""

from __future__ import annotations

import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import tarfile
import time

import pytest

BUILD = """
import sys
from contextlib import contextmanager
from pathlib import Path
from autodeploy import compiler
from autodeploy.contracts import Source, TechStack
from autodeploy.settings import Settings

class Log:
    def info(self, message): pass
    warning = write = info
    @contextmanager
    def step(self, kind): yield

name, checkout, cache = sys.argv[1], *map(Path, sys.argv[2:])
source = Source(url="x", checkout=checkout, commit="0" * 40, name=name)
stack = TechStack(
    language="python",
    package_manager="pip",
    build_command="python3 -c \\"import six; open('built', 'w').write(six.__version__)\\"",
    processes={"web": "python3 app.py"},
)
print("begun", flush=True)
runtime = compiler.runtime(stack, Settings(), cache, Log())
order = compiler.Order(name, source, stack, Settings(), runtime, cache)
artifact = compiler.build(order, Log())
print(artifact.model_dump_json())
"""


@pytest.fixture
def checkout(tmp_path):
    def of(name, text="print()"):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "requirements.txt").write_text("six==1.17.0\n")
        (folder / "app.py").write_text(text)
        return folder

    return of


def begin(name, folder, cache):
    return subprocess.Popen(
        [sys.executable, "-c", BUILD, name, str(folder), str(cache)],
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def artifact(process):
    output, _ = process.communicate(timeout=300)
    assert process.returncode == 0
    return json.loads(output.splitlines()[-1])


def check_cache(cache):
    """Every entry's archive is whole; nothing half-made lies about."""
    for path in (cache / "index").iterdir():
        layer = json.loads(path.read_text())["layer"]
        data = (cache / "layers" / f"{layer['digest']}.tar.gz").read_bytes()
        assert hashlib.sha256(data).hexdigest() == layer["digest"]
        assert len(data) == layer["size"]


@pytest.mark.slow
def test_builds_at_once_do_not_spoil_each_other(checkout, cache):
    """The same source twice, the same lock with another source, and another application."""
    one, other = checkout("one"), checkout("other", "print(1)")
    asked = [("shop", one), ("shop", one), ("shop", other), ("blog", one)]
    same, again, changed, blog = map(artifact, [begin(*pair, cache) for pair in asked])
    assert same == again
    assert (blog["digest"], blog["layers"]) == (same["digest"], same["layers"])
    assert changed["digest"] != same["digest"]
    assert changed["layers"][0]["digest"] == same["layers"][0]["digest"]
    with tarfile.open(changed["layers"][1]["archive"]) as archive:
        assert archive.extractfile("app.py").read() == b"print(1)"
        assert archive.extractfile("built").read() == b"1.17.0"
    check_cache(cache)
    assert not [*(cache / "builds").iterdir(), *(cache / "layers").glob(".*")]


def children(pid):
    """Processes whose parent is in the set, again and again."""
    parents = {}
    for entry in os.scandir("/proc"):
        if entry.name.isdigit():
            try:
                with open(f"{entry.path}/stat") as file:  # noqa: PTH123
                    parents[int(entry.name)] = int(file.read().rpartition(")")[2].split()[1])
            except OSError:
                continue
    found = {pid}
    while more := {one for one, parent in parents.items() if parent in found} - found:
        found |= more
    return found - {pid}


@pytest.mark.slow
def test_nothing_half_made_is_taken_after_a_kill_at_any_moment(checkout, cache):
    folder = checkout("one")
    expected = artifact(begin("shop", folder, cache.parent / "whole"))
    lasts, begun = 0.0, time.monotonic()
    artifact(begin("shop", folder, cache.parent / "timed"))
    lasts = time.monotonic() - begun
    for seed in range(8):
        process = begin("shop", folder, cache)
        process.stdout.readline()
        try:
            process.wait(random.Random(seed).uniform(0, lasts))
        except subprocess.TimeoutExpired:
            below = children(process.pid)
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
            for pid in below:
                gone = time.monotonic() + 10
                while os.path.exists(f"/proc/{pid}/exe") and time.monotonic() < gone:  # noqa: PTH110
                    os.sched_yield()
                assert not os.path.exists(f"/proc/{pid}/exe"), "a build outlives its controller"  # noqa: PTH110
        process.stdout.close()
        check_cache(cache)
    made = artifact(begin("shop", folder, cache))
    assert made["digest"] == expected["digest"]
    assert not list((cache / "builds").iterdir())
