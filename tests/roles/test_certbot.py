"""When a certificate is asked for, whether a name leads here, and what a failure is told as."""

from __future__ import annotations

import http.client
import re
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from readme import ROLES

NOW = datetime(2026, 6, 1, tzinfo=UTC)
SERVER = "https://acme.example/dir"
NAMES = ["shop.example", "www.shop.example"]
RETRIED = """\
10:00:00,1:DEBUG:certbot._internal.main:Arguments: ['renew']
acme.messages.Error: urn:ietf:params:acme:error:rateLimited :: Too many :: of the run before
10:00:09,1:DEBUG:certbot._internal.main:Arguments: ['certonly']
10:00:09,2:DEBUG:acme.client:Retrying request after error:
urn:ietf:params:acme:error:badNonce :: Unacceptable :: JWS has an invalid nonce
"""
HIDDEN = """\
Traceback (most recent call last):
acme.messages.Error: urn:ietf:params:acme:error:malformed :: Cannot be read :: no contact
During handling of the above exception, another exception occurred:
AttributeError: can't set attribute
"""
REFUSED = """\
Traceback (most recent call last):
requests.exceptions.ConnectionError: HTTPSConnectionPool(host='acme.example', port=443): \
Max retries exceeded with url: /dir (Caused by NewConnectionError('<urllib3.HTTPSConnection \
object at 0x7f>: Failed to establish a new connection: [Errno 111] Connection refused'))
"""
CHALLENGE = """\
Certbot failed to authenticate some domains (authenticator: webroot). The authority said:
  Domain: shop.example
  Type:   unauthorized
  Detail: 192.0.2.9: Invalid response: 404

  Domain: www.shop.example
  Type:   dns
  Detail: NXDOMAIN looking up A

Some challenges have failed.
"""


@pytest.fixture
def roles():
    from ansible.module_utils import (
        certbot_ask,
        certbot_findings,
        certbot_host,
        certbot_lineage,
        certbot_reach,
        certbot_renewal,
    )

    return SimpleNamespace(
        ask=certbot_ask,
        findings=certbot_findings,
        host=certbot_host,
        lineage=certbot_lineage,
        reach=certbot_reach,
        renewal=certbot_renewal,
    )


def certificate(roles, **other):
    said = {"names": sorted(NAMES), "serial": 7, "issuer": "CN=R1", "is_ecdsa": True}
    said |= {"begins": NOW - timedelta(days=10), "ends": NOW + timedelta(days=80)}
    return roles.lineage.Certificate(**{**said, **other})


@pytest.mark.parametrize(
    ("other", "asked", "why"),
    [
        ({}, SERVER, None),
        ({"ends": NOW - timedelta(days=1)}, SERVER, "ends on 2026-05-31"),
        ({"begins": NOW - timedelta(days=60), "ends": NOW + timedelta(days=30)}, SERVER, None),
        ({"begins": NOW - timedelta(days=61), "ends": NOW + timedelta(days=29)}, SERVER, "ends on"),
        # Six days of life are no reason to ask each time.
        ({"begins": NOW - timedelta(days=3), "ends": NOW + timedelta(days=3)}, SERVER, None),
        ({"names": ["shop.example"]}, SERVER, "was for shop.example"),
        ({"names": ["a.example", *NAMES]}, SERVER, "was for a.example, shop.example"),
        ({}, "https://staging.example", "was of https://staging.example"),
        ({}, None, "there was none"),
        ({"is_ecdsa": False}, SERVER, "not ECDSA"),
    ],
)
def test_another_certificate_is_asked_for_where_the_one_that_is_there_will_not_do(
    roles, other, asked, why
):
    for names in (NAMES, NAMES[::-1]):
        found = roles.lineage.why_ask(certificate(roles, **other), asked, names, SERVER, NOW)
        assert found is None if why is None else why in found
    assert roles.lineage.why_ask(None, SERVER, NAMES, SERVER, NOW)


@pytest.mark.parametrize(
    ("other", "stale"),
    [
        ({}, False),
        ({"names": ["a.example", *NAMES]}, False),
        ({"names": ["shop.example"]}, True),
        ({"names": ["former.example"]}, True),
        ({"ends": NOW}, True),
    ],
)
def test_visitors_are_led_to_no_certificate_that_is_no_good_for_the_names(
    roles, plugin, monkeypatch, other, stale
):
    """Whoever serves it is told so by the failure, where no other is to be had."""
    module = plugin("certbot/library/certbot_certificate.py")
    told = {}
    monkeypatch.setattr(roles.lineage, "now", lambda: NOW)
    monkeypatch.setattr(roles.lineage, "server_of", lambda _application: "https://other.example")
    monkeypatch.setattr(module, "see", lambda *_: {})
    host = object.__new__(module.Host)
    host.module = SimpleNamespace(fail_json=lambda **said: told.update(said))
    host.params = {"application": "shop", "names": NAMES, "ca_bundle": None}
    host.report, host.server, host.kept = roles.findings.report(), SERVER, None
    host.refused(module.Refused("dns", "it leads elsewhere"))
    assert told["autodeploy"]["stale"] is False
    host.kept = certificate(roles, **other)
    host.refused(module.Refused("dns", "it leads elsewhere"))
    assert told["autodeploy"]["stale"] is stale


