from __future__ import annotations

import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from autodeploy.compiler.layers import Contents, Layers, Step
from autodeploy.compiler.slots import slot


@pytest.fixture
def layers(cache, log):
    return Layers(cache, log.warning)


@pytest.fixture
def contents(tmp_path):
    folder = tmp_path / "made"
    folder.mkdir()
    (folder / "file").write_text("content")
    return Contents(folder, links={"there": "."})


def test_the_same_inputs_are_made_once_by_many_at_once(layers, contents):
    made, second = [], threading.Event()

    def make(_before):
        if made:
            second.set()
        made.append(1)
        second.wait(0.3)  # For another that makes the same at once; the lock lets none in.
        return contents

    with ThreadPoolExecutor(8) as pool:
        steps = [Step("source", {"lock": "x"}, make)] * 8
        digests = {one.layer.digest for one in pool.map(lambda s: layers.obtain(s, [], []), steps)}
    assert len(made) == 1
    assert len(digests) == 1


def test_another_input_or_kind_is_another_layer_of_the_index(layers, contents, cache):
    for kind, inputs in (("source", {"a": 1}), ("source", {"a": 2}), ("dependencies", {"a": 1})):
        layers.obtain(Step(kind, inputs, lambda _before: contents), [], [])
    assert len(list((cache / "index").iterdir())) == 3
    assert len(list((cache / "layers").glob("*.tar.gz"))) == 1


@pytest.mark.parametrize("damage", ["gone", "cut", "index"])
def test_a_damaged_cache_is_made_good(layers, contents, cache, damage):
    step = Step("source", {}, lambda _before: contents)
    before = layers.obtain(step, [], []).layer
    if damage == "gone":
        before.archive.unlink()
    elif damage == "cut":
        before.archive.write_bytes(before.archive.read_bytes()[:-1])
    else:
        next((cache / "index").iterdir()).write_text("{")
    after = layers.obtain(step, [], []).layer
    assert after == before
    assert after.archive.stat().st_size == after.size


def test_commands_are_remembered(layers, contents):
    commands = ["before"]

    def make(_before):
        commands.append("make it")
        return contents

    step = Step("source", {}, make)
    assert layers.obtain(step, [], commands).commands == ("make it",)
    assert layers.obtain(step, [], []).commands == ("make it",)


def test_a_layer_that_cannot_be_packed_leaves_nothing(layers, cache, tmp_path):
    step = Step("source", {}, lambda _before: Contents(tmp_path / "missing"))
    with pytest.raises(FileNotFoundError):
        layers.obtain(step, [], [])
    assert not [*(cache / "layers").iterdir(), *(cache / "index").iterdir()]


HELD = "import sys; from pathlib import Path; from autodeploy.compiler.slots import slot\n"
HELD += "with slot(Path(sys.argv[1])): print('held', flush=True); sys.stdin.read()"


def test_a_build_has_the_first_free_folder_and_what_dead_ones_left_goes(build, source, cache):
    def begin():
        command = [sys.executable, "-c", HELD, str(cache)]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        process.stdout.readline()
        return process

    builds = cache / "builds"
    with begin() as first, begin() as second, begin() as third:
        for one in (first, third):
            one.kill()
            one.wait()
        assert {path.name for path in builds.iterdir()} == {"1", "2", "3"}
        before = set(threading.enumerate())
        build(source({"index.html": ""}), language="static")
        for thread in set(threading.enumerate()) - before:
            thread.join(10)
        assert [path.name for path in builds.iterdir()] == ["2"]
        with slot(cache) as folder:
            assert folder == builds / "1"
        second.stdin.close()


def test_what_one_application_made_is_not_found_by_another(cache, contents, log):
    made = []

    def obtain(owner):
        step = Step(
            "dependencies", {"lock": "same"}, lambda _before: made.append(owner) or contents
        )
        return Layers(cache, log.warning, owner).obtain(step, [], [])

    assert obtain("shop").layer.digest == obtain("blog").layer.digest
    obtain("shop")
    assert made == ["shop", "blog"]
