#!/usr/bin/python
"""See what visitors get over TLS."""

from __future__ import annotations

DOCUMENTATION = r"""
module: certbot_seen
short_description: Sees on the wire what is served under the names
description:
  - Connects to each name as a visitor does, and says which certificate it gets, whether its chain
    is trusted, by which protocol, how long it is good, and where port 80 sends visitors.
  - Says whether renewals are tried, and whether the last one failed. Changes nothing.
options:
  application:
    description: The application's name.
    type: str
    required: true
  names:
    description: The names to look at.
    type: list
    elements: str
    required: true
  ca_bundle:
    description: Path of authorities' certificates that are trusted beside the host's.
    type: str
  before:
    description: A report of this run, whose C(changed) is kept.
    type: dict
    default: {}
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
author: autodeploy
"""

EXAMPLES = r"""
- name: See what is served
  certbot_seen:
    application: shop
    names: [shop.example]
"""

RETURN = r"""
ansible_facts:
  description: What was seen.
  returned: success
  type: dict
  contains:
    certbot_report:
      description: C(verified), C(changed), C(not_verified) and C(findings).
      type: dict
"""

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.certbot_findings import report as empty
from ansible.module_utils.certbot_host import problem, see


def main():
    module = AnsibleModule(
        argument_spec={
            "application": {"type": "str", "required": True},
            "names": {"type": "list", "elements": "str", "required": True},
            "ca_bundle": {"type": "str"},
            "before": {"type": "dict", "default": {}},
        },
        supports_check_mode=True,
    )
    module.run_command_environ_update = {"LC_ALL": "C"}
    params = module.params
    wrong = problem(params["application"], params["names"])
    if wrong:
        module.fail_json(msg=wrong)
    report = {**empty(), "changed": params["before"].get("changed", [])}
    see(module, params["names"], params["ca_bundle"], params["application"], report)
    module.exit_json(changed=False, ansible_facts={"certbot_report": report})


if __name__ == "__main__":
    main()
