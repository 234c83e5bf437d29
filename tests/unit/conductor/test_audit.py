"""An audit of what is live: what it is made of, and that SSH is let in for it alone."""

from __future__ import annotations

import pytest

import moto_api
import storykit
from autodeploy import conductor, deployer
from autodeploy.contracts import Finding, TopicReport
from autodeploy.errors import NotDeployed
from autodeploy.settings import Settings
from autodeploy.sheriff import scan

pytestmark = pytest.mark.slow
WEAK = Finding(id="weak", severity="high", resource="unit", message="weak")


@pytest.fixture
def world(tmp_path, monkeypatch):
    with storykit.world(tmp_path) as one:
        yield one


@pytest.fixture
def looked(world, monkeypatch):
    """What the hosts' looks were given; they tell one finding each."""
    given = []

    def hosts(spec, ports, hardening, _listener):
        rules = moto_api.client("ec2").describe_security_groups()["SecurityGroups"]
        let_in = any(
            rule.get("FromPort") == 22 for group in rules for rule in group["IpPermissions"]
        )
        given.append(([one.name for one in spec.hosts], spec.ingress_ports, ports, let_in))
        assert hardening["hardening_ssh"] is True
        return tuple(
            TopicReport(host=one.name, topic="scan", findings=(WEAK,)) for one in spec.hosts
        )

    monkeypatch.setattr(scan, "scan_hosts", hosts)
    monkeypatch.setattr(
        scan, "scan_ssh", lambda host, image: TopicReport(host=host.name, topic=f"ssh {image}")
    )
    return given


def audit(world):
    return conductor.audit(world.known, Settings(target="lab"), world.environment)


def test_every_look_is_in_it(world, looked):
    world.deploy(hosts=2)
    found = audit(world)
    own = deployer.loopback_port(world.known.live.deployment.release)
    assert looked == [(["host-1", "host-2"], (80,), (own,), True)]
    assert [(one.id, one.resource) for one in found.findings if one.id == "weak"] == [
        ("weak", "host-1 unit"),
        ("weak", "host-2 unit"),
    ]
    topics = {one.topic for one in found.reports}
    assert {"scan", "ssh debian-12", "tls", "dependencies", "inspector"} <= topics
    (inspector,) = [one for one in found.reports if one.topic == "inspector"]
    assert "it is disabled in this account" in inspector.not_verified[0]
    assert found.deployment == world.known.live.id


def test_without_a_live_release_there_is_nothing_to_audit(world, looked):
    world.deploy()
    known = world.known.model_copy(update={"live": None})
    with pytest.raises(NotDeployed):
        conductor.audit(known, Settings(target="lab"), world.environment)
    assert looked == []
