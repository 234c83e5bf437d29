#!/usr/bin/python
"""Give the traffic to another release without losing a request."""

from __future__ import annotations

DOCUMENTATION = r"""
module: release_switch
short_description: Gives the traffic to another release
description:
  - Opens the release's socket, asks its health path through it, then replaces the links
    C(/srv/APPLICATION/current.sock) and C(/srv/APPLICATION/current) by rename. nginx is reloaded
    only where the site's configuration is another one.
  - Where the release is files, sees that there is a page among them, and lets nginx's group in.
  - Asks the health path through nginx, or connects to the public port. Where the answer is not
    good, everything goes back to the release before and the module fails.
  - The release with the traffic starts on boot, the one before does no more and is stopped by the
    host itself after O(drain) seconds.
options:
  application:
    description: The application's name.
    type: str
    required: true
  release:
    description: The release that is to take the traffic; it runs already.
    type: str
    required: true
  protocol:
    description: How clients come; C(none) where the release answers nobody.
    type: str
    choices: [http, tcp, none]
    default: http
  port:
    description: The loopback port on which the release listens; left out where no process answers.
    type: int
  public_port:
    description: With C(tcp), the port to which clients connect.
    type: int
  root:
    description: The folder, relative to the release, whose files are the site.
    type: str
  single_page:
    description: Whether C(index.html) is the page of every path that has no file.
    type: bool
    default: false
  folders:
    description: Folder by the path of the URL under which nginx serves its files.
    type: dict
    default: {}
  health_path:
    description: The path to ask.
    type: str
    default: /
  drain:
    description: Seconds that the release before has to answer what it was asked.
    type: int
    default: 30
  site:
    description: The text of nginx's site; with C(http) alone.
    type: str
  maintenance:
    description: >-
      The HTML of the page that visitors meet meanwhile, on a new host from the first moment,
      unless the release has a C(maintenance.html) of its own; left out, nothing is done about it.
    type: str
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
author: autodeploy
"""

EXAMPLES = r"""
- name: Switch to the release
  release_switch:
    application: shop
    release: 4f0c2a91d3be
    port: 20123
    site: "{{ lookup('ansible.builtin.template', 'site.conf.j2') }}"
"""

RETURN = r"""
autodeploy:
  description: What came of it.
  returned: always, but in check mode
  type: dict
  contains:
    switched:
      description: Whether the release has the traffic.
      type: bool
    proxied_status:
      description: >-
        The status of the health path through nginx; null where there was no answer, or no HTTP.
      type: int
    reason:
      description: C(no-page) where the release has no file for the health path; it is not healthy.
      type: str
"""

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.proxy_front import NotSwitched
from ansible.module_utils.proxy_switch import OPTIONS, switch_traffic, what_was_seen


def main():
    module = AnsibleModule(argument_spec=OPTIONS, supports_check_mode=True)
    module.run_command_environ_update = {"LC_ALL": "C"}
    try:
        module.exit_json(**switch_traffic(module, module.params))
    except NotSwitched as error:
        module.fail_json(msg=str(error), autodeploy=what_was_seen(module.params, error))


if __name__ == "__main__":
    main()
