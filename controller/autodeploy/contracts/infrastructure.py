"""The Provisioner's answer: what runs, and how to reach it."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from autodeploy.contracts.base import Contract


class Resource(Contract):
    """One resource that the API can delete.

    Attributes:
        key: Its logical name in its application.
        type: CloudFormation's name of the kind.
        id: AWS's identifier.
    """

    key: str
    type: str
    id: str


class Host(Contract):
    """One machine that SSH reaches.

    Attributes:
        name: Its logical name (`host-1`), the name in the inventory.
        address: Where the controller and users reach it.
        private_address: Where its neighbours reach it; None outside AWS.
        instance_id: EC2's identifier; None outside AWS.
        user: The login with sudo.
        port: SSH's port.
        host_key: Its public SSH host key (`ssh-ed25519 AAAA...`), pinned.
    """

    name: str
    address: str
    private_address: str | None = None
    instance_id: str | None = None
    user: str = "admin"
    port: int = Field(default=22, ge=1, le=65535)
    host_key: str


class InfrastructureSpec(Contract):
    """Everything that the application stands on.

    Attributes:
        application: Its name.
        environment: Its environment.
        target: aws, lab or ssh.
        region: AWS's region; None outside AWS.
        image: The hosts' image, for the hosts' fingerprint.
        resources: Every resource, dependencies first.
        hosts: Every host, at least one.
        ssh_key: The private key's file, mode 0600.
        ingress_ports: TCP ports open to the world.
    """

    application: str
    environment: str
    target: str
    region: str | None = None
    image: str
    resources: tuple[Resource, ...] = ()
    hosts: tuple[Host, ...] = Field(min_length=1)
    ssh_key: Path
    ingress_ports: tuple[int, ...] = (80,)