def test_the_directory(roles):
    directory = roles.lineage.directory
    assert directory(SERVER, True) == SERVER
    assert [directory(None, one) for one in (False, True)] == [
        roles.lineage.PRODUCTION,
        roles.lineage.STAGING,
    ]


def test_what_certbot_keeps_is_none_where_half_of_it_is_gone(roles, tmp_path):
    assert roles.lineage.kept("shop", str(tmp_path)) is None
    live = tmp_path / "live/shop"
    live.mkdir(parents=True)
    (live / "cert.pem").write_text("-----BEGIN CERTIFICATE-----\n")
    assert roles.lineage.kept("shop", str(tmp_path)) is None
    assert roles.lineage.server_of("shop", str(tmp_path)) is None
    (tmp_path / "renewal").mkdir()
    (tmp_path / "renewal/shop.conf").write_text(f"[renewalparams]\nserver = {SERVER}\n")
    assert roles.lineage.server_of("shop", str(tmp_path)) == SERVER


@pytest.mark.parametrize(
    ("said", "log", "kind", "why"),
    [
        ("", f"{RETRIED}{HIDDEN}", "malformed", "no contact (malformed)"),
        ("", f"{RETRIED}{REFUSED}", "unreachable", "[Errno 111] Connection refused"),
        ("An unexpected error occurred:\nboom\n", RETRIED, "certbot", "boom"),
        (CHALLENGE, RETRIED, "unauthorized", "www.shop.example: NXDOMAIN looking up A (dns)"),
        ("All renewals failed.", f"{RETRIED}{CHALLENGE}", "unauthorized", "response: 404"),
        ("Another instance of Certbot is already running.", "", "locked", "another certbot"),
        ("", "", "certbot", "nothing"),
    ],
)
def test_the_cause_of_a_failure_is_the_authoritys_own_words(roles, said, log, kind, why):
    found, told = roles.ask.cause(said, log)
    assert found == kind
    assert "0x7f" not in told
    assert why in told
    assert "run before" not in told


@pytest.mark.parametrize(
    ("failures", "tries", "kind"),
    [
        (["badNonce"] * 5, 6, None),
        (["badNonce"] * 9, 6, "badNonce"),
        (["rateLimited"], 1, "rateLimited"),
    ],
)
def test_what_passes_by_itself_is_tried_again(roles, monkeypatch, failures, tries, kind):
    """Never a rate limit: each further try would count."""
    runs = []

    def run(words, environment):
        runs.append((words, environment))
        return (1 if len(runs) <= len(failures) else 0), "", ""

    def thrown():
        error = f"urn:ietf:params:acme:error:{failures[len(runs) - 1]} :: a :: b"
        return f"acme.messages.Error: {error}\n"

    monkeypatch.setattr(roles.ask, "read_log", thrown)
    if kind is None:
        roles.ask.obtain(run, ["certbot"], {"REQUESTS_CA_BUNDLE": "/ca.pem"})
    else:
        with pytest.raises(roles.ask.NotIssued) as found:
            roles.ask.obtain(run, ["certbot"], {"REQUESTS_CA_BUNDLE": "/ca.pem"})
        assert found.value.kind == kind
    assert runs == [(["certbot"], {"REQUESTS_CA_BUNDLE": "/ca.pem"})] * tries


@pytest.mark.parametrize(
    ("address", "answer", "wrong", "unsure"),
    [
        ("192.0.2.1", (200, b"text"), None, None),
        ("192.0.2.1", (404, b"no"), "192.0.2.1, which answers with 404", None),
        ("192.0.2.1", (200, b"a page"), "and not as this host", None),
        ("192.0.2.1", ConnectionRefusedError("refused"), "does not answer (refused)", None),
        ("192.0.2.1", http.client.BadStatusLine("x"), "does not answer", None),
        ("192.0.2.1", OSError(101, "unreachable"), "does not answer", None),
        ("2001:db8::1", OSError(101, "unreachable"), None, "over IPv6"),
        ("2001:db8::1", (404, b"no"), "2001:db8::1, which answers with 404", None),
        ("127.0.1.1", (200, b"text"), None, "/etc/hosts"),
        # Behind a router that does not lead back in.
        ("192.0.2.7", TimeoutError("timed out"), None, "does not reach 192.0.2.7 (timed out)"),
        ("192.0.2.7", (404, b"no"), "192.0.2.7, which answers with 404", None),
    ],
)
def test_an_address_is_this_host_where_it_has_the_file(
    roles, monkeypatch, address, answer, wrong, unsure
):
    def ask(*_where):
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(roles.reach, "ask", ask)
    found = roles.reach.judge("shop.example", address, "/path", "text", {"192.0.2.7"})
    for said, expected in zip(found, (wrong, unsure), strict=True):
        assert said is None if expected is None else expected in said


