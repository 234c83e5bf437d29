"""`hosts upgrade`: over which hosts, with which balancer, and what is said where one fails."""

from __future__ import annotations

from contextlib import nullcontext

import pytest

from autodeploy import conductor
from autodeploy.contracts import DeploymentStatus, Host
from autodeploy.deployer.upgrade import Upgrade, _looks
from autodeploy.errors import HostUnreachable, LeaseHeld, NotDeployed
from autodeploy.journal import DirectoryStore
from autodeploy.journal.events import HostsKnown, ReleaseActivated, StatusChanged
from autodeploy.settings import Settings
from statekit import created, running

HOSTS = tuple(
    Host(name=f"host-{n}", address=f"192.0.2.{n}", host_key="ssh-ed25519 AAAA") for n in (1, 2)
)


@pytest.fixture
def world(tmp_path, monkeypatch):
    """Where the Conductor works; hosts are there in name alone."""
    monkeypatch.setattr("autodeploy.provisioner.admitted", lambda *_: nullcontext())
    monkeypatch.setattr("autodeploy.deployer.log_in", lambda *_: None)
    return conductor.Environment(DirectoryStore(tmp_path), tmp_path, lambda: None)


def deployed(world, target="lab"):
    journal = created(world.store, target=target)
    journal.write(StatusChanged(status=DeploymentStatus.RUNNING))
    journal.write(HostsKnown(hosts=HOSTS))
    journal.write(ReleaseActivated(deployment=running()))
    journal.write(StatusChanged(status=DeploymentStatus.COMPLETED))


def command(target="lab"):
    return conductor.Command(None, "shop", {}, Settings(target=target))


@pytest.mark.parametrize(("name", "chosen"), [(None, [*HOSTS]), ("host-2", [HOSTS[1]])])
def test_over_all_or_one(world, monkeypatch, name, chosen):
    deployed(world)

    def upgrade(spec, some, *_, reboots):
        assert spec.hosts == HOSTS
        assert reboots
        return [Upgrade(one.name) for one in some]

    monkeypatch.setattr("autodeploy.deployer.upgrade", upgrade)
    done = conductor.upgrade(command(), world, name, reboots=True)
    assert [one.host for one in done] == [one.name for one in chosen]


@pytest.mark.parametrize(("target", "replaces"), [("lab", True), ("ssh", False)])
def test_where_one_does_not_come_back_it_is_said_how_to_go_on(world, monkeypatch, target, replaces):
    deployed(world, target)

    def fails(*_, reboots):
        raise HostUnreachable("host-2 was lost")

    monkeypatch.setattr("autodeploy.deployer.upgrade", fails)
    with pytest.raises(HostUnreachable) as raised:
        conductor.upgrade(command(target), world, None, reboots=False)
    said = raised.value.remediation
    assert "`autodeploy hosts upgrade shop -e production` then goes on" in said
    assert ("hosts replace" in said) is replaces


def test_not_while_somebody_deploys_and_not_on_no_host(world):
    deployed(world)
    with pytest.raises(NotDeployed, match="host-7"):
        conductor.upgrade(command(), world, "host-7", reboots=False)
    with world.store.lease("shop", "production", "deploy", 0), pytest.raises(LeaseHeld):
        conductor.upgrade(command(), world, None, reboots=False)


@pytest.mark.parametrize(
    ("url", "asked"),
    [
        ("http://a/", {"upgrade_port", "upgrade_health_path", "upgrade_health_below"}),
        ("tcp://a:7007", {"upgrade_port"}),
        (None, set()),
    ],
)
def test_a_host_asks_itself_what_its_clients_would(url, asked):
    assert set(_looks(running(url=url))) == asked
