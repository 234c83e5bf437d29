"""What compiled files ask of a host; the files are Debian's own."""

from __future__ import annotations

import platform
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from autodeploy.compiler.compiled import read, unfit
from autodeploy.contracts import IMAGES

ARCH = {"x86_64": "amd64", "aarch64": "arm64"}[platform.machine()]
NEW = replace(IMAGES["debian-13"], glibc=(2, 99))
PLAIN, LINKED = Path("/usr/bin/env"), Path("/usr/bin/apt-get")


@pytest.fixture
def module(tmp_path):
    """A module of Node's that is some program, by its path below node_modules."""

    def of(path, program):
        target = tmp_path / "node_modules" / path
        target.parent.mkdir(parents=True)
        shutil.copy(program, target)
        return tmp_path

    return of


def test_what_a_program_links_to():
    assert (read(PLAIN).machine, read(PLAIN).foreign) == (ARCH, ())
    assert any(one.startswith("libapt-pkg") for one in read(LINKED).foreign)
    assert read(PLAIN).glibc >= (2, 2)


def test_text_is_none(tmp_path):
    (tmp_path / "x.node").write_text("no program")
    assert read(tmp_path / "x.node") is None
    assert read(tmp_path / "missing") is None


@pytest.mark.parametrize(
    ("path", "program", "image", "arch", "why"),
    [
        ("a/build/Release/a.node", PLAIN, NEW, ARCH, None),
        ("a/build/Release/a.node", LINKED, NEW, ARCH, "links to libapt-pkg"),
        ("a/build/Release/a.node", PLAIN, replace(NEW, glibc=(2, 1)), ARCH, "newer C library"),
        ("a/build/Release/a.node", PLAIN, NEW, "other", "for another machine"),
        ("@img/a/lib/a.node", PLAIN, NEW, "other", "for another machine"),
        ("@img/a/lib/a.node", LINKED, NEW, ARCH, None),  # Ready-made: it brings its libraries.
        ("a/prebuilds/other/a.node", PLAIN, NEW, "other", None),
        ("a/bin/a", PLAIN, NEW, "other", None),
    ],
)
def test_what_a_host_cannot_load(module, path, program, image, arch, why):
    found = [said for _path, said in unfit(module(path, program), image, arch)]
    assert len(found) == (why is not None)
    assert all(why in said for said in found)


def test_a_library_that_lies_beside_it_is_there(module, tmp_path):
    folder = module("a/build/Release/a.node", LINKED)
    for library in read(LINKED).foreign:
        (folder / "node_modules/a" / library).write_text("")
    assert list(unfit(folder, NEW, ARCH)) == []
