"""`db`: an application's managed database, from this machine, through its first host."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from autodeploy import deployer, provisioner
from autodeploy.aws import Cloud
from autodeploy.conductor.access import access, hosts_of
from autodeploy.conductor.command import Environment
from autodeploy.contracts import ApplicationState, Database, TechStack
from autodeploy.errors import NoDatabase
from autodeploy.runner import login_key, pin, tunnel
from autodeploy.settings import DATABASE_URL

HIDDEN = "xxxxx"
"""Stands for a password that is not to be seen."""


@contextmanager
def database_client(
    known: ApplicationState, environment: Environment
) -> Iterator[deployer.database.Client]:
    """The clients of the application's database, which reach it inside the `with`.

    Raises:
        NoDatabase: It has none that is managed.
        ToolMissing: This machine lacks the clients.
        HostUnreachable: The host that leads to it does not answer.
        CloudError: AWS refused, or could not be asked.
    """
    cloud, found = _found(known, environment)
    deployer.database.refuse_missing(found)
    first, *_others = hosts_of(known, None)
    folder = environment.store.application_folder(known.application, known.environment)
    password, _master = provisioner.passwords(cloud, found)
    authorities = environment.authority or deployer.database.authorities_file(folder)
    with (
        access(known, environment),
        tunnel(first, login_key(folder), pin(known.hosts, folder), found.host, found.port) as port,
        deployer.database.client(found, port, authorities, password) as client,
    ):
        yield client


def database_url(known: ApplicationState, environment: Environment, *, reveal: bool) -> str:
    """The `DATABASE_URL` that the application has; its password is read only to be revealed.

    Raises:
        NoDatabase: It has none that is managed.
        CloudError: AWS refused, or could not be asked.
    """
    cloud, found = _found(known, environment)
    password = provisioner.passwords(cloud, found)[0] if reveal else HIDDEN
    stack = next((one.stack for one in (known.live, known.last) if one and one.stack), None)
    return deployer.database.database_url(found, password, stack or TechStack())


def restore_database(
    known: ApplicationState,
    environment: Environment,
    file: Path,
    before: Path | None,
    heard: deployer.database.Heard,
    lock_wait: int,
) -> None:
    """Replace what is in the application's database by what a dump holds.

    Nobody deploys meanwhile. The application's processes run on.

    Args:
        known: The application.
        environment: Where the Conductor works.
        file: The dump.
        before: Where what is there now is kept first; None for nowhere.
        heard: Told of bytes.
        lock_wait: Seconds to wait for another controller.

    Raises:
        LeaseHeld: Another controller works on the application.
        DumpRefused: The file is no whole dump of the engine; nothing was changed.
        DatabaseFailed: The database refused it.
        AutodeployError: As `database_client`.
    """
    store = environment.store
    with (
        store.lease(known.application, known.environment, "db restore", lock_wait) as lease,
        database_client(known, environment) as client,
    ):
        deployer.database.refuse_broken(client.engine, file)
        if before:
            deployer.database.backup(client, before, heard)
            store.say(f"what was there is kept in {before}")
        lease.check()
        try:
            deployer.database.restore(client, file, heard)
        except BaseException:
            store.say(_what_is_left(client, before))
            raise


def _what_is_left(client: deployer.database.Client, before: Path | None) -> str:
    if client.engine.is_atomic:
        return "the database is as it was: a restore is all or nothing"
    how = f"restore {before}" if before else "restore a whole dump"
    return f"the database may be half restored: {how} before the application goes on"


def _found(known: ApplicationState, environment: Environment) -> tuple[Cloud, Database]:
    if known.target == "ssh":
        raise _none(known, "on hosts that exist nothing is managed but the application")
    # One that an application has left may be there yet: what it has now is elsewhere.
    if (known.live or known.last).settings.get("database") is False:
        raise _none(known, f"its settings bring one of its own ({DATABASE_URL}), or leave it out")
    cloud = environment.open_cloud()
    found = provisioner.managed_database(cloud, known.application, known.resources)
    if found is None:
        raise _none(known, "it was deployed without one")
    return cloud, found


def _none(known: ApplicationState, why: str) -> NoDatabase:
    return NoDatabase(f"{known.application} has no managed database", cause=why)
