"""Who signs the certificates of hosts."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class Acme(BaseModel):
    """The authority that hosts ask for a certificate, where a domain leads to one of them.

    Attributes:
        server: URL of its ACME directory; unset, Let's Encrypt's.
        email: Whom it writes to before a certificate ends; unset, nobody.
        authorities: Path on the hosts of the authorities by which they trust it; unset, those that
            they trust anyway.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    server: str | None = Field(
        default=None, pattern=r"^https://[!-~]+$", examples=["https://acme.example.com/directory"]
    )
    email: str | None = Field(
        default=None, pattern=r"^[^@\s]{1,64}@[^@\s]{1,253}$", examples=["ops@example.com"]
    )
    authorities: str | None = Field(
        default=None, pattern=r"^/[!-~]+$", examples=["/etc/ssl/certs/ca-certificates.crt"]
    )

    def over(self, other: Acme) -> Acme:
        """It, and what it leaves unsaid as `other` has it."""
        return other.model_copy(update=self.model_dump(exclude_none=True))
