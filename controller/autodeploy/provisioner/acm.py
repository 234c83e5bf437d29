"""What ACM says of certificates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from autodeploy.aws import Cloud
from autodeploy.aws.errors import is_gone
from autodeploy.errors import CloudError
from autodeploy.provisioner.owner import tags_of


def listed(cloud: Cloud) -> Iterator[Mapping[str, Any]]:
    """The account's certificates in the region: summaries, without tags."""
    for page in cloud.acm().get_paginator("list_certificates").paginate():
        yield from page["CertificateSummaryList"]


def described(cloud: Cloud, arn: str) -> Mapping[str, Any]:
    """One certificate."""
    return cloud.acm().describe_certificate(CertificateArn=arn)["Certificate"]


def tags(cloud: Cloud, arn: str) -> dict[str, str]:
    """A certificate's tags; none for one that has just gone."""
    try:
        return tags_of(cloud.acm().list_tags_for_certificate(CertificateArn=arn))
    except CloudError as error:
        if not is_gone(error):
            raise
        return {}


def validation_record(description: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The DNS record that ACM wants to see; None as long as it does not say. Pure."""
    options = description.get("DomainValidationOptions", ())
    return next((one["ResourceRecord"] for one in options if "ResourceRecord" in one), None)


def has_others(cloud: Cloud, domain: str, arn: str) -> bool:
    """Whether there are certificates for the domain beside the one that is named."""
    return any(
        domain in {one.get("DomainName"), *one.get("SubjectAlternativeNameSummaries", ())}
        for one in listed(cloud)
        if one["CertificateArn"] != arn
    )
