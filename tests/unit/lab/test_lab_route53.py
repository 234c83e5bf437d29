"""Route 53's API: what it refuses with what words, and what is published of what it takes."""

from __future__ import annotations

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws
from moto.acm.models import acm_backends
from moto.elbv2.models import elbv2_backends
from moto.route53.models import route53_backends

from autodeploy.lab.api.acm import LabACMBackend
from autodeploy.lab.api.route53 import LabRoute53Backend
from autodeploy.lab.authority import Authority
from autodeploy.lab.dns.batches import BALANCERS
from autodeploy.lab.dns.zones import World
from autodeploy.lab.site import Site
from zonekit import change, make_zone, put, remove_zone

REGION = "us-east-1"
SHOP = "shop.example.com"
PRIVATE = {"PrivateZone": True}


class Published:
    """The name server, as far as the API tells it."""

    def __init__(self):
        self.world = World((), lambda _: ())

    def publish(self, zones):
        self.world = World(tuple(zones), lambda _: ())

    def values(self, name, type_="A"):
        said = self.world.answer(name, type_)
        return [value for one in said.records for value in one.values]


@pytest.fixture
def names(monkeypatch):
    made = Published()
    monkeypatch.setattr(route53_backends, "backend", LabRoute53Backend)
    monkeypatch.setattr(LabRoute53Backend, "publish", staticmethod(made.publish), raising=False)
    with mock_aws():
        yield made


@pytest.fixture
def route53(names):
    return boto3.client("route53", region_name=REGION)


@pytest.fixture
def zone(route53):
    return make_zone(route53, "example.com")


def refused(call):
    with pytest.raises(ClientError) as raised:
        call()
    error = raised.value.response["Error"]
    return error["Code"], error["Message"]


def said(route53, zone, *wanted):
    code, message = refused(lambda: change(route53, zone, *wanted))
    assert code == "InvalidChangeBatch"
    return message


def test_what_is_taken_is_published(names, route53, zone):
    change(route53, zone, "CREATE", SHOP, "A", "192.0.2.1", "192.0.2.2")
    assert names.values(SHOP) == ["192.0.2.1", "192.0.2.2"]
    change(route53, zone, "UPSERT", f"{SHOP}.", "A", "192.0.2.3")
    assert names.values(SHOP) == ["192.0.2.3"]
    change(route53, zone, "UPSERT", "*.example.com", "TXT", '"x"')
    assert names.values("any.example.com", "TXT") == ['"x"']
    assert len(names.values("example.com", "NS")) == 4
    change(route53, zone, "DELETE", SHOP, "A", "192.0.2.3")
    assert names.values(SHOP) == []
    change(route53, zone, "CREATE", SHOP, "A", "192.0.2.1")
    remove_zone(route53, zone)
    assert names.world.zones == ()


def test_a_vpcs_zone_is_not_published(names, route53):
    inside = {"VPCRegion": REGION, "VPCId": "vpc-1"}
    private = make_zone(route53, "inner.example.com", VPC=inside, HostedZoneConfig=PRIVATE)
    change(route53, private, "CREATE", "a.inner.example.com", "A", "192.0.2.1")
    assert names.world.zones == ()
    assert route53.get_hosted_zone(Id=private)["HostedZone"]["Config"]["PrivateZone"]


def test_a_record_is_made_once_and_deleted_as_it_is(names, route53, zone):
    change(route53, zone, "CREATE", SHOP, "A", "192.0.2.1")
    assert "already exists" in said(route53, zone, "CREATE", SHOP, "A", "192.0.2.2")
    assert "do not match" in said(route53, zone, "DELETE", SHOP, "A", "192.0.2.2")
    assert "not found" in said(route53, zone, "DELETE", SHOP, "AAAA", "::1")
    assert names.values(SHOP) == ["192.0.2.1"]
    change(route53, zone, "DELETE", SHOP, "A", "192.0.2.1")
    assert "not found" in said(route53, zone, "DELETE", SHOP, "A", "192.0.2.1")
    change(route53, zone, "CREATE", SHOP, "A", "192.0.2.1")


def test_a_batch_is_done_as_a_whole(names, route53, zone):
    def one(action, name, value):
        record = {"Name": name, "Type": "A", "TTL": 1, "ResourceRecords": [{"Value": value}]}
        return {"Action": action, "ResourceRecordSet": record}

    good, bad = one("CREATE", SHOP, "192.0.2.1"), one("CREATE", "shop.example.org", "192.0.2.1")
    batch = {"Changes": [good, bad]}
    code, message = refused(
        lambda: route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch=batch)
    )
    assert (code, "is not permitted in zone example.com" in message) == ("InvalidChangeBatch", True)
    assert names.values(SHOP) == []
    moved = [good, one("DELETE", SHOP, "192.0.2.1"), one("CREATE", SHOP, "192.0.2.2")]
    route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": moved})
    assert names.values(SHOP) == ["192.0.2.2"]


