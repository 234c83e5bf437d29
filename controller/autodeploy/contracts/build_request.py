"""The Compiler's other answer: what only a host can build."""

from __future__ import annotations

from autodeploy.contracts.base import Contract


class BuildRequest(Contract):
    """A build that this machine cannot do for the hosts.

    Attributes:
        reason: Why, for people.
        packages: Debian packages that it needs where it runs: compilers, headers.
    """

    reason: str
    packages: tuple[str, ...] = ()
