"""What RDS refuses, with its own codes and words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from moto.rds.exceptions import (
    InvalidParameterCombination,
    InvalidParameterValue,
    RDSClientError,
)

from autodeploy.lab.databases import engines, parameters
from autodeploy.lab.databases.engines import Engine

PASSWORD = re.compile(r"[!-~]+")
NOT_IN_PASSWORDS = frozenset('/@" ')
LONGEST_PASSWORD = {"postgresql": 128, "mariadb": 41}
LONGEST_USER = {"postgresql": 63, "mariadb": 16}
RESERVED = frozenset({"rdsadmin", "rds_superuser", "rds_replication", "rds_password"})
RESERVED_IN = {"postgresql": frozenset({"admin", "rdsrepladmin"}), "mariadb": frozenset()}


def engine(name: str, version: str | None) -> Engine:
    """The engine that a call asks for."""
    if not engines.known(name):
        raise InvalidParameterValue("Invalid DB engine")
    found = engines.find(name, version)
    if found is None:
        raise InvalidParameterCombination(f"Cannot find version {version} for {name}")
    return found


def master_user(wanted: Engine, name: str | None) -> None:
    """Refuse a name that no master user may have."""
    if not name:
        raise InvalidParameterValue(
            "The parameter MasterUsername must be provided and must not be blank."
        )
    if name.lower() in RESERVED | RESERVED_IN[wanted.product] or name.lower().startswith("pg_"):
        raise InvalidParameterValue(
            f"MasterUsername {name} cannot be used as it is a reserved word used by the engine"
        )
    longest = LONGEST_USER[wanted.product]
    if not re.fullmatch(rf"[A-Za-z][A-Za-z0-9_]{{0,{longest - 1}}}", name):
        raise InvalidParameterValue(
            "The parameter MasterUsername is not a valid identifier. It must begin with a letter"
            f" and contain at most {longest} letters, digits and underscores."
        )


def password(wanted: Engine, text: str | None, managed: bool | None) -> None:
    """Refuse a password that no master user may have; it is in no message."""
    if managed:
        if text:
            raise InvalidParameterCombination(
                "You can't specify MasterUserPassword when ManageMasterUserPassword is enabled."
            )
        return
    what = "The parameter MasterUserPassword"
    if not text:
        raise InvalidParameterValue(f"{what} must be provided and must not be blank.")
    longest = LONGEST_PASSWORD[wanted.product]
    if len(text) < 8 or len(text) > longest:
        side = "shorter than 8" if len(text) < 8 else f"longer than {longest}"
        raise InvalidParameterValue(
            f"{what} is not a valid password because it is {side} characters."
        )
    if not PASSWORD.fullmatch(text) or NOT_IN_PASSWORDS & set(text):
        raise InvalidParameterValue(
            f"{what} is not a valid password. Only printable ASCII characters besides '/', '@',"
            " '\"', ' ' may be used."
        )


def database_name(wanted: Engine, name: str | None) -> None:
    """Refuse a name that no first database may have."""
    longest = 63 if wanted.product == "postgresql" else 64
    if name and not re.fullmatch(rf"[A-Za-z][A-Za-z0-9_]{{0,{longest - 1}}}", name):
        raise InvalidParameterValue(
            "DBName must begin with a letter and contain only alphanumeric characters."
        )


def port(number: int | None) -> None:
    """Refuse a port that no database may have."""
    if number is not None and not 1150 <= number <= 65535:
        raise InvalidParameterValue(
            f"Invalid database port number: {number}. It must be between 1150 and 65535."
        )


def parameter_group(wanted: Engine, name: str | None, family: str | None) -> None:
    """Refuse a parameter group of another family."""
    if family and family != wanted.family:
        raise InvalidParameterCombination(
            f"The Parameter Group {name} with DBParameterGroupFamily {family} can't be used for"
            " this instance. Please use a Parameter Group with DBParameterGroupFamily"
            f" {wanted.family}"
        )


def parameter_values(family: str | None, changed: Iterable[Mapping[str, Any]]) -> None:
    """Refuse parameters that the family's engine does not have, or not with that value."""
    wanted = engines.of_family(family)
    known = {one.name: one for one in parameters.of(wanted)} if wanted else {}
    for one in changed if wanted else ():
        name, value = one["ParameterName"], str(one.get("ParameterValue", ""))
        if name not in known:
            raise InvalidParameterValue(f"Could not find parameter with name: {name}")
        if not known[name].accepts(value):
            raise InvalidParameterValue(
                f"Invalid parameter value: {value} for: {name} allowed values are:"
                f" {known[name].allowed}"
            )
        if known[name].static and one.get("ApplyMethod", "immediate") == "immediate":
            raise InvalidParameterCombination(
                "cannot use immediate apply method for static parameter"
            )


def state(identifier: str, status: str, *allowed: str) -> None:
    """Refuse to work on a database that is not in one of these states."""
    if status not in allowed:
        raise RDSClientError(
            "InvalidDBInstanceState",
            f"Database instance {identifier} is not in {allowed[0]} state.",
        )


def deletion(database: Any, final: str | None, skip: bool | None) -> None:
    """Refuse a deletion that is protected against, comes twice, or leaves the data's fate open."""
    name = database.db_instance_identifier
    if database.status == "deleting":
        raise RDSClientError("InvalidDBInstanceState", f"Instance {name} is already being deleted.")
    if database.deletion_protection:
        raise InvalidParameterCombination(
            "Cannot delete protected DB Instance, please disable deletion protection and try again."
        )
    if skip and final:
        raise InvalidParameterCombination(
            "FinalDBSnapshotIdentifier can not be specified when SkipFinalSnapshot is specified."
        )
    if not skip and not final:
        raise InvalidParameterCombination(
            "FinalDBSnapshotIdentifier is required unless SkipFinalSnapshot is specified."
        )
    if final and database.status != "available":
        raise RDSClientError(
            "InvalidDBInstanceState",
            f"Cannot create a snapshot because the database instance {name} is not currently in"
            " the available state.",
        )


def snapshot_state(identifier: str, status: str) -> None:
    """Refuse to work on a snapshot that is not complete."""
    if status != "available":
        raise RDSClientError(
            "InvalidDBSnapshotState", f"Snapshot {identifier} is not in available state."
        )


def combination(message: str) -> RDSClientError:
    """The refusal of parameters that do not go together."""
    return InvalidParameterCombination(message)


def unsupported(what: str) -> RDSClientError:
    """The refusal of what RDS has and the lab has not."""
    return RDSClientError("InvalidParameterCombination", f"The lab's RDS {what}.")
