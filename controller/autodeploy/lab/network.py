"""The lab's network: one bridge with an address range of its own, NAT to the outside.

A host has a public address out of that range and, on the same interface, the private address that
its subnet gave it; this machine reaches both through the bridge.
"""

from __future__ import annotations

import fcntl
import ipaddress
import json
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path

from autodeploy.contracts import Contract
from autodeploy.errors import LabBroken
from autodeploy.lab import kernel
from autodeploy.lab.run import run, succeeds
from autodeploy.lab.site import BRIDGE_PREFIX, Site
from autodeploy.paths import private_folder

# Whole-machine facts that labs share; /run is emptied by a reboot, as they are.
SHARED = Path("/run/autodeploy-lab")
CANDIDATES = tuple(
    subnet
    for block in ("10.213.0.0/16", "172.27.0.0/16", "192.168.192.0/18")
    for subnet in ipaddress.IPv4Network(block).subnets(new_prefix=20)
)
RULES = """
table inet {table} {{
  chain postrouting {{
    type nat hook postrouting priority 100; policy accept;
    iifname "{bridge}" oifname != "{bridge}" masquerade
  }}
}}
"""


class Network(Contract):
    """What was chosen for one lab.

    Attributes:
        bridge: The interface's name.
        cidr: The range of the public addresses.
        mtu: Bytes that a frame may carry on the way out.
    """

    bridge: str
    cidr: IPv4Network
    mtu: int

    @property
    def gateway(self) -> IPv4Address:
        """The bridge's own address."""
        return self.cidr[1]


def create(site: Site) -> Network:
    """Make the bridge, the NAT and the record of both.

    Raises:
        LabBroken: No range is free, or the kernel refuses.
    """
    with _machine_lock():
        network = Network(bridge=site.bridge, cidr=free_range(_taken()), mtu=_mtu())
        site.network_record.write_text(network.model_dump_json())
        run("ip", "link", "add", network.bridge, "mtu", str(network.mtu), "type", "bridge")
        address = f"{network.gateway}/{network.cidr.prefixlen}"
        run("ip", "address", "add", address, "dev", network.bridge)
        run("ip", "link", "set", network.bridge, "up")
        # Whoever asks for a host that is still booting hears at once that it is not there yet.
        Path(f"/proc/sys/net/ipv4/neigh/{network.bridge}/retrans_time_ms").write_text("100")
        run("nft", "-f", "-", given=RULES.format(table=site.table, bridge=network.bridge))
        kernel.prepare(SHARED / "kernel.json")
    return network


def load(site: Site) -> Network:
    """The network that `create` made."""
    return Network.model_validate_json(site.network_record.read_bytes())


def destroy(site: Site) -> None:
    """Take the network away as far as it is there, and with the last lab the kernel's settings."""
    with _machine_lock():
        if _exists(site.bridge):
            for port in ports(site.bridge):
                succeeds("ip", "link", "delete", port)
            run("ip", "link", "delete", site.bridge)
        if succeeds("nft", "list", "table", "inet", site.table):
            run("nft", "delete", "table", "inet", site.table)
        if not any(name.startswith(BRIDGE_PREFIX) for name in _links()):
            kernel.as_before(SHARED / "kernel.json")
    site.network_record.unlink(missing_ok=True)


def ports(bridge: str) -> list[str]:
    """The hosts' ends on the bridge."""
    return [
        link["ifname"] for link in json.loads(run("ip", "-json", "link", "show", "master", bridge))
    ]


def route(network: Network, private: IPv4Address) -> bool:
    """Lead a private address to the bridge, unless that would hide something of this machine's."""
    if any(private in one for one in _taken()):
        return False
    return succeeds("ip", "route", "add", f"{private}/32", "dev", network.bridge)


def unroute(network: Network, private: IPv4Address) -> None:
    """Take a private address's route away where it is ours."""
    succeeds("ip", "route", "delete", f"{private}/32", "dev", network.bridge)


def free_range(taken: list[IPv4Network]) -> IPv4Network:
    """The first candidate that overlaps none of these.

    Raises:
        LabBroken: Each of them does.
    """
    for candidate in CANDIDATES:
        if not any(candidate.overlaps(one) for one in taken):
            return candidate
    raise LabBroken("no address range is free for the lab", cause=", ".join(map(str, taken)))


def _taken() -> list[IPv4Network]:
    """Every network that this machine has an address in or a route to."""
    routes = [
        row["dst"] for row in json.loads(run("ip", "-json", "-4", "route", "show", "table", "all"))
    ]
    addresses = [
        f"{one['local']}/{one['prefixlen']}"
        for link in json.loads(run("ip", "-json", "-4", "address"))
        for one in link.get("addr_info", ())
    ]
    named = (one for one in routes + addresses if one[0].isdigit())
    return [network for one in named if (network := IPv4Network(one, strict=False)).prefixlen]


def _mtu() -> int:
    """The MTU of the way out: the hosts' packets must fit through it."""
    default = json.loads(run("ip", "-json", "-4", "route", "show", "default"))
    if not default:
        return 1500
    (link,) = json.loads(run("ip", "-json", "link", "show", default[0]["dev"]))
    return int(link["mtu"])


def _links() -> list[str]:
    return [link["ifname"] for link in json.loads(run("ip", "-json", "link"))]


def _exists(link: str) -> bool:
    return Path("/sys/class/net", link).exists()


@contextmanager
def _machine_lock() -> Iterator[None]:
    with (private_folder(SHARED) / "lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield
