"""The certificate that certbot keeps for an application, and when another is asked for."""

from __future__ import annotations

import os
import re
from collections import namedtuple
from datetime import UTC, datetime, timedelta

HOME = "/etc/letsencrypt"
PRODUCTION = "https://acme-v02.api.letsencrypt.org/directory"
STAGING = "https://acme-staging-v02.api.letsencrypt.org/directory"
DUE = 3
"""A certificate is renewed in the last third of its life, as certbot does with 90 days."""

Certificate = namedtuple("Certificate", "names serial begins ends issuer is_ecdsa")
"""What a certificate says: sorted DNS names, the serial number, times in UTC."""


def certificate(der):
    """A certificate's content; its module is there where certbot is."""
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey

    found = x509.load_der_x509_certificate(der)
    try:
        names = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        names = ()
    if hasattr(found, "not_valid_after_utc"):
        times = found.not_valid_before_utc, found.not_valid_after_utc
    else:
        naive = found.not_valid_before, found.not_valid_after
        times = [one.replace(tzinfo=UTC) for one in naive]
    return Certificate(
        sorted(one.value for one in names if isinstance(one, x509.DNSName)),
        found.serial_number,
        *times,
        found.issuer.rfc4514_string(),
        isinstance(found.public_key(), EllipticCurvePublicKey),
    )


def kept(application, home=HOME):
    """The certificate that certbot keeps; None where it keeps none, or half of one."""
    import ssl

    live = f"{home}/live/{application}"
    try:
        with open(f"{live}/cert.pem") as file:
            der = ssl.PEM_cert_to_DER_cert(file.read())
        os.stat(f"{live}/privkey.pem")
        os.stat(f"{live}/fullchain.pem")
        return certificate(der)
    except (OSError, ValueError):
        return None


def server_of(application, home=HOME):
    """The ACME directory that renewals ask; None where there is none."""
    try:
        with open(f"{home}/renewal/{application}.conf") as file:
            found = re.search(r"^server = (\S+)$", file.read(), re.MULTILINE)
    except OSError:
        return None
    return found[1] if found else None


def directory(server, staging):
    """The URL of the ACME directory that is to be asked."""
    return server or (STAGING if staging else PRODUCTION)


def now():
    return datetime.now(UTC)


def days_left(found, at):
    return (found.ends - at) // timedelta(days=1)


def is_due(found, at):
    return found.ends - at < (found.ends - found.begins) / DUE


def is_stale(found, names, at):
    """Whether what is kept is no good for the names, and visitors are not to be led to it."""
    return found is not None and not (set(names) <= set(found.names) and found.ends > at)


def why_ask(found, asked, names, server, at):
    """Why another certificate is asked for; None where the one that is there will do.

    Args:
        found: The certificate that is kept, or None.
        asked: The ACME directory that it is of.
        names: The names that it is to be for.
        server: The ACME directory that it is to be of.
        at: The time.
    """
    if found is None or asked is None:
        return "there was none"
    if set(found.names) != set(names):
        return f"the one before was for {', '.join(found.names)}"
    if asked != server:
        return f"the one before was of {asked}"
    if not found.is_ecdsa:
        return "the one before was not ECDSA"
    return f"the one before ends on {found.ends:%Y-%m-%d}" if is_due(found, at) else None
