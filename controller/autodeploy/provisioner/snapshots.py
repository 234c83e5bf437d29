"""What is left of databases on purpose: their snapshots."""

from __future__ import annotations

from autodeploy.aws import Cloud
from autodeploy.journal import AgentLog
from autodeploy.journal import events as e
from autodeploy.provisioner.owner import Owner, tags_of


def tell_snapshots(cloud: Cloud, owner: Owner, log: AgentLog) -> None:
    """Journal every snapshot of the owner's databases that is there and stays.

    Raises:
        CloudError: AWS could not be asked.
    """
    pages = cloud.rds().get_paginator("describe_db_snapshots").paginate(SnapshotType="manual")
    for page in pages:
        for one in page["DBSnapshots"]:
            if owner.owns(tags_of(one)):
                name = one["DBSnapshotIdentifier"]
                log.write(e.SnapshotKept(id=name))
                log.info(f"the database's data is kept in the snapshot {name}")
