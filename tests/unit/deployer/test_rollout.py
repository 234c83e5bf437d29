"""What is noted of hosts, and when."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from types import SimpleNamespace

import pytest

from autodeploy.contracts import Host, InfrastructureSpec, Runtime
from autodeploy.deployer.rollout import rollout
from autodeploy.deployer.securing import Securing
from autodeploy.journal.events import HostPrepared

HOST = Host(name="host-1", address="192.0.2.1", host_key="ssh-ed25519 AAAA")
WHERE = {"application": "shop", "environment": "production", "target": "lab", "ssh_key": None}
SPEC = InfrastructureSpec(**WHERE, image="debian-12", hosts=(HOST,))


@pytest.fixture
def prepared(monkeypatch, tmp_path, journal):
    """What is called once hosts are prepared, with this done of what they were secured with."""
    calls = []
    one = SimpleNamespace(facts={"shop-production-host-1": {}}, when_prepared=calls.append)

    @contextmanager
    def start(*_):
        yield one

    module = sys.modules[rollout.__module__]
    monkeypatch.setattr(module, "start", start)
    monkeypatch.setattr(module, "log_in", lambda *_: None)

    def go(note):
        log = journal.agent("deployer")
        how = Securing({}, frozenset(), {}, note)
        more = {"asks_database": False, "early": None, "folder": tmp_path, "log": log, "forks": 1}
        with rollout(SPEC, Runtime(), {}, how, **more):
            for call in calls:
                call()
        return [event.host for event in journal._events if isinstance(event, HostPrepared)]

    return go


def test_a_host_counts_as_prepared_once_it_is_noted_what_it_told(prepared, journal):
    """Else, after a crash between the two, it is not asked again and has told nothing."""

    def crash(_facts):
        raise OSError("the controller dies")

    with pytest.raises(OSError, match="dies"):
        prepared(crash)
    assert not any(isinstance(event, HostPrepared) for event in journal._events)


def test_a_host_that_has_told_is_prepared(prepared):
    told = []
    assert prepared(told.append) == ["host-1"]
    assert told == [{"shop-production-host-1": {}}]
