"""A look at a real server's TLS."""

from __future__ import annotations

import socket
import ssl
import threading
import warnings
from contextlib import contextmanager, suppress

import pytest

from autodeploy.contracts import Tls
from autodeploy.lab.authority import Authority
from autodeploy.lab.site import Site
from autodeploy.sheriff.scan import scan_tls, tls
from statekit import running


@contextmanager
def served(pair, folder, lowest=ssl.TLSVersion.TLSv1_2, highest=ssl.TLSVersion.TLSv1_3):
    """A server's port."""
    (folder / "pair.pem").write_text(pair.certificate + pair.key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "pair.pem")
    context.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version, context.maximum_version = lowest, highest
    listening = socket.create_server(("127.0.0.1", 0))

    def serve():
        with suppress(OSError):
            while True:
                plain, _ = listening.accept()
                with suppress(OSError):
                    context.wrap_socket(plain, server_side=True).close()

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield listening.getsockname()[1]
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join()


@pytest.fixture
def authority(tmp_path):
    return Authority.of(Site(tmp_path, tmp_path))


def at(port, name="shop.test"):
    """A release that answers under a name, behind a balancer at this machine's port."""
    return running().model_copy(
        update={"url": f"https://{name}:{port}/", "load_balancer": "127.0.0.1"}
    )


def test_a_good_one(authority, tmp_path):
    with served(authority.issue(["shop.test"]), tmp_path) as port:
        report = scan_tls(at(port), authority.root)
    assert report.details["tls"]["protocols"] == ["TLSv1.2", "TLSv1.3"]
    assert report.details["tls"]["trusted"] is True
    assert report.findings == ()
    assert report.verified


def test_a_host_is_looked_at_whatever_its_name_leads_to_here(authority, tmp_path):
    where = {"load_balancer": None, "address": "127.0.0.1"}
    with served(authority.issue(["shop.test"]), tmp_path) as port:
        report = scan_tls(at(port).model_copy(update=where), authority.root)
    assert report.details["tls"]["trusted"] is True


def test_what_our_own_openssl_cannot_speak_is_not_spoken(authority, tmp_path, monkeypatch):
    unknown = 0x0999
    monkeypatch.setattr(tls, "VERSIONS", (unknown, ssl.TLSVersion.TLSv1_2))
    monkeypatch.setitem(tls.NAMES, unknown, "unknown")
    with served(authority.issue(["shop.test"]), tmp_path) as port:
        report = scan_tls(at(port), authority.root)
    assert report.details["tls"]["protocols"] == ["TLSv1.2"]


def test_old_protocols_are_seen(authority, tmp_path):
    pair = authority.issue(["shop.test"])
    with served(pair, tmp_path, ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_2) as port:
        report = scan_tls(at(port), authority.root)
    assert [one.id for one in report.findings] == ["tls-old-protocol"]
    assert "TLSv1, TLSv1.1" in report.findings[0].message


@pytest.mark.parametrize(("name", "knows"), [("other.test", True), ("shop.test", False)])
def test_a_certificate_that_is_not_good_is_critical(authority, tmp_path, name, knows):
    with served(authority.issue(["shop.test"]), tmp_path) as port:
        report = scan_tls(at(port, name), authority.root if knows else None)
    assert [(one.id, one.severity) for one in report.findings] == [("tls-certificate", "critical")]
    assert report.verified == ()


@pytest.mark.parametrize(("days", "found"), [(13, ["tls-certificate-ends"]), (14, [])])
def test_a_certificate_that_ends_soon(days, found):
    seen = Tls(address="a:443", protocols=("TLSv1.3",), trusted=True, days=days)
    assert [one.id for one in tls.read(seen, "").findings] == found


def test_without_https_it_is_not_scanned():
    (said,) = scan_tls(running(), None).not_verified
    assert "no HTTPS address" in said


def test_where_nobody_answers_it_is_not_scanned():
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    report = scan_tls(at(port), None)
    assert report.not_verified
    assert report.findings == ()
