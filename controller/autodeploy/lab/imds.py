"""Instance metadata (IMDSv2) at 169.254.169.254: what a host may know of itself.

A request is answered by the address that it comes from, so that a host hears of itself only. The
socket is opened in the namespace of the VPC and served by the daemon, which knows what is true now.
"""

from __future__ import annotations

import json
import secrets
import socket
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import IPv4Address
from typing import Any

from autodeploy.contracts import Contract
from autodeploy.lab import netns
from autodeploy.lab.groups import METADATA

PORT = 80
MAX_TTL = 21600
TTL_HEADER = "X-aws-ec2-metadata-token-ttl-seconds"
TOKEN_HEADER = "X-aws-ec2-metadata-token"  # noqa: S105  a header's name

Tree = Mapping[str, "str | bytes | Tree"]


class Facts(Contract):
    """What one instance may know.

    Attributes:
        meta_data: The tree below `/latest/meta-data`; a folder is a mapping.
        user_data: As it was given; None where there is none.
        document: The instance identity document.
        tokens_required: Whether requests without a token are refused.
        enabled: Whether anything is answered.
        hop_limit: How far a token travels, in hops.
    """

    meta_data: dict[str, Any]
    user_data: bytes | None
    document: dict[str, Any]
    tokens_required: bool
    enabled: bool
    hop_limit: int


@dataclass(frozen=True)
class Answer:
    """What a request gets."""

    status: HTTPStatus
    body: bytes = b""


Ask = Callable[[IPv4Address], Facts | None]


def look_up(facts: Facts, path: str) -> Answer:
    """The metadata at a path, as AWS lists and answers it."""
    tree: Tree = {"latest": _latest(facts), "2021-07-15": _latest(facts)}
    found: str | bytes | Tree = tree
    words = [word for word in path.split("?")[0].split("/") if word]
    for word in words:
        if not isinstance(found, Mapping) or word not in found:
            return Answer(HTTPStatus.NOT_FOUND)
        found = found[word]
    if isinstance(found, Mapping):
        return Answer(HTTPStatus.OK, _listing(words, found).encode())
    return Answer(HTTPStatus.OK, found if isinstance(found, bytes) else found.encode())


def _latest(facts: Facts) -> Tree:
    latest: dict[str, str | bytes | Tree] = {
        "dynamic": {"instance-identity": {"document": json.dumps(facts.document, indent=2)}},
        "meta-data": facts.meta_data,
    }
    return {**latest, "user-data": facts.user_data} if facts.user_data is not None else latest


def _listing(words: list[str], folder: Tree) -> str:
    """Names, folders with a slash; keys with their own names, as AWS has it."""
    if words[-1:] == ["public-keys"]:
        return "\n".join(f"{index}={key['name']}" for index, key in _keys(folder))
    hidden = {"name"} if words[-2:-1] == ["public-keys"] else set()
    return "\n".join(
        f"{name}/" if isinstance(value, Mapping) else name
        for name, value in sorted(folder.items())
        if name not in hidden
    )


def _keys(folder: Tree) -> list[tuple[str, Mapping[str, Any]]]:
    return [(index, key) for index, key in folder.items() if isinstance(key, Mapping)]


class Tokens:
    """The tokens that have been given out, each to one address for a time."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._tokens: dict[str, tuple[IPv4Address, float]] = {}

    def issue(self, address: IPv4Address, ttl: int) -> str:
        """A new token for `ttl` seconds."""
        now = self._now()
        self._tokens = {token: one for token, one in self._tokens.items() if one[1] > now}
        token = secrets.token_urlsafe(40)
        self._tokens[token] = (address, now + ttl)
        return token

    def seconds_left(self, token: str, address: IPv4Address) -> int | None:
        """How long a token is still good; None where it is not this host's or has expired."""
        owner, expires = self._tokens.get(token, (None, 0.0))
        left = expires - self._now()
        return int(left) if owner == address and left > 0 else None


def ttl_of(text: str) -> int | None:
    """The lifetime that a request for a token asks for; None where AWS answers 400."""
    return int(text) if text.isdecimal() and 1 <= int(text) <= MAX_TTL else None


class Service:
    """The metadata service of one VPC."""

    def __init__(self, namespace: str, ask: Ask) -> None:
        self._server = _Server(netns.listen(namespace, METADATA, PORT), ask)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        """Close it."""
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, listener: socket.socket, ask: Ask) -> None:
        super().__init__((str(METADATA), PORT), _Handler, bind_and_activate=False)
        self.socket.close()
        self.socket = listener
        self.ask = ask
        self.tokens = Tokens()


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    server_version = "EC2ws"
    sys_version = ""
    timeout = 10

    def do_PUT(self) -> None:
        """Give out a token."""
        facts = self._facts()
        ttl = ttl_of(self.headers.get(TTL_HEADER, ""))
        if facts is None:
            return
        if self.path.rstrip("/") != "/latest/api/token":
            self._send(Answer(HTTPStatus.NOT_FOUND))
        elif "X-Forwarded-For" in self.headers:
            self._send(Answer(HTTPStatus.FORBIDDEN))
        elif ttl is None:
            self._send(Answer(HTTPStatus.BAD_REQUEST))
        else:
            # A token does not leave a host by way of a container's or a proxy's network.
            self.connection.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, facts.hop_limit)
            token = self.server.tokens.issue(self._address(), ttl)
            self._send(Answer(HTTPStatus.OK, token.encode()), {TTL_HEADER: str(ttl)})

    def do_GET(self) -> None:
        """Answer with metadata, to who has a token where one is demanded."""
        facts = self._facts()
        if facts is None:
            return
        token = self.headers.get(TOKEN_HEADER)
        left = self.server.tokens.seconds_left(token, self._address()) if token else None
        if left is None and (token or facts.tokens_required):
            self._send(Answer(HTTPStatus.UNAUTHORIZED))
            return
        said = {TTL_HEADER: str(left)} if left is not None else {}
        self._send(look_up(facts, self.path), said)

    def _facts(self) -> Facts | None:
        """What the asking host may know; None where it has had its answer already."""
        facts = self.server.ask(self._address())
        if facts is None:
            self._send(Answer(HTTPStatus.NOT_FOUND))
        elif not facts.enabled:
            self._send(Answer(HTTPStatus.FORBIDDEN))
        else:
            return facts
        return None

    def _address(self) -> IPv4Address:
        return IPv4Address(self.client_address[0])

    def _send(self, answer: Answer, headers: Mapping[str, str] | None = None) -> None:
        self.send_response(answer.status)
        for name, value in {"Content-Type": "text/plain", **(headers or {})}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)

    def log_message(self, *_arguments: object) -> None:
        """Nothing: the daemon's log is for the lab."""
