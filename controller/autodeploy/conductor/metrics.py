"""`metrics`: what was measured of an application; of hosts that exist, how they are now."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from autodeploy import deployer, provisioner
from autodeploy.conductor.access import access, hosts_of
from autodeploy.conductor.command import Environment
from autodeploy.contracts import ApplicationState, Metrics, Series
from autodeploy.errors import HostError
from autodeploy.runner import login_key, pin, stream


def metrics(
    known: ApplicationState,
    since: datetime,
    until: datetime,
    environment: Environment,
    failed: Callable[[HostError], None],
) -> Metrics:
    """What CloudWatch has measured; of hosts that exist, nobody does, so they are asked.

    Args:
        known: The application.
        since: The beginning, UTC.
        until: Now.
        environment: Where the Conductor works.
        failed: Told of a host that could not be asked; the others are.

    Raises:
        NotDeployed: It has no host yet.
        CloudError: AWS could not be asked.
    """
    hosts = hosts_of(known, None)
    if known.target != "ssh":
        return provisioner.measured(environment.open_cloud(), known.resources, since, until)
    folder = environment.store.application_folder(known.application, known.environment)
    key, known_hosts = login_key(folder), pin(known.hosts, folder)

    found: list[Series] = []
    with access(known, environment):
        for host in hosts:
            try:
                with stream(host, key, known_hosts, deployer.USAGE) as lines:
                    found += deployer.usage(host.name, lines, until)
            except HostError as error:
                failed(error)
    return Metrics(since=until, until=until, period=0, series=tuple(found))
