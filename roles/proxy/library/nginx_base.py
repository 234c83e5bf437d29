#!/usr/bin/python
"""Make nginx's own configuration ours, in one step."""

from __future__ import annotations

DOCUMENTATION = r"""
module: nginx_base
short_description: Writes nginx.conf and takes the distribution's welcome page away
description:
  - Replaces C(/etc/nginx/nginx.conf) once nginx accepts the text, removes the site that Debian
    enables, and reloads nginx where anything was changed. Where nginx does not run, or would not
    after a boot, it is started. One step instead of four, since each costs half a second a host.
options:
  configuration:
    description: The text of nginx.conf.
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
- name: Configure nginx
  nginx_base:
    configuration: "{{ lookup('ansible.builtin.template', 'nginx.conf.j2') }}"
"""

RETURN = r"""
autodeploy:
  description: What was, or in check mode would be, changed.
  returned: success
  type: dict
  contains:
    nginx:
      description: Paths that were written or removed, and C(nginx) where it was started.
      type: list
      elements: str
"""

import os

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.proxy_files import read
from ansible.module_utils.proxy_front import NotSwitched, Systemd, wake
from ansible.module_utils.proxy_nginx import lacks

CONFIGURATION = "/etc/nginx/nginx.conf"
WELCOME = "/etc/nginx/sites-enabled/default"
CANDIDATE = "/etc/nginx/.nginx.conf.partial"


def replace(module, text):
    """Write the configuration; nginx must accept it, or the one before stays."""
    with open(CANDIDATE, "w", newline="") as file:
        file.write(text)
    os.chmod(CANDIDATE, 0o644)
    code, _out, err = module.run_command(["/usr/sbin/nginx", "-t", "-q", "-c", CANDIDATE])
    if code:
        os.unlink(CANDIDATE)
        module.fail_json(msg=f"nginx refuses the configuration: {err.strip()}")
    os.replace(CANDIDATE, CONFIGURATION)


def main():
    module = AnsibleModule(
        argument_spec={"configuration": {"type": "str", "required": True}},
        supports_check_mode=True,
    )
    module.run_command_environ_update = {"LC_ALL": "C"}
    text, before = module.params["configuration"], read(CONFIGURATION)
    different = [CONFIGURATION] if before != text else []
    welcome = [WELCOME] if os.path.lexists(WELCOME) else []
    systemd = Systemd(module)
    asleep = lacks(systemd)
    if not module.check_mode:
        if different:
            replace(module, text)
        if welcome:
            os.unlink(WELCOME)
        try:
            wake(systemd)
        except NotSwitched as error:
            module.fail_json(msg=str(error))
        if different or welcome:
            module.run_command(["systemctl", "reload-or-restart", "nginx"], check_rc=True)
    changed = [*different, *welcome, *(["nginx"] if asleep else [])]
    module.exit_json(
        changed=bool(changed),
        autodeploy={"nginx": changed},
        diff=[
            {"before": before or "", "after": text},
            {"prepared": "".join(f"nginx is {one}\n" for one in asleep)},
        ],
    )


if __name__ == "__main__":
    main()
