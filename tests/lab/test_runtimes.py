"""The version that a repository asks for is the one that its processes run with."""

from __future__ import annotations

import json
import shutil

import pytest

from roadkit import ROOT, autodeploy, deploy, get, on_host

pytestmark = pytest.mark.lab

PROGRAMS = "sudo sh -c 'readlink /proc/[0-9]*/exe'"


@pytest.fixture
def copy_of(lab, tmp_path):
    """A copy of an example under another name; its deployment is gone at the end."""
    named = []

    def copy(example, name):
        named.append(name)
        return shutil.copytree(ROOT / "examples" / example, tmp_path / name)

    yield copy
    for name in named:
        autodeploy("destroy", name, "--yes")


def test_a_node_that_no_distribution_has_is_brought_along(copy_of):
    folder = copy_of("express-links", "links-22")
    manifest = json.loads((folder / "package.json").read_text())
    (folder / "package.json").write_text(json.dumps({**manifest, "engines": {"node": "22"}}))
    first = deploy(folder)
    assert get(first["url"])[0] == 200
    running = on_host("links-22", PROGRAMS).stdout
    assert "/usr/local/lib/autodeploy/runtimes/node-22." in running
    assert "/usr/bin/node" not in running
    assert on_host("links-22", "cat /etc/debian_version").stdout.startswith("12")
    assert deploy(folder)["changed"] is False


def test_the_image_that_has_the_python_is_chosen(copy_of):
    folder = copy_of("flask-notes", "notes-313")
    (folder / ".python-version").write_text("3.13\n")
    first = deploy(folder)
    assert get(first["url"])[0] == 200
    assert "/usr/bin/python3.13" in on_host("notes-313", PROGRAMS).stdout
    assert on_host("notes-313", "cat /etc/debian_version").stdout.startswith("13")
    assert deploy(folder)["changed"] is False
