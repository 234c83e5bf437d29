"""The certificate that proves to browsers that the domain is the application's."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from autodeploy.aws import Cloud
from autodeploy.errors import ResourceFailed
from autodeploy.provisioner import acm, dns
from autodeploy.provisioner.kinds.base import Desired, Found, Intend, Look, Site, Step
from autodeploy.provisioner.owner import Owner

HTTPS_GROUP = "security-group-https"
"""The group that lets HTTPS in: made before the certificate, and gone after it.

Where it is not, no certificate need be looked for.
"""
LIVING = frozenset({"PENDING_VALIDATION", "ISSUED"})
RECORD_SECONDS = 60
ISSUED_SECONDS, USUAL_SECONDS = 1800, 60


@dataclass(frozen=True)
class Certificate(Desired):
    """A certificate of ACM's for `domain`, which a DNS record proves to be ours."""

    type = "AWS::CertificateManager::Certificate"
    id_field = "CertificateArn"
    wave = 3
    domain: str

    @classmethod
    def key_of(cls, record: Mapping[str, Any]) -> str:
        """See Desired. A dead one has a name that nothing asks for.

        So the next one is made before it, and it goes once no listener has it any more.
        """
        if record["Status"] in LIVING:
            return key_for(record["DomainName"])
        return key_for(record["CertificateArn"].rpartition("/")[2])

    @classmethod
    def describe(cls, look: Look) -> Iterator[Mapping[str, Any]]:
        """See Desired."""
        if look.ever_had(HTTPS_GROUP):
            yield from acm.listed(look.cloud)

    @classmethod
    def belongs(cls, look: Look, record: Mapping[str, Any]) -> bool:
        """See Desired. What our listener has is taken to be ours; `delete` makes sure."""
        arn = record["CertificateArn"]
        return arn in look.linked or look.owner.owns(acm.tags(look.cloud, arn))

    @property
    def needs(self) -> tuple[str, ...]:
        """See Desired."""
        return (HTTPS_GROUP,)

    def create(self, site: Site, intend: Intend) -> Found:
        """See Desired."""
        token = hashlib.sha256(f"{site.owner.deployment} {self.key}".encode()).hexdigest()[:32]
        intend(token=token)
        answer = site.cloud.acm().request_certificate(
            DomainName=self.domain,
            ValidationMethod="DNS",
            IdempotencyToken=token,
            Tags=site.owner.tags(self.key),  # type: ignore[arg-type]
        )
        return self.found(
            {**answer, "DomainName": self.domain, "Status": "PENDING_VALIDATION"},
        )

    def lacks(self, found: Found, ids: Mapping[str, str]) -> list[Step]:  # noqa: ARG002
        """See Desired."""
        if found.record["Status"] != "PENDING_VALIDATION":
            return []
        return [Step("is not validated", lambda site: self._validate(site, found.id))]

    def _validate(self, site: Site, arn: str) -> None:
        record: Mapping[str, Any] = {}

        def told() -> bool:
            nonlocal record
            record = acm.validation_record(acm.described(site.cloud, arn)) or {}
            return bool(record)

        what = f"ACM to say which record proves that {self.domain} is ours"
        site.patience.until(told, seconds=RECORD_SECONDS, what=what)
        dns.validate(site.cloud, self.domain, record, site.patience.tell)

    def ready(self, site: Site, found: Found) -> Found:
        """See Desired."""
        record: Mapping[str, Any] = found.record

        def decided() -> bool:
            nonlocal record
            record = acm.described(site.cloud, found.id)
            return bool(record["Status"] != "PENDING_VALIDATION")

        if record["Status"] == "PENDING_VALIDATION":
            try:
                what = f"the certificate of {self.domain} to be issued"
                site.patience.until(decided, seconds=ISSUED_SECONDS, what=what, usual=USUAL_SECONDS)
            except ResourceFailed as error:
                raise _not_issued(error.message, record) from None
        if record["Status"] != "ISSUED":
            said = f"{record['Status']}: {record.get('FailureReason', 'ACM gives no reason')}"
            raise _not_issued(f"the certificate of {self.domain} is not issued ({said})", record)
        return replace(found, record=record)

    @classmethod
    def delete(cls, cloud: Cloud, found: Found) -> None:
        """See Desired. What people have given the listener by hand is not ours, and stays."""
        tags = acm.tags(cloud, found.id)
        owner = Owner(
            application=tags.get("autodeploy:application", ""),
            environment=tags.get("autodeploy:environment", ""),
            deployment="",
        )
        if not owner.owns(tags):
            return
        domain = str(found.record["DomainName"])
        # ACM asks for the same record for each certificate of a domain, also to renew it.
        described = (
            {} if acm.has_others(cloud, domain, found.id) else acm.described(cloud, found.id)
        )
        dns.forget(cloud, domain, owner.short_name, acm.validation_record(described))
        cloud.acm().delete_certificate(CertificateArn=found.id)


def key_for(domain: str) -> str:
    """The logical name of a domain's certificate: with the domain comes another certificate."""
    return f"certificate-{domain}"


def _not_issued(message: str, described: Mapping[str, Any]) -> ResourceFailed:
    record = acm.validation_record(described)
    wanted = f"the DNS has {dns.shown(record)}" if record else "ACM can validate the domain"
    return ResourceFailed(
        message,
        action="acm:DescribeCertificate",
        remediation=f"See that {wanted}, then deploy again: it goes on.",
    )
