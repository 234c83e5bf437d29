"""A managed database: an RDS DB instance."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, NamedTuple

from autodeploy.aws import Cloud
from autodeploy.contracts import Outage
from autodeploy.provisioner import rds
from autodeploy.provisioner.kinds.base import Desired, Found, Intend, Look, Site, Step
from autodeploy.provisioner.patience import Patience

STORAGE_GIB = 20
BACKUP_DAYS = 7
MASTER = "autodeploy"
AVAILABLE_SECONDS, CHANGED_SECONDS, LIMIT_SECONDS = 300, 120, 2400  # as a rule; at most
CLASS = "DBInstanceClass"
RESTART = Outage(seconds=CHANGED_SECONDS, reason="the database restarts with its new class")


class Change(NamedTuple):
    """A parameter of ModifyDBInstance, and why it is given."""

    parameter: str
    value: Any
    reason: str


@dataclass(frozen=True)
class Database(Desired):
    """A DB instance that only the hosts reach, encrypted, backed up and protected from deletion.

    Attributes:
        engine: RDS's name of the engine; its version is RDS's default when it is made.
        instance_class: RDS's type.
        subnet_group: Logical name of its subnet group.
        group: Logical name of its security group.
        secret: Logical name of the secret that is made before it.
    """

    type = "AWS::RDS::DBInstance"
    id_field = "DBInstanceIdentifier"
    deletion_seconds = LIMIT_SECONDS
    replacing = "the database is away until an empty one has taken its place"
    engine: str
    instance_class: str
    subnet_group: str
    group: str
    secret: str

    @classmethod
    def describe(cls, look: Look) -> Iterator[Mapping[str, Any]]:
        """See Desired."""
        for page in look.cloud.rds().get_paginator("describe_db_instances").paginate():
            yield from page["DBInstances"]

    @classmethod
    def holds_data(cls, found: Found) -> bool:
        """See Desired."""
        return not rds.is_deleting(found.record)

    def create(self, site: Site, intend: Intend) -> Found:
        """See Desired."""
        intend()
        answer = site.cloud.rds(retries=False).create_db_instance(
            DBInstanceIdentifier=site.owner.short_name,
            DBInstanceClass=self.instance_class,
            DBName=database_name(site.owner.application),
            DBSubnetGroupName=site.ids[self.subnet_group],
            Engine=self.engine,
            MasterUsername=MASTER,
            ManageMasterUserPassword=True,
            VpcSecurityGroupIds=[site.ids[self.group]],
            PubliclyAccessible=False,
            AllocatedStorage=STORAGE_GIB,
            StorageType="gp3",
            StorageEncrypted=True,
            AutoMinorVersionUpgrade=True,
            BackupRetentionPeriod=BACKUP_DAYS,
            CopyTagsToSnapshot=True,
            DeletionProtection=True,
            Tags=site.owner.tags(self.key),  # type: ignore[arg-type]
        )
        return self.found(answer["DBInstance"])

    @property
    def needs(self) -> tuple[str, ...]:
        """See Desired."""
        return (self.subnet_group, self.group, self.secret)

    def outdated(self, found: Found) -> str | None:
        """See Desired: neither engine nor encryption can be changed."""
        if rds.is_deleting(found.record):
            return "is being deleted"
        engine = found.record["Engine"]
        if engine != self.engine:
            return f"its engine is {engine}, not {self.engine}"
        return None if found.record["StorageEncrypted"] else "its storage is not encrypted"

    def lacks(self, found: Found, ids: Mapping[str, str]) -> list[Step]:
        """See Desired."""
        steps = []
        if found.record["DBInstanceStatus"] == "stopped":
            steps.append(Step("is stopped", lambda site: _start(site.cloud, found)))
        if changes := self._changes(found.record, ids):
            reason = "; ".join(one.reason for one in changes)
            restarts = any(one.parameter == CLASS for one in changes)
            outage = RESTART if restarts else None
            steps.append(Step(reason, lambda site: self._modify(site, found), outage))
        return steps

    def _changes(self, record: Mapping[str, Any], ids: Mapping[str, str]) -> list[Change]:
        """What makes `record` as it should be."""
        present, wanted = record["DBInstanceClass"], self.instance_class
        days, group = record["BackupRetentionPeriod"], ids.get(self.group, "none")
        restarts = f"its class is {present}, not {wanted}: it restarts, and is away meanwhile"
        possible = (
            (present != wanted, Change(CLASS, wanted, restarts)),
            (
                not record["DeletionProtection"],
                Change("DeletionProtection", True, "is not protected from deletion"),
            ),
            (
                record["PubliclyAccessible"],
                Change("PubliclyAccessible", False, "has a public address"),
            ),
            (
                days < BACKUP_DAYS,
                Change("BackupRetentionPeriod", BACKUP_DAYS, f"keeps backups for {days} days only"),
            ),
            (
                rds.groups_of(record) != {group},
                Change("VpcSecurityGroupIds", [group], f"is not in {self.group} alone"),
            ),
        )
        return [change for is_wrong, change in possible if is_wrong]

    def _modify(self, site: Site, found: Found) -> None:
        """Make all changes at once, and wait until they are made; again is as good as once."""
        record = rds.described(site.cloud, found.id)
        if not rds.is_available(record):
            record = _until_available(site, found)
        changes = self._changes(record, site.ids)
        if not changes:
            return
        site.cloud.rds(retries=False).modify_db_instance(
            DBInstanceIdentifier=found.id,
            ApplyImmediately=True,
            **{one.parameter: one.value for one in changes},
        )

        def modified() -> bool:
            now = rds.described(site.cloud, found.id)
            return rds.is_available(now) and not self._changes(now, site.ids)

        site.patience.until(
            modified,
            seconds=LIMIT_SECONDS,
            usual=CHANGED_SECONDS,
            what=f"{found.id} to be modified",
        )

    def ready(self, site: Site, found: Found) -> Found:
        """See Desired."""
        if rds.is_available(found.record):
            return found
        return replace(found, record=_until_available(site, found))

    @classmethod
    def delete(cls, cloud: Cloud, found: Found) -> None:
        """See Desired. A state that does not allow it is left to be tried again."""
        record = rds.described(cloud, found.id)
        if rds.is_deleting(record):
            return
        _start(cloud, found)
        if record["DeletionProtection"]:
            cloud.rds().modify_db_instance(
                DBInstanceIdentifier=found.id, DeletionProtection=False, ApplyImmediately=True
            )
        cloud.rds().delete_db_instance(DBInstanceIdentifier=found.id, **rds.last_backup(record))

    @classmethod
    def await_deleted(cls, cloud: Cloud, found: Sequence[Found], patience: Patience) -> None:
        """See Desired."""
        for one in found:
            patience.until(
                partial(rds.is_deleted, cloud, one.id),
                seconds=LIMIT_SECONDS,
                usual=AVAILABLE_SECONDS,
                what=f"{one.id} to be deleted, after its last snapshot",
            )


def database_name(application: str) -> str:
    """The name of the database in it, and of the application's user; no engine reserves it."""
    return f"app_{application.replace('-', '_')}"


def _until_available(site: Site, found: Found) -> Mapping[str, Any]:
    """Wait until it can be used, and give its description.

    Raises:
        ResourceFailed: It cannot, or it took too long.
    """
    record: Mapping[str, Any] = {}

    def available() -> bool:
        nonlocal record
        record = rds.described(site.cloud, found.id)
        return rds.is_available(record)

    what = f"{found.key} ({found.id}) to be available"
    site.patience.until(available, seconds=LIMIT_SECONDS, usual=AVAILABLE_SECONDS, what=what)
    return record


def _start(cloud: Cloud, found: Found) -> None:
    """Start it where it is stopped: RDS refuses to start what starts already."""
    if rds.described(cloud, found.id)["DBInstanceStatus"] == "stopped":
        cloud.rds(retries=False).start_db_instance(DBInstanceIdentifier=found.id)
