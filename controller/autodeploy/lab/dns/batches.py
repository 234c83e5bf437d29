"""What Route 53 refuses in a change of a zone. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import dns.exception
import dns.name
import dns.rdata

from autodeploy.lab.dns.zones import RecordSet, Zone, within

BALANCERS = "Z35SXDOTRQ7X7K"
"""Application load balancers' zone in Route 53, us-east-1; the lab's of all regions are in it."""
BALANCERS_DOMAIN = "elb.amazonaws.com"

Exists = Callable[[str], bool]


class Refused(ValueError):
    """Why nothing of a batch is done, as AWS says it, with AWS's code."""

    def __init__(self, message: str, code: str = "InvalidChangeBatch") -> None:
        super().__init__(f"[{message}]" if code == "InvalidChangeBatch" else message)
        self.code = code


@dataclass(frozen=True)
class Change:
    """One change of a batch: `CREATE`, `UPSERT` or `DELETE`, and of what."""

    action: str
    wanted: RecordSet


def check(zone: Zone, zone_id: str, changes: Iterable[Change], exists: Exists) -> None:
    """Nothing where all of a batch can be done, one change after the other.

    Args:
        zone: The zone as it is.
        zone_id: Route 53's identifier of it.
        changes: The batch.
        exists: Whether a load balancer has that name.

    Raises:
        Refused: Something is wrong with one of them.
    """
    present = {one.key: one for one in zone.records}
    for change in changes:
        _form(change)
        _place(zone, change.wanted)
        _presence(change, present.get(change.wanted.key))
        present.pop(change.wanted.key, None)
        if change.action == "DELETE":
            _kept(zone, change.wanted)
        else:
            _values(change.wanted)
            _alone(zone, change.wanted, present.values())
            _target(change.wanted, zone, zone_id, present.values(), exists)
            present[change.wanted.key] = change.wanted


def _form(change: Change) -> None:
    wanted = change.wanted
    said = f"Action={change.action}, Name={wanted.name}., Type={wanted.type}"
    plain = wanted.ttl is not None and bool(wanted.values)
    if plain == (wanted.alias is not None):
        raise Refused(
            "Invalid request: Expected exactly one of [AliasTarget, all of [TTL, and "
            "ResourceRecords], or TrafficPolicyInstanceId], but found "
            f"{'more than one' if plain else 'none'} in Change with [{said}, "
            f"SetIdentifier={wanted.identifier or 'null'}]",
            "InvalidInput",
        )


def _place(zone: Zone, wanted: RecordSet) -> None:
    if not within(wanted.name, zone.name):
        raise Refused(f"RRSet with DNS name {wanted.name}. is not permitted in zone {zone.name}.")


def _presence(change: Change, there: RecordSet | None) -> None:
    what = f"[name='{change.wanted.name}.', type='{change.wanted.type}']"
    if change.action == "CREATE" and there:
        raise Refused(f"Tried to create resource record set {what} but it already exists")
    if change.action == "DELETE" and there is None:
        raise Refused(f"Tried to delete resource record set {what} but it was not found")
    if change.action == "DELETE" and _content(there) != _content(change.wanted):
        raise Refused(
            f"Tried to delete resource record set {what} but the values provided do not match the "
            "current values"
        )


def _content(one: RecordSet | None) -> object:
    return one and (one.ttl, sorted(one.values), one.alias, one.alias_zone)


def _kept(zone: Zone, wanted: RecordSet) -> None:
    if wanted.name == zone.name and wanted.type in {"NS", "SOA"}:
        count = "exactly one SOA record" if wanted.type == "SOA" else "at least one NS record"
        raise Refused(f"A HostedZone must contain {count}.")


def _values(wanted: RecordSet) -> None:
    for value in wanted.values:
        try:
            dns.rdata.from_text("IN", wanted.type, value, origin=dns.name.root)
        except (dns.exception.DNSException, ValueError) as error:
            raise Refused(
                f"Invalid Resource Record: 'FATAL problem: InvalidValue ({error}) encountered with "
                f"'{value}''"
            ) from None
        if wanted.type in {"TXT", "SPF"} and not value.startswith('"'):
            raise Refused(
                "Invalid Resource Record: 'FATAL problem: InvalidCharacterString (Value should be "
                f"enclosed in quotation marks) encountered with '{value}''"
            )
    if wanted.type == "CNAME" and len(wanted.values) > 1:
        raise Refused(
            f"InvalidChangeBatch: RRSet of type CNAME with DNS name {wanted.name}. has more than "
            "one value"
        )


def _alone(zone: Zone, wanted: RecordSet, present: Iterable[RecordSet]) -> None:
    """A CNAME is the only record of its name, and not the zone's own."""
    said = f"RRSet of type {wanted.type} with DNS name {wanted.name}. is not permitted"
    if wanted.type == "CNAME" and wanted.name == zone.name:
        raise Refused(f"{said} at apex in zone {zone.name}.")
    others = {one.type for one in present if one.name == wanted.name} - {wanted.type}
    if "CNAME" in others or (wanted.type == "CNAME" and others):
        raise Refused(
            f"{said} as it conflicts with other records with the same DNS name in zone {zone.name}."
        )


def _target(
    wanted: RecordSet, zone: Zone, zone_id: str, present: Iterable[RecordSet], exists: Exists
) -> None:
    if wanted.alias is None:
        return
    said = (
        f"Tried to create an alias that targets {wanted.alias}., type {wanted.type} in zone "
        f"{wanted.alias_zone}, but "
    )
    inside = {zone_id: zone.name, BALANCERS: BALANCERS_DOMAIN}.get(str(wanted.alias_zone))
    if inside is None or not within(wanted.alias, inside):
        raise Refused(f"{said}the alias target name does not lie within the target zone")
    names = {one.name for one in present if one.type == wanted.type}
    if not (wanted.alias in names or (inside == BALANCERS_DOMAIN and exists(wanted.alias))):
        raise Refused(f"{said}that target was not found")
