"""An application that grows, shrinks, gets another size, and lives in somebody else's network."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

import foreign
from foreign import Part
from labkit import api
from roadkit import ROOT, autodeploy, deploy, get, on_host

pytestmark = pytest.mark.lab

NAME = "go-scale"


@pytest.fixture
def folder(lab, tmp_path):
    """A copy of the Go example; gone from the lab at the end."""
    made = tmp_path / NAME
    shutil.copytree(ROOT / "examples" / "go-hello", made)
    yield made
    autodeploy("destroy", NAME, "--yes")


def scaled(folder, *arguments):
    return deploy(folder, "--no-load-balancer", *arguments)


def changed(state, host):
    """What tasks have changed on a host in a deployment."""
    log = Path(os.environ["AUTODEPLOY_HOME"]) / "deployments" / state["deployment_id"]
    events = map(json.loads, (log / "events.jsonl").read_text().splitlines())
    alias = f"{NAME}-production-{host}"
    return [
        one["step"] for one in events if (one.get("host"), one.get("outcome")) == (alias, "changed")
    ]


def answers(state):
    """The hosts that the application answers on."""
    return [one["name"] for one in state["hosts"] if get(f"http://{one['address']}/")[0] == 200]


def private(name):
    home = Path(os.environ["AUTODEPLOY_HOME"]) / "applications" / NAME / "production"
    return (home / name).read_text()


def test_hosts_are_added_and_removed_and_get_another_size(folder):
    two = scaled(folder, "--hosts", 2)
    assert answers(two) == ["host-1", "host-2"]

    three = scaled(folder, "--hosts", 3)
    assert three["changed"] is True
    assert three["release"] == two["release"]
    assert answers(three) == ["host-1", "host-2", "host-3"]
    assert three["hosts"][:2] == two["hosts"]
    assert changed(three, "host-1") == changed(three, "host-2") == []
    assert "proxy" in " ".join(changed(three, "host-3"))

    one = scaled(folder, "--hosts", 1, "--instance-type", "t3.small")
    (host,) = one["hosts"]
    before = two["hosts"][0]
    assert host["instance_id"] == before["instance_id"]
    assert host["address"] != before["address"]
    assert one["url"] == f"http://{host['address']}/"
    assert answers(one) == ["host-1"]
    assert one["release"] == two["release"]
    running = {each["instance_id"] for each in autodeploy("lab", "status")["hosts"]}
    assert running & {each["instance_id"] for each in three["hosts"]} == {host["instance_id"]}
    assert len(private("known_hosts").splitlines()) == 1
    assert "host-2" not in private("inventory.json")
    assert on_host(NAME, "true").returncode == 0
    shown = autodeploy("status", NAME)
    assert [each["name"] for each in shown["hosts"]] == ["host-1"]
    assert deploy(folder)["changed"] is False


def test_a_network_that_exists_is_used_and_stays_as_it_was(lab, folder):
    ec2 = api(lab, "ec2")
    vpc, _ = foreign.make(ec2, lab.region, [Part("a", "own"), Part("b", "main")], main=True)
    before = foreign.snapshot(ec2, NAME)
    up = scaled(folder, "--hosts", 2, "--vpc-id", vpc)
    assert answers(up) == ["host-1", "host-2"]
    assert "AWS::EC2::VPC" not in {one["type"] for one in up["resources"]}
    refused = deploy(folder, "--vpc-id", "vpc-0123456789abcdef0", "--refresh", code=1)
    assert vpc in refused["error"]["cause"]
    assert foreign.snapshot(ec2, NAME) == before
    autodeploy("destroy", NAME, "--yes")
    assert foreign.snapshot(ec2, NAME) == before
    foreign.destroy(ec2, vpc)
