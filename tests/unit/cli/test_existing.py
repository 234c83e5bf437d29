"""What the command line says, and need not say again, of hosts that exist."""

from __future__ import annotations

import pytest

from autodeploy.cli import existing
from autodeploy.contracts import DeploymentStatus, Host
from autodeploy.errors import UsageError
from autodeploy.journal.events import HostsKnown, ResourceDone, StatusChanged
from autodeploy.runner import keep_login_key
from autodeploy.settings import load
from statekit import created

HOSTS = (
    Host(name="host-1", address="192.0.2.1", user="root", host_key="ssh-ed25519 AAAA"),
    Host(name="host-2", address="web.example.com", port=2222, host_key="ssh-ed25519 AAAA"),
)


@pytest.fixture
def key(tmp_path):
    path = tmp_path / "key"
    path.touch(mode=0o600)
    return path


@pytest.fixture
def there(store):
    """An application that is up on two hosts."""
    journal = created(store, target="ssh")
    journal.write(StatusChanged(status=DeploymentStatus.RUNNING))
    journal.write(HostsKnown(hosts=HOSTS))
    journal.write(StatusChanged(status=DeploymentStatus.COMPLETED))
    return store.application("shop", "production")


@pytest.mark.parametrize(
    ("flags", "target"),
    [
        ({"addresses": ("a@b",)}, "ssh"),
        ({"addresses": ("a@b",), "target": "ssh"}, "ssh"),
        ({"ssh_key": "k", "target": None}, "ssh"),
        ({"addresses": None, "target": "lab"}, "lab"),
        ({}, None),
    ],
)
def test_who_names_hosts_means_ssh(flags, target):
    assert existing.implied(flags).get("target") == target


@pytest.mark.parametrize("named", [{"addresses": ("a@b",)}, {"ssh_key": "k"}])
@pytest.mark.parametrize("target", ["aws", "lab"])
def test_hosts_of_the_users_own_are_no_other_target_s(named, target):
    with pytest.raises(UsageError):
        existing.implied({**named, "target": target})


def test_hosts_and_key_are_remembered(there, tmp_path, key):
    flags = {"target": "ssh", "addresses": None}
    keep_login_key(tmp_path, key)
    known = existing.remembered(flags, load(flags, None, {}), there, tmp_path)
    settings = load(known, None, {})
    assert settings.addresses == ("root@192.0.2.1", "admin@web.example.com:2222")
    assert settings.ssh_key == key
    assert (settings.target, flags["addresses"]) == ("ssh", None)


def test_what_is_said_anew_wins(there, tmp_path, key):
    flags = {"target": "ssh", "addresses": ("a@b",), "ssh_key": str(key)}
    known = existing.remembered(flags, load(flags, None, {}), there, tmp_path)
    settings = load(known, None, {})
    assert (settings.addresses, settings.ssh_key) == (("a@b",), key)


def test_an_application_does_not_move_away_from_what_it_has(there):
    assert existing.stays({"target": None}, there) == {"target": "ssh", "region": None}
    assert existing.stays({"target": "ssh"}, there)["target"] == "ssh"
    with pytest.raises(UsageError) as caught:
        existing.stays({"target": "lab"}, there)
    assert "destroy shop" in caught.value.remediation


@pytest.mark.parametrize("target", [None, "aws"])
def test_an_application_stays_in_its_region(store, target, monkeypatch):
    journal = created(store, target="aws", region="eu-west-1")
    journal.write(ResourceDone(action="create", key="vpc", type="AWS::EC2::VPC", id="vpc-1"))
    there = store.application("shop", "production")
    assert existing.stays({"target": target}, there) == {"target": "aws", "region": "eu-west-1"}
    with pytest.raises(UsageError, match=r"in eu-west-1, not in us-east-1"):
        existing.stays({"target": target, "region": "us-east-1"}, there)
    monkeypatch.setenv("AUTODEPLOY_REGION", "us-east-1")
    with pytest.raises(UsageError) as caught:
        existing.stays({"target": target}, there)
    assert "AUTODEPLOY_REGION" in caught.value.remediation


def test_what_has_nothing_anywhere_goes_anywhere(store):
    created(store, target="aws", region="eu-west-1")
    there = store.application("shop", "production")
    flags = {"target": "lab", "region": "us-east-1"}
    assert existing.stays(flags, there) == existing.stays(flags, None) == flags


def test_the_key_must_be_a_private_file(key):
    flags = {"target": "ssh", "addresses": ("a@b",), "ssh_key": str(key)}
    existing.check(load(flags, None, {}))
    key.chmod(0o640)
    with pytest.raises(UsageError, match="others may read"):
        existing.check(load(flags, None, {}))
    key.unlink()
    with pytest.raises(UsageError, match="there is no key"):
        existing.check(load(flags, None, {}))


@pytest.fixture
def elsewhere(store):
    """A store whose `shop` is up on the lab, in production alone."""
    journal = created(store, target="lab")
    journal.write(ResourceDone(action="create", key="vpc", type="AWS::EC2::VPC", id="vpc-1"))
    return store


def test_a_new_environment_is_on_no_other_target_unsaid(elsewhere, monkeypatch):
    monkeypatch.delenv("AUTODEPLOY_TARGET", raising=False)
    with pytest.raises(UsageError, match=r"production is on the target lab") as caught:
        existing.refuse_elsewhere(elsewhere, "shop", load({"environment": "pr-1"}, None, {}))
    assert "--target lab" in caught.value.remediation
    assert "--target aws" in caught.value.remediation


@pytest.mark.parametrize(
    ("name", "flags", "environ"),
    [
        ("shop", {"environment": "pr-1", "target": "aws"}, {}),
        ("shop", {"environment": "pr-1"}, {"AUTODEPLOY_TARGET": "aws"}),
        ("shop", {"environment": "pr-1", "target": "lab"}, {}),
        ("blog", {"environment": "pr-1"}, {}),
    ],
)
def test_who_says_the_target_goes_there(elsewhere, name, flags, environ):
    existing.refuse_elsewhere(elsewhere, name, load(flags, None, environ))


def test_where_the_others_are_there_too_nothing_need_be_said(elsewhere):
    journal = created(elsewhere, target="aws", environment="staging")
    journal.write(ResourceDone(action="create", key="vpc", type="AWS::EC2::VPC", id="vpc-2"))
    existing.refuse_elsewhere(elsewhere, "shop", load({"environment": "pr-1"}, None, {}))
