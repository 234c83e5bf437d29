"""Every load balancer of the lab, by its ARN."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network

from autodeploy.contracts import Contract
from autodeploy.errors import AutodeployError
from autodeploy.lab import cloudinit, images
from autodeploy.lab.appliances import Appliance
from autodeploy.lab.balancers.balancer import Balancer
from autodeploy.lab.balancers.haproxy import EXTRA
from autodeploy.lab.balancers.model import LoadBalancer
from autodeploy.lab.names import Names
from autodeploy.lab.rootfs import HostSpec
from autodeploy.lab.site import Site
from autodeploy.lab.vpcs import Vpcs


class Placement(Contract):
    """Where a load balancer's host is to be.

    Attributes:
        host: The host's name on this machine.
        subnet: The range of its subnet.
        vpc: The range of its VPC.
        vpc_id: EC2's identifier of that.
        private: Its address in the subnet.
        security_groups: Which decide what reaches it.
    """

    host: str
    subnet: IPv4Network
    vpc: IPv4Network
    vpc_id: str
    private: IPv4Address
    security_groups: tuple[str, ...]


def host_spec(placement: Placement, public: IPv4Address | None) -> HostSpec:
    """The host of a load balancer."""
    return HostSpec(
        instance_id=placement.host,
        image=images.DEFAULT,
        public=public,
        private=placement.private,
        vpc_id=placement.vpc_id,
        vpc=placement.vpc,
        subnet=placement.subnet,
        groups=placement.security_groups,
        public_key=None,
        user_data=cloudinit.parse(None),
    )


@dataclass(frozen=True)
class _Entry:
    balancer: Balancer
    name: str
    spec: HostSpec


class Fleet:
    """The running load balancers."""

    def __init__(self, site: Site, vpcs: Vpcs) -> None:
        self._site = site
        self._vpcs = vpcs
        self._names = Names(site)
        self._entries: dict[str, _Entry] = {}
        self._lock = threading.Lock()

    def create(
        self,
        arn: str,
        dns_name: str,
        placement: Placement,
        internet_facing: bool,
        wanted: LoadBalancer,
        enter: Callable[[str], None],
    ) -> None:
        """Begin to boot one; `enter` is told its states."""
        public = self._vpcs.addresses.take() if internet_facing else None
        spec = host_spec(placement, public)

        def active() -> None:
            with self._lock:
                if arn in self._entries:
                    self._names.add(dns_name, [public or placement.private])
                    enter("active")

        def failed(_: AutodeployError | OSError) -> None:
            enter("failed")

        balancer = Balancer(Appliance(self._site, self._vpcs, spec, EXTRA), wanted, active)
        self._entries[arn] = _Entry(balancer, dns_name, spec)
        balancer.boot(failed)

    def get(self, arn: str) -> Balancer | None:
        """A load balancer that is not deleted."""
        entry = self._entries.get(arn)
        return entry.balancer if entry else None

    def destroy(self, arn: str) -> None:
        """Take one away with its name."""
        with self._lock:
            entry = self._entries.pop(arn, None)
            if entry:
                self._names.remove(entry.name)
        if entry:
            entry.balancer.destroy()
            self._vpcs.addresses.give_back(entry.spec.public)

    def regroup(self, arn: str, groups: list[str]) -> None:
        """Let other security groups decide what reaches one."""
        entry = self._entries.get(arn)
        if entry:
            self._vpcs.change(entry.spec, public=entry.spec.public, groups=tuple(groups))
