"""Whether a name leads to this host, seen as the authority will: by asking for a file."""

from __future__ import annotations

import errno
import glob
import http.client
import ipaddress
import os
import secrets
import socket
import ssl
import urllib.request
from contextlib import contextmanager, suppress

WEBROOT = "/var/www/acme"
PLACE = ".well-known/acme-challenge"
SECONDS = 10
NO_WAY = (errno.ENETUNREACH, errno.EADDRNOTAVAIL, errno.EHOSTUNREACH)


@contextmanager
def token(webroot=WEBROOT):
    """A file that nobody can guess, where the authority will look: its path in a URL, its text."""
    folder = f"{webroot}/{PLACE}"
    os.makedirs(folder, mode=0o755, exist_ok=True)
    name, text = f"autodeploy-{secrets.token_hex(8)}", secrets.token_hex(16)
    path = f"{folder}/{name}"
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
    try:
        with open(descriptor, "w") as file:
            os.fchmod(descriptor, 0o644)
            file.write(text)
        yield f"/{PLACE}/{name}", text
    finally:
        os.unlink(path)


def clear(webroot=WEBROOT):
    """Remove what a run of ours that broke off has left, and folders with nothing in them."""
    folder = f"{webroot}/{PLACE}"
    for path in glob.glob(f"{folder}/autodeploy-*"):
        os.unlink(path)
    for empty in (folder, os.path.dirname(folder), webroot):
        with suppress(OSError):
            os.rmdir(empty)


def addresses(name):
    """The addresses that a name leads to; none where it leads nowhere."""
    try:
        found = socket.getaddrinfo(name, 80, type=socket.SOCK_STREAM)
    except OSError:
        return []
    return sorted({one[4][0] for one in found})


def followed(url):
    """What is there, other addresses' redirects followed as the authority follows them."""
    nobody = ssl.create_default_context()
    nobody.check_hostname, nobody.verify_mode = False, ssl.CERT_NONE
    handlers = (urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=nobody))
    with urllib.request.build_opener(*handlers).open(url, timeout=SECONDS) as answer:
        return answer.read(64)


def ask(name, address, path, port=80):
    """The status and the beginning of what one address has for a name's path.

    Raises:
        OSError, http.client.HTTPException: There was no answer.
    """
    connection = http.client.HTTPConnection(address, port, timeout=SECONDS)
    try:
        connection.request("GET", path, headers={"Host": name})
        answer = connection.getresponse()
        if 300 <= answer.status < 400:
            return 200, followed(f"http://{name}{path}")
        return answer.status, answer.read(64)
    finally:
        connection.close()


def judge(name, address, path, text, own):
    """What one address of a name is.

    Args:
        name: Whose.
        address: The one looked at.
        path: Of the file that this host has.
        text: The file's.
        own: Addresses that are known for the host's. Behind some routers it does not reach them
            itself; that the name has them is all that can be seen then.

    Returns:
        `wrong` where it is not this host, `unsure` where that cannot be seen, both for people;
        one of them is None, or both where it is this host.
    """
    is_v6 = ":" in address
    if ipaddress.ip_address(address.partition("%")[0]).is_loopback:
        return None, f"that {name} leads here: /etc/hosts answers for it on the host itself"
    try:
        status, said = ask(name, address, path)
    except (OSError, http.client.HTTPException) as error:
        if address in own:
            return None, f"that {name} leads here: the host does not reach {address} ({error})"
        if is_v6 and getattr(error, "errno", None) in NO_WAY:
            return None, f"that {name} leads here over IPv6: the host has none to {address}"
        return f"{name} leads to {address}, whose port 80 does not answer ({error})", None
    if said == text.encode():
        return None, None
    return f"{name} leads to {address}, which answers with {status} and not as this host", None


def look(names, expected, webroot=WEBROOT):
    """Where the names lead.

    Args:
        names: The names.
        expected: To which address or name they are to lead.
        webroot: What nginx serves the challenges from.

    Returns:
        What is wrong, and what cannot be seen from here, for people.
    """
    wrong, unsure, own = [], [], {expected, *addresses(expected)}
    with token(webroot) as (path, text):
        for name in names:
            found = addresses(name)
            if not found:
                wrong.append(f"{name} leads to no address")
            judged = [judge(name, one, path, text, own) for one in found]
            wrong += [one for one, _unsure in judged if one]
            unsure += [one for _wrong, one in judged if one]
    return wrong, unsure
