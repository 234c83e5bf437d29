"""What a host said of itself, and what that means. Pure."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from autodeploy.contracts import IMAGES, Host
from autodeploy.provisioner.owner import Owner
from autodeploy.settings import Settings

HTTP = 80
MACHINES = {"amd64": "x86_64", "arm64": "aarch64"}
LOOPBACK = "00000000000000000000000001000000"
IPV4_IN_IPV6 = "0000000000000000FFFF0000"


@dataclass(frozen=True)
class Seen:
    """One host, as `look.sh` found it. All of it is the host's own word.

    Attributes:
        system: `debian-12`; empty where it does not say.
        machine: The processor, as `uname -m` names it.
        ssh_port: The port on which SSH listens there.
        has: `python3` and `sudo`, each where it can be used.
        claim: The application and the environment that it serves; None where it serves none.
        taken: What is in the application's way.
        open_ports: TCP ports on which something listens for others than the host itself.
        ports: All TCP ports on which something listens.
    """

    system: str
    machine: str
    ssh_port: str
    has: frozenset[str]
    claim: str | None
    taken: tuple[str, ...]
    open_ports: frozenset[int]
    ports: frozenset[int]


def parse(output: str) -> Seen:
    """What `look.sh` printed; lines that it cannot have printed are left out."""
    said: dict[str, list[str]] = defaultdict(list)
    for line in output.splitlines():
        key, _, value = line.partition(" ")
        said[key].append(value)
    sockets = [one for one in map(_socket, said["listens"]) if one]
    return Seen(
        system=_first(said["system"]),
        machine=_first(said["machine"]),
        ssh_port=_first(said["ssh_port"]),
        has=frozenset(said["has"]),
        claim=said["claim"][0].strip() if said["claim"] else None,
        taken=tuple(said["taken"]),
        open_ports=frozenset(port for address, port in sockets if not _is_loopback(address)),
        ports=frozenset(port for _address, port in sockets),
    )


def unfit(seen: Seen, host: Host, owner: Owner, settings: Settings) -> list[tuple[str, str]]:
    """Why the application cannot go to the host: what is the matter, and what to do about it."""
    machine = MACHINES[settings.arch]
    found = [
        (seen.system not in IMAGES, f"it runs {seen.system or 'no system that it names'}", SYSTEMS),
        (
            seen.system in IMAGES and _asked_for_another(seen.system, settings),
            f"it runs {seen.system}, and the setting `image` says {settings.image}",
            "Leave `image` out: it is what the hosts run.",
        ),
        (seen.machine != machine, f"its processor is {seen.machine}, not {machine}", ARCH),
        ("python3" not in seen.has, "it has no /usr/bin/python3", "`apt install python3` there."),
        (
            "sudo" not in seen.has,
            f"{host.user} may not use sudo there without a password",
            "Allow it: `echo 'USER ALL=(ALL) NOPASSWD: ALL' > /etc/sudoers.d/USER`, or use root.",
        ),
        (
            seen.ssh_port != str(host.port),
            f"SSH listens there on port {seen.ssh_port}, which is forwarded",
            "Name an address at which the host's own ports are reached.",
        ),
    ]
    return [(what, remedy) for wrong, what, remedy in found if wrong] + _in_the_way(seen, owner)


SYSTEMS = "Give a host with Debian 12 or 13."
ARCH = "Say the hosts' processor with --arch, or give other hosts."
FREE = "One host serves one application: give another host, or free this one."


def claim_of(owner: Owner) -> str:
    """What a host that serves the owner says: the role `claim` writes it."""
    return f"{owner.application} {owner.environment}"


def closing(seen: Seen, host: Host, owner: Owner) -> list[int]:
    """Ports that others reach now and that the firewall will close: none once it is ours."""
    if seen.claim == claim_of(owner):
        return []
    return sorted(seen.open_ports - {host.port, HTTP})


def _in_the_way(seen: Seen, owner: Owner) -> list[tuple[str, str]]:
    if seen.claim == claim_of(owner):
        return []
    if seen.claim is not None:
        name, _, environment = seen.claim.partition(" ")
        whose = f"{name} ({environment})" if environment else "another application"
        return [(f"it serves {whose} already", FREE)]
    taken = [f"{one} is there already" for one in seen.taken]
    if HTTP in seen.ports:
        taken.append(f"something listens on port {HTTP} already")
    return [(one, FREE) for one in taken]


def _asked_for_another(system: str, settings: Settings) -> bool:
    return "image" in settings.model_fields_set and settings.image != system


def _first(values: list[str]) -> str:
    return values[0].strip() if values else ""


def _socket(local: str) -> tuple[str, int] | None:
    """Address and port of a local address as /proc/net/tcp writes it."""
    address, _, port = local.partition(":")
    try:
        return address.upper(), int(port, 16)
    except ValueError:
        return None


def _is_loopback(address: str) -> bool:
    """Whether only the host itself reaches it; the kernel writes the last byte of IPv4 first."""
    mapped = address.removeprefix(IPV4_IN_IPV6)
    return address == LOOPBACK or (len(mapped) == 8 and mapped.endswith("7F"))
