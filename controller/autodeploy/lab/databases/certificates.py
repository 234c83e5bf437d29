"""The lab's certificate authority: what its databases prove themselves with to their clients."""

from __future__ import annotations

import datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from autodeploy.contracts import Contract
from autodeploy.lab.databases import authority
from autodeploy.lab.site import Site
from autodeploy.paths import private_folder

LIFETIME = datetime.timedelta(days=3650)
AN_HOUR = datetime.timedelta(hours=1)  # a client's clock may be behind


class Identity(Contract):
    """What a server proves itself with.

    Attributes:
        certificate: Its certificate, PEM.
        key: Its private key, PEM.
    """

    certificate: str
    key: str


def ensure(site: Site) -> str:
    """The certificate of the lab's authority as PEM; it is made where there is none yet."""
    certificate = authority.certificate_path(site)
    key = private_folder(certificate.parent) / "ca.key"
    if not certificate.exists():
        made = _make_authority(f"autodeploy lab {site.key} CA")
        key.touch(mode=0o600)
        key.write_text(made.key)
        written = certificate.with_suffix(".new")
        written.write_text(made.certificate)
        written.rename(certificate)
    return certificate.read_text()


def identity(site: Site, name: str) -> Identity:
    """A certificate of the lab's authority for one DNS name, and its key."""
    issuer = x509.load_pem_x509_certificate(ensure(site).encode())
    secret = authority.certificate_path(site).with_name("ca.key").read_bytes()
    signer = serialization.load_pem_private_key(secret, None)
    assert isinstance(signer, ec.EllipticCurvePrivateKey)  # noqa: S101  # `ensure` made it
    key = ec.generate_private_key(ec.SECP256R1())
    builder = (
        _builder(_name(name), issuer.subject, key)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False
        )
    )
    return _signed(builder, signer, key)


def _make_authority(name: str) -> Identity:
    key = ec.generate_private_key(ec.SECP256R1())
    usage = dict.fromkeys(_USAGES, False) | {"key_cert_sign": True, "crl_sign": True}
    builder = (
        _builder(_name(name), _name(name), key)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.KeyUsage(**usage), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    return _signed(builder, key, key)


_USAGES = (
    *("digital_signature", "content_commitment", "key_encipherment", "data_encipherment"),
    *("key_agreement", "key_cert_sign", "crl_sign", "encipher_only", "decipher_only"),
)


def _name(text: str) -> x509.Name:
    """A subject; a common name holds 64 characters, the whole name is in the extension."""
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text[:64])])


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey
) -> x509.CertificateBuilder:
    now = datetime.datetime.now(datetime.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - AN_HOUR)
        .not_valid_after(now + LIFETIME)
    )


def _signed(
    builder: x509.CertificateBuilder,
    signer: ec.EllipticCurvePrivateKey,
    key: ec.EllipticCurvePrivateKey,
) -> Identity:
    pem = builder.sign(signer, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return Identity(certificate=pem.decode(), key=private.decode())
