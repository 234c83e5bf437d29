#!/usr/bin/python
"""Put a host back as it was before it was hardened."""

from __future__ import annotations

DOCUMENTATION = r"""
module: hardening_restore
short_description: Takes back what was hardened
description:
  - Takes out of every file what C(hardening_topic) wrote, or removes it, and gives files and
    folders the modes that they had; what others have written since stays. SSH's, systemd's and
    PAM's settings are loaded anew. SSH's host keys, the group of those who may log in and what the
    kernel was told stay.
  - What was kept is not removed. That is for whoever has confirmed the change.
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

from ansible.module_utils import guard
from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.hardening_back import put_back
from ansible.module_utils.hardening_host import KEPT

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
    module.exit_json(changed=there, paths=paths, guard=guard.state(module))


if __name__ == "__main__":
    main()
