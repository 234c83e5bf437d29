"""What the lab reads of moto's instances and writes into them."""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv4Network

from moto.ec2.models.instances import Instance, StateReason

from autodeploy.lab import cloudinit, images
from autodeploy.lab.api.policies import groups_of
from autodeploy.lab.rootfs import HostSpec

State = tuple[str, int]
PENDING: State = ("pending", 0)
RUNNING: State = ("running", 16)
TERMINATED: State = ("terminated", 48)
STOPPING: State = ("stopping", 64)

REASON_LENGTH = 900
SHUT_DOWN_ITSELF = "Client.InstanceInitiatedShutdown: Instance initiated shutdown"


def spec_of(instance: Instance, image: images.Image, public: IPv4Address | None) -> HostSpec:
    """The host behind an instance.

    Raises:
        LabError: The user data is not valid.
    """
    backend = instance.ec2_backend
    pair = backend.key_pairs.get(instance.key_name)
    nic = instance.nics[0]
    return HostSpec(
        instance_id=instance.id,
        image=image,
        public=public,
        private=IPv4Address(instance.private_ip),
        vpc_id=nic.subnet.vpc_id,
        vpc=IPv4Network(backend.get_vpc(nic.subnet.vpc_id).cidr_block),
        subnet=IPv4Network(nic.subnet.cidr_block),
        groups=groups_of(instance),
        public_key=pair.public_key if pair else None,
        user_data=cloudinit.parse(_user_data(instance)),
        mac=nic.mac_address,
        region=instance.region_name,
    )


def elastic_address(instance: Instance) -> IPv4Address | None:
    """The elastic address that an instance has been given."""
    nic = instance.nics[0]
    for one in instance.ec2_backend.addresses:
        if one.eni is nic:
            return IPv4Address(one.public_ip)
    return None


def fail(instance: Instance, why: str) -> None:
    """Terminate an instance; the reason is printable, for it becomes a part of XML."""
    instance.terminate()
    printable = re.sub(r"\x1b\[[0-9;]*m|[^ -~]+", " ", why)
    if len(printable) > REASON_LENGTH:  # what happened stands first, why it did stands last
        printable = f"{printable[:100]} ... {printable[-REASON_LENGTH:]}"
    instance.state_reason = StateReason(
        f"Server.InternalError: {printable}", "Server.InternalError"
    )


def enter(instance: Instance, state: State) -> None:
    """Let an instance be in a state."""
    instance.instance_state.name, instance.instance_state.code = state


def powered_itself_off(instance: Instance) -> None:
    """Say that nobody asked for the end of an instance but itself."""
    instance.state_reason = StateReason(SHUT_DOWN_ITSELF, SHUT_DOWN_ITSELF.split(":")[0])


def publish(instance: Instance, address: IPv4Address | None) -> None:
    """Make DescribeInstances say the address that the host really has."""
    instance.nics[0].public_ip = str(address) if address else None


def _user_data(instance: Instance) -> str | None:
    if not instance.user_data:
        return None
    try:
        return str(instance.user_data.decode())
    except UnicodeDecodeError:
        return "not text"
