"""Every VPC of the lab: made with its first host, told what EC2 knows, taken away with EC2's."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network

from autodeploy.errors import LabBroken
from autodeploy.lab.api.addresses import Addresses
from autodeploy.lab.groups import Member, Policy
from autodeploy.lab.imds import Service
from autodeploy.lab.metadata import Facts
from autodeploy.lab.network import Network
from autodeploy.lab.resolver import Resolver
from autodeploy.lab.rootfs import HostSpec
from autodeploy.lab.site import Site
from autodeploy.lab.vpc import Vpc

Ask = Callable[[str, IPv4Address], Facts | None]


@dataclass
class _Running:
    """A VPC that has had a host, with all that serves it."""

    vpc: Vpc
    router: IPv4Address
    resolver: Resolver
    metadata: Service
    members: dict[str, Member] = field(default_factory=dict)


class Vpcs:
    """The VPCs by EC2's identifiers; safe to call from several threads.

    Attributes:
        network: What they hang on.
        addresses: The public addresses of all of them.
    """

    def __init__(self, site: Site, network: Network) -> None:
        self.network = network
        self.addresses = Addresses(network.cidr)
        self._site = site
        self._ask: Ask = lambda _vpc, _address: None
        self._policies: dict[str, Policy] = {}
        self._running: dict[str, _Running] = {}
        self._lock = threading.RLock()

    def answer_metadata(self, ask: Ask) -> None:
        """Let `ask` say what a host of a VPC may know of itself, by its address."""
        self._ask = ask

    def attach(self, spec: HostSpec) -> str:
        """Make a host's place in its VPC.

        Returns:
            The namespace in which it is to be started.

        Raises:
            LabBroken: The kernel refuses.
        """
        with self._lock:
            running = self._running.get(spec.vpc_id) or self._create(spec)
            running.vpc.add_subnet(spec.subnet)
            for name, other in list(running.members.items()):
                if other.private == spec.private:  # terminated, and not yet forgotten
                    del running.members[name]
            running.members[spec.instance_id] = Member(
                name=spec.instance_id,
                private=spec.private,
                subnet=spec.subnet,
                public=spec.public,
                groups=spec.groups,
            )
            self._enforce(spec.vpc_id)
            # Not before: what comes is dropped without rules, and its sender waits a second.
            if spec.public:
                running.vpc.publish(spec.public)
            return running.vpc.namespace

    def detach(self, spec: HostSpec) -> None:
        """Forget a host, if it is known; its public address may then be given out again."""
        with self._lock:
            running = self._running.get(spec.vpc_id)
            member = running.members.pop(spec.instance_id, None) if running else None
            if running and member:
                if member.public:
                    running.vpc.withdraw(member.public)
                running.vpc.forget(member.private)
                self._enforce(spec.vpc_id)

    def change(
        self,
        spec: HostSpec,
        *,
        public: IPv4Address | None = None,
        groups: tuple[str, ...],
    ) -> None:
        """Give a host another public address, or none, and other security groups."""
        with self._lock:
            running = self._running.get(spec.vpc_id)
            member = running.members.get(spec.instance_id) if running else None
            if running is None or member is None:
                return
            if member.public and member.public != public:
                running.vpc.withdraw(member.public)
            changed = member.model_copy(update={"public": public, "groups": groups})
            if changed != member:
                running.members[spec.instance_id] = changed
                self._enforce(spec.vpc_id)
            if public and public != member.public:
                running.vpc.publish(public)

    def know(self, policies: dict[str, Policy]) -> None:
        """Enforce what EC2 says of these VPCs."""
        with self._lock:
            for vpc_id, policy in policies.items():
                if self._policies.get(vpc_id) != policy:
                    self._policies[vpc_id] = policy
                    self._enforce(vpc_id)

    def delegate(self, domains: Iterable[str], server: IPv4Address) -> None:
        """Have every resolver ask `server` for these domains, and for no others."""
        said = "".join(f"server=/{one}/{server}\n" for one in domains)
        with self._lock:
            before = self._site.delegations.read_text() if self._site.delegations.exists() else None
            if said != before:
                self._site.delegations.write_text(said)
                for running in self._running.values():
                    running.resolver.reload()

    def remove(self, vpc_id: str) -> None:
        """Take a VPC away that has no host any more."""
        with self._lock:
            self._policies.pop(vpc_id, None)
            running = self._running.pop(vpc_id, None)
            if running:
                running.resolver.stop()
                running.metadata.stop()
                running.vpc.withdraw(running.router)
                running.vpc.destroy()
                self.addresses.give_back(running.router)

    def internet(self, vpc_id: str, subnet: IPv4Network) -> bool:
        """Whether a subnet has a route to an attached internet gateway."""
        policy = self._policies.get(vpc_id)
        return policy is not None and subnet in policy.internet

    def _create(self, spec: HostSpec) -> _Running:
        vpc = Vpc(self._site, self.network, spec.vpc_id, spec.vpc)
        router = self.addresses.take()
        try:
            vpc.create(router)
            metadata = Service(vpc.namespace, lambda address: self._ask(spec.vpc_id, address))
        except LabBroken:
            vpc.destroy()
            self.addresses.give_back(router)
            raise
        resolver = Resolver(self._site, vpc, spec.domain)
        running = self._running[spec.vpc_id] = _Running(vpc, router, resolver, metadata)
        return running

    def _enforce(self, vpc_id: str) -> None:
        running = self._running.get(vpc_id)
        if running:
            policy = self._policies.get(vpc_id, Policy())
            running.vpc.load(policy, list(running.members.values()))
