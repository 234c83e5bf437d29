"""What an audit has found: every look at an application's security, taken at one moment."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from autodeploy.contracts.base import Contract
from autodeploy.contracts.security import Finding, TopicReport


class Lynis(Contract):
    """What Lynis says of a host.

    Attributes:
        hardening_index: From 0 to 100.
        warnings: How many; each is a finding.
        suggestions: How many.
        version: Lynis' own.
    """

    hardening_index: int
    warnings: int
    suggestions: int
    version: str


class SshAudit(Contract):
    """What ssh-audit says of a host's SSH.

    Attributes:
        fail: How many algorithms fail.
        warn: How many it warns of.
        policy: The policy for the host's system; None where it knows none.
        passed: Whether that is met; None without one.
    """

    fail: int
    warn: int
    policy: str | None = None
    passed: bool | None = None


class Tls(Contract):
    """What answers at the application's HTTPS address.

    Attributes:
        address: `shop.example.org:443`.
        protocols: What it speaks of TLS 1.0 to 1.3: `TLSv1.2`.
        trusted: Whether the certificate is valid for the name and its authority is known here.
        days: Whole days that the certificate is still good; None where it is not trusted.
    """

    address: str
    protocols: tuple[str, ...]
    trusted: bool
    days: int | None


class Audit(Contract):
    """All of it.

    Attributes:
        application: Whose.
        environment: Which of it.
        deployment: What is live there.
        time: When, UTC.
        lynis: The worst host's; None where no host has any.
        ssh_audit: The worst host's, likewise.
        units: The worst exposure of each unit, over the hosts.
        tls: None where it has no HTTPS address.
        findings: What is not as it should be, the worst first, each once.
        reports: What each look and role has told, by host and topic.
    """

    application: str
    environment: str
    deployment: str
    time: datetime
    lynis: Lynis | None = None
    ssh_audit: SshAudit | None = None
    units: dict[str, float] = Field(default_factory=dict)
    tls: Tls | None = None
    findings: tuple[Finding, ...] = ()
    reports: tuple[TopicReport, ...] = ()
