"""The lab's network: one bridge with an address range of its own, NAT to the outside.

Its ports are the uplinks of the VPCs (vpc.py). A public address out of that range is led to the
router of a VPC by a neighbour entry; private addresses are not known here.
"""

from __future__ import annotations

import fcntl
import hashlib
import ipaddress
import json
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path

from autodeploy.contracts import Contract
from autodeploy.errors import LabBroken
from autodeploy.lab import kernel, netns
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

    @property
    def mac(self) -> str:
        """The bridge's hardware address: it stays, whatever is attached."""
        return mac_of(self.bridge)


def mac_of(name: str) -> str:
    """A locally administered hardware address that belongs to a name."""
    return ":".join(["02", *(f"{byte:02x}" for byte in hashlib.sha256(name.encode()).digest()[:5])])


def create(site: Site) -> Network:
    """Make the bridge, the NAT and the record of both.

    Raises:
        LabBroken: No range is free, or the kernel refuses.
    """
    with machine_lock():
        network = Network(bridge=site.bridge, cidr=free_range(_taken()), mtu=_mtu())
        site.network_record.write_text(network.model_dump_json())
        run("ip", "-batch", "-", given=_bridge(network))
        # Whoever asks for an address that no host has hears so at once.
        Path(f"/proc/sys/net/ipv4/neigh/{network.bridge}/retrans_time_ms").write_text("100")
        run("nft", "-f", "-", given=RULES.format(table=site.table, bridge=network.bridge))
        kernel.prepare(SHARED / "kernel.json")
    return network


def _bridge(network: Network) -> str:
    bridge = network.bridge
    return f"""\
link add {bridge} address {network.mac} mtu {network.mtu} type bridge
address add {network.gateway}/{network.cidr.prefixlen} dev {bridge}
link set {bridge} up
"""


def load(site: Site) -> Network:
    """The network that `create` made."""
    return Network.model_validate_json(site.network_record.read_bytes())


def destroy(site: Site) -> None:
    """Take the network away as far as it is there, and with the last lab the kernel's settings."""
    with machine_lock():
        if _exists(site.bridge):
            for port in ports(site.bridge):
                succeeds("ip", "link", "delete", port)
            run("ip", "link", "delete", site.bridge)
        if succeeds("nft", "list", "table", "inet", site.table):
            run("nft", "delete", "table", "inet", site.table)
        if not any(name.startswith(BRIDGE_PREFIX) for name in _links()):
            kernel.as_before(SHARED / "kernel.json")
            netns.unmount_folder()
    site.network_record.unlink(missing_ok=True)


def ports(bridge: str) -> list[str]:
    """The ends of the VPCs' uplinks on the bridge."""
    return [
        link["ifname"] for link in json.loads(run("ip", "-json", "link", "show", "master", bridge))
    ]


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
def machine_lock() -> Iterator[None]:
    """One lab at a time may change what labs of the machine share."""
    with (private_folder(SHARED) / "lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield
