"""The managed database that an application has, asked of RDS."""

from __future__ import annotations

from collections.abc import Iterable

from autodeploy.aws import Cloud
from autodeploy.contracts import Database, Resource
from autodeploy.errors import ResourceFailed
from autodeploy.provisioner import kinds, rds
from autodeploy.provisioner.database import DATABASE, database_of
from autodeploy.provisioner.kinds import Found
from autodeploy.provisioner.kinds.secret import DATABASE_SECRET

AWAY = frozenset({"creating", "starting", "stopping", "stopped", "rebooting", "deleting"})
"""States in which nobody reaches it; while RDS backs it up or changes it, it can be used."""


def managed_database(
    cloud: Cloud, application: str, resources: Iterable[Resource]
) -> Database | None:
    """Where it is now; None where the application has none.

    Args:
        cloud: Where.
        application: Its name.
        resources: The application's.

    Raises:
        ResourceFailed: It cannot be reached.
        CloudError: AWS could not be asked.
    """
    ids = {one.key: one.id for one in resources}
    if DATABASE not in ids or DATABASE_SECRET not in ids:
        return None
    record = rds.described(cloud, ids[DATABASE])
    if not rds.is_available(record) and record["DBInstanceStatus"] in AWAY:
        raise ResourceFailed(f"the database {ids[DATABASE]} is {record['DBInstanceStatus']}")
    made = (
        Found(DATABASE, kinds.Database.type, ids[DATABASE], record),
        Found(DATABASE_SECRET, kinds.Secret.type, ids[DATABASE_SECRET], {}),
    )
    return database_of(made, application)
