"""The HAProxy on a balancer's host: the only door to it."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from autodeploy.lab.balancers import agent, config
from autodeploy.lab.balancers.backends import BACKUP
from autodeploy.lab.balancers.model import LoadBalancer
from autodeploy.lab.extras import Extra

AGENT = "/usr/local/lib/autodeploy-agent.py"
# HAProxy does not start without a listener, and is to be there before it is told anything.
FIRST = (
    f"global\\n stats socket {config.SOCKET} mode 600 level admin\\n"
    "frontend alive\\n mode http\\n timeout client 1s\\n bind unix@/run/haproxy/alive.sock\\n"
)
EXTRA = Extra(
    "haproxy",
    ("haproxy",),
    (
        f"printf '{FIRST}' > /etc/haproxy/haproxy.cfg",
        "systemctl disable --quiet ssh",
        f"cat > {AGENT} <<'AGENT'\n{Path(agent.__file__).read_text(encoding='utf-8')}AGENT",
    ),
)

# The API waits for DescribeTargetHealth.
SECONDS = 20

Server = tuple[str, str]
Row = dict[str, str]


class Inside(Protocol):
    """Where commands can be run: a host."""

    def execute(self, *command: str, given: str | None = None, timeout: float = 60) -> str:
        """The output of a command."""


class HAProxy:
    """HAProxy on one host."""

    def __init__(self, host: Inside) -> None:
        self._host = host

    def alive(self) -> None:
        """Nothing where it runs.

        Raises:
            LabBroken: It does not answer, perhaps not yet.
        """
        self._run("alive")

    def apply(self, balancer: LoadBalancer) -> None:
        """Make it do this; connections stay, and healthy targets stay healthy.

        Raises:
            LabBroken: It does not accept the configuration.
        """
        groups = balancer.target_groups
        certificates = [one for listener in balancer.listeners for one in listener.certificates]
        given = {
            "config": config.text(balancer),
            "certificates": {one.path: one.pem.get_secret_value() for one in certificates},
            "servers": [(group.name, one.name) for group in groups for one in group.targets],
            "draining": with_backups(
                [(group.name, one.name) for group in groups for one in group.draining]
            ),
        }
        self._run("apply", json.dumps(given))

    def end_sessions(self, servers: Sequence[Server]) -> None:
        """Break off what is still running on servers that are gone."""
        self._run("end", json.dumps({"servers": with_backups(servers)}))

    def health(self) -> dict[Server, Row]:
        """What it knows of each server, in its own columns."""
        table = self._run("health").lstrip("# ").splitlines()
        return {(row["pxname"], row["svname"]): row for row in csv.DictReader(filter(None, table))}

    def _run(self, command: str, given: str = "{}") -> str:
        return self._host.execute(
            "python3", "-I", "-S", AGENT, command, given=given, timeout=SECONDS
        )


def with_backups(servers: Sequence[Server]) -> list[Server]:
    """Each server under both of its names."""
    return [(group, name + server) for group, server in servers for name in ("", BACKUP)]
