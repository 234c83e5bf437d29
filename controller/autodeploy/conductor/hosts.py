"""`hosts`: what an application runs on, how it is now, and which of it another may replace."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from autodeploy import deployer, provisioner
from autodeploy.conductor.access import hosts_of
from autodeploy.conductor.command import Environment
from autodeploy.contracts import ApplicationState, DeploymentConfig, Host
from autodeploy.errors import UsageError
from autodeploy.provisioner import HostSeen, Owner

GONE = "gone"


@dataclass(frozen=True)
class ShownHost:
    """One host and how it is.

    Attributes:
        host: It.
        release: What runs there; None for nothing that is known.
        health: `healthy`, what its load balancer or EC2 says otherwise, `gone`, `no good answer`;
            None where nothing tells, as of workers on hosts that exist.
        zone: Its availability zone; None where hosts exist.
        instance_type: EC2's; None there too.
        since: When it was started; None there too.
    """

    host: Host
    release: str | None
    health: str | None
    zone: str | None = None
    instance_type: str | None = None
    since: datetime | None = None


def hosts(known: ApplicationState, environment: Environment) -> list[ShownHost]:
    """Every host, looked at now.

    Raises:
        CloudError: AWS could not be asked.
    """
    seen: Mapping[str, HostSeen] = {}
    if known.target != "ssh":
        owner = Owner(
            application=known.application, environment=known.environment, deployment=known.last.id
        )
        seen = provisioner.hosts_seen(environment.open_cloud(), owner, known.resources)
    running = known.live.deployment if known.live else None
    with ThreadPoolExecutor() as pool:
        shown = lambda host: _shown(host, known, running, seen, environment.authority)  # noqa: E731
        return list(pool.map(shown, known.hosts))


def _shown(
    host: Host,
    known: ApplicationState,
    running: DeploymentConfig | None,
    seen: Mapping[str, HostSeen],
    authority: Path | None,
) -> ShownHost:
    release = running.release if running and host.name in running.hosts else None
    if known.target == "ssh":
        return ShownHost(host, release, _answers(host, running, authority))
    found = seen.get(host.instance_id or "")
    if found is None:
        return ShownHost(host, release, GONE)
    health = found.state if found.state != "running" else found.balancer
    health = health or _answers(host, running, authority) or found.state
    return ShownHost(host, release, health, found.zone, found.instance_type, found.since)


def _answers(host: Host, running: DeploymentConfig | None, authority: Path | None) -> str | None:
    """How it answers from here; None where no client reaches it."""
    if running is None or running.url is None or running.load_balancer:
        return None
    parts = urlsplit(running.url)
    # A certificate is the domain's, and not an address's.
    by_name = parts.scheme == "https"
    port = f":{parts.port}" if parts.port else ""
    url = running.url if by_name else f"{parts.scheme}://{host.address}{port}/"
    outside = deployer.Outside(url, host.address if by_name else None, authority)
    return "healthy" if deployer.is_live(outside, running) else "no good answer"


def replaceable(known: ApplicationState, name: str | None) -> list[Host]:
    """The hosts that others may take the place of: the one of this name, or all.

    Raises:
        UsageError: The hosts are the user's own.
        NotDeployed: There is none.
    """
    if known.target == "ssh":
        raise UsageError(
            f"the hosts of {known.application} are yours: nothing here makes another",
            remediation="Deploy with --host for each host that is to be, the new one among them; "
            "what is named no more is left clean.",
        )
    return hosts_of(known, name)
