"""A domain's records in Route 53, where the account keeps its zone.

Where it does not, or the identity may not, people are told what is to be made by hand.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from autodeploy.aws import Cloud
from autodeploy.errors import AccessDenied

if TYPE_CHECKING:
    from types_boto3_route53.literals import ChangeActionType

Tell = Callable[[str], None]
Record = Mapping[str, Any]
ADDRESSES = frozenset({"A", "AAAA", "CNAME"})
VALIDATION_TTL = 300
ADDRESS_TTL = 60
"""Seconds: a host that is replaced has another address."""


class NoZone(LookupError):
    """The account has no zone that the domain is in."""


def validate(cloud: Cloud, domain: str, wanted: Record, tell: Tell) -> None:
    """See that the record is there by which ACM knows that the domain is ours.

    Args:
        cloud: Where.
        domain: The domain.
        wanted: ACM's `ResourceRecord`.
        tell: Hears what is done, or is to be done by hand.

    Raises:
        CloudError: AWS refused, other than for want of a permission.
    """
    by_hand = f"to have a certificate for {domain}, make the DNS record {shown(wanted)}"
    with _else_by_hand(by_hand, tell):
        zone = _zone_of(cloud, domain)
        _change(cloud, zone, "UPSERT", _validation(wanted))
        tell(f"the DNS record {shown(wanted)} is made in Route 53")


def point(cloud: Cloud, domain: str, balancer: Record, ours: Collection[str], tell: Tell) -> None:
    """Let the domain lead to the load balancer, unless somebody lets it lead elsewhere.

    Args:
        cloud: Where.
        domain: The domain.
        balancer: AWS's description of the load balancer.
        ours: Addresses of the application's hosts: a record with one of them is its own.
        tell: Hears what is done, or is to be done by hand.

    Raises:
        CloudError: AWS refused, other than for want of a permission.
    """
    address = balancer["DNSName"]
    by_hand = f"let {domain} lead to {address}, by an alias or a CNAME record"
    with _else_by_hand(by_hand, tell):
        zone = _zone_of(cloud, domain)
        present = [one for one in _records_of(cloud, zone, domain) if one["Type"] in ADDRESSES]
        if all(_is_own(one, ours, balancer["LoadBalancerName"]) for one in present):
            _change(cloud, zone, "UPSERT", _alias(domain, balancer))
            tell(f"{domain} leads to {address} in Route 53")
        else:
            tell(f"{domain} leads elsewhere in Route 53: {by_hand}")


def lead(
    cloud: Cloud, domain: str, address: str, ours: Collection[str], name: str, tell: Tell
) -> bool:
    """Let the domain lead to a host's address, unless somebody lets it lead elsewhere.

    Args:
        cloud: Where.
        domain: The domain.
        address: The host's IPv4 address.
        ours: Addresses that hosts of the application had: a record with one of them is its own.
        name: The name of its load balancers: so is an alias of one of them.
        tell: Hears what is done, or is to be done by hand.

    Returns:
        Whether it has led elsewhere until now: for `ADDRESS_TTL` seconds it still does for some.

    Raises:
        CloudError: AWS refused, other than for want of a permission.
    """
    wanted = _address(domain, address)
    by_hand = f"make the DNS record {domain} A {address}"
    with _else_by_hand(by_hand, tell):
        zone = _zone_of(cloud, domain)
        present = [one for one in _records_of(cloud, zone, domain) if one["Type"] in ADDRESSES]
        if _values(present) == {address}:
            return False
        if all(_is_own(one, ours, name) for one in present):
            _change(cloud, zone, "UPSERT", wanted)
            tell(f"{domain} leads to {address} in Route 53")
            return bool(present)
        tell(f"{domain} leads elsewhere in Route 53: {by_hand}")
    return False


def forget_address(cloud: Cloud, domain: str, ours: Collection[str]) -> None:
    """Remove the record that `lead` made; one that leads elsewhere stays.

    Args:
        cloud: Where.
        domain: The domain.
        ours: Addresses that hosts of the application had.

    Raises:
        CloudError: AWS refused, other than for want of a permission.
    """
    with suppress(NoZone, AccessDenied):
        zone = _zone_of(cloud, domain)
        for one in _records_of(cloud, zone, domain):
            if one["Type"] == "A" and is_of(one, ours):
                _change(cloud, zone, "DELETE", one)


def _is_own(record: Record, addresses: Collection[str], name: str) -> bool:
    return is_of(record, addresses) or leads_to(record, name)


def is_of(record: Record, ours: Collection[str]) -> bool:
    """Whether a record leads to these addresses alone. Pure."""
    values = _values([record])
    return record["Type"] == "A" and bool(values) and values <= set(ours)


def forget(cloud: Cloud, domain: str, name: str, validation: Record | None) -> None:
    """Remove the records that `validate` and `point` made.

    Args:
        cloud: Where.
        domain: The domain.
        name: The name of the load balancers that it was pointed at.
        validation: ACM's `ResourceRecord`; None where it is to stay.
    """
    with suppress(NoZone, AccessDenied):
        zone = _zone_of(cloud, domain)
        going = [one for one in _records_of(cloud, zone, domain) if leads_to(one, name)]
        if validation:
            wanted = _validation(validation)
            present = _records_of(cloud, zone, validation["Name"])
            values = wanted["ResourceRecords"]
            going += [one for one in present if one.get("ResourceRecords") == values]
        for one in going:
            _change(cloud, zone, "DELETE", one)


def shown(record: Record) -> str:
    """A record of ACM's, for people."""
    return f"{record['Name']} {record['Type']} {record['Value']}"


