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


def is_bound_to_ssh(words, ssh_ports):
    """Whether a rule lets in SSH, but from some addresses or by some interface alone."""
    parts = shlex.split(words)
    if parts[0] not in {"allow", "limit"} or "out" in parts[1:3]:
        return False
    port, app = after(parts, "port"), after(parts, "app")
    ssh = port in map(str, ssh_ports) or (app == "OpenSSH" and 22 in ssh_ports)
    return ssh and any(after(parts, word) not in EVERYWHERE for word in ("from", "on", "to"))


def for_ssh_alone(words, ssh_ports):
    """The rules that let in SSH from an address from which a rule lets in everything."""
    parts = shlex.split(words)
    if parts[:2] != ["allow", "from"] or len(parts) != 3 or parts[2] in EVERYWHERE:
        return []
    return [f"{words} to any port {port} proto tcp" for port in ssh_ports]


def wanted_rules(present, active, ports, ssh_ports):
    """The rules that must be there, those of SSH first.

    Where an active firewall lets SSH in from some places alone, that is not widened.
    """
    rest = [rule(port) for port in ports]
    wide = [rule(port) for port in ssh_ports]
    others = [words for words in present if words in wide or "OpenSSH" in words.split()[1:2]]
    if not active or others:
        return list(dict.fromkeys([*wide, *rest]))
    bound = [words for words in present if is_bound_to_ssh(words, ssh_ports)]
    bound += [one for words in present for one in for_ssh_alone(words, ssh_ports)]
    return list(dict.fromkeys([*(bound or wide), *rest]))


def is_undeclared(words, wanted):
    """Whether a rule opens what is not declared, or may close what is."""
    parts = shlex.split(words)
    if words in wanted or "out" in parts[1:3]:
        return False
    return not (parts[0] in {"deny", "reject"} and "from" in parts)


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
    wanted = wanted_rules(present, active, ports, ssh_ports)
    missing = [one for one in wanted if one not in present or not found["ipv6"]]
    commands = [] if found["ipv6"] else [IPV6, *([["reload"]] if active else [])]
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
    """Whether they accept a port from anywhere at all."""
    pattern = rf"^-A ufw6?-user-input .*--dport {port} .*-j (ACCEPT|ufw6?-user-limit)"
    return re.search(pattern, rules, re.MULTILINE) is not None


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
