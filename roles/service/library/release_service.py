#!/usr/bin/python
"""Start a release next to the one before it and wait for its health."""

from __future__ import annotations

DOCUMENTATION = r"""
module: release_service
short_description: Starts a release next to the one before it and waits for its health
description:
  - Writes the release's units, runs its release command, starts it on its own port and asks its
    health path until the last answers were good.
  - Where C(web) speaks no HTTP it is healthy once it takes connections, and where there is no
    C(web), once all processes have run for a while. Where there is no process at all there is
    nothing to do.
  - Where it does not become healthy, its units are stopped and removed, the release before it goes
    on as it was, and the module fails with what was seen.
  - The units are not enabled for boot. The role C(proxy) does that when the release takes traffic.
options:
  application:
    description: The application's name.
    type: str
    required: true
  release:
    description: The release's name.
    type: str
    required: true
  processes:
    description: Command by process name; C(web) takes traffic.
    type: dict
    required: true
  path:
    description: Folders before the system's PATH, relative to the release or absolute.
    type: list
    elements: str
    default: []
  variables:
    description: Variables that are no secret.
    type: dict
    default: {}
  port:
    description: The loopback port on which C(web) listens; needed where there is one.
    type: int
  protocol:
    description: What C(web) speaks.
    type: str
    choices: [http, tcp]
    default: http
  port_fixed:
    description: Whether the release before must be stopped first, because both need the port.
    type: bool
    default: false
  health_path:
    description: The path that tells health.
    type: str
    default: /
  health_below:
    description: Statuses from 200 to below this one are healthy.
    type: int
    default: 500
  health_required:
    description: Good answers in a row that make it healthy.
    type: int
    default: 2
  health_grace:
    description: Seconds before it is asked at all.
    type: int
    default: 0
  health_timeout:
    description: Seconds that the release has after that to become healthy.
    type: int
    default: 60
  memory:
    description: What each process may use, such as C(512M); no limit without.
    type: str
  restart:
    description: Whether a process that ends is started again only after a failure.
    type: str
    choices: [on-failure, always]
    default: on-failure
  release_command:
    description: Run once before the release is started; not where it is running already.
    type: str
  jobs:
    description:
      - What runs at given times, by name; of each its C(command) and its C(calendar), a list of
        systemd's OnCalendar values. A job runs only while the release has the traffic, and never
        twice at once.
    type: dict
    default: {}
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
author: autodeploy
"""

EXAMPLES = r"""
- name: Start the release
  release_service:
    application: shop
    release: 4f0c2a91d3be
    processes:
      web: gunicorn --bind 127.0.0.1:$PORT shop.wsgi
    path: [.venv/bin]
    port: 20123
"""

RETURN = r"""
autodeploy:
  description: What was seen.
  returned: always, but in check mode
  type: dict
  contains:
    healthy:
      description: Whether the release is healthy.
      type: bool
    health_status:
      description: The health path's status, where it is and where one was asked for.
      type: int
    reason:
      description: Why it is not, one of exited, not-listening, bad-status, timeout, command.
      type: str
    status:
      description: The last status, where there was one.
      type: int
    listening:
      description: Ports on which the release's processes listen instead.
      type: list
      elements: int
    journal:
      description: The last lines that the release logged.
      type: list
      elements: str
"""

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.service_start import OPTIONS, NotStarted, start_release


def main():
    module = AnsibleModule(argument_spec=OPTIONS, supports_check_mode=True)
    module.run_command_environ_update = {"LC_ALL": "C"}
    try:
        module.exit_json(**start_release(module, module.params))
    except NotStarted as error:
        module.fail_json(msg=str(error), **({"autodeploy": error.seen} if error.seen else {}))


if __name__ == "__main__":
    main()
