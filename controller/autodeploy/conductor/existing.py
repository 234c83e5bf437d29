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
from autodeploy.settings import DATABASE_URL, MANAGED, REDIS, REDIS_URL, Settings


def find(
    stack: TechStack, settings: Settings, owner: Owner, occupied: tuple[Host, ...], talk: Talk
) -> tuple[InfrastructureSpec, Settings]:
    """The hosts, and the settings with the image that they run, for which is built.

    Raises:
        HostsUnfit: Some of the hosts will not do.
    """
    wanting = [engine for engine in MANAGED if engine in stack.databases]
    if wanting and settings.database is None and DATABASE_URL not in settings.env:
        talk.warning(f"no {wanting[0]} is made where hosts exist: give its {DATABASE_URL}")
    if REDIS in stack.databases and settings.cache is None and REDIS_URL not in settings.env:
        talk.warning(f"no Redis is made where hosts exist: give its {REDIS_URL}")
    spec = provisioner.find_hosts(stack, settings, owner, occupied, talk)
    return spec, settings.model_copy(update={"image": spec.image})


def are_named(hosts: Iterable[Host], addresses: Iterable[str]) -> bool:
    """Whether these are the hosts at `user@address[:port]`, in this order."""
    whole = [one if ":" in one else f"{one}:22" for one in addresses]
    return whole == [f"{host.user}@{host.address}:{host.port}" for host in hosts]


def leaving(occupied: Iterable[Host], staying: Iterable[Host]) -> tuple[Host, ...]:
    """The hosts that have something of the application and are no longer named."""
    places = {(host.address, host.port) for host in staying}
    return tuple(host for host in occupied if (host.address, host.port) not in places)


def leave(spec: InfrastructureSpec, hosts: tuple[Host, ...], folder: Path, log: AgentLog) -> bool:
    """Take the application off hosts; whether there was anything.

    Args:
        spec: Whose they are, and with which key they are reached.
        hosts: Where, with the keys that were pinned before.
        folder: The application's private folder.
        log: The Deployer's log.

    Raises:
        HostError: A host was not reached, or something there could not be removed; the others
            are done.
    """
    reached, error = provisioner.reach_hosts(hosts, spec.ssh_key, spec.application)
    # Logical names are the present hosts': one that leaves would share another's.
    named = (host.model_copy(update={"name": f"{host.address}-{host.port}"}) for host in reached)
    left = spec.model_copy(update={"hosts": tuple(named)})
    changed = deployer.remove(left, folder, log) if reached else False
    if error:
        raise error
    return changed


def leave_if_possible(
    spec: InfrastructureSpec, hosts: tuple[Host, ...], folder: Path, log: AgentLog
) -> None:
    """The same for hosts that are no longer named: one that is lost is told, and that is all."""
    if not hosts:
        return
    try:
        leave(spec, hosts, folder, log)
    except HostError as error:
        where = ", ".join(host.address for host in hosts)
        log.warning(f"the application may still be on {where}: {error}")
