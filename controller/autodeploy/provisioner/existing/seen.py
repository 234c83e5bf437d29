"""What a host said of itself. Pure."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

LOOPBACK = "00000000000000000000000001000000"
IPV4_IN_IPV6 = "0000000000000000FFFF0000"


@dataclass(frozen=True)
class Seen:
    """One host, as `look.sh` found it. All of it is the host's own word.

    Attributes:
        system: `debian-12`; empty where it does not say.
        machine: The processor, as `uname -m` names it.
        ssh_port: The port on which SSH listens there.
        host_key: Its Ed25519 key, as `known_hosts` has keys; empty where it has none.
        has: `python3` and `sudo`, each where it can be used.
        claim: The application and the environment that it serves; None where it serves none.
        taken: What is in the application's way.
        open_ports: TCP ports on which something listens for others than the host itself.
        ports: All TCP ports on which something listens.
    """

    system: str
    machine: str
    ssh_port: str
    host_key: str
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
        host_key=_first(said["host_key"]),
        has=frozenset(said["has"]),
        claim=said["claim"][0].strip() if said["claim"] else None,
        taken=tuple(said["taken"]),
        open_ports=frozenset(port for address, port in sockets if not _is_loopback(address)),
        ports=frozenset(port for _address, port in sockets),
    )


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
