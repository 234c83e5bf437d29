#!/usr/bin/python
"""Harden one thing of a host."""

from __future__ import annotations

DOCUMENTATION = r"""
module: hardening_topic
short_description: Hardens one thing of a host
description:
  - Writes a topic's files, each at once and only where it differs, and loads them where they
    changed. Values that are stricter on the host stay.
  - Files are kept as they were before the first change, for C(hardening_restore).
  - Before a change of SSH or accounts the guard is armed. It takes the change back unless
    C(guard_confirm) proves that a new connection still comes in.
options:
  topic:
    description: What is hardened.
    type: str
    required: true
    choices: [banners, journal, coredumps, modules, sysctl, mounts, cron, updates, bans,
      integrity, audit, accounts, ssh]
  controllers:
    description:
      - Addresses or networks that are never banned or punished, besides the one that the module's
        own SSH connection comes from.
    type: list
    elements: str
    default: []
  post_quantum:
    description: Whether SSH has only key exchanges that are safe from quantum computers.
    type: bool
    default: false
  revert_after:
    description: Seconds after which the guard takes an unconfirmed change back.
    type: int
    default: 120
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
author: autodeploy
"""

EXAMPLES = r"""
- name: Harden SSH
  hardening_topic:
    topic: ssh
    controllers: [192.0.2.4]
"""

RETURN = r"""
said:
  description: What was, or in check mode would be, changed.
  returned: success
  type: list
  elements: str
guard:
  description: Whether the guard is armed, and what it took back before.
  returned: always
  type: dict
"""

from ansible.module_utils import guard
from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.hardening_host import Host
from ansible.module_utils.hardening_topics import OPTIONS, TOPICS, options


def main():
    spec = {
        "topic": {"type": "str", "required": True, "choices": list(TOPICS)},
        "revert_after": {"type": "int", "default": 120},
        **OPTIONS,
    }
    module = AnsibleModule(argument_spec=spec, supports_check_mode=True)
    host = Host(module)
    change, _read_back = TOPICS[module.params["topic"]]
    change(host, options(module))
    module.exit_json(
        changed=bool(host.said), said=host.said, diff=host.diff, guard=guard.state(module)
    )


if __name__ == "__main__":
    main()
