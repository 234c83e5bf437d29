"""An idiomatic Ansible role of some 25 tasks, as it is and tuned."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import ClassVar

from peers.base import CONTENT, Peer, run


class Ansible(Peer):
    """`ansible-playbook` with its own defaults."""

    name = "Ansible role"
    facts = True
    configuration: ClassVar[dict[str, str]] = {}

    def deploy(self) -> None:
        login = {
            "ansible_user": "admin",
            "ansible_ssh_private_key_file": str(self.key),
            "ansible_ssh_common_args": f"-o UserKnownHostsFile={self.known_hosts}",
            "bench_repository": self.served,
            "bench_facts": self.facts,
        }
        line = [Path(sys.executable).parent / "ansible-playbook", "-i", f"{self.machine.address},"]
        run([*line, "-e", json.dumps(login), "site.yml"], CONTENT / "ansible", self.configuration)


class TunedAnsible(Ansible):
    """The same with pipelining, connections that stay, and no facts."""

    name = "Ansible role, tuned"
    facts = False
    configuration: ClassVar[dict[str, str]] = {
        "ANSIBLE_PIPELINING": "1",
        "ANSIBLE_SSH_ARGS": "-C -o ControlMaster=auto -o ControlPersist=300s",
    }
