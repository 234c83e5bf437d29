"""On which ports SSH listens."""

from __future__ import annotations

import os
import re

LISTEN = "0A"
TABLES = ("/proc/net/tcp", "/proc/net/tcp6")


def listening_ports(table):
    """Ports in state LISTEN in the text of /proc/net/tcp or tcp6."""
    rows = [line.split() for line in table.splitlines()[1:]]
    return {int(row[1].rpartition(":")[2], 16) for row in rows if row[3] == LISTEN}


def configured_ports(text):
    """The ports in what `sshd -T` says of its settings, sorted.

    `port` is printed too where all addresses have ports of their own.
    """
    addresses = re.findall(r"^listenaddress \S+:(\d+)$", text, re.MULTILINE)
    found = addresses or re.findall(r"^port (\d+)$", text, re.MULTILINE)
    return sorted({int(port) for port in found})


def ssh_ports(settings):
    """Those of sshd's ports on which something listens.

    Args:
        settings: What `sshd -T` says.
    """
    tables = filter(os.path.exists, TABLES)
    listening = set()
    for table in tables:
        with open(table) as file:
            listening |= listening_ports(file.read())
    return [port for port in configured_ports(settings) if port in listening]
