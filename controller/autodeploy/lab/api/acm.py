"""Certificate Manager whose certificates are signed by the lab's authority."""

from __future__ import annotations

from typing import Any, ClassVar

from moto.acm.models import AWSCertificateManagerBackend, CertBundle, acm_backends
from moto.core.exceptions import JsonRESTError
from moto.elbv2.models import elbv2_backends

from autodeploy.lab.api.elbv2 import LabELBv2Backend
from autodeploy.lab.authority import Authority


class ResourceInUse(JsonRESTError):
    """A listener has the certificate."""

    def __init__(self, arn: str) -> None:
        super().__init__("ResourceInUseException", f"Certificate {arn} in use.")


class LabACMBackend(AWSCertificateManagerBackend):
    """An ACM that issues certificates that a client can verify, validation being a formality."""

    __module__ = AWSCertificateManagerBackend.__module__  # moto finds a service's urls beside it

    authority: ClassVar[Authority]

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
        signed = CertBundle(
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
        signed.tags = made.tags
        return signed


def install(authority: Authority) -> None:
    """Make moto serve this backend; before its first call only."""
    LabACMBackend.authority = authority
    acm_backends.backend = LabACMBackend
