"""A host's cgroup goes away for good, on machines with systemd and without."""

from __future__ import annotations

import os
import shutil

import pytest

from autodeploy.errors import LabBroken
from autodeploy.lab import cgroups, scopes
from autodeploy.lab.cgroups import Cgroup

LAB, UNIT = "autodeploy-lab-0123abcd", "autodeploy-lab-0123abcd-acme.scope"
# A unit is a file; systemd takes its cgroup away, and forgets it some questions later.
SYSTEMCTL = """#!/bin/sh
set -e
cd "$SYSTEMD"
for unit; do :; done
case $1 in
show)
    if [ -s asked ] && [ "$(wc -l < asked)" -ge 2 ]; then rm -f "units/$unit"; fi
    if [ -e asked ]; then echo >> asked; fi
    if [ -e "units/$unit" ]; then echo loaded; else echo not-found; fi ;;
stop)
    if [ -d "tree/system.slice/$unit" ]; then touch in-order; fi
    rm -rf "tree/system.slice/$unit"
    [ -e stuck ] || touch asked ;;
list-units)
    cd units
    for one in $unit; do
        if [ -e "$one" ]; then echo "$one loaded active running a name"; fi
    done ;;
esac
"""


@pytest.fixture
def systemd(tmp_path, monkeypatch):
    """A machine where PID 1 is systemd: the folder of its units, and its tree of cgroups."""
    for folder in ("bin", "units", "tree/system.slice"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "bin/systemctl").write_text(SYSTEMCTL)
    (tmp_path / "bin/systemctl").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("SYSTEMD", str(tmp_path))
    monkeypatch.setattr(scopes, "available", lambda: True)
    monkeypatch.setattr(cgroups, "_hierarchies", lambda: [tmp_path / "tree"])
    return tmp_path


@pytest.fixture
def plain(tmp_path, monkeypatch):
    """A machine without systemd: its tree of cgroups."""
    monkeypatch.setattr(scopes, "available", lambda: False)
    monkeypatch.setattr(cgroups, "_hierarchies", lambda: [tmp_path])
    return tmp_path


def test_a_scope_is_ended_by_systemd_before_its_cgroup_is_gone(systemd):
    (systemd / "units" / UNIT).touch()
    (systemd / "tree/system.slice" / UNIT / "payload").mkdir(parents=True)
    Cgroup(LAB, "acme").kill()
    assert not (systemd / "units" / UNIT).exists()
    assert (systemd / "in-order").exists()


def test_a_scope_that_lost_its_cgroup_is_found_and_ended(systemd):
    (systemd / "units" / UNIT).touch()
    (systemd / "units/autodeploy-lab-another-acme.scope").touch()
    assert cgroups.leftovers(LAB) == ["acme"]
    Cgroup(LAB, "acme").kill()
    assert cgroups.leftovers(LAB) == []


def test_a_cgroup_that_systemd_forgot_is_found_and_removed(systemd):
    (systemd / "tree/system.slice" / UNIT).mkdir()
    assert cgroups.leftovers(LAB) == ["acme"]
    Cgroup(LAB, "acme").kill()
    assert cgroups.leftovers(LAB) == []


def test_a_scope_that_systemd_does_not_let_go_is_an_error(systemd, monkeypatch):
    monkeypatch.setattr(cgroups, "KILL_SECONDS", 0)
    (systemd / "units" / UNIT).touch()
    (systemd / "stuck").touch()
    with pytest.raises(LabBroken, match="the cgroup of the host acme does not end"):
        Cgroup(LAB, "acme").kill()


def test_without_systemd_the_folders_are_removed_here(plain):
    (plain / LAB / "acme/payload").mkdir(parents=True)
    assert cgroups.leftovers(LAB) == ["acme"]
    Cgroup(LAB, "acme").kill()
    cgroups.remove_parent(LAB)
    assert list(plain.iterdir()) == []


def test_a_cgroup_may_vanish_while_it_is_read(plain, monkeypatch):
    folder = plain / LAB / "acme"
    folder.mkdir(parents=True)
    scandir = os.scandir

    def vanishing(at):
        shutil.rmtree(folder, ignore_errors=True)
        return scandir(at)

    with monkeypatch.context() as patched:
        patched.setattr(os, "scandir", vanishing)
        Cgroup(LAB, "acme").kill()
    assert not folder.exists()
