"""Certificates and the domain's records, at moto's ACM and Route 53."""

from __future__ import annotations

import pytest
from moto.acm.models import acm_backends

import moto_api
from autodeploy.contracts import Action, TechStack
from autodeploy.errors import AccessDenied, ResourceFailed
from autodeploy.journal import events as e
from autodeploy.provisioner import dns
from autodeploy.provisioner.kinds import certificate
from autodeploy.settings import Settings

pytestmark = pytest.mark.slow

DOMAIN = "shop.example.com"


@pytest.fixture
def controller(controller):
    controller.stack = TechStack(language="go", processes={"web": "run"})
    controller.settings = Settings(target="lab", hosts=2, domain=DOMAIN)
    return controller


@pytest.fixture
def zone(controller):
    """A public zone of example.com."""
    route53 = moto_api.client("route53")
    made = route53.create_hosted_zone(Name="example.com", CallerReference="one")
    return made["HostedZone"]["Id"]


@pytest.fixture
def heard(controller):
    """What people are told."""
    lines = []

    def listen(event):
        if isinstance(event, e.LogLine):
            lines.append(event.message)

    controller.journal._listener = listen
    return lines


@pytest.fixture
def unvalidated(monkeypatch):
    """Certificates stay pending."""
    monkeypatch.setattr("moto.settings.ACM_VALIDATION_WAIT", 10**6)


def certificates():
    return moto_api.front()["AWS::CertificateManager::Certificate"]


def backend():
    return acm_backends[moto_api.DEFAULT_ACCOUNT_ID][moto_api.REGION]


def records(zone):
    """All but those that a zone is born with."""
    answer = moto_api.client("route53").list_resource_record_sets(HostedZoneId=zone)
    return [one for one in answer["ResourceRecordSets"] if one["Type"] not in {"NS", "SOA"}]


def change(zone, action, record):
    batch = {"Changes": [{"Action": action, "ResourceRecordSet": record}]}
    moto_api.client("route53").change_resource_record_sets(HostedZoneId=zone, ChangeBatch=batch)


def address(name, value):
    return {"Name": name, "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": value}]}


def wanted_record():
    (listed,) = certificates()
    arn = listed["CertificateArn"]
    described = moto_api.client("acm").describe_certificate(CertificateArn=arn)["Certificate"]
    return described["DomainValidationOptions"][0]["ResourceRecord"]


def test_in_a_zone_of_the_account_both_records_are_made_and_removed(controller, zone):
    change(zone, "CREATE", address("other.example.com", "192.0.2.1"))
    before = records(zone)
    spec = controller.provision()
    made = {one["Type"]: one for one in records(zone) if one not in before}
    validation = wanted_record()
    assert made["CNAME"]["Name"] == validation["Name"]
    assert made["CNAME"]["ResourceRecords"] == [{"Value": validation["Value"]}]
    assert made["A"]["Name"] == f"{DOMAIN}."
    assert made["A"]["AliasTarget"]["DNSName"].rstrip(".") == spec.load_balancer
    controller.destroy()
    assert records(zone) == before


def test_another_domain_takes_the_first_ones_records_away(controller, zone):
    controller.provision()
    controller.settings = Settings(target="lab", hosts=2, domain="two.example.com")
    controller.provision()
    assert len(records(zone)) == 2
    assert all("two.example.com." in one["Name"] for one in records(zone))


def test_every_call_to_the_dns_has_an_intent_before_it(controller, zone, one_at_a_time):
    heard, before = [], []
    controller.journal._listener = heard.append
    with moto_api.hook(
        "before-call.route53.ChangeResourceRecordSets", lambda **_: before.append(heard[-1])
    ):
        controller.provision()
    assert [(one.kind, one.key) for one in before] == [
        ("resource_intended", f"certificate-{DOMAIN}"),
        ("resource_intended", "listener-https"),
    ]


def test_without_a_zone_people_are_told_once_what_to_make(controller, heard):
    controller.provision()
    shown = dns.shown(wanted_record())
    (line,) = [one for one in heard if "certificate for" in one]
    assert line == f"to have a certificate for {DOMAIN}, make the DNS record {shown}"
    assert any(one.startswith(f"let {DOMAIN} lead to shop-production-") for one in heard)


def test_what_is_not_validated_in_time_is_waited_for_again(
    controller, unvalidated, monkeypatch, one_at_a_time
):
    monkeypatch.setattr(certificate, "ISSUED_SECONDS", 0.2)
    with pytest.raises(ResourceFailed, match="in vain for the certificate") as caught:
        controller.provision()
    assert dns.shown(wanted_record()) in caught.value.remediation
    (before,) = certificates()
    listeners = moto_api.front()["AWS::ElasticLoadBalancingV2::Listener"]
    assert listeners == []
    (planned,) = [one for one in controller.plan().actions if one.key == f"certificate-{DOMAIN}"]
    assert (planned.action, planned.reason) == (Action.UPDATE, "is not validated")
    monkeypatch.setattr("moto.settings.ACM_VALIDATION_WAIT", -1)
    controller.restarted().provision()
    (after,) = certificates()
    assert after["CertificateArn"] == before["CertificateArn"]


