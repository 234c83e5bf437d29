"""`maintenance`: what is said of it where, and where no page can be shown."""

from __future__ import annotations

from contextlib import nullcontext
from types import SimpleNamespace

import pytest

from autodeploy import conductor
from autodeploy.conductor.maintenance import keep_maintenance
from autodeploy.contracts import DeploymentStatus, Host
from autodeploy.errors import HostUnreachable, LeaseHeld, NotDeployed, UsageError
from autodeploy.journal import DirectoryStore
from autodeploy.journal.events import HostsKnown, ReleaseActivated, StatusChanged
from autodeploy.settings import Settings
from statekit import running

HOST = Host(name="host-1", address="192.0.2.1", host_key="ssh-ed25519 AAAA")
WHO = conductor.Command(repository=None, name="shop", flags={}, settings=Settings(target="lab"))


@pytest.fixture
def world(tmp_path, monkeypatch):
    """Where the Conductor works; hosts are there in name alone."""
    monkeypatch.setattr("autodeploy.provisioner.admitted", lambda *_: nullcontext())
    monkeypatch.setattr("autodeploy.deployer.log_in", lambda *_: None)
    monkeypatch.setattr("autodeploy.deployer.show_maintenance", lambda *_, shown: None)
    return conductor.Environment(DirectoryStore(tmp_path), tmp_path, lambda: None)


def deployed(world, **how):
    where = {"application": "shop", "environment": "production", "target": "lab", "region": None}
    journal = world.store.create(operation="deploy", repository=None, tool_version="0", **where)
    journal.write(StatusChanged(status=DeploymentStatus.RUNNING))
    journal.write(HostsKnown(hosts=(HOST,)))
    journal.write(ReleaseActivated(deployment=running(**how)))
    journal.write(StatusChanged(status=DeploymentStatus.COMPLETED))


def known(world):
    return world.store.application("shop", "production")


def test_it_is_said_until_the_contrary_is(world):
    deployed(world)
    for shown in (True, True, False):
        conductor.maintenance(WHO, world, shown=shown)
        assert known(world).maintenance is shown
        assert known(world).live.status is DeploymentStatus.COMPLETED


def test_where_a_host_could_not_be_reached_nothing_is_said(world, monkeypatch):
    deployed(world)

    def fails(*_, shown):
        raise HostUnreachable("no answer")

    monkeypatch.setattr("autodeploy.deployer.show_maintenance", fails)
    with pytest.raises(HostUnreachable):
        conductor.maintenance(WHO, world, shown=True)
    assert known(world).maintenance is False


@pytest.mark.parametrize("url", [None, "tcp://192.0.2.1:7007"])
def test_what_no_http_reaches_has_no_page(world, url):
    deployed(world, url=url)
    with pytest.raises(UsageError, match="no HTTP reaches it"):
        conductor.maintenance(WHO, world, shown=True)


@pytest.mark.parametrize(
    ("url", "times"), [("http://192.0.2.1/", 1), ("https://a.b/", 1), ("tcp://a:1", 0), (None, 0)]
)
def test_a_deployment_keeps_it_where_http_still_comes_in(monkeypatch, tmp_path, url, times):
    shown = []
    monkeypatch.setattr("autodeploy.deployer.show_maintenance", lambda *_, **how: shown.append(how))
    keep_maintenance(SimpleNamespace(url=url), tmp_path, None)
    assert shown == [{"shown": True}] * times


def test_without_a_release_there_is_nothing_to_stand_before(world):
    with pytest.raises(NotDeployed):
        conductor.maintenance(WHO, world, shown=True)


def test_not_while_somebody_deploys(world):
    deployed(world)
    with world.store.lease("shop", "production", "deploy", 0), pytest.raises(LeaseHeld):
        conductor.maintenance(WHO, world, shown=True)
