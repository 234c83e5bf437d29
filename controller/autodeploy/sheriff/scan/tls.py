"""What answers at an application's HTTPS address."""

from __future__ import annotations

import socket
import ssl
import warnings
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from autodeploy.contracts import DeploymentConfig, Finding, Tls, TopicReport

TOPIC = "tls"
SECONDS = 10
PORT = 443
VERSIONS = (
    ssl.TLSVersion.TLSv1,
    ssl.TLSVersion.TLSv1_1,
    ssl.TLSVersion.TLSv1_2,
    ssl.TLSVersion.TLSv1_3,
)
NAMES = {one: one.name.replace("_", ".") for one in VERSIONS}
OLD = frozenset({"TLSv1", "TLSv1.1"})
SOON_DAYS = 14
"""A renewal that works comes long before."""


def scan_tls(running: DeploymentConfig, authority: Path | None) -> TopicReport:
    """Which protocols are spoken there, and how good the certificate is.

    Args:
        running: Where it answers.
        authority: As in `deployer.Outside`.
    """
    parts = urlsplit(running.url or "")
    if parts.scheme != "https" or parts.hostname is None:
        return TopicReport(topic=TOPIC, not_verified=("TLS: not scanned, no HTTPS address",))
    name, port = parts.hostname, parts.port or PORT
    place = (running.front or name, port)
    try:
        socket.create_connection(place, SECONDS).close()
    except OSError as error:
        return TopicReport(topic=TOPIC, not_verified=(f"TLS: not scanned, {name}: {error}",))
    spoken = tuple(NAMES[one] for one in VERSIONS if _speaks(place, name, one))
    try:
        days, why = _days(place, name, authority), ""
    except (OSError, ValueError) as error:
        days, why = None, str(error)
    seen = Tls(address=f"{name}:{port}", protocols=spoken, trusted=days is not None, days=days)
    return read(seen, why)


def read(seen: Tls, why: str) -> TopicReport:
    """What was seen, judged. Pure.

    Args:
        seen: What was seen.
        why: Why the certificate is not trusted.
    """
    found = tuple(_findings(seen, why))
    fine = () if found else (f"{', '.join(seen.protocols)}; the certificate has {seen.days} days",)
    details = {TOPIC: seen.model_dump(mode="json")}
    return TopicReport(topic=TOPIC, verified=fine, findings=found, details=details)


def _findings(seen: Tls, why: str) -> Iterator[Finding]:
    def finding(check: str, severity: str, message: str) -> Finding:
        said = {"id": check, "severity": severity, "message": message}
        return Finding.model_validate({**said, "resource": seen.address})

    old = [one for one in seen.protocols if one in OLD]
    if old:
        yield finding("tls-old-protocol", "high", f"it still speaks {', '.join(old)}")
    if not seen.trusted:
        yield finding("tls-certificate", "critical", f"its certificate is not trusted: {why}")
    elif seen.days is not None and seen.days < SOON_DAYS:
        yield finding("tls-certificate-ends", "high", f"its certificate ends in {seen.days} days")


def _speaks(place: tuple[str, int], name: str, version: ssl.TLSVersion) -> bool:
    try:
        context = _speaking(version)
        with socket.create_connection(place, SECONDS) as plain:
            context.wrap_socket(plain, server_hostname=name).close()
    except (OSError, ValueError):
        return False
    return True


def _speaking(version: ssl.TLSVersion) -> ssl.SSLContext:
    """One that speaks this version alone; our own OpenSSL may have been built without it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    # Without this OpenSSL offers nothing that the old protocols know, and they seem to be gone.
    context.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = context.maximum_version = version
    return context


def _days(place: tuple[str, int], name: str, authority: Path | None) -> int:
    context = ssl.create_default_context()
    if authority:
        context.load_verify_locations(authority)
    with (
        socket.create_connection(place, SECONDS) as plain,
        context.wrap_socket(plain, server_hostname=name) as secured,
    ):
        certificate = secured.getpeercert() or {}
    end = ssl.cert_time_to_seconds(str(certificate["notAfter"]))
    return (datetime.fromtimestamp(end, UTC) - datetime.now(UTC)).days
