"""Route 53 whose public zones are answered for, and that refuses what AWS's refuses."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable
from typing import Any, ClassVar

from moto.elbv2.models import elbv2_backends
from moto.route53.exceptions import Route53ClientError
from moto.route53.models import FakeZone, RecordSet, Route53Backend, route53_backends

from autodeploy.lab.dns import batches, zones
from autodeploy.lab.dns.batches import Change, Refused

EXISTS = "A hosted zone has already been created with the specified caller reference."
Publish = Callable[[Iterable[zones.Zone]], None]


class LabRoute53Backend(Route53Backend):
    """A Route 53 whose public zones the lab's name server has."""

    __module__ = Route53Backend.__module__  # moto finds a service's urls beside it

    publish: ClassVar[Publish]

    def create_hosted_zone(self, *args: Any, **kwargs: Any) -> FakeZone:
        """Make it and answer for it, unless it is private.

        Raises:
            Route53ClientError: The caller has made one by the same reference.
        """
        if kwargs.get("caller_reference") in {one.caller_reference for one in self.zones.values()}:
            raise Route53ClientError("HostedZoneAlreadyExists", EXISTS)
        made = super().create_hosted_zone(*args, **kwargs)
        for first in made.rrsets:
            first.records = [_value(one) for one in first.records]
        type(self).publish(public_zones())
        return made

    def delete_hosted_zone(self, id_: str) -> FakeZone | None:
        """Delete one that has nothing but what AWS has put into it."""
        gone = super().delete_hosted_zone(id_)
        type(self).publish(public_zones())
        return gone

    def change_resource_record_sets(self, zoneid: str, change_list: list[dict[str, Any]]) -> None:
        """Do all of a batch, or nothing where something is wrong with it.

        Raises:
            Route53ClientError: Something is.
        """
        zone = self.get_hosted_zone(zoneid)
        asked = [(one["Action"], one["ResourceRecordSet"]) for one in change_list]
        changes = [Change(action, zones.record_set(wanted)) for action, wanted in asked]
        try:
            batches.check(_zone(zone), zone.resource_id, changes, self._has_balancer)
        except Refused as refused:
            raise Route53ClientError(refused.code, str(refused)) from None
        kept = {_record_set(one).key: one for one in zone.rrsets}
        for (action, wanted), change in zip(asked, changes, strict=True):
            kept.pop(change.wanted.key, None)
            if action != "DELETE":
                kept[change.wanted.key] = _made(wanted)
        zone.rrsets = list(kept.values())
        type(self).publish(public_zones())

    def _has_balancer(self, name: str) -> bool:
        backends = elbv2_backends[self.account_id].values()
        balancers = (one for each in backends for one in each.load_balancers.values())
        return any(one.dns_name.lower() == name for one in balancers)


def public_zones() -> list[zones.Zone]:
    """Every account's, the oldest first."""
    backends: Iterable[Any] = (one for _, _, one in route53_backends.iter_backends())
    found = (zone for backend in backends for zone in backend.zones.values())
    return [_zone(zone) for zone in found if not zone.private_zone]


def install(publish: Publish) -> None:
    """Make moto serve this backend; before its first call only.

    Args:
        publish: Told every public zone whenever one has changed.
    """
    LabRoute53Backend.publish = staticmethod(publish)
    route53_backends.backend = LabRoute53Backend


def _zone(zone: FakeZone) -> zones.Zone:
    return zones.Zone(name=zones.plain(zone.name), records=tuple(map(_record_set, zone.rrsets)))


def _record_set(kept: RecordSet) -> zones.RecordSet:
    return zones.record_set(
        {
            "Name": kept.name,
            "Type": kept.type,
            "TTL": kept.ttl,
            "ResourceRecords": kept.resource_records,
            "AliasTarget": kept.alias_target,
            "SetIdentifier": kept.set_identifier,
        }
    )


def _value(said: Any) -> str:
    """A value of a zone's first records: moto keeps some of them as Route 53 is told them."""
    return str(said["Value"] if isinstance(said, dict) else said)


def _made(wanted: dict[str, Any]) -> RecordSet:
    said = copy.deepcopy(wanted)
    said["Name"] = f"{wanted['Name'].rstrip('.').lower()}."
    if "ResourceRecords" in said:
        said["ResourceRecords"] = [one["Value"] for one in said["ResourceRecords"]]
    return RecordSet(said)  # type: ignore[abstract]  # moto makes them so itself
