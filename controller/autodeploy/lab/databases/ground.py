"""What all databases of a lab stand on."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from moto.rds.models import DBSnapshot

from autodeploy.lab.site import Site
from autodeploy.lab.vpcs import Vpcs
from autodeploy.paths import private_folder


@dataclass(frozen=True)
class Ground:
    """The lab as databases see it.

    Attributes:
        site: Where it keeps its things.
        vpcs: Its networks.
    """

    site: Site
    vpcs: Vpcs

    def dump_of(self, snapshot: DBSnapshot) -> Path:
        """Where a snapshot's dump is."""
        owner = f"{snapshot.account_id}-{snapshot.region}"
        return private_folder(self.site.snapshots) / f"{owner}-{snapshot.db_snapshot_identifier}"
