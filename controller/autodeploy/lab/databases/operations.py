"""What is done with a database, and what the API says of it meanwhile and afterwards."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from pathlib import Path

from moto.rds.models import DBSnapshot

from autodeploy.errors import AutodeployError
from autodeploy.lab.databases import placement
from autodeploy.lab.databases.database import Database, Order
from autodeploy.lab.databases.ground import Ground
from autodeploy.lab.databases.model import LabDBInstance, new_password
from autodeploy.lab.databases.parameters import without_reboot
from autodeploy.lab.databases.server import Server

BACKUP, CONFIGURATION, FAILURE = "backup", "configuration change", "failure"
Error = AutodeployError | OSError


def nothing() -> None:
    """Do nothing."""


def make(ground: Ground, database: LabDBInstance, password: str | None, dump: Path | None) -> None:
    """Begin to make a database, with what a dump holds where there is one.

    Args:
        ground: The lab.
        database: Its model.
        password: The master user's; None lets a restored database keep the dump's.
        dump: Its contents; None where it is to be empty.
    """
    if database.manage_master_user_password:
        password = database.master_user_secret.password
    user, first = str(database.master_username), database.db_name

    def fill(server: Server) -> None:
        if dump is None:
            server.create_master(user, str(password), first)
            return
        server.restore(dump)
        if password:
            server.set_password(user, password)

    name = f"db-{uuid.uuid4().hex[:12]}"
    order = Order(
        spec=placement.host(name, database.kind.image, database.place),
        engine=database.kind,
        endpoint=database.address,
        port=database.listens,
    )
    database.real = Database(ground.site, ground.vpcs, order)
    message = "DB instance created" if dump is None else "Restored from snapshot"
    database.real.create(database.wanted_values(), fill, database.watch(message))


def change_password(
    database: LabDBInstance, password: str | None, accepted: Callable[[], None] = nothing
) -> None:
    """Begin to change it; without a new password it is `modifying` only for a moment.

    Args:
        database: The database.
        password: The master user's new password.
        accepted: Called once it is valid.
    """
    database.become("modifying")
    user = str(database.master_username)

    def work(server: Server) -> None:
        if password:
            server.set_password(user, password)

    def done() -> None:
        accepted()
        message = "Reset master credentials" if password else ""
        database.become("available", message, CONFIGURATION)

    database.existing().run(work, done, database.fail)


def rotate(database: LabDBInstance, version: str) -> None:
    """Begin to give a managed master user another password, the secret's next version."""
    secret, password = database.master_user_secret, new_password()
    change_password(database, password, lambda: secret.replace(password, version))


def reboot(database: LabDBInstance) -> None:
    """Begin to restart its server; all of its parameters are valid afterwards."""
    database.become("rebooting")

    def done() -> None:
        database.parameter_apply_status = "in-sync"
        database.become("available", "DB instance restarted", "availability")

    database.existing().restart(database.wanted_values(), done, database.fail)


def back_up(
    database: LabDBInstance, snapshot: DBSnapshot, dump: Path, then: Callable[[], None]
) -> None:
    """Begin to dump it.

    Args:
        database: The database; `backing-up` until `then` says otherwise.
        snapshot: Its snapshot; `creating` until the dump is complete.
        dump: Where the dump goes.
        then: Called once it is complete.
    """
    snapshot.status = "creating"
    database.become("backing-up", "Backing up DB instance", BACKUP)

    def done() -> None:
        snapshot.status = "available"
        database.tell("Finished DB instance backup", BACKUP)
        then()

    def failed(error: Error) -> None:
        snapshot.status = "failed"
        dump.unlink(missing_ok=True)
        database.become("available", f"The backup failed: {error}", FAILURE)

    database.existing().run(lambda server: server.dump(dump), done, failed)


def delete(
    database: LabDBInstance,
    snapshot: DBSnapshot | None,
    dump: Path | None,
    forget: Callable[[], None],
) -> None:
    """Begin to delete it; where its last dump fails it lives on.

    Args:
        database: The database; `deleting` until it is gone.
        snapshot: Its final snapshot.
        dump: Where that snapshot's dump goes.
        forget: Called when nothing of it is left.
    """
    database.status = "deleting"

    def done() -> None:
        if snapshot:
            snapshot.status = "available"
        forget()

    def failed(error: Error) -> None:
        database.status = "available"
        if snapshot:
            snapshot.status = "failed"
        database.tell(f"It was not deleted: {error}", FAILURE)

    database.existing().delete(dump, done, failed)


def apply_parameters(database: LabDBInstance) -> None:
    """Give a running server what its group says, as far as no reboot is needed."""
    if database.status != "available":
        return
    real, wanted = database.existing(), database.wanted_values()
    at_once = without_reboot(database.kind, real.values, wanted)
    database.parameter_apply_status = "applying"

    def done() -> None:
        database.parameter_apply_status = "in-sync" if at_once == wanted else "pending-reboot"

    def failed(error: Error) -> None:
        database.parameter_apply_status = "failed-to-apply"
        database.tell(f"Parameters were not applied: {error}", FAILURE)

    real.apply(at_once, done, failed)
