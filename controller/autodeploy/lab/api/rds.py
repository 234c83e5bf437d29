"""RDS with real databases: moto's backend, whose instances are made and destroyed here."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from moto.core.responses import ActionResult
from moto.ec2.models import ec2_backends
from moto.rds.exceptions import DBInstanceAlreadyExists, DBParameterGroupNotFoundError
from moto.rds.models import DBInstance, DBParameterGroup, DBSnapshot, RDSBackend, rds_backends
from moto.rds.responses import RDSResponse

from autodeploy.lab.api.addresses import Addresses
from autodeploy.lab.databases import certificates, placement, rules
from autodeploy.lab.databases.database import Database, Order
from autodeploy.lab.databases.engines import ENGINES, Engine
from autodeploy.lab.databases.model import LabDBInstance, LabMasterUserSecret, new_password
from autodeploy.lab.databases.parameters import without_reboot
from autodeploy.lab.databases.server import Server
from autodeploy.lab.network import Network
from autodeploy.lab.site import Site
from autodeploy.paths import private_folder

BACKUP = "backup"
CONFIGURATION = "configuration change"
SOURCE = "restored_from"
# What moto would hand on from a snapshot's database to the one that is restored from it.
OWN = frozenset({"kind", "place", "real", "master_user_password", "availability_zone"})


@dataclass(frozen=True)
class Ground:
    """What all databases of a lab stand on.

    Attributes:
        site: The lab.
        network: Its network.
        addresses: Its public addresses.
    """

    site: Site
    network: Network
    addresses: Addresses

    def dump_of(self, snapshot: DBSnapshot) -> Path:
        """Where a snapshot's dump is."""
        said = f"{snapshot.account_id}-{snapshot.region}-{snapshot.db_snapshot_identifier}"
        return private_folder(self.site.snapshots) / said.replace(":", "_")


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
        """Moto's arguments for the new database, less what is the old one's alone."""
        inherited = {name: one for name, one in kwargs.items() if name not in OWN}
        protection = bool(self.asked.get("deletion_protection"))
        return {**inherited, "deletion_protection": protection}


