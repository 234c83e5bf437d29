"""The lab's certificate authority: what it signs, a client that trusts its root believes."""

from __future__ import annotations

import fcntl
import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from autodeploy.lab import trust
from autodeploy.lab.site import Site
from autodeploy.paths import private_folder

LIFETIME = timedelta(days=3650)
AN_HOUR = timedelta(hours=1)  # a client's clock may be behind
KEY_USES = (
    *("digital_signature", "content_commitment", "key_encipherment", "data_encipherment"),
    *("key_agreement", "key_cert_sign", "crl_sign", "encipher_only", "decipher_only"),
)


@dataclass(frozen=True)
class Pair:
    """A certificate and its private key, both PEM."""

    certificate: str
    key: str


class Authority:
    """One lab's authority; its root is AUTODEPLOY_HOME/lab/ca/ca.pem."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._key = root.with_suffix(".key")

    @classmethod
    def of(cls, site: Site) -> Authority:
        """The lab's; made where it has none. It stays when the lab goes."""
        root = trust.certificate_path(site)
        folder = private_folder(root.parent)
        made = cls(root)
        with (folder / "lock").open("w") as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            if not made.root.exists():
                made._create()
        return made

    def issue(self, names: Sequence[str]) -> Pair:
        """A server's certificate for these names and addresses, the first one its subject."""
        root = x509.load_pem_x509_certificate(self.root.read_bytes())
        signer = serialization.load_pem_private_key(self._key.read_bytes(), password=None)
        assert isinstance(signer, ec.EllipticCurvePrivateKey)  # noqa: S101  # our own file
        key = ec.generate_private_key(ec.SECP256R1())
        builder = _builder(_name(names[0]), root.subject, key)
        builder = builder.add_extension(
            x509.SubjectAlternativeName([_general(one) for one in dict.fromkeys(names)]), False
        )
        builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), True)
        server = x509.oid.ExtendedKeyUsageOID.SERVER_AUTH
        builder = builder.add_extension(x509.ExtendedKeyUsage([server]), False)
        issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key())
        builder = builder.add_extension(issuer, False)
        return Pair(_pem(builder.sign(signer, hashes.SHA256())), _key_pem(key))

    def _create(self) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        name = _name("autodeploy lab")
        uses = {use: use in {"key_cert_sign", "crl_sign"} for use in KEY_USES}
        builder = _builder(name, name, key)
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), True)
        builder = builder.add_extension(x509.KeyUsage(**uses), True)
        identity = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
        builder = builder.add_extension(identity, False)
        self._key.touch(mode=0o600)
        self._key.write_text(_key_pem(key))
        written = self.root.with_suffix(".new")
        written.write_text(_pem(builder.sign(key, hashes.SHA256())))
        written.rename(self.root)


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - AN_HOUR)
        .not_valid_after(now + LIFETIME)
    )


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common[:64])])


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def _key_pem(key: ec.EllipticCurvePrivateKey) -> str:
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return pem.decode()
