#!/usr/bin/python
"""Put UFW back as it was before the role's first change."""

from __future__ import annotations

DOCUMENTATION = r"""
module: ufw_restore
short_description: Puts UFW back as it was
description:
  - Gives UFW's settings and rules the texts that C(ufw_policy) kept before its first change. Turns
    UFW off where it was off. Where nothing was kept, nothing is changed.
options: {}
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
author: autodeploy
"""

EXAMPLES = r"""
- name: The firewall is the host's own again
  ufw_restore:
"""

RETURN = r"""
autodeploy:
  description: What UFW is now, or in check mode would be.
  returned: success
  type: dict
  contains:
    active:
      description: Whether UFW is on; null where nothing was kept, or UFW is gone.
      type: bool
"""

import os

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.ufw_before import KEPT, different, put_back, was_enabled

UFW = "/usr/sbin/ufw"


def main():
    module = AnsibleModule(argument_spec={}, supports_check_mode=True)
    module.run_command_environ_update = {"LC_ALL": "C"}
    if not (os.path.isdir(KEPT) and os.path.exists(UFW)):
        module.exit_json(changed=False, autodeploy={"active": None})
    files, enabled = different(), was_enabled()
    if files and not module.check_mode:
        if not enabled:
            # Before the rules: those that let SSH in may be gone with them.
            module.run_command([UFW, "disable"], check_rc=True)
        put_back()
        if enabled:
            module.run_command([UFW, "reload"], check_rc=True)
    module.exit_json(changed=bool(files), autodeploy={"active": enabled})


if __name__ == "__main__":
    main()
