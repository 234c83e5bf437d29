#!/usr/bin/python
"""Have a host take a change back unless a fresh connection confirms it."""

from __future__ import annotations

DOCUMENTATION = r"""
module: guard_arm
short_description: Has a host take a change back unless a fresh connection confirms it
description:
  - Keeps what O(paths) are now and starts a timer on the host. When it ends, the host puts them
    back and runs O(reload). It survives a reboot. C(guard_confirm), over an SSH connection that
    began afterwards, takes it away.
  - Where a guard is armed already, what was kept first stays, and the time starts anew.
  - Modules that find out for themselves whether there is something to change call
    C(ansible.module_utils.guard.arm) instead, right before their first write.
options:
  paths:
    description: Files and folders, which need not exist, that are going to be changed.
    type: list
    elements: path
    required: true
  reload:
    description: Commands, each a list of words, that load them again.
    type: list
    elements: list
    default: []
  why:
    description: What is going to be changed, in a few words.
    type: str
    required: true
  seconds:
    description: Until it is taken back.
    type: int
    default: 120
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
author: autodeploy
"""

EXAMPLES = r"""
- name: Take SSH's settings back if they lock us out
  guard_arm:
    paths: [/etc/ssh]
    reload: [[systemctl, restart, ssh]]
    why: SSH's settings
"""

RETURN = r"""
guard:
  description: Whether a change waits to be confirmed, and what the host took back before.
  returned: always
  type: dict
"""

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.guard import SECONDS, arm, state


def main():
    module = AnsibleModule(
        argument_spec={
            "paths": {"type": "list", "elements": "path", "required": True},
            "reload": {"type": "list", "elements": "list", "default": []},
            "why": {"type": "str", "required": True},
            "seconds": {"type": "int", "default": SECONDS},
        },
        supports_check_mode=True,
    )
    if not module.check_mode:
        arm(module, **module.params)
    module.exit_json(changed=True, guard=state(module))


if __name__ == "__main__":
    main()
