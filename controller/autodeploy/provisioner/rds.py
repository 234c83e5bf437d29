"""What RDS says of a DB instance, and what that means."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from autodeploy.aws import Cloud
from autodeploy.aws.errors import is_gone
from autodeploy.errors import CloudError, ResourceFailed

BROKEN = frozenset(
    {
        "failed",
        "inaccessible-encryption-credentials",
        "insufficient-capacity",
        "restore-error",
        "storage-full",
    }
)
INCOMPATIBLE = "incompatible-"
"""So begin the states in which the network, an option or a parameter keeps it from working."""
WITHOUT_SNAPSHOT = frozenset(
    {"failed", "incompatible-network", "incompatible-restore", "restore-error"}
)
"""States in which RDS makes no last snapshot."""
EVENTS = "aws rds describe-events --source-type db-instance --source-identifier"


def described(cloud: Cloud, identifier: str) -> Mapping[str, Any]:
    """Its description.

    Raises:
        CloudError: There is none (any more), or AWS could not be asked.
    """
    answer = cloud.rds().describe_db_instances(DBInstanceIdentifier=identifier)
    return answer["DBInstances"][0]


def is_available(record: Mapping[str, Any]) -> bool:
    """Whether it can be used: it has an address, and a master whose password is in a secret.

    Raises:
        ResourceFailed: It never will be, unless somebody mends it.
    """
    _refuse_broken(record)
    secret = record.get("MasterUserSecret", {})
    has_master = bool(secret.get("SecretArn")) and secret.get("SecretStatus") != "creating"
    has_address = bool(record.get("Endpoint", {}).get("Address"))
    return record["DBInstanceStatus"] == "available" and has_master and has_address


def is_deleting(record: Mapping[str, Any]) -> bool:
    """Whether its end has begun."""
    return bool(record["DBInstanceStatus"] == "deleting")


def is_deleted(cloud: Cloud, identifier: str) -> bool:
    """Whether one whose deletion was begun is gone.

    Raises:
        ResourceFailed: It is not being deleted any more.
    """
    try:
        record = described(cloud, identifier)
    except CloudError as error:
        if is_gone(error):
            return True
        raise
    if is_deleting(record):
        return False
    raise ResourceFailed(
        f"the database {identifier} is {record['DBInstanceStatus']} though it was to be deleted",
        cause="its last snapshot could not be made",
        remediation=f"`{EVENTS} {identifier}` says why; then try again.",
    )


def last_backup(record: Mapping[str, Any]) -> dict[str, Any]:
    """What DeleteDBInstance is to keep: a last snapshot, else the automated backups.

    Raises:
        ResourceFailed: It holds data of which RDS makes no snapshot now.
    """
    if record["DBInstanceStatus"] in WITHOUT_SNAPSHOT:
        return {"SkipFinalSnapshot": True, "DeleteAutomatedBackups": False}
    _refuse_broken(record)
    name = f"{record['DBInstanceIdentifier']}-{datetime.now(UTC):%Y%m%dt%H%M%S}"
    return {"FinalDBSnapshotIdentifier": name, "DeleteAutomatedBackups": True}


def groups_of(record: Mapping[str, Any]) -> set[str]:
    """The security groups that it is in, or soon will be."""
    memberships = record.get("VpcSecurityGroups", ())
    return {one["VpcSecurityGroupId"] for one in memberships if one["Status"] != "removing"}


def _refuse_broken(record: Mapping[str, Any]) -> None:
    status, identifier = record["DBInstanceStatus"], record["DBInstanceIdentifier"]
    if status in BROKEN or status.startswith(INCOMPATIBLE):
        raise ResourceFailed(
            f"the database {identifier} is {status}",
            remediation=f"`{EVENTS} {identifier}` says why: mend that, then try again. One that "
            "never worked goes with `autodeploy destroy`.",
        )
