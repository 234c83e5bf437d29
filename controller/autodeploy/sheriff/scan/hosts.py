"""What each host is like now: the role `scan`, and what its firewall and hardening are told."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from autodeploy.contracts import Finding, InfrastructureSpec, TopicReport
from autodeploy.errors import HostError
from autodeploy.journal import notebook
from autodeploy.journal.journal import Listener
from autodeploy.runner import Play, host_alias, pin, started, write_inventory
from autodeploy.sheriff.reports import reports_of

PLAYBOOK = "audit.yml"
TOPICS, HARDENING = ("scan", "firewall"), "hardening"


def scan_hosts(
    spec: InfrastructureSpec,
    ports: tuple[int, ...],
    hardening: Mapping[str, Any] | None,
    listener: Listener | None = None,
) -> tuple[TopicReport, ...]:
    """What the hosts tell of themselves; nothing is changed. Of one that cannot be asked, why.

    Args:
        spec: The hosts, and which ports their firewall lets in.
        ports: TCP ports that may listen beyond loopback, besides those and SSH's.
        hardening: The variables of the role that they were hardened with; None where they were not.
        listener: Hears what is looked at.
    """
    ssh = (host.port for host in spec.hosts)
    variables = {
        **(hardening or {}),
        "firewall_ports": list(spec.ingress_ports),
        "scan_ports": sorted({*spec.ingress_ports, *ports, *ssh}),
    }
    unhardened = () if hardening is not None else tuple(host.name for host in spec.hosts)
    with tempfile.TemporaryDirectory(prefix="autodeploy-") as made:
        folder = Path(made)
        log = notebook(spec, folder, "sheriff", listener)
        known_hosts = pin(spec.hosts, folder)
        path = folder / "audit.json"
        inventory = write_inventory(spec, path, known_hosts, variables, secured=unhardened)
        play = Play(playbook=PLAYBOOK, inventory=inventory, check=True)
        why = "the role told nothing"
        with started(play, log, "sheriff") as looking:
            try:
                looking.wait()
            except HostError as error:
                why = ": ".join(filter(None, (error.message, error.cause)))
            facts = dict(looking.facts)
    topics = (*TOPICS, HARDENING) if hardening is not None else TOPICS
    told: list[TopicReport] = []
    for host in spec.hosts:
        reports = reports_of(host.name, facts.get(host_alias(spec, host), {}))
        known = [one for one in reports if one.topic in topics]
        told += [*known, *_lost(host.name, {*topics} - {one.topic for one in known}, why)]
    return tuple(told)


def _lost(host: str, topics: set[str], why: str) -> Iterator[TopicReport]:
    """What is not known of a host is found too: nobody is to take silence for safety."""
    for topic in sorted(topics):
        one = Finding(id="not-looked-at", severity="medium", resource=topic, message=why)
        not_verified = (f"everything: not looked at, {why}",)
        yield TopicReport(host=host, topic=topic, findings=(one,), not_verified=not_verified)
