"""Which TCP ports listen, as the kernel says."""

from __future__ import annotations

import os

from ansible.module_utils.scan_report import finding, part

TABLES = ("/proc/net/tcp", "/proc/net/tcp6")
LISTEN = "0A"


def look_at_ports(declared):
    """The ports that listen beyond loopback."""
    listening = set()
    for path in filter(os.path.exists, TABLES):
        with open(path) as file:
            listening |= beyond_loopback(file.read())
    return told(listening, set(declared))


def beyond_loopback(table):
    """The ports in a table's text that listen on another address than loopback's."""
    rows = [line.split() for line in table.splitlines()[1:]]
    places = [row[1].split(":") for row in rows if row[3] == LISTEN]
    return {int(port, 16) for address, port in places if not is_loopback(address)}


def is_loopback(address):
    """Of an address as the kernel writes it: words of four bytes, each turned around."""
    if len(address) == 8:
        return address.endswith("7F")
    mapped = address[:24] == "0000000000000000FFFF0000" and address.endswith("7F")
    return mapped or address == "00000000000000000000000001000000"


def told(listening, declared):
    """What that says, where some ports are declared."""
    surplus = sorted(listening - declared) if declared else []
    found = [
        finding("port-undeclared", "low", f"tcp/{port}", "listens beyond loopback, undeclared")
        for port in surplus
    ]
    named = ", ".join(map(str, sorted(listening))) or "none"
    fine = [] if surplus else [f"TCP ports that listen beyond loopback: {named}"]
    return part(verified=fine, findings=found, listening=sorted(listening))
