"""What visitors of a name get: looked at on the wire, never in files."""

from __future__ import annotations

import http.client
import re
import socket
import ssl
from collections import namedtuple

from ansible.module_utils.certbot_lineage import certificate

SECONDS = 10
HERE = "127.0.0.1"
VISITOR = "Mozilla/5.0 (autodeploy)"
OLD = "version"
"""What OpenSSL says in where the other side refuses the protocol: its alert's name."""

Seen = namedtuple("Seen", "certificate distrust protocol http2 hsts")
"""What TLS gives: the certificate; why its chain or name is not trusted, or None; TLSv1.3;
whether HTTP/2 is spoken; the seconds for which browsers shall know only HTTPS, or None.
"""


def context(ca_bundle=None):
    """As a browser's, with more authorities."""
    made = ssl.create_default_context()
    made.set_alpn_protocols(["h2", "http/1.1"])
    if ca_bundle:
        made.load_verify_locations(ca_bundle)
    return made


def trusting(*, protocols=("h2", "http/1.1")):
    """One that takes any certificate: it only looks."""
    made = ssl.create_default_context()
    made.check_hostname, made.verify_mode = False, ssl.CERT_NONE
    made.set_alpn_protocols(list(protocols))
    return made


def connected(name, where, made):
    """A connection with TLS; `where` is asked in place of the name.

    Raises:
        OSError: There is none.
    """
    plain = socket.create_connection((where, 443), timeout=SECONDS)
    try:
        return made.wrap_socket(plain, server_hostname=name)
    except BaseException:
        plain.close()
        raise


def distrust(name, where, ca_bundle):
    """Why the chain, or the name, is not trusted; None where they are."""
    try:
        connected(name, where, context(ca_bundle)).close()
    except ssl.SSLCertVerificationError as error:
        return error.verify_message
    return None


def hsts(name, where):
    """For how many seconds browsers shall know only HTTPS; None where that is not said."""
    connection = http.client.HTTPSConnection(name, timeout=SECONDS)
    try:
        connection.sock = connected(name, where, trusting(protocols=["http/1.1"]))
        connection.request("HEAD", "/", headers={"User-Agent": VISITOR})
        said = connection.getresponse().headers.get("Strict-Transport-Security", "")
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()
    found = re.search(r"max-age=\"?(\d+)", said)
    return int(found[1]) if found else None


def look(name, ca_bundle=None, where=None):
    """What TLS gives under a name.

    Raises:
        OSError: There is no TLS.
    """
    where = where or name
    with connected(name, where, trusting()) as one:
        found, protocol = certificate(one.getpeercert(binary_form=True)), one.version()
        http2 = one.selected_alpn_protocol() == "h2"
    return Seen(found, distrust(name, where, ca_bundle), protocol, http2, hsts(name, where))


def serves_here():
    """Whether anything listens for TLS on the host."""
    try:
        socket.create_connection((HERE, 443), timeout=SECONDS).close()
    except OSError:
        return False
    return True


def sent_to(name):
    """Where port 80 sends visitors of a name; None where it answers them itself, or not at all."""
    connection = http.client.HTTPConnection(name, timeout=SECONDS)
    try:
        connection.request("HEAD", "/", headers={"User-Agent": VISITOR})
        answer = connection.getresponse()
        return answer.headers.get("Location") if 300 <= answer.status < 400 else None
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


def takes_old(name):
    """Whether TLS 1.1 or older is spoken; None where that cannot be told from here."""
    made = trusting()
    made.minimum_version, made.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    made.set_ciphers("ALL:@SECLEVEL=0")
    try:
        connected(name, HERE, made).close()
    except ssl.SSLError as error:
        return False if OLD in (error.reason or "").lower() else None
    except OSError:
        return None
    return True