def test_what_answers_stays_while_a_domain_is_not_validated(controller, unvalidated, monkeypatch):
    monkeypatch.setattr(certificate, "ISSUED_SECONDS", 0.2)
    controller.settings = Settings(target="lab", hosts=2)
    controller.provision()
    controller.settings = Settings(target="lab", hosts=2, domain=DOMAIN)
    with pytest.raises(ResourceFailed, match="in vain for the certificate"):
        controller.provision()
    (listener,) = moto_api.front()["AWS::ElasticLoadBalancingV2::Listener"]
    assert listener["DefaultActions"][0]["Type"] == "forward"


@pytest.mark.parametrize("call", ["ListHostedZones", "ChangeResourceRecordSets"])
def test_where_route_53_is_forbidden_people_make_the_records(controller, zone, heard, call):
    def denied(model, **_):
        raise AccessDenied(f"the identity may not call route53:{model.name}")

    with moto_api.hook(f"before-call.route53.{call}", denied):
        controller.provision()
        assert f"may not call route53:{call}" in "\n".join(heard)
        assert dns.shown(wanted_record()) in "\n".join(heard)
        controller.destroy()
    assert records(zone) == []
    assert certificates() == []


@pytest.mark.parametrize(
    "record",
    [
        address(DOMAIN, "192.0.2.1"),
        {
            "Name": DOMAIN,
            "Type": "CNAME",
            "TTL": 60,
            "ResourceRecords": [{"Value": "elsewhere.example.org"}],
        },
        {
            "Name": DOMAIN,
            "Type": "A",
            "AliasTarget": {
                "HostedZoneId": "Z2P70J7EXAMPLE",
                "DNSName": "shop-production-0.eu-central-1.elb.amazonaws.com",
                "EvaluateTargetHealth": False,
            },
        },
    ],
)
def test_a_domain_that_leads_elsewhere_is_left_there(controller, zone, heard, record):
    change(zone, "CREATE", record)
    before = records(zone)
    controller.provision()
    assert [one for one in records(zone) if one["Name"] == f"{DOMAIN}."] == before
    assert any(one.startswith(f"{DOMAIN} leads elsewhere in Route 53") for one in heard)
    controller.destroy()
    assert records(zone) == before


def test_a_domain_follows_to_a_new_load_balancer(controller, zone):
    first = controller.provision()
    elb = moto_api.client("elbv2")
    ids = {one.key: one.id for one in first.resources}
    for listener in ("listener-http", "listener-https"):
        elb.delete_listener(ListenerArn=ids[listener])
    elb.delete_load_balancer(LoadBalancerArn=ids["load-balancer"])
    (alias,) = [one for one in records(zone) if one["Type"] == "A"]
    alias["AliasTarget"]["DNSName"] = first.load_balancer.replace("-1.", "-2.")
    change(zone, "UPSERT", alias)
    second = controller.provision()
    (alias,) = [one for one in records(zone) if one["Type"] == "A"]
    assert alias["AliasTarget"]["DNSName"].rstrip(".") == second.load_balancer


def test_a_record_that_another_certificate_needs_stays(controller, zone):
    controller.provision()
    moto_api.client("acm").request_certificate(DomainName=DOMAIN)
    controller.destroy()
    assert [one["Type"] for one in records(zone)] == ["CNAME"]
    assert len(certificates()) == 1


@pytest.mark.parametrize("status", ["FAILED", "VALIDATION_TIMED_OUT", "EXPIRED", "REVOKED"])
def test_a_dead_certificate_is_replaced_after_its_successor_serves(controller, status):
    controller.provision()
    (before,) = certificates()
    backend()._certificates[before["CertificateArn"]].status = status
    planned = {one.type: one for one in controller.plan().actions if one.id is None}
    assert planned["AWS::CertificateManager::Certificate"].action is Action.CREATE
    controller.cloud.calls.clear()
    controller.restarted().provision()
    calls = moto_api.writes(controller.cloud)
    assert calls.index("ModifyListener") < calls.index("DeleteCertificate")
    (after,) = certificates()
    assert (after["CertificateArn"] != before["CertificateArn"], after["Status"]) == (
        True,
        "ISSUED",
    )
    assert not controller.plan().changes


def test_a_certificate_that_fails_says_why(controller, monkeypatch, unvalidated):
    def fails(parsed, **_):
        parsed["Certificate"].update(Status="FAILED", FailureReason="CAA_ERROR")

    hooked = moto_api.hook("after-call.acm.DescribeCertificate", fails)
    with hooked, pytest.raises(ResourceFailed, match="FAILED: CAA_ERROR"):
        controller.provision()


