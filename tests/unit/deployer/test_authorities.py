"""AWS's bundle of certificates: fetched over https, looked at, kept for a while."""

from __future__ import annotations

import os
import ssl
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from autodeploy.deployer.database import authorities as module
from autodeploy.deployer.database.authorities import authorities_file
from autodeploy.errors import EndpointUnreachable
from git_https import certificate


class Bundle(HTTPServer):
    """Says what it is told to, at https."""

    def __init__(self, files):
        super().__init__(("127.0.0.1", 0), Answer)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*files)
        self.socket = context.wrap_socket(self.socket, server_side=True)
        self.status, self.text, self.asked = 200, files[0].read_text(), 0


class Answer(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.asked += 1
        self.send_response(self.server.status)
        self.end_headers()
        self.wfile.write(self.server.text.encode())

    def log_message(self, *words):
        pass


@pytest.fixture
def bundle(tmp_path, monkeypatch):
    files = certificate(tmp_path)
    with Bundle(files) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        monkeypatch.setattr(module, "BUNDLE_URL", f"https://127.0.0.1:{server.server_port}/b.pem")
        monkeypatch.setenv("SSL_CERT_FILE", str(files[0]))
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def folder(tmp_path):
    path = tmp_path / "application"
    path.mkdir()
    return path


def test_it_is_fetched_once_and_again_when_old(bundle, folder):
    assert [authorities_file(folder).read_text() for _ in range(2)] == [bundle.text] * 2
    assert bundle.asked == 1
    os.utime(folder / "rds-ca.pem", (0, 0))
    assert authorities_file(folder).read_text() == bundle.text
    assert bundle.asked == 2


@pytest.mark.parametrize("text", ["", "<html>", "-----BEGIN CERTIFICATE-----\nAA\n", "ż"])
def test_what_is_no_certificate_is_refused_and_not_kept(bundle, folder, text):
    bundle.text = text
    with pytest.raises(EndpointUnreachable, match=module.BUNDLE_URL):
        authorities_file(folder)
    assert list(folder.iterdir()) == []


def test_an_error_of_the_servers_is_told(bundle, folder):
    bundle.status = 503
    with pytest.raises(EndpointUnreachable, match="503"):
        authorities_file(folder)


def test_an_old_one_is_used_where_there_is_no_other(bundle, folder):
    authorities_file(folder)
    os.utime(folder / "rds-ca.pem", (0, 0))
    bundle.status = 503
    assert authorities_file(folder).read_text() == bundle.text


def test_two_at_a_time_do_not_take_each_other_s_file(bundle, folder, monkeypatch):
    fetched = module._fetched

    def meanwhile():
        monkeypatch.setattr(module, "_fetched", fetched)
        text = fetched()
        authorities_file(folder)
        return text

    monkeypatch.setattr(module, "_fetched", meanwhile)
    (folder / "rds-ca.tmp").write_text("another's")
    assert authorities_file(folder).read_text() == bundle.text
    assert (folder / "rds-ca.tmp").read_text() == "another's"
    assert len(list(folder.iterdir())) == 2


def test_a_server_that_cannot_be_trusted_is_not(bundle, folder, monkeypatch):
    monkeypatch.delenv("SSL_CERT_FILE")
    with pytest.raises(EndpointUnreachable, match="certificate verify failed") as raised:
        authorities_file(folder)
    assert "truststore.pki.rds.amazonaws.com" in raised.value.remediation
