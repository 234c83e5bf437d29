"""EC2's calls that change networks: moto's, after which the lab's network is told."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, ClassVar

from moto.ec2.exceptions import InvalidSecurityGroupNotFoundError
from moto.ec2.models import EC2Backend
from moto.ec2.models.elastic_ip_addresses import ElasticAddress
from moto.ec2.models.instances import Instance
from moto.ec2.models.security_groups import SecurityGroupRule
from moto.ec2.models.vpcs import VPC

from autodeploy.lab.api.machines import Machines
from autodeploy.lab.api.policies import policies

ANYWHERE = "0.0.0.0/0"
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


class NetworkBackend(EC2Backend):
    """An EC2 whose VPCs are networks."""

    __module__ = EC2Backend.__module__  # moto finds a service's urls beside it

    machines: ClassVar[Machines]

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

    def delete_vpc(self, vpc_id: str) -> VPC:
        """Delete a VPC and its network."""
        deleted = super().delete_vpc(vpc_id)
        self.machines.forget(vpc_id)
        return deleted

    def tell(self) -> None:
        """Let the network know what has become of groups, routes, gateways and addresses."""
        self.machines.know(policies(self))

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


def _then_tell(name: str) -> Callable[..., Any]:
    """The method of this name, after which the network is told."""
    inherited = getattr(EC2Backend, name)

    @functools.wraps(inherited)
    def method(self: NetworkBackend, *args: Any, **kwargs: Any) -> Any:
        answer = inherited(self, *args, **kwargs)
        self.tell()
        return answer

    return method


for _name in TOLD:
    setattr(NetworkBackend, _name, _then_tell(_name))
