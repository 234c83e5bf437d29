"""What whoever knows packages is asked, and tells."""

from __future__ import annotations

from dataclasses import dataclass

from autodeploy.contracts import Finding

Packages = tuple[tuple[str, str], ...]
"""Names and versions."""


@dataclass(frozen=True)
class Told:
    """What is known of some packages.

    Attributes:
        asked: Of how many something could be known.
        findings: What is.
        unscanned: Of which nothing could be, and why.
    """

    asked: int
    findings: tuple[Finding, ...] = ()
    unscanned: tuple[str, ...] = ()
