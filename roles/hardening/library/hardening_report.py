#!/usr/bin/python
"""Read back from the running host what is hardened."""

from __future__ import annotations

DOCUMENTATION = r"""
module: hardening_report
short_description: Reads back from the running host what is hardened
description:
  - Asks sshd, the kernel, systemd and the other services what holds now. What cannot be had here,
    such as the kernel's settings in a container, is told as not verified, with the reason.
  - Changes nothing.
options:
  topics:
    description: What is looked at.
    type: list
    elements: str
    required: true
  said:
    description: What the topics changed.
    type: list
    elements: str
    default: []
  reverted:
    description: What the guard took back before.
    type: list
    elements: str
    default: []
  controllers:
    description:
      - Addresses or networks that must not be banned or punished, besides the one that the
        module's own SSH connection comes from.
    type: list
    elements: str
    default: []
  post_quantum:
    description: Whether SSH has only key exchanges that are safe from quantum computers.
    type: bool
    default: false
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
author: autodeploy
"""

EXAMPLES = r"""
- name: See whether SSH is hardened
  hardening_report:
    topics: [ssh]
"""

RETURN = r"""
ansible_facts:
  description: The report, as the fact C(hardening_report).
  returned: success
  type: dict
  contains:
    hardening_report:
      description: C(verified), C(changed), C(not_verified) and C(findings).
      type: dict
"""

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.hardening_host import Findings, Host
from ansible.module_utils.hardening_topics import OPTIONS, TOPICS, options


def main():
    words = {"type": "list", "elements": "str"}
    spec = {
        "topics": {**words, "required": True},
        "said": {**words, "default": []},
        "reverted": {**words, "default": []},
        **OPTIONS,
    }
    module = AnsibleModule(argument_spec=spec, supports_check_mode=True)
    report, host, told = Findings(), Host(module), options(module)
    for name in TOPICS:
        if name in module.params["topics"]:
            TOPICS[name][1](host, told, report)
        else:
            report.check(False, name, "left out by its variable or tag")
    if not told["controllers"]:
        why = "this is no SSH connection, and no address was given"
        report.check(False, "whoever deploys is never shut out", why)
    for sentence in module.params["reverted"]:
        report.find("change-reverted", "high", "hardening", sentence)
    facts = {
        "verified": report.verified,
        "changed": module.params["said"],
        "not_verified": report.not_verified,
        "findings": report.findings,
    }
    module.exit_json(changed=False, ansible_facts={"hardening_report": facts})


if __name__ == "__main__":
    main()
