"""Certificate Manager whose certificates are signed by the lab's authority.

Whoever asks for one proves by the DNS that the domain is his: it is issued once the names that it
is for have the records that ACM names, in a public zone of Route 53's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from moto.acm.models import AWSCertificateManagerBackend, CertBundle, acm_backends
from moto.core.exceptions import JsonRESTError
from moto.elbv2.models import elbv2_backends

from autodeploy.lab.api.elbv2 import LabELBv2Backend
from autodeploy.lab.authority import Authority
from autodeploy.lab.dns import zones
from autodeploy.lab.dns.zones import World

PENDING = "PENDING_VALIDATION"


class ResourceInUse(JsonRESTError):
    """A listener has the certificate."""

    def __init__(self, arn: str) -> None:
        super().__init__("ResourceInUseException", f"Certificate {arn} in use.")


class LabCertificate(CertBundle):
    """A certificate of ACM's that is issued once the DNS has what was asked for."""

    known: Callable[[], World]

    def check(self) -> None:
        """Issue it where it waits and all of its names are proved; what is issued stays so."""
        if self.status != PENDING:
            super().check()
        elif self._proved():
            self.status = "ISSUED"

    def _proved(self) -> bool:
        options = self.describe()["Certificate"]["DomainValidationOptions"]
        return all(self._is_there(one["ResourceRecord"]) for one in options)

    def _is_there(self, wanted: Mapping[str, str]) -> bool:
        found = self.known().answer(wanted["Name"], wanted["Type"]).records
        values = [zones.plain(value) for one in found for value in one.values]
        return values == [zones.plain(wanted["Value"])]


class LabACMBackend(AWSCertificateManagerBackend):
    """An ACM that issues certificates that a client can verify."""

    __module__ = AWSCertificateManagerBackend.__module__  # moto finds a service's urls beside it

    authority: ClassVar[Authority]
    known: ClassVar[Callable[[], World]]

    def request_certificate(self, *args: Any, **kwargs: Any) -> str:
        """Make the certificate; it is PENDING_VALIDATION at first."""
        known = set(self._certificates)
        arn: str = super().request_certificate(*args, **kwargs)
        if arn not in known:
            self._certificates[arn] = self._signed(self._certificates[arn])
        return arn

    def import_certificate(self, *args: Any, **kwargs: Any) -> str:
        """Take a certificate, or another one under an ARN that listeners may have."""
        arn: str = super().import_certificate(*args, **kwargs)
        self._balancing().publish()
        return arn

    def delete_certificate(self, arn: str) -> None:
        """Delete a certificate that no listener has."""
        balancers = self._balancing().load_balancers.values()
        if any(arn in one.certificates for lb in balancers for one in lb.listeners.values()):
            raise ResourceInUse(arn)
        super().delete_certificate(arn)

    def _balancing(self) -> LabELBv2Backend:
        backend = elbv2_backends[self.account_id][self.region_name]
        assert isinstance(backend, LabELBv2Backend)  # noqa: S101  # the daemon installs both
        return backend

    def _signed(self, made: CertBundle) -> CertBundle:
        pair = self.authority.issue([made.common_name, *made.sans])
        signed = LabCertificate(
            self.account_id,
            pair.certificate.encode(),
            pair.key.encode(),
            chain=self.authority.root.read_bytes(),
            region=self.region_name,
            arn=made.arn,
            cert_type=made.type,
            cert_status=made.status,
            cert_authority_arn=made.cert_authority_arn,
            cert_options=made.cert_options,
        )
        signed.tags, signed.known = made.tags, type(self).known
        return signed


def install(authority: Authority, known: Callable[[], World]) -> None:
    """Make moto serve this backend; before its first call only.

    Args:
        authority: Who signs its certificates.
        known: What the lab's name server says of a domain.
    """
    LabACMBackend.authority = authority
    LabACMBackend.known = staticmethod(known)
    acm_backends.backend = LabACMBackend
