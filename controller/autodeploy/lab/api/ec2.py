"""EC2 with real hosts: moto's backend, whose instances are booted and destroyed here."""

from __future__ import annotations

import copy
import functools
from collections.abc import Callable
from typing import Any, ClassVar

from moto.ec2.exceptions import InvalidSecurityGroupNotFoundError
from moto.ec2.models import EC2Backend, ec2_backends
from moto.ec2.models.amis import Ami
from moto.ec2.models.elastic_ip_addresses import ElasticAddress
from moto.ec2.models.instances import Instance, InstanceState, MetadataOptions, Reservation
from moto.ec2.models.security_groups import SecurityGroupRule
from moto.ec2.models.vpcs import VPC

from autodeploy.lab.api.machines import Machines
from autodeploy.lab.api.policies import policies
from autodeploy.lab.images import IMAGES

DEBIAN = "136693071363"
ANYWHERE = "0.0.0.0/0"
# As of an image that asks for IMDSv2, which Debian's own do.
METADATA_OPTIONS = {"HttpTokens": "required", "HttpPutResponseHopLimit": 2}
# What changes who may reach whom.
TOLD = (
    *("create_security_group", "delete_security_group", "modify_security_group_rules"),
    *("authorize_security_group_ingress", "authorize_security_group_egress"),
    *("revoke_security_group_ingress", "revoke_security_group_egress"),
    *("create_managed_prefix_list", "modify_managed_prefix_list", "delete_managed_prefix_list"),
    *("create_route", "replace_route", "delete_route"),
    *("associate_route_table", "disassociate_route_table", "replace_route_table_association"),
    *("attach_internet_gateway", "detach_internet_gateway", "create_subnet"),
    *("associate_address", "disassociate_address"),
)

Changed = list[tuple[Instance, InstanceState]]


