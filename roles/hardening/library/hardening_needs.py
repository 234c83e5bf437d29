#!/usr/bin/python
"""Say which packages a host lacks for its topics."""

from __future__ import annotations

DOCUMENTATION = r"""
module: hardening_needs
short_description: Says which packages a host lacks for its topics
description:
  - Asks dpkg, and leaves out what the host has no use for, such as auditd where the kernel has no
    audit. Changes nothing.
options:
  packages:
    description: Lists of packages by topic.
    type: dict
    required: true
  topics:
    description: The topics that are wanted.
    type: list
    elements: str
    required: true
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
author: autodeploy
"""

EXAMPLES = r"""
- name: See what is missing
  hardening_needs:
    packages: {bans: [fail2ban]}
    topics: [bans]
"""

RETURN = r"""
missing:
  description: The packages that are to be installed.
  returned: success
  type: list
  elements: str
"""

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.hardening_integrity import kernel_audits


def missing(packages, topics, installed):
    """Packages of these topics that are not installed, in order."""
    wanted = [one for topic, names in packages.items() if topic in topics for one in names]
    return [one for one in wanted if one not in installed]


def main():
    spec = {
        "packages": {"type": "dict", "required": True},
        "topics": {"type": "list", "elements": "str", "required": True},
    }
    module = AnsibleModule(argument_spec=spec, supports_check_mode=True)
    show = ["dpkg-query", "--show", "--showformat=${db:Status-Status} ${Package}\n"]
    _code, out, _err = module.run_command(show, check_rc=True)
    installed = {line.split()[1] for line in out.splitlines() if line.startswith("installed ")}
    topics = [one for one in module.params["topics"] if one != "audit" or kernel_audits()]
    module.exit_json(changed=False, missing=missing(module.params["packages"], topics, installed))


if __name__ == "__main__":
    main()