def test_every_address_of_every_name_is_looked_at_and_no_file_is_left(roles, monkeypatch, tmp_path):
    leads = {"a.example": ["192.0.2.1", "192.0.2.2"], "b.example": [], "host": ["192.0.2.1"]}
    monkeypatch.setattr(roles.reach, "addresses", leads.get)
    asked = []

    def ask(name, address, path):
        asked.append((name, address))
        return 200, (tmp_path / path.lstrip("/")).read_bytes() if address[-1] == "1" else b""

    monkeypatch.setattr(roles.reach, "ask", ask)
    wrong, unsure = roles.reach.look(["a.example", "b.example"], "host", str(tmp_path))
    assert asked == [("a.example", one) for one in leads["a.example"]]
    assert wrong == [
        "a.example leads to 192.0.2.2, which answers with 200 and not as this host",
        "b.example leads to no address",
    ]
    assert unsure == []
    assert not [one for one in tmp_path.rglob("*") if one.is_file()]


def test_challenges_are_written_where_the_site_looks_for_them(roles):
    site = (ROLES / "proxy/templates/site.conf.j2").read_text()
    (place,) = re.findall(r"location \^~ (/\S+/) \{\n +root /;", site)
    assert place == f"/{roles.reach.PLACE}/"
    assert set(re.findall(r"try_files (/var/\S+)\$uri", site)) == {roles.reach.WEBROOT}


@pytest.mark.parametrize(
    ("application", "names", "wrong"),
    [
        ("shop", NAMES, None),
        ("shop", ["xn--grn-hoa.example"], None),
        ("../shop", NAMES, "no name for an application"),
        ("shop", [], "not 0"),
        ("shop", ["*.shop.example"], "HTTP-01"),
        ("shop", ["Shop.example"], "lower case"),
        ("shop", ["grün.example"], "punycode"),
        ("shop", ["192.0.2.1"], "no name in DNS"),
        ("shop", ["localhost"], "no name in DNS"),
        ("shop", ["--domain.example"], "no name in DNS"),
    ],
)
def test_what_no_certificate_can_be_for_is_refused(roles, application, names, wrong):
    found = roles.host.problem(application, names)
    assert found is None if wrong is None else wrong in found


def seen(roles, **other):
    said = {"certificate": certificate(roles), "distrust": None, "protocol": "TLSv1.3"}
    said |= {"http2": True, "hsts": 63072000}
    return SimpleNamespace(**{**said, **other})


@pytest.mark.parametrize(
    ("other", "serial", "found"),
    [
        ({}, 7, []),
        ({}, 8, [("tls-stale", "medium")]),
        ({"distrust": "self-signed certificate"}, 7, [("tls-untrusted", "high")]),
        ({"hsts": None}, 7, [("tls-hsts", "low")]),
        ({"hsts": 3600}, 7, [("tls-hsts", "low")]),
        ({"left": 17}, 7, [("tls-late", "high")]),
        ({"left": 19}, 7, []),
        ({"left": -1}, 7, [("tls-expired", "critical")]),
    ],
)
def test_what_is_served_is_judged(roles, other, serial, found):
    told = dict(other)
    if "left" in told:
        ends = NOW + timedelta(days=told.pop("left"))
        told["certificate"] = certificate(roles, begins=ends - timedelta(days=90), ends=ends)
    report = roles.findings.report()
    kept = certificate(roles, serial=serial)
    roles.findings.on_the_wire(report, "shop.example", seen(roles, **told), kept, NOW)
    assert [(one["id"], one["severity"]) for one in report["findings"]] == found
    assert any("serves a certificate" in one for one in report["verified"])


@pytest.mark.parametrize(
    ("location", "good"),
    [
        ("https://shop.example/", True),
        ("https://shop.example.evil/", False),
        ("http://shop.example/", False),
        (None, False),
    ],
)
def test_port_80_leads_to_https(roles, location, good):
    report = roles.findings.report()
    roles.findings.of_port_80(report, "shop.example", location)
    assert bool(report["verified"]) is good
    assert bool(report["findings"]) is not good


def test_what_cannot_be_seen_is_not_verified(roles):
    report = roles.findings.report()
    for taken in (None, True, False):
        roles.findings.of_old_protocols(report, "shop.example", taken)
    assert [len(report[one]) for one in ("not_verified", "findings", "verified")] == [1, 1, 1]


