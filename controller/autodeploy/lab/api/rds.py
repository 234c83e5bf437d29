"""RDS with real databases: moto's backend, whose instances are made and destroyed here."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Iterable
from typing import Any, ClassVar, cast

from moto.core.responses import ActionResult
from moto.ec2.models import ec2_backends
from moto.rds.exceptions import DBParameterGroupNotFoundError
from moto.rds.models import (
    DBInstance,
    DBParameterGroup,
    DBSnapshot,
    DBSubnetGroup,
    RDSBackend,
    rds_backends,
)
from moto.rds.responses import RDSResponse

from autodeploy.lab.authority import Authority
from autodeploy.lab.databases import (
    engines,
    operations,
    parameters,
    placement,
    requests,
    rules,
)
from autodeploy.lab.databases.engines import ENGINES, Engine
from autodeploy.lab.databases.ground import Ground
from autodeploy.lab.databases.model import LabDBInstance
from autodeploy.lab.databases.requests import Restored

SOURCE = "restored_from"


class WholeRDSBackend(RDSBackend):
    """moto's backend, which loses a subnet group that is modified."""

    __module__ = RDSBackend.__module__  # moto finds a service's urls beside it

    def modify_db_subnet_group(
        self, subnet_name: str, description: str, subnets: list[Any]
    ) -> DBSubnetGroup:
        """Change it and keep it."""
        group = super().modify_db_subnet_group(subnet_name, description, subnets)
        self.subnet_groups[subnet_name] = group
        return group


