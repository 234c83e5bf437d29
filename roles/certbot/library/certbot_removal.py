#!/usr/bin/python
"""Take an application's certificate and its renewal away."""

from __future__ import annotations

DOCUMENTATION = r"""
module: certbot_removal
short_description: Takes a certificate and its renewal away
description:
  - Removes what certbot keeps under the application's name, and what was written for its renewal.
    The account with the authority stays, and so do other certificates. Nothing is revoked, as the
    key never left the host.
  - Where this role has had no certificate on the host, nothing is touched.
  - nginx must not serve it any more.
options:
  application:
    description: The application's name.
    type: str
    required: true
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
author: autodeploy
"""

EXAMPLES = r"""
- name: Take the certificate away
  certbot_removal:
    application: shop
"""

RETURN = r""" # """

import os

from ansible.module_utils import certbot_lineage as lineage
from ansible.module_utils import certbot_renewal as renewal
from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.certbot_ask import CERTBOT
from ansible.module_utils.certbot_host import APPLICATION
from ansible.module_utils.certbot_reach import clear


def main():
    module = AnsibleModule(
        argument_spec={"application": {"type": "str", "required": True}},
        supports_check_mode=True,
    )
    application = module.params["application"]
    if not APPLICATION.fullmatch(application):
        module.fail_json(msg=f"{application!r} is no name for an application")
    if not renewal.is_ours():
        module.exit_json(changed=False)
    known = os.path.exists(f"{lineage.HOME}/renewal/{application}.conf")
    files = renewal.different({renewal.HOOK: (None, 0), renewal.DROP_IN: (None, 0)})
    if not module.check_mode:
        if known:
            words = [CERTBOT, "delete", "--non-interactive", "--cert-name", application]
            module.run_command(words, check_rc=True)
        for path in files:
            os.unlink(path)
        if renewal.DROP_IN in files:
            module.run_command(["systemctl", "daemon-reload"], check_rc=True)
        clear()
    module.exit_json(changed=bool(known or files))


if __name__ == "__main__":
    main()
