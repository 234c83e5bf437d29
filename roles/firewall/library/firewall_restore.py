#!/usr/bin/python
"""Put the firewall back as it was before the role's first change."""

from __future__ import annotations

DOCUMENTATION = r"""
module: firewall_restore
short_description: Puts the firewall back as it was
description:
  - Gives the firewall the settings and rules that C(firewall_policy) kept before its first change,
    and turns it off where it was off. Where nothing was kept, nothing is changed. The guard is
    armed; C(guard_confirm) is to follow where RV(ignore:guard.armed).
options:
  revert_after:
    description: Seconds until this is taken back unless it is confirmed.
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
- name: The firewall is the host's own again
  firewall_restore:
"""

RETURN = r"""
guard:
  description: Whether the change waits to be confirmed, and what the host took back before.
  returned: always
  type: dict
autodeploy:
  description: What the firewall is now, or in check mode would be.
  returned: success
  type: dict
  contains:
    active:
      description: Whether it is on; null where nothing was kept, or the firewall is gone.
      type: bool
"""

import os

from ansible.module_utils import guard
from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.firewall_backends import BACKENDS, asker
from ansible.module_utils.firewall_before import different, restore, state


def main():
    module = AnsibleModule(
        argument_spec={"revert_after": {"type": "int", "default": guard.SECONDS}},
        supports_check_mode=True,
    )
    every = {kind.name: kind(asker(module)) for kind in BACKENDS.values()}
    before = state() or {"name": None, "active": None}
    host = every.get(before["name"])
    if host is None or not os.path.exists(host.program):
        module.exit_json(changed=False, autodeploy={"active": None}, guard=guard.state(module))
    active = host.active()
    changed = bool(different(host.files)) or active != before["active"]
    if changed and not module.check_mode:
        seconds = module.params["revert_after"]
        guard.arm(module, host.files, host.reload(active), "the firewall", seconds)
        restore(host.files)
        for command in host.reload(before["active"]):
            module.run_command(command, check_rc=True)
    module.exit_json(
        changed=changed, autodeploy={"active": before["active"]}, guard=guard.state(module)
    )


if __name__ == "__main__":
    main()
