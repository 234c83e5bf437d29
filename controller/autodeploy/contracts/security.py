"""The Sheriff's answer: what was hardened, what was found."""

from __future__ import annotations

from typing import Literal

from autodeploy.contracts.base import Contract


class Finding(Contract):
    """Something that is not as it should be.

    Attributes:
        id: Stable name of the check.
        severity: How bad.
        resource: What it was found on.
        message: What was found, for people.
    """

    id: str
    severity: Literal["low", "medium", "high", "critical"]
    resource: str
    message: str


class SecurityConfig(Contract):
    """What the Sheriff did and saw.

    Attributes:
        hardened: Whether hosts are hardened at all (`--no-harden` says no).
        verified: What was checked and found as it should be, by host (`host-1: firewall ...`).
        findings: What was not.
        not_verified: What could not be checked, in words.
        open_ports: TCP ports that each host's firewall lets in from anywhere.
        fingerprint: SHA-256 over what was secured, and with what: with the same one, and no
            findings, there is nothing to do.
    """

    hardened: bool
    verified: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    not_verified: tuple[str, ...] = ()
    open_ports: tuple[int, ...] = ()
    fingerprint: str = ""
