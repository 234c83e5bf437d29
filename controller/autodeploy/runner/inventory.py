"""The inventory: what Ansible knows of an application's hosts, one JSON file an application.

The file has the form of `ansible-inventory --list`; inventories/autodeploy.yml reads it too.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from autodeploy import privatefile
from autodeploy.contracts import Host, InfrastructureSpec
from autodeploy.runner.ssh import options

INVENTORY = "inventory.json"
PREPARED, SECURED = "prepared", "secured"


def host_alias(spec: InfrastructureSpec, host: Host) -> str:
    """The host's name in the inventory, unique over all applications."""
    return f"{spec.application}-{spec.environment}-{host.name}"


def write_inventory(
    spec: InfrastructureSpec,
    path: Path,
    known_hosts: Path,
    variables: Mapping[str, Any],
    prepared: Collection[str] = (),
    secured: Collection[str] = (),
) -> Path:
    """Write the inventory (mode 0600, whole or not at all) and give its path.

    Args:
        spec: The hosts.
        path: Where; `INVENTORY` in the application's folder is the one that others read.
        known_hosts: The pinned host keys.
        variables: Variables of the roles, the same for every host.
        prepared: Names of hosts that have all that they need before an artifact.
        secured: Names of hosts that are hardened, or are not to be.
    """
    group = f"{spec.application}_{spec.environment}".replace("-", "_")
    aliases = {host_alias(spec, host): host for host in spec.hosts}
    hostvars = {
        alias: {**_connection(host, spec.ssh_key, known_hosts), **variables}
        for alias, host in aliases.items()
    }
    inventory = {
        "_meta": {"hostvars": hostvars},
        "all": {"children": [group]},
        **{
            group: {"hosts": [alias for alias, host in aliases.items() if host.name in names]}
            for group, names in ((PREPARED, prepared), (SECURED, secured))
        },
        group: {"hosts": list(aliases)},
    }
    privatefile.write(path, json.dumps(inventory, indent=2, sort_keys=True).encode())
    return path


def read_inventory(folder: Path) -> dict[str, Any]:
    """The inventory of an application; empty where none was written."""
    path = folder / INVENTORY
    read: dict[str, Any] = json.loads(path.read_text()) if path.is_file() else {}
    return read


def _connection(host: Host, key: Path | None, known_hosts: Path) -> dict[str, Any]:
    identity = {"ansible_ssh_private_key_file": str(key)} if key else {}
    return {
        **identity,
        "ansible_host": host.address,
        "ansible_port": host.port,
        "ansible_user": host.user,
        "ansible_ssh_common_args": " ".join(["-F /dev/null", *options(known_hosts, key)]),
        "ansible_become": True,
        "ansible_python_interpreter": "/usr/bin/python3",
    }
