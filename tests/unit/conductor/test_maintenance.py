"""`maintenance`: what is said of it where, and where no page can be shown."""

from __future__ import annotations

from contextlib import nullcontext
from types import SimpleNamespace

import pytest

from autodeploy import conductor
from autodeploy.conductor.before import is_known_well
from autodeploy.conductor.maintenance import settle_maintenance
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


@pytest.mark.parametrize("shown", [True, False])
@pytest.mark.parametrize("error", [HostUnreachable, KeyboardInterrupt])
def test_what_some_hosts_may_have_done_is_not_forgotten(world, monkeypatch, shown, error):
    deployed(world)
    conductor.maintenance(WHO, world, shown=not shown)

    def fails(*_, shown):
        raise error("host-2")

    with monkeypatch.context() as broken:
        broken.setattr("autodeploy.deployer.show_maintenance", fails)
        with pytest.raises(error):
            conductor.maintenance(WHO, world, shown=shown)
    assert (known(world).maintenance, known(world).maintenance_done) == (shown, False)
    assert not is_known_well(known(world))
    conductor.maintenance(WHO, world, shown=shown)
    assert (known(world).maintenance, known(world).maintenance_done) == (shown, True)


@pytest.mark.parametrize("url", [None, "tcp://192.0.2.1:7007"])
def test_what_no_http_reaches_has_no_page_and_ends_its_maintenance(world, url):
    deployed(world)
    conductor.maintenance(WHO, world, shown=True)
    with world.store.lease("shop", "production", "deploy"):
        deployed(world, url=url)
    with pytest.raises(UsageError, match="no HTTP reaches it"):
        conductor.maintenance(WHO, world, shown=True)
    conductor.maintenance(WHO, world, shown=False)
    assert known(world).maintenance is False


@pytest.mark.parametrize(
    ("intended", "done", "told"),
    [(True, False, []), (False, False, [False]), (True, True, []), (False, True, [])],
)
def test_a_deployment_brings_all_hosts_to_what_was_said(
    monkeypatch, tmp_path, intended, done, told
):
    """That visitors meet the page, each host hears with its release."""
    shown, written = [], []
    monkeypatch.setattr(
        "autodeploy.deployer.show_maintenance", lambda *_, **how: shown.append(how["shown"])
    )
    before = SimpleNamespace(maintenance=intended, maintenance_done=done)
    log = SimpleNamespace(write=written.append)
    settle_maintenance(before, None, tmp_path, log)
    assert shown == told
    assert [one.shown for one in written] == [intended] * (not done)
    settle_maintenance(None, None, tmp_path, log)


def test_without_a_release_there_is_nothing_to_stand_before(world):
    with pytest.raises(NotDeployed):
        conductor.maintenance(WHO, world, shown=True)


def test_not_while_somebody_deploys(world):
    deployed(world)
    with world.store.lease("shop", "production", "deploy", 0), pytest.raises(LeaseHeld):
        conductor.maintenance(WHO, world, shown=True)
