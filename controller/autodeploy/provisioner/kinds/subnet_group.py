"""Where a managed server may stand: what RDS's and ElastiCache's groups of subnets share."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from autodeploy.provisioner.kinds.base import Desired, Found, Site, Step


@dataclass(frozen=True)
class SubnetGroup(Desired):
    """A group over `subnets`, in two zones at least; an application has one of each service.

    Attributes:
        subnets: Their logical names.
    """

    wave = 1
    subnets: tuple[str, ...]

    @abstractmethod
    def modify(self, site: Site, found: Found) -> None:
        """Have it lie over its subnets alone."""

    def lacks(self, found: Found, ids: Mapping[str, str]) -> list[Step]:
        """See Desired."""
        if subnets_of(found.record) == {ids.get(one) for one in self.subnets}:
            return []
        reason = f"is not over {' and '.join(self.subnets)}"
        return [Step(reason, lambda site: self.modify(site, found))]


def subnets_of(record: Mapping[str, Any]) -> set[str]:
    """AWS's identifiers of the subnets that a group lies over."""
    return {one["SubnetIdentifier"] for one in record["Subnets"]}
