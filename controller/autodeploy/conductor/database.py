"""The application's database between the agents that know of it."""

from __future__ import annotations

from pathlib import Path

from autodeploy import deployer, provisioner
from autodeploy.aws import Cloud
from autodeploy.contracts import InfrastructureSpec, TechStack
from autodeploy.journal import AgentLog
from autodeploy.journal.events import HostPrepared

PREPARED = "database"
"""Its name among what is prepared; hosts are called otherwise."""


def variables(
    cloud: Cloud | None,
    spec: InfrastructureSpec,
    stack: TechStack,
    known: str | None,
    folder: Path,
    log: AgentLog,
    forks: int,
) -> deployer.Given:
    """How the application reaches its database, once its user there is in order.

    Args:
        cloud: Where the passwords are.
        spec: The database, and the hosts that reach it.
        stack: For the form of the address.
        known: Fingerprint of what is in order already: then nothing is done.
        folder: The application's private folder.
        log: The Deployer's log.
        forks: On how many hosts at once.
    """
    if spec.database is None or cloud is None:
        return {}
    password, master = provisioner.passwords(cloud, spec.database)
    fingerprint = deployer.database_fingerprint(spec)
    if known != fingerprint:
        login = master()
        logins = deployer.DatabaseLogins(password, login.user, login.password)
        deployer.prepare_database(spec, spec.database, logins, folder, log, forks)
    log.write(HostPrepared(host=PREPARED, fingerprint=fingerprint))
    return deployer.database_variables(spec.database, password, stack)
