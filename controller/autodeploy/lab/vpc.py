"""The network of one VPC: a namespace that is its router.

    host0 ── br0 ── router ── uplink ── the lab's bridge ── this machine ── outside

Hosts hang on `br0`, and no frame goes from one to another: they send everything to the router,
which answers for all addresses (proxy ARP) and lets through what the security groups allow. It has
the gateways of the subnets, the resolver and the metadata's address. Through the uplink public
addresses are reached, those of the VPC itself too: such a packet goes out and comes back in.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network
from pathlib import Path

from autodeploy.lab import netns
from autodeploy.lab.groups import BRIDGE, METADATA, UPLINK, Member, Policy, ruleset
from autodeploy.lab.network import Network, mac_of
from autodeploy.lab.run import run, succeeds
from autodeploy.lab.site import Site

LAST = 9999  # a subnet may be as large as its VPC
AMAZON_RESOLVER = IPv4Address("169.254.169.253")
# A host that is still booting is reported as unreachable at once, not after a second.
SYSCTLS = {
    "ipv4/ip_forward": 1,
    f"ipv4/conf/{BRIDGE}/proxy_arp_pvlan": 1,
    **{f"ipv4/conf/{one}/send_redirects": 0 for one in ("all", BRIDGE, UPLINK)},
    **{f"ipv4/conf/{one}/rp_filter": 0 for one in ("all", BRIDGE, UPLINK)},
    "ipv4/icmp_ratelimit": 0,
    "ipv6/conf/all/disable_ipv6": 1,
    "bridge/bridge-nf-call-iptables": 0,
    f"ipv4/neigh/{BRIDGE}/retrans_time_ms": 100,
}
# br_netfilter's setting is not there on every kernel.
WRITE = """
cd /proc/sys/net
while read -r name value; do
  [ ! -e "$name" ] || echo "$value" > "$name"
done
"""


class Vpc:
    """The namespace of one VPC; the caller sees to it that one thread at a time uses it."""

    def __init__(self, site: Site, network: Network, vpc_id: str, cidr: IPv4Network) -> None:
        self.vpc_id = vpc_id
        self.cidr = cidr
        self.namespace = site.namespace(vpc_id)
        self._port = site.uplink(vpc_id)
        self._mac = mac_of(self.namespace)
        self._network = network
        self._loaded = ""

    @property
    def resolver(self) -> IPv4Address:
        """Where its hosts ask for names: the third address of its range, as on AWS."""
        return self.cidr[2]

    def create(self, router: IPv4Address) -> None:
        """Make it; `router` is the address by which it reaches the outside itself.

        Raises:
            LabBroken: The kernel refuses.
        """
        mtu = self._network.mtu
        netns.create(self.namespace)
        peer = f"peer name {UPLINK} address {self._mac} mtu {mtu} netns {self.namespace}"
        _ip(
            f"link add {self._port} mtu {mtu} type veth {peer}",
            f"link set {self._port} master {self._network.bridge} up",
        )
        netns.links(self.namespace, *self._bridge(), *self._uplink(router))
        wanted = "".join(f"{name} {value}\n" for name, value in SYSCTLS.items())
        run(*netns.enter(self.namespace, "sh", "-e", "-c", WRITE), given=wanted)
        self.publish(router)

    def _bridge(self) -> list[str]:
        # Without an address of its own it takes a port's, and hosts go on sending to the last one.
        mac, mtu = mac_of(f"{self.namespace}-{BRIDGE}"), self._network.mtu
        own = (METADATA, AMAZON_RESOLVER, self.resolver)
        return [
            f"link add {BRIDGE} address {mac} mtu {mtu} type bridge",
            *(f"address add {one}/32 dev {BRIDGE}" for one in own),
            f"link set {BRIDGE} up",
        ]

    def _uplink(self, router: IPv4Address) -> list[str]:
        outside = self._network.gateway
        return [
            f"address add {router}/32 dev {UPLINK}",
            f"link set {UPLINK} up",
            f"neighbour replace {outside} lladdr {self._network.mac} dev {UPLINK} nud permanent",
            f"route add default via {outside} dev {UPLINK} onlink src {router}",
            # An address of the VPC that nobody has is nowhere, and never outside.
            f"route add unreachable {self.cidr} metric {LAST}",
        ]

    def add_subnet(self, subnet: IPv4Network) -> None:
        """Give the subnet its gateway, unless it has it."""
        netns.links(self.namespace, f"address replace {subnet[1]}/{subnet.prefixlen} dev {BRIDGE}")

    def publish(self, public: IPv4Address) -> None:
        """Lead a public address here."""
        bridge = self._network.bridge
        _ip(f"neighbour replace {public} lladdr {self._mac} dev {bridge} nud permanent")

    def withdraw(self, public: IPv4Address) -> None:
        """Lead a public address here no longer."""
        succeeds("ip", "neighbour", "delete", str(public), "dev", self._network.bridge)

    def forget(self, private: IPv4Address) -> None:
        """Forget whose a private address was: the next host that has it has other hardware."""
        neighbour = ("neighbour", "flush", "to", str(private), "dev", BRIDGE)
        succeeds("ip", "-netns", self.namespace, *neighbour)

    def load(self, policy: Policy, members: list[Member]) -> None:
        """Enforce this from now on, all of it at once.

        Raises:
            LabBroken: nftables refuses.
        """
        rules = ruleset(policy, members)
        if rules != self._loaded:
            run(*netns.enter(self.namespace, "nft", "-f", "-"), given=rules)
            self._loaded = rules

    def destroy(self) -> None:
        """Take it away.

        Raises:
            LabBroken: It cannot be.
        """
        if self.namespace in netns.leftovers(self.namespace):
            netns.delete(self.namespace)
        if Path("/sys/class/net", self._port).exists():
            succeeds("ip", "link", "delete", self._port)


def _ip(*lines: str) -> None:
    run("ip", "-batch", "-", given="\n".join(lines))
