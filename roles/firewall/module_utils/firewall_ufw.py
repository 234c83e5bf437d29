"""UFW's rules: what they are, what has to become of them, and what the kernel makes of them."""

from __future__ import annotations

import glob
import itertools
import os
import re
import shlex

from ansible.module_utils.firewall_words import (
    application_ports,
    bound,
    covers,
    fields,
    lets_in,
    reaches,
)

UFW = "/usr/sbin/ufw"
DEFAULTS = "/etc/default/ufw"
FILES = (DEFAULTS, "/etc/ufw/ufw.conf", "/etc/ufw/user.rules", "/etc/ufw/user6.rules")
IPV6 = ["IPV6=yes"]  # In a plan: a line of /etc/default/ufw and no arguments of UFW.
APPLICATIONS = "/etc/ufw/applications.d/*"
CLOSED = {"drop", "reject"}
OPENS = re.compile(r"allow (\d+)/tcp")


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


def opens_to_all(words, port, applications):
    """Whether a rule lets in SSH, on a port, from everywhere."""
    narrow = bound(words) or {"from port", "from app"} & set(fields(words))
    return lets_in(words) and not narrow and reaches(words, port, applications) is True


def opens_to_some(words, port, applications):
    """Whether a rule may let in SSH, on a port, from some addresses or interfaces alone."""
    return lets_in(words) and bound(words) and reaches(words, port, applications) is not False


def refuses(words):
    """Whether a rule closes something."""
    parts = shlex.split(words)
    return parts[0] in {"deny", "reject"} and "out" not in parts[1:3]


def closes(words, ports, applications):
    """Whether a rule closes one of these ports."""
    return refuses(words) and any(reaches(words, port, applications) for port in ports)


def until_closed(present, port, applications):
    """The rules before one that closes a port to everybody: what follows is void for it."""

    def goes_on(words):
        return bound(words) or not closes(words, [port], applications)

    return list(itertools.takewhile(goes_on, present))


def ssh_rules(present, closed, ssh_ports, applications):
    """The rules that let in SSH from now on. Those of a closed firewall are not made wider.

    Where a rule refuses some, the order of them all tells who comes in: none is replaced.
    """
    refused = any(refuses(one) and bound(one) for one in present)
    kept = []
    for port in ssh_ports if closed else []:
        rules = until_closed(present, port, applications)
        wide = [one for one in rules if opens_to_all(one, port, applications)]
        some = [one for one in rules if opens_to_some(one, port, applications)]
        kept += [rule(port)] if wide and not refused else wide + some
    return list(dict.fromkeys(kept)) or [rule(port) for port in ssh_ports]


def is_undeclared(words, wanted, ports, applications):
    """Whether a rule opens what is not wanted, or may close what is.

    What the host refuses to some addresses stays, and what it refuses of ports besides. Who comes
    in by some interface alone may not come in by SSH: only ports declared for everybody count then.
    """
    if words in wanted or "out" in shlex.split(words)[1:3]:
        return False
    if not refuses(words):
        return True
    opened = [int(found[1]) for found in map(OPENS.fullmatch, wanted) if found]
    named = {"to port", "to app"} & set(fields(words))
    asked = ports if bound(words) else opened
    touched = any(reaches(words, port, applications) is not False for port in asked)
    return "from" not in fields(words) and (touched or not named)