class LabRDSBackend(WholeRDSBackend):
    """An RDS whose PostgreSQL, MariaDB and MySQL instances are servers."""

    __module__ = RDSBackend.__module__  # moto finds a service's urls beside it

    ground: ClassVar[Ground]

    @property
    def url_paths(self) -> dict[str, Any]:
        """moto's, answered by our responses."""
        return dict.fromkeys(super().url_paths, LabRDSResponse.dispatch)

    def create_db_instance(self, db_kwargs: dict[str, Any]) -> DBInstance:
        """Begin to make a database; it is `creating` until it answers."""
        kwargs = dict(db_kwargs)
        if kwargs.get("db_cluster_identifier"):
            raise rules.unsupported("has no clusters")
        restored: Restored | None = kwargs.pop(SOURCE, None)
        if restored:
            kwargs = restored.arguments(kwargs)
        engine = requests.creation(self, kwargs, restored is not None)
        password = kwargs.pop("master_user_password", None)
        database = self._placed(engine, kwargs)
        self.databases[database.db_instance_identifier] = database
        dump = self.ground.dump_of(restored.snapshot) if restored else None
        operations.make(self.ground, database, password, dump)
        return database

    def restore_db_instance_from_db_snapshot(
        self, from_snapshot_id: str, overrides: dict[str, Any]
    ) -> DBInstance:
        """Begin to make a database with what a snapshot holds."""
        name = from_snapshot_id
        if name.startswith("arn:"):
            name = self.extract_snapshot_name_from_arn(name)
        snapshot = self._complete(name)
        return super().restore_db_instance_from_db_snapshot(
            name, {**overrides, SOURCE: Restored(snapshot, overrides)}
        )

    def restore_db_instance_to_point_in_time(self, *_: Any, **__: Any) -> DBInstance:
        """Refused."""
        raise rules.unsupported("restores from snapshots only")

    def create_db_instance_read_replica(self, db_kwargs: dict[str, Any]) -> DBInstance:  # noqa: ARG002
        """Refused."""
        raise rules.unsupported("has no read replicas")

    def modify_db_instance(
        self, db_instance_identifier: str, db_kwargs: dict[str, Any]
    ) -> DBInstance:
        """Change it; a new password is valid once it is `available` again."""
        database = self.existing(db_instance_identifier)
        requests.modification(self, database, db_kwargs)
        password = db_kwargs.pop("master_user_password", None)
        managed = db_kwargs.pop("manage_master_user_password", None)
        kms_key = db_kwargs.pop("master_user_secret_kms_key_id", None)
        rotate = db_kwargs.pop("rotate_master_user_password", None)
        super().modify_db_instance(db_instance_identifier, db_kwargs)
        if db_kwargs.get("db_parameter_group_name"):
            database.parameter_apply_status = "pending-reboot"
        if db_kwargs.get("vpc_security_group_ids"):
            placement.regroup(database.place, database.vpc_security_group_ids)
            if database.real:
                database.real.regroup(database.vpc_security_group_ids)
        if rotate:
            operations.rotate(database, str(uuid.uuid4()))
        else:
            operations.change_password(database, database.manage(managed, kms_key) or password)
        return database

    def reboot_db_instance(self, db_instance_identifier: str) -> DBInstance:
        """Begin to restart its server; all of its parameters are valid afterwards."""
        database = self.existing(db_instance_identifier, "available")
        operations.reboot(database)
        return database

    def stop_db_instance(
        self, db_instance_identifier: str, db_snapshot_identifier: str | None = None
    ) -> DBInstance:
        """Begin to shut it down, after a snapshot where one is asked for."""
        database = self.existing(db_instance_identifier, "available")

        def stop() -> None:
            database.become("stopping")
            database.existing().stop()

        if db_snapshot_identifier:
            snapshot = super().create_db_snapshot(db_instance_identifier, db_snapshot_identifier)
            operations.back_up(database, snapshot, self.ground.dump_of(snapshot), stop)
        else:
            stop()
        return database

    def start_db_instance(self, db_instance_identifier: str) -> DBInstance:
        """Begin to start it again."""
        database = self.existing(db_instance_identifier, "stopped")
        database.become("starting")
        database.existing().start(database.watch("DB instance started"))
        return database

    def delete_db_instance(
        self,
        db_instance_identifier: str,
        final_db_snapshot_identifier: str | None = None,
        skip_final_snapshot: bool | None = False,
        delete_automated_backups: bool | None = True,  # noqa: ARG002  # the lab makes none
    ) -> DBInstance:
        """Begin to delete it; it is `deleting` until its dump is complete and its host gone."""
        database = self.existing(db_instance_identifier)
        final, snapshot, dump = final_db_snapshot_identifier, None, None
        rules.deletion(database, final, skip_final_snapshot)
        if final:
            snapshot = super().create_db_snapshot(db_instance_identifier, final)
            snapshot.status = "creating"
            dump = self.ground.dump_of(snapshot)
        operations.delete(database, snapshot, dump, lambda: self._forget(database))
        return database

    def create_db_snapshot(
        self, db_instance_identifier: str, db_snapshot_identifier: str, *args: Any, **kwargs: Any
    ) -> DBSnapshot:
        """Begin to dump it; the snapshot is `creating` and the database `backing-up` until then."""
        database = self.existing(db_instance_identifier, "available")
        snapshot = super().create_db_snapshot(
            db_instance_identifier, db_snapshot_identifier, *args, **kwargs
        )
        dump = self.ground.dump_of(snapshot)
        operations.back_up(database, snapshot, dump, lambda: database.become("available"))
        return snapshot

    def copy_db_snapshot(self, *args: Any, **kwargs: Any) -> DBSnapshot:
        """Copy a snapshot with its dump."""
        source = self._complete(kwargs["source_db_snapshot_identifier"])
        copied = super().copy_db_snapshot(*args, **kwargs)
        target = self.ground.dump_of(copied)
        target.touch(mode=0o600)
        shutil.copyfile(self.ground.dump_of(source), target)
        return copied

    def delete_db_snapshot(self, db_snapshot_identifier: str) -> DBSnapshot:
        """Delete a snapshot with its dump."""
        snapshot = super().delete_db_snapshot(db_snapshot_identifier)
        self.ground.dump_of(snapshot).unlink(missing_ok=True)
        return snapshot

    def create_db_parameter_group(
        self, db_parameter_group_kwargs: dict[str, Any]
    ) -> DBParameterGroup:
        """Make a group with the defaults of its family's engine."""
        group = super().create_db_parameter_group(db_parameter_group_kwargs)
        engine = engines.of_family(group.family)
        group.parameters.update(parameters.described(engine) if engine else {})
        return group

    def modify_db_parameter_group(
        self,
        db_parameter_group_name: str,
        db_parameter_group_parameters: Iterable[dict[str, Any]],
    ) -> DBParameterGroup:
        """Change a group, and the running servers under it as far as no reboot is needed."""
        changed = [{**one, "Source": "user"} for one in db_parameter_group_parameters]
        group = self.db_parameter_groups.get(db_parameter_group_name)
        if group is None:
            raise DBParameterGroupNotFoundError(db_parameter_group_name)
        rules.parameter_values(group.family, changed)
        super().modify_db_parameter_group(db_parameter_group_name, changed)
        for database in list(self.databases.values()):
            if isinstance(database, LabDBInstance) and group in database.db_parameter_groups():
                operations.apply_parameters(database)
        return group

    def existing(self, identifier: str, *states: str) -> LabDBInstance:
        """A database by its name, in one of these states where any are named."""
        database = self.describe_db_instances(identifier)[0]
        assert isinstance(database, LabDBInstance)  # noqa: S101  # there are no others
        if states:
            rules.state(identifier, database.status, *states)
        return database

    def _complete(self, identifier: str) -> DBSnapshot:
        snapshot = self.get_db_snapshot(identifier)
        rules.snapshot_state(identifier, snapshot.status)
        return snapshot

    def _placed(self, engine: Engine, kwargs: dict[str, Any]) -> LabDBInstance:
        """The model of a database at an address of its own."""
        ec2 = ec2_backends[self.account_id][self.region_name]
        group = kwargs.get("db_subnet_group_name")
        if group:
            subnets = self.describe_db_subnet_groups(group)[0]._subnets  # noqa: SLF001
        else:
            subnets = placement.default_subnets(ec2)
        public = self.ground.vpcs.addresses.take() if kwargs.get("publicly_accessible") else None
        place = placement.take(
            ec2,
            subnets,
            kwargs.pop("availability_zone", None),
            kwargs.get("vpc_security_group_ids") or [],
            public,
        )
        asked = {**kwargs, "engine_version": engine.version}
        try:
            return LabDBInstance(self, engine, place, **asked)  # type: ignore[abstract]
        except BaseException:
            self._give_back(place)
            raise

    def _forget(self, database: LabDBInstance) -> None:
        """Take a database whose host is gone out of the API."""
        database.manage(False, None)
        self._give_back(database.place)
        self.databases.pop(database.db_instance_identifier, None)
        database.tell("DB instance deleted", "deletion")

    def _give_back(self, place: placement.Place) -> None:
        placement.give_back(place)
        self.ground.vpcs.addresses.give_back(place.public)