@pytest.mark.parametrize("domain", [DOMAIN, "*.example.com"])
def test_a_certificate_that_people_gave_the_listener_is_never_deleted(controller, domain):
    ids = {one.key: one.id for one in controller.provision().resources}
    acm, elb = moto_api.client("acm"), moto_api.client("elbv2")
    theirs = acm.request_certificate(DomainName=domain)["CertificateArn"]
    elb.modify_listener(
        ListenerArn=ids["listener-https"],
        Certificates=[{"CertificateArn": theirs}],
        DefaultActions=[{"Type": "forward", "TargetGroupArn": ids["target-group"]}],
    )
    if domain == DOMAIN:
        acm.delete_certificate(CertificateArn=ids[f"certificate-{DOMAIN}"])
        assert not controller.plan().changes
    else:
        controller.provision()
        assert not controller.plan().changes
    controller.destroy()
    assert [one["CertificateArn"] for one in certificates()] == [theirs]


def test_certificates_of_others_are_left_alone(controller):
    theirs = moto_api.client("acm").request_certificate(DomainName=DOMAIN)["CertificateArn"]
    controller.provision()
    assert not controller.plan().changes
    controller.destroy()
    assert [one["CertificateArn"] for one in certificates()] == [theirs]


@pytest.mark.parametrize(
    ("domain", "wanted"),
    [
        ("shop.example.com", "one"),
        ("example.com", "one"),
        ("a.deep.example.com", "deep"),
        ("notexample.com", None),
        ("example.org", None),
    ],
)
def test_the_zone_is_the_innermost_public_one(domain, wanted):
    zones = [
        {"Id": "com", "Name": "shop.example.com.", "Config": {"PrivateZone": True}},
        {"Id": "one", "Name": "example.com.", "Config": {"PrivateZone": False}},
        {"Id": "deep", "Name": "deep.example.com."},
    ]
    assert dns.nearest(zones, domain) == wanted


@pytest.mark.parametrize(
    ("target", "ours"),
    [
        ("shop-1234.eu-central-1.elb.amazonaws.com.", True),
        ("dualstack.shop-1234.eu-central-1.elb.amazonaws.com.", True),
        ("shop-x-1234.eu-central-1.elb.amazonaws.com.", False),
        ("shop-1234.example.com.", False),
        ("shop.eu-central-1.elb.amazonaws.com.", False),
        ("", False),
    ],
)
def test_whose_an_alias_is(target, ours):
    assert dns.leads_to({"AliasTarget": {"DNSName": target}}, "shop") is ours


HOST, FORMER, OTHERS = "192.0.2.1", "192.0.2.2", "198.51.100.9"


@pytest.mark.parametrize(
    ("before", "expected"),
    [(None, HOST), (HOST, HOST), (FORMER, HOST), (OTHERS, OTHERS)],
)
def test_a_domain_leads_to_its_host_unless_it_leads_to_somebody_else(
    controller, zone, before, expected
):
    told = []
    if before:
        change(zone, "CREATE", address(f"{DOMAIN}.", before))
    moved = dns.lead(controller.cloud, DOMAIN, HOST, {HOST, FORMER}, "shop", told.append)
    assert moved is (before == FORMER)
    assert [one["ResourceRecords"][0]["Value"] for one in records(zone)] == [expected]
    assert (f"make the DNS record {DOMAIN} A {HOST}" in "".join(told)) is (expected == OTHERS)
    dns.forget_address(controller.cloud, DOMAIN, {HOST, FORMER})
    assert len(records(zone)) == (expected == OTHERS)


def test_a_domain_follows_from_its_host_to_the_load_balancer_and_back(controller, zone):
    """In between there is always a record: that there is none, resolvers remember for long."""
    controller.settings = Settings(target="lab", domain=DOMAIN)
    host = controller.provision().hosts[0].address
    change(zone, "CREATE", address(f"{DOMAIN}.", host))
    controller.settings = Settings(target="lab", hosts=2, domain=DOMAIN)
    spec = controller.provision()
    alias = next(one for one in records(zone) if one["Name"] == f"{DOMAIN}.")
    assert alias["AliasTarget"]["DNSName"].rstrip(".") == spec.load_balancer
    controller.settings = Settings(target="lab", domain=DOMAIN)
    name, led = controller.owner.short_name, []

    def lead(spec):
        address = spec.hosts[0].address
        led.append(dns.lead(controller.cloud, DOMAIN, address, {address}, name, led.append))

    controller.provision(on_hosts=lead)
    assert led[-1] is True
    (record,) = records(zone)
    assert record["ResourceRecords"] == [{"Value": host}]


def test_without_a_zone_people_hear_which_record_leads_to_the_host(controller):
    told = []
    assert dns.lead(controller.cloud, DOMAIN, HOST, {HOST}, "shop", told.append) is False
    assert told == [f"make the DNS record {DOMAIN} A {HOST}"]
    dns.forget_address(controller.cloud, DOMAIN, {HOST})
