"""Public zones of Route 53's for tests: made by the API, as users make them."""

from __future__ import annotations

import time
from typing import Any

ANSWERS = "getent ahostsv4 {name} | awk '{{print $1}}' | sort -u"


def make_zone(route53: Any, name: str, **wanted: Any) -> str:
    """A zone's identifier."""
    made = route53.create_hosted_zone(
        Name=name, CallerReference=f"{name} {time.monotonic_ns()}", **wanted
    )
    return str(made["HostedZone"]["Id"])


def change(route53: Any, zone: str, action: str, name: str, type_: str, *values: str) -> None:
    """Change the plain records of one name and type."""
    record = {
        "Name": name,
        "Type": type_,
        "TTL": 60,
        "ResourceRecords": [{"Value": one} for one in values],
    }
    put(route53, zone, action, record)


def put(route53: Any, zone: str, action: str, record: dict[str, Any]) -> None:
    """Change any record set."""
    changes = [{"Action": action, "ResourceRecordSet": record}]
    route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": changes})


def validate(acm: Any, route53: Any, zone: str, arn: str) -> None:
    """Make the records that ACM asks for."""
    asked = acm.describe_certificate(CertificateArn=arn)["Certificate"]["DomainValidationOptions"]
    for one in asked:
        wanted = one["ResourceRecord"]
        change(route53, zone, "UPSERT", wanted["Name"], wanted["Type"], wanted["Value"])


def remove_zone(route53: Any, zone: str) -> None:
    """Delete a zone with all that is in it."""
    pages = route53.get_paginator("list_resource_record_sets").paginate(HostedZoneId=zone)
    for record in [one for page in pages for one in page["ResourceRecordSets"]]:
        if record["Type"] not in {"NS", "SOA"}:
            put(route53, zone, "DELETE", record)
    route53.delete_hosted_zone(Id=zone)
