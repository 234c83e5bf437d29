"""firewalld's zones: what they are, what has to become of them."""

from __future__ import annotations

import re

from ansible.module_utils.firewall_nft import admits, open_ports
from ansible.module_utils.firewall_rich import covers, is_bound, is_for_ssh_alone, span

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
CONTAINERS = re.compile(r"(docker|br-|virbr|podman|cni|lxcbr|lxdbr)")


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

    Those of containers' networks are let be: nobody comes in by them from outside.

    Args:
        found: All zones.
        default: The default one's name.
        bound: Names of those that are bound in the running firewall.
    """
    kept = {
        name: zone
        for name, zone in found.items()
        if name == default
        or ((name in bound or zone.get("interfaces") or zone.get("sources")) and not inner(zone))
    }
    return dict(sorted(kept.items(), key=lambda one: one[0] != default))


def inner(zone):
    """Whether a zone is a network of containers or virtual machines on the host itself."""
    names = zone.get("interfaces") or []
    return bool(names) and not zone.get("sources") and all(map(CONTAINERS.match, names))


def accepting(zone, port, services):
    """A zone's rich rules that let in SSH on a port."""
    return [one for one in zone["rich rules"] if " accept" in one and covers(one, port, services)]


def opens_to_all(zone, port, services):
    """Whether a zone lets in SSH, on a port, from wherever its packets come."""
    known = [one for one in zone.get("services", []) if span(services.get(one, ()), port)]
    free = [one for one in accepting(zone, port, services) if not is_bound(one)]
    accepts = "ACCEPT" in zone.get("target", ())
    return bool(accepts or known or free or span(zone.get("ports", []), port))


def admits_ssh(zone, ssh_ports, services):
    """Whether SSH comes in by a zone, whatever lets it in."""
    return any(
        opens_to_all(zone, port, services) or accepting(zone, port, services) for port in ssh_ports
    )


def ssh_entries(zone, ssh_ports, services):
    """What is to let in SSH by a zone that does it already: no more than before, and only it."""
    kept = []
    for port in ssh_ports:
        exact = [f"{port}/tcp"] * (f"{port}/tcp" in zone.get("ports", []))
        exact += ["ssh"] * (port == 22 and "ssh" in zone.get("services", []))
        rich = accepting(zone, port, services)
        alone = [one for one in rich if is_for_ssh_alone(one, port)]
        exact += [one for one in alone if not is_bound(one)]
        if opens_to_all(zone, port, services):
            kept += (exact or [f"{port}/tcp"]) + alone
        else:
            kept += rich
    return list(dict.fromkeys(kept))


def plan(found, ports, ssh_ports):
    """The arguments of firewall-cmd, one list a call, that make the zones the declared ones.

    What lets in goes first, SSH's first of all. Where a running firewall lets SSH in by some
    zones or from some addresses alone, it goes on so.

    Args:
        found: `zones` in use, the default one first, `active`, and `services` (ports by name).
        ports: TCP ports to be opened for everybody.
        ssh_ports: Those on which SSH listens.
    """
    zones, services = found["zones"].values(), found["services"]
    known = found["active"] and any(admits_ssh(zone, ssh_ports, services) for zone in zones)
    opening, closing = [], []
    for name, zone in found["zones"].items():
        shut = name != found["default"] and set(zone.get("target", ())) & CLOSED
        ssh = ssh_entries(zone, ssh_ports, services)
        if not (shut or ssh or known):
            ssh = [f"{port}/tcp" for port in ssh_ports]
        wanted = [] if shut else [f"{port}/tcp" for port in ports]
        there = [*zone.get("ports", []), *zone.get("services", []), *zone["rich rules"]]
        opening += [
            [f"--zone={name}", f"--add-port={one}"]
            for one in dict.fromkeys([*ssh, *wanted])
            if one not in there
        ]
        closing += closings(name, zone, {*wanted, *ssh})
    return opening + closing


def named_services(zones):
    """The services that zones name, in lists or rich rules."""
    rich = [one for zone in zones for one in zone["rich rules"]]
    found = {name for zone in zones for name in zone.get("services", [])}
    return sorted(found | set(re.findall(r'\bservice name="([^"]+)"', "\n".join(rich))))


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


class Firewalld:
    """firewalld on this host."""

    name, program, files = "firewalld", CLIENT, ("/etc/firewalld",)
    # It uses a library of nftables'; what the kernel has is read by its program.
    packages = (("firewalld", CLIENT), ("nftables", "/usr/sbin/nft"))

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
        zones_used = used(zones(self.ask(*permanent, "--list-all-zones")), default, bound)
        return {
            "zones": zones_used,
            "default": default,
            "active": active,
            "services": {
                name: self.ask(*permanent, f"--service={name}", "--get-ports").split()
                for name in named_services(zones_used.values())
            },
            "opened": open_ports(table) if table else set(),
            "ssh": bool(table) and admits(table, ssh_ports),
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