class LabRDSBackend(RDSBackend):
    """An RDS whose PostgreSQL, MariaDB and MySQL instances are servers."""

    __module__ = RDSBackend.__module__  # moto finds a service's urls beside it

    ground: ClassVar[Ground]

    @property
    def url_paths(self) -> dict[str, Any]:
        """moto's, answered by our responses."""
        return dict.fromkeys(super().url_paths, LabRDSResponse.dispatch)

    def create_db_instance(self, db_kwargs: dict[str, Any]) -> DBInstance:
        """Begin to make a database; it is `creating` until it answers."""
        if db_kwargs.get("db_cluster_identifier"):
            raise rules.unsupported("has no clusters")
        kwargs = dict(db_kwargs)
        restored: Restored | None = kwargs.pop(SOURCE, None)
        source = restored.snapshot if restored else None
        if restored:
            kwargs = restored.arguments(kwargs)
        engine = self._demand_valid(kwargs, source)
        kwargs["engine_version"] = engine.version
        database = self._place(kwargs, engine)
        self.databases[database.db_instance_identifier] = database
        self._make(database, kwargs.get("master_user_password"), source)
        return database

    def restore_db_instance_from_db_snapshot(
        self, from_snapshot_id: str, overrides: dict[str, Any]
    ) -> DBInstance:
        """Begin to make a database with what a snapshot holds."""
        name = from_snapshot_id
        if name.startswith("arn:"):
            name = self.extract_snapshot_name_from_arn(name)
        snapshot = self.get_db_snapshot(name)
        rules.snapshot_state(name, snapshot.status)
        return super().restore_db_instance_from_db_snapshot(
            name, {**overrides, SOURCE: Restored(snapshot, overrides)}
        )

    def restore_db_instance_to_point_in_time(self, *_: Any, **__: Any) -> DBInstance:
        """Refused."""
        raise rules.unsupported("restores from snapshots only")

    def create_db_instance_read_replica(self, db_kwargs: dict[str, Any]) -> DBInstance:
        """Refused."""
        raise rules.unsupported("has no read replicas")

    def modify_db_instance(
        self, db_instance_identifier: str, db_kwargs: dict[str, Any]
    ) -> DBInstance:
        """Change it; a new password is valid once it is `available` again."""
        database = self._existing(db_instance_identifier)
        password = self._demand_modifiable(database, db_kwargs)
        managed = db_kwargs.pop("manage_master_user_password", None)
        kms_key = db_kwargs.pop("master_user_secret_kms_key_id", None)
        rotate = db_kwargs.pop("rotate_master_user_password", None)
        super().modify_db_instance(db_instance_identifier, db_kwargs)
        if db_kwargs.get("db_parameter_group_name"):
            database.parameter_apply_status = "pending-reboot"
        if db_kwargs.get("vpc_security_group_ids"):
            self._regroup(database)
        if managed and not database.manage_master_user_password:
            database.master_user_secret = LabMasterUserSecret(database, kms_key)
            password = database.master_user_secret.password
        if managed is False and database.manage_master_user_password:
            database.master_user_secret.delete_secret()
            del database.master_user_secret
        if managed is not None:
            database.manage_master_user_password = managed
        if rotate:
            self.rotate(database, str(uuid.uuid4()))
        else:
            self._change_password(database, password)
        return database

    def rotate(self, database: LabDBInstance, version: str) -> None:
        """Begin to give a managed master user another password, the secret's next version."""
        secret, password = database.master_user_secret, new_password()
        self._change_password(database, password, lambda: secret.replace(password, version))

    def reboot_db_instance(self, db_instance_identifier: str) -> DBInstance:
        """Begin to restart its server; all of its parameters are valid afterwards."""
        database = self._existing(db_instance_identifier)
        rules.state(db_instance_identifier, database.status, "available")
        database.become("rebooting")

        def done() -> None:
            database.parameter_apply_status = "in-sync"
            database.become("available", "DB instance restarted", "availability")

        _real(database).restart(database.wanted_values(), done, database.fail)
        return database

    def stop_db_instance(
        self, db_instance_identifier: str, db_snapshot_identifier: str | None = None
    ) -> DBInstance:
        """Begin to shut it down, after a snapshot where one is asked for."""
        database = self._existing(db_instance_identifier)
        rules.state(db_instance_identifier, database.status, "available")

        def stop() -> None:
            database.become("stopping")
            _real(database).stop()

        if db_snapshot_identifier:
            snapshot = super().create_db_snapshot(db_instance_identifier, db_snapshot_identifier)
            self._dump(database, snapshot, stop)
        else:
            stop()
        return database

    def start_db_instance(self, db_instance_identifier: str) -> DBInstance:
        """Begin to start it again."""
        database = self._existing(db_instance_identifier)
        rules.state(db_instance_identifier, database.status, "stopped")
        database.become("starting")
        _real(database).start(database.watch("DB instance started"))
        return database

    def delete_db_instance(
        self,
        db_instance_identifier: str,
        final_db_snapshot_identifier: str | None = None,
        skip_final_snapshot: bool | None = False,
        delete_automated_backups: bool | None = True,  # noqa: ARG002  # the lab makes none
    ) -> DBInstance:
        """Begin to delete it; it is `deleting` until its dump is complete and its host gone."""
        database = self._existing(db_instance_identifier)
        final = final_db_snapshot_identifier
        rules.deletion(database, final, skip_final_snapshot)
        snapshot = super().create_db_snapshot(db_instance_identifier, final) if final else None
        if snapshot:
            snapshot.status = "creating"
        database.status = "deleting"

        def failed(error: Any) -> None:
            database.status = "available"
            if snapshot:
                snapshot.status = "failed"
            database.tell(f"The database was not deleted: {error}", "failure")

        dump = self.ground.dump_of(snapshot) if snapshot else None
        _real(database).delete(dump, lambda: self._forget(database, snapshot), failed)
        return database

    def create_db_snapshot(
        self, db_instance_identifier: str, db_snapshot_identifier: str, *args: Any, **kwargs: Any
    ) -> DBSnapshot:
        """Begin to dump it; the snapshot is `creating` and the database `backing-up` until then."""
        database = self._existing(db_instance_identifier)
        rules.state(db_instance_identifier, database.status, "available")
        snapshot = super().create_db_snapshot(
            db_instance_identifier, db_snapshot_identifier, *args, **kwargs
        )
        self._dump(database, snapshot, lambda: database.become("available"))
        return snapshot

    def copy_db_snapshot(self, *args: Any, **kwargs: Any) -> DBSnapshot:
        """Copy a snapshot with its dump."""
        name = kwargs["source_db_snapshot_identifier"]
        source = self.get_db_snapshot(name)
        rules.snapshot_state(name, source.status)
        copied = super().copy_db_snapshot(*args, **kwargs)
        shutil.copyfile(self.ground.dump_of(source), self.ground.dump_of(copied))
        self.ground.dump_of(copied).chmod(0o600)
        return copied

    def delete_db_snapshot(self, db_snapshot_identifier: str) -> DBSnapshot:
        """Delete a snapshot with its dump."""
        snapshot = super().delete_db_snapshot(db_snapshot_identifier)
        self.ground.dump_of(snapshot).unlink(missing_ok=True)
        return snapshot

    def modify_db_parameter_group(
        self,
        db_parameter_group_name: str,
        db_parameter_group_parameters: Iterable[dict[str, Any]],
    ) -> DBParameterGroup:
        """Change a group, and the running servers under it as far as no reboot is needed."""
        changed = list(db_parameter_group_parameters)
        group = self.db_parameter_groups.get(db_parameter_group_name)
        if group is None:
            raise DBParameterGroupNotFoundError(db_parameter_group_name)
        rules.parameter_values(group.family, changed)
        super().modify_db_parameter_group(db_parameter_group_name, changed)
        for database in list(self.databases.values()):
            if isinstance(database, LabDBInstance) and group in database.db_parameter_groups():
                _apply(database)
        return group

    def describe_db_engine_versions(
        self, engine: str | None, version: str | None, family: str | None
    ) -> list[dict[str, Any]]:
        """The engines that the lab has."""
        return [
            _described(one)
            for one in ENGINES
            if engine in {None, one.name}
            and version in {None, one.version}
            and family in {None, one.family}
        ]

    def _existing(self, identifier: str) -> LabDBInstance:
        """A database by its name.

        Raises:
            DBInstanceNotFoundError: There is none.
        """
        database = self.describe_db_instances(identifier)[0]
        assert isinstance(database, LabDBInstance)  # noqa: S101  # there are no others
        return database

    def _demand_valid(self, kwargs: Mapping[str, Any], source: DBSnapshot | None) -> Engine:
        identifier = kwargs["db_instance_identifier"]
        if identifier in self.databases:
            raise DBInstanceAlreadyExists()
        self._validate_db_identifier(identifier)
        engine = rules.engine(kwargs["engine"], kwargs.get("engine_version"))
        rules.port(kwargs.get("port"))
        if source is None:
            rules.master_user(engine, kwargs.get("master_username"))
            rules.password(
                engine,
                kwargs.get("master_user_password"),
                kwargs.get("manage_master_user_password"),
            )
            rules.database_name(engine, kwargs.get("db_name"))
        self._demand_group(engine, kwargs.get("db_parameter_group_name"))
        return engine

    def _demand_group(self, engine: Engine, name: str | None) -> None:
        if not name or name == f"default.{engine.family}":
            return
        group = self.db_parameter_groups.get(name)
        if group is None:
            raise DBParameterGroupNotFoundError(name)
        rules.parameter_group(engine, name, group.family)

    def _demand_modifiable(self, database: LabDBInstance, asked: dict[str, Any]) -> str | None:
        """The new password, once everything that is asked for is allowed."""
        name = database.db_instance_identifier
        rules.state(name, database.status, "available")
        for refused in ("new_db_instance_identifier", "db_port_number", "publicly_accessible"):
            if asked.get(refused) is not None:
                raise rules.unsupported(f"does not change {refused}")
        version = asked.pop("engine_version", None)
        if version not in {None, database.engine_version}:
            raise rules.unsupported("does not upgrade engines")
        self._demand_group(database.kind, asked.get("db_parameter_group_name"))
        password: str | None = asked.pop("master_user_password", None)
        managed = asked.get("manage_master_user_password")
        if managed is None:
            managed = database.manage_master_user_password
        if password is not None or asked.get("manage_master_user_password") is False:
            rules.password(database.kind, password, managed)
        return password

    def _place(self, kwargs: dict[str, Any], engine: Engine) -> LabDBInstance:
        """The model of a database at its address."""
        ec2 = ec2_backends[self.account_id][self.region_name]
        subnet_group = kwargs.get("db_subnet_group_name")
        if subnet_group:
            subnets = list(self.describe_db_subnet_groups(subnet_group)[0]._subnets)  # noqa: SLF001
        else:
            subnets = ec2.describe_subnets(filters={"vpc-id": [ec2.default_vpc.id]})
        groups = kwargs.get("vpc_security_group_ids") or [
            ec2.get_default_security_group(subnets[0].vpc_id).id
        ]
        public = self.ground.addresses.take() if kwargs.get("publicly_accessible") else None
        zone = kwargs.pop("availability_zone", None)
        place = placement.take(ec2, subnets, zone, groups, public)
        kwargs["vpc_security_group_ids"] = list(groups)
        try:
            return LabDBInstance(self, engine, place, **kwargs)
        except BaseException:
            self._give_back(place)
            raise

    def _make(
        self, database: LabDBInstance, password: str | None, source: DBSnapshot | None
    ) -> None:
        name = f"db-{uuid.uuid4().hex[:12]}"
        order = Order(
            spec=placement.host(name, database.kind, database.place),
            engine=database.kind,
            endpoint=database.address,
            port=int(database.port),
        )
        if database.manage_master_user_password:
            password = database.master_user_secret.password
        user, first = str(database.master_username), database.db_name
        dump = self.ground.dump_of(source) if source else None

        def fill(server: Server) -> None:
            if dump:
                server.restore(dump)
                if password:
                    server.set_password(user, password)
            else:
                server.create_master(user, str(password), first)

        database.real = Database(self.ground.site, self.ground.network, order)
        message = "Restored from snapshot" if source else "DB instance created"
        database.real.create(database.wanted_values(), fill, database.watch(message))

    def _change_password(
        self,
        database: LabDBInstance,
        password: str | None,
        accepted: Callable[[], None] = lambda: None,
    ) -> None:
        database.become("modifying")
        user = str(database.master_username)

        def work(server: Server) -> None:
            if password:
                server.set_password(user, password)

        def done() -> None:
            accepted()
            message = "Reset master credentials" if password else ""
            database.become("available", message, CONFIGURATION)

        _real(database).run(work, done, database.fail)

    def _dump(
        self, database: LabDBInstance, snapshot: DBSnapshot, then: Callable[[], None]
    ) -> None:
        snapshot.status = "creating"
        database.become("backing-up", "Backing up DB instance", BACKUP)
        path = self.ground.dump_of(snapshot)

        def done() -> None:
            snapshot.status = "available"
            database.tell("Finished DB instance backup", BACKUP)
            then()

        def failed(error: Any) -> None:
            snapshot.status = "failed"
            path.unlink(missing_ok=True)
            database.become("available", f"The backup failed: {error}", "failure")

        _real(database).run(lambda server: server.dump(path), done, failed)

    def _regroup(self, database: LabDBInstance) -> None:
        ec2 = ec2_backends[self.account_id][self.region_name]
        database.place.interface._group_set[:] = [  # noqa: SLF001
            ec2.get_security_group_from_id(one) for one in database.vpc_security_group_ids
        ]

    def _forget(self, database: LabDBInstance, snapshot: DBSnapshot | None) -> None:
        """Take a database whose host is gone out of the API."""
        if snapshot:
            snapshot.status = "available"
        if database.manage_master_user_password:
            database.master_user_secret.delete_secret()
        self._give_back(database.place)
        self.databases.pop(database.db_instance_identifier, None)
        database.tell("DB instance deleted", "deletion")

    def _give_back(self, place: placement.Place) -> None:
        placement.give_back(place)
        self.ground.addresses.give_back(place.public)


