#!/usr/bin/python
"""Put a host back as it was before it was hardened."""

from __future__ import annotations

DOCUMENTATION = r"""
module: hardening_restore
short_description: Puts a host's files back as they were before it was hardened
description:
  - Gives every file that C(hardening_topic) wrote the text, owner and mode that it had before, or
    removes it, and loads SSH's, systemd's and PAM's settings anew. SSH's host keys stay.
options: {}
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
author: autodeploy
"""

EXAMPLES = r"""
- name: The host is as it was
  hardening_restore:
"""

RETURN = r"""
paths:
  description: The files that were put back.
  returned: success
  type: list
  elements: str
"""

import os
import shutil

from ansible.module_utils import guard
from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.hardening_host import KEPT, put_back

RELOADS = (
    ("pam-auth-update", "--package"),
    ("systemctl", "daemon-reexec"),
    ("systemctl", "restart", "systemd-journald"),
    ("systemctl", "try-restart", "ssh", "fail2ban"),
)
GUARDED = ("/etc/ssh", "/etc/pam.d", "/etc/sudoers.d", "/etc/login.defs")


def main():
    module = AnsibleModule(argument_spec={}, supports_check_mode=True)
    there = os.path.isdir(KEPT)
    if there and not module.check_mode:
        reload = [["systemctl", "restart", "ssh"]]
        guard.arm(module, paths=list(GUARDED), reload=reload, why="the end of hardening")
        module.run_command(["systemctl", "disable", "--now", "autodeploy-aide.timer"])
    paths = put_back(module) if there else []
    if there and not module.check_mode:
        for words in RELOADS:
            module.run_command(list(words))
        shutil.rmtree(KEPT)
    module.exit_json(changed=there, paths=paths, guard=guard.state(module))


if __name__ == "__main__":
    main()
