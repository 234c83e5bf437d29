"""An application's secret variables, as everybody may know them: never a value."""

from __future__ import annotations

from datetime import datetime

from autodeploy.contracts.base import Contract

SECRETS = "variables"
"""The logical name of what keeps them."""


class SecretMark(Contract):
    """When a secret got its value, UTC, and who gave it."""

    at: datetime
    by: str


class SecretVersion(Contract):
    """All secrets of an application together, as they were from one change on.

    Attributes:
        version: Names what is kept: values are read by it, never as "the newest".
        number: Counts the changes; clocks of several machines, and those that jump, tell no order.
        id: Where it is kept, by AWS's identifier; None for a file.
        names: Whose value is from when, by name.
    """

    version: str
    number: int
    id: str | None
    names: dict[str, SecretMark]
