"""A domain on one host: HTTP serves until DNS leads there, then HTTPS does and stays."""

from __future__ import annotations

import pytest

import balancerkit
from autodeploy.lab import client
from labkit import api
from roadkit import autodeploy, deploy, get, on_host, unbuilt
from zonekit import make_zone, remove_zone

pytestmark = pytest.mark.lab

NAME, DOMAIN = "own-domain", "own.example.org"
ELSEWHERE = "own.example.net"
"""A name whose zone nobody here keeps."""


@pytest.fixture
def folder(lab, tmp_path):
    """An application; gone from the lab at the end."""
    yield unbuilt(tmp_path / NAME)
    autodeploy("destroy", NAME, "--yes")


def securely(host):
    """What the domain answers by HTTPS at the host, with a certificate of the lab's authority."""
    return balancerkit.get(
        host,
        port=443,
        headers={"Host": DOMAIN},
        trusted=str(client.authority()),
        server_name=DOMAIN,
    )


def answered(host):
    """The status that a visitor by HTTP gets: redirects are not followed."""
    return balancerkit.get(host).status


def leads(route53, zone):
    """By name, what the addresses and aliases of a zone lead to."""
    answer = route53.list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]
    return {
        one["Name"].rstrip("."): [each["Value"] for each in one.get("ResourceRecords", ())]
        for one in answer
        if one["Type"] == "A"
    }


def test_https_comes_with_dns_and_stays(lab, folder):
    first = deploy(folder, "--domain", DOMAIN)
    assert (first["status"], first["changed"]) == ("completed", True)
    assert first["url"].startswith("http://")
    assert get(first["url"])[0] == 200
    (finding,) = autodeploy("status", NAME)["security"]["findings"]
    address = first["hosts"][0]["address"]
    assert (finding["id"], finding["severity"]) == ("tls-not-issued", "medium")
    assert f"{DOMAIN} A {address}, then deploy again" in finding["message"]

    route53 = api(lab, "route53")
    zone = make_zone(route53, "example.org")
    second = deploy(folder)
    assert second["url"] == f"https://{DOMAIN}/"
    assert second["release"] == first["release"]
    assert securely(address).status == 200
    shown = autodeploy("status", NAME)
    assert (shown["health"], shown["certificate_days"]) == ("healthy", 89)
    assert "tls-not-issued" not in {one["id"] for one in shown["security"]["findings"]}

    assert deploy(folder)["changed"] is False
    (folder / "autodeploy.yml").write_text("env: {GREETING: changed}\n")
    third = deploy(folder)
    assert (third["changed"], third["url"]) == (True, second["url"])
    assert securely(address).status == 200

    (replaced,) = autodeploy("hosts", "replace", NAME, "--yes")
    another = replaced["hosts"][0]["address"]
    assert (replaced["url"], leads(route53, zone)) == (second["url"], {DOMAIN: [another]})
    assert another != address
    assert securely(another).status == 200

    elsewhere = deploy(folder, "--domain", ELSEWHERE)
    assert elsewhere["url"].startswith("http://")
    assert leads(route53, zone) == {}
    assert answered(another) == 200

    deploy(folder, "--domain", DOMAIN)
    assert securely(another).status == 200
    without = deploy(folder, "--domain", "", "--refresh")
    assert (without["url"], leads(route53, zone)) == (f"http://{another}/", {})
    assert answered(another) == 200
    assert on_host(NAME, "sudo", "ls", "/etc/letsencrypt/live").stdout.split() in ([], ["README"])

    deploy(folder, "--domain", DOMAIN)
    autodeploy("destroy", NAME, "--yes")
    assert leads(route53, zone) == {}
    remove_zone(route53, zone)


def test_a_domain_goes_to_a_load_balancer_and_back(lab, folder):
    route53 = api(lab, "route53")
    zone = make_zone(route53, "example.org")
    first = deploy(folder, "--domain", DOMAIN)
    address = first["hosts"][0]["address"]
    assert (first["url"], leads(route53, zone)) == (f"https://{DOMAIN}/", {DOMAIN: [address]})

    balanced = deploy(folder, "--load-balancer")
    assert balanced["url"] == first["url"]
    assert address not in leads(route53, zone)[DOMAIN]
    # Neither end sends visitors on to themselves.
    arn = next(one["id"] for one in balanced["resources"] if one["type"].endswith("::LoadBalancer"))
    found = api(lab, "elbv2").describe_load_balancers(LoadBalancerArns=[arn])["LoadBalancers"]
    balancer = found[0]["DNSName"]
    assert securely(balancer).status == 200
    assert "tls.conf" not in on_host(NAME, "ls", f"/etc/nginx/autodeploy/{NAME}").stdout

    back = deploy(folder, "--no-load-balancer")
    assert (back["url"], leads(route53, zone)) == (first["url"], {DOMAIN: [address]})
    assert securely(address).status == 200
    autodeploy("destroy", NAME, "--yes")
    assert leads(route53, zone) == {}
    remove_zone(route53, zone)
