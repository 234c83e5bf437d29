"""`cron`: what runs at given times, and how it went."""

from __future__ import annotations

from autodeploy import deployer
from autodeploy.conductor.access import login
from autodeploy.conductor.command import Environment
from autodeploy.contracts import ApplicationState, DeploymentConfig
from autodeploy.runner import stream


def jobs(
    known: ApplicationState, running: DeploymentConfig, environment: Environment
) -> list[deployer.JobSeen]:
    """The jobs of what is live, as the host that runs them knows them.

    Raises:
        HostError: It cannot be asked.
        CloudError: AWS refused to let SSH in.
    """
    if not running.jobs:
        return []
    with login(known, running.hosts[0], environment) as way:
        asked = deployer.question(known.application, running)
        with stream(way.host, way.key, way.known_hosts, asked) as lines:
            return deployer.seen(known.application, running, "\n".join(lines))
