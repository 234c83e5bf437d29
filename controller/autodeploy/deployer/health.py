"""One look at the application from outside, as its users see it."""

from __future__ import annotations

import http.client
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import tenacity

from autodeploy import stopping
from autodeploy.contracts import DeploymentConfig, health_below
from autodeploy.errors import UnhealthyRelease
from autodeploy.journal import AgentLog

LOOK_SECONDS = 5
LONGEST_BODY = 4096
RELEASE_PATH = "/.well-known/autodeploy"  # the proxy role's: the release that takes the traffic
GATE_SECONDS = 30
BALANCER_SECONDS = 180
"""A new load balancer's name is known after a minute; its hosts are in after some checks."""
PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class Outside:
    """The application as its users reach it.

    Attributes:
        url: Its address: `http://HOST[:PORT]/`, `https://DOMAIN/` or `tcp://HOST:PORT`.
        balancer: DNS name of its load balancer: asked in place of the address's own, which may
            lead elsewhere yet; None where there is none.
        authority: File of an authority whose certificates are good beside those that this machine
            trusts; None for none.
    """

    url: str
    balancer: str | None = None
    authority: Path | None = None

    def look(self, path: str) -> int | None:
        """The HTTP status of `path`; None where it speaks no HTTP and took a connection.

        Raises:
            OSError, http.client.HTTPException: There was no answer.
        """
        if not self.url.startswith("tcp:"):
            return self.get(path)[0]
        parts = urlsplit(self.url)
        self._connected(parts.hostname or "", parts.port or 0, LOOK_SECONDS).close()
        return None

    def get(self, path: str, seconds: float = LOOK_SECONDS) -> tuple[int, bytes]:
        """The HTTP status of `path` below the address and the beginning of the body.

        Redirects are not followed, and no proxy is asked. A certificate must be the domain's.

        Raises:
            OSError, http.client.HTTPException: There was no answer.
        """
        parts = urlsplit(self.url)
        host, port = parts.hostname or "", parts.port or PORTS[parts.scheme]
        connection = http.client.HTTPConnection(host, port, timeout=seconds)
        try:
            connection.sock = self._connected(host, port, seconds)
            connection.request(
                "GET", path, headers={"Host": parts.netloc, "User-Agent": "autodeploy"}
            )
            answer = connection.getresponse()
            return answer.status, answer.read(LONGEST_BODY)
        finally:
            connection.close()

    def certificate_end(self) -> datetime | None:
        """Until when the certificate of the address is good; None where it speaks no TLS.

        Raises:
            OSError: There was no answer, or the certificate is not good now.
        """
        parts = urlsplit(self.url)
        if parts.scheme != "https":
            return None
        port = parts.port or PORTS[parts.scheme]
        with self._connected(parts.hostname or "", port, LOOK_SECONDS) as connected:
            found: Any = connected.getpeercert() if isinstance(connected, ssl.SSLSocket) else {}
        return datetime.fromtimestamp(ssl.cert_time_to_seconds(found["notAfter"]), UTC)

    def _connected(self, host: str, port: int, seconds: float) -> socket.socket:
        connected = socket.create_connection((self.balancer or host, port), timeout=seconds)
        if not self.url.startswith("https:"):
            return connected
        context = ssl.create_default_context()
        if self.authority:
            context.load_verify_locations(self.authority)
        try:
            return context.wrap_socket(connected, server_hostname=host)
        except BaseException:
            connected.close()
            raise


def is_live(outside: Outside, config: DeploymentConfig) -> bool:
    """Whether what answers at the address is the release, and answers well.

    An address alone proves nothing: another application may have been given it since. Where it
    speaks no HTTP, more than that it takes a connection cannot be known from here.
    """
    try:
        status = outside.look(config.health_path)
        if status is None:
            return True
        if not 200 <= status < health_below(config.health_path, config.health_highest):
            return False
        return outside.get(RELEASE_PATH) == (200, f"{config.release}\n".encode())
    except (OSError, http.client.HTTPException):
        return False


def gate(
    outside: Outside,
    path: str,
    below: int,
    log: AgentLog,
    seconds: float | None = None,
    reason: Callable[[], str] = str,
) -> int | None:
    """The status, once it is a good one; None where it speaks no HTTP and takes connections.

    Args:
        outside: Where to look.
        path: The health path.
        below: Statuses from 200 to below this one are good.
        log: The Deployer's log.
        seconds: How long to look; None for as long as such an address takes to answer.
        reason: Says more of a failure; asked only then.

    Raises:
        UnhealthyRelease: It was not in time; names the hop, since behind it all is well.
        Exception: As `stopping.guard`.
    """
    retry = tenacity.Retrying(
        retry=tenacity.retry_if_exception_type((OSError, http.client.HTTPException))
        | tenacity.retry_if_result(lambda status: not _is_good(status, below)),
        wait=tenacity.wait_exponential_jitter(multiplier=0.1, max=2),
        stop=tenacity.stop_after_delay(seconds or _patience(outside)),
    )

    def attempt() -> int | None:
        stopping.guard()
        return outside.look(path)

    with log.step("look from outside"):
        try:
            return retry(attempt)
        except tenacity.RetryError as error:
            last = error.last_attempt
            seen = last.exception() if last.failed else last.result()
            hop, remediation = _broken(seen, outside)
            raise UnhealthyRelease(
                f"{outside.url.rstrip('/')}{path} does not answer well from here ({hop}), "
                "but it does on the host",
                cause="\n".join(filter(None, [_said(seen), reason()])),
                step="look from outside",
                remediation=remediation,
            ) from None


def _is_good(status: int | None, below: int) -> bool:
    return status is None or 200 <= status < below


def _said(seen: object) -> str:
    return f"status {seen}" if isinstance(seen, int) else f"{type(seen).__name__}: {seen}"


def _broken(seen: object, outside: Outside) -> tuple[str, str]:
    """The hop between here and the host that broke, and what to do about it.

    The host has answered itself, through nginx: what is left is the way there.
    """
    if isinstance(seen, socket.gaierror):
        name = outside.balancer or urlsplit(outside.url).hostname
        return "DNS", f"See that {name} resolves here; a new name takes some minutes."
    if isinstance(seen, ssl.SSLError):
        return "certificate", "See whose certificate the address shows, and until when it is good."
    if outside.balancer:
        return "target group", "See the hosts' health there, and the health path's answer."
    if isinstance(seen, int):
        return "proxy", "Something between here and the host answers in its place."
    parts = urlsplit(outside.url)
    port = parts.port or PORTS[parts.scheme]
    return "firewall", f"Let port {port} through what stands between here and the host."


def _patience(outside: Outside) -> float:
    return BALANCER_SECONDS if outside.balancer else GATE_SECONDS
