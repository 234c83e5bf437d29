#!/usr/bin/python
"""Make the firewall's rules the declared ones."""

from __future__ import annotations

DOCUMENTATION = r"""
module: firewall_policy
short_description: Opens exactly the declared TCP ports
description:
  - Reads what UFW or firewalld has, applies the difference and reads back what the kernel lets in.
  - Keeps a copy of its settings and rules before its first change, for C(firewall_restore), and
    arms the guard before each one. C(guard_confirm) is to follow where RV(ignore:guard.armed).
  - SSH is let in before anything is closed, on the ports that sshd itself names. Where nothing
    listens on them the module refuses to act, because that would lock everybody out.
  - A firewall at work that lets SSH in from some places alone goes on so. Where other rules than
    UFW's and firewalld's close ports, or UFW's package would remove another firewall, it fails.
  - What lets in something undeclared is removed, and so is what would close a declared port. Rules
    that deny a source address, and rules for outgoing traffic, stay.
options:
  ports:
    description: TCP ports that everybody may reach, over IPv4 and IPv6.
    type: list
    elements: int
    required: true
  backend:
    description:
      - Whose rules they are. V(auto) is the one that is at work, else one that is installed, else
        UFW.
    type: str
    choices: [auto, ufw, firewalld]
    default: auto
  may_lack:
    description: Whether it is no failure that it is not installed yet; nothing is done then.
    type: bool
    default: false
  revert_after:
    description: Seconds until the change is taken back unless it is confirmed.
    type: int
    default: 120
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
author: autodeploy
"""

EXAMPLES = r"""
- name: Let in HTTP and SSH
  firewall_policy:
    ports: [80]
"""

RETURN = r"""
missing:
  description: The packages that are to be installed first.
  returned: success
  type: list
  elements: str
commands:
  description: The commands that were, or in check mode would be, run.
  returned: always
  type: list
  elements: str
guard:
  description: Whether the change waits to be confirmed, and what the host took back before.
  returned: always
  type: dict
autodeploy:
  description: What the host lets in, read from the kernel's rules.
  returned: always
  type: dict
  contains:
    open_ports:
      description: TCP ports that everybody reaches over IPv4 and IPv6, but for SSH's.
      type: list
      elements: int
    ssh:
      description: Whether SSH is let in.
      type: bool
    active:
      description: Whether the firewall is on.
      type: bool
"""

import shlex

from ansible.module_utils import guard
from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.firewall_backends import asker, backend, lacking
from ansible.module_utils.firewall_before import keep
from ansible.module_utils.firewall_report import difference, facts, seen
from ansible.module_utils.firewall_ssh import ssh_ports


def sshd(module):
    """The ports on which sshd says that it listens, and does."""
    ports = ssh_ports(asker(module)("/usr/sbin/sshd", "-T"))
    if not ports:
        module.fail_json(
            msg="nothing listens on the ports that `sshd -T` names: closing the rest locks out"
        )
    return ports


def carry_out(module, host, found, commands):
    """Keep what was, have it taken back unless it is confirmed, and change it."""
    keep(host.files, host.name, found["active"])
    guard.arm(
        module,
        paths=host.files,
        reload=host.reload(found["active"]),
        why="the firewall",
        seconds=module.params["revert_after"],
    )
    for words in commands:
        host.run(words)


def main():
    module = AnsibleModule(
        argument_spec={
            "ports": {"type": "list", "elements": "int", "required": True},
            "backend": {"choices": ["auto", "ufw", "firewalld"], "default": "auto"},
            "may_lack": {"type": "bool", "default": False},
            "revert_after": {"type": "int", "default": guard.SECONDS},
        },
        supports_check_mode=True,
    )
    ports = list(dict.fromkeys(module.params["ports"]))
    if not all(1 <= port <= 65535 for port in ports):
        module.fail_json(msg=f"{ports} are not all TCP ports: they go from 1 to 65535")
    host = backend(module)
    missing = lacking(host)
    if missing and (module.check_mode or module.params["may_lack"]):
        off = {"active": False, "opened": set(), "ssh": False}
        told = {"commands": [], "guard": guard.state(module), "missing": missing}
        module.exit_json(
            changed=module.check_mode,
            autodeploy=seen(off, ports, []),
            ansible_facts=facts(host.name, off, ports, [], told),
            **told,
        )
    ssh = sshd(module)
    found = before = host.read(ssh)
    commands = host.plan(before, ports, ssh)
    if commands and not module.check_mode:
        carry_out(module, host, before, commands)
        found = host.read(ssh)
    told = {
        "commands": [shlex.join(words) for words in commands],
        "guard": guard.state(module),
        "missing": missing,
    }
    what = {"autodeploy": seen(found, ports, ssh), **told}
    problem = difference(found, ports, ssh)
    if problem and not module.check_mode:
        module.fail_json(msg=f"{host.name}: {problem}", **what)
    module.exit_json(
        changed=bool(commands),
        ansible_facts=facts(host.name, found, ports, ssh, {**told, "check": module.check_mode}),
        diff={"before": host.text(before), "after": host.text(found)},
        **what,
    )


if __name__ == "__main__":
    main()
