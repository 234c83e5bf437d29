"""The address from which this machine reaches its hosts: the only one that SSH lets in."""

from __future__ import annotations

import ipaddress
import json
import socket
import urllib.request

from autodeploy.aws.cloud import Cloud
from autodeploy.errors import EndpointUnreachable

CHECK_URL = "https://checkip.amazonaws.com"
SECONDS = 10
ELSEWHERE = ("192.0.2.1", 9)  # RFC 5737's documentation network: routed like any other


def controller_address(cloud: Cloud) -> str:
    """This machine's IPv4 address as its hosts will see it.

    Raises:
        EndpointUnreachable: Nobody could tell.
    """
    if cloud.is_lab:
        return _lab_address(cloud.endpoint_url or "") or _primary_address()
    return _public_address()


def _lab_address(endpoint_url: str) -> str | None:
    """What the lab says that its hosts will see; None where the endpoint is not our lab."""
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(f"{endpoint_url}/_autodeploy/controller-address", timeout=SECONDS) as said:
            return str(ipaddress.IPv4Address(json.loads(said.read(64))))
    except (OSError, ValueError):
        return None


def _primary_address() -> str:
    """The address of the default route: the best guess where nobody tells.

    Connecting a UDP socket sends nothing.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(ELSEWHERE)
        except OSError:
            return "127.0.0.1"
        return str(probe.getsockname()[0])


def _public_address() -> str:
    try:
        with urllib.request.urlopen(CHECK_URL, timeout=SECONDS) as answer:
            text = answer.read(64).decode("ascii").strip()
        return str(ipaddress.IPv4Address(text))
    except (OSError, ValueError) as error:
        raise EndpointUnreachable(
            "this machine's public address could not be found",
            cause=f"{CHECK_URL}: {error}",
            action="checkip",
            remediation="Allow https to checkip.amazonaws.com: SSH is opened to that address only.",
        ) from error
