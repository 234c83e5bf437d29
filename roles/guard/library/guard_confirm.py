#!/usr/bin/python
"""Confirm over a fresh connection what a guard would take back."""

from __future__ import annotations

DOCUMENTATION = r"""
module: guard_confirm
short_description: Confirms a change that a guard would take back
description:
  - Takes away what C(guard_arm) has armed. Only an SSH connection that began after that counts;
    over the one that was open before, the module fails.
  - Fails where the host has taken the change back. Where nothing is armed, nothing is done.
options: {}
attributes:
  check_mode:
    support: none
  diff_mode:
    support: none
author: autodeploy
"""

EXAMPLES = r"""
- name: Close the connection
  ansible.builtin.meta: reset_connection

- name: Confirm the change over a new one
  guard_confirm:
"""

RETURN = r"""
guard:
  description: What the host took back.
  returned: failure
  type: dict
"""

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.guard import Refused, confirm


def main():
    module = AnsibleModule(argument_spec={})
    try:
        confirmed = confirm(module)
    except Refused as refusal:
        module.fail_json(msg=str(refusal), guard={"armed": False, "reverted": str(refusal)})
    module.exit_json(changed=confirmed)


if __name__ == "__main__":
    main()
