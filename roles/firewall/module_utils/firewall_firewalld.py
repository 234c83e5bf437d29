"""firewalld's zones: what they are, what has to become of them, what the kernel makes of them."""

from __future__ import annotations

import json
import re

CLIENT = "/usr/bin/firewall-cmd"
OFFLINE = "/usr/bin/firewall-offline-cmd"
# What is in each of these lets in something; how one is removed.
LISTS = {
    "services": "--remove-service",
    "ports": "--remove-port",
    "protocols": "--remove-protocol",
    "source-ports": "--remove-source-port",
    "forward-ports": "--remove-forward-port",
}
HARMLESS = {"dhcpv6-client"}  # Answers to the host's own question, from the link alone.
CLOSED = {"DROP", "%%REJECT%%"}


def zones(text):
    """The zones in the output of `--list-all-zones`: by name, each line's words by its name."""
    found, zone = {}, {}
    for line in text.splitlines():
        if line and not line[0].isspace():
            zone = found.setdefault(line.split()[0], {"rich rules": []})
        elif line.strip().startswith("rule "):
            zone["rich rules"].append(line.strip())
        elif ":" in line and not line.strip().startswith("rich rules"):
            name, _colon, words = line.strip().partition(":")
            zone[name] = words.split()
    return found


def used(found, default, bound):
    """The zones that packets come by: the default one, and those bound to an interface or source.

    Args:
        found: All zones.
        default: The default one's name.
        bound: Names of those that are bound in the running firewall.
    """
    kept = {
        name: zone
        for name, zone in found.items()
        if name == default or name in bound or zone.get("interfaces") or zone.get("sources")
    }
    return dict(sorted(kept.items(), key=lambda one: one[0] != default))


def lets_ssh_in(zone, ssh_ports):
    """What in a zone lets in SSH, and no more than it."""
    kept = [f"{port}/tcp" for port in ssh_ports if f"{port}/tcp" in zone.get("ports", [])]
    kept += ["ssh"] if 22 in ssh_ports and "ssh" in zone.get("services", []) else []
    return kept + [one for one in zone["rich rules"] if is_rule_for_ssh(one, ssh_ports)]


def admits_ssh(zone, ssh_ports):
    """Whether SSH comes in by a zone, whatever lets it in."""
    return bool(lets_ssh_in(zone, ssh_ports)) or "ACCEPT" in zone.get("target", ())


def is_rule_for_ssh(words, ssh_ports):
    """Whether a rich rule accepts SSH."""
    service = 22 in ssh_ports and 'service name="ssh"' in words
    port = re.search(r'\bport port="(\d+)" protocol="tcp"', words)
    return " accept" in words and (service or bool(port and int(port[1]) in ssh_ports))


def plan(found, ports, ssh_ports):
    """The arguments of firewall-cmd, one list a call, that make the zones the declared ones.

    What lets in goes first, SSH's first of all. Where a running firewall lets SSH in by some
    zones alone, it goes on so.

    Args:
        found: `zones` in use, the default one first, and `active`.
        ports: TCP ports to be opened for everybody.
        ssh_ports: Those on which SSH listens.
    """
    zones = found["zones"].values()
    known = found["active"] and any(admits_ssh(zone, ssh_ports) for zone in zones)
    opening, closing = [], []
    for name, zone in found["zones"].items():
        shut = name != found["default"] and set(zone.get("target", ())) & CLOSED
        wanted = [] if shut else [f"{port}/tcp" for port in ports]
        ssh = lets_ssh_in(zone, ssh_ports)
        if not (shut or ssh or (known and not admits_ssh(zone, ssh_ports))):
            wanted = [f"{port}/tcp" for port in ssh_ports] + wanted
        there = zone.get("ports", [])
        opening += [[f"--zone={name}", f"--add-port={one}"] for one in wanted if one not in there]
        closing += closings(name, zone, {*wanted, *ssh})
    return opening + closing