def still_shut(present, ports, ssh_ports, applications):
    """Rules that keep SSH shut by an interface by which all was, once the rest is opened.

    Where something lets in SSH before that rule it was not shut to all, and the new one, which
    comes first, would shut it to them.
    """
    found = []
    for place, words in enumerate(present):
        if not (refuses(words) and set(fields(words)) == {"on"}):
            continue
        for port in ssh_ports:
            kinds = (opens_to_all, opens_to_some)
            let = any(kind(one, port, applications) for one in present[:place] for kind in kinds)
            found += [] if let or port in ports else [f"{words} to any port {port} proto tcp"]
    return found


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
        found: `rules`, `active`, `ipv6` (bool), `policy` (what comes in otherwise), `opened`
            (ports that the kernel accepts) and `applications` (ports by name).
        ports: TCP ports to be opened for everybody.
        ssh_ports: Those on which SSH listens.
    """
    present, active, applications = found["rules"], found["active"], found["applications"]
    closed = active and found["policy"] in CLOSED
    ssh = ssh_rules(present, closed, ssh_ports, applications)
    wanted = list(dict.fromkeys([*ssh, *(rule(port) for port in ports)]))
    gone = [one for one in present if is_undeclared(one, wanted, ports, applications)]
    # Rules have been made for IPv4 alone: what refuses is given again too.
    there = present if found["ipv6"] else []
    stay = [one for one in present if one not in gone]
    missing = [one for one in dict.fromkeys([*stay, *wanted]) if one not in there]
    commands = [] if found["ipv6"] else [IPV6, *([["reload"]] if active else [])]
    if not active and any(refuses(one) for one in present):
        # They have not been in force: one of them may be about this very controller.
        # Those of SSH's that are there, to whatever end, would have a new one left out.
        targets = {f"{port}/tcp" for port in ssh_ports}
        same = [one for one in present if one.partition(" ")[2] in targets]
        commands += [deletion(one) for one in same]
        present = [one for one in present if one not in same]
        commands += [["prepend", *shlex.split(one)] for one in reversed(ssh)]
        missing = [one for one in missing if one not in ssh]
    shut = still_shut(present, ports, ssh_ports, applications) if closed else []
    commands += [["prepend", *shlex.split(one)] for one in shut]
    commands += [shlex.split(one) for one in missing]
    # What closes SSH goes first: it may come before what opens it from now on.
    closing = [one for one in gone if closes(one, ssh_ports, applications)]
    last = [one for one in gone if one not in closing]
    commands += [deletion(one) for one in [*closing, *last] if one in present]
    if found["policy"] not in CLOSED:
        commands.append(["default", "deny", "incoming"])
    unloaded = [port for port in ports if rule(port) in present and port not in found["opened"]]
    if not active:
        commands.append(["--force", "enable"])
    elif unloaded and found["ipv6"]:
        commands.append(["reload"])
    return commands


def open_ports(rules):
    """TCP ports that `iptables -S ufw-user-input` accepts from everywhere."""
    pattern = r"^-A ufw6?-user-input -p tcp -m \w+ --dports? ([\d:,]+) -j ACCEPT$"
    ends = [
        part.partition(":")
        for ports in re.findall(pattern, rules, re.MULTILINE)
        for part in ports.split(",")
    ]
    return {port for low, _, high in ends for port in range(int(low), int(high or low) + 1)}


def admitted(rules, port):
    """Whether they accept TCP on a port from anywhere at all."""
    for line in rules.splitlines():
        accepts = line.endswith(("-j ACCEPT", "-user-limit-accept"))
        tcp = " -p " not in line or " -p tcp " in line
        ports = re.search(r" --dports? ([\d:,]+) ", line)
        if accepts and tcp and (ports is None or covers(ports[1], port)):
            return True
    return False


def content(path):
    """A file's text; nothing where it is a folder."""
    if not os.path.isfile(path):
        return ""
    with open(path, encoding="utf-8", errors="surrogateescape") as file:
        return file.read()


def setting(text, name):
    """A value of /etc/default/ufw; empty where it is not set."""
    found = re.findall(rf'^{name}="?([^"\n]*)"?$', text, re.MULTILINE)
    return found[-1].lower() if found else ""


class Ufw:
    """UFW on this host."""

    name, program, files = "UFW", UFW, FILES
    packages = (("ufw", UFW),)

    def __init__(self, ask):
        """Ask: runs a command and gives its output, or ends the module."""
        self.ask = ask

    def active(self):
        return self.ask(UFW, "status").startswith("Status: active")

    def read(self, ssh_ports):
        """What `plan` needs, and `ssh`: whether SSH is let in from anywhere."""
        text = content(DEFAULTS)
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
            "applications": application_ports(map(content, sorted(glob.glob(APPLICATIONS)))),
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
