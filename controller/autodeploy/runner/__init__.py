"""The one door to Ansible and to SSH."""

from autodeploy.runner.inventory import INVENTORY, host_alias, read_inventory, write_inventory
from autodeploy.runner.play import Play, PlayResult, run
from autodeploy.runner.ssh import command, pin, wait_for_ssh

__all__ = [
    "INVENTORY",
    "Play",
    "PlayResult",
    "command",
    "host_alias",
    "pin",
    "read_inventory",
    "run",
    "wait_for_ssh",
    "write_inventory",
]
