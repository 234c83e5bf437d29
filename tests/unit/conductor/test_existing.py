"""What the Conductor makes of hosts that exist."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from autodeploy.conductor import existing
from autodeploy.contracts import Host, TechStack
from autodeploy.errors import HostsUnfit
from autodeploy.provisioner import Owner
from autodeploy.settings import Settings

OWNER = Owner(application="shop", environment="production", deployment="d")
HOST = Host(name="host-1", address="192.0.2.1", host_key="ssh-ed25519 AAAA")


@pytest.mark.parametrize(
    ("occupied", "staying", "gone"),
    [
        ("", "a", ""),
        ("a b", "a b", ""),
        ("a b", "b", "a"),
        ("a", "b", "a"),
        ("a b:2", "a:2 b", "a b:2"),
    ],
)
def test_hosts_that_are_not_named_any_more_are_left(occupied, staying, gone):
    def hosts(text):
        places = (one.partition(":") for one in text.split())
        return tuple(
            HOST.model_copy(update={"address": address, "port": int(port or 22)})
            for address, _, port in places
        )

    assert existing.leaving(hosts(occupied), hosts(staying)) == hosts(gone)


@pytest.mark.parametrize(
    ("said", "same"),
    [
        ("admin@192.0.2.1", True),
        ("admin@192.0.2.1:22", True),
        ("admin@192.0.2.1:23", False),
        ("root@192.0.2.1", False),
        ("admin@192.0.2.1 admin@192.0.2.2", False),
        ("", False),
    ],
)
def test_hosts_are_known_by_how_they_are_named(said, same):
    assert existing.are_named([HOST], said.split()) is same


@pytest.mark.parametrize(
    ("databases", "env", "said"),
    [
        (("postgresql",), {}, ["no postgresql is made where hosts exist: give its DATABASE_URL"]),
        (("postgresql",), {"DATABASE_URL": "x"}, []),
        (("redis",), {}, ["no Redis is made where hosts exist: give its REDIS_URL"]),
        (("redis",), {"REDIS_URL": "x"}, []),
        (("mongodb",), {}, []),
    ],
)
def test_a_database_that_nobody_makes_is_told(tmp_path, monkeypatch, databases, env, said):
    monkeypatch.setenv("HOME", str(tmp_path))
    heard = []

    class Talk:
        def info(self, message):
            raise AssertionError(message)

        warning = staticmethod(heard.append)

    settings = Settings(target="ssh", addresses=("a@127.0.0.1:1",), env=env)
    with pytest.raises(HostsUnfit):
        existing.find(TechStack(databases=databases), settings, OWNER, (), Talk())
    assert heard == said


def test_what_a_secret_brings_is_not_asked_for(tmp_path, monkeypatch):
    """As `read` has it where DATABASE_URL and REDIS_URL are secrets."""
    monkeypatch.setenv("HOME", str(tmp_path))
    brought = {"database": False, "cache": False}
    settings = Settings(target="ssh", addresses=("a@127.0.0.1:1",), **brought)
    stack = TechStack(databases=("postgresql", "redis"))
    with pytest.raises(HostsUnfit):
        existing.find(stack, settings, OWNER, (), SimpleNamespace())
