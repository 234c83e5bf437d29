"""The HAProxy on a balancer's host: the only door to it."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

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

FRONTEND = "FRONTEND"
ANSWERED = ("hrsp_1xx", "hrsp_2xx", "hrsp_3xx", "hrsp_4xx", "hrsp_5xx", "hrsp_other")

# The API waits for DescribeTargetHealth.
SECONDS = 20

Server = tuple[str, str]
Row = dict[str, str]


class Counts(NamedTuple):
    """Requests that targets have answered, with 5xx, and 5xx that no target has said."""

    requests: int = 0
    errors: int = 0
    own_errors: int = 0


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
        return self._table("health")

    def counts(self) -> Counts:
        """What it has handed on and answered since it was told to do something else."""
        return counts(self._table("counts"))

    def _table(self, command: str) -> dict[Server, Row]:
        table = self._run(command).lstrip("# ").splitlines()
        return {(row["pxname"], row["svname"]): row for row in csv.DictReader(filter(None, table))}

    def _run(self, command: str, given: str = "{}") -> str:
        return self._host.execute(
            "python3", "-I", "-S", AGENT, command, given=given, timeout=SECONDS
        )


def counts(rows: Mapping[Server, Row]) -> Counts:
    """The counts in HAProxy's statistics of its frontends and servers. Pure."""
    answered = [row for (_, name), row in rows.items() if name != FRONTEND]
    fronts = [row for (_, name), row in rows.items() if name == FRONTEND]
    errors = sum(_number(row, "hrsp_5xx") for row in answered)
    return Counts(
        requests=sum(_number(row, column) for row in answered for column in ANSWERED),
        errors=errors,
        own_errors=sum(_number(row, "hrsp_5xx") for row in fronts) - errors,
    )


def _number(row: Row, column: str) -> int:
    return int(row.get(column) or 0)


def with_backups(servers: Sequence[Server]) -> list[Server]:
    """Each server under both of its names."""
    return [(group, name + server) for group, server in servers for name in ("", BACKUP)]