def nearest(zones: Iterable[Record], domain: str) -> str | None:
    """The identifier of the public zone that the domain is in, the innermost of several. Pure."""
    around = [
        one
        for one in zones
        if f".{domain}.".endswith(f".{one['Name']}")
        and not one.get("Config", {}).get("PrivateZone")
    ]
    innermost = max(around, key=lambda one: len(one["Name"]), default=None)
    return str(innermost["Id"]) if innermost else None


def leads_to(record: Record, name: str) -> bool:
    """Whether a record is an alias of a load balancer of that name, also of one that is gone. Pure.

    Their addresses are AWS's to give: NAME-NUMBER.REGION.elb.amazonaws.com.
    """
    target = str(record.get("AliasTarget", {}).get("DNSName", "")).removeprefix("dualstack.")
    host, _, domain = target.partition(".")
    return host.rpartition("-")[0] == name and ".elb.amazonaws." in domain


@contextmanager
def _else_by_hand(what: str, tell: Tell) -> Iterator[None]:
    try:
        yield
    except NoZone:
        tell(what)
    except AccessDenied as error:
        tell(f"{what}: {error.message}")


def _zone_of(cloud: Cloud, domain: str) -> str:
    pages = cloud.route53().get_paginator("list_hosted_zones").paginate()
    zone = nearest((one for page in pages for one in page["HostedZones"]), domain)
    if zone is None:
        raise NoZone(domain)
    return zone


def _records_of(cloud: Cloud, zone: str, name: str) -> list[Record]:
    """A name's own records: no more than a page holds."""
    name = f"{name.rstrip('.')}."
    answer = cloud.route53().list_resource_record_sets(HostedZoneId=zone, StartRecordName=name)
    return [one for one in answer["ResourceRecordSets"] if one["Name"] == name]


def _change(cloud: Cloud, zone: str, action: ChangeActionType, record: Record) -> None:
    change: Any = {"Action": action, "ResourceRecordSet": record}
    cloud.route53().change_resource_record_sets(
        HostedZoneId=zone, ChangeBatch={"Changes": [change]}
    )


def _values(records: Iterable[Record]) -> set[str]:
    return {str(one["Value"]) for record in records for one in record.get("ResourceRecords", ())}


def _address(domain: str, address: str) -> Record:
    record = {"Name": f"{domain}.", "Type": "A", "TTL": ADDRESS_TTL}
    return {**record, "ResourceRecords": [{"Value": address}]}


def _validation(record: Record) -> Record:
    return {
        "Name": record["Name"],
        "Type": record["Type"],
        "TTL": VALIDATION_TTL,
        "ResourceRecords": [{"Value": record["Value"]}],
    }


def _alias(domain: str, balancer: Record) -> Record:
    target = {
        "HostedZoneId": balancer["CanonicalHostedZoneId"],
        "DNSName": balancer["DNSName"],
        "EvaluateTargetHealth": False,
    }
    return {"Name": f"{domain}.", "Type": "A", "AliasTarget": target}
