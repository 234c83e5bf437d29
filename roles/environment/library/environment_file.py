#!/usr/bin/python
"""Write a release's environment file."""

from __future__ import annotations

DOCUMENTATION = r"""
module: environment_file
short_description: Writes a release's environment file for systemd
description:
  - Writes C(/srv/APPLICATION/environment/RELEASE.env), mode 0600 and root's, in the syntax of
    systemd's EnvironmentFile, so that every value reaches the process unchanged.
  - Removes the files of releases that are no longer there.
  - Neither results nor differences hold values.
options:
  application:
    description: The application's name.
    type: str
    required: true
  release:
    description: The release's name.
    type: str
    required: true
  variables:
    description: Value by name.
    type: dict
    required: true
  secrets:
    description: More of them, which win. Null keeps the value that the file has already.
    type: dict
    default: {}
attributes:
  check_mode:
    support: full
  diff_mode:
    support: partial
    details: Names only.
author: autodeploy
"""

EXAMPLES = r"""
- name: Give the release its secret
  environment_file:
    application: shop
    release: 4f0c2a91d3be
    variables:
      SECRET_KEY: "{{ vault_secret_key }}"
  no_log: true
"""

RETURN = r"""
path:
  description: The file.
  returned: success
  type: str
"""

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.environment_release import OPTIONS, Refused, provide


def main():
    module = AnsibleModule(argument_spec=OPTIONS, supports_check_mode=True)
    try:
        module.exit_json(**provide(module, module.params))
    except Refused as error:
        module.fail_json(msg=str(error))


if __name__ == "__main__":
    main()