class LabRDSResponse(RDSResponse):
    """moto's responses, with what they lack."""

    def describe_db_parameters(self) -> ActionResult:
        """DescribeDBParameters: those that are of the source asked for."""
        answer = super().describe_db_parameters()
        source = self.params.get("Source")
        found = cast("dict[str, Any]", answer.result)["Parameters"]
        kept = [one for one in found if source in {None, one.get("Source")}]
        return ActionResult({"Parameters": kept})

    def describe_db_engine_versions(self) -> ActionResult:
        """DescribeDBEngineVersions: the engines that the lab has."""
        asked = {
            "name": self.params.get("Engine"),
            "version": self.params.get("EngineVersion"),
            "family": self.params.get("DBParameterGroupFamily"),
        }
        found = [
            one
            for one in ENGINES
            if all(value in {None, getattr(one, name)} for name, value in asked.items())
        ]
        if self.params.get("DefaultOnly"):
            found = list({one.name: one for one in reversed(found)}.values())
        return ActionResult({"DBEngineVersions": [_described(one) for one in found]})


def _described(engine: Engine) -> dict[str, Any]:
    return {
        "Engine": engine.name,
        "EngineVersion": engine.version,
        "MajorEngineVersion": engine.version,
        "DBParameterGroupFamily": engine.family,
        "DBEngineDescription": engine.description,
        "DBEngineVersionDescription": f"{engine.description} {engine.version}",
        "Status": "available",
    }


def install(ground: Ground) -> None:
    """Make moto serve this backend; before its first call only."""
    Authority.of(ground.site)
    shutil.rmtree(ground.site.snapshots, ignore_errors=True)  # of a lab whose API is gone
    LabRDSBackend.ground = ground
    rds_backends.backend = LabRDSBackend
