"""The application's own user on its database, made through the application's hosts."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from autodeploy.contracts import Database, InfrastructureSpec
from autodeploy.deployer.database.authorities import authorities_file
from autodeploy.deployer.database.variables import CA_FILE
from autodeploy.deployer.rollout import Rollout
from autodeploy.runner import host_alias


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
    rollout: Rollout,
    spec: InfrastructureSpec,
    database: Database,
    logins: DatabaseLogins,
    folder: Path,
) -> None:
    """See that the application's user can use its database, and nothing else.

    Every host gets the certificates of RDS's authorities; the first makes the user. The master is
    asked only where something about the user is not in order.

    Args:
        rollout: Over the hosts, prepared.
        spec: The hosts.
        database: The database, which lets the hosts in.
        logins: The passwords.
        folder: The application's private folder.

    Raises:
        TaskFailed: The user could not be made.
        EndpointUnreachable: AWS's certificates could not be fetched.
    """
    # In the lab the hosts have the file from the start.
    bundle = authorities_file(folder).read_text() if spec.target == "aws" else ""
    variables = {**role_variables(spec, database, logins), "database_ca": bundle}
    rollout.give_database(variables, role_secrets(logins))


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
