"""The certificates of listeners, out of ACM and IAM."""

from __future__ import annotations

from moto.acm.exceptions import CertificateNotFound
from moto.acm.models import AWS_ROOT_CA, CertBundle, acm_backends
from moto.elbv2.exceptions import ELBClientError
from moto.iam.models import iam_backends
from moto.utilities.utils import get_partition
from pydantic import SecretStr

from autodeploy.lab.balancers.model import Certificate


class Certificates:
    """What one account has in one region."""

    def __init__(self, account: str, region: str) -> None:
        self._account = account
        self._region = region

    def get(self, arn: str) -> Certificate:
        """A certificate with its chain and key; one that has expired is still served.

        Raises:
            ELBClientError: There is none of this ARN.
        """
        found = self._from_acm(arn) or self._from_iam(arn)
        if not found:
            raise ELBClientError("CertificateNotFound", f"Certificate '{arn}' not found")
        return Certificate(pem=SecretStr(found))

    def demand(self, protocol: str, arns: list[str]) -> None:
        """Nothing where a listener can have these.

        Raises:
            ELBClientError: One is missing or not issued, or the protocol has no use of them.
        """
        if protocol == "HTTPS" and not arns:
            raise ELBClientError(
                "ValidationError", "A certificate must be specified for HTTPS listeners"
            )
        if protocol == "HTTP" and arns:
            raise ELBClientError(
                "ValidationError", "A certificate cannot be specified for HTTP listeners"
            )
        for arn in arns:
            self.get(arn)
            found = self._bundle(arn)
            if found and found.status != "ISSUED":
                raise ELBClientError(
                    "UnsupportedCertificate",
                    f"The certificate '{arn}' must have a fully-qualified domain name, "
                    "a supported signature, and a supported key size.",
                )

    def _bundle(self, arn: str) -> CertBundle | None:
        try:
            return acm_backends[self._account][self._region].get_certificate(arn)
        except CertificateNotFound:
            return None

    def _from_acm(self, arn: str) -> str | None:
        found = self._bundle(arn)
        if found is None:
            return None
        # moto puts Amazon's root behind every chain; no client of a lab needs it.
        chain = found.chain.replace(AWS_ROOT_CA, b"")
        return _joined(found.cert, chain, found.key)

    def _from_iam(self, arn: str) -> str | None:
        backend = iam_backends[self._account][get_partition(self._region)]
        found = backend.get_certificate_by_arn(arn)
        if found is None:
            return None
        return _joined(found.cert_body, found.cert_chain or "", found.private_key)


def _joined(*parts: bytes | str) -> str:
    texts = [one.decode() if isinstance(one, bytes) else one for one in parts]
    return "".join(f"{one.strip()}\n" for one in texts if one.strip())
