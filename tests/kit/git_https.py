"""A git host on https for tests: `git http-backend`, and the part of Git LFS that downloads."""

from __future__ import annotations

import base64
import datetime
import hashlib
import http.server
import ipaddress
import json
import os
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from recon_git import CLEAN, IDENTITY

LFS = "application/vnd.git-lfs+json"


class Host(http.server.ThreadingHTTPServer):
    """Serves the repositories in a folder to one user.

    Attributes:
        folder: What it serves.
        user: `name:password` that every request must bring; None for everybody.
        large: Contents of large files by their object.
        seen: Method, path and credentials of every request.
        address: `https://127.0.0.1:PORT`.
    """

    daemon_threads = True

    def __init__(self, folder: Path, certificate: tuple[Path, Path], user: str | None) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*certificate)
        self.socket = context.wrap_socket(self.socket, server_side=True)
        self.folder, self.user = folder, user
        self.large: dict[str, bytes] = {}
        self.seen: list[tuple[str, str, str | None]] = []
        self.address = f"https://127.0.0.1:{self.server_port}"

    def add_large(self, content: bytes) -> str:
        """Keep a large file, and give the pointer to it."""
        name = hashlib.sha256(content).hexdigest()
        self.large[name] = content
        return pointer(name, len(content))


def pointer(name: str, size: int) -> str:
    """What git holds in place of a large file."""
    return f"version https://git-lfs.github.com/spec/v1\noid sha256:{name}\nsize {size}\n"


@contextmanager
def host(folder: Path, certificate: tuple[Path, Path], user: str | None = None) -> Iterator[Host]:
    """A host for as long as the test needs it."""
    with Host(folder, certificate, user) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


class Handler(http.server.BaseHTTPRequestHandler):
    """One request."""

    server: Host

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        credentials = self.headers.get("Authorization")
        self.server.seen.append((self.command, self.path, credentials))
        wanted = self.server.user
        if wanted and credentials != f"Basic {base64.b64encode(wanted.encode()).decode()}":
            self._send(401, b"", {"WWW-Authenticate": 'Basic realm="x"'})
        elif self.path.endswith("/info/lfs/objects/batch"):
            self._send(200, self._batch(json.loads(body)), {"Content-Type": LFS})
        elif self.path.startswith("/large/"):
            self._send(200, self.server.large[self.path.rpartition("/")[2]], {})
        else:
            self._git(body)

    def _batch(self, asked: dict[str, list[dict[str, str]]]) -> bytes:
        objects = []
        for one in asked["objects"]:
            if one["oid"] in self.server.large:
                link = {"href": f"{self.server.address}/large/{one['oid']}"}
                objects.append({**one, "actions": {"download": link}})
            else:
                objects.append({**one, "error": {"code": 404, "message": "no such object"}})
        return json.dumps({"transfer": "basic", "objects": objects}).encode()

    def _git(self, body: bytes) -> None:
        path, _, query = self.path.partition("?")
        variables = {
            "GIT_PROJECT_ROOT": str(self.server.folder),
            "GIT_HTTP_EXPORT_ALL": "1",
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "REQUEST_METHOD": self.command,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
            "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
        }
        environment = {**CLEAN, **IDENTITY, **variables, "PATH": os.environ["PATH"]}
        command = ["git", "-c", "uploadpack.allowFilter=true", "http-backend"]
        done = subprocess.run(command, input=body, env=environment, capture_output=True)
        head, _, content = done.stdout.partition(b"\r\n\r\n")
        headers = dict(line.split(": ", 1) for line in head.decode().splitlines())
        self._send(int(headers.pop("Status", "200").split()[0]), content, headers)

    def _send(self, status: int, content: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(content))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)


def certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 and its key, written to a folder."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    addresses = [x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(addresses), critical=False)
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return folder / "cert.pem", folder / "key.pem"