def test_a_failed_renewal_is_told_with_its_cause(roles):
    report = roles.findings.report()
    roles.findings.of_renewal(report, runs=False, failed=True, why="no contact")
    assert [one["id"] for one in report["findings"]] == ["tls-timer", "tls-renewal"]
    assert "no contact" in report["findings"][1]["message"]


def test_files_of_the_renewal_are_replaced_and_removed(roles, tmp_path):
    path = str(tmp_path / "new/hook")
    wanted = {path: ("text", 0o755)}
    assert roles.renewal.different(wanted) == [path]
    roles.renewal.write(path, *wanted[path])
    assert roles.renewal.different(wanted) == []
    (tmp_path / "new/hook").chmod(0o644)
    assert roles.renewal.different(wanted) == [path]
    gone = {path: (None, 0)}
    assert roles.renewal.different(gone) == [path]
    roles.renewal.write(path, None, 0)
    assert roles.renewal.different(gone) == []
    assert [one.name for one in (tmp_path / "new").iterdir()] == []
    (drop_in, _mode) = roles.renewal.files("/ca.pem")[roles.renewal.DROP_IN]
    assert "Environment=REQUESTS_CA_BUNDLE=/ca.pem\n" in drop_in
    assert roles.renewal.files(None)[roles.renewal.DROP_IN][0] is None


class Failed(Exception):
    pass


class Module:
    """As far as a refusal needs it."""

    def __init__(self, names):
        told = {"email": None, "staging": False, "server": SERVER, "ca_bundle": None}
        self.params = {"application": "shop", "names": names, "address": "192.0.2.1", **told}

    def fail_json(self, **said):
        raise Failed(said)

    def run_command(self, *_words, **_more):
        return 1, "", ""


@pytest.mark.parametrize(
    ("names", "asked", "left", "fails"),
    [
        (NAMES, SERVER, 10, False),
        (NAMES[::-1], SERVER, 10, False),
        (NAMES, SERVER, -1, True),
        (NAMES[:1], SERVER, 10, True),
        (NAMES, "https://staging.example", 10, True),
        (NAMES, None, 10, True),
    ],
)
def test_a_refused_renewal_fails_nothing_while_the_certificate_is_good(
    roles, plugin, monkeypatch, names, asked, left, fails
):
    found = plugin("certbot/library/certbot_certificate.py")
    monkeypatch.setattr(found.lineage, "server_of", lambda _application: asked)
    monkeypatch.setattr(found.lineage, "now", lambda: NOW)
    host = found.Host(Module(names))
    host.kept = certificate(roles, ends=NOW + timedelta(days=left))
    error = found.Refused("dns", "shop.example leads elsewhere")
    if fails:
        with pytest.raises(Failed) as seen:
            host.refused(error)
        assert seen.value.args[0]["autodeploy"]["reason"] == "dns"
    else:
        host.refused(error)
    assert [one["id"] for one in host.report["findings"]] == ["tls-dns"]
    assert "leads elsewhere" in host.report["findings"][0]["message"]


class Ended(Exception):
    """A module's `exit_json`."""


@pytest.mark.parametrize("ours", [False, True])
def test_only_certificates_of_ours_go(plugin, monkeypatch, tmp_path, ours):
    found = plugin("certbot/library/certbot_removal.py")
    (tmp_path / "renewal").mkdir()
    (tmp_path / "renewal/shop.conf").touch()
    ran = []

    class Fake:
        params, check_mode = {"application": "shop"}, False

        def __init__(self, **_said):
            pass

        def run_command(self, words, **_more):
            ran.append(words[1])

        def exit_json(self, changed):
            raise Ended(changed)

    monkeypatch.setattr(found, "AnsibleModule", Fake)
    monkeypatch.setattr(found.lineage, "HOME", str(tmp_path))
    monkeypatch.setattr(found.renewal, "is_ours", lambda: ours)
    monkeypatch.setattr(found.renewal, "different", lambda _files: [])
    monkeypatch.setattr(found, "clear", lambda: ran.append("clear"))
    with pytest.raises(Ended) as seen:
        found.main()
    assert seen.value.args == (ours,)
    assert ran == (["delete", "clear"] if ours else [])


def test_others_challenges_stay(roles, tmp_path):
    place = tmp_path / "acme" / roles.reach.PLACE
    place.mkdir(parents=True)
    (place / "autodeploy-0123").touch()
    (place / "theirs").touch()
    roles.reach.clear(str(tmp_path / "acme"))
    assert [one.name for one in place.iterdir()] == ["theirs"]
    (place / "theirs").unlink()
    roles.reach.clear(str(tmp_path / "acme"))
    assert not (tmp_path / "acme").exists()
