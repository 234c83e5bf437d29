"""Why a repository cannot be read: recorded words of git, and a real https server that refuses."""

from __future__ import annotations

import base64
import http.server
import ssl
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from autodeploy import recon
from autodeploy.errors import (
    AutodeployError,
    NetworkUnreachable,
    NotARepository,
    PermissionRefused,
    ReconError,
    RefNotFound,
)
from autodeploy.recon.git.errors import explain
from git_https import certificate
from recon_git import Talk

PAGE = b"<html>\nno repository\n</html>\n"
SSH = "\nfatal: Could not read from remote repository.\n\nPlease make sure you have the correct"
RECORDED = {
    "fatal: could not read Username for 'https://github.com': terminal prompts disabled": (
        PermissionRefused
    ),
    "fatal: Authentication failed for 'https://gitlab.com/x/y.git/'": PermissionRefused,
    "remote: HTTP Basic: Access denied. The provided password or token is incorrect": (
        PermissionRefused
    ),
    "git@github.com: Permission denied (publickey)." + SSH: PermissionRefused,
    "Host key verification failed." + SSH: PermissionRefused,
    "fatal: unable to access 'https://x/': The requested URL returned error: 403": (
        PermissionRefused
    ),
    "fatal: detected dubious ownership in repository at '/srv/x'" + SSH: PermissionRefused,
    "fatal: unable to access 'https://nope.invalid/x/': Could not resolve host: nope.invalid": (
        NetworkUnreachable
    ),
    "ssh: Could not resolve hostname nope.invalid: Name or service not known" + SSH: (
        NetworkUnreachable
    ),
    "ssh: connect to host example.org port 22: Connection timed out" + SSH: NetworkUnreachable,
    "ssh: connect to host 10.0.0.1 port 22: No route to host" + SSH: NetworkUnreachable,
    "fatal: unable to look up nope.invalid (port 9418) (Name or service not known)": (
        NetworkUnreachable
    ),
    "fatal: unable to access 'https://x/': Failed to connect to x port 443: Connection refused": (
        NetworkUnreachable
    ),
    "error: RPC failed; curl 28 Operation too slow. Less than 1000 bytes/sec": NetworkUnreachable,
    "fatal: unable to access 'https://x/': server certificate verification failed.": (
        NetworkUnreachable
    ),
    "fatal: unable to access 'https://x/': The requested URL returned error: 502": (
        NetworkUnreachable
    ),
    "fatal: couldn't find remote ref refs/heads/nope": RefNotFound,
    "fatal: remote error: upload-pack: not our ref 0123": RefNotFound,
    "error: Server does not allow request for unadvertised object 0123": RefNotFound,
    "fatal: '/nothing' does not appear to be a git repository" + SSH: NotARepository,
    "remote: Repository not found.\nfatal: repository 'https://github.com/x/y/' not found": (
        NotARepository
    ),
    "ERROR: Repository not found." + SSH: NotARepository,
    "fatal: remote error: access denied or repository not exported: /x": NotARepository,
    "fatal: https://example.org/x/info/refs not valid: is this a git repository?": NotARepository,
    "fatal: something that nobody has seen": ReconError,
}


@pytest.mark.parametrize("stderr", RECORDED)
def test_recorded_words(stderr):
    error = explain(stderr, "https://example.org/x")
    assert type(error) is RECORDED[stderr]
    assert error.remediation
    assert error.step == "clone"
    assert "Please make sure" not in str(error)


def test_progress_is_no_cause():
    stderr = "remote: Counting objects: 1% (1/9)\rremote: Total 9 (delta 0)\nfatal: early EOF\n"
    assert explain(stderr, "https://example.org/x").cause == "fatal: early EOF"


def test_credentials_in_gits_words_are_not_repeated():
    stderr = "fatal: unable to access 'https://me:s3cr%40t@example.org/x': s3cr@t is wrong"
    error = explain(stderr, "https://example.org/x", ("s3cr@t",))
    assert "s3cr" not in str(error)
    assert "me" not in str(error).split()


class Server(http.server.BaseHTTPRequestHandler):
    """Answers every request with the status of the path's first part, and notes who asked."""

    def do_GET(self):
        self.server.seen.append(self.headers.get("Authorization"))
        status = int(self.path.split("/")[1])
        self.send_response(status)
        if status == 401:
            self.send_header("WWW-Authenticate", 'Basic realm="x"')
        self.send_header("Content-Length", str(len(PAGE)))
        self.end_headers()
        self.wfile.write(PAGE)

    def log_message(self, *_arguments):
        """Say nothing."""


@pytest.fixture
def server(tmp_path, monkeypatch):
    cert, key = certificate(tmp_path)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
    server.seen = []
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    monkeypatch.setenv("GIT_SSL_CAINFO", str(cert))
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def refused(url: str, folder: Path) -> AutodeployError:
    """Why; a look is refused as a clone is."""
    caught = []
    for road in (recon.look, recon.clone):
        with pytest.raises(ReconError) as error:
            road(url, ref=None, folder=folder / "cache", log=Talk())
        caught.append(error.value)
    looked, cloned = caught
    assert type(looked) is type(cloned)
    assert str(looked) == str(cloned)
    return cloned


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (401, PermissionRefused),
        (403, PermissionRefused),
        (404, NotARepository),
        (502, NetworkUnreachable),
        (200, NotARepository),
    ],
)
def test_a_real_server(server, tmp_path, status, expected):
    url = f"https://127.0.0.1:{server.server_port}/{status}/shop.git"
    assert type(refused(url, tmp_path)) is expected


def test_an_unknown_certificate(server, tmp_path, monkeypatch):
    monkeypatch.delenv("GIT_SSL_CAINFO")
    url = f"https://127.0.0.1:{server.server_port}/200/shop.git"
    assert type(refused(url, tmp_path)) is NetworkUnreachable


def test_credentials_reach_the_host_and_nothing_else(server, tmp_path):
    host = f"127.0.0.1:{server.server_port}/401/shop.git"
    error = refused(f"https://me:s3cr%40t@{host}", tmp_path)
    assert type(error) is PermissionRefused
    basic = base64.b64encode(b"me:s3cr@t").decode()
    assert f"Basic {basic}" in server.seen
    assert "s3cr" not in f"{error} {error.cause} {error.remediation}"
    kept = [path.read_bytes() for path in (tmp_path / "cache").rglob("*") if path.is_file()]
    assert not [content for content in kept if b"s3cr" in content]


def test_a_machine_without_git_is_told_so_in_few_words(tmp_path):
    nothing = {"PATH": str(tmp_path), "AUTODEPLOY_HOME": str(tmp_path / "home")}
    words = [sys.executable, "-m", "autodeploy", "analyze", tmp_path]
    done = subprocess.run(words, env=nothing, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("error: git is missing on this machine\n")
    assert "apt-get install git" in done.stderr
    assert "GIT_PYTHON" not in done.stderr
