#!/usr/bin/python
"""Stop and remove every unit of an application."""

from __future__ import annotations

DOCUMENTATION = r"""
module: service_removal
short_description: Stops and removes every unit of an application
description:
  - Stops and removes the units of all its releases, those of the role C(proxy) included. Units are
    told by what stands in them, so that nobody else's go.
  - Waits for a run that works on its releases still; one that was to bring a release gives up.
options:
  application:
    description: The application's name.
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
- name: The shop does not run any more
  service_removal:
    application: shop
"""

RETURN = r"""
autodeploy:
  description: What was, or in check mode would be, removed.
  returned: success
  type: dict
  contains:
    units:
      description: Names of units.
      type: list
      elements: str
"""

import re
from contextlib import nullcontext

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.service_host import Systemd, SystemdFailed, remove_units, units_of
from ansible.module_utils.service_turn import NotWanted, turn
from ansible.module_utils.service_units import drain_name

APPLICATION = re.compile(r"[a-z][a-z0-9-]{0,27}")
NO_RELEASE = "-"  # No release has this name.


def main():
    module = AnsibleModule(
        argument_spec={"application": {"type": "str", "required": True}},
        supports_check_mode=True,
    )
    module.run_command_environ_update = {"LC_ALL": "C"}
    application = module.params["application"]
    if not APPLICATION.fullmatch(application):
        module.fail_json(msg=f"{application!r} is no name for an application")
    systemd = Systemd(module)
    alone = nullcontext() if module.check_mode else turn(systemd, application, NO_RELEASE)
    try:
        with alone:
            names = remove(module, systemd, application)
    except (SystemdFailed, NotWanted) as error:
        module.fail_json(msg=str(error))
    module.exit_json(
        changed=bool(names),
        autodeploy={"units": names},
        diff={"before": "".join(f"{name}\n" for name in names), "after": ""},
    )


def remove(module, systemd, application):
    """Stop and remove the units, and give their names."""
    found = units_of(application)
    names = sorted(name for units in found.values() for name in units)
    if names and not module.check_mode:
        drains = [drain_name(application, release) for release in found if release]
        if drains:
            systemd.run("stop", *drains, check=False)
        systemd.run("stop", *names)
        remove_units(systemd, names)
    return names


if __name__ == "__main__":
    main()
