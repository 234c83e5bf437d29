"""The one door to Ansible and to SSH."""

from autodeploy.runner.connections import connections
from autodeploy.runner.content import roles_digest
from autodeploy.runner.inventory import INVENTORY, host_alias, read_inventory, write_inventory
from autodeploy.runner.layers import NotSent, Sending
from autodeploy.runner.login import keep_login_key, login_key
from autodeploy.runner.play import Play, PlayResult, Running, run, started
from autodeploy.runner.questions import Ask, NoAnswer
from autodeploy.runner.redaction import Redactor
from autodeploy.runner.remote import Place
from autodeploy.runner.ssh import command, holds, known_name, open_early, pin, wait_for_ssh
from autodeploy.runner.stream import stream
from autodeploy.runner.survivors import end_survivors
from autodeploy.runner.tell import Answer, tell
from autodeploy.runner.tunnel import LOOPBACK, Tunnel, tunnel
from autodeploy.runner.vaultfile import VaultFile

__all__ = [
    "INVENTORY",
    "LOOPBACK",
    "Answer",
    "Ask",
    "NoAnswer",
    "NotSent",
    "Place",
    "Play",
    "PlayResult",
    "Redactor",
    "Running",
    "Sending",
    "Tunnel",
    "VaultFile",
    "command",
    "connections",
    "end_survivors",
    "holds",
    "host_alias",
    "keep_login_key",
    "known_name",
    "login_key",
    "open_early",
    "pin",
    "read_inventory",
    "roles_digest",
    "run",
    "started",
    "stream",
    "tell",
    "tunnel",
    "wait_for_ssh",
    "write_inventory",
]
