"""The application's managed database: which resources it takes, what others hear of it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal, NamedTuple

from autodeploy import contracts
from autodeploy.provisioner.kinds import (
    Database,
    DatabaseSubnetGroup,
    Desired,
    Found,
    Rule,
    Secret,
    SecurityGroup,
)
from autodeploy.provisioner.kinds.database import database_name
from autodeploy.provisioner.kinds.database_subnet_group import KEY as SUBNET_GROUP
from autodeploy.provisioner.kinds.secret import DATABASE_SECRET
from autodeploy.provisioner.kinds.security_group import GROUPS

DATABASE = "database"
GROUP = "security-group-db"
KEYS = frozenset({DATABASE, GROUP, DATABASE_SECRET, SUBNET_GROUP})


class Engine(NamedTuple):
    """An engine, by RDS's name of it, and where it listens."""

    rds: str
    port: int


ENGINES = {"postgresql": Engine("postgres", 5432), "mysql": Engine("mysql", 3306)}
NAMES: dict[str, Literal["postgresql", "mysql"]] = {"postgres": "postgresql", "mysql": "mysql"}


def database(
    engine: str | None, instance_class: str, app_group: str, subnets: tuple[str, ...]
) -> Iterator[Desired]:
    """What a database takes, dependencies first; nothing without an engine.

    Args:
        engine: `postgresql` or `mysql`.
        instance_class: RDS's type.
        app_group: Logical name of the only security group that it lets in.
        subnets: Logical names of private subnets in two zones.
    """
    if engine is None:
        return
    wanted = ENGINES[engine]
    rule = Rule(app_group, wanted.port, wanted.port, kind=GROUPS)
    yield SecurityGroup(GROUP, vpc="vpc", ingress=frozenset({rule}))
    yield DatabaseSubnetGroup(SUBNET_GROUP, subnets)
    yield Secret(DATABASE_SECRET)
    yield Database(
        DATABASE,
        engine=wanted.rds,
        instance_class=instance_class,
        subnet_group=SUBNET_GROUP,
        group=GROUP,
        secret=DATABASE_SECRET,
    )


def database_of(made: Iterable[Found], application: str) -> contracts.Database | None:
    """The database among what is ready; None where there is none (yet)."""
    found = {one.key: one for one in made}
    if DATABASE not in found:
        return None
    record = found[DATABASE].record
    return contracts.Database(
        engine=NAMES[record["Engine"]],
        host=record["Endpoint"]["Address"],
        port=record["Endpoint"]["Port"],
        name=record["DBName"],
        user=database_name(application),
        secret=found[DATABASE_SECRET].id,
        master_secret=record["MasterUserSecret"]["SecretArn"],
    )