class LabEC2Backend(EC2Backend):
    """An EC2 whose instances of our images are hosts."""

    __module__ = EC2Backend.__module__  # moto finds a service's urls beside it

    machines: ClassVar[Machines]

    def _load_amis(self) -> None:
        """Our images instead of moto's thirteen hundred."""
        for image in IMAGES:
            self.amis[image.ami] = Ami(
                self,
                image.ami,
                name=f"debian-{image.release}-amd64-lab",
                description=f"Debian {image.release} (lab)",
                owner_id=DEBIAN,
                public=True,
                virtualization_type="hvm",
                architecture="x86_64",
                image_location=f"{DEBIAN}/debian-{image.release}-amd64-lab",
                hypervisor="xen",
                root_device_type="ebs",
                root_device_name="/dev/xvda",
                sriov="simple",
                region_name=f"{self.region_name}a",
            )

    def create_vpc(self, *args: Any, **kwargs: Any) -> VPC:
        """With a default group whose members reach each other, which moto leaves empty."""
        vpc = super().create_vpc(*args, **kwargs)
        group = self.get_default_security_group(vpc.id)
        if group:
            account = self.account_id
            itself = {"GroupId": group.id, "OwnerId": account, "UserId": account}
            group.add_ingress_rule(
                SecurityGroupRule(self, "-1", group.id, None, None, None, itself, is_egress=False)
            )
        return vpc

    def create_default_vpc(self) -> VPC:
        """With an internet gateway and the route to it, which moto forgets."""
        vpc = super().create_default_vpc()
        gateway = self.create_internet_gateway()
        self.attach_internet_gateway(gateway.id, vpc.id)
        (table,) = self.describe_route_tables(filters={"vpc-id": [vpc.id]})
        self.create_route(table.id, ANYWHERE, gateway_id=gateway.id)
        return vpc

    def run_instances(self, *args: Any, **kwargs: Any) -> Reservation:
        """Make the instances and begin to boot them; they are `pending` until then."""
        kwargs["metadata_options"] = {**METADATA_OPTIONS, **(kwargs.get("metadata_options") or {})}
        if not kwargs.get("subnet_id") and not kwargs.get("nics"):
            kwargs["subnet_id"] = self._default_subnet(kwargs.get("placement"))
        reservation = super().run_instances(*args, **kwargs)
        for instance in reservation.instances:
            _give_interfaces_its_life(instance, kwargs.get("nics") or [])
        self.tell()
        for instance in reservation.instances:
            self.machines.boot(instance)
        return reservation

    def _default_subnet(self, zone: str | None) -> str | None:
        """Where AWS puts who names no subnet; None where there is none."""
        found = self.get_default_subnets()
        subnet = found.get(zone) if zone else next(iter(found.values()), None)
        return subnet.id if subnet else None

    def tell(self) -> None:
        """Let the network know what has become of groups, routes, gateways and addresses."""
        self.machines.know(policies(self))

    def terminate_instances(self, instance_ids: list[str]) -> Changed:
        """Destroy the hosts; nothing of them is left when this returns."""
        for instance in self.get_multi_instances_by_id(instance_ids or []):
            if instance.state == "terminated":  # moto would delete its interfaces once more
                for nic in instance.nics.values():
                    nic.delete_on_termination = False
        changed: Changed = super().terminate_instances(instance_ids)
        for instance, _ in changed:
            self.machines.destroy(instance)
        return changed

    def stop_instances(self, instance_ids: list[str]) -> Changed:
        """Ask the hosts to shut down; they are `stopping` until they have."""
        changed: Changed = super().stop_instances(instance_ids)
        for instance, before in changed:
            if before.name == "running":
                self.machines.stop(instance)
        return changed

    def start_instances(self, instance_ids: list[str]) -> Changed:
        """Boot stopped hosts again, at their private addresses and new public ones."""
        changed: Changed = super().start_instances(instance_ids)
        for instance, before in changed:
            if before.name == "stopped":
                self.machines.start(instance)
        return changed

    def reboot_instances(self, instance_ids: list[str]) -> list[Instance]:
        """Ask the hosts to reboot; they are `running` all the while, as on AWS."""
        asked = self.get_multi_instances_by_id(instance_ids)
        for instance in asked:
            self.machines.reboot(instance)
        return asked

    def modify_instance_security_groups(
        self, instance_id: str, new_group_id_list: list[str]
    ) -> Instance:
        """Move an instance to other groups: its network interface is what is in them."""
        for group_id in new_group_id_list:
            if self.get_security_group_from_id(group_id) is None:
                raise InvalidSecurityGroupNotFoundError(group_id)
        instance = super().modify_instance_security_groups(instance_id, new_group_id_list)
        instance.nics[0]._group_set = list(instance.security_groups)  # noqa: SLF001
        self.tell()
        return instance

    def modify_network_interface_attribute(self, eni_id: str, *args: Any, **kwargs: Any) -> None:
        """Move a network interface to other groups, and its instance with it."""
        super().modify_network_interface_attribute(eni_id, *args, **kwargs)
        eni = self.get_network_interface(eni_id)
        if eni.instance:
            eni.instance.security_groups = list(eni._group_set)  # noqa: SLF001
        self.tell()

    def modify_instance_metadata_options(
        self, instance_id: str, *args: Any, **kwargs: Any
    ) -> MetadataOptions:
        """Change what is named, and leave the rest as it was."""
        before = copy.copy(self.get_instance(instance_id).metadata_options)
        after = super().modify_instance_metadata_options(instance_id, *args, **kwargs)
        for name in (
            "http_tokens",
            "http_endpoint",
            "http_protocol_ipv6",
            "instance_metadata_tags",
        ):
            if getattr(after, name) is None:
                setattr(after, name, getattr(before, name))
        if kwargs.get("hop_limit") is None:
            after.http_put_response_hop_limit = before.http_put_response_hop_limit
        return after

    def allocate_address(self, *args: Any, **kwargs: Any) -> ElasticAddress:
        """An elastic address out of the lab's range."""
        address = super().allocate_address(*args, **kwargs)
        address.public_ip = str(self.machines.lend())
        return address

    def release_address(self, address: str | None = None, allocation_id: str | None = None) -> None:
        """Let an elastic address go; it may be given out again."""
        (found,) = (
            self.address_by_ip([address])
            if address
            else self.address_by_allocation([allocation_id or ""])
        )
        super().release_address(address, allocation_id)
        self.tell()
        self.machines.take_back(found.public_ip)

    def delete_vpc(self, vpc_id: str) -> VPC:
        """Delete a VPC and its network."""
        deleted = super().delete_vpc(vpc_id)
        self.machines.forget(vpc_id)
        return deleted


def _give_interfaces_its_life(instance: Instance, asked: list[dict[str, Any]]) -> None:
    """Interfaces that were made with an instance go with it, unless they were to stay."""
    staying = {
        int(one["DeviceIndex"])
        for one in asked
        if one.get("NetworkInterfaceId") or one.get("DeleteOnTermination") is False
    }
    for index, nic in instance.nics.items():
        nic.delete_on_termination = index not in staying


def _then_tell(name: str) -> Callable[..., Any]:
    """The method of this name, after which the network is told."""
    inherited = getattr(EC2Backend, name)

    @functools.wraps(inherited)
    def method(self: LabEC2Backend, *args: Any, **kwargs: Any) -> Any:
        answer = inherited(self, *args, **kwargs)
        self.tell()
        return answer

    return method


for _name in TOLD:
    setattr(LabEC2Backend, _name, _then_tell(_name))


def install(machines: Machines) -> None:
    """Make moto serve this backend; before its first call only."""
    LabEC2Backend.machines = machines
    ec2_backends.backend = LabEC2Backend
