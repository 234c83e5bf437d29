"""Hosts that exist: nothing is made, so all that there is to do is to look whether they will do.

trust     which host keys may be believed: the user's known_hosts, and what was pinned before
look      one login a host, which reads and changes nothing
seen      what a host said: pure
fitness   what of it speaks against the host: pure
problem   what the user hears of that, all of it in one error
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from autodeploy.contracts import Host, InfrastructureSpec, TechStack
from autodeploy.errors import HostsUnfit
from autodeploy.provisioner.existing.fitness import closing, of_one_image, unfit
from autodeploy.provisioner.existing.look import look
from autodeploy.provisioner.existing.problem import refusal
from autodeploy.provisioner.front import host_ports
from autodeploy.provisioner.owner import Owner
from autodeploy.settings import Settings


class Talk(Protocol):
    """Where it is said what people should know."""

    def warning(self, message: str) -> None:
        """Say something that people should act on."""


def find_hosts(
    stack: TechStack, settings: Settings, owner: Owner, pinned: Sequence[Host], talk: Talk
) -> InfrastructureSpec:
    """The hosts that the settings name, each seen and found fit. Changes nothing there.

    Args:
        stack: For the ports that clients reach.
        settings: The addresses, and what is asked of the hosts.
        owner: Whose the hosts are to be.
        pinned: Hosts whose keys were pinned before.
        talk: Hears what the application will close.

    Raises:
        HostsUnfit: Some of them will not do; names all of these.
    """
    hosts = [_named(number, address) for number, address in enumerate(settings.addresses, 1)]
    looked = look(hosts, settings.ssh_key, owner.application, pinned)
    problems, ports = list(looked.problems), host_ports(stack, settings)
    for host, seen in looked.seen:
        problems += unfit(seen, host, owner, settings, ports)
    problems = problems or of_one_image(looked.seen)
    if problems:
        raise refusal(problems, len(hosts))
    for host, seen in looked.seen:
        if closed := closing(seen, host, owner, ports):
            let_in = " and ".join(["SSH", *(f"port {one}" for one in ports)])
            talk.warning(
                f"{host.address}: the firewall will let in {let_in} alone; "
                f"something listens on {', '.join(map(str, closed))} too"
            )
    return InfrastructureSpec(
        application=owner.application,
        environment=owner.environment,
        target=settings.target,
        image=looked.seen[0][1].system,
        hosts=tuple(host for host, _ in looked.seen),
        ssh_key=settings.ssh_key,
        ingress_ports=ports,
        protocol=settings.protocol,
        domain=settings.domain,
    )


def reach_hosts(
    hosts: Sequence[Host], key: Path | None, application: str
) -> tuple[tuple[Host, ...], HostsUnfit | None]:
    """The hosts that let us in, each with the key that it proved, and why the others do not.

    Args:
        hosts: Where, with the keys that were pinned before.
        key: The private key; None is OpenSSH's own choice.
        application: Whose hosts they are.
    """
    looked = look(hosts, key, application, hosts)
    error = refusal(looked.problems, len(hosts)) if looked.problems else None
    return tuple(host for host, _ in looked.seen), error


def _named(number: int, address: str) -> Host:
    """The host at `user@address[:port]`; its key is not known yet."""
    user, _, place = address.partition("@")
    name, _, port = place.partition(":")
    return Host(name=f"host-{number}", address=name, user=user, port=int(port or 22), host_key="")
