"""What the account itself tells of an application whose state is lost. Reads only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autodeploy.aws import Cloud
from autodeploy.contracts import IMAGES, Host, Resource
from autodeploy.provisioner.keys import Keys, same_key
from autodeploy.provisioner.kinds import (
    Cache,
    Certificate,
    Database,
    Found,
    Instance,
    LoadBalancer,
    Recipients,
    Vpc,
)
from autodeploy.provisioner.kinds.instance import ARCHITECTURES, image_of
from autodeploy.provisioner.observed import observe
from autodeploy.provisioner.owner import Owner
from autodeploy.provisioner.spec import host_of


@dataclass(frozen=True)
class Adopted:
    """What can be known again.

    Attributes:
        resources: Everything that bears the application's tags, dependencies first.
        hosts: Those with an address; without a host key where that is not on this machine.
        host_settings: What they are made from.
        flags: What command lines must have said of the infrastructure for it to be so.
        lost: The hosts that nobody can log in to from here.
    """

    resources: tuple[Resource, ...]
    hosts: tuple[Host, ...]
    host_settings: dict[str, Any]
    flags: dict[str, Any]
    lost: tuple[str, ...]


def adopted(cloud: Cloud, owner: Owner, folder: Path) -> Adopted:
    """Ask each service; what the application's private folder still holds is used.

    Raises:
        CloudError: AWS could not be asked.
        ResourceFailed: Two resources have one logical name.
    """
    found, keys = observe(cloud, owner).alive, Keys(folder)
    instances = [one for one in found.values() if one.type == Instance.type]
    instances.sort(key=lambda one: (len(one.key), one.key))
    hosts = tuple(
        host_of(one, keys.public_host_key(one.key) or "")
        for one in instances
        if "PublicIpAddress" in one.record
    )
    login_lost = not _opens(keys, found.get("key-pair"))
    return Adopted(
        resources=tuple(one.resource for one in found.values()),
        hosts=hosts,
        host_settings=_host_settings(instances),
        flags=_flags(found, instances),
        lost=tuple(one.name for one in hosts if login_lost or not one.host_key),
    )


def _opens(keys: Keys, pair: Found | None) -> bool:
    """Whether this machine has the key that the hosts were made for."""
    ours = keys.public_login_key()
    return bool(ours and pair and same_key(ours, str(pair.record.get("PublicKey"))))


def _host_settings(instances: Iterable[Found]) -> dict[str, Any]:
    for one in instances:
        archs = {theirs: ours for ours, theirs in ARCHITECTURES.items()}
        image = image_of(one.record)
        said = {"image": image} if image in IMAGES else {}
        return {**said, "arch": archs[one.record["Architecture"]]}
    return {}


def _flags(found: Mapping[str, Found], instances: list[Found]) -> dict[str, Any]:
    """So that the next deployment keeps what is there, where nobody says otherwise."""
    kinds = {one.type: one.record for one in found.values()}
    said: dict[str, Any] = {}
    if instances:
        said = {"hosts": len(instances), "load_balancer": LoadBalancer.type in kinds}
        if Vpc.type not in kinds:
            said["vpc_id"] = instances[0].record["VpcId"]
    if Certificate.type in kinds:
        said["domain"] = kinds[Certificate.type]["DomainName"]
    if Database.type in kinds:
        said["database_class"] = kinds[Database.type]["DBInstanceClass"]
    if Recipients.type in kinds:
        said["alarms"] = list(kinds[Recipients.type]["Addresses"])
    if Cache.type in kinds:
        said["cache_type"] = kinds[Cache.type]["CacheNodeType"]
    return said
