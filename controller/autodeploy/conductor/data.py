"""`db`: an application's managed database, from this machine, through its first host."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from autodeploy import deployer, provisioner, stopping
from autodeploy.aws import Cloud
from autodeploy.conductor.access import access, hosts_of
from autodeploy.conductor.command import Command, Environment
from autodeploy.conductor.run import alone
from autodeploy.contracts import ApplicationState, Database, TechStack
from autodeploy.errors import NoDatabase, NotDeployed
from autodeploy.runner import Tunnel, login_key, pin, tunnel
from autodeploy.settings import DATABASE_URL

HIDDEN = "xxxxx"
"""Stands for a password that is not to be seen."""


@contextmanager
def database_client(
    known: ApplicationState, environment: Environment, use: deployer.database.Use = "dumps"
) -> Iterator[deployer.database.Client]:
    """The clients of the application's database, which reach it inside the `with`.

    Raises:
        NoDatabase: It has none that is managed.
        ToolMissing: This machine lacks what the use takes.
        HostUnreachable: The host that leads to it does not answer.
        CloudError: AWS refused, or could not be asked.
    """
    with _connected(known, environment, use) as (client, _open):
        yield client


def database_tunnel(
    known: ApplicationState,
    environment: Environment,
    opened: Callable[[deployer.database.Client], object],
) -> None:
    """Lead a port of this machine to the application's database until the user stops that.

    Args:
        known: The application.
        environment: Where the Conductor works.
        opened: Told once the port leads there.

    Raises:
        HostUnreachable: The way there has ended.
        AutodeployError: As `database_client`.
    """
    with _connected(known, environment, "tunnel") as (client, way):
        opened(client)
        way.until_closed()


@contextmanager
def _connected(
    known: ApplicationState, environment: Environment, use: deployer.database.Use
) -> Iterator[tuple[deployer.database.Client, Tunnel]]:
    cloud, found = _found(known, environment)
    deployer.database.refuse_missing(found, use)
    first, *_others = hosts_of(known, None)
    folder = environment.store.application_folder(known.application, known.environment)
    password, _master = provisioner.passwords(cloud, found)
    authorities = environment.authority or deployer.database.authorities_file(folder)
    key, known_hosts = login_key(folder), pin(known.hosts, folder)
    with (
        access(known, environment),
        tunnel(first, key, known_hosts, found.host, found.port) as way,
        deployer.database.client(found, way.port, authorities, password) as client,
    ):
        yield client, way


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
    command: Command,
    environment: Environment,
    file: Path,
    before: Path | None,
    heard: deployer.database.Heard,
) -> None:
    """Replace what is in the application's database by what a dump holds.

    Nobody deploys meanwhile. The application's processes run on.

    Args:
        command: Names the application.
        environment: Where the Conductor works.
        file: The dump.
        before: Where what is there now is kept first; None for nowhere.
        heard: Told of bytes.

    Raises:
        LeaseHeld: Another controller works on the application.
        LeaseLost: Another one has taken it over meanwhile.
        DumpRefused: The file is no whole dump of the engine; nothing was changed.
        DatabaseFailed: The database refused it.
        AutodeployError: As `database_client`.
    """
    store, where = environment.store, command.settings.environment
    with alone("db restore", command, environment):
        # What the user was asked about may have changed while another controller was waited for.
        known = store.application(command.name, where)
        if known is None:
            raise NotDeployed(f"{command.name} ({where}) is not deployed")
        with database_client(known, environment) as client:
            deployer.database.refuse_broken(client.engine, file)
            if before:
                deployer.database.backup(client, before, _until_stopped(heard))
                store.say(f"what was there is kept in {before}")
            restoring = deployer.database.Restoring(client, file, heard)
            try:
                restoring.carry_out()
            except BaseException:
                store.say(_what_is_left(client, restoring, before))
                raise


def _until_stopped(heard: deployer.database.Heard) -> deployer.database.Heard:
    def told(count: int) -> None:
        heard(count)
        stopping.check()

    return told


def _what_is_left(
    client: deployer.database.Client,
    restoring: deployer.database.Restoring,
    before: Path | None,
) -> str:
    if restoring.is_undone:
        return "the database is as it was"
    if client.engine.undone is not None:
        return (
            "the database may be restored, or as it was, and nothing between: look at it with "
            "`autodeploy db shell`"
        )
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
