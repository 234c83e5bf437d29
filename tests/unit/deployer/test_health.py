"""The look from outside, at a real server."""

from __future__ import annotations

import socket
import ssl
import subprocess
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import ClassVar

import pytest

from autodeploy import stopping
from autodeploy.contracts import DeploymentConfig
from autodeploy.deployer.health import RELEASE_PATH, Outside, gate, is_live
from autodeploy.errors import LeaseLost, UnhealthyRelease
from autodeploy.lab.authority import Authority
from autodeploy.lab.site import Site


class Answers(BaseHTTPRequestHandler):
    statuses: ClassVar[list[int]] = []
    release: ClassVar[bytes] = b"abc\n"
    hosts: ClassVar[list[str]] = []

    def do_GET(self):
        type(self).hosts.append(self.headers["Host"])
        remaining = type(self).statuses
        asked = self.path == RELEASE_PATH
        status = remaining.pop(0) if len(remaining) > 1 else remaining[0]
        self.send_response(200 if asked else status)
        self.end_headers()
        self.wfile.write(type(self).release if asked else b"")

    def log_message(self, *_):
        pass


@contextmanager
def served(tls=None):
    """A server's port; with TLS where that is given."""
    server = HTTPServer(("127.0.0.1", 0), Answers)
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def outside():
    with served() as port:
        yield Outside(f"http://127.0.0.1:{port}/")


@pytest.fixture
def authority(tmp_path):
    return Authority.of(Site(tmp_path, tmp_path))


@pytest.fixture
def tls_port(tmp_path, authority):
    """Where shop.test is served with a certificate of the authority's."""
    pair = authority.issue(["shop.test"])
    (tmp_path / "pair.pem").write_text(pair.certificate + pair.key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "pair.pem")
    Answers.statuses, Answers.hosts = [200], []
    with served(context) as port:
        yield port


@pytest.fixture
def log(journal):
    return journal.agent("deployer")


def running(path):
    return DeploymentConfig(
        release="abc",
        artifact="0" * 64,
        url="http://shop/",
        processes={},
        health_path=path,
        health_status=200,
        hosts=("host-1",),
        fingerprint="",
    )


@pytest.mark.parametrize(
    ("status", "path", "healthy"),
    [
        (200, "/healthz", True),
        (302, "/healthz", True),
        (404, "/healthz", False),
        (404, "/", True),
        (500, "/", False),
        (503, "/healthz", False),
    ],
)
def test_one_look(outside, status, path, healthy):
    Answers.statuses = [status]
    assert is_live(outside, running(path)) is healthy


def test_another_release_is_not_live(outside, monkeypatch):
    Answers.statuses = [200]
    monkeypatch.setattr(Answers, "release", b"other\n")
    assert is_live(outside, running("/")) is False


def test_nobody_there_is_not_live():
    assert is_live(Outside("http://127.0.0.1:9/"), running("/")) is False


def test_the_gate_waits_for_a_good_answer(outside, log):
    Answers.statuses = [503, 502, 200]
    assert gate(outside, "/healthz", 400, log, seconds=10) == 200


def test_the_gate_looks_no_more_once_the_lease_is_lost(outside, log):
    Answers.statuses = [503]
    with stopping.at_safe_points():
        stopping.lose(LeaseLost("ann@laptop works on it"))
        with pytest.raises(LeaseLost):
            gate(outside, "/healthz", 400, log, seconds=5)


def test_the_gate_names_what_it_saw(outside, log):
    Answers.statuses = [503]
    with pytest.raises(UnhealthyRelease, match="503"):
        gate(outside, "/healthz", 400, log, seconds=0.3)


def test_a_domain_is_asked_of_its_load_balancer_wherever_it_leads(tls_port, authority):
    url = f"https://shop.test:{tls_port}/"
    assert is_live(Outside(url, "127.0.0.1", authority.root), running("/healthz")) is True
    assert set(Answers.hosts) == {f"shop.test:{tls_port}"}


def test_a_certificate_must_be_the_domains_and_of_an_authority_that_is_trusted(tls_port, authority):
    url, other = f"https://shop.test:{tls_port}/", f"https://other.test:{tls_port}/"
    assert is_live(Outside(other, "127.0.0.1", authority.root), running("/")) is False
    assert is_live(Outside(url, "127.0.0.1"), running("/")) is False
    assert is_live(Outside(url, "127.0.0.1", authority.root / "none"), running("/")) is False


def test_a_certificate_says_until_when_it_is_good(tls_port, authority, outside):
    url = f"https://shop.test:{tls_port}/"
    end = Outside(url, "127.0.0.1", authority.root).certificate_end()
    shown = ["openssl", "s_client", "-connect", f"127.0.0.1:{tls_port}", "-servername", "shop.test"]
    pem = subprocess.run(shown, input=b"", capture_output=True, check=False).stdout
    said = subprocess.check_output(["openssl", "x509", "-noout", "-enddate"], input=pem, text=False)
    assert f"{end:%b %e %H:%M:%S %Y} GMT" in said.decode()
    assert outside.certificate_end() is None
    with pytest.raises(ssl.SSLError):
        Outside(url, "127.0.0.1").certificate_end()


def test_the_gate_says_what_is_wrong_with_the_certificate(tls_port, log):
    outside = Outside(f"https://shop.test:{tls_port}/", "127.0.0.1")
    with pytest.raises(UnhealthyRelease) as caught:
        gate(outside, "/", 500, log, seconds=0.3)
    assert "certificate verify failed" in (caught.value.cause or "")


def test_the_gate_gives_the_load_balancers_reason(outside, log):
    Answers.statuses = [503]
    with pytest.raises(UnhealthyRelease) as caught:
        gate(outside, "/healthz", 400, log, seconds=0.3, reason=lambda: "host-1 is unhealthy")
    assert caught.value.cause == "status 503\nhost-1 is unhealthy"


def test_what_speaks_no_http_is_well_where_it_takes_connections(log):
    with socket.create_server(("127.0.0.1", 0)) as server:
        outside = Outside(f"tcp://127.0.0.1:{server.getsockname()[1]}")
        assert gate(outside, "/", 500, log, seconds=10) is None
        assert is_live(outside, running("/")) is True
    assert is_live(outside, running("/")) is False
    with pytest.raises(UnhealthyRelease) as caught:
        gate(outside, "/", 500, log, seconds=0.1)
    assert outside.url.rpartition(":")[2] in caught.value.remediation
