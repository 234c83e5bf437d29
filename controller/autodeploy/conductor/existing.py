"""Hosts that exist, the target ssh: looked at before the build, left when no longer needed."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from autodeploy import deployer, provisioner
from autodeploy.contracts import Host, InfrastructureSpec, TechStack
from autodeploy.errors import HostError
from autodeploy.journal import AgentLog
from autodeploy.provisioner import Owner
from autodeploy.recon import Talk
from autodeploy.runner import login_key
from autodeploy.settings import DATABASE_URL, MANAGED, Settings


def find(
    stack: TechStack, settings: Settings, owner: Owner, occupied: tuple[Host, ...], talk: Talk
) -> tuple[InfrastructureSpec, Settings]:
    """The hosts, and the settings with the image that they run, for which is built.

    Raises:
        HostsUnfit: Some of the hosts will not do.
    """
    wanting = [engine for engine in MANAGED if engine in stack.databases]
    if wanting and DATABASE_URL not in settings.env:
        talk.warning(f"no {wanting[0]} is made where hosts exist: give its {DATABASE_URL}")
    spec = provisioner.find_hosts(settings, owner, occupied, talk)
    return spec, settings.model_copy(update={"image": spec.image})


def leaving(occupied: Iterable[Host], staying: Iterable[Host]) -> tuple[Host, ...]:
    """The hosts that have something of the application and are no longer named."""
    places = {(host.address, host.port) for host in staying}
    return tuple(host for host in occupied if (host.address, host.port) not in places)


def leave(spec: InfrastructureSpec, hosts: tuple[Host, ...], folder: Path, log: AgentLog) -> None:
    """Take the application off hosts that are no longer named; one that is lost is told."""
    if not hosts:
        return
    try:
        deployer.remove(_named_by_address(spec, hosts), folder, log)
    except HostError as error:
        where = ", ".join(host.address for host in hosts)
        log.warning(f"the application may still be on {where}: {error}")


def clear(owner: Owner, hosts: tuple[Host, ...], image: str, folder: Path, log: AgentLog) -> bool:
    """Take the application off all its hosts; whether there was anything.

    Raises:
        HostError: A host was not reached, or something there could not be removed.
    """
    if not hosts:
        return False
    spec = InfrastructureSpec(
        application=owner.application,
        environment=owner.environment,
        target="ssh",
        image=image,
        hosts=hosts,
        ssh_key=login_key(folder),
    )
    return deployer.remove(_named_by_address(spec, hosts), folder, log)


def _named_by_address(spec: InfrastructureSpec, hosts: Iterable[Host]) -> InfrastructureSpec:
    """Logical names are the present hosts': one that leaves would share another's."""
    named = tuple(host.model_copy(update={"name": f"{host.address}-{host.port}"}) for host in hosts)
    return spec.model_copy(update={"hosts": named})
