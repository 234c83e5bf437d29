"""What the lab plays of the internet: Route 53's name servers, and an ACME authority.

Both have one public address, in a namespace of its own on the lab's bridge. So what they send
comes from outside for every VPC, and security groups decide what of it reaches a host.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterable, Sequence
from ipaddress import IPv4Address

from autodeploy.lab import netns
from autodeploy.lab.acme import NAME, Acme
from autodeploy.lab.dns.server import NameServer
from autodeploy.lab.dns.zones import World, Zone
from autodeploy.lab.names import NAME as A_NAME
from autodeploy.lab.network import mac_of
from autodeploy.lab.run import run
from autodeploy.lab.site import Site
from autodeploy.lab.vpcs import Vpcs

log = logging.getLogger(__name__)
UPLINK = "uplink"


class Internet:
    """The public world around the VPCs.

    Attributes:
        address: Where all of it answers.
        acme: The certificate authority for everybody.
        world: What its name server knows at this moment.
    """

    def __init__(self, site: Site, vpcs: Vpcs) -> None:
        self._site = site
        self._vpcs = vpcs
        self._namespace = site.namespace("internet")
        self.address: IPv4Address = vpcs.addresses.take()
        self.acme = Acme(site, self._namespace, self.address)
        self.world = World((), self._addresses)

    def begin(self) -> None:
        """Be there.

        Raises:
            LabBroken: The kernel refuses.
        """
        self._connect()
        self.publish([])
        NameServer(self._namespace, self.address, lambda: self.world)
        # Hosts trust it as the world does, from their first boot on.
        self.acme.ensure()

    def publish(self, zones: Iterable[Zone]) -> None:
        """Answer for these zones from now on, and for no others."""
        self.world = World(tuple(zones), self._addresses)
        domains = {zone.name for zone in self.world.zones if A_NAME.fullmatch(zone.name)}
        self._vpcs.delegate(sorted({*domains, NAME}), self.address)

    def _connect(self) -> None:
        network, port = self._vpcs.network, self._site.uplink("internet")
        mac, mtu, outside = mac_of(self._namespace), network.mtu, network.gateway
        netns.create(self._namespace)
        lines = (
            f"link add {port} mtu {mtu} type veth peer name {UPLINK} address {mac} mtu {mtu} "
            f"netns {self._namespace}",
            f"link set {port} master {network.bridge} up",
            f"neighbour replace {self.address} lladdr {mac} dev {network.bridge} nud permanent",
        )
        run("ip", "-batch", "-", given="\n".join(lines))
        netns.links(
            self._namespace,
            f"address add {self.address}/32 dev {UPLINK}",
            f"link set {UPLINK} up",
            f"neighbour replace {outside} lladdr {network.mac} dev {UPLINK} nud permanent",
            f"route add default via {outside} dev {UPLINK} onlink",
        )

    def _addresses(self, name: str) -> Sequence[str]:
        """The addresses of the lab's own names; the authority is started where it has ended."""
        if name == NAME:
            self.acme.ensure()
            return [str(self.address)]
        with contextlib.suppress(OSError):
            if A_NAME.fullmatch(name):
                lines = (self._site.names / name).read_text().splitlines()
                return [line.split()[0] for line in lines]
        return ()
