"""TLS on a host exactly where a domain is given; without a certificate HTTP serves on."""

from __future__ import annotations

import json

import pytest

from autodeploy.contracts import Host, InfrastructureSpec, SecurityConfig
from autodeploy.errors import TaskFailed
from autodeploy.runner import PlayResult
from autodeploy.settings import Acme
from autodeploy.sheriff import certificates

HOST = Host(name="host-1", address="192.0.2.1", host_key="ssh-ed25519 AAAA")
PLAIN = InfrastructureSpec(
    application="shop",
    environment="production",
    target="lab",
    image="debian-12",
    hosts=(HOST,),
    ssh_key=None,
)
SPEC = PLAIN.model_copy(update={"domain": "shop.example", "ingress_ports": (80, 443)})
GOOD = {"certbot_report": {"verified": ["shop.example serves a certificate"]}}


@pytest.fixture
def certify(monkeypatch, tmp_path, journal):
    """The security after a play that ends so, and the variables that it and others were told."""

    def go(spec, end=None, *, had_tls=False):
        told = []
        ends = [end]

        def run(play, _log, _agent):
            hosts = json.loads(play.inventory.read_text())["_meta"]["hostvars"]
            told.extend(hosts.values())
            end = ends.pop() if ends else {}
            if isinstance(end, Exception):
                raise end
            return PlayResult(changed=True, facts={"shop-production-host-1": end or {}})

        monkeypatch.setattr(certificates, "run", run)
        log = journal.agent("sheriff")
        acme = Acme(email="a@b.c")
        reports = certificates.certify(spec, acme, tmp_path, log, had_tls=had_tls)
        return SecurityConfig(hardened=True, reports=tuple(reports)), told

    return go


def failed(**reported):
    said = {"step": "certbot : x", "host": "shop-production-host-1"}
    return TaskFailed("the task failed", cause="no certificate: no way", **said, reported=reported)


def test_without_a_domain_nothing_is_played(certify):
    security, told = certify(PLAIN)
    assert (told, security.verified) == ([], ())
    assert "tls: certificate: no domain was given" in security.not_verified


def test_a_load_balancers_tls_is_not_the_hosts(certify):
    spec = SPEC.model_copy(update={"load_balancer": "lb.example", "ingress_ports": (80,)})
    security, told = certify(spec)
    assert (told, security.verified) == ([], ())
    assert security.not_verified == ("tls: certificate: it is the load balancer's, of ACM's",)


def test_with_a_domain_its_host_has_the_certificate(certify):
    security, (told,) = certify(SPEC, GOOD)
    assert told["certbot_domains"] == told["proxy_tls"]["names"] == ["shop.example"]
    assert told["certbot_email"] == "a@b.c"
    assert security.verified == ("host-1 certbot: shop.example serves a certificate",)
    assert certificates.serves_tls(SPEC, security)


def test_a_domain_that_is_taken_back_takes_the_certificate_with_it(certify):
    security, (told,) = certify(PLAIN, GOOD, had_tls=True)
    assert told["proxy_tls"] is None
    assert not certificates.serves_tls(PLAIN, security)
    assert "certbot" not in {one.topic for one in security.reports}


def test_a_name_that_leads_elsewhere_is_a_finding_with_the_record_to_make(certify):
    security, _ = certify(SPEC, failed(reason="dns", report={"verified": []}))
    (finding,) = security.findings
    assert (finding.id, finding.resource) == ("tls-not-issued", "host-1 shop.example")
    assert "shop.example A 192.0.2.1, then deploy again" in finding.message
    assert not certificates.serves_tls(SPEC, security)


def test_what_is_served_on_without_a_new_certificate_is_no_reason_to_call_it_new(certify):
    end = failed(reason="refused", stale=False, report=GOOD["certbot_report"])
    security, (_told,) = certify(SPEC, end)
    assert security.verified
    assert security.findings
    assert not certificates.serves_tls(SPEC, security)


def test_visitors_are_not_led_to_a_certificate_that_is_for_others(certify):
    security, (asked, then) = certify(SPEC, failed(reason="dns", stale=True, report={}))
    assert asked["proxy_tls"]["names"] == ["shop.example"]
    assert (then["proxy_tls"], then["certbot_application"]) == (None, "shop")
    assert [one.id for one in security.findings] == ["tls-not-issued"]


@pytest.mark.parametrize(
    ("address", "record"),
    [
        ("192.0.2.1", "shop.example A 192.0.2.1"),
        ("2001:db8::1", "shop.example AAAA 2001:db8::1"),
        ("a.example.net", "shop.example CNAME a.example.net"),
    ],
)
def test_the_record_to_make_is_one_that_can_be_made(certify, address, record):
    spec = SPEC.model_copy(update={"hosts": (HOST.model_copy(update={"address": address}),)})
    security, _ = certify(spec, failed(reason="dns", report={"findings": "none"}))
    assert f"{record}, then deploy again" in security.findings[0].message


@pytest.mark.parametrize("spoilt", ["tls-untrusted", "tls-expired", "tls-closed"])
def test_what_no_browser_takes_is_not_called_served(certify, spoilt):
    found = {"id": spoilt, "severity": "high", "resource": "shop.example", "message": "x"}
    report = {**GOOD["certbot_report"], "findings": [found]}
    security, _ = certify(SPEC, {"certbot_report": report})
    assert not certificates.serves_tls(SPEC, security)


def test_that_a_renewal_is_tried_is_not_that_it_is_served(certify):
    report = {"verified": ["certbot.timer tries a renewal twice a day"]}
    security, _ = certify(SPEC, {"certbot_report": report})
    assert not certificates.serves_tls(SPEC, security)


def test_another_failure_is_one(certify):
    with pytest.raises(TaskFailed):
        certify(SPEC, failed())