def closings(name, zone, wanted):
    """The arguments that remove from a zone what lets in something that is not wanted."""
    gone = [
        [f"--zone={name}", f"{option}={one}"]
        for key, option in LISTS.items()
        for one in zone.get(key, [])
        if one not in wanted | HARMLESS
    ]
    gone += [
        [f"--zone={name}", f"--remove-rich-rule={one}"]
        for one in zone["rich rules"]
        if " accept" in one and one not in wanted
    ]
    if "ACCEPT" in zone.get("target", ()):
        gone.append([f"--zone={name}", "--set-target=default"])
    return gone


def offline(word):
    """An option of firewall-cmd's as firewall-offline-cmd has it."""
    return word.replace("--remove-service=", "--remove-service-from-zone=")


def open_ports(ruleset, everybody=True):
    """TCP ports that the rules of the zones accept.

    Args:
        ruleset: `nft --json list table inet firewalld`.
        everybody: Only those that are accepted from everywhere; else from anywhere at all.
    """
    rules = [one["rule"] for one in json.loads(ruleset)["nftables"] if "rule" in one]
    found = set()
    for one in rules:
        zone = re.fullmatch(r"filter_IN_(?!policy_).*_allow", one["chain"])
        if zone and {"accept": None} in one["expr"]:
            ports, others = matched(one["expr"])
            found |= ports if not (everybody and others) else set()
    return found


def matched(expressions):
    """The TCP ports that a rule is about, and whether it asks for more than them."""
    ports, others = set(), False
    for match in (one["match"] for one in expressions if "match" in one):
        field = match["left"].get("payload", {})
        if field == {"protocol": "tcp", "field": "dport"}:
            ports |= members(match["right"])
        elif "ct" not in match["left"]:
            others = True
    return ports, others


def members(right):
    """The ports that nft writes as one, as a range or as a set of these."""
    if isinstance(right, int):
        return {right}
    if "range" in right:
        return set(range(right["range"][0], right["range"][1] + 1))
    return {port for one in right.get("set", []) for port in members(one)}


class Firewalld:
    """firewalld on this host."""

    name, package, program, files = "firewalld", "firewalld", CLIENT, ("/etc/firewalld",)

    def __init__(self, ask):
        """Ask: runs a command and gives its output, or ends the module."""
        self.ask = ask

    def active(self):
        return self.ask("systemctl", "show", "--property=ActiveState", "firewalld").endswith(
            "=active\n"
        )

    def read(self, ssh_ports):
        """What `plan` needs, and of the kernel `opened` ports and whether `ssh` comes in."""
        active = self.active()
        permanent = [CLIENT, "--permanent"] if active else [OFFLINE]
        default = self.ask(permanent[0], "--get-default-zone").strip()
        bound = zones(self.ask(CLIENT, "--get-active-zones")) if active else {}
        table = self.ask("nft", "--json", "list", "table", "inet", "firewalld") if active else None
        everybody, anybody = (
            (open_ports(table), open_ports(table, everybody=False)) if table else (set(), set())
        )
        return {
            "zones": used(zones(self.ask(*permanent, "--list-all-zones")), default, bound),
            "default": default,
            "active": active,
            "opened": everybody,
            "ssh": bool(anybody & set(ssh_ports)),
        }

    def plan(self, found, ports, ssh_ports):
        """What `plan` says, and how it is loaded."""
        words = plan(found, ports, ssh_ports)
        if not found["active"]:
            commands = [[OFFLINE, *map(offline, one)] for one in words]
            return [*commands, ["systemctl", "enable", "--now", "firewalld"]]
        commands = [[CLIENT, "--permanent", *one] for one in words]
        unloaded = not set(ports) <= found["opened"]
        return [*commands, [CLIENT, "--reload"]] if commands or unloaded else []

    def text(self, found):
        """The zones as a diff shows them."""
        keys = [*LISTS, "rich rules", "target"]
        rows = [
            f"{name} {key}: {zone.get(key, [])}"
            for name, zone in found["zones"].items()
            for key in keys
        ]
        return "\n".join(rows) + "\n"

    def run(self, words):
        self.ask(*words)

    def reload(self, active):
        """What loads the files again where firewalld was, or was not, active."""
        if active:
            return [["systemctl", "restart", "firewalld"]]
        return [["systemctl", "disable", "--now", "firewalld"]]
