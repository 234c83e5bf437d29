"""A domain on one host: HTTP serves until DNS leads there, then HTTPS does and stays."""

from __future__ import annotations

import pytest

import balancerkit
from autodeploy.lab import client
from labkit import api
from roadkit import autodeploy, deploy, get, unbuilt
from zonekit import make_zone, remove_zone

pytestmark = pytest.mark.lab

NAME, DOMAIN = "own-domain", "own.example.org"


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

    autodeploy("destroy", NAME, "--yes")
    names = route53.list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]
    assert {one["Type"] for one in names} == {"NS", "SOA"}
    remove_zone(route53, zone)
