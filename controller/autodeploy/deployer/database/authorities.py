"""The certificates of the authorities behind RDS's servers, as AWS publishes them."""

from __future__ import annotations

import ssl
import time
import urllib.request
from pathlib import Path

from autodeploy import privatefile
from autodeploy.errors import EndpointUnreachable

BUNDLE_URL = "https://truststore.pki.rds.amazonaws.com/global/global-bundle.pem"
FETCH_SECONDS = 30
LONGEST = 4 * 1024 * 1024
FRESH_SECONDS = 7 * 24 * 3600


def authorities_file(folder: Path) -> Path:
    """The folder's file of the certificates, in PEM; one that is a week old is fetched anew.

    Where that fails it is still as good: the authorities' certificates are valid for decades.

    Raises:
        EndpointUnreachable: There is none yet, and they could not be fetched, or what came is
            something else.
    """
    copy = folder / "rds-ca.pem"
    if copy.exists() and time.time() - copy.stat().st_mtime < FRESH_SECONDS:
        return copy
    try:
        text = _fetched()
    except EndpointUnreachable:
        if copy.exists():
            return copy
        raise
    privatefile.write(copy, text.encode())  # Two commands may do so at a time.
    return copy


def _fetched() -> str:
    try:
        with urllib.request.urlopen(BUNDLE_URL, timeout=FETCH_SECONDS) as answer:
            text: str = answer.read(LONGEST).decode("ascii")
        # Refuses what holds no certificate.
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cadata=text)
    except (OSError, ValueError) as error:
        raise EndpointUnreachable(
            "the certificates of RDS's authorities could not be fetched",
            cause=f"{BUNDLE_URL}: {error}",
            action="rds-ca",
            remediation="Allow https to truststore.pki.rds.amazonaws.com, then run it again.",
        ) from error
    return text
