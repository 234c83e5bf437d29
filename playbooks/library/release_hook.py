#!/usr/bin/python
"""Run a command of the application's own once its release serves."""

from __future__ import annotations

DOCUMENTATION = r"""
module: release_hook
short_description: Runs a command in a release that has served
description:
  - Runs it to its end as the application's user, in the release's folder, with the release's
    variables and sandbox.
options:
  application:
    description: The application's name.
    type: str
    required: true
  release:
    description: The release's name.
    type: str
    required: true
  hook:
    description: Which it is, for people.
    type: str
    required: true
  command:
    description: The command.
    type: str
    required: true
  facts:
    description: What it is told in its environment, by name.
    type: dict
    default: {}
attributes:
  check_mode:
    support: full
    details: It is not run.
  diff_mode:
    support: none
author: autodeploy
"""

EXAMPLES = r"""
- name: Tell the world
  release_hook:
    application: shop
    release: 4f0c2a91d3be
    hook: after_deploy
    command: bin/announce
"""

RETURN = r"""
autodeploy:
  description: Where it failed, its last lines.
  returned: failure
  type: dict
"""

from ansible.module_utils.artifact_store import Store
from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.environment_release import masked
from ansible.module_utils.service_hook import HookFailed, run_hook
from ansible.module_utils.service_host import Systemd, SystemdFailed


def main():
    module = AnsibleModule(
        argument_spec={
            "application": {"type": "str", "required": True},
            "release": {"type": "str", "required": True},
            "hook": {"type": "str", "required": True},
            "command": {"type": "str", "required": True},
            "facts": {"type": "dict", "default": {}},
        },
        supports_check_mode=True,
    )
    module.run_command_environ_update = {"LC_ALL": "C"}
    params = module.params
    served = Store(params["application"]).remembered(params["release"])
    if served is None:
        module.fail_json(msg=f"this host has no release {params['release']} that it ever served")
    if module.check_mode:
        module.exit_json(changed=True)
    common = {name: params[name] for name in ("application", "release")}
    options = {**served["service"], **common}
    try:
        run_hook(Systemd(module), options, params["hook"], params["command"], params["facts"])
    except HookFailed as error:
        names = (params["application"], params["release"], served.get("secrets", []))
        module.fail_json(msg=str(error), autodeploy={"journal": masked(error.journal, *names)})
    except SystemdFailed as error:
        module.fail_json(msg=str(error))
    module.exit_json(changed=True)


if __name__ == "__main__":
    main()