@pytest.mark.parametrize(
    ("name", "type_", "value", "why"),
    [
        ("example.com", "CNAME", "other.example.org", "not permitted at apex"),
        ("taken.example.com", "CNAME", "other.example.org", "conflicts with other records"),
        ("www.example.com", "A", "192.0.2.1", "conflicts with other records"),
        ("notexample.com", "A", "192.0.2.1", "is not permitted in zone"),
        (SHOP, "A", "192.0.2.256", "FATAL problem"),
        (SHOP, "A", "shop.example.org", "FATAL problem"),
        (SHOP, "AAAA", "192.0.2.1", "FATAL problem"),
        (SHOP, "TXT", "no quotes", "enclosed in quotation marks"),
    ],
)
def test_a_record_that_cannot_be_is_refused(names, route53, zone, name, type_, value, why):
    change(route53, zone, "CREATE", "taken.example.com", "A", "192.0.2.1")
    change(route53, zone, "CREATE", "www.example.com", "CNAME", "taken.example.com")
    before = names.world
    assert why in said(route53, zone, "UPSERT", name, type_, value)
    assert names.world == before


def test_what_makes_a_zone_stays(route53, zone):
    page = route53.list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]
    for record in page:
        code, message = refused(lambda record=record: put(route53, zone, "DELETE", record))
        assert code == "InvalidChangeBatch"
        assert "A HostedZone must contain" in message


def alias(target, zone, name=SHOP):
    there = {"HostedZoneId": zone, "DNSName": target, "EvaluateTargetHealth": False}
    return {"Name": name, "Type": "A", "AliasTarget": there}


def test_an_alias_leads_to_what_there_is(names, route53, zone):
    change(route53, zone, "CREATE", SHOP, "A", "192.0.2.1")
    own = zone.rpartition("/")[2]
    put(route53, zone, "UPSERT", alias(SHOP, own, "www.example.com"))
    assert names.values("www.example.com") == ["192.0.2.1"]
    balancer = elbv2_backends["123456789012"][REGION].load_balancers
    balancer["arn"] = type("Balancer", (), {"dns_name": f"Shop-1.{REGION}.elb.amazonaws.com"})
    put(route53, zone, "UPSERT", alias(f"dualstack.shop-1.{REGION}.elb.amazonaws.com.", BALANCERS))
    put(route53, zone, "DELETE", alias(f"dualstack.shop-1.{REGION}.elb.amazonaws.com.", BALANCERS))
    for target, there, why in (
        (f"shop-2.{REGION}.elb.amazonaws.com", BALANCERS, "was not found"),
        ("nobody.example.com", own, "was not found"),
        ("www.example.org", own, "does not lie within the target zone"),
        ("shop.example.com", "Z1", "does not lie within the target zone"),
        ("shop.example.com", BALANCERS, "does not lie within the target zone"),
    ):
        wanted = alias(target, there, "a.example.com")
        code, message = refused(lambda wanted=wanted: put(route53, zone, "UPSERT", wanted))
        assert (code, why in message) == ("InvalidChangeBatch", True), message
    both = {**alias(SHOP, own), "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.1"}]}
    for wanted in (both, {"Name": SHOP, "Type": "A"}):
        code, message = refused(lambda wanted=wanted: put(route53, zone, "UPSERT", wanted))
        assert code == "InvalidInput"
        assert "Expected exactly one of" in message


def test_a_zone_is_made_once(names, route53):
    asked = {"Name": "example.com", "CallerReference": "one"}
    route53.create_hosted_zone(**asked)
    assert refused(lambda: route53.create_hosted_zone(**asked))[0] == "HostedZoneAlreadyExists"
    assert len(names.world.zones) == 1


def test_a_zone_that_is_not_or_is_not_empty(route53, zone):
    gone = refused(lambda: change(route53, "Z1", "UPSERT", SHOP, "A", "192.0.2.1"))
    assert gone[0] == "NoSuchHostedZone"
    change(route53, zone, "UPSERT", SHOP, "A", "192.0.2.1")
    assert refused(lambda: route53.delete_hosted_zone(Id=zone))[0] == "HostedZoneNotEmpty"


def test_acm_issues_what_the_dns_proves(names, route53, zone, tmp_path, monkeypatch):
    authority = Authority.of(Site(tmp_path, tmp_path))
    monkeypatch.setattr(acm_backends, "backend", LabACMBackend)
    monkeypatch.setattr(LabACMBackend, "authority", authority, raising=False)
    known = staticmethod(lambda: names.world)
    monkeypatch.setattr(LabACMBackend, "known", known, raising=False)
    acm = boto3.client("acm", region_name=REGION)
    other = make_zone(route53, "example.org")
    asked = {"DomainName": SHOP, "SubjectAlternativeNames": ["example.org"]}
    arn = acm.request_certificate(**asked, ValidationMethod="DNS")["CertificateArn"]

    def status():
        listed = acm.list_certificates()["CertificateSummaryList"]
        assert [one["Status"] for one in listed] == [
            acm.describe_certificate(CertificateArn=arn)["Certificate"]["Status"]
        ]
        return listed[0]["Status"]

    assert status() == "PENDING_VALIDATION"
    options = acm.describe_certificate(CertificateArn=arn)["Certificate"]
    records = [one["ResourceRecord"] for one in options["DomainValidationOptions"]]
    here = next(one for one in records if one["Name"].endswith("example.com."))
    there = next(one for one in records if one["Name"].endswith("example.org."))
    change(route53, zone, "UPSERT", here["Name"], "CNAME", here["Value"])
    change(route53, other, "UPSERT", there["Name"], "CNAME", "wrong.example.net")
    assert status() == "PENDING_VALIDATION"
    change(route53, other, "UPSERT", there["Name"], "CNAME", there["Value"].rstrip(".").upper())
    assert status() == "ISSUED"
    change(route53, zone, "DELETE", here["Name"], "CNAME", here["Value"])
    assert status() == "ISSUED"
