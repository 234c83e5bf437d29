"""A load balancer with hosts behind it: it comes, gets a domain, loses it, and goes."""

from __future__ import annotations

import shutil
import socket

import dns.message
import dns.query
import pytest

import balancerkit
from autodeploy.lab import client
from labkit import api, until
from roadkit import ROOT, autodeploy, deploy, get
from zonekit import make_zone, remove_zone

pytestmark = pytest.mark.lab

NAME = "go-front"
DOMAIN = "shop.example.com"


@pytest.fixture
def folder(lab, tmp_path):
    """A copy of the Go example; gone from the lab at the end."""
    made = tmp_path / NAME
    shutil.copytree(ROOT / "examples" / "go-hello", made)
    yield made
    autodeploy("destroy", NAME, "--yes")


def id_of(state, kind):
    return next(one["id"] for one in state["resources"] if one["type"].endswith(f"::{kind}"))


def healths(elb, state):
    group = id_of(state, "TargetGroup")
    found = elb.describe_target_health(TargetGroupArn=group)["TargetHealthDescriptions"]
    return {one["Target"]["Id"]: one["TargetHealth"]["State"] for one in found}


def let_in(state):
    """The hosts that this machine may talk to on port 80, past the load balancer."""
    reached = []
    for host in state["hosts"]:
        with socket.socket() as probe:
            probe.settimeout(1)
            if probe.connect_ex((host["address"], 80)) == 0:
                reached.append(host["name"])
    return reached


def addresses(lab, name):
    """What the lab's name server says of a name, asked from here."""
    asked = dns.message.make_query(name, "A")
    said = dns.query.udp(asked, str(lab.name_server), timeout=10)
    return {str(record) for one in said.answer for record in one}


def securely(balancer):
    """What the domain answers by HTTPS, whoever it leads to."""
    return balancerkit.get(
        balancer,
        port=443,
        headers={"Host": DOMAIN},
        trusted=str(client.authority()),
        server_name=DOMAIN,
    )


def test_a_load_balancer_comes_gets_a_domain_loses_it_and_goes(lab, folder):
    route53 = api(lab, "route53")
    zone = make_zone(route53, "example.com")
    before = client.snapshot()
    elb = api(lab, "elbv2")

    foreseen = autodeploy("plan", folder, "--target", "lab", "--hosts", 2)
    two = deploy(folder, "--hosts", 2)
    (now,) = autodeploy("cost", NAME)
    assert now["cost"]["monthly"] == foreseen["cost"]["after"]["monthly"] > 0
    assert {one["key"] for one in now["cost"]["resources"] if one["monthly"] != 0} == {
        *("host-1", "host-2", "load-balancer", "data transfer")
    }
    balancer = two["url"].removeprefix("http://").strip("/")
    assert balancer.endswith(".elb.amazonaws.com")
    assert get(two["url"])[0] == 200
    hosts = {one["instance_id"] for one in two["hosts"]}
    until(lambda: healths(elb, two) == dict.fromkeys(hosts, "healthy"))
    assert let_in(two) == []
    assert deploy(folder)["changed"] is False

    secure = deploy(folder, "--domain", DOMAIN)
    assert secure["url"] == f"https://{DOMAIN}/"
    assert id_of(secure, "LoadBalancer") == id_of(two, "LoadBalancer")
    assert addresses(lab, DOMAIN) == {socket.gethostbyname(balancer)}
    assert securely(balancer).status == 200
    plain = balancerkit.get(balancer, headers={"Host": DOMAIN})
    assert (plain.status, plain.headers["location"]) == (301, f"https://{DOMAIN}:443/")
    assert deploy(folder)["changed"] is False
    planned = autodeploy("plan", folder, "--target", "lab")
    assert {one["action"] for one in planned["resources"]} == {"none"}
    assert planned["cost"]["difference"] == 0
    assert planned["cost"]["after"] == autodeploy("cost", NAME)[0]["cost"]

    three = deploy(folder, "--hosts", 3)
    assert securely(balancer).status == 200
    until(lambda: list(healths(elb, three).values()) == ["healthy"] * 3)
    assert let_in(three) == []

    without = deploy(folder, "--hosts", 2, "--domain", "")
    assert without["url"] == two["url"]
    assert get(without["url"])[0] == 200
    assert set(healths(elb, without)) == hosts
    with pytest.raises(OSError, match=r"refused|timed out|reset|EOF"):
        securely(balancer)

    one = deploy(folder, "--hosts", 1)
    assert one["url"] == f"http://{one['hosts'][0]['address']}/"
    assert get(one["url"])[0] == 200
    with pytest.raises(OSError, match=r"refused|not known|No address"):
        balancerkit.get(balancer, timeout=2)

    autodeploy("destroy", NAME, "--yes")
    assert client.snapshot() == before
    remove_zone(route53, zone)
