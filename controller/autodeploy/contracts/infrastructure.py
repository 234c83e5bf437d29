"""The Provisioner's answer: what runs, and how to reach it."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field

from autodeploy.contracts.base import Contract

HTTPS = 443


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


class Database(Contract):
    """A managed database of the application's own. Secrets are named here, never held.

    Attributes:
        engine: `postgresql` or `mysql`.
        host: Its endpoint's name, for which its certificate is.
        port: Its TCP port.
        name: The database in it.
        user: The application's own user.
        secret: ARN of the application's own secret; its text is that user's password.
        master_secret: ARN of the secret that RDS keeps for the master user; it is read only to
            make the application's user.
    """

    engine: Literal["postgresql", "mysql"]
    host: str
    port: int = Field(ge=1, le=65535)
    name: str
    user: str
    secret: str
    master_secret: str


class Cache(Contract):
    """A managed Redis of the application's own. Its secret is named here, never held.

    Attributes:
        host: Its endpoint's name, for which its certificate is.
        port: Its TCP port.
        secret: ARN of the secret whose text is the token that clients log in with.
    """

    host: str
    port: int = Field(ge=1, le=65535)
    secret: str


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
        ssh_key: The private key's file, mode 0600; None is OpenSSH's own choice.
        ingress_ports: TCP ports that the hosts' firewalls let in; none where no client comes.
        protocol: What clients speak at them.
        database: Its database; None where it has none, or while it is still being made.
        cache: Its Redis; None as above.
        load_balancer: The load balancer's DNS name; None where there is none.
        domain: The name that users know it by; None where they know an address only.
    """

    application: str
    environment: str
    target: str
    region: str | None = None
    image: str
    resources: tuple[Resource, ...] = ()
    hosts: tuple[Host, ...] = Field(min_length=1)
    ssh_key: Path | None
    ingress_ports: tuple[int, ...] = (80,)
    protocol: Literal["http", "tcp"] = "http"
    database: Database | None = None
    cache: Cache | None = None
    load_balancer: str | None = None
    domain: str | None = None

    @property
    def public_ports(self) -> tuple[int, ...]:
        """TCP ports that are open to the world: the load balancer's, or else the hosts'."""
        return (80, 443) if self.load_balancer and self.domain else self.ingress_ports

    @property
    def ends_tls(self) -> bool:
        """Whether a host itself is to have the certificate of the domain."""
        return self.domain is not None and not self.load_balancer and HTTPS in self.ingress_ports

    @property
    def url(self) -> str | None:
        """Where users reach the application, without a host's own TLS; None where they do not."""
        if not self.ingress_ports:
            return None
        if self.protocol == "tcp":
            return f"tcp://{self.hosts[0].address}:{self.ingress_ports[0]}"
        if self.load_balancer and self.domain:
            return f"https://{self.domain}/"
        return f"http://{self.load_balancer or self.hosts[0].address}/"
