"""What nobody on this machine knows."""

from __future__ import annotations

from autodeploy.contracts.base import Contract
from autodeploy.contracts.infrastructure import Resource


class Orphan(Contract):
    """A resource that bears autodeploy's tags and is in no state of this machine.

    Attributes:
        application: Whose it is, from its tags.
        environment: In which environment.
        deployment: The run that made it.
        resource: It.
        monthly_usd: What it costs in a month by a list of prices, traffic aside; None where that
            is not known.
        removal: How it goes, for people.
    """

    application: str
    environment: str
    deployment: str
    resource: Resource
    monthly_usd: float | None
    removal: str


class Orphans(Contract):
    """All of them in a region.

    Attributes:
        region: The region that was looked at.
        orphans: By application.
        prices: Of where and of when the prices are.
    """

    region: str
    orphans: tuple[Orphan, ...]
    prices: str
