"""Take an application off hosts that stay."""

from __future__ import annotations

import shutil
from pathlib import Path

from autodeploy.contracts import InfrastructureSpec
from autodeploy.journal import AgentLog
from autodeploy.paths import private_folder
from autodeploy.runner import INVENTORY, Play, pin, run, write_inventory

PLAYBOOK = "remove.yml"
ROLES = ("claim", "service", "proxy", "certbot", "artifact", "build")


def remove(spec: InfrastructureSpec, folder: Path, log: AgentLog) -> bool:
    """Remove what the application has on the hosts; whether there was anything.

    Args:
        spec: The hosts; those that are not the application's are let be.
        folder: The application's private folder. What it knows of other hosts is not touched.
        log: The Deployer's log.

    Raises:
        HostError: A host was not reached, or something there could not be removed.
    """
    variables = {f"{role}_application": spec.application for role in ROLES}
    variables["claim_environment"] = spec.environment
    leaving = private_folder(folder / "leaving")
    try:
        inventory = leaving / INVENTORY
        write_inventory(spec, inventory, pin(spec.hosts, leaving), variables)
        return run(Play(playbook=PLAYBOOK, inventory=inventory), log, "deployer").changed
    finally:
        shutil.rmtree(leaving)
