"""Names in /etc/hosts: ours come and go, everybody else's stay."""

from __future__ import annotations

from ipaddress import IPv4Address
from pathlib import Path

import pytest

from autodeploy.errors import LabBroken
from autodeploy.lab import names, network
from autodeploy.lab.names import Names
from autodeploy.lab.site import Site

BEFORE = "127.0.0.1 localhost\n10.9.9.9 db.example # autodeploy-lab 0other00\n::1 ip6-localhost"
ONE, TWO = IPv4Address("10.213.0.9"), IPv4Address("10.213.0.10")


@pytest.fixture
def site(tmp_path, monkeypatch):
    hosts = tmp_path / "hosts"
    hosts.write_text(BEFORE)
    hosts.chmod(0o640)
    monkeypatch.setattr(names, "HOSTS", hosts)
    monkeypatch.setattr(network, "SHARED", tmp_path / "shared")
    return Site(tmp_path / "lab", tmp_path / "images")


def lines():
    return names.HOSTS.read_text().splitlines()


def test_a_name_comes_and_goes(site):
    known = Names(site)
    known.add("db.example", [ONE, TWO])
    marked = [f"{one} db.example {site.names_mark}" for one in (ONE, TWO)]
    assert lines() == [*BEFORE.splitlines(), *marked]
    assert (site.names / "db.example").read_text() == f"{ONE} db.example\n{TWO} db.example\n"
    known.add("db.example", [TWO])
    assert lines() == [*BEFORE.splitlines(), marked[1]]
    known.remove("db.example")
    assert lines() == BEFORE.splitlines()
    assert list(site.names.iterdir()) == []
    known.remove("db.example")


def test_down_forgets_this_labs_names_only(site):
    known = Names(site)
    known.add("a.example", [ONE])
    known.add("b.example", [TWO])
    assert len(names.left(site)) == 2
    names.forget_all(site)
    assert names.left(site) == []
    assert lines() == BEFORE.splitlines()
    assert not site.names.exists()


def test_the_files_rights_stay(site):
    Names(site).add("a.example", [ONE])
    assert names.HOSTS.stat().st_mode & 0o777 == 0o640


def test_a_file_that_cannot_be_replaced_is_written(site, monkeypatch):
    """In a container /etc/hosts is a mount."""

    def busy(self, _target):
        raise OSError("Device or resource busy")

    monkeypatch.setattr(Path, "rename", busy)
    Names(site).add("a.example", [ONE])
    assert lines()[-1] == f"{ONE} a.example {site.names_mark}"
    assert [one.name for one in names.HOSTS.parent.glob(".hosts*")] == []


@pytest.mark.parametrize("name", ["", "../etc/passwd", "a b", "a\nb", "-a", ".a"])
def test_what_is_no_name_is_refused(site, name):
    with pytest.raises(LabBroken):
        Names(site).add(name, [ONE])
    assert lines() == BEFORE.splitlines()
