#!/usr/bin/python
"""Show visitors a page in place of the application, or the application again."""

from __future__ import annotations

DOCUMENTATION = r"""
module: maintenance_page
short_description: Shows visitors a page of maintenance in place of the application
description:
  - Writes C(/srv/APPLICATION/maintenance.html), or removes it. The file is the switch; nginx, which
    the role proxy has given its site, looks for it with each request and is not reloaded. Requests
    that are under way are answered by the application.
  - The release runs on behind it. Health checks of ours and of a load balancer reach it, and so do
    C(/.well-known/autodeploy) and C(/.well-known/acme-challenge/).
  - Another release, or a reboot, changes nothing about it.
options:
  application:
    description: The application's name.
    type: str
    required: true
  shown:
    description: Whether visitors meet the page.
    type: bool
    required: true
  page:
    description: >-
      The page's HTML, where the release that has the traffic has no C(maintenance.html) of its own.
    type: str
    required: true
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
author: autodeploy
"""

EXAMPLES = r"""
- name: Show the page
  maintenance_page:
    application: shop
    shown: true
    page: "{{ lookup('ansible.builtin.file', 'maintenance.html') }}"
"""

RETURN = r"""
autodeploy:
  description: What came of it.
  returned: success
  type: dict
  contains:
    maintenance:
      description: Whether visitors meet the page.
      type: bool
"""

import os

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.proxy_files import read, write
from ansible.module_utils.proxy_maintenance import own_page, page_of, problem


def main():
    module = AnsibleModule(
        argument_spec={
            "application": {"type": "str", "required": True},
            "shown": {"type": "bool", "required": True},
            "page": {"type": "str", "required": True},
        },
        supports_check_mode=True,
    )
    application, shown = module.params["application"], module.params["shown"]
    path, before = page_of(application), read(page_of(application))
    wrong = problem(application) if shown else None
    if wrong:
        module.fail_json(msg=wrong)
    wanted = (own_page(application) or module.params["page"]) if shown else None
    if wanted != before and not module.check_mode:
        if wanted is None:
            os.unlink(path)
        else:
            write(path, wanted)
    module.exit_json(
        changed=wanted != before,
        autodeploy={"maintenance": shown},
        diff={"before": before or "", "after": wanted or ""},
    )


if __name__ == "__main__":
    main()
