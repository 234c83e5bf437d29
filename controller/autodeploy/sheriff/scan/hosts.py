"""The role `scan` on every host."""

from __future__ import annotations

import tempfile
from pathlib import Path

from autodeploy.contracts import InfrastructureSpec, TopicReport
from autodeploy.errors import HostError
from autodeploy.journal import notebook
from autodeploy.journal.journal import Listener
from autodeploy.runner import Play, host_alias, pin, started, write_inventory
from autodeploy.sheriff.reports import reports_of

PLAYBOOK, TOPIC = "roles/scan.yml", "scan"


def scan_hosts(
    spec: InfrastructureSpec, ports: tuple[int, ...], listener: Listener | None = None
) -> tuple[TopicReport, ...]:
    """What the hosts tell of themselves; of one that cannot be asked, why.

    Args:
        spec: The hosts.
        ports: TCP ports that they are meant to have, besides SSH's.
        listener: Hears what is looked at.
    """
    declared = sorted({*ports, *(host.port for host in spec.hosts)})
    with tempfile.TemporaryDirectory(prefix="autodeploy-") as made:
        folder = Path(made)
        log = notebook(spec, folder, "sheriff", listener)
        inventory = write_inventory(
            spec, folder / "scan.json", pin(spec.hosts, folder), {"scan_ports": declared}
        )
        why = "the role told nothing"
        with started(Play(playbook=PLAYBOOK, inventory=inventory), log, "sheriff") as scanning:
            try:
                scanning.wait()
            except HostError as error:
                why = ": ".join(filter(None, (error.message, error.cause)))
            facts = dict(scanning.facts)
    told: list[TopicReport] = []
    for host in spec.hosts:
        reports = reports_of(host.name, facts.get(host_alias(spec, host), {}))
        lost = TopicReport(host=host.name, topic=TOPIC, not_verified=(f"not scanned: {why}",))
        told += [one for one in reports if one.topic == TOPIC] or [lost]
    return tuple(told)
