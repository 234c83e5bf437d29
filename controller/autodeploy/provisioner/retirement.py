"""Hosts that others have taken the place of go, out of their load balancer first."""

from __future__ import annotations

from pathlib import Path

from autodeploy import stopping
from autodeploy.aws import Cloud
from autodeploy.journal import AgentLog
from autodeploy.provisioner.deletion import delete_in_waves
from autodeploy.provisioner.keys import Keys
from autodeploy.provisioner.kinds import Instance, Site
from autodeploy.provisioner.kinds.target_group import TARGET_GROUP
from autodeploy.provisioner.kinds.targets import remove
from autodeploy.provisioner.observed import observe
from autodeploy.provisioner.owner import Owner
from autodeploy.provisioner.patience import Patience


def retire(
    cloud: Cloud, owner: Owner, folder: Path, log: AgentLog, replaced: frozenset[str]
) -> None:
    """Take away the hosts, their disks and their SSH keys; those that are gone already are let be.

    Args:
        cloud: Where.
        owner: Whose.
        folder: The application's private folder, where its keys are.
        log: Where each call is journalled before and after it is made.
        replaced: AWS's identifiers of the hosts; they take no new request from then on.

    Raises:
        CloudError: AWS refused, or they did not end in time; calling it again goes on.
    """
    observed = observe(cloud, owner)
    hosts = [one for one in observed.alive.values() if one.type == Instance.type]
    going = [one for one in hosts if one.id in replaced]
    patience = Patience(stopping.asked, log.info, cloud.pace)
    site = Site(cloud, owner, Keys(folder), patience, ids=observed.ids)
    if going:
        with log.step("retire hosts"):
            if group := observed.ids.get(TARGET_GROUP):
                remove(site, group, {one.id for one in going})
            delete_in_waves(site, log, going)
    Keys(folder).keep_host_keys(one.key for one in hosts if one not in going)
