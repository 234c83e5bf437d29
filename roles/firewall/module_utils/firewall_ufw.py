"""UFW's rules: what they are, what has to become of them, and what the kernel makes of them."""

from __future__ import annotations

import os
import re
import shlex

UFW = "/usr/sbin/ufw"
DEFAULTS = "/etc/default/ufw"
FILES = (DEFAULTS, "/etc/ufw/ufw.conf", "/etc/ufw/user.rules", "/etc/ufw/user6.rules")
IPV6 = ["IPV6=yes"]  # In a plan: a line of /etc/default/ufw and no arguments of UFW.
EVERYWHERE = (None, "any")


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


def after(parts, word):
    """What follows the last such word; None where there is none."""
    places = [place for place, part in enumerate(parts[:-1]) if part == word]
    return parts[places[-1] + 1] if places else None


def incoming(words):
    """The parts of a rule that lets in; none of another."""
    parts = shlex.split(words)
    return parts if parts[0] in {"allow", "limit"} and "out" not in parts[1:3] else []


def opens_to_all(words, port):
    """Whether a rule lets in SSH, on a port, from everywhere."""
    names = {f"{port}/tcp", str(port)} | ({"OpenSSH"} if port == 22 else set())
    parts = incoming(words)
    return len(parts) == 2 and parts[1] in names


def opens_to_some(words, port):
    """Whether a rule lets in SSH, on a port or on all, from some addresses or interfaces alone."""
    parts = incoming(words)
    bound = any(after(parts, word) not in EVERYWHERE for word in ("from", "on", "to"))
    named = after(parts, "port") == str(port) or (after(parts, "app") == "OpenSSH" and port == 22)
    everything = len(parts) == 3 and parts[1] == "from"
    return bound and (named or everything)


def refuses_sources(words):
    """Whether a rule closes something to some addresses: it is the host's own, and stays."""
    parts = shlex.split(words)
    return parts[0] in {"deny", "reject"} and "from" in parts


def ssh_rules(present, closed, ssh_ports):
    """The rules that let in SSH from now on. Those of a closed firewall are not made wider.

    Where a rule refuses some addresses, the order of them all tells who comes in: none is replaced.
    """
    wide = [port for port in ssh_ports if any(opens_to_all(one, port) for one in present)]
    if wide and closed and not any(refuses_sources(one) for one in present):
        return [rule(port) for port in wide]
    kinds = (opens_to_all, opens_to_some)
    kept = [one for one in present for port in ssh_ports if any(kind(one, port) for kind in kinds)]
    return (kept if closed else []) or [rule(port) for port in ssh_ports]


def is_undeclared(words, wanted):
    """Whether a rule opens what is not declared, or may close what is."""
    parts = shlex.split(words)
    if words in wanted or "out" in parts[1:3]:
        return False
    return not refuses_sources(words)


def deletion(words):
    """The arguments of UFW that delete a rule."""
    parts = shlex.split(words)
    if parts[0] == "route":
        return ["--force", "route", "delete", *parts[1:]]
    return ["--force", "delete", *parts]


def plan(found, ports, ssh_ports):
    """The arguments of UFW's, one list a call, that make the rules the declared ones.

    What lets in goes first, SSH's first of all, and what closes last.

    Args:
        found: `rules`, `active`, `ipv6` (bool), `policy` (what comes in otherwise), and `opened`
            (ports that the kernel accepts).
        ports: TCP ports to be opened for everybody.
        ssh_ports: Those on which SSH listens.
    """
    present, active = found["rules"], found["active"]
    ssh = ssh_rules(present, active and found["policy"] == "drop", ssh_ports)
    wanted = list(dict.fromkeys([*ssh, *(rule(port) for port in ports)]))
    missing = [one for one in wanted if one not in present or not found["ipv6"]]
    commands = [] if found["ipv6"] else [IPV6, *([["reload"]] if active else [])]
    if not active and any(refuses_sources(one) for one in present):
        # They have not been in force: one of them may be about this very controller.
        commands += [deletion(one) for one in ssh if one in present]
        commands += [["prepend", *shlex.split(one)] for one in reversed(ssh)]
        missing = [one for one in missing if one not in ssh]
    commands += [shlex.split(one) for one in missing]
    commands += [deletion(one) for one in present if is_undeclared(one, wanted)]
    if found["policy"] != "drop":
        commands.append(["default", "deny", "incoming"])
    unloaded = [port for port in ports if rule(port) in present and port not in found["opened"]]
    if not active:
        commands.append(["--force", "enable"])
    elif unloaded and found["ipv6"]:
        commands.append(["reload"])
    return commands


def open_ports(rules):
    """TCP ports that `iptables -S ufw-user-input` accepts from everywhere."""
    pattern = r"^-A ufw6?-user-input -p tcp -m tcp --dport (\d+) -j ACCEPT$"
    return {int(port) for port in re.findall(pattern, rules, re.MULTILINE)}


def admitted(rules, port):
    """Whether they accept TCP on a port from anywhere at all."""
    for line in rules.splitlines():
        accepts = line.endswith(("-j ACCEPT", "-user-limit-accept"))
        if accepts and ("-p " not in line or f"-p tcp -m tcp --dport {port} " in line):
            return True
    return False


def setting(text, name):
    """A value of /etc/default/ufw; empty where it is not set."""
    found = re.findall(rf'^{name}="?([^"\n]*)"?$', text, re.MULTILINE)
    return found[-1].lower() if found else ""


class Ufw:
    """UFW on this host."""

    name, package, program, files = "UFW", "ufw", UFW, FILES

    def __init__(self, ask):
        """Ask: runs a command and gives its output, or ends the module."""
        self.ask = ask

    def active(self):
        return self.ask(UFW, "status").startswith("Status: active")

    def read(self, ssh_ports):
        """What `plan` needs, and `ssh`: whether SSH is let in from anywhere."""
        with open(DEFAULTS) as file:
            text = file.read()
        active = self.active()
        four = self.ask("/usr/sbin/iptables", "-w", "-S", "ufw-user-input") if active else ""
        # Without IPv6 UFW has no such chain.
        ipv6 = setting(text, "IPV6") == "yes"
        six = (
            self.ask("/usr/sbin/ip6tables", "-w", "-S", "ufw6-user-input")
            if active and ipv6
            else ""
        )
        return {
            "rules": added_rules(self.ask(UFW, "show", "added")),
            "active": active,
            "ipv6": ipv6,
            "policy": setting(text, "DEFAULT_INPUT_POLICY"),
            "opened": open_ports(four) & open_ports(six),
            "ssh": any(admitted(four + six, port) for port in ssh_ports),
        }

    def plan(self, found, ports, ssh_ports):
        return plan(found, ports, ssh_ports)

    def text(self, found):
        """The rules as a diff shows them."""
        return "\n".join(found["rules"]) + "\n"

    def run(self, words):
        if words != IPV6:
            self.ask(UFW, *words)
            return
        with open(DEFAULTS) as file:
            text = re.sub(r"^IPV6=.*\n?", "", file.read(), flags=re.MULTILINE)
        with open(f"{DEFAULTS}.new", "w") as file:
            file.write(f"{text}IPV6=yes\n")
        os.replace(f"{DEFAULTS}.new", DEFAULTS)

    def reload(self, active):
        """What loads the files again where UFW was, or was not, active."""
        return [[UFW, "reload"]] if active else [[UFW, "--force", "disable"]]
