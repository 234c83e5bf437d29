"""EC2 with real hosts: moto's backend, whose instances are booted and destroyed here."""

from __future__ import annotations

import copy
from typing import Any

from moto.ec2.exceptions import InvalidParameterValueError, InvalidSecurityGroupNotFoundError
from moto.ec2.models import EC2Backend, ec2_backends
from moto.ec2.models.amis import Ami
from moto.ec2.models.instances import Instance, InstanceState, MetadataOptions, Reservation
from moto.ssm.models import ssm_backends

from autodeploy.lab import images
from autodeploy.lab.api.ec2_network import NetworkBackend
from autodeploy.lab.api.machines import Machines

DEBIAN = "136693071363"
RESOLVE = "resolve:ssm:"
# As of an image that asks for IMDSv2 (ImdsSupport v2.0).
METADATA_OPTIONS = {"HttpTokens": "required", "HttpPutResponseHopLimit": 2}

Changed = list[tuple[Instance, InstanceState]]


class LabEC2Backend(NetworkBackend):
    """An EC2 whose instances of our images are hosts."""

    __module__ = EC2Backend.__module__  # moto finds a service's urls beside it

    def _load_amis(self) -> None:
        """Our images instead of moto's thirteen hundred."""
        for image in {*images.IMAGES, *images.newest()}:
            self.amis[image.ami] = Ami(
                self,
                image.ami,
                name=f"debian-{image.release}-amd64-lab",
                description=f"Debian {image.release} (lab)",
                owner_id=self.account_id if image.packages else DEBIAN,
                public=not image.packages,
                virtualization_type="hvm",
                architecture="x86_64",
                image_location=f"{DEBIAN}/debian-{image.release}-amd64-lab",
                hypervisor="xen",
                root_device_type="ebs",
                root_device_name="/dev/xvda",
                sriov="simple",
                region_name=f"{self.region_name}a",
            )

    def run_instances(self, image_id: str, *args: Any, **kwargs: Any) -> Reservation:
        """Make the instances and begin to boot them; they are `pending` until then."""
        image_id = self._resolved(image_id)
        self._refuse_unknown_groups(kwargs.get("nics") or [])
        kwargs["metadata_options"] = {**METADATA_OPTIONS, **(kwargs.get("metadata_options") or {})}
        if not kwargs.get("subnet_id") and not kwargs.get("nics"):
            kwargs["subnet_id"] = self._default_subnet(kwargs.get("placement"))
        reservation = super().run_instances(image_id, *args, **kwargs)
        for instance in reservation.instances:
            _give_interfaces_its_life(instance, kwargs.get("nics") or [])
            # moto says none where they were asked of the interface.
            instance.security_groups = [one for one in instance.nics[0].group_set if one]
        self.tell()
        for instance in reservation.instances:
            self.machines.boot(instance)
        return reservation

    def _refuse_unknown_groups(self, interfaces: list[dict[str, Any]]) -> None:
        """Moto looks at an instance's groups, and not at those of its interfaces."""
        for group in [group for one in interfaces for group in one.get("Groups") or ()]:
            if self.get_security_group_from_id(group) is None:
                raise InvalidSecurityGroupNotFoundError(group)

    def _resolved(self, image_id: str) -> str:
        """The image, where a parameter of Systems Manager names it."""
        name = image_id.removeprefix(RESOLVE)
        if name == image_id:
            return image_id
        parameter = ssm_backends[self.account_id][self.region_name].get_parameter(name)
        if parameter is None:
            raise InvalidParameterValueError(image_id)
        return str(parameter.value)

    def _default_subnet(self, zone: str | None) -> str | None:
        """Where AWS puts who names no subnet; None where there is none."""
        found = self.get_default_subnets()
        subnet = found.get(zone) if zone else next(iter(found.values()), None)
        return subnet.id if subnet else None

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


def _give_interfaces_its_life(instance: Instance, asked: list[dict[str, Any]]) -> None:
    """Interfaces that were made with an instance go with it, unless they were to stay."""
    staying = {
        int(one["DeviceIndex"])
        for one in asked
        if one.get("NetworkInterfaceId") or one.get("DeleteOnTermination") is False
    }
    for index, nic in instance.nics.items():
        nic.delete_on_termination = index not in staying


def install(machines: Machines) -> None:
    """Make moto serve this backend; before its first call only."""
    LabEC2Backend.machines = machines
    ec2_backends.backend = LabEC2Backend
