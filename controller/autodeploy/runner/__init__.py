"""The one door to Ansible and to SSH."""

from autodeploy.runner.connections import connections
from autodeploy.runner.inventory import INVENTORY, host_alias, read_inventory, write_inventory
from autodeploy.runner.login import keep_login_key, login_key
from autodeploy.runner.play import Play, PlayResult, run
from autodeploy.runner.remote import Place
from autodeploy.runner.ssh import command, known_name, pin, wait_for_ssh
from autodeploy.runner.tell import Answer, tell

__all__ = [
    "INVENTORY",
    "Answer",
    "Place",
    "Play",
    "PlayResult",
    "command",
    "connections",
    "host_alias",
    "keep_login_key",
    "known_name",
    "login_key",
    "pin",
    "read_inventory",
    "run",
    "tell",
    "wait_for_ssh",
    "write_inventory",
]
