"""The application's own user on its database, made through the application's hosts."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from autodeploy.contracts import Database, InfrastructureSpec
from autodeploy.deployer.database.authorities import authorities
from autodeploy.deployer.database.variables import CA_FILE
from autodeploy.journal import AgentLog
from autodeploy.runner import Play, host_alias, pin, run, write_inventory
from autodeploy.settings import FORKS


@dataclass(frozen=True)
class DatabaseLogins:
    """Who logs in.

    Attributes:
        password: The application's user's.
        master: The master user; empty where the application's is known to be in order.
        master_password: The master user's.
    """

    password: str = field(repr=False)
    master: str = ""
    master_password: str = field(default="", repr=False)


def prepare_database(
    spec: InfrastructureSpec,
    database: Database,
    logins: DatabaseLogins,
    folder: Path,
    log: AgentLog,
    forks: int = FORKS,
) -> bool:
    """See that the application's user can use its database, and nothing else; give what changed.

    Every host gets the certificates of RDS's authorities; the first makes the user. The master is
    asked only where something about the user is not in order.

    Args:
        spec: The hosts, prepared.
        database: The database, which lets the hosts in.
        logins: The passwords.
        folder: The application's private folder.
        log: The Deployer's log.
        forks: On how many hosts at once.

    Returns:
        Whether anything was changed.

    Raises:
        TaskFailed: The user could not be made.
        EndpointUnreachable: AWS's certificates could not be fetched.
    """
    variables = role_variables(spec, database, logins)
    # In the lab the hosts have the file from the start.
    variables["database_ca"] = authorities(folder) if spec.target == "aws" else ""
    known_hosts = pin(spec.hosts, folder)
    inventory = write_inventory(spec, folder / "database.json", known_hosts, variables)
    play = Play(playbook="site.yml", inventory=inventory, tags=("database",), forks=forks)
    return run(play, log, "deployer", role_secrets(logins)).changed


def role_variables(
    spec: InfrastructureSpec, database: Database, logins: DatabaseLogins
) -> dict[str, Any]:
    """The role's variables that may be seen."""
    return {
        "database_engine": database.engine,
        "database_host": database.host,
        "database_port": database.port,
        "database_name": database.name,
        "database_user": database.user,
        "database_master": logins.master,
        "database_asked_by": host_alias(spec, spec.hosts[0]),
        "database_ca_file": CA_FILE,
    }


def role_secrets(logins: DatabaseLogins) -> dict[str, str]:
    """Those that may not."""
    return {
        "database_password": logins.password,
        "database_master_password": logins.master_password,
    }
