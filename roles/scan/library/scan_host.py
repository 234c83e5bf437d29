#!/usr/bin/python
"""Look for what is weak on a host."""

from __future__ import annotations

DOCUMENTATION = r"""
module: scan_host
short_description: Looks for what is weak on a host, and changes nothing
description:
  - Runs Lynis where it is installed, asks systemd how exposed each unit of the administrator's is,
    reads which TCP ports listen, which security updates wait, and looks the installed packages up
    in Debian's security tracker where a copy of it is on the host.
  - Nothing is fetched. What could not be looked at is said in words.
options:
  lynis:
    description: Whether Lynis is run where it is installed.
    type: bool
    default: true
  ports:
    description:
      - TCP ports that may listen beyond loopback, SSH's with them. Where empty, what listens is
        listed and not judged.
    type: list
    elements: int
    default: []
  tracker:
    description: Path of a copy of the security tracker's JSON on the host; empty for none.
    type: str
    default: ""
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
author: autodeploy
"""

EXAMPLES = r"""
- name: Look for what is weak
  scan_host:
    ports: [80, 443]
"""

RETURN = r"""
ansible_facts:
  description: The report.
  returned: success
  type: dict
  contains:
    scan_report:
      description: What was found.
      type: dict
      contains:
        verified:
          description: What was looked at and is as it should be.
          type: list
          elements: str
        changed:
          description: Always empty.
          type: list
          elements: str
        not_verified:
          description: What could not be looked at, and why.
          type: list
          elements: str
        findings:
          description: Dicts of C(id), C(severity), C(resource) and C(message).
          type: list
          elements: dict
        lynis:
          description:
            - Its C(hardening_index), C(version), and how many C(warnings) and C(suggestions); null
              where it did not run.
          type: dict
        units:
          description: How exposed each unit is, from 0 (safe) to 10.
          type: dict
        listening:
          description: TCP ports that listen beyond loopback.
          type: list
          elements: int
"""

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.scan_lynis import look_with_lynis
from ansible.module_utils.scan_packages import look_at_packages
from ansible.module_utils.scan_ports import look_at_ports
from ansible.module_utils.scan_report import merged
from ansible.module_utils.scan_tracker import look_up
from ansible.module_utils.scan_units import look_at_units


def main():
    module = AnsibleModule(
        argument_spec={
            "lynis": {"type": "bool", "default": True},
            "ports": {"type": "list", "elements": "int", "default": []},
            "tracker": {"type": "str", "default": ""},
        },
        supports_check_mode=True,
    )
    module.run_command_environ_update = {"LC_ALL": "C"}
    report = merged(
        [
            look_with_lynis(module.run_command, module.params["lynis"]),
            look_at_units(module.run_command),
            look_at_ports(module.params["ports"]),
            look_at_packages(module.run_command),
            look_up(module.run_command, module.params["tracker"]),
        ]
    )
    module.exit_json(
        changed=False,
        ansible_facts={"scan_report": report},
    )


if __name__ == "__main__":
    main()
