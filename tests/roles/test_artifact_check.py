"""A release on a host against what was packed: each difference is named, and nothing else is."""

from __future__ import annotations

import json
import os
import shutil

import pytest

from autodeploy.compiler.archive import pack
from rolekit import together


@pytest.fixture(scope="module")
def module():
    return together("artifact/module_utils/artifact_compare.py")


@pytest.fixture
def unpacked(tmp_path):
    """A tree as it was built and unpacked, and the list of its files."""
    folder = tmp_path / "built"
    (folder / "lib/deep").mkdir(parents=True)
    (folder / "empty").mkdir()
    (folder / "app.py").write_text("a = 1\n")
    (folder / "run").write_text("#!/bin/sh\n")
    (folder / "run").chmod(0o755)
    (folder / "lib/deep/b.py").write_text("b = 2\n")
    (folder / "lib/c.py").symlink_to("deep/b.py")
    (folder / "lib/vendor").mkdir()
    (folder / "lib/vendor/replaced").write_text("by a link\n")
    pack(folder, tmp_path / "archive", tmp_path / "listing")
    target = tmp_path / "there"
    shutil.copytree(folder, target, symlinks=True)
    shutil.rmtree(target / "lib/vendor")
    (target / "lib/vendor").symlink_to("/srv/shop/layers/d")
    return target, (tmp_path / "listing").read_text().splitlines()


LINKS = {"lib/vendor": "/srv/shop/layers/d"}


def differences(module, unpacked, links=LINKS):
    folder, lines = unpacked
    found = module.Differences()
    module.compare(str(folder), lines, links, found.add)
    return {kind: one["first"] for kind, one in found.told().items() if one["total"]}


def test_what_was_unpacked_is_what_was_built(module, unpacked):
    assert differences(module, unpacked) == {}


def rewrite(folder):
    (folder / "app.py").write_text("a = 2\n")


def give_everybody(folder):
    (folder / "run").chmod(0o4755)


def turn_a_link(folder):
    (folder / "lib/c.py").unlink()
    (folder / "lib/c.py").symlink_to("/etc/passwd")


def link_a_file(folder):
    (folder / "app.py").rename(folder / "run.pyc")
    (folder / "app.py").symlink_to("run.pyc")


def pipe(folder):
    (folder / "app.py").unlink()
    os.mkfifo(folder / "app.py")


def turn_the_layers_link(folder):
    (folder / "lib/vendor").unlink()
    (folder / "lib/vendor").symlink_to("/srv/shop/layers/e")


@pytest.mark.parametrize(
    ("change", "path"),
    [
        (rewrite, "app.py"),
        (give_everybody, "run"),
        (turn_a_link, "lib/c.py"),
        (link_a_file, "app.py"),
        (pipe, "app.py"),
        (turn_the_layers_link, "lib/vendor"),
    ],
)
def test_a_change_is_named(module, unpacked, change, path):
    change(unpacked[0])
    assert differences(module, unpacked) == {"changed": [path]}


def test_what_is_missing_is_named_with_all_below_it(module, unpacked):
    shutil.rmtree(unpacked[0] / "lib/deep")
    (unpacked[0] / "empty").rmdir()
    assert differences(module, unpacked) == {"missing": ["empty", "lib/deep", "lib/deep/b.py"]}


def test_what_was_not_built_is_named_but_for_byte_code(module, unpacked):
    folder, _ = unpacked
    (folder / "lib/__pycache__").mkdir()
    (folder / "lib/__pycache__/b.cpython-311.pyc").write_text("")
    (folder / "lib/shell.php").write_text("<?php\n")
    (folder / "elsewhere").symlink_to("/etc")
    (folder / os.fsdecode(b"\xff")).symlink_to("x")
    assert differences(module, unpacked) == {
        "extra": ["\\udcff", "elsewhere", "lib/shell.php"],
    }


def test_only_so_many_are_named_and_all_are_counted(module, unpacked):
    folder, lines = unpacked
    for number in range(module.SHOWN + 5):
        (folder / f"new-{number:03}").write_text("")
    found = module.Differences()
    module.compare(str(folder), lines, LINKS, found.add)
    told = found.told()["extra"]
    assert told["total"] == module.SHOWN + 5
    assert told["first"] == [f"new-{number:03}" for number in range(module.SHOWN)]
    json.dumps(told)
