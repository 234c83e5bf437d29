"""EC2 with real hosts: moto's backend, whose instances are booted and destroyed here."""

from __future__ import annotations

from typing import Any, ClassVar

from moto.ec2.models import EC2Backend, ec2_backends
from moto.ec2.models.amis import Ami
from moto.ec2.models.instances import Instance, InstanceState, Reservation

from autodeploy.lab.api.machines import Machines
from autodeploy.lab.images import IMAGES

DEBIAN = "136693071363"

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

    def run_instances(self, *args: Any, **kwargs: Any) -> Reservation:
        """Make the instances and begin to boot them; they are `pending` until then."""
        reservation = super().run_instances(*args, **kwargs)
        for instance in reservation.instances:
            self.machines.boot(instance)
        return reservation

    def terminate_instances(self, instance_ids: list[str]) -> Changed:
        """Destroy the hosts; nothing of them is left when this returns."""
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
        """Boot stopped hosts again, at the addresses that they had."""
        changed: Changed = super().start_instances(instance_ids)
        for instance, before in changed:
            if before.name == "stopped":
                self.machines.start(instance)
        return changed


def install(machines: Machines) -> None:
    """Make moto serve this backend; before its first call only."""
    LabEC2Backend.machines = machines
    ec2_backends.backend = LabEC2Backend
