"""Instance metadata (IMDSv2) at 169.254.169.254: what a host may know of itself.

A request is answered by the address that it comes from, so that a host hears of itself only. The
socket is opened in the namespace of the VPC and served by the daemon, which knows what is true now.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import IPv4Address

from autodeploy.lab import netns
from autodeploy.lab.groups import METADATA
from autodeploy.lab.metadata import Answer, Facts, Tokens, look_up, ttl_of

PORT = 80
TTL_HEADER = "X-aws-ec2-metadata-token-ttl-seconds"
TOKEN_HEADER = "X-aws-ec2-metadata-token"  # noqa: S105  a header's name

Ask = Callable[[IPv4Address], Facts | None]


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
