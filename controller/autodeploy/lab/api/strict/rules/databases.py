"""Databases, their subnet groups, parameter groups and snapshots."""

from __future__ import annotations

from typing import Any

from autodeploy.lab.api.protocol import Refusal
from autodeploy.lab.api.strict.account import Account
from autodeploy.lab.api.strict.rules import Parameters, Rule

PASSWORD_LENGTH = 8
ZONES = 2


def create(account: Account, asked: Parameters) -> Refusal | None:
    """A subnet group that is there, and one password that is long enough."""
    group = asked.get("DBSubnetGroupName")
    if group and group.lower() not in {one.lower() for one in account.rds.subnet_groups}:
        return Refusal(
            code="DBSubnetGroupNotFoundFault", message=f"DB subnet group '{group}' does not exist."
        )
    password = asked.get("MasterUserPassword")
    if password is not None and asked.get("ManageMasterUserPassword"):
        return Refusal(
            code="InvalidParameterCombination",
            message="You can't specify MasterUserPassword when ManageMasterUserPassword is set.",
        )
    if password is not None and len(password) < PASSWORD_LENGTH:
        return Refusal(
            code="InvalidParameterValue",
            message="The parameter MasterUserPassword is not a valid password because it is "
            f"shorter than {PASSWORD_LENGTH} characters.",
        )
    return None


def delete(account: Account, asked: Parameters) -> Refusal | None:
    """Not while it is deleted, not without a word on its last snapshot, nor with one too early."""
    database = account.database(asked.get("DBInstanceIdentifier"))
    if database is None:
        return None
    skip, final = asked.get("SkipFinalSnapshot"), asked.get("FinalDBSnapshotIdentifier")
    if database.status == "deleting" or (database.status == "creating" and final):
        return _state(database, "deleted")
    if skip and final:
        return Refusal(
            code="InvalidParameterCombination",
            message="FinalDBSnapshotIdentifier can not be specified when deleting a database "
            "instance with SkipFinalSnapshot.",
        )
    if not skip and not final and database.db_cluster_identifier is None:
        return Refusal(
            code="InvalidParameterCombination",
            message="FinalDBSnapshotIdentifier is required unless SkipFinalSnapshot is specified.",
        )
    return None


def only_available(account: Account, asked: Parameters) -> Refusal | None:
    """What is done to a database that is available only."""
    database = account.database(asked.get("DBInstanceIdentifier"))
    if database is None or database.status == "available":
        return None
    return _state(database, "rebooted or copied")


def modify(account: Account, asked: Parameters) -> Refusal | None:
    """Not while it is being made or deleted."""
    database = account.database(asked.get("DBInstanceIdentifier"))
    changing = database is not None and database.status in ("creating", "deleting")
    return _state(database, "modified") if changing else None


def _state(database: Any, wanted: str) -> Refusal:
    name, status = database.db_instance_identifier, database.status
    return Refusal(
        code="InvalidDBInstanceState",
        message=f"Instance {name} is {status} and cannot be {wanted}.",
    )


def create_subnet_group(account: Account, asked: Parameters) -> Refusal | None:
    """A free name and two zones."""
    name = asked.get("DBSubnetGroupName", "")
    if name.lower() in {one.lower() for one in account.rds.subnet_groups}:
        return Refusal(
            code="DBSubnetGroupAlreadyExists", message=f"The DB subnet group '{name}' exists."
        )
    known = [one for zone in account.ec2.subnets.values() for one in zone.values()]
    wanted = set(asked.get("SubnetIds", ()))
    found = [one for one in known if one.id in wanted]
    if len(found) == len(wanted) and len({one.availability_zone for one in found}) < ZONES:
        return Refusal(
            code="DBSubnetGroupDoesNotCoverEnoughAZs",
            message="The DB subnet group doesn't meet Availability Zone (AZ) coverage requirement. "
            "Add subnets to cover at least 2 AZs.",
        )
    return None


def delete_subnet_group(account: Account, asked: Parameters) -> Refusal | None:
    """A database keeps it."""
    name = asked.get("DBSubnetGroupName", "").lower()
    # One without a group lives in the default VPC.
    groups = (getattr(one, "db_subnet_group", None) for one in account.databases())
    if not any(group and group.name == name for group in groups):
        return None
    return Refusal(
        code="InvalidDBSubnetGroupStateFault",
        message=f"Cannot delete the subnet group '{name}' because at least one database instance "
        "is still using it.",
    )


def delete_parameter_group(account: Account, asked: Parameters) -> Refusal | None:
    """AWS's own stay, and a database keeps its."""
    name = asked.get("DBParameterGroupName", "").lower()
    if name.startswith("default."):
        return Refusal(
            code="InvalidDBParameterGroupState",
            message=f"Default DBParameterGroup cannot be deleted: {name}",
        )
    if not any((one.db_parameter_group_name or "").lower() == name for one in account.databases()):
        return None
    return Refusal(
        code="InvalidDBParameterGroupState",
        message="One or more database instances are still members of this parameter group.",
    )


RULES: dict[str, Rule] = {
    "rds:CreateDBInstance": create,
    "rds:DeleteDBInstance": delete,
    "rds:ModifyDBInstance": modify,
    "rds:CreateDBSnapshot": only_available,
    "rds:RebootDBInstance": only_available,
    "rds:CreateDBSubnetGroup": create_subnet_group,
    "rds:DeleteDBSubnetGroup": delete_subnet_group,
    "rds:DeleteDBParameterGroup": delete_parameter_group,
}
