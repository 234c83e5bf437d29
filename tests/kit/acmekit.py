"""An ACME client (RFC 8555) of the tests' own: one account, one name, one challenge of any type."""

from __future__ import annotations

import base64
import hashlib
import json
import ssl
import urllib.request
from collections.abc import Callable
from typing import Any
from urllib.error import HTTPError

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.x509.oid import NameOID

from labkit import until

TRIES = 50
"""Of one request: Pebble rejects some of the nonces that are good."""
PAUSE = 0.25
ENDED = ("valid", "invalid", "ready")


class Client:
    """An account at an authority.

    Attributes:
        problem: What the authority said of the last challenge that failed.
    """

    def __init__(self, directory: str, trusted: str) -> None:
        """Make the account; `trusted` is the file of who signed the directory's TLS."""
        context = ssl.create_default_context(cafile=trusted)
        self._web = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context)
        )
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._account: str | None = None
        self.problem: dict[str, Any] = {}
        with self._web.open(directory) as answer:
            self._directory = json.load(answer)
        agreed = {"termsOfServiceAgreed": True}
        _, headers = self._post(self._directory["newAccount"], agreed)
        self._account = headers["Location"]

    def certificate(self, name: str, type_: str, answer: Callable[[str, str], None]) -> str | None:
        """A certificate with its chain, as PEM; None where the challenge failed.

        Args:
            name: Whom it is for.
            type_: The challenge's, such as `http-01`.
            answer: Puts the key authorization where the authority looks; takes token and that.
        """
        asked = {"identifiers": [{"type": "dns", "value": name}]}
        order, headers = self._post(self._directory["newOrder"], asked)
        (page,) = order["authorizations"]
        wanted = self._post(page)[0]
        challenge = next(one for one in wanted["challenges"] if one["type"] == type_)
        if wanted["status"] == "pending":
            answer(challenge["token"], f"{challenge['token']}.{self._thumbprint()}")
            self._post(challenge["url"], {})
        done = until(lambda: self._ended(page), pause=PAUSE)
        if done["status"] != "valid":
            self.problem = next(one["error"] for one in done["challenges"] if "error" in one)
            return None
        self._post(order["finalize"], {"csr": _coded(_request(name))})
        finished = until(lambda: self._ended(headers["Location"], "valid"), pause=PAUSE)
        return str(self._post(finished["certificate"])[0])

    def _ended(self, page: str, *states: str) -> dict[str, Any] | None:
        found: dict[str, Any] = self._post(page)[0]
        return found if found["status"] in (states or ENDED) else None

    def _post(self, url: str, said: Any = None) -> tuple[Any, Any]:
        for _ in range(TRIES):
            head = urllib.request.Request(self._directory["newNonce"], method="HEAD")
            with self._web.open(head) as answer:
                nonce = answer.headers["Replay-Nonce"]
            body = json.dumps(self._signed(url, nonce, said)).encode()
            kind = {"Content-Type": "application/jose+json"}
            try:
                with self._web.open(urllib.request.Request(url, body, kind)) as answer:
                    text = answer.read()
                    found = json.loads(text) if "json" in answer.headers["Content-Type"] else None
                    return found or text.decode(), answer.headers
            except HTTPError as error:
                problem = json.load(error)
                if not problem["type"].endswith(":badNonce"):
                    raise AssertionError(problem) from error
        raise AssertionError("every nonce was rejected")

    def _signed(self, url: str, nonce: str, said: Any) -> dict[str, str]:
        who = {"kid": self._account} if self._account else {"jwk": self._jwk()}
        protected = _coded(json.dumps({"alg": "ES256", "nonce": nonce, "url": url, **who}).encode())
        payload = "" if said is None else _coded(json.dumps(said).encode())
        made = self._key.sign(f"{protected}.{payload}".encode(), ec.ECDSA(hashes.SHA256()))
        halves = (one.to_bytes(32, "big") for one in decode_dss_signature(made))
        signature = _coded(b"".join(halves))
        return {"protected": protected, "payload": payload, "signature": signature}

    def _jwk(self) -> dict[str, str]:
        point = self._key.public_key().public_numbers()
        x, y = (_coded(one.to_bytes(32, "big")) for one in (point.x, point.y))
        return {"crv": "P-256", "kty": "EC", "x": x, "y": y}

    def _thumbprint(self) -> str:
        text = json.dumps(self._jwk(), sort_keys=True, separators=(",", ":"))
        return _coded(hashlib.sha256(text.encode()).digest())


def _coded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _request(name: str) -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    names = x509.SubjectAlternativeName([x509.DNSName(name)])
    builder = x509.CertificateSigningRequestBuilder().subject_name(subject)
    made = builder.add_extension(names, critical=False).sign(key, hashes.SHA256())
    return made.public_bytes(serialization.Encoding.DER)
