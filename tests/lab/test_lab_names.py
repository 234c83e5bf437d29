"""Names that Route 53 has, and what proves itself by them: ACME's authority, and ACM."""

from __future__ import annotations

import base64
import hashlib
import subprocess
from types import SimpleNamespace

import pytest

import acmekit
from autodeploy.lab import admin, client, netns
from autodeploy.lab.site import Site
from labkit import allow, api, until
from zonekit import ANSWERS, change, make_zone, remove_zone

pytestmark = pytest.mark.lab
DOMAIN = "names.example.com"
NAME = f"shop.{DOMAIN}"
WEB = "/srv/web/.well-known/acme-challenge"
SERVER = "sudo systemd-run --quiet -p WorkingDirectory=/srv/web python3 -m http.server 80"


@pytest.fixture(scope="module")
def site(lab, module_boot):
    """A host whose address a zone's record is, and which nobody reaches but by SSH."""
    route53 = api(lab, "route53")
    zone = make_zone(route53, DOMAIN)
    host = module_boot(lab)
    change(route53, zone, "CREATE", NAME, "A", host.address)
    yield SimpleNamespace(route53=route53, zone=zone, host=host)
    remove_zone(route53, zone)


def resolved(site, name):
    """What a name means on the host."""
    return site.host.run(ANSWERS.format(name=name)).split()


def test_a_host_resolves_what_a_public_zone_has_at_this_moment(site):
    until(lambda: resolved(site, NAME) == [site.host.address])
    change(site.route53, site.zone, "UPSERT", f"*.w.{DOMAIN}", "CNAME", NAME)
    assert resolved(site, f"any.w.{DOMAIN}") == [site.host.address]
    change(site.route53, site.zone, "UPSERT", f"*.w.{DOMAIN}", "CNAME", f"two.{DOMAIN}")
    assert resolved(site, f"any.w.{DOMAIN}") == []
    change(site.route53, site.zone, "CREATE", f"two.{DOMAIN}", "A", "192.0.2.7", "192.0.2.8")
    assert resolved(site, f"any.w.{DOMAIN}") == ["192.0.2.7", "192.0.2.8"]
    assert resolved(site, f"nobody.{DOMAIN}") == []


def test_a_private_zone_is_nobodys_and_a_deleted_one_is_forgotten(site):
    (vpc,) = site.host.ec2.describe_vpcs()["Vpcs"][:1]
    inside = {"VPCRegion": "us-east-1", "VPCId": vpc["VpcId"]}
    secret = {"PrivateZone": True}
    private = make_zone(site.route53, "inner.test", VPC=inside, HostedZoneConfig=secret)
    change(site.route53, private, "CREATE", "a.inner.test", "A", "192.0.2.9")
    public = make_zone(site.route53, "outer.test")
    change(site.route53, public, "CREATE", "a.outer.test", "A", "192.0.2.9")
    until(lambda: resolved(site, "a.outer.test") == ["192.0.2.9"])
    assert resolved(site, "a.inner.test") == []
    for zone in (private, public):
        remove_zone(site.route53, zone)
    until(lambda: resolved(site, "a.outer.test") == [])


def reaches(address, port):
    """Whether what is on the lab's internet can connect."""
    inside = netns.enter(Site.here().namespace("internet"), "timeout", "1", "bash", "-c")
    return subprocess.run([*inside, f"</dev/tcp/{address}/{port}"], check=False).returncode == 0


def test_a_host_gets_a_certificate_where_the_world_reaches_it(lab, site, tmp_path):
    site.host.run("curl --fail --silent --max-time 20 https://acme.lab.internal/dir")
    directory = f"https://{lab.name_server}/dir"
    acme = acmekit.Client(directory, str(client.authority()))

    def answer(token, said):
        site.host.run(f"sudo install -d {WEB}; echo -n {said} | sudo tee {WEB}/{token}")

    assert reaches(site.host.address, 22)
    assert not reaches(site.host.address, 80)
    (group,) = site.host.described()["SecurityGroups"]
    allow(site.host.ec2, group["GroupId"], "tcp", 80, 80)
    assert acme.certificate(NAME, "http-01", answer) is None
    assert acme.problem["type"].endswith(":connection")
    site.host.run(SERVER)
    until(lambda: reaches(site.host.address, 80))
    chain = acme.certificate(NAME, "http-01", answer)
    assert chain
    (tmp_path / "chain.pem").write_text(chain)
    (tmp_path / "root.pem").write_text(admin.acme_root())
    for trusted in ("root.pem", client.authority()):
        files = ("-CAfile", trusted, "-untrusted", "chain.pem", "-verify_hostname", NAME)
        subprocess.run(["openssl", "verify", *files, "chain.pem"], cwd=tmp_path, check=True)


def test_the_dns_proves_a_name_to_the_authority(lab, site):
    directory = f"https://{lab.name_server}/dir"
    acme = acmekit.Client(directory, str(client.authority()))

    def answer(_token, said):
        digest = base64.urlsafe_b64encode(hashlib.sha256(said.encode()).digest()).decode()
        text = f'"{digest.rstrip("=")}"'
        change(site.route53, site.zone, "UPSERT", f"_acme-challenge.{DOMAIN}", "TXT", text)

    assert acme.certificate(DOMAIN, "dns-01", answer)


def test_acm_waits_until_the_record_is_there(lab, site):
    acm = api(lab, "acm")
    arn = acm.request_certificate(
        DomainName=NAME, SubjectAlternativeNames=[f"*.{NAME}"], ValidationMethod="DNS"
    )["CertificateArn"]

    def described():
        return acm.describe_certificate(CertificateArn=arn)["Certificate"]

    (wanted, *others) = [one["ResourceRecord"] for one in described()["DomainValidationOptions"]]
    assert all(one == wanted for one in others)
    change(site.route53, site.zone, "UPSERT", wanted["Name"], "CNAME", "elsewhere.example.com")
    assert described()["Status"] == "PENDING_VALIDATION"
    change(site.route53, site.zone, "UPSERT", wanted["Name"], "CNAME", wanted["Value"])
    assert described()["Status"] == "ISSUED"
    change(site.route53, site.zone, "DELETE", wanted["Name"], "CNAME", wanted["Value"])
    assert described()["Status"] == "ISSUED"
    acm.delete_certificate(CertificateArn=arn)
