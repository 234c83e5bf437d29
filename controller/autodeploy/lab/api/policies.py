"""What EC2's models say of a VPC, as the network understands it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from ipaddress import IPv4Network
from typing import Any

from moto.ec2.models import EC2Backend
from moto.ec2.models.instances import Instance
from moto.ec2.models.security_groups import SecurityGroup, SecurityGroupRule

from autodeploy.lab.groups import Group, Policy, Rule

ANYWHERE = "0.0.0.0/0"


def policies(backend: EC2Backend) -> dict[str, Policy]:
    """The policy of each of its VPCs."""
    return {vpc_id: policy(backend, vpc_id) for vpc_id in list(backend.vpcs)}


def policy(backend: EC2Backend, vpc_id: str) -> Policy:
    """The policy of one VPC."""
    groups = backend.groups.get(vpc_id, {}).values()
    return Policy(
        groups=tuple(group for one in groups for group in _group(backend, one)),
        internet=frozenset(_public_subnets(backend, vpc_id)),
    )


def groups_of(instance: Instance) -> tuple[str, ...]:
    """The security groups of an instance."""
    return tuple(sorted({group.id for group in instance.nics[0].group_set if group}))


def _group(backend: EC2Backend, group: SecurityGroup) -> Iterator[Group]:
    """The group; nothing where moto has let one in whose name is not EC2's."""
    with contextlib.suppress(ValueError):
        yield Group(
            group_id=group.id,
            ingress=tuple(_rules(backend, group.ingress_rules)),
            egress=tuple(_rules(backend, group.egress_rules)),
        )


def _rules(backend: EC2Backend, rules: Iterable[SecurityGroupRule]) -> Iterator[Rule]:
    for rule in rules:
        for peer in _peers(backend, rule):
            # moto keeps what it was given: a rule that means nothing lets nobody in.
            with contextlib.suppress(ValueError):
                yield Rule(
                    protocol=rule.ip_protocol, first=rule.from_port, last=rule.to_port, peer=peer
                )


def _peers(backend: EC2Backend, rule: SecurityGroupRule) -> Iterator[IPv4Network | str]:
    with contextlib.suppress(ValueError):
        if rule.cidr_ipv4:
            yield IPv4Network(rule.cidr_ipv4, strict=False)
    if rule.source_group.get("GroupId"):
        yield str(rule.source_group["GroupId"])
    prefixes: Any = backend.managed_prefix_lists.get(rule.prefix_list_id or "")
    for entry in prefixes.entries.get(prefixes.version, ()) if prefixes else ():
        with contextlib.suppress(ValueError):
            yield IPv4Network(entry["Cidr"], strict=False)


def _public_subnets(backend: EC2Backend, vpc_id: str) -> Iterator[IPv4Network]:
    """Subnets whose route table, or else the VPC's main one, leads to the internet."""
    tables = [one for one in backend.route_tables.values() if one.vpc_id == vpc_id]
    own = {subnet: table for table in tables for subnet in table._associations.values()}  # noqa: SLF001
    main = next((table for table in tables if table.main_association_id), None)
    for subnet in backend.describe_subnets(filters={"vpc-id": vpc_id}):
        table = own.get(subnet.id, main)
        if table and any(_to_internet(route, vpc_id) for route in table.routes):
            yield IPv4Network(subnet.cidr_block)


def _to_internet(route: Any, vpc_id: str) -> bool:
    """A route to a gateway that has been detached is a black hole."""
    gateway = route.gateway
    return (
        route.destination_cidr_block == ANYWHERE
        and gateway is not None
        and gateway.id.startswith("igw-")
        and gateway.vpc is not None
        and gateway.vpc.id == vpc_id
    )
