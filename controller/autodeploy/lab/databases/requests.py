"""What calls ask for, checked before anything is made or changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from moto.rds.exceptions import DBInstanceAlreadyExists, DBParameterGroupNotFoundError
from moto.rds.models import DBSnapshot, RDSBackend

from autodeploy.lab.databases import rules
from autodeploy.lab.databases.engines import Engine
from autodeploy.lab.databases.model import LabDBInstance

# What moto would hand on from a snapshot's database to the one that is restored from it.
OWN = frozenset({"kind", "place", "real", "master_user_password", "availability_zone"})
UNCHANGEABLE = ("new_db_instance_identifier", "db_port_number", "publicly_accessible")


@dataclass(frozen=True)
class Restored:
    """Where a new database's contents come from.

    Attributes:
        snapshot: The snapshot.
        asked: What the call says of the new database.
    """

    snapshot: DBSnapshot
    asked: Mapping[str, Any]

    def arguments(self, kwargs: Mapping[str, Any]) -> dict[str, Any]:
        """What moto is to be given for the new database, less what is the old one's alone."""
        inherited = {name: one for name, one in kwargs.items() if name not in OWN}
        zone = self.asked.get("availability_zone")
        protection = bool(self.asked.get("deletion_protection"))
        return {**inherited, "availability_zone": zone, "deletion_protection": protection}


def creation(backend: RDSBackend, asked: Mapping[str, Any], restored: bool) -> Engine:
    """The engine of a database that may be made; a restored one has its master user already."""
    name = asked["db_instance_identifier"]
    if name in backend.databases:
        raise DBInstanceAlreadyExists
    backend._validate_db_identifier(name)  # noqa: SLF001
    engine = rules.engine(asked["engine"], asked.get("engine_version"))
    rules.port(asked.get("port"))
    if not restored:
        rules.master_user(engine, asked.get("master_username"))
        managed = asked.get("manage_master_user_password")
        rules.password(engine, asked.get("master_user_password"), managed)
        rules.database_name(engine, asked.get("db_name"))
    _parameter_group(backend, engine, asked.get("db_parameter_group_name"))
    return engine


def modification(backend: RDSBackend, database: LabDBInstance, asked: Mapping[str, Any]) -> None:
    """Refuse a change that may not be made."""
    rules.state(database.db_instance_identifier, database.status, "available")
    for refused in UNCHANGEABLE:
        if asked.get(refused) is not None:
            raise rules.unsupported(f"does not change {refused}")
    if asked.get("engine_version") not in {None, database.engine_version}:
        raise rules.unsupported("does not upgrade engines")
    _parameter_group(backend, database.kind, asked.get("db_parameter_group_name"))
    managed = asked.get("manage_master_user_password")
    password = asked.get("master_user_password")
    if password is not None or managed is False:
        still = database.manage_master_user_password if managed is None else managed
        rules.password(database.kind, password, still)
    if asked.get("rotate_master_user_password") and not database.manage_master_user_password:
        raise rules.combination(
            "You can't rotate the master user password of a DB instance that Amazon RDS doesn't"
            " manage in Secrets Manager."
        )


def _parameter_group(backend: RDSBackend, engine: Engine, name: str | None) -> None:
    if not name or name == f"default.{engine.family}":
        return
    group = backend.db_parameter_groups.get(name)
    if group is None:
        raise DBParameterGroupNotFoundError(name)
    rules.parameter_group(engine, name, group.family)
