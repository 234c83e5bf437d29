#!/usr/bin/python
"""Make UFW's rules the declared ones."""

from __future__ import annotations

DOCUMENTATION = r"""
module: ufw_policy
short_description: Opens exactly the declared TCP ports with UFW
description:
  - Reads what UFW has, applies the difference and reads back what the kernel lets in.
  - Keeps a copy of UFW's settings and rules before its first change, for C(ufw_restore).
  - SSH is let in before anything is closed. Where nothing listens on O(ssh_port) the module refuses
    to act, because a wrong port would lock everybody out.
  - Rules that let in something undeclared are removed, and so are rules about a declared port that
    would close it. Rules that deny a source address, and rules for outgoing traffic, stay.
options:
  ports:
    description: TCP ports that everybody may reach, over IPv4 and IPv6.
    type: list
    elements: int
    required: true
  ssh_port:
    description: The port on which SSH listens.
    type: int
    default: 22
  may_lack:
    description: Whether it is no failure that there is no UFW yet; nothing is done then.
    type: bool
    default: false
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
author: autodeploy
"""

EXAMPLES = r"""
- name: Let in HTTP and SSH
  ufw_policy:
    ports: [80]
"""

RETURN = r"""
missing:
  description: Whether there is no UFW.
  returned: success
  type: bool
commands:
  description: The UFW commands that were, or in check mode would be, run.
  returned: always
  type: list
  elements: str
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
      description: Whether SSH's port is among them.
      type: bool
    active:
      description: Whether UFW is enabled.
      type: bool
"""

import re
import shlex
from pathlib import Path

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.ufw_before import keep

UFW = "/usr/sbin/ufw"
DEFAULTS = Path("/etc/default/ufw")
CLOSING = {"deny", "reject"}
LISTEN = "0A"


def rule(port):
    """UFW's own way of writing the rule that opens a port."""
    return f"allow {port}/tcp"


def added_rules(text):
    """The rules in the output of `ufw show added`, without their comments."""
    lines = [line.strip() for line in text.splitlines()]
    return [without_comment(line[4:]) for line in lines if line.startswith("ufw ")]


def without_comment(words):
    parts = shlex.split(words)
    kept = parts[: parts.index("comment")] if "comment" in parts else parts
    return shlex.join(kept)


def is_undeclared(words, wanted):
    """Whether a rule opens what is not declared, or may close what is."""
    parts = shlex.split(words)
    if words in wanted or "out" in parts[1:3]:
        return False
    return not (parts[0] in CLOSING and "from" in parts)


def deletion(words):
    """The arguments of UFW that delete a rule."""
    parts = shlex.split(words)
    if parts[0] == "route":
        return ["--force", "route", "delete", *parts[1:]]
    return ["--force", "delete", *parts]


def open_ports(rules):
    """TCP ports that `iptables -S ufw-user-input` accepts from everywhere."""
    found = re.findall(
        r"^-A ufw6?-user-input -p tcp -m tcp --dport (\d+) -j ACCEPT$", rules, re.MULTILINE
    )
    return {int(port) for port in found}


def listening_ports(table):
    """Ports in state LISTEN in the text of /proc/net/tcp or tcp6."""
    rows = [line.split() for line in table.splitlines()[1:]]
    return {int(row[1].rpartition(":")[2], 16) for row in rows if row[3] == LISTEN}


def setting(text, name):
    """A value of /etc/default/ufw; empty where it is not set."""
    found = re.findall(rf'^{name}="?([^"\n]*)"?$', text, re.MULTILINE)
    return found[-1].lower() if found else ""


