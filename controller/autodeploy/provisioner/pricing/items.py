"""What is paid for of each kind of resource, wanted or there. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from autodeploy.contracts import HOURS
from autodeploy.provisioner.kinds import (
    KINDS,
    Alarm,
    Cache,
    Database,
    Desired,
    Found,
    Instance,
    LoadBalancer,
    Secret,
)
from autodeploy.provisioner.kinds.database import STORAGE_GIB
from autodeploy.provisioner.kinds.launch import ROOT_GIB
from autodeploy.settings.usage import Usage

VOLUME, SNAPSHOT = "AWS::EC2::Volume", "AWS::RDS::DBSnapshot"
FREE_IOPS, FREE_MIBPS = 3000, 125
"""What is in the price of a gp3 disk."""
Record = Mapping[str, Any]


class Use(NamedTuple):
    """Something that is paid for.

    Attributes:
        what: What, for people.
        quantity: How much in a month.
        unit: Of what.
        price: Its name in a list of prices.
        assumed: Whether the quantity is an assumption.
    """

    what: str
    quantity: Decimal
    unit: str
    price: str
    assumed: bool = False


Uses = tuple[Use, ...]


def _hours(what: str, price: str, count: int = 1) -> Use:
    return Use(what, Decimal(HOURS * count), "hour", price)


def _gigabytes(what: str, price: str, count: float) -> Use:
    return Use(what, Decimal(str(count)), "GB", price)


def _each(what: str, price: str) -> Use:
    return Use(what, Decimal(1), "month", price)


def _host(instance_type: str, *, runs: bool, addressed: bool) -> Iterator[Use]:
    if runs:
        yield _hours(instance_type, f"instance/{instance_type}")
    if runs and addressed:
        yield _hours("public IPv4 address", "address")
    yield _gigabytes("disk, gp3", "disk/gp3", ROOT_GIB)


def _database(record: Record, usage: Usage) -> Iterator[Use]:
    both, engine = "-two-zones" if record.get("MultiAZ") else "", record.get("Engine")
    size, storage = record.get("DBInstanceClass"), record.get("StorageType")
    if record.get("DBInstanceStatus") != "stopped":
        yield _hours(f"{engine} on {size}", f"database{both}/{engine}/{size}")
    kept = record.get("AllocatedStorage", STORAGE_GIB)
    yield _gigabytes(f"storage, {storage}", f"database-storage{both}/{storage}", kept)
    if usage.backup_gb:
        backups = _gigabytes("backups beyond the free ones", "database-backup", usage.backup_gb)
        yield backups._replace(assumed=True)
    if "MasterUserSecret" in record:
        yield _each("the master password's secret", "secret")


def _balancer(zones: int, usage: Usage) -> Iterator[Use]:
    yield _hours("application load balancer", "balancer")
    yield _hours("public IPv4 addresses, one a zone", "address", zones)
    if usage.lcu:
        units = Decimal(str(usage.lcu)) * HOURS
        yield Use("capacity units (LCU)", units, "LCU-hour", "balancer-lcu", True)


def _volume(record: Record) -> Iterator[Use]:
    kind = record["VolumeType"]
    yield _gigabytes(f"disk, {kind}", f"disk/{kind}", record["Size"])
    beyond = {"IOPS": record.get("Iops", 0) - FREE_IOPS}
    beyond["MiB/s"] = record.get("Throughput", 0) - FREE_MIBPS
    for unit, count in beyond.items():
        if kind == "gp3" and count > 0:
            yield Use(f"{unit} beyond the free ones", Decimal(count), unit, f"disk-{unit}/gp3")


def traffic(usage: Usage) -> Uses:
    """What an application with hosts pays for by use alone."""
    sent = _gigabytes("sent to the internet", "transfer-out", usage.data_transfer_gb)
    return (sent._replace(assumed=True),) if usage.data_transfer_gb else ()


def _of_instance(record: Record, _usage: Usage) -> Iterator[Use]:
    runs = record["State"]["Name"] in {"pending", "running"}
    addressed = bool(record.get("PublicIpAddress"))
    return _host(record["InstanceType"], runs=runs, addressed=addressed)


def _of_cache(record: Record, _usage: Usage) -> Iterator[Use]:
    size = record["CacheNodeType"]
    yield _hours(f"Redis on {size}", f"cache/{size}", max(1, len(record["MemberClusters"])))


def _of_snapshot(record: Record, _usage: Usage) -> Iterator[Use]:
    yield _gigabytes("snapshot, at most", "database-backup", record["AllocatedStorage"])


PAID: Mapping[str, Callable[[Record, Usage], Iterator[Use]]] = {
    Instance.type: _of_instance,
    VOLUME: lambda record, _usage: _volume(record),
    Database.type: _database,
    SNAPSHOT: _of_snapshot,
    Cache.type: _of_cache,
    LoadBalancer.type: lambda record, usage: _balancer(len(record["AvailabilityZones"]), usage),
    Secret.type: lambda _record, _usage: iter((_each("secret", "secret"),)),
    Alarm.type: lambda _record, _usage: iter((_each("alarm", "alarm"),)),
}
"""By kind, from AWS's description."""
FREE = frozenset(one.type for one in KINDS) - PAID.keys()
"""What AWS asks nothing for."""


def uses_in(kind: str, record: Record, usage: Usage) -> Uses | None:
    """What is paid for of a resource that exists; None where nobody knows.

    Args:
        kind: CloudFormation's name of its kind.
        record: AWS's description of it.
        usage: What is assumed of its use.
    """
    if kind in FREE:
        return ()
    try:
        return tuple(PAID[kind](record, usage))
    except KeyError:  # A kind, or a description, that is none of ours.
        return None


def uses_of(wanted: Desired, usage: Usage) -> Uses:
    """What will be paid for of a resource that is yet to be made."""
    if isinstance(wanted, Instance):
        return tuple(_host(wanted.instance_type, runs=True, addressed=True))
    if isinstance(wanted, LoadBalancer):
        return tuple(_balancer(len(wanted.subnets), usage))
    record: dict[str, Any] = {}
    if isinstance(wanted, Database):
        record = {"Engine": wanted.engine, "DBInstanceClass": wanted.instance_class}
        record |= {"StorageType": "gp3", "MasterUserSecret": {}}
    if isinstance(wanted, Cache):
        record = {"CacheNodeType": wanted.node_type, "MemberClusters": ()}
    return uses_in(wanted.type, record, usage) or ()


def uses_after(wanted: Desired, found: Found, usage: Usage) -> Uses | None:
    """The same of one that exists, once it is as it should be."""
    changed: dict[str, Any] = {}
    if isinstance(wanted, Instance):
        changed = {"State": {"Name": "running"}, "PublicIpAddress": "-"}
        changed |= {"InstanceType": wanted.instance_type} if wanted.gets_type(found) else {}
    if isinstance(wanted, Database):
        changed = {"DBInstanceStatus": "-", "DBInstanceClass": wanted.instance_class}
    if isinstance(wanted, Cache):
        changed = {"CacheNodeType": wanted.node_type}
    return uses_in(wanted.type, {**found.record, **changed}, usage)