class LabRDSResponse(RDSResponse):
    """moto's responses and those that it lacks."""

    @property
    def backend(self) -> LabRDSBackend:
        """The backend of the call's account and region."""
        found: LabRDSBackend = rds_backends[self.current_account][self.region]
        return found

    def describe_db_engine_versions(self) -> ActionResult:
        """DescribeDBEngineVersions."""
        found = self.backend.describe_db_engine_versions(
            self.params.get("Engine"),
            self.params.get("EngineVersion"),
            self.params.get("DBParameterGroupFamily"),
        )
        if self.params.get("DefaultOnly"):
            first = {one["Engine"]: one for one in reversed(found)}
            found = list(first.values())
        return ActionResult({"DBEngineVersions": found})


def _real(database: LabDBInstance) -> Database:
    assert database.real is not None  # noqa: S101  # it has one from its creation on
    return database.real


def _apply(database: LabDBInstance) -> None:
    """Give a running server what its group says, as far as no reboot is needed."""
    if database.status != "available":
        return
    real, wanted = _real(database), database.wanted_values()
    at_once = without_reboot(database.kind, real.values, wanted)
    database.parameter_apply_status = "applying"

    def done() -> None:
        database.parameter_apply_status = "in-sync" if at_once == wanted else "pending-reboot"

    def failed(error: Any) -> None:
        database.parameter_apply_status = "failed-to-apply"
        database.tell(f"Parameters were not applied: {error}", "failure")

    real.apply(at_once, done, failed)


def _described(engine: Engine) -> dict[str, Any]:
    return {
        "Engine": engine.name,
        "EngineVersion": engine.version,
        "MajorEngineVersion": engine.version,
        "DBParameterGroupFamily": engine.family,
        "DBEngineDescription": engine.description,
        "DBEngineVersionDescription": f"{engine.description} {engine.version}",
        "ValidUpgradeTarget": [],
        "SupportedFeatureNames": [],
        "Status": "available",
    }


def install(ground: Ground) -> None:
    """Make moto serve this backend; before its first call only."""
    certificates.ensure(ground.site)
    shutil.rmtree(ground.site.snapshots, ignore_errors=True)  # of a lab whose API is gone
    LabRDSBackend.ground = ground
    rds_backends.backend = LabRDSBackend