class Host:
    """What UFW and the kernel have, and the one way to change it."""

    def __init__(self, module):
        self.module = module
        self.commands = []

    def ask(self, *command):
        code, out, err = self.module.run_command(list(command), environ_update={"LC_ALL": "C"})
        if code:
            self.module.fail_json(msg=f"`{shlex.join(command)}` failed: {(err or out).strip()}")
        return out

    def change(self, *words):
        self.commands.append(shlex.join(["ufw", *words]))
        if not self.module.check_mode:
            self.ask(UFW, *words)

    def active(self):
        return self.ask(UFW, "status").startswith("Status: active")

    def rules(self):
        return added_rules(self.ask(UFW, "show", "added"))

    def open_ports(self, active):
        """The ports that are open; each of UFW's own commands takes a tenth of a second."""
        if not active:
            return set()
        four = self.ask("/usr/sbin/iptables", "-w", "-S", "ufw-user-input")
        six = self.ask("/usr/sbin/ip6tables", "-w", "-S", "ufw6-user-input")
        return open_ports(four) & open_ports(six)


def ssh_is_there(port):
    tables = [Path("/proc/net/tcp"), Path("/proc/net/tcp6")]
    return any(port in listening_ports(one.read_text()) for one in tables if one.exists())


def turn_ipv6_on(host):
    text = DEFAULTS.read_text()
    if setting(text, "IPV6") == "yes":
        return
    host.commands.append("IPV6=yes in /etc/default/ufw")
    if not host.module.check_mode:
        DEFAULTS.write_text(re.sub(r"^IPV6=.*\n?", "", text, flags=re.MULTILINE) + "IPV6=yes\n")


def apply(host, ports, present):
    """Bring UFW to the declared ports, which begin with SSH's, from the rules that are present."""
    wanted = [rule(port) for port in ports]
    turn_ipv6_on(host)
    active = host.active()
    opened = host.open_ports(active)
    for words in wanted:
        if words not in present:
            host.change(*words.split())
    for words in present:
        if is_undeclared(words, wanted):
            host.change(*deletion(words))
    if setting(DEFAULTS.read_text(), "DEFAULT_INPUT_POLICY") != "drop":
        host.change("default", "deny", "incoming")
    if not active:
        host.change("--force", "enable")
    elif any(rule(port) in present and port not in opened for port in ports):
        host.change("reload")


def report(active, opened, ports, ssh_port):
    counted = sorted(port for port in opened if port != ssh_port or port in ports)
    return {"open_ports": counted, "ssh": ssh_port in opened, "active": active}


def main():
    module = AnsibleModule(
        argument_spec={
            "ports": {"type": "list", "elements": "int", "required": True},
            "ssh_port": {"type": "int", "default": 22},
            "may_lack": {"type": "bool", "default": False},
        },
        supports_check_mode=True,
    )
    ssh_port = module.params["ssh_port"]
    ports = list(dict.fromkeys([ssh_port, *module.params["ports"]]))
    if not all(1 <= port <= 65535 for port in ports):
        module.fail_json(msg=f"{ports} are not all TCP ports: they go from 1 to 65535")
    host = Host(module)
    if (module.check_mode or module.params["may_lack"]) and not Path(UFW).exists():
        nothing = {"open_ports": [], "ssh": False, "active": False}
        found = {"missing": True, "commands": [], "autodeploy": nothing}
        module.exit_json(changed=module.check_mode, **found)
    if not ssh_is_there(ssh_port):
        module.fail_json(
            msg=f"nothing listens on SSH's port {ssh_port}: closing the rest locks out"
        )
    if not module.check_mode:
        keep()
    before = host.rules()
    apply(host, ports, before)
    after = before if module.check_mode or not host.commands else host.rules()
    active = host.active()
    opened = host.open_ports(active)
    seen = report(active, opened, module.params["ports"], ssh_port)
    if not module.check_mode and opened != set(ports):
        module.fail_json(msg=f"UFW lets in {seen}, not exactly {sorted(ports)}", autodeploy=seen)
    module.exit_json(
        changed=bool(host.commands),
        missing=False,
        commands=host.commands,
        autodeploy=seen,
        diff={"before": "\n".join(before) + "\n", "after": "\n".join(after) + "\n"},
    )


if __name__ == "__main__":
    main()
